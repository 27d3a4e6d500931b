// ImageNet's demo: ten years of the contest, year by year, and four small networks, deep or not, with shortcuts or not.
import { Tabs } from "../parts/tabs.js";
import { tryThis } from "../parts/tries.js";
import { h } from "../ui.js";
import { t } from "../words.js";
import { Contest } from "./imagenet/contest.js";
import { Depth } from "./imagenet/depth.js";
import css from "./imagenet/imagenet.css";

const WORTH = () => ({
  [t("2010: no network")]: { mode: "contest", year: 2010, axis: "year" },
  [t("2015: deeper, yet cheaper")]: { mode: "contest", year: 2015, axis: "adds" },
  [t("Deeper is worse")]: { mode: "depth", sample: 15 },
});

/**
 * Options: `mode`, "contest" with `year` and `axis` ("year", "adds" or "parameters"), or "depth" with `sample`, the place of a
 * stored picture. With `small` there is the one view of `mode`, and nothing to open.
 */
async function mount(element, { mode = "contest", small = false, ...options }, tools) {
  const [facts, samples] = await Promise.all([tools.facts(), tools.samples()]);
  const views = { contest: new Contest(facts, tools), depth: new Depth(facts, samples, tools, { small }) };
  const prepare = async (next) => {
    if (next === "depth") await views.depth.ready();
    else views.contest.show();
    return views[next].element;
  };
  const onshow = (next) => {
    tools.state.mode = next;
    if (next !== "contest") views.contest.stop();
  };
  const tabs = new Tabs({ label: t("What to look at"), options: { contest: t("Ten years"), depth: t("Deeper and deeper") }, prepare, onshow, fail: tools.fail });

  /** Show what `options` ask for, as a link in the text does. */
  const set = ({ mode: next = tabs.value ?? mode, year, axis, sample }) => {
    views.contest.set({ year, axis });
    views.depth.set({ sample });
    return tabs.enter(next);
  };

  const head = small ? "" : h("div", { class: "imagenet-head" }, tabs.element, tryThis(set, WORTH()));
  element.append(h("style", {}, css), h("div", { class: "live-frame imagenet", role: "group", "aria-label": t("ImageNet, live") }, head, tabs.place));
  await set({ year: 2014, axis: "year", sample: 0, ...options, mode });
  return { set };
}

globalThis.Live.register("imagenet", mount);

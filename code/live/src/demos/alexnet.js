// AlexNet's demo: a picture, what a small network of its kind says of ten crops of it, and what each of its parts is worth.
import { Tabs } from "../parts/tabs.js";
import { tryThis } from "../parts/tries.js";
import { choice, h } from "../ui.js";
import { t } from "../words.js";
import css from "./alexnet/alexnet.css";
import { Look } from "./alexnet/look.js";
import { Parts } from "./alexnet/parts.js";

const WORTH = (facts) => ({
  [t("One crop is wrong")]: { mode: "picture", net: "cifar", sample: 0, crop: 4 },
  [t("All ten are wrong")]: { mode: "picture", net: "cifar", sample: 2, crop: -1 },
  [facts.parts.changed.tanh.name]: { mode: "parts", part: "tanh" },
});

/**
 * Options: `net` ("cifar" or "tiny"), `sample`, the place of a stored picture, `crop`, 0 to 9, or -1 for all ten together; `mode`
 * "parts" with `part`, one of facts.parts. With `small` there is the one view of `mode`, and nothing to open.
 */
async function mount(element, { net = "cifar", mode = "picture", small = false, ...options }, tools) {
  const [facts, samples] = await Promise.all([tools.facts(), tools.samples()]);
  const chosen = { net };
  const nets = choice({ label: t("Network"), options: Object.fromEntries(Object.entries(facts.nets).map(([name, { title }]) => [name, title])), value: net,
    onchange: (name) => ((chosen.net = name), tabs.enter("picture")) });
  const views = { picture: new Look(facts, samples, tools, { small, nets: nets.element }), parts: new Parts(facts.parts, { small, state: tools.state }) };

  /** A view, once what it shows is there; of several asked for meanwhile the last counts. */
  const prepare = async (next) => {
    const wanted = chosen.net;
    if (next === "picture") {
      const network = await tools.network(wanted);
      if (chosen.net === wanted) await views.picture.use(wanted, network);
    }
    return views[next].element;
  };
  const tabs = new Tabs({ label: t("What to look at"), options: { picture: t("A picture"), parts: t("The parts, one by one") }, prepare, fail: tools.fail });

  /** Show what `options` ask for, as a link in the text does. */
  const set = ({ net: wanted, mode: next = "picture", part, ...more }) => {
    if (wanted) (chosen.net = wanted), (nets.select.value = wanted);
    if (part) views.parts.choose(part);
    views.picture.set(more);
    return tabs.enter(next);
  };

  const head = small ? "" : h("div", { class: "alexnet-head" }, tabs.element, tryThis(set, WORTH(facts)));
  element.append(h("style", {}, css), h("div", { class: "live-frame alexnet", role: "group", "aria-label": t("AlexNet, live") }, head, tabs.place));
  await set({ sample: 0, ...options, mode });
  return { set };
}

globalThis.Live.register("alexnet", mount);

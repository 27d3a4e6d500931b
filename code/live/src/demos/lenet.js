// LeNet's demo: the reader draws, and watches the published networks read.
import { Tabs } from "../parts/tabs.js";
import { choice, h } from "../ui.js";
import { t } from "../words.js";
import css from "./lenet/lenet.css";
import { Rows } from "./lenet/rows.js";
import { hands } from "./lenet/samples.js";
import { Single } from "./lenet/single.js";

const NETS = {
  single: () => ({ lenet5: "LeNet-5", "lenet5-plain": t("LeNet-5, no distortions"), "lenet5-row": t("LeNet-5, trained for rows"), lenet1: "LeNet-1",
    modern: t("modern variant") }),
  row: () => ({ "lenet5-row": t("LeNet-5, trained for rows"), lenet5: "LeNet-5" }),
};

/** Options: `net`, `mode` ("single" or "row") and `sample`, the digit to begin with. */
async function mount(element, { net = "lenet5", mode = "single", sample = 7 }, tools) {
  const facts = await tools.facts();
  const views = { single: new Single(facts, tools), row: new Rows(facts, tools) };
  const chosen = { single: mode === "single" ? net : "lenet5", row: mode === "row" && net in NETS.row() ? net : "lenet5-row" };
  const list = h("div", {});

  /** The view with the network chosen for it, once that has answered; of several asked for meanwhile the last counts. */
  const prepare = async (next) => {
    const wanted = chosen[next], network = await tools.network(wanted);
    if (chosen[next] === wanted) await views[next].use(wanted, network);
    return views[next].element;
  };
  const nets = Object.fromEntries(Object.keys(NETS).map((next) => {
    const onchange = (name) => ((chosen[next] = name), tabs.enter(next));
    return [next, choice({ label: t("Network"), options: NETS[next](), value: chosen[next], onchange }).element];
  }));
  const tabs = new Tabs({ label: t("What to draw"), options: { single: t("One digit"), row: t("A row of digits") }, prepare,
    onshow: (next) => list.replaceChildren(nets[next]), fail: tools.fail });

  element.append(h("style", {}, css),
    h("div", { class: "live-frame lenet", role: "group", "aria-label": t("LeNet, live") },
      h("div", { class: "lenet-head" }, tabs.element, list), tabs.place));
  views.single.pad.set(hands(facts, sample)[0]);
  views.row.set("40725");
  await tabs.enter(mode);
}

globalThis.Live.register("lenet", mount);

// LeNet's demo: the reader draws, and watches the published networks read.
import { Tabs } from "../parts/tabs.js";
import { choice, h } from "../ui.js";
import { t } from "../words.js";
import css from "./lenet/lenet.css";
import { Rows } from "./lenet/rows.js";
import { Single } from "./lenet/single.js";

const NETS = {
  single: () => ({ lenet5: "LeNet-5", "lenet5-plain": t("LeNet-5, no distortions"), "lenet5-row": t("LeNet-5, trained for rows"), lenet1: "LeNet-1",
    modern: t("modern variant"), "modern-plain": t("modern variant, no distortions"), mlp: t("fully connected"), "mlp-plain": t("fully connected, no distortions") }),
  row: () => ({ "lenet5-row": t("LeNet-5, trained for rows"), lenet5: "LeNet-5" }),
};

/**
 * Options: `net`, `mode` ("single" or "row"), `sample`, the digit to begin with, or the `row`; where the sliders stand (`shiftX`,
 * `shiftY`, `degrees`, `radius`, `noise`). With `small` there is one slider, and `rivals` are the networks beside `net`.
 */
async function mount(element, { net = "lenet5", mode = "single", small = false, rivals, ...options }, tools) {
  const facts = await tools.facts(), names = NETS.single();
  const chosen = { single: mode === "single" ? net : "lenet5", row: mode === "row" && net in NETS.row() ? net : "lenet5-row" };
  const choose = (next) => {
    const onchange = (name) => ((chosen[next] = name), tabs.enter(next));
    return choice({ label: t("Network"), options: NETS[next](), value: chosen[next], onchange });
  };
  const nets = { single: choose("single"), row: choose("row") };
  const views = { single: new Single(facts, tools, { names, nets: nets.single.element, small, rivals }), row: new Rows(facts, tools) };

  /** The view with the network chosen for it, once that has answered; of several asked for meanwhile the last counts. */
  const prepare = async (next) => {
    const wanted = chosen[next], network = await tools.network(wanted);
    if (chosen[next] === wanted) await views[next].use(wanted, network);
    return views[next].element;
  };
  const list = h("div", {});
  const tabs = new Tabs({ label: t("What to draw"), options: { single: t("One digit"), row: t("A row of digits") }, prepare,
    onshow: (next) => list.replaceChildren(next === "row" ? nets.row.element : views.single.tries), fail: tools.fail });

  /** Show what `options` ask for, as a link in the text does; a digit that is `lent` goes when the reader draws another. */
  const set = ({ net: wanted, mode: next = tabs.value ?? mode, row, ...more }, lent) => {
    if (wanted) (chosen[next] = wanted), (nets[next].select.value = wanted);
    if (next === "row") views.row.set(row ?? "40725", lent);
    else views.single.set(more, lent);
    return tabs.enter(next);
  };

  element.append(h("style", {}, css),
    h("div", { class: "live-frame lenet", role: "group", "aria-label": t("LeNet, live") },
      small ? "" : h("div", { class: "lenet-head" }, tabs.element, list), tabs.place));
  views.row.set("40725", true);
  await set({ sample: 7, ...options }, true);
  return { set };
}

globalThis.Live.register("lenet", mount);

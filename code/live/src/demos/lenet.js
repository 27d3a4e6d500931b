// LeNet's demo: the reader draws, and watches the published networks read.
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
  const place = h("div", {}), list = h("div", {});

  const use = tools.latest(async () => views[mode].use(chosen[mode], await tools.network(chosen[mode])));
  const enter = async (next) => {
    mode = next;
    for (const button of tabs) button.setAttribute("aria-pressed", button.value === mode);
    const onchange = (name) => ((chosen[mode] = name), use());
    list.replaceChildren(choice({ label: t("Network"), options: NETS[mode](), value: chosen[mode], onchange }).element);
    await use();
    place.replaceChildren(views[mode].element);
  };
  const tabs = Object.entries({ single: t("One digit"), row: t("A row of digits") }).map(([value, text]) =>
    h("button", { type: "button", value, onclick: () => enter(value) }, text));

  element.append(h("style", {}, css),
    h("div", { class: "lenet", role: "group", "aria-label": t("LeNet, live") },
      h("div", { class: "lenet-head" }, h("div", { class: "lenet-modes", role: "group", "aria-label": t("What to draw") }, tabs), list), place));
  views.single.pad.set(hands(facts, sample)[0]);
  views.row.set("40725");
  await enter(mode);
}

globalThis.Live.register("lenet", mount);

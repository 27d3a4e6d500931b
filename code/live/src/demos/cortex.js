// The cortex's demo: an object passes through the areas of the ventral stream, and the reader moves and scales it.
import { h } from "../ui.js";
import { t } from "../words.js";
import css from "./cortex/cortex.css";
import { told } from "./cortex/told.js";
import { View } from "./cortex/view.js";

/** Options: `object` and `other`, names of the samples to begin with. */
async function mount(element, { net = "hmax", object, other } = {}, tools) {
  const facts = told(await tools.facts());
  const keys = Object.keys(facts.objects);
  const view = new View(facts, await tools.network(net), tools, { object: object ?? keys[0], other: other ?? keys[1] });
  element.append(h("style", {}, css), h("div", { class: "live-frame cortex", role: "group", "aria-label": t("The ventral stream, live") }, view.element));
  await view.take(view.object);
}

globalThis.Live.register("cortex", mount);

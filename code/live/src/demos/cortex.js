// The cortex's demo: an object passes through the areas of the ventral stream, and the reader moves and scales it.
import { h } from "../ui.js";
import { t } from "../words.js";
import css from "./cortex/cortex.css";
import { told } from "./cortex/told.js";
import { View } from "./cortex/view.js";

/**
 * Options: `object` and `other`, names of the samples to begin with; `axis`, along which the object is swept when it is
 * first seen, "shift", "size" or "turn"; `areas`, those that have a row, else all; `small` leaves the controls out.
 */
async function mount(element, { net = "hmax", object, other, axis = "shift", areas, small = false }, tools) {
  const facts = told(await tools.facts(), areas);
  const keys = Object.keys(facts.objects);
  const view = new View(facts, await tools.network(net), tools, { object: object ?? keys[0], other: other ?? keys[1], axis, small });
  const kind = small ? "live-frame cortex small" : "live-frame cortex";
  element.append(h("style", {}, css), h("div", { class: kind, role: "group", "aria-label": t("The ventral stream, live") }, view.element));
  await view.learn();
  await view.take(view.object);
  view.begin();
  return { set: (options) => view.set(options) };
}

globalThis.Live.register("cortex", mount);

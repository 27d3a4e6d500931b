// Localisation's demo: an object that the reader moves about, what a network makes of it that was told names only, and what one that was told boxes.
import { tryThis } from "../parts/tries.js";
import { h } from "../ui.js";
import { t } from "../words.js";
import { Look } from "./localisation/look.js";
import css from "./localisation/localisation.css";

const WORTH = ({ worth }) => ({
  [t("Two at once")]: worth.two,
  [t("Nothing there")]: worth.none,
  [t("Weights at random")]: worth.random,
});

/**
 * Options, which `set` takes too: `object`, the place of a stored picture, or -1 for none; `size`, `x` and `y`, the side of its frame and its middle, in
 * pixels; `outline`, `backdrop`, places in FACTS; `second`, {object, size, x, y}, or null; `name`, the class whose map is shown, or null for the likeliest;
 * `random`, whether the last layer of the network that was told names is drawn anew; `threshold`. With `small` there is nothing to choose or to open.
 */
async function mount(element, { small = false, ...options }, tools) {
  const [facts, samples] = await Promise.all([tools.facts(), tools.samples(), tools.network("cam"), tools.network("overfeat")]);
  const look = new Look(facts, samples, tools, { small });
  const set = (asked) => look.set(asked, true);
  const head = small ? "" : h("div", { class: "localisation-head" }, tryThis(set, WORTH(facts)));
  element.append(h("style", {}, css), h("div", { class: "live-frame localisation", role: "group", "aria-label": t("Localisation, live") }, head, look.element));
  await look.begin({ ...facts.worth.first, ...options });
  return { set };
}

globalThis.Live.register("localisation", mount);

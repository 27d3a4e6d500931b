// Tumours' demo: a lesion that the reader paints into a phantom, or a piece of a slice; what a U-Net labels, and its skip connections, to be shut.
import { tryThis } from "../parts/tries.js";
import { h } from "../ui.js";
import { t } from "../words.js";
import { Look } from "./tumours/look.js";
import css from "./tumours/tumours.css";

const WORTH = ({ first }) => ({
  [t("The finest skip shut")]: { ...first, gates: [0, 1, 1] },
  [t("The coarsest skip shut")]: { ...first, gates: [1, 1, 0] },
  [t("Membranes")]: { view: "isbi", sample: 0, gates: [1, 1, 1] },
});

/**
 * Options, which `set` takes too: `view`, "phantom" or "isbi"; `ground`, the place of a phantom in FACTS, `contrast`, and `lesion`, discs [x, y, radius] in pixels;
 * `sample`, the place of a slice; `gates`, 1 or 0 for each skip connection, the finest first; `show`, "labels" or "probability". With `small` there is nothing to choose.
 */
async function mount(element, { small = false, ...options }, tools) {
  const [facts, samples] = await Promise.all([tools.facts(), tools.samples(), tools.network("phantom")]);
  const look = new Look(facts, samples, tools, { small });
  const set = (asked) => look.set(asked);
  // What the reader has painted stays, and is tried with.
  const tried = ({ ground, contrast, lesion, ...asked }) => set(lesion && !look.strokes.length ? { ground, contrast, lesion, ...asked } : asked);
  element.append(h("style", {}, css), h("div", { class: "live-frame tumours", role: "group", "aria-label": t("Tumours, live") }, small ? "" : tryThis(tried, WORTH(facts)), look.element));
  await look.begin({ ...facts.first, ...options });
  return { set };
}

globalThis.Live.register("tumours", mount);

// Buttons for the sample drawings: the same digit again gives it in another hand.
import { h } from "../../ui.js";
import { t } from "../../words.js";

const SIDE = 100; // of the pad that samples were drawn on

/** Drawings of `digit`, in pad units. */
export function hands({ samples }, digit) {
  return samples.filter((sample) => sample.digit === digit)
    .map(({ strokes }) => strokes.map((stroke) => stroke.map(([x, y]) => [x / SIDE, y / SIDE])));
}

/** A group of ten buttons; `onchoose(strokes)` gets the drawing. */
export function sampleButtons(facts, onchoose) {
  const buttons = [...Array(10).keys()].map((digit) => {
    const drawings = hands(facts, digit);
    let next = 0;
    return h("button", { type: "button", "aria-label": t("Sample {digit}", { digit }),
      onclick: () => onchoose(drawings[next++ % drawings.length]) }, digit);
  });
  return h("div", { class: "lenet-samples", role: "group", "aria-label": t("Samples") }, buttons);
}

// Buttons for the sample drawings: the same digit again gives it in another hand.
import { tries } from "../../parts/tries.js";
import { t } from "../../words.js";

const SIDE = 100; // of the pad that samples were drawn on

/** Drawings of `digit`, in pad units. */
export function hands({ samples }, digit) {
  return samples.filter((sample) => sample.digit === digit)
    .map(({ strokes }) => strokes.map((stroke) => stroke.map(([x, y]) => [x / SIDE, y / SIDE])));
}

/** A group of ten buttons; `onchoose(strokes)` gets the drawing. */
export function sampleButtons(facts, onchoose) {
  const options = [...Array(10).keys()].map((digit) => {
    const drawings = hands(facts, digit);
    let next = 0;
    return { text: digit, label: t("Sample {digit}", { digit }), ontry: () => onchoose(drawings[next++ % drawings.length]) };
  });
  return tries({ label: t("Samples"), options, columns: 10 }).element;
}

// The net of 1980 as the chapter trains it: it learns its five patterns in the page, once for all demos that show it.
import { survey } from "./answers.js";
import { pixelsOf, untaught } from "./facts.js";
import { present } from "./learn.js";
import { asInput } from "./net.js";
import { SIDE, blank, line, shifted } from "./pixels.js";

const SLICE = 10; // presentations between two looks at the page
const STRANGERS = { 7: [[3, 4], [3, 11], [12, 6]] }; // what it never learned, as corners of strokes
const taught = new WeakMap();

/** {net, patterns, names, found} for `facts`: pixels and names of the patterns, and what answers.js found out about the cells. */
export function school(facts) {
  if (!taught.has(facts)) taught.set(facts, teach(facts));
  return taught.get(facts);
}

/** In slices, so that the page stays alive. */
async function teach(facts) {
  const net = untaught(facts), patterns = facts.patterns.map(({ image }) => pixelsOf(image));
  for (const [index, [pattern, down, right]] of facts.schedule.entries()) {
    present(net, asInput(shifted(patterns[pattern], down, right)));
    if (index % SLICE === SLICE - 1) await new Promise((resolve) => setTimeout(resolve));
  }
  return { net, patterns, names: facts.patterns.map(({ name }) => name), found: survey(net, patterns, facts.answering) };
}

/** The drawing that options name: pattern `sample`, or how it is changed, or a digit that was never learned. */
export function drawing(facts, { sample = 4, change }) {
  const changed = change && facts.variants.filter(({ name, kind }) => kind === change && name === String(sample)).at(-1);
  if (sample in STRANGERS) return strokes(STRANGERS[sample]);
  return pixelsOf((changed || facts.patterns[sample] || facts.patterns[0]).image);
}

/** Lines from corner to corner; null lifts the pen. */
export function strokes(points) {
  const pixels = blank();
  points.slice(1).forEach((to, i) => points[i] && to && line(points[i], to).forEach(([row, column]) => (pixels[row * SIDE + column] = 1)));
  return pixels;
}

// The chapter's row on the book's first page: convnets/neocognitron/lineage.py in the page.
import { judge, survey } from "./answers.js";
import { learnedPlanes } from "./bench.js";
import { pixelsOf, untaught } from "./facts.js";
import { present } from "./learn.js";
import { asInput, respond } from "./net.js";
import { blank, line, shifted, SIDE, thin } from "./pixels.js";

const SLICE = 5; // presentations between two looks at the page

export async function open(tools) {
  const facts = await tools.facts(), patterns = facts.patterns.map(({ image }) => pixelsOf(image)), net = untaught(facts);
  for (const [index, [pattern, down, right]] of facts.schedule.entries()) {
    present(net, asInput(shifted(patterns[pattern], down, right)));
    if (index % SLICE === SLICE - 1) await new Promise((resolve) => setTimeout(resolve));
  }
  const found = survey(net, patterns, facts.answering), learned = learnedPlanes(net);
  return {
    told: facts.lineage,
    answer(strokes) {
      const answers = respond(net, asInput(pixels(strokes, facts.lineage.field)));
      const layers = [0, 1].flatMap((index) => [answers[index].s, answers[index].c].map((planes) => only(planes, learned[index])));
      const { best } = judge(answers.at(-1).c.data, found);
      return best.length ? { layers, says: "known", values: { name: facts.patterns[best[0]].name } } : { layers, says: "unknown", values: {} };
    },
  };
}

/** The planes that have learned something. */
function only({ side, data }, learned) {
  const kept = [...learned.keys()].filter((plane) => learned[plane]), size = side * side;
  return { maps: kept.length, height: side, width: side, data: Float64Array.from(kept.flatMap((plane) => [...data.subarray(plane * size, (plane + 1) * size)])) };
}

/** The drawing as large as the patterns, in lines one cell thin. */
function pixels(strokes, { high, wide }) {
  const found = blank(), points = strokes.flat(), [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const dot = Math.max(bottom - top, right - left) <= 1e-6;
  const scale = dot ? 0 : Math.min(high / Math.max(bottom - top, 1e-9), wide / Math.max(right - left, 1e-9));
  const cell = (distance) => Math.floor(distance + SIDE / 2 + 1e-9);
  for (const stroke of strokes) {
    const places = stroke.map(([x, y]) => [cell((y - (top + bottom) / 2) * scale), cell((x - (left + right) / 2) * scale)]);
    const path = places.slice(0, 1);
    for (const place of places.slice(1)) path.push(...line(path.at(-1), place).slice(1));
    for (const [row, column] of thin(path)) found[row * SIDE + column] = 1;
  }
  return found;
}

// What the cells of the last layer stand for. The net knows no names: it is asked with every pattern, at several places,
// and a cell is called by the pattern to which it answers on average. Python's experiment.py asks in the middle only, and
// calls a pattern kept if no other cell answers at all; here the strongest cell decides.
import { asInput, respond } from "./net.js";
import { bounds, shifted, SIDE } from "./pixels.js";

const SHARED = 0.5; // a cell that answers to another pattern at least half as much is shared
const REACH = 2; // pixels up, down, left and right

/** [down, right] of the places, up to `reach` pixels away, at which a drawing still lies on the field. */
export function places(pixels, reach = REACH) {
  const { top, left, bottom, right } = bounds(pixels), found = [];
  for (let y = -reach; y <= reach; y++)
    for (let x = -reach; x <= reach; x++)
      if (top + y >= 0 && left + x >= 0 && bottom + y < SIDE && right + x < SIDE) found.push([y, x]);
  return found;
}

/** The last layer's answers to an image. */
export const last = (net, pixels) => respond(net, asInput(pixels)).at(-1).c.data;

/**
 * Ask a net with `patterns`, a list of pixels: {least, table, owners, held, places}. An output above `least` is an answer.
 * table[pattern][cell] is the mean output over the places, owners[cell] the patterns that the cell answers to,
 * held[pattern] at how many of its places a pattern is taken for itself.
 */
export function survey(net, patterns, least) {
  const answers = patterns.map((pixels) => places(pixels).map(([y, x]) => last(net, shifted(pixels, y, x))));
  const cells = net.layers.at(-1).planes;
  const table = answers.map((found) => Array.from({ length: cells }, (_, cell) => found.reduce((sum, each) => sum + each[cell], 0) / found.length));
  const owners = Array.from({ length: cells }, (_, cell) => {
    const most = Math.max(...table.map((row) => row[cell]));
    return most > least ? [...table.keys()].filter((pattern) => table[pattern][cell] >= SHARED * most) : [];
  });
  const held = answers.map((found, pattern) => found.filter((each) => {
    const { best } = judge(each, { owners, least });
    return best.length === 1 && best[0] === pattern;
  }).length);
  return { least, table, owners, held, places: answers.map((found) => found.length) };
}

/**
 * Which pattern an answer speaks for, given a survey: {best, cell, value, second, secondValue}. `best` holds no pattern
 * when no cell answers (or one that stands for none), several when the strongest cell is shared.
 */
export function judge(answer, { owners, least }) {
  const strongest = (accept) => {
    let cell = -1;
    answer.forEach((value, index) => value > least && accept(owners[index]) && (cell < 0 || value > answer[cell]) && (cell = index));
    return cell;
  };
  const cell = strongest(() => true);
  if (cell < 0) return { best: [], cell: null, value: 0, second: null, secondValue: 0 };
  const best = owners[cell], second = strongest((others) => others.some((each) => !best.includes(each)));
  return { best, cell, value: answer[cell], second: second < 0 ? null : owners[second].find((each) => !best.includes(each)),
    secondValue: second < 0 ? 0 : answer[second] };
}

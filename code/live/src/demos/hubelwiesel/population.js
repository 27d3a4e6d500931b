// The cells that the electrode meets: first those of the book, in its order, then the others, as chance will have it.
import { stream } from "./chance.js";

/** The unit of so high a number; the same seed always gives the same. */
export function unitOf({ cells, book }, seed, number) {
  if (number < book) return cells[number];
  const others = cells.slice(book), turn = number - book, random = stream(seed + Math.floor(turn / others.length));
  const order = others.map((unit) => [random(), unit]).sort(([a], [b]) => a - b);
  return order[turn % others.length][1];
}

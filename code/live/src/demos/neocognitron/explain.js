// What one cell adds up: what it sees, with which weights, and what comes of it.
import { complex, simple } from "./net.js";

/** The window of a cell on its source, {top, left, size}; parts of it may lie over the edge. */
const windowOf = ({ window, margin, step }, { row, column }) => ({ top: row * step - margin, left: column * step - margin, size: window });

const at = ({ side, data }, plane, row, column) =>
  row < 0 || column < 0 || row >= side || column >= side ? 0 : data[(plane * side + row) * side + column];

function values(source, plane, { top, left, size }) {
  return Float64Array.from({ length: size * size }, (_, i) => at(source, plane, top + Math.floor(i / size), left + (i % size)));
}

const sum = (numbers) => numbers.reduce((total, value) => total + value, 0);

/** An S-cell: its input planes, the largest part first, and the terms of its equation. */
export function explainS(layer, { a, b }, source, v, cell) {
  const seen = windowOf(layer.s, cell), count = seen.size ** 2;
  const sources = Array.from({ length: source.planes }, (_, plane) => {
    const start = (cell.plane * source.planes + plane) * count, weights = a.slice(start, start + count);
    const found = values(source, plane, seen), products = found.map((value, i) => value * weights[i]);
    return { plane, values: found, weights, products, part: sum(products) };
  }).sort((one, other) => other.part - one.part);
  const excitation = sum(sources.map(({ part }) => part)), inhibition = at(v, 0, cell.row, cell.column);
  return { kind: "s", seen, sources, excitation, v: inhibition, b: b[cell.plane], r: layer.r,
    value: simple(layer.r, excitation, b[cell.plane], inhibition) };
}

/** A C-cell: the window on its S-plane, and the mean that holds it down. */
export function explainC(layer, alpha, s, vs, cell) {
  const seen = windowOf(layer.c, cell), found = values(s, cell.plane, seen);
  const products = found.map((value, i) => value * layer.dWeights[i]), excitation = sum(products), v = at(vs, 0, cell.row, cell.column);
  return { kind: "c", seen, sources: [{ plane: cell.plane, values: found, weights: layer.dWeights, products, part: excitation }],
    excitation, v, alpha, value: complex(alpha, excitation, v) };
}

/** The part {top, left, height, width} of the image that a cell can see; `step` 0 is US1, 1 UC1, 2 US2 ... */
export function field(layers, step, { row, column }, side) {
  let [top, left, bottom, right] = [row, column, row, column];
  for (let index = step; index >= 0; index--) {
    const layer = layers[index >> 1], simpleCells = index % 2 === 0;
    const source = !simpleCells ? layer.s.side : index ? layers[(index >> 1) - 1].c.side : side;
    const first = windowOf(simpleCells ? layer.s : layer.c, { row: top, column: left });
    const end = windowOf(simpleCells ? layer.s : layer.c, { row: bottom, column: right });
    [top, left] = [Math.max(0, first.top), Math.max(0, first.left)];
    bottom = Math.min(source - 1, end.top + end.size - 1);
    right = Math.min(source - 1, end.left + end.size - 1);
  }
  return { top, left, height: bottom - top + 1, width: right - left + 1 };
}

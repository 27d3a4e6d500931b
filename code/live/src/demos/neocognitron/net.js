// The neocognitron of 1980, as its equations say it: S-cells extract features, C-cells let them move. It is what
// convnets/neocognitron/model.py computes. Planes are {planes, side, data}, plane by plane, row by row.

/**
 * @typedef {{planes: number, side: number, data: Float64Array}} Planes
 * @typedef {{side: number, window: number, margin: number, step: number}} Reach How units lie over their source: that of
 *   row R sees `window` rows from R * step - margin on; what lies beyond the edge is zero
 * @typedef {{planes: number, inputs: number, s: Reach, c: Reach, column: number, r: number, q: number,
 *   cWeights: Float64Array, dWeights: Float64Array}} Layer Reaches of S- and C-cells, side of the S-column, selectivity r,
 *   speed of learning q, and the fixed weights c[input plane][row][column] and d[row][column]
 * @typedef {{a: Float64Array, b: Float64Array}} Weights a[plane][input plane][row][column], b[plane]
 * @typedef {{layers: Layer[], alpha: number, weights: Weights[]}} Net
 */

/** For each row of the source: pairs, one after the other, of a row in the window and the unit that has it there. */
function meetings(wide, { side, window, margin, step }) {
  return Array.from({ length: wide }, (_, row) => {
    const found = [];
    for (let y = 0; y < window; y++) {
      const unit = (row + margin - y) / step;
      if (Number.isInteger(unit) && unit >= 0 && unit < side) found.push(y, unit);
    }
    return found;
  });
}

/** Sums over all input planes and the window: `weights[plane][input plane][row][column]` times the source. */
export function gather(source, weights, planes, reach) {
  const { side: wide, data } = source, { side, window } = reach, size = wide * wide, places = side * side;
  const sums = new Float64Array(planes * places), meet = meetings(wide, reach), stride = source.planes * window * window;
  for (let index = 0; index < data.length; index++) {
    const value = data[index];
    if (value === 0) continue; // most cells are silent
    const input = Math.floor(index / size), rows = meet[Math.floor((index % size) / wide)], columns = meet[index % wide];
    for (let plane = 0; plane < planes; plane++)
      for (let i = 0; i < rows.length; i += 2) {
        const weight = plane * stride + (input * window + rows[i]) * window, unit = plane * places + rows[i + 1] * side;
        for (let j = 0; j < columns.length; j += 2) sums[unit + columns[j + 1]] += weights[weight + columns[j]] * value;
      }
  }
  return { planes, side, data: sums };
}

/** The same for each plane by itself, with one window of weights for all. */
export function blur({ planes, side: wide, data }, weights, reach) {
  const size = wide * wide, places = reach.side ** 2, sums = new Float64Array(planes * places);
  for (let plane = 0; plane < planes; plane++) {
    const one = { planes: 1, side: wide, data: data.subarray(plane * size, (plane + 1) * size) };
    sums.set(gather(one, weights, 1, reach).data, plane * places);
  }
  return { planes, side: reach.side, data: sums };
}

/** V_C, the root of the weighted mean square of what S-cells at a place see: one plane. */
export function inhibition(source, { s, cWeights }) {
  const squares = { ...source, data: source.data.map((value) => value * value) };
  const mean = gather(squares, cWeights, 1, s);
  return { ...mean, data: mean.data.map(Math.sqrt) };
}

/** u_S = r * phi[(1 + excitation) / (1 + 2r / (1 + r) * b * v) - 1], phi(x) = max(0, x). */
export const simple = (r, excitation, b, v) => r * Math.max(0, (1 + excitation) / (1 + ((2 * r) / (1 + r)) * b * v) - 1);

/** u_C = psi[(1 + excitation) / (1 + v) - 1], psi(x) = x / (alpha + x) for x > 0, else 0. */
export function complex(alpha, excitation, v) {
  const x = Math.max(0, (1 + excitation) / (1 + v) - 1);
  return x / (alpha + x);
}

/** The S-cells of a layer for the C-planes (or the image) before it: {v, s}. */
export function sCells(source, layer, { a, b }) {
  const v = inhibition(source, layer), s = gather(source, a, layer.planes, layer.s), places = layer.s.side ** 2;
  for (let i = 0; i < s.data.length; i++) s.data[i] = simple(layer.r, s.data[i], b[Math.floor(i / places)], v.data[i % places]);
  return { v, s };
}

/** The C-cells for the S-planes of their layer: {vs, c}. V_S is the mean excitation over all planes. */
export function cCells(s, layer, alpha) {
  const c = blur(s, layer.dWeights, layer.c), places = layer.c.side ** 2, mean = new Float64Array(places);
  c.data.forEach((value, i) => (mean[i % places] += value / layer.planes));
  for (let i = 0; i < c.data.length; i++) c.data[i] = complex(alpha, c.data[i], mean[i % places]);
  return { vs: { planes: 1, side: layer.c.side, data: mean }, c };
}

/** All layers' answers to an image: [{v, s, vs, c}, ...]. */
export function respond({ layers, alpha, weights }, image) {
  let source = image;
  return layers.map((layer, index) => {
    const found = sCells(source, layer, weights[index]);
    Object.assign(found, cCells(found.s, layer, alpha));
    source = found.c;
    return found;
  });
}

/** An image of 0 and 1 (or grey between) as the input layer U0. */
export const asInput = (pixels) => ({ planes: 1, side: Math.sqrt(pixels.length), data: Float64Array.from(pixels) });

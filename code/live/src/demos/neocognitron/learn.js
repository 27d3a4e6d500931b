// How the neocognitron organises itself: convnets/neocognitron/learning.py in the page. Each time it is shown something,
// the cell that answers most, in its neighbourhood and in its plane, becomes the plane's representative, and learns.
import { cCells, sCells } from "./net.js";

const TIE = 1e-9; // outputs that differ by less are equal, so that rounding decides nothing

/**
 * The representatives of a layer, {plane, row, column} in order of planes. The cells of all planes in a small square are
 * an S-column; its largest output is a candidate, and the largest candidate of a plane represents it. Of equals the
 * first wins, by plane, row and column.
 */
export function representatives({ planes, side, data }, column) {
  const best = new Array(planes).fill(null);
  const value = ({ plane, row, column: x }) => data[(plane * side + row) * side + x];
  for (let top = 0; top + column <= side; top++)
    for (let left = 0; left + column <= side; left++) {
      const cell = candidate({ planes, side, data }, column, top, left);
      if (!cell) continue;
      const known = best[cell.plane], more = known ? value(cell) - value(known) : 1;
      const earlier = known && (cell.row - known.row || cell.column - known.column) < 0;
      if (more > TIE || (more > -TIE && earlier)) best[cell.plane] = cell;
    }
  return best.filter(Boolean);
}

/** The first cell of an S-column with its largest output; none where no cell answers. */
function candidate({ planes, side, data }, column, top, left) {
  const find = (accept) => {
    for (let plane = 0; plane < planes; plane++)
      for (let row = top; row < top + column; row++)
        for (let x = left; x < left + column; x++) if (accept(data[(plane * side + row) * side + x])) return { plane, row, column: x };
    return null;
  };
  let highest = 0;
  find((value) => ((highest = Math.max(highest, value)), false));
  return highest > TIE ? find((value) => value >= highest - TIE) : null;
}

/** Delta a = q * c * u over what the representative sees, for each input plane; Delta b = q / 2 * v. */
export function reinforce(source, v, layer, { a, b }, { plane, row, column }) {
  const { s: { side, window, margin }, q, cWeights } = layer;
  for (let input = 0; input < source.planes; input++)
    for (let y = 0; y < window; y++)
      for (let x = 0; x < window; x++) {
        const top = row - margin + y, left = column - margin + x;
        if (top < 0 || left < 0 || top >= source.side || left >= source.side) continue;
        const place = (input * window + y) * window + x;
        a[plane * source.planes * window * window + place] += q * cWeights[place] * source.data[(input * source.side + top) * source.side + left];
      }
  b[plane] += (q / 2) * v.data[row * side + column];
}

/** Show the net an image once: all layers answer, then all representatives learn. Gives them, layer by layer. */
export function present({ layers, alpha, weights }, image) {
  let source = image;
  const seen = layers.map((layer, index) => {
    const { v, s } = sCells(source, layer, weights[index]);
    const here = { source, v, chosen: representatives(s, layer.column) };
    source = cCells(s, layer, alpha).c;
    return here;
  });
  seen.forEach(({ source: input, v, chosen }, index) => {
    for (const cell of chosen) reinforce(input, v, layers[index], weights[index], cell);
  });
  return seen.map(({ chosen }) => chosen);
}

// The first drawing on the pad.
const MARGIN = 0.2; // share of the pad above and below it
const STEP = 0.04; // between points, so that the pad, which rounds corners, keeps them

/** A drawing in any unit as strokes in pad units, in the middle. */
export function padded(drawing) {
  const [xs, ys] = [0, 1].map((axis) => drawing.flat().map((point) => point[axis]));
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = (1 - 2 * MARGIN) / (bottom - top), place = ([x, y]) => [0.5 + (x - (left + right) / 2) * scale, 0.5 + (y - (top + bottom) / 2) * scale];
  return drawing.map((stroke) => dense(stroke.map(place)));
}

function dense(stroke) {
  return stroke.slice(1).reduce((points, to) => {
    const from = points.at(-1), count = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / STEP);
    for (let i = 1; i <= count; i++) points.push([0, 1].map((axis) => from[axis] + ((to[axis] - from[axis]) * i) / count));
    return points;
  }, [stroke[0]]);
}

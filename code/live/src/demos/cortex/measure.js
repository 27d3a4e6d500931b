// How alike two answers of an area are, as convnets/cortex/measure.py defines it.

/** Pearson's correlation of two populations of units; 0 where one of them does not vary. */
export function correlation(one, other) {
  const count = one.length;
  let sumX = 0, sumY = 0;
  for (let i = 0; i < count; i++) (sumX += one[i]), (sumY += other[i]);
  const meanX = sumX / count, meanY = sumY / count;
  let xx = 0, yy = 0, xy = 0;
  for (let i = 0; i < count; i++) {
    const x = one[i] - meanX, y = other[i] - meanY;
    xx += x * x;
    yy += y * y;
    xy += x * y;
  }
  const length = Math.sqrt(xx) * Math.sqrt(yy);
  return Math.min(xx, yy) > 1e-18 ? xy / length : 0;
}

/**
 * From where to where an object stays more like itself than half-way to another one: [low, high], interpolated between
 * the `points` {place, same, other} of a sweep, in order of place; at 0 is what is remembered. Null where the two objects
 * are the same to the area.
 */
export function holds(points) {
  const at = points.reduce((best, { place }, i) => (Math.abs(place) < Math.abs(points[best].place) ? i : best), 0);
  const { other } = points[at];
  if (!(other < 1 - 1e-9)) return null;
  const share = ({ same }) => (same - other) / (1 - other);
  if (!(share(points[at]) > 0.5)) return null; // what is remembered is not among the points
  const edge = (step) => {
    let i = at;
    while (points[i + step] && share(points[i + step]) > 0.5) i += step;
    const inside = points[i], outside = points[i + step];
    if (!outside || Number.isNaN(outside.same)) return { place: inside.place, open: true };
    const part = (share(inside) - 0.5) / (share(inside) - share(outside));
    return { place: inside.place + part * (outside.place - inside.place), open: false };
  };
  return [edge(-1), edge(1)];
}

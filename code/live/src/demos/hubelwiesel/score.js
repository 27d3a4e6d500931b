// How near the reader came. Four questions of 25 points each: where, which light, which orientation, which kind.

export const EACH = 25;
export const FAR = 2; // degrees from the true centre at which no point is left for the place
export const ENOUGH = 6; // marks that make a map; with fewer the points for marks are in proportion
const WRONG = 45; // degrees of error that a blind guess makes on average

/** The angle between two orientations in degrees, from 0 to 90. */
export function between(a, b) {
  const turned = (((a - b) % 180) + 180) % 180;
  return Math.min(turned, 180 - turned);
}

/** The middle of some places; null of none. */
export function middle(places) {
  if (!places.length) return null;
  const mean = (name) => places.reduce((sum, place) => sum + place[name], 0) / places.length;
  return { x: mean("x"), y: mean("y") };
}

/** Whether a mark is true: a cell that answers to light going on and going off alike (`both`) may have either mark there. */
export function holds(mark, truth) {
  const sign = truth.sign(mark);
  return sign === mark.sign || (truth.both && sign === 1);
}

/**
 * `truth` is {centre, angle (null without one), kind, both,
 * sign(place)}; `guess` is {kind, angle}, its angle null for none. `sign` is
 * 1 where light excites the cell, -1 where it silences it, 0 where it does nothing.
 */
export function score({ marks, guess, truth }) {
  const centre = middle(marks);
  const distance = centre && Math.hypot(centre.x - truth.centre.x, centre.y - truth.centre.y);
  const right = marks.filter((mark) => holds(mark, truth)).length;
  const matches = (guess.angle === null) === (truth.angle === null);
  const error = matches ? (truth.angle === null ? 0 : between(guess.angle, truth.angle)) : null;
  const points = {
    place: centre ? EACH * Math.max(0, 1 - distance / FAR) : 0,
    marks: marks.length ? (EACH * right) / Math.max(ENOUGH, marks.length) : 0,
    orientation: error === null ? 0 : EACH * Math.max(0, 1 - error / WRONG),
    kind: guess.kind === truth.kind ? EACH : 0,
  };
  for (const name of Object.keys(points)) points[name] = Math.round(points[name]);
  const total = Object.values(points).reduce((sum, each) => sum + each, 0);
  return { centre, distance, right, count: marks.length, error, points, total };
}

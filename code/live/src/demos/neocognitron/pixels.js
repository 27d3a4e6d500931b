// Drawings of 16 x 16 pixels, 0 paper and 1 ink: lines between pixels, and drawings moved, scaled and turned as lines,
// so that strokes stay one pixel wide, as those of the patterns of 1980 are.

export const SIDE = 16;
export const blank = () => new Float64Array(SIDE * SIDE);
export const inked = (pixels) => pixels.some((value) => value > 0);
const inside = (row, column) => row >= 0 && column >= 0 && row < SIDE && column < SIDE;

/** Pixels [row, column] from one to another, both included: Bresenham's line. */
export function line([fromRow, fromColumn], [toRow, toColumn]) {
  const steps = Math.max(Math.abs(toRow - fromRow), Math.abs(toColumn - fromColumn));
  return Array.from({ length: steps + 1 }, (_, step) => {
    const part = steps ? step / steps : 0;
    return [Math.round(fromRow + (toRow - fromRow) * part), Math.round(fromColumn + (toColumn - fromColumn) * part)];
  });
}

/** A path of neighbouring pixels without the corners of its stairs: slanting lines become thin, true corners stay. */
export function thin(path) {
  const step = (index) => path[index] && path[index + 1] && [path[index + 1][0] - path[index][0], path[index + 1][1] - path[index][1]];
  const alike = (one, other) => String(step(one)) === String(step(other));
  let dropped = false; // never two in a row
  return path.filter((_, index) => {
    const before = step(index - 1), after = step(index);
    const turns = before && after && before[0] * after[0] === 0 && before[1] * after[1] === 0;
    const sharp = turns && step(index - 2) && step(index + 1) && alike(index - 2, index - 1) && alike(index, index + 1);
    dropped = Boolean(turns && !sharp && !dropped);
    return !dropped;
  });
}

export const shifted = (pixels, down, right) => move(pixels, ([row, column]) => [row + down, column + right]);

function move(pixels, place) {
  const moved = blank();
  pixels.forEach((value, index) => {
    const [row, column] = place([Math.floor(index / SIDE), index % SIDE]);
    if (value && inside(row, column)) moved[row * SIDE + column] = value;
  });
  return moved;
}

/** First and last row and column that hold ink. */
export function bounds(pixels) {
  const box = { top: SIDE, left: SIDE, bottom: -1, right: -1 };
  pixels.forEach((value, index) => {
    if (!value) return;
    const row = Math.floor(index / SIDE), column = index % SIDE;
    box.top = Math.min(box.top, row);
    box.bottom = Math.max(box.bottom, row);
    box.left = Math.min(box.left, column);
    box.right = Math.max(box.right, column);
  });
  return box;
}

/** Scale and turn a drawing about its middle, shift it, and flip some pixels; what leaves the field is lost. */
export function bend(pixels, { right = 0, down = 0, size = 100, degrees = 0, noise = 0 }) {
  const bent = size === 100 && !degrees ? shifted(pixels, down, right) : redrawn(pixels, { right, down, size, degrees });
  return noise ? flipped(bent, noise / 100) : bent;
}

/** Every pixel goes to its new place, and neighbours stay joined by a line. */
function redrawn(pixels, { right, down, size, degrees }) {
  const box = bounds(pixels), angle = (degrees * Math.PI) / 180;
  const middleRow = (box.top + box.bottom) / 2, middleColumn = (box.left + box.right) / 2;
  const cos = (Math.cos(angle) * size) / 100, sin = (Math.sin(angle) * size) / 100;
  const place = ([row, column]) => {
    const y = row - middleRow, x = column - middleColumn;
    return [Math.round(middleRow + x * sin + y * cos + down), Math.round(middleColumn + x * cos - y * sin + right)];
  };
  const bent = blank();
  for (const [one, other] of joints(pixels))
    for (const [row, column] of line(place(one), place(other))) if (inside(row, column)) bent[row * SIDE + column] = 1;
  return bent;
}

/** Pairs of neighbouring inked pixels, a diagonal pair only where no third one joins it; a lonely pixel with itself. */
function joints(pixels) {
  const ink = (row, column) => inside(row, column) && pixels[row * SIDE + column] > 0, found = [];
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++) {
      if (!ink(row, column)) continue;
      found.push([[row, column], [row, column]]);
      for (const [y, x] of [[0, 1], [1, 0]]) if (ink(row + y, column + x)) found.push([[row, column], [row + y, column + x]]);
      for (const x of [-1, 1])
        if (ink(row + 1, column + x) && !ink(row, column + x) && !ink(row + 1, column)) found.push([[row, column], [row + 1, column + x]]);
    }
  return found;
}

/** The same pixels every time, so that the picture does not flicker. */
function flipped(pixels, share) {
  const random = numbers(1980);
  return pixels.map((value) => (random() < share ? 1 - value : value));
}

/** Numbers from 0 to 1, the same ones for the same seed: mulberry32. */
export function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

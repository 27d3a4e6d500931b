// Pen strokes turned into a network's input: MNIST's normalisation, on vectors, as in convnets/lenet/strokes.py.
// A drawing is a list of strokes, a stroke a list of points [x, y], y pointing down; a stroke of one point is a dot.
// Lengths in fields are pixels; pixel (row, column) covers [column, column + 1) x [row, row + 1). Radii, white and
// black come from Python: `facts.radius`, `facts.white`, `facts.black`.

/** @typedef {[number, number][][]} Strokes */
/** @typedef {{strokes: Strokes, width: number}} Row A row of digits in a field of 32 x width pixels, width = 32 + 4k. */
/** @typedef {{data: Float32Array, dims: number[]}} Input A network's input, dims = [1, 1, height, width]. */

export const FIELD = 28, BOX = 20; // sides of MNIST's field and of the box that the ink fills
export const CENTRE = 14.5; // where MNIST has the centre of mass: the middle of pixel 14
const TAP = 0.02; // drawings smaller than this share of the pad's side are dots that a hand trembled
const ROW_FIELD = 32, ROW_STRIDE = 4, ROW_MARGIN = 15, ROW_STRIDES = 40;
const ROW_LEAST = 0.2; // share of the pad's height that a row counts as at least

/**
 * Move and scale a drawing into the 28x28 field: the ink's larger side becomes 20, its centre of mass lies at (14.5, 14.5).
 * `side` is the pad's, in the drawing's unit; a drawing smaller than 2 % of it stays a dot.
 * @param {Strokes} strokes
 * @param {{radius: number, side?: number}} options
 * @returns {Strokes}
 */
export function fit(strokes, { radius, side = 1 }) {
  const drawn = inked(strokes);
  if (!drawn.length) return [];
  const { left, right, top, bottom } = corners(drawn);
  const extent = Math.max(right - left, bottom - top);
  const scale = (BOX - 2 * radius) / (extent >= TAP * side ? extent : side);
  const centred = place(drawn, scale, FIELD / 2 - (scale * (left + right)) / 2, FIELD / 2 - (scale * (top + bottom)) / 2);
  const [x, y] = centreOfMass(rasterise(centred, { radius, height: FIELD, width: FIELD }), FIELD);
  return place(centred, 1, CENTRE - x, CENTRE - y);
}

/**
 * Ink 0..1 that a round pen leaves along strokes in field pixels: clamp(radius + 0.5 - d, 0, 1) for a pixel whose
 * centre has the distance d from the nearest stroke.
 * @param {Strokes} strokes
 * @param {{radius: number, height: number, width: number}} options
 * @returns {Float64Array} height * width values, row by row
 */
export function rasterise(strokes, { radius, height, width }) {
  const ink = new Float64Array(height * width);
  for (const stroke of inked(strokes))
    for (let i = 0; i < Math.max(1, stroke.length - 1); i++)
      line(ink, height, width, radius, stroke[i], stroke[i + 1] ?? stroke[i]);
  return ink;
}

/** Draw one segment: only pixels of its bounding box, grown by the pen, can hold ink of it. */
function line(ink, height, width, radius, [fromX, fromY], [toX, toY]) {
  const reach = radius + 0.5, alongX = toX - fromX, alongY = toY - fromY;
  const length2 = alongX * alongX + alongY * alongY;
  const [left, right] = pixels(Math.min(fromX, toX) - reach, Math.max(fromX, toX) + reach, width);
  const [top, bottom] = pixels(Math.min(fromY, toY) - reach, Math.max(fromY, toY) + reach, height);
  for (let row = top; row <= bottom; row++)
    for (let column = left; column <= right; column++) {
      const x = column + 0.5 - fromX, y = row + 0.5 - fromY;
      const t = length2 > 0 ? Math.min(1, Math.max(0, (x * alongX + y * alongY) / length2)) : 0;
      const dx = x - t * alongX, dy = y - t * alongY;
      const value = Math.min(1, reach - Math.sqrt(dx * dx + dy * dy)), index = row * width + column;
      if (value > ink[index]) ink[index] = value;
    }
}

/** First and last of `count` pixels that touch the interval. */
const pixels = (low, high, count) => [Math.max(0, Math.floor(low)), Math.min(count - 1, Math.floor(high))];

/**
 * Turn strokes in field pixels about the field's centre, clockwise as seen for degrees > 0, then shift them.
 * @param {Strokes} strokes
 * @param {{shiftX?: number, shiftY?: number, degrees?: number, height?: number, width?: number}} options
 * @returns {Strokes}
 */
export function bend(strokes, { shiftX = 0, shiftY = 0, degrees = 0, height = FIELD, width = FIELD } = {}) {
  const angle = (degrees * Math.PI) / 180, cos = Math.cos(angle), sin = Math.sin(angle);
  const turn = ([x, y]) => {
    const dx = x - width / 2, dy = y - height / 2;
    return [dx * cos - dy * sin + width / 2 + shiftX, dx * sin + dy * cos + height / 2 + shiftY];
  };
  return strokes.map((stroke) => stroke.map(turn));
}

/**
 * A pad's drawing as a network's input: fitted with a pen of `radius`, bent, drawn with a pen of `drawnRadius`.
 * @param {Strokes} strokes
 * @param {{size: 28 | 32, white: number, black: number, radius: number, drawnRadius?: number, shiftX?: number,
 *   shiftY?: number, degrees?: number, side?: number}} options
 * @returns {Input}
 */
export function image(strokes, options) {
  return fittedImage(fit(strokes, options), options);
}

/** The same for strokes that are fitted already, for those who draw one drawing many times. */
export function fittedImage(strokes, { size, white, black, radius, drawnRadius = radius, shiftX, shiftY, degrees }) {
  const margin = (size - FIELD) / 2;
  const bent = bend(strokes, { shiftX, shiftY, degrees });
  return asInput(place(bent, 1, margin, margin), size, size, drawnRadius, white, black);
}

/**
 * Move and scale a row of digits, drawn on a wide pad of height `side`, into a field 32 pixels high: ink 20 high (less
 * where it would be wider than 162), its middle at 16.5, 15 pixels of paper on the left and at least 15 on the right. Ink
 * lower than a fifth of the pad counts as that high.
 * @param {Strokes} strokes
 * @param {{radius: number, side?: number}} options
 * @returns {Row}
 */
export function fitRow(strokes, { radius, side = 1 }) {
  const drawn = inked(strokes);
  if (!drawn.length) return { strokes: [], width: ROW_FIELD };
  const { left, right, top, bottom } = corners(drawn);
  const widest = ROW_FIELD + ROW_STRIDE * ROW_STRIDES - 2 * ROW_MARGIN;
  let scale = (BOX - 2 * radius) / Math.max(bottom - top, ROW_LEAST * side);
  if (scale * (right - left) + 2 * radius > widest) scale = (widest - 2 * radius) / (right - left);
  return row(place(drawn, scale, ROW_MARGIN + radius - scale * left, CENTRE + 2 - (scale * (top + bottom)) / 2), radius);
}

/**
 * A fitted or composed row as a network's input, drawn with a pen of `drawnRadius`.
 * @param {Row} row
 * @param {{white: number, black: number, radius: number, drawnRadius?: number}} options
 * @returns {Input}
 */
export function rowImage({ strokes, width }, { white, black, radius, drawnRadius = radius }) {
  return asInput(strokes, ROW_FIELD, width, drawnRadius, white, black);
}

/**
 * Set drawings of single digits side by side, `gap` pixels of paper between their inks (negative: overlapping). Each
 * is fitted alone and begins at least a pixel to the right of the one before. Empty drawings are left out.
 * @param {Strokes[]} drawings
 * @param {{gap?: number, radius: number, side?: number}} options
 * @returns {Row}
 */
export function compose(drawings, { gap = 0, radius, side }) {
  const placed = [];
  let start = ROW_MARGIN - 1, end = ROW_MARGIN - gap;
  for (const fitted of drawings.map((strokes) => fit(strokes, { radius, side }))) {
    if (!fitted.length) continue;
    const { left, right } = corners(fitted);
    start = Math.max(start + 1, end + gap);
    end = start + (right - left) + 2 * radius;
    placed.push(...place(fitted, 1, start + radius - left, (ROW_FIELD - FIELD) / 2));
  }
  return placed.length ? row(placed, radius) : { strokes: [], width: ROW_FIELD };
}

/** Strokes in row pixels with a field as wide as their ink asks for. */
function row(strokes, radius) {
  const missing = corners(strokes).right + radius + ROW_MARGIN - ROW_FIELD;
  return { strokes, width: ROW_FIELD + ROW_STRIDE * Math.max(0, Math.ceil(missing / ROW_STRIDE - 1e-9)) };
}

function asInput(strokes, height, width, radius, white, black) {
  const ink = rasterise(strokes, { radius, height, width });
  return { data: new Float32Array(ink.map((value) => value * (black - white) + white)), dims: [1, 1, height, width] };
}

/** Centre of mass [x, y] of a square field's ink; its middle for a field without ink. */
function centreOfMass(ink, size) {
  let total = 0, x = 0, y = 0;
  ink.forEach((value, index) => {
    total += value;
    x += value * ((index % size) + 0.5);
    y += value * (Math.floor(index / size) + 0.5);
  });
  return total > 0 ? [x / total, y / total] : [size / 2, size / 2];
}

function corners(strokes) {
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const [x, y] of strokes.flat()) {
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

const place = (strokes, scale, shiftX, shiftY) =>
  strokes.map((stroke) => stroke.map(([x, y]) => [scale * x + shiftX, scale * y + shiftY]));

const inked = (strokes) => strokes.filter((stroke) => stroke.length);

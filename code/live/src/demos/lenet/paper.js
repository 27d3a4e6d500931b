// A photograph of a digit on paper turned into ink as the pad's: the paper's brightness taken away, ink from 0 to 1, strokes
// as wide as the pad's pen, and the digit placed in the field as ink.js places a drawing.
import { BOX, CENTRE, FIELD } from "./ink.js";

/** @typedef {{height: number, width: number, data: Float64Array, scale: number, centre: [number, number]}} Photo Ink, how many of its pixels make one of the field, and its centre of mass. */

const REACH = 1 / 6; // of the longer side: what is darker over a wider place is shade, not ink
const LEAST = 0.12; // difference in brightness, of 1, between ink and paper
const FAINT = 0.1, CLEAR = 0.5; // ink that belongs to a stroke, and ink that counts for its size
const SPECK = 0.05; // parts smaller than this share of the largest are none of the digit
const SAMPLES = 6; // places across a pixel of the field at which the photograph is looked at

/**
 * @param {{height: number, width: number, data: ArrayLike<number>}} grey brightness from 0, black, to 1
 * @param {{radius: number}} options the pad's pen
 * @returns {Photo | null} null where no ink stands out
 */
export function photo({ height, width, data }, { radius }) {
  const sorted = Float64Array.from(data).sort(), at = (share) => sorted[Math.floor(share * (sorted.length - 1))];
  const chalk = at(0.5) < (at(0.01) + at(0.99)) / 2, grey = Float64Array.from(data, (value) => (chalk ? 1 - value : value)); // light ink on a dark ground
  const size = { height, width }, reach = Math.round(REACH * Math.max(height, width));
  const ground = slide(slide(grey, size, reach, Math.max), size, reach, Math.min), darker = grey.map((value, i) => ground[i] - value);
  const [below, above] = split(darker);
  if (above - below < LEAST) return null;
  const ink = alone(darker.map((value) => clamp((value - below) / (above - below) / 0.6 - 0.4)), size);
  let found = measured(ink, size);
  if (!found) return null;
  const missing = Math.round((2 * radius * found.scale - found.stroke) / 2);
  if (missing > 0) found = measured(slide(ink, size, missing, Math.max), size);
  return found;
}

/** The photograph's digit as a network's input; shift and turn as in ink.js. */
export function photoImage({ height, width, data, scale, centre }, { size, white, black, shiftX = 0, shiftY = 0, degrees = 0 }) {
  const angle = (degrees * Math.PI) / 180, cos = Math.cos(angle), sin = Math.sin(angle), image = new Float32Array(size * size), half = FIELD / 2;
  for (let place = 0; place < image.length * SAMPLES ** 2; place++) {
    const pixel = Math.floor(place / SAMPLES ** 2), inner = place % SAMPLES ** 2;
    const x = (pixel % size) + ((inner % SAMPLES) + 0.5) / SAMPLES - size / 2 - shiftX, y = Math.floor(pixel / size) + (Math.floor(inner / SAMPLES) + 0.5) / SAMPLES - size / 2 - shiftY;
    const column = Math.floor(centre[0] + scale * (cos * x + sin * y + half - CENTRE)), row = Math.floor(centre[1] + scale * (cos * y - sin * x + half - CENTRE));
    if (row >= 0 && row < height && column >= 0 && column < width) image[pixel] += data[row * width + column] / SAMPLES ** 2;
  }
  return { data: image.map((value) => value * (black - white) + white), dims: [1, 1, size, size] };
}

const clamp = (value) => Math.min(1, Math.max(0, value));

/** The least or the largest value within `reach` pixels along rows, then along columns. */
function slide(data, { height, width }, reach, pick) {
  const along = (from, count, length, step, stride) => {
    const to = new Float64Array(from.length);
    for (let line = 0; line < count; line++)
      for (let i = 0; i < length; i++) {
        let best = from[line * stride + i * step];
        for (let j = Math.max(0, i - reach); j <= Math.min(length - 1, i + reach); j++) best = pick(best, from[line * stride + j * step]);
        to[line * stride + i * step] = best;
      }
    return to;
  };
  return along(along(data, height, width, 1, width), width, height, width, 1);
}

/** The means of the two heaps into which values fall best (Otsu's method). */
function split(values) {
  const counts = new Float64Array(256), total = values.reduce((sum, value) => sum + value, 0);
  for (const value of values) counts[Math.round(255 * clamp(value))] += 1;
  let best = -1, found = [0, 0], low = 0, sum = 0;
  for (let level = 0; level < 255; level++) {
    low += counts[level];
    sum += (counts[level] * level) / 255;
    const high = values.length - low;
    if (!low || !high) continue;
    const means = [sum / low, (total - sum) / high], gain = low * high * (means[1] - means[0]) ** 2;
    if (gain > best) [best, found] = [gain, means];
  }
  return found;
}

/** The ink of the digit alone: what reaches the edge, such as the paper's own, and specks are taken away where there is more. */
function alone(ink, { height, width }) {
  const owner = new Int32Array(ink.length).fill(-1), parts = [];
  ink.forEach((value, start) => {
    if (value <= FAINT || owner[start] >= 0) return;
    const part = { area: 0, edge: false }, left = [start];
    owner[start] = parts.length;
    while (left.length) {
      const at = left.pop(), x = at % width, y = Math.floor(at / width);
      part.area += 1;
      part.edge ||= x === 0 || y === 0 || x === width - 1 || y === height - 1;
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++)
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          const next = row * width + column;
          if (ink[next] > FAINT && owner[next] < 0) left.push(next), (owner[next] = parts.length);
        }
    }
    parts.push(part);
  });
  const largest = Math.max(0, ...parts.map(({ area }) => area)), inner = Math.max(0, ...parts.map(({ area, edge }) => (edge ? 0 : area)));
  const within = inner > SPECK * largest, bound = SPECK * (within ? inner : largest);
  return ink.map((value, i) => (owner[i] >= 0 && parts[owner[i]].area >= bound && !(within && parts[owner[i]].edge) ? value : 0));
}

/** How large the ink is, how wide its strokes, and where its centre of mass. */
function measured(data, { height, width }) {
  let [left, right, top, bottom] = [width, -1, height, -1], total = 0, x = 0, y = 0, area = 0, rim = 0;
  data.forEach((value, i) => {
    const column = i % width, row = Math.floor(i / width);
    total += value;
    x += value * (column + 0.5);
    y += value * (row + 0.5);
    if (value < CLEAR) return;
    [left, right, top, bottom] = [Math.min(left, column), Math.max(right, column), Math.min(top, row), Math.max(bottom, row)];
    area += 1;
    rim += [i - 1, i + 1, i - width, i + width].filter((next) => !(data[next] >= CLEAR)).length;
  });
  if (right < 0) return null;
  return { height, width, data, scale: Math.max(right - left + 1, bottom - top + 1) / BOX, centre: [x / total, y / total], stroke: (2.5 * area) / rim };
}

// The arithmetic of reading a number, as Python does it: framing a picture, probabilities, the likeliest number, and where the
// evidence for it lies.

/** How `count` pixels that divide a row of `length` are made of it: means weighted by a triangle, rows of {first, shares}; the row's ends go on. */
export function weights(length, count) {
  const scale = length / count, reach = Math.max(scale, 1), within = (place) => Math.min(length - 1, Math.max(0, place));
  return Array.from({ length: count }, (_, part) => {
    const centre = (part + 0.5) * scale, from = Math.floor(centre - reach - 0.5), to = Math.ceil(centre + reach + 0.5), first = within(from);
    const shares = Array(within(to) - first + 1).fill(0);
    for (let place = from; place <= to; place++) shares[within(place) - first] += Math.max(0, 1 - Math.abs(place + 0.5 - centre) / reach);
    const sum = shares.reduce((all, share) => all + share, 0);
    return { first, shares: shares.map((share) => share / sum) };
  });
}

/** Grey {height, width, data} at another size. */
export function resized({ height, width, data }, down, across) {
  const columns = weights(width, across), rows = weights(height, down), between = new Float64Array(height * across), found = new Float64Array(down * across);
  for (let y = 0; y < height; y++)
    columns.forEach(({ first, shares }, x) => shares.forEach((share, i) => (between[y * across + x] += share * data[y * width + first + i])));
  rows.forEach(({ first, shares }, y) => shares.forEach((share, i) => {
    for (let x = 0; x < across; x++) found[y * across + x] += share * between[(first + i) * across + x];
  }));
  return { height: down, width: across, data: found };
}

/** Grey from 0 to 255 as the network gets it: as large as fits, on the left, in the middle of the height, the mean grey around it; from 0 to 1. */
export function framed(grey, { height, width }) {
  const scale = Math.min(height / grey.height, width / grey.width);
  const down = Math.max(1, Math.min(height, Math.round(scale * grey.height))), across = Math.max(1, Math.min(width, Math.round(scale * grey.width)));
  const small = resized(grey, down, across), mean = Math.round(grey.data.reduce((sum, value) => sum + value, 0) / grey.data.length), top = Math.floor((height - down) / 2);
  const data = new Float32Array(height * width).fill(mean / 255);
  for (let y = 0; y < down; y++)
    for (let x = 0; x < across; x++) data[(top + y) * width + x] = Math.min(255, Math.max(0, Math.round(small.data[y * across + x]))) / 255;
  return { dims: [1, 1, height, width], data };
}

export function logarithms(scores) {
  const values = [...scores], most = Math.max(...values), sum = Math.log(values.reduce((all, value) => all + Math.exp(value - most), 0));
  return values.map((value) => value - most - sum);
}

const best = (values) => values.indexOf(Math.max(...values));

/** What the heads say of example `index` of {length, digits}: logarithms of probabilities, [lengths] and [places][digits]. */
export function heads({ length, digits }, index) {
  const [, lengths] = length.dims, [, places, kinds] = digits.dims;
  const one = (place) => digits.data.subarray((index * places + place) * kinds, (index * places + place + 1) * kinds);
  return { length: logarithms(length.data.subarray(index * lengths, (index + 1) * lengths)),
    digits: Array.from({ length: places }, (_, place) => logarithms(one(place))) };
}

/** The likeliest number of heads: {number, share}, where "" is none. Numbers longer than the heads are many cannot be read. */
export function decoded({ length, digits }) {
  let sum = 0, found = { number: "", share: length[0] }, text = "";
  digits.forEach((values, place) => {
    text += best(values);
    sum += Math.max(...values);
    if (length[place + 1] + sum > found.share) found = { number: text, share: length[place + 1] + sum };
  });
  return { number: found.number, share: Math.exp(found.share) };
}

/** Top left corners of the patches that cover a picture by turns: {rows, columns, places: [[top, left]]}. */
export function patches({ height, width, patch, step }) {
  const rows = 1 + Math.floor((height - patch) / step), columns = 1 + Math.floor((width - patch) / step);
  return { rows, columns, places: Array.from({ length: rows * columns }, (_, i) => [step * Math.floor(i / columns), step * (i % columns)]) };
}

/** A batch of the picture with a patch of its mean grey at each of some `places`. */
export function covered({ dims: [, , height, width], data }, places, patch) {
  const size = height * width, found = new Float32Array(places.length * size), mean = data.reduce((sum, value) => sum + value, 0) / size;
  places.forEach(([top, left], index) => {
    found.set(data, index * size);
    for (let y = top; y < top + patch; y++) found.fill(mean, index * size + y * width + left, index * size + y * width + left + patch);
  });
  return { dims: [places.length, 1, height, width], data: found };
}

/** By how much covering lowers the logarithm of each head's own answer: one value for the length head, then one for each place. */
export function falls(whole, other) {
  const fall = (values, now) => values[best(values)] - now[best(values)];
  return [fall(whole.length, other.length), ...whole.digits.map((values, place) => fall(values, other.digits[place]))];
}

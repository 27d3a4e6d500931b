// Ten crops of a picture, as the network gets them, and what it makes of them.

/** The places `ten`, [top, left, mirrored], of a picture {dims: [1, channels, height, width], data}, as one batch of `side` x `side`. */
export function cut({ dims: [, channels, height, width], data }, ten, side) {
  const found = new Float32Array(ten.length * channels * side * side);
  let at = 0;
  for (const [top, left, mirrored] of ten)
    for (let channel = 0; channel < channels; channel++)
      for (let row = 0; row < side; row++)
        for (let column = 0; column < side; column++)
          found[at++] = data[(channel * height + top + row) * width + left + (mirrored ? side - 1 - column : column)];
  return { dims: [ten.length, channels, side, side], data: found };
}

/** Row `index` of {dims, data}, whose first axis is the batch. */
export function row({ dims, data }, index) {
  const size = data.length / dims[0];
  return { dims: [1, ...dims.slice(1)], data: data.subarray(index * size, (index + 1) * size) };
}

export function softmax(scores) {
  const most = Math.max(...scores), powers = Array.from(scores, (score) => Math.exp(score - most)), sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** The mean of several lists of the same length. */
export const mean = (lists) => lists[0].map((_, place) => lists.reduce((sum, list) => sum + list[place], 0) / lists.length);

/** The places of the `count` largest, the largest first. */
export const largest = (values, count) => [...values.keys()].sort((a, b) => values[b] - values[a] || a - b).slice(0, count);

/** Paint {dims: [1, 3, height, width], data}, from 0 to 1, as a picture in colour. */
export function paint(canvas, { dims: [, , height, width], data }) {
  const pixels = new ImageData(width, height), size = height * width;
  for (let place = 0; place < size; place++)
    pixels.data.set([...[0, 1, 2].map((channel) => Math.round(255 * data[channel * size + place])), 255], 4 * place);
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

/** What the first layer sees of {dims, data}: each colour less its `mean`, in units of `grey`. */
export function centred({ dims, data }, mean, grey) {
  const size = dims[2] * dims[3];
  return { dims, data: Float32Array.from(data, (value, place) => (value - mean[Math.floor(place / size) % mean.length]) / grey) };
}

// A picture as a network's input: framed, shrunk by the mean over areas, in grey or in colour. Pure arithmetic on pixels, so
// that it gives what Python gives; a browser's own scaling differs from one to the next.

const GREY = [0.299, 0.587, 0.114]; // as television and PIL weigh red, green and blue

/**
 * Which window of a picture, in its pixels, the network sees, and of which size: `fit` is "crop", the largest window of the
 * wanted shape in the middle; "fit", the smallest around the picture, with paper beside it; "whole", the picture itself,
 * its longer side `height` or `width` long; "shrunk", the same, but a small picture keeps its size.
 */
export function frame({ width, height }, wanted, fit = "crop") {
  const across = width / wanted.width, down = height / wanted.height, scale = (fit === "crop" ? Math.min : Math.max)(across, down);
  if (fit === "shrunk" && scale < 1) return { left: 0, top: 0, width, height, across: width, down: height };
  if (fit === "whole" || fit === "shrunk")
    return { left: 0, top: 0, width, height, across: Math.max(1, Math.round(width / scale)), down: Math.max(1, Math.round(height / scale)) };
  const size = { width: scale * wanted.width, height: scale * wanted.height };
  return { left: (width - size.width) / 2, top: (height - size.height) / 2, ...size, across: wanted.width, down: wanted.height };
}

/** Which of `limit` pixels lie in each of `count` equal parts of [start, start + length), and how much of each: [{first, shares}]. */
function parts(start, length, count, limit) {
  const step = length / count;
  return Array.from({ length: count }, (_, part) => {
    const from = start + part * step, to = from + step, first = Math.max(0, Math.floor(from + 1e-9)), last = Math.min(limit, Math.ceil(to - 1e-9));
    const shares = Array.from({ length: Math.max(0, last - first) }, (_, i) => (Math.min(to, first + i + 1) - Math.max(from, first + i)) / step);
    return { first, shares };
  });
}

/** Mean colours 0..255 of the parts of a window: red, green, blue, row by row. `rows(top, count)` gives RGBA of whole rows. */
function means({ width, height, rows }, window, paper) {
  const { across, down } = window, found = new Float64Array(across * down * 3).fill(255 * paper);
  const columns = parts(window.left, window.width, across, width);
  parts(window.top, window.height, down, height).forEach(({ first, shares }, row) => {
    if (!shares.length) return;
    const pixels = rows(first, shares.length);
    shares.forEach((high, y) => columns.forEach((column, x) => {
      const place = 3 * (row * across + x);
      column.shares.forEach((wide, i) => {
        const from = 4 * (y * width + column.first + i), share = high * wide;
        for (let colour = 0; colour < 3; colour++) found[place + colour] += share * (pixels[from + colour] - 255 * paper);
      });
    }));
  });
  return found;
}

/**
 * `source` {width, height, rows(top, count)} as {dims, data, window}: 1 x channels x height x width values
 * (v - mean) / std with v from 0, black, to 1; beside the picture is paper. `mean` and `std` have one value or one for each channel.
 */
export function tensor(source, { height, width = height, channels = 3, fit, paper = 1, mean = [0], std = [1] }) {
  const window = frame(source, { height, width }, fit), { across, down } = window, found = means(source, window, paper);
  const data = new Float32Array(channels * down * across);
  for (let channel = 0; channel < channels; channel++)
    for (let place = 0; place < down * across; place++) {
      const at = 3 * place, value = channels === 1 ? GREY.reduce((sum, share, i) => sum + share * found[at + i], 0) : found[at + channel];
      data[channel * down * across + place] = (value / 255 - (mean[channel] ?? mean[0])) / (std[channel] ?? std[0]);
    }
  return { dims: [1, channels, down, across], data, window };
}

/** Rows of anything that a canvas can draw, on white paper where it is transparent, a few at a time: a large one would not fit twice. */
export function reader(drawable) {
  const { width, height } = drawable, band = document.createElement("canvas"), context = band.getContext("2d", { willReadFrequently: true });
  const rows = (top, count) => {
    if (band.width !== width || band.height < count) Object.assign(band, { width, height: count });
    Object.assign(context, { fillStyle: "#fff", imageSmoothingEnabled: false });
    context.fillRect(0, 0, width, count);
    context.drawImage(drawable, 0, top, width, count, 0, 0, width, count);
    return context.getImageData(0, 0, width, count).data;
  };
  return { width, height, rows };
}

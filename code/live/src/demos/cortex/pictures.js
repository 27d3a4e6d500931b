// How an area's answer and a unit's prototype become pictures. Orientations have the colours of the book's figures.

export const HUES = [[0, 114, 178], [213, 94, 0], [0, 158, 115], [204, 121, 167]];
const PAPER = 255;

/** Four maps {height, width, data} laid over each other: the hue tells which orientation answers, the strength how much. */
export function oriented({ height, width, data }, limit) {
  const pixels = new ImageData(width, height), size = height * width;
  for (let i = 0; i < size; i++) {
    let sum = 0, most = 0, red = 0, green = 0, blue = 0;
    for (let o = 0; o < 4; o++) {
      const value = data[o * size + i], weight = value ** 4;
      sum += weight;
      most = Math.max(most, value);
      red += weight * HUES[o][0];
      green += weight * HUES[o][1];
      blue += weight * HUES[o][2];
    }
    const strength = Math.min(1, most / limit), mix = (part) => PAPER + strength * (part / (sum || 1) - PAPER);
    pixels.data.set([mix(red), mix(green), mix(blue), 255], 4 * i);
  }
  return pixels;
}

/** One of several maps as ink on paper; `limit` is black. */
export function inked({ height, width, data }, map, limit) {
  const pixels = new ImageData(width, height), offset = map * height * width;
  for (let i = 0; i < height * width; i++) {
    const grey = PAPER * (1 - Math.max(0, Math.min(1, data[offset + i] / limit)));
    pixels.data.set([grey, grey, grey, 255], 4 * i);
  }
  return pixels;
}

const small = typeof document === "object" ? document.createElement("canvas") : null;

/** Draw tiles {picture: ImageData, left, top, width, height}, in units of which {across, down} fit on the canvas. */
export function mosaic(canvas, tiles, { across, down }) {
  const unit = ((canvas.clientWidth || 160) * Math.max(2, devicePixelRatio)) / across, context = canvas.getContext("2d");
  const [width, height] = [Math.round(across * unit), Math.round(down * unit)];
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  context.clearRect(0, 0, width, height);
  context.imageSmoothingEnabled = false;
  for (const { picture, left, top, width: wide, height: tall } of tiles) {
    [small.width, small.height] = [picture.width, picture.height];
    small.getContext("2d").putImageData(picture, 0, 0);
    context.drawImage(small, left * unit, top * unit, wide * unit, tall * unit);
  }
}

/** A vector as bars in `rows` lines; a dark tick on each is what was remembered. */
export function bars(canvas, values, remembered, { rows, high, width = 512, height = 64 * rows }) {
  const context = canvas.getContext("2d"), count = Math.ceil(values.length / rows), line = height / rows, step = width / count;
  [canvas.width, canvas.height] = [width, height];
  const tall = (value) => (line - 6) * Math.max(0.02, Math.min(1, value / high));
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  values.forEach((value, i) => {
    const x = (i % count) * step, bottom = (Math.floor(i / count) + 1) * line - 1;
    context.fillStyle = "#7fb8d8";
    context.fillRect(x, bottom - tall(value), step > 5 ? step - 1 : step, tall(value));
    context.fillStyle = "#1f2328";
    context.fillRect(x, bottom - tall(remembered[i]) - 1, step, 2);
  });
}

/**
 * A prototype over C1 (4 orientations x side x side, row by row) as short bars, each as strong as its weight; drawn into
 * the square {left, top, size} of a context.
 */
export function glyph(context, { data, side }, limit, { left, top, size }, degrees) {
  const cell = size / side;
  context.fillStyle = "#fff";
  context.fillRect(left, top, size, size);
  context.lineCap = "butt";
  for (let place = 0; place < side * side; place++) {
    const x = left + ((place % side) + 0.5) * cell, y = top + (Math.floor(place / side) + 0.5) * cell;
    degrees.map((angle, o) => [data[o * side * side + place] / limit, angle, o]).sort((a, b) => a[0] - b[0])
      .forEach(([strength, angle, o]) => {
        const reach = 0.48 * cell * Math.min(1, Math.max(0, strength)), turn = ((angle + 90) * Math.PI) / 180;
        context.strokeStyle = `rgba(${HUES[o]},${Math.min(1, Math.max(0.12, strength))})`;
        context.lineWidth = Math.max(1, cell / 10);
        context.beginPath();
        context.moveTo(x - reach * Math.cos(turn), y - reach * Math.sin(turn));
        context.lineTo(x + reach * Math.cos(turn), y + reach * Math.sin(turn));
        context.stroke();
      });
  }
}

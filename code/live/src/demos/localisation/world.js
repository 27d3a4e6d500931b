// A photograph cut by an outline and pasted on a picture, as `convnets.localisation.world` does it. Pictures are {side, data}: red, green, blue from 0 to 1,
// row by row; an outline is {axes: [across, down], turn, waves, phases}, a place {x, y, half} in pixels.

/** Each pixel's place in the piece's own axes, in halves of its frame: call `each(place, along, down)` for all. */
function turned({ x, y, half }, turn, side, each) {
  const cos = Math.cos(turn), sin = Math.sin(turn);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const right = (column + 0.5 - x) / half, below = (row + 0.5 - y) / half;
      each(row * side + column, cos * right + sin * below, cos * below - sin * right);
    }
}

/** What share of each pixel lies inside an outline. */
export function covered(place, { axes, turn, waves, phases }, side) {
  const cover = new Float64Array(side * side), all = waves.reduce((sum, height) => sum + height, 0), scale = place.half * Math.min(...axes);
  turned(place, turn, side, (at, along, down) => {
    const right = along / axes[0], below = down / axes[1], far = Math.hypot(right, below), angle = Math.atan2(below, right);
    const edge = (1 + waves.reduce((sum, height, i) => sum + height * Math.cos((i + 2) * angle + phases[i]), 0)) / (1 + all);
    cover[at] = Math.min(1, Math.max(0, (edge - far) * scale + 0.5));
  });
  return cover;
}

/** A value between pixels of `photograph`, from -1 to 1 across; beyond its border the border goes on. */
function seen({ side, data }, along, down, colour) {
  const within = (value) => Math.min(side - 1, Math.max(0, ((value + 1) * side - 1) / 2));
  const x = within(along), y = within(down), left = Math.floor(x), top = Math.floor(y), right = Math.min(side - 1, left + 1), below = Math.min(side - 1, top + 1);
  const at = (row, column) => data[3 * (row * side + column) + colour], u = x - left, v = y - top;
  return (1 - v) * ((1 - u) * at(top, left) + u * at(top, right)) + v * ((1 - u) * at(below, left) + u * at(below, right));
}

/** `picture` with `photograph` cut by `outline` at `place`, and the object's own pixels: {picture, mask}. */
export function pasted(picture, photograph, outline, place) {
  const { side } = picture, cover = covered(place, outline, side), data = Float64Array.from(picture.data);
  turned(place, outline.turn, side, (at, along, down) => {
    if (!cover[at]) return;
    for (let colour = 0; colour < 3; colour++) {
      const under = data[3 * at + colour];
      data[3 * at + colour] = under + cover[at] * (seen(photograph, along, down, colour) - under);
    }
  });
  return { picture: { side, data: data.map((value) => Math.min(255, Math.max(0, Math.round(255 * value))) / 255) }, mask: cover.map((share) => Number(share >= 0.5)) };
}

/** The tightest box around a mask: {left, top, width, height}, or null around none. */
export function boxOf(mask, side) {
  let [left, top, right, bottom] = [side, side, 0, 0];
  mask.forEach((inside, at) => {
    if (!inside) return;
    const x = at % side, y = Math.floor(at / side);
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
  });
  return right ? { left, top, width: right - left, height: bottom - top } : null;
}

/** The picture as a network's input, {dims, data}. */
export function input({ side, data }) {
  const found = new Float32Array(3 * side * side), size = side * side;
  for (let at = 0; at < size; at++) for (let colour = 0; colour < 3; colour++) found[colour * size + at] = data[3 * at + colour];
  return { dims: [1, 3, side, side], data: found };
}

/** Red, green and blue from 0 to 1 of anything that a canvas can draw, square. */
export function pixels(drawable) {
  const side = drawable.width, canvas = Object.assign(document.createElement("canvas"), { width: side, height: side }), context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(drawable, 0, 0);
  const { data } = context.getImageData(0, 0, side, side);
  return { side, data: Float64Array.from({ length: 3 * side * side }, (_, i) => data[4 * Math.floor(i / 3) + (i % 3)] / 255) };
}

/** An input {dims, data}, from 0 to 1, as a canvas. */
export function canvasOf({ dims: [, , height, width], data }) {
  const found = new ImageData(width, height), size = height * width;
  for (let at = 0; at < size; at++) found.data.set([...[0, 1, 2].map((colour) => Math.round(255 * data[colour * size + at])), 255], 4 * at);
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").putImageData(found, 0, 0);
  return canvas;
}

// What comes between a sign and a camera. Pictures are colours from 0 to 1, {dims: [1, 3, height, width], data}; every function
// gives a new one. The formulas and their constants are those of Python, whose constants FACTS hand over.

/** A function of each value and its place: (value, row, column). */
function each({ dims, data }, change) {
  const [, , height, width] = dims;
  return { dims, data: data.map((value, place) => change(value, Math.floor(place / width) % height, place % width)) };
}

/** Strips stuck on the sign: `mask` has a share from 0 to 1 for each pixel, `value` is their grey. */
export function taped(picture, mask, value) {
  const width = picture.dims[3];
  return each(picture, (before, row, column) => before + (value - before) * mask[row * width + column]);
}

/** Something grey stands before the first `share` of the columns. */
export function covered(picture, share, grey) {
  const until = Math.round(share * picture.dims[3]);
  return each(picture, (before, row, column) => (column < until ? grey : before));
}

/** A Gaussian of `sigma` pixels, whose border pixels go on for ever. */
export function blurred({ dims, data }, sigma) {
  if (!sigma) return { dims, data };
  const [, , height, width] = dims, radius = Math.ceil(3 * sigma), size = height * width;
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2))), sum = weights.reduce((a, b) => a + b);
  const inside = (place, end) => Math.min(end - 1, Math.max(0, place));
  const along = (from, at) => Float32Array.from(from, (_, place) => {
    const plane = Math.floor(place / size) * size, row = Math.floor((place % size) / width), column = place % width;
    return weights.reduce((total, weight, i) => total + (weight / sum) * from[plane + at(row, column, i - radius)], 0);
  });
  const down = along(data, (row, column, step) => inside(row + step, height) * width + column);
  return { dims, data: along(down, (row, column, step) => row * width + inside(column + step, width)) };
}

/** The sun in the lens: light is added around a place. */
export function glared(picture, strength, { row: top, column: left, radius }) {
  return each(picture, (before, row, column) => Math.min(1, before + strength * Math.exp(-((row - top) ** 2 + (column - left) ** 2) / (2 * radius ** 2))));
}

/** Fog: a share of the light comes from the sign, the rest from the air between. */
export function fogged(picture, share, air) {
  return each(picture, (before) => (1 - share) * before + share * air);
}

/** All of it, in the order in which light meets it. `constants` are those of FACTS. */
export function weathered(picture, { mask, tape, cover, blur, glare, fog }, constants) {
  const sign = mask ? taped(picture, mask, constants.tape[tape]) : picture;
  return fogged(glared(blurred(covered(sign, cover, constants.obstacle), blur), glare, constants.sun), fog, constants.air);
}

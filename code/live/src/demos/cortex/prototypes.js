// What a unit prefers, drawn: filters as they are, prototypes over C1 as oriented bars.
import { COLOURS, draw } from "../../ui.js";
import { bars, glyph } from "./pictures.js";

/** Draw what a unit prefers; tells whether there is anything to draw. */
export function likes(canvas, told, unit, tensors, facts) {
  if (!told) return false;
  if (told.kernel) return kernel(canvas, told, unit);
  return told.view ? view(canvas, told.view(unit), tensors) : prototype(canvas, told.prototype(unit), tensors, facts);
}

const SIDE = 192; // of a canvas
const own = (data, index, count) => data.subarray(index * count, (index + 1) * count);
const largest = (data) => data.reduce((most, value) => Math.max(most, value), 1e-9);

/** A row of a matrix as bars. */
function view(canvas, { tensor, index }, tensors) {
  const { dims, data } = tensors.get(tensor), values = own(data, index, dims[1]);
  bars(canvas, values, values, { rows: 8, high: 1 });
  return true;
}

/** A filter as orange and violet on white. `told.kernel(unit)` gives {side, data}. */
function kernel(canvas, told, unit) {
  const { side, data } = told.kernel(unit), limit = data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  draw(canvas, [{ height: side, width: side, data }], { colour: COLOURS.signed, limit });
  return true;
}

/** {tensor, index}: a prototype over C1's four orientations; with `parts`, over units whose prototypes that tensor holds. */
function prototype(canvas, found, tensors, facts) {
  if (!found) return false;
  const { dims, data: all } = tensors.get(found.tensor), [, inputs, side] = dims, context = canvas.getContext("2d");
  const size = (canvas.width = canvas.height = SIDE), data = own(all, found.index, inputs * side * side), limit = largest(data);
  if (inputs === 4) glyph(context, { data, side }, limit, { left: 0, top: 0, size }, facts.orientations);
  else {
    const parts = tensors.get(found.parts), cell = size / side, units = 4 * parts.dims[2] ** 2;
    for (let place = 0; place < side * side; place++) {
      let best = 0;
      for (let i = 1; i < inputs; i++) if (data[i * side * side + place] > data[best * side * side + place]) best = i;
      const pattern = own(parts.data, best, units);
      glyph(context, { data: pattern, side: parts.dims[2] }, largest(pattern), { left: (place % side) * cell + 2, top: Math.floor(place / side) * cell + 2, size: cell - 4 }, facts.orientations);
    }
  }
  return true;
}

/** exp(-(u^2 + gamma^2 v^2) / 2 sigma^2) cos(2 pi u / wavelength), as convnets/cortex/model.py's `gabor`. */
export function gabor({ side, sigma, wavelength, gamma }, degrees) {
  const half = (side - 1) / 2, angle = (degrees * Math.PI) / 180, data = new Float64Array(side * side);
  for (let i = 0; i < data.length; i++) {
    const row = Math.floor(i / side) - half, column = (i % side) - half;
    const u = column * Math.cos(angle) + row * Math.sin(angle), v = -column * Math.sin(angle) + row * Math.cos(angle);
    if (row * row + column * column <= (side / 2) ** 2)
      data[i] = Math.exp(-(u * u + gamma * gamma * v * v) / (2 * sigma * sigma)) * Math.cos((2 * Math.PI * u) / wavelength);
  }
  return { side, data };
}

/** Centre less surround of a ganglion cell; radii in pixels. */
export function spot({ side, centre, surround, weight }, sign) {
  const half = (side - 1) / 2, data = new Float64Array(side * side);
  const bell = (square, radius) => Math.exp(-square / radius ** 2) / (Math.PI * radius ** 2);
  for (let i = 0; i < data.length; i++) {
    const square = (Math.floor(i / side) - half) ** 2 + ((i % side) - half) ** 2;
    data[i] = sign * (bell(square, centre) - weight * bell(square, surround));
  }
  return { side, data };
}

// How a unit comes about: what it sees of the layer before, the weights on it, and the sum. A test recomputes units of every layer this
// way and compares with the engine's answer.

const SQUASH = { relu: (a) => Math.max(0, a), tanh: Math.tanh, none: (a) => a };

/** {dims, data} of one image -> {maps, height, width, data}; (1, K) becomes K maps of one unit. */
export function asMaps({ dims, data }) {
  const [maps, height, width] = dims.length === 4 ? dims.slice(1) : [dims.at(-1), 1, 1];
  return { maps, height, width, data };
}

/** Window of a unit on the layer before: {top, left, size}, which may reach beyond its border. */
function window({ kind, kernel, stride, pad }, { row, column }, before) {
  if (kind === "full") return { top: 0, left: 0, height: before.height, width: before.width };
  if (kind === "normalisation") return { top: row, left: column, height: 1, width: 1 };
  return { top: row * stride - pad, left: column * stride - pad, height: kernel, width: kernel };
}

/** Unit (row, column) of `layers[index]` -> the pixels of the crop that it sees: {top, left, height, width}. */
export function field(layers, index, { row, column }, side) {
  let top = row, left = column, bottom = row + 1, right = column + 1;
  for (const { kind, kernel, stride, pad } of layers.slice(0, index + 1).reverse()) {
    if (kind === "full") return { top: 0, left: 0, height: side, width: side };
    if (kind === "normalisation") continue;
    [top, left] = [top, left].map((from) => from * stride - pad);
    [bottom, right] = [bottom, right].map((to) => (to - 1) * stride - pad + kernel);
  }
  [top, left] = [top, left].map((from) => Math.max(0, from));
  return { top, left, height: Math.min(side, bottom) - top, width: Math.min(side, right) - left };
}

/** Values of one map in a window; what lies beyond the border is `beyond`. */
function seen({ height, width, data }, map, { top, left, height: high, width: wide }, beyond = 0) {
  return Array.from({ length: high * wide }, (_, i) => {
    const row = top + Math.floor(i / wide), column = left + (i % wide);
    return row < 0 || column < 0 || row >= height || column >= width ? beyond : data[(map * height + row) * width + column];
  });
}

/**
 * Unit (map, row, column) of `layer`, whose input is `before` {maps, height, width, data}: {place, sources, bias, sum, value}. Each of
 * the sources is {map, values, weights, products, part}, those that say most first; `place` is the window on the layer before.
 */
export function explain(layer, before, tensors, unit) {
  const place = window(layer, unit, before);
  return { place, ...KINDS[layer.kind](layer, before, tensors, unit, place) };
}

const KINDS = {
  convolution({ tensors: name, squash, groups }, before, tensors, { map }, place) {
    const weight = tensors.get(`${name}.weight`), bias = tensors.get(`${name}.bias`).data[map], [outputs, inputs] = weight.dims, size = place.height * place.width;
    const first = inputs * Math.floor((map * groups) / outputs); // of the maps of its group
    return added(Array.from({ length: inputs }, (_, index) => {
      const start = (map * inputs + index) * size, values = seen(before, first + index, place), weights = [...weight.data.subarray(start, start + size)];
      return { map: first + index, values, weights };
    }), bias, SQUASH[squash]);
  },

  full({ tensors: name, squash }, before, tensors, { map }) {
    const { data } = tensors.get(`${name}.weight`), bias = tensors.get(`${name}.bias`).data[map], size = before.height * before.width;
    return added(Array.from({ length: before.maps }, (_, index) => {
      const start = (map * before.maps + index) * size;
      return { map: index, values: [...before.data.subarray(index * size, (index + 1) * size)], weights: [...data.subarray(start, start + size)] };
    }), bias, SQUASH[squash]);
  },

  maximum(layer, before, tensors, { map }, place) {
    const values = seen(before, map, place, -Infinity), value = Math.max(...values);
    return { sources: [{ map, values: values.map((each) => (each === -Infinity ? 0 : each)) }], value };
  },

  normalisation({ size, alpha, beta, k }, before, tensors, { map, row, column }) {
    const half = Math.floor(size / 2), from = Math.max(0, map - half), to = Math.min(before.maps - 1, map + half), at = (each) => seen(before, each, { top: row, left: column, height: 1, width: 1 })[0];
    const values = Array.from({ length: to - from + 1 }, (_, index) => at(from + index)), squares = values.reduce((sum, value) => sum + value * value, 0);
    const own = at(map), divisor = (k + alpha * squares) ** beta;
    return { sources: [{ map, first: from, values }], own, squares, divisor, value: own / divisor };
  },
};

function added(sources, bias, squash) {
  for (const source of sources) {
    source.products = source.values.map((value, index) => value * source.weights[index]);
    source.part = source.products.reduce((a, b) => a + b, 0);
  }
  const sum = sources.reduce((total, { part }) => total + part, bias);
  sources.sort((a, b) => Math.abs(b.part) - Math.abs(a.part));
  return { sources, bias, sum, value: squash(sum) };
}

// What a unit of a LeNet adds up: its receptive field, the values it sees, the weights on them, and the sum.
// A test recomputes every unit of every network this way and compares with the engine's answer.

const SIZE = 5; // of every convolution kernel
const PICTURES = { 75: [5, 15], 84: [12, 7], 120: [8, 15] }; // how many single units are shown as one picture
const SQUASH = {
  tanh: (a) => 1.7159 * Math.tanh((2 / 3) * a),
  relu: (a) => Math.max(0, a),
  none: (a) => a,
};

/** {dims, data} of one image -> {maps, height, width, data}; (1, W', K) or (1, K) become K maps of one unit. */
export function asMaps({ dims, data }) {
  const [maps, height, width] = dims.length === 4 ? dims.slice(1) : [dims.at(-1), 1, 1];
  return { maps, height, width, data };
}

export const at = ({ height, width, data }, map, row, column) => data[(map * height + row) * width + column];

/**
 * Receptive field of every layer, from the first on: `size` pixels, which move by `step` a unit; `all` for a layer
 * whose units see the whole image.
 */
export function fields(layers) {
  let size = 1, step = 1, all = false;
  return layers.map(({ kind }) => {
    all ||= kind === "full" || kind === "rbf";
    size += ((kind === "convolution" ? SIZE : 2) - 1) * step;
    step *= kind === "convolution" ? 1 : 2;
    return { size, step, all };
  });
}

/** Unit (map, row, column) of a layer -> the pixels it sees: {top, left, height, width}. */
export function field(layers, index, { row, column }, image) {
  const { size, step, all } = fields(layers)[index];
  if (all || size >= image.height) return { top: 0, left: 0, height: image.height, width: image.width };
  return { top: row * step, left: column * step, height: size, width: size };
}

/**
 * How unit (map, row, column) of `layers[index]` comes about.
 *
 * `before` is the layer's input and `after` its output, as {maps, height, width, data}; `tensors` the network's Map of
 * weights, `bitmaps` the classes' drawings. Gives {sources, bias, coefficient, sum, value}: each of the sources is
 * {map, top, left, height, width, values, weights, products}, and the sum is that of all products, times the
 * coefficient where there is one, plus the bias; value is what the squashing function makes of the sum.
 */
export function explain({ layer, before, tensors, bitmaps }, { map, row, column }) {
  const parts = PARTS[layer.kind]({ layer, before, tensors, bitmaps }, map, row, column);
  const { sources, bias = 0, coefficient = 1 } = parts;
  const products = sources.flatMap((source) => source.products);
  const total = parts.largest ? Math.max(...products) : products.reduce((a, b) => a + b, 0);
  const sum = coefficient * total + bias;
  return { sources, bias, coefficient, total, sum, value: SQUASH[layer.squash](sum) };
}

const PARTS = {
  convolution({ layer, before, tensors }, map, row, column) {
    const { data } = tensors.get(`${layer.tensors}.weight`);
    const inputs = layer.table.length ? layer.table[map] : range(before.maps);
    const first = layer.table.length ? layer.table.slice(0, map).flat().length : map * before.maps;
    const sources = inputs.map((input, index) => {
      const start = (first + index) * SIZE * SIZE;
      return source(before, input, row, column, SIZE, data.subarray(start, start + SIZE * SIZE));
    });
    return { sources, bias: tensors.get(`${layer.tensors}.bias`).data[map] };
  },

  subsampling({ layer, before, tensors }, map, row, column) {
    const sources = [source(before, map, 2 * row, 2 * column, 2)];
    const of = (name) => tensors.get(`${layer.tensors}.${name}`).data[map];
    return { sources, coefficient: of("coefficient"), bias: of("bias") };
  },

  maximum: ({ before }, map, row, column) => ({
    sources: [source(before, map, 2 * row, 2 * column, 2)],
    largest: true,
  }),

  full({ layer, before, tensors }, map) {
    const { data } = tensors.get(`${layer.tensors}.weight`);
    const units = before.height * before.width, bias = tensors.get(`${layer.tensors}.bias`).data[map];
    if (units === 1) {
      const [height, width] = PICTURES[before.maps], values = [...before.data];
      const weights = [...data.subarray(map * values.length, (map + 1) * values.length)];
      const products = values.map((value, index) => value * weights[index]);
      return { sources: [{ map: 0, top: 0, left: 0, height, width, values, weights, products }], bias };
    }
    const sources = range(before.maps).map((input) => {
      const start = map * before.maps * units + input * units;
      return source(before, input, 0, 0, before.height, data.subarray(start, start + units));
    });
    return { sources, bias };
  },

  rbf({ before, bitmaps }, map) {
    const values = [...before.data], weights = bitmaps[map].flat();
    const products = values.map((value, index) => (value - weights[index]) ** 2);
    return { sources: [{ map: 0, top: 0, left: 0, height: 12, width: 7, values, weights, products }] };
  },
};

/** A window of one map of the layer before, with the weights on it; without weights every value counts once. */
function source(before, map, top, left, size, weights = null) {
  const values = range(size * size).map((i) => at(before, map, top + Math.floor(i / size), left + (i % size)));
  const products = weights ? values.map((value, index) => value * weights[index]) : values;
  return { map, top, left, height: size, width: size, values, weights: weights && [...weights], products };
}

const range = (count) => [...Array(count).keys()];

// The net as Python describes it in FACTS, and the weights with which it begins: initial_weights() of model.py.
/** Rows of "0" and "1" as pixels. */
export const pixelsOf = (rows) => Float64Array.from(rows.join(""), Number);

/** The layers of `facts`; `r` may give other selectivities. */
export function layersOf(facts, r = []) {
  return facts.layers.map((layer, index) => {
    const { planes, q, column } = layer, inputs = index ? facts.layers[index - 1].planes : 1, { window } = layer.s;
    return {
      planes, inputs, q, column, r: r[index] ?? layer.r, s: layer.s, c: layer.c,
      cWeights: Float64Array.from({ length: inputs * window ** 2 }, (_, i) => layer.c_weights[i % window ** 2]),
      dWeights: Float64Array.from(layer.d_weights),
    };
  });
}

/** A net that has learned nothing yet. */
export function untaught(facts, r) {
  const layers = layersOf(facts, r);
  return { layers, alpha: facts.alpha, weights: layers.map((layer) => ({ a: initial(facts, layer), b: new Float64Array(layer.planes) })) };
}

/** Small, and weakly tuned: plane k prefers the orientation pi k / K, and planes with numbers like its own. */
function initial({ initial: scale, gamma }, { planes, inputs, s: { window } }) {
  const a = new Float64Array(planes * inputs * window * window), middle = (window - 1) / 2;
  for (let plane = 0, place = 0; plane < planes; plane++)
    for (let input = 0; input < inputs; input++) {
      const kinship = inputs === 1 ? 1 : 1 - Math.abs(plane / planes - input / inputs);
      for (let y = -middle; y <= middle; y++)
        for (let x = -middle; x <= middle; x++) {
          const turn = 2 * (Math.atan2(-y, x) - (Math.PI * plane) / planes);
          const preference = x || y ? (2 + Math.cos(turn)) / 3 : 2 / 3; // the middle has no direction
          a[place++] = scale * gamma ** Math.hypot(x, y) * preference * kinship;
        }
    }
  return a;
}

// The chapter's row on the book's first page: convnets/cortex/lineage.py in the page.
import { FIELD, fit, rasterise } from "../lenet/ink.js";
import { gabor } from "./prototypes.js";

const NET = "hmax";

export const heavy = true;

export async function open(tools) {
  const [facts, network] = await Promise.all([tools.facts(), tools.network(NET)]);
  const { lineage, orientations, s1, gamma, field: { side }, readouts, s2: { band } } = facts, { digit, pen, radius } = lineage.field, scale = digit / FIELD;
  const bank = orientations.map((degrees) => normed(gabor({ ...s1[2 * band], gamma }, degrees)));
  return {
    told: lineage,
    async answer(strokes) {
      const fitted = fit(strokes, { radius }).map((stroke) => stroke.map((point) => point.map((value) => value * scale + (side - digit) / 2)));
      const data = Float32Array.from(rasterise(fitted, { radius: pen, height: side, width: side }), (ink) => 1 - ink);
      const { outputs } = await network.run({ image: { dims: [1, 1, side, side], data } });
      const shown = [`c1_${band}`, "s2", "c2_0"].map((name) => {
        const { dims: [, maps, height, width], data: values } = outputs[name];
        return { maps, height, width, data: values };
      });
      const score = outputs.scores.data[readouts.indexOf("s4")];
      return { layers: [simple(data, side, bank), ...shown], says: score > 0 ? "yes" : "no", values: {} };
    },
  };
}

/** Zero mean and unit norm. */
function normed({ side, data }) {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length, centred = data.map((value) => value - mean);
  const norm = Math.hypot(...centred);
  return { side, data: centred.map((value) => value / norm) };
}

/** convnets/cortex/model.py's `s1`: the absolute cosine of filter and window; units at the border stay silent. */
function simple(image, size, bank) {
  const { side } = bank[0], reach = (side - 1) / 2, sums = new Float64Array(bank.length * size * size);
  for (let row = reach; row < size - reach; row++)
    for (let column = reach; column < size - reach; column++) {
      let power = 1e-8;
      const found = new Float64Array(bank.length);
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++) {
          const value = image[(row + y - reach) * size + column + x - reach];
          power += value * value;
          bank.forEach(({ data }, map) => (found[map] += value * data[y * side + x]));
        }
      found.forEach((value, map) => (sums[(map * size + row) * size + column] = Math.abs(value) / Math.sqrt(power)));
    }
  return { maps: bank.length, height: size, width: size, data: sums };
}

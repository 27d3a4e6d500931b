// The chapter's row on the book's first page: convnets/hubelwiesel/lineage.py in the page.
import { FIELD, fit, rasterise } from "../lenet/ink.js";

export async function open(tools) {
  const { screen: { size, pixels_per_degree: scale }, lineage } = await tools.facts();
  const { angles, reach, pen, radius } = lineage.field, side = 2 * reach + 1, pixels = size * size;
  const kernels = [0, 90].map((phase) => angles.map((angle) => gabor({ ...lineage.field, angle, phase, scale })));
  return {
    told: lineage,
    answer(strokes) {
      const fitted = fit(strokes, { radius }).map((stroke) => stroke.map(([x, y]) => [(x * size) / FIELD, (y * size) / FIELD]));
      const ink = rasterise(fitted, { radius: pen, height: size, width: size });
      const [even, odd] = kernels.map((bank) => Float64Array.from(bank.map((kernel) => correlate(ink, size, kernel, side)).flatMap((map) => [...map])));
      const energy = even.map((value, i) => Math.hypot(value, odd[i]));
      const sums = angles.map((_, map) => energy.subarray(map * pixels, (map + 1) * pixels).reduce((sum, value) => sum + value, 0));
      const maps = (data) => ({ maps: angles.length, height: size, width: size, data });
      return { layers: [maps(even.map((value) => Math.max(0, value))), maps(energy)], says: "angle", values: { angle: angles[sums.indexOf(Math.max(...sums))] } };
    },
  };
}

/** convnets/hubelwiesel/fields.py's `gabor` in the middle of the screen, `reach` pixels to either side. */
function gabor({ angle, frequency, width, length, reach, phase, scale }) {
  const turn = (angle * Math.PI) / 180, cosine = Math.cos(turn), sine = Math.sin(turn), side = 2 * reach + 1, height = 1 / (Math.PI * width * length * scale ** 2);
  return Float64Array.from({ length: side * side }, (_, i) => {
    const x = ((i % side) - reach + 0.5) / scale, y = -(Math.floor(i / side) - reach + 0.5) / scale;
    const u = x * cosine + y * sine, v = y * cosine - x * sine;
    return height * Math.exp(-(u ** 2) / (2 * length ** 2) - v ** 2 / (2 * width ** 2)) * Math.cos(2 * Math.PI * frequency * v + (phase * Math.PI) / 180);
  });
}

/** What a unit at every place answers; only ink adds anything. */
function correlate(ink, size, kernel, side) {
  const reach = (side - 1) / 2, sums = new Float64Array(size * size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const value = ink[row * size + column];
      if (value === 0) continue;
      for (let y = Math.max(0, row - reach); y <= Math.min(size - 1, row + reach); y++) {
        const from = (row - y + reach) * side + column + reach;
        for (let x = Math.max(0, column - reach); x <= Math.min(size - 1, column + reach); x++) sums[y * size + x] += value * kernel[from - x];
      }
    }
  return sums;
}

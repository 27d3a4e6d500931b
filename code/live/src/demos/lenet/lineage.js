// The chapter's row on the book's first page: convnets/lenet/lineage.py in the page.
import { image } from "./ink.js";

const NET = "lenet5", LAYERS = ["c1", "s2", "c3", "s4"];

export const heavy = true;

export async function open(tools) {
  const [facts, network] = await Promise.all([tools.facts(), tools.network(NET)]), { white, black, radius } = facts, scores = facts.layers[NET].at(-1);
  return {
    told: facts.lineage,
    async answer(strokes) {
      const { outputs } = await network.run({ image: image(strokes, { size: 32, white, black, radius }) });
      const layers = LAYERS.map((name) => {
        const { dims: [, maps, height, width], data } = outputs[name];
        return { maps, height, width, data: data.map((value) => Math.max(0, value)) };
      });
      const answers = [...outputs[scores.name].data].map((value) => (scores.kind === "rbf" ? -value : value));
      return { layers, says: "digit", values: { digit: answers.indexOf(Math.max(...answers)) } };
    },
  };
}

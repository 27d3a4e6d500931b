// Samples of a system's data set, as `convnets export SYSTEM --samples` stored them: a strip of pictures and what is told of it.
import { h } from "./ui.js";
import { spoken } from "./words.js";

/** {source, credit, samples: [{label, place, picture}]}, where a picture is a canvas of the size that the data have. */
export async function unpacked(text) {
  const { strip, shape: [height, width], samples, ...told } = JSON.parse(text, spoken);
  const image = Object.assign(new Image(), { src: strip });
  await image.decode();
  const cut = (index) => {
    const picture = h("canvas", { width, height });
    picture.getContext("2d").drawImage(image, -index * width, 0);
    return picture;
  };
  return { ...told, samples: samples.map((sample, index) => ({ ...sample, picture: cut(index) })) };
}

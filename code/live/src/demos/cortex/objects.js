// What can be put into the visual field: the samples, the reader's strokes, the reader's photograph.
import { t } from "../../words.js";

const SIDE = 256; // of a photograph once it is read
const RIM = 0.12; // share of its radius over which it fades out, so that its edge is not the strongest thing in it

export const drawn = (strokes) => ({ kind: "drawing", name: t("your drawing"), paths: strokes.map((points) => ({ points })) });

/**
 * A photograph from a file of the reader's: grey, cut to a circle that fades out, with its mean grey taken away. Nothing
 * leaves the browser. Rejects where the file is no picture that the browser can read.
 */
export async function photograph(file) {
  const bitmap = await createImageBitmap(file), side = Math.min(bitmap.width, bitmap.height);
  const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  Object.assign(context, { fillStyle: "#fff", imageSmoothingQuality: "high" });
  context.fillRect(0, 0, SIDE, SIDE);
  context.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, SIDE, SIDE);
  const pixels = context.getImageData(0, 0, SIDE, SIDE), { data } = pixels;
  let sum = 0, weight = 0;
  for (let i = 0; i < SIDE * SIDE; i++) {
    const grey = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2], share = seen(i);
    data.set([grey, grey, grey, 255 * share], 4 * i);
    sum += share * grey;
    weight += share;
  }
  context.putImageData(pixels, 0, 0);
  return { kind: "photograph", name: t("your photograph"), photo: canvas, mean: sum / weight / 255 };
}

function seen(i) {
  const x = ((i % SIDE) + 0.5) / SIDE - 0.5, y = (Math.floor(i / SIDE) + 0.5) / SIDE - 0.5;
  const inside = Math.min(1, Math.max(0, (1 - 2 * Math.hypot(x, y)) / RIM));
  return 0.5 - 0.5 * Math.cos(Math.PI * inside);
}

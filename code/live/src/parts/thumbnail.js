// A small picture of grey levels, as on a button.
import { h } from "../ui.js";

/** `data` holds height x width grey levels from 0, black, to 1, white. */
export function thumbnail({ height, width, data }) {
  const canvas = h("canvas", { width, height, class: "live-thumb", "aria-hidden": "true" }), pixels = new ImageData(width, height);
  data.forEach((value, i) => pixels.data.set([255 * value, 255 * value, 255 * value, 255], 4 * i));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}

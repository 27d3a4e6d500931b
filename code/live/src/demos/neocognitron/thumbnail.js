// A drawing of 16 x 16 pixels, small.
import { h } from "../../ui.js";
import { SIDE } from "./pixels.js";

export function thumbnail(pixels) {
  const canvas = h("canvas", { width: SIDE, height: SIDE, class: "neo-thumb", "aria-hidden": "true" });
  const image = new ImageData(SIDE, SIDE);
  pixels.forEach((value, i) => image.data.set([...Array(3).fill(Math.round(255 - 238 * value)), 255], 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// What colours stand for.
import { draw, h } from "../ui.js";

/** A strip of the colours of `limits` [low, high], with values at its ends; `colour(t)` as that of draw(), `low` -1 or 0. */
export function scale({ colour, low, texts, said }) {
  const canvas = h("canvas", { role: "img", "aria-label": said }), data = Float32Array.from({ length: 64 }, (_, i) => low + ((1 - low) * i) / 63);
  draw(canvas, [{ height: 1, width: 64, data }], { colour });
  return h("div", { class: "live-scale" }, canvas, h("div", { class: "live-scale-ends", "aria-hidden": "true" }, texts.map((text) => h("span", {}, text))));
}

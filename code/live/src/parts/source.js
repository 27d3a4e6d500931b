// One part of what a unit adds up: pictures side by side with signs between them, as "values × weights = products".
import { draw, h } from "../ui.js";

/** `parts` lists signs and pictures {data, label, ...options of draw()} of height x width values. */
export function source({ height, width, parts, caption }) {
  const shown = parts.map((part) => {
    if (typeof part === "string") return part;
    const { data, label, ...options } = part, canvas = h("canvas", { role: "img", "aria-label": label });
    draw(canvas, [{ height, width, data }], options);
    return canvas;
  });
  return h("figure", { class: "live-source" }, h("div", {}, shown), h("figcaption", {}, caption));
}

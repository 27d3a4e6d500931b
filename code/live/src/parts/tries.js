// "Try this": a group of buttons, each of which puts something on the pad, the field or whatever the demo has.
import { button, h } from "../ui.js";

/**
 * `options` is a list of {text or picture (an element), label, value, ontry}; `columns` so many stand in a row, else they
 * flow. Gives {element, buttons}.
 */
export function tries({ label, options, columns }) {
  const buttons = options.map(({ text, picture, label: said, value, ontry }) =>
    button(picture ?? text, ontry, { value, title: picture && said, "aria-label": said, "aria-pressed": value !== undefined && "false" }));
  const style = columns && `--columns:${columns}`;
  return { element: h("div", { class: columns ? "live-tries" : "live-tools", role: "group", "aria-label": label, style }, buttons), buttons };
}

// A group of buttons, each of which puts something on the pad, the field or whatever the demo has.
import { button, h } from "../ui.js";
import { t } from "../words.js";

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

/** "Try this": what is worth seeing first. `set` is the demo's own, `options` {text: what it is given}. */
export function tryThis(set, options) {
  const buttons = Object.entries(options).map(([text, values]) => button(text, () => set(values), { "data-try": JSON.stringify(values) }));
  const label = t("Try this:");
  return h("div", { class: "live-tools live-try-this", role: "group", "aria-label": label }, h("span", { "aria-hidden": "true" }, label), buttons);
}

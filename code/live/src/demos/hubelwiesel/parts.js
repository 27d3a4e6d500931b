// Parts of this demo's panels that more than one of them uses.
import { h } from "../../ui.js";

export const button = (text, onclick, attributes = {}) => h("button", { type: "button", onclick, ...attributes }, text);

/** A named group of buttons of which one is pressed: `options` is {value: text}. */
export function toggles({ label, options, value, onchange }) {
  const press = (chosen) => {
    for (const each of buttons) each.setAttribute("aria-pressed", each.value === chosen);
  };
  const buttons = Object.entries(options).map(([name, text]) => button(text, () => (press(name), onchange(name)), { value: name }));
  press(value);
  return {
    element: h("div", { class: "hw-named", role: "group", "aria-label": label }, h("span", { class: "hw-name", "aria-hidden": "true" }, label),
      h("div", { class: "hw-row" }, buttons)),
    set: press,
    buttons,
  };
}

/** `svg("circle", {r: 3})`: an element of a drawing. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

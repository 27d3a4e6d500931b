// A named group of buttons of which one is pressed.
import { button, h } from "../ui.js";

/** `options` is {value: text}; `set(value)` presses another one, `onchange(value)` follows the reader. */
export function toggles({ label, options, value, onchange }) {
  const press = (chosen) => {
    for (const each of buttons) each.setAttribute("aria-pressed", String(each.value === chosen));
  };
  const buttons = Object.entries(options).map(([name, text]) => button(text, () => (press(name), onchange(name)), { value: name }));
  press(value);
  return {
    element: h("div", { class: "live-named", role: "group", "aria-label": label },
      h("span", { class: "live-name", "aria-hidden": "true" }, label), h("div", { class: "live-tools" }, buttons)),
    set: press,
    buttons,
  };
}

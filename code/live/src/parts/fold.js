// What opens below a demo when a reader asks for it.
import { h } from "../ui.js";

/** A closed `<details>`; `onopen()` is called when it is opened. Open it with `element.open = true`. */
export function fold({ label, content, onopen = () => {} }) {
  const element = h("details", { class: "live-fold" }, h("summary", {}, label), content);
  element.addEventListener("toggle", () => element.open && onopen());
  return element;
}

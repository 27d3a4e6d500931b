// The last layer: one cell a plane, each with the name of what it answers to.
import { COLOURS, h } from "../../ui.js";
import { n, t } from "../../words.js";
import { subscript } from "./maps.js";

export class Cells {
  /** `count` cells of layer `name`, `columns` in a row, `narrow` of them on a narrow page; `onpick` is called with {plane, row: 0, column: 0}. */
  constructor({ name: layer, count, columns, narrow = columns, onpick }) {
    this.onpick = onpick;
    this.parts = Array.from({ length: count }, (_, plane) => {
      const ink = h("span", { class: "neo-ink" }), name = h("span", { class: "neo-name" });
      const button = h("button", { type: "button", tabindex: plane ? -1 : 0, onclick: () => this.pick(plane), onkeydown: (event) => this.key(event, plane) }, ink, name);
      return { button, ink, name };
    });
    this.buttons = this.parts.map(({ button }) => button);
    this.element = h("div", { class: "neo-stage neo-last" },
      h("div", { class: "neo-stage-head" }, h("span", { class: "neo-stage-name" }, ...subscript(layer)), h("span", { class: "neo-size" }, String(count))),
      h("div", { class: "neo-cells", role: "group", "aria-label": t("{layer}: the cells that answer to whole patterns. Arrow keys go from cell to cell.", { layer }), style: `--columns:${columns};--narrow:${narrow}` }, this.buttons));
  }

  /** `names[cell]` is a text, "" for a cell that answers to nothing; an output of `limit` is black. */
  show({ data }, names, best, limit = 1) {
    this.parts.forEach(({ button, ink, name }, plane) => {
      const value = data[plane], [red, green, blue] = COLOURS.ink(Math.min(1, value / limit));
      ink.style.background = `rgb(${red},${green},${blue})`;
      if (name.textContent !== names[plane]) name.textContent = names[plane];
      button.classList.toggle("best", plane === best);
      const said = { cell: plane, name: names[plane], value: n(value, 2) };
      button.setAttribute("aria-label", names[plane] ? t("Cell {cell}, answers to {name}: {value}", said) : t("Cell {cell}: {value}", said));
      button.title = button.getAttribute("aria-label");
    });
  }

  choose(cell) {
    this.buttons.forEach((button, plane) => button.setAttribute("aria-pressed", String(cell?.plane === plane)));
  }

  pick(plane) {
    this.buttons.forEach((button, index) => (button.tabIndex = index === plane ? 0 : -1));
    this.onpick({ plane, row: 0, column: 0 });
  }

  key(event, plane) {
    const columns = getComputedStyle(this.buttons[0].parentElement).gridTemplateColumns.split(" ").length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = this.buttons[plane + step];
    if (!next) return;
    this.pick(plane + step);
    next.focus();
  }
}

// The last layer: one cell a plane, each with the name of what it answers to.
import { Classes } from "../../parts/classes.js";
import { h } from "../../ui.js";
import { n, t } from "../../words.js";
import { subscript } from "./strip.js";

export class Cells {
  /** `count` cells of layer `name`, `columns` in a row, `narrow` of them on a narrow page; `onpick` is called with {plane, row: 0, column: 0}. */
  constructor({ name: layer, count, columns, narrow, onpick }) {
    this.cells = new Classes({ label: t("{layer}: the cells that answer to whole patterns. Arrow keys go from cell to cell.", { layer }), mark: "ink",
      names: Array(count).fill(""), columns, narrow, onpick: (plane) => onpick({ plane, row: 0, column: 0 }) });
    this.element = h("div", { class: "live-stage neo-last" },
      h("div", { class: "live-stage-head" }, h("span", { class: "live-name" }, ...subscript(layer)), h("span", { class: "live-size" }, String(count))), this.cells.element);
  }

  /** `names[cell]` is a text, "" for a cell that answers to nothing; an output of `limit` is black. */
  show({ data }, names, best, limit = 1) {
    this.cells.show(names.map((name, cell) => {
      const said = { cell, name, value: n(data[cell], 2) };
      return { share: data[cell] / limit, name, said: name ? t("Cell {cell}, answers to {name}: {value}", said) : t("Cell {cell}: {value}", said) };
    }), best);
  }

  choose(cell) {
    this.cells.choose(cell?.plane ?? -1);
  }
}

// A small demo beside the text: a pattern to move, and for what the net takes it at every place of the grid.
import { h } from "../../ui.js";
import { t } from "../../words.js";
import { judge, last } from "./answers.js";
import { Pad } from "./pad.js";
import { drawing, school } from "./school.js";
import { Shifts } from "./shifts.js";

export class Elsewhere {
  constructor(facts, state) {
    Object.assign(this, { facts, state });
    this.pad = new Pad({ label: t("Pad of 16 by 16 cells: move the pattern, or draw another"), tool: "hand", onchange: () => this.refresh() });
    this.shifts = new Shifts(({ down, right }) => this.pad.bend({ down: this.pad.amounts.down + down, right: this.pad.amounts.right + right }));
    this.verdict = h("p", { role: "status" });
    this.element = h("div", { class: "neo-small" }, this.pad.element, h("div", { class: "neo-small-map" }, this.verdict, this.shifts.element), this.pad.help);
  }

  async open(options) {
    Object.assign(this, await school(this.facts));
    this.set(options);
  }

  set(options) {
    this.pad.set(drawing(this.facts, options));
  }

  refresh() {
    if (!this.net) return;
    const { pixels } = this.pad, { best, cell } = judge(last(this.net, pixels), this.found);
    const names = best.map((each) => this.names[each]).join("/");
    this.verdict.textContent = names ? t("Here cell {cell} answers: the net takes it for {name}.", { cell, name: names }) : t("Here no cell answers.");
    this.shifts.ask(this.net, pixels, this.found, this.names);
    Object.assign(this.state, { best: best.map((each) => this.names[each]), pixels: [...pixels] });
  }
}

// The net of 1980 at work: patterns to choose, to draw and to move, and the way of each through the net.
import { fold } from "../../parts/fold.js";
import { h } from "../../ui.js";
import { t } from "../../words.js";
import { Bench } from "./bench.js";
import { pixelsOf } from "./facts.js";
import { drawing, school } from "./school.js";
import { thumb } from "./thumb.js";
import { Walk } from "./walk.js";

export class Stored {
  constructor(facts, state) {
    this.facts = facts;
    this.bench = new Bench({ label: t("Pad of 16 by 16 cells for the net of 1980"), state, path: true,
      hint: () => t("Draw a digit from 0 to 4, or choose one of the patterns.") });
    const { under, folds, shifts, pad, element } = this.bench;
    under.append(this.row("learned", t("as learned"), t("Patterns")));
    folds.prepend(fold({ label: t("Changed digits; other places"), onopen: () => this.bench.refresh(),
      content: h("div", { class: "neo-changed" }, this.samples(), shifts.element) }));
    this.walk = new Walk(pad, element);
    this.element = element;
  }

  async open(options) {
    const { net, names, found, patterns } = await school(this.facts);
    this.bench.use(net, names, found, patterns);
    this.set(options);
  }

  /** Options: `sample`, a pattern's number, `change`, a kind of change, and `walk`: it goes round the grid. */
  set({ sample, change, walk }) {
    this.walk.stop();
    this.bench.pad.set(drawing(this.facts, { sample, change }));
    if (walk) this.walk.start();
  }

  /** The changed patterns: a table of buttons. */
  samples() {
    const kinds = { shift: t("shifted"), size: t("resized"), shape: t("deformed"), noise: t("with noise") };
    return h("div", { class: "neo-samples", role: "group", "aria-label": t("Changed patterns") }, Object.entries(kinds).map(([kind, text]) => this.row(kind, text)));
  }

  row(kind, text, group) {
    const found = kind === "learned" ? this.facts.patterns : this.facts.variants.filter((variant) => variant.kind === kind);
    const buttons = found.map(({ name, image }) => {
      const pixels = pixelsOf(image), label = t("{name}, {kind}", { name, kind: text });
      return h("button", { type: "button", "aria-label": label, title: label, onclick: () => this.bench.pad.set(pixels) }, thumb(pixels));
    });
    return h("div", { class: `neo-row ${kind}`, role: group && "group", "aria-label": group }, group ? null : h("span", { class: "live-size" }, text), buttons);
  }
}

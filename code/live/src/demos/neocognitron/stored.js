// The net of 1980 as the chapter trains it: it learns its five patterns when the demo opens, by the same rules.
import { h } from "../../ui.js";
import { t } from "../../words.js";
import { survey } from "./answers.js";
import { Bench } from "./bench.js";
import { pixelsOf, untaught } from "./facts.js";
import { present } from "./learn.js";
import { asInput } from "./net.js";
import { shifted } from "./pixels.js";
import { thumb } from "./thumb.js";

const SLICE = 10; // presentations between two looks at the page

export class Stored {
  constructor(facts, state) {
    this.facts = facts;
    this.patterns = facts.patterns.map(({ image }) => pixelsOf(image));
    this.bench = new Bench({ label: t("Pad of 16 by 16 cells for the net of 1980"), state,
      hint: () => t("Draw a digit from 0 to 4, or choose one of the patterns.") });
    this.bench.intro.append(h("p", {}, t("Choose a pattern, draw your own, move it: every plane follows. Click on any cell to open it up.")));
    this.bench.under.append(this.samples());
    this.element = this.bench.element;
  }

  /** Teach the net, in slices, so that the page stays alive. */
  async open(sample) {
    const net = untaught(this.facts), { patterns } = this;
    for (const [index, [pattern, down, right]] of this.facts.schedule.entries()) {
      present(net, asInput(shifted(patterns[pattern], down, right)));
      if (index % SLICE === SLICE - 1) await new Promise((resolve) => setTimeout(resolve));
    }
    this.bench.use(net, this.facts.patterns.map(({ name }) => name), survey(net, patterns, this.facts.answering));
    this.bench.pad.set(patterns[sample] ?? patterns[0]);
  }

  /** The patterns as it learned them, and changed: a table of buttons. */
  samples() {
    const kinds = { learned: t("as learned"), shift: t("shifted"), size: t("resized"), shape: t("deformed"), noise: t("with noise") };
    const { patterns, variants } = this.facts;
    const rows = Object.entries(kinds).map(([kind, text]) => {
      const found = kind === "learned" ? patterns : variants.filter((variant) => variant.kind === kind);
      return h("div", { class: `neo-row ${kind}` }, h("span", { class: "live-size" }, text), found.map(({ name, image }) => {
        const pixels = pixelsOf(image), label = t("{name}, {kind}", { name, kind: text });
        return h("button", { type: "button", "aria-label": label, title: label, onclick: () => this.bench.pad.set(pixels) }, thumb(pixels));
      }));
    });
    return h("div", { class: "neo-samples", role: "group", "aria-label": t("Patterns") }, rows);
  }
}

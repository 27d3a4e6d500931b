// A net after that of 2003, which reads handwritten digits: every stage of its answer to what the reader draws.
import { Pad } from "../../parts/pad.js";
import { tries } from "../../parts/tries.js";
import { announcer, button, h } from "../../ui.js";
import { n, t } from "../../words.js";
import { image } from "../lenet/ink.js";
import { Cells } from "./cells.js";
import { Strip } from "./strip.js";

export const NET = "fukushima2003";
const FIRST = 4; // the digit to begin with
const STAGES = [["U0", "u0", "one", [1, 1]], ["UG", "contrast", "two", [2, 2]], ["US1", "s1", "s", [8, 8]], ["UC1", "c1", "c", [16, 8]],
  ["UC2", "c2", "c", [16, 8]], ["UC3", "c3", "c", [16, 8]]];

/** Whether the page's build has packed the network, and FACTS the digits to draw. */
export const isPublished = (facts, { networks }) => Boolean(facts.digits && networks.includes(NET));

export class Digits {
  constructor(facts, state, tools) {
    Object.assign(this, { facts: facts.digits, state, tools });
    this.heard = announcer();
    this.pad = new Pad({ label: t("Pad to draw a digit on"), onchange: () => this.refresh() });
    this.strips = STAGES.map(([name, output, kind, rank]) => {
      const strip = new Strip({ name, kind, rank, onpick: (cell) => (strip.choose(cell), this.tell(strip, cell, true)), onhover: (cell) => this.tell(strip, cell) });
      return Object.assign(strip, { output });
    });
    this.cells = new Cells({ name: "UC4", count: 10, columns: 10, onpick: (cell) => this.cells.choose(cell) });
    this.layout();
    this.refresh = tools.latest(() => this.answer());
  }

  layout() {
    const samples = this.facts.samples.map(({ digit, strokes }) => ({ text: digit, label: t("Sample {digit}", { digit }), ontry: () => this.draw(strokes) }));
    this.big = h("span", { class: "neo-big" });
    this.verdict = h("p", { class: "neo-verdict" });
    this.told = h("p", { class: "neo-told" });
    this.element = h("div", { class: "neo-bench" },
      h("div", { class: "neo-intro" }, h("p", {}, t("Draw a digit: a layer for contrast, sixteen kinds of edges, and cells that organised themselves answer to it, stage by stage."))),
      h("div", { class: "neo-side" }, h("div", { class: "neo-sheet" }, this.pad.element),
        h("div", { class: "live-tools" }, button(t("Undo"), this.pad.undo), button(t("Clear"), this.pad.clear)),
        tries({ label: t("Sample digits"), options: samples, columns: 10 }).element),
      h("div", { class: "neo-main" }, h("div", { class: "neo-read" }, this.big, this.verdict), this.strips.slice(0, 2).map(({ element }) => element)),
      h("div", { class: "neo-planes" }, this.strips.slice(2).map(({ element }) => element), this.cells.element, this.told, this.heard.element));
    new ResizeObserver(() => this.outputs && this.show()).observe(this.element);
  }

  async open(options) {
    this.net = await this.tools.network(NET);
    await this.set(options);
  }

  /** `sample` is the digit to read; one that nobody has asked for goes when the reader draws another. */
  async set({ sample }) {
    const chosen = this.facts.samples.find(({ digit }) => digit === sample);
    await this.draw((chosen ?? this.facts.samples[FIRST]).strokes, !chosen);
  }

  draw(strokes, lent) {
    this.pad.set(strokes.map((stroke) => stroke.map(([x, y]) => [x / 100, y / 100])), lent);
    return this.refresh();
  }

  async answer() {
    if (!this.net) return; // the reader cannot see it yet
    const { radius } = this.facts, digit = image(this.pad.strokes, { size: 28, white: 0, black: 1, radius });
    const { outputs } = await this.net.run({ image: digit });
    this.outputs = outputs;
    Object.assign(this.state, { image: digit, outputs });
    this.show();
  }

  show() {
    for (const strip of this.strips) {
      const maps = planesOf(this.outputs[strip.output]), most = maps.data.reduce((high, value) => Math.max(high, value), 0);
      strip.show(maps, Math.max(1e-6, most));
    }
    const { data } = this.outputs.c4, order = [...data.keys()].sort((one, other) => data[other] - data[one]), [first, second] = order;
    const empty = !this.pad.strokes.length, silent = !(data[first] > 0);
    const said = { first, second, value: n(data[first], 2), next: n(data[second], 2) };
    const text = empty ? t("Draw a digit, or choose a sample.") : silent ? t("No cell of the last layer answers.")
      : data[second] > 0 ? t("The net reads {first}: its cell answers with {value}. Next is {second} with {next}.", said)
      : t("The net reads {first}: its cell answers with {value}, and no other does.", said);
    this.cells.show({ data }, [..."0123456789"], empty || silent ? -1 : first, Math.max(1e-6, data[first]));
    this.big.textContent = empty ? "" : silent ? "?" : first;
    this.verdict.textContent = text;
    this.heard.say(text);
    this.state.verdict = empty || silent ? null : first;
  }

  tell(strip, cell, say = false) {
    const text = cell ? t("{name}, plane {plane}, row {row}, column {column}: {value}", { name: strip.name, ...cell, value: n(strip.value(cell), 3) }) : "";
    this.told.textContent = text;
    if (say) this.heard.say(text);
  }
}

/** An output {dims, data} of one image as planes. */
const planesOf = ({ dims, data }) => ({ planes: dims[1], side: dims[3], data });

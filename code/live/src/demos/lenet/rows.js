// A row of touching digits, read by displacing the network over it.
import { Pad } from "../../parts/pad.js";
import { Picker } from "../../parts/picker.js";
import { tries } from "../../parts/tries.js";
import { announcer, button, COLOURS, cover, draw, h, slider } from "../../ui.js";
import { n, t } from "../../words.js";
import { compose, fitRow, rowImage } from "./ink.js";
import { logProbabilities, read } from "./reading.js";
import { hands } from "./samples.js";

const HEIGHT = 32;
const RATIO = 3.6; // of the pad's width to its height
const LARGEST = 8; // CSS pixels a pixel of the row
const SAMPLES = ["1998", "40725", "31680"];

export class Rows {
  constructor(facts, tools) {
    Object.assign(this, { facts, tools, column: null, sample: null });
    this.pad = new Pad({ ratio: RATIO, label: t("Pad to draw a row of digits on"), onchange: () => this.drawn() });
    this.gap = slider({ label: t("Columns of paper between the digits"), min: -4, max: 8, step: 1, value: 0, unit: " px", oninput: () => this.choose(this.sample) });
    this.heard = announcer();
    this.layout();
    this.refresh = tools.latest(() => this.compute());
  }

  layout() {
    this.canvas = h("canvas", { role: "img", "aria-label": t("The image that the network gets") });
    this.found = h("div", { class: "lenet-found", "aria-hidden": "true" });
    this.window = h("div", { class: "live-window", hidden: true });
    this.chart = new Picker({ kind: "live-strip lenet-columns", label: t("Probabilities of the ten digits and of no digit. Arrow keys choose a column."),
      at: (x) => ({ column: this.within(Math.floor(x)) }), onpick: ({ column }) => this.pick(column), onpoint: (found) => found && this.pick(found.column),
      onkey: ({ right }) => right && this.pick(this.within((this.column ?? -1) + right), true) });
    this.verdict = h("p", { class: "lenet-verdict" });
    this.told = h("p", { class: "lenet-told" });
    this.gap.element.hidden = true;
    this.names = h("div", { class: "lenet-names", "aria-hidden": "true" }, [...Array(10).keys(), "×"].map((name) => h("span", {}, name)));
    this.fields = h("div", { class: "lenet-fields" }, this.found, h("div", { class: "lenet-input" }, this.canvas, this.window),
      h("div", { class: "lenet-field" }, this.names, this.chart.element));
    this.element = h("div", { class: "lenet-row" }, this.pad.element,
      h("div", { class: "live-tools lenet-tools" }, button(t("Undo"), this.pad.undo), button(t("Clear"), this.pad.clear),
        tries({ label: t("Samples"), options: SAMPLES.map((name) => ({ text: name, ontry: () => this.choose(name) })) }).element),
      this.gap.element, this.verdict, this.heard.element,
      this.fields, this.told);
  }

  use(name, net) {
    this.wanted = { name, net };
    return this.refresh();
  }

  drawn() {
    this.sample = null;
    this.gap.element.hidden = true;
    return this.refresh();
  }

  /** Set the digits of `name` side by side, on the pad too, where they can be drawn on; or until the reader draws, if `lent`. */
  set(name, lent) {
    this.sample = name;
    this.gap.element.hidden = false;
    const { strokes, width } = this.row(), left = (RATIO * HEIGHT - width) / 2;
    this.pad.set(strokes.map((stroke) => stroke.map(([x, y]) => [(x + left) / HEIGHT, y / HEIGHT])), lent);
  }

  choose(name) {
    this.set(name);
    return this.refresh();
  }

  /** Strokes in the row's pixels, and the row's width. */
  row() {
    if (!this.sample) return fitRow(this.pad.strokes, this.facts);
    const drawings = [...this.sample].map((digit, place) => {
      const known = hands(this.facts, Number(digit));
      return known[place % known.length];
    });
    return compose(drawings, { gap: Number(this.gap.input.value), radius: this.facts.radius });
  }

  async compute() {
    const { row } = this.facts, drawn = this.row(), strokes = this.pad.strokes, image = rowImage(drawn, this.facts);
    const { wanted } = this, { outputs, milliseconds } = await wanted.net.run({ image });
    if (wanted !== this.wanted) return; // another was asked for, and is next
    this.logs = logProbabilities(outputs.distances, row);
    this.digits = drawn.strokes.length ? read(this.logs, row.spacing) : [];
    const text = this.digits.map(({ digit }) => digit).join("");
    Object.assign(this.tools.state, { mode: "row", net: wanted.name, strokes, image, outputs, milliseconds, verdict: text, columns: this.digits });
    this.show(image, text);
  }

  show({ data: pixels, dims }, text) {
    const { white, black } = this.facts, width = dims[3];
    const ink = pixels.map((value) => (value - white) / (black - white));
    this.units = draw(this.canvas, [{ height: HEIGHT, width, data: ink }], { colour: COLOURS.ink });
    const columns = this.logs.length, { stride, field } = this.facts.row;
    const left = (column) => `${(100 * (stride * column + field / 2)) / width}%`;
    this.found.replaceChildren(...this.digits.map(({ column, digit }) => h("span", { style: `left:${left(column)}` }, digit)));
    const data = Float32Array.from({ length: 11 * columns }, (_, i) => Math.exp(this.logs[i % columns][Math.floor(i / columns)]));
    this.chart.units = draw(this.chart.canvas, [{ height: 11, width: columns, data }], { colour: COLOURS.ink });
    const from = `${(50 * (field - stride)) / width}%`;
    this.chart.element.style.cssText = `margin-left:${from};width:${(100 * stride * columns) / width}%`;
    this.names.style.left = `calc(${from} - 1rem)`;
    this.fields.style.maxWidth = `${LARGEST * width}px`;
    this.say(text);
    this.pick(this.column === null ? null : Math.min(this.column, columns - 1));
  }

  say(text) {
    const empty = !this.sample && !this.pad.strokes.length;
    const said = empty ? t("Draw some digits side by side, touching if you like, or choose a sample.")
      : text ? t("The network reads {text}. Nobody told it where one digit ends.", { text }) : t("The network finds no digit.");
    this.verdict.textContent = said;
    this.heard.say(said);
  }

  /** The column that lies nearest. */
  within(column) {
    return Math.min(this.logs.length - 1, Math.max(0, column));
  }

  /** Show what one column sees and says. */
  pick(column, say = false) {
    this.column = column;
    this.window.hidden = column === null;
    this.chart.look(column === null ? null : { top: 0, left: column, height: 11, width: 1 });
    if (column === null) return this.told.replaceChildren(t("Point at a column to see the window that it reads."));
    const { stride, field } = this.facts.row, chances = this.logs[column].map(Math.exp);
    cover(this.window, { top: 0, left: stride * column, height: HEIGHT, width: field }, this.units);
    const [first, second] = [...chances.keys()].sort((a, b) => chances[b] - chances[a]);
    const name = (index) => (index === 10 ? t("no digit") : String(index));
    const said = { column: column + 1, first: name(first), p1: n(chances[first], 2), second: name(second), p2: n(chances[second], 2) };
    const text = chances[second] < 0.005 ? t("Column {column}: {first}, with probability {p1}.", said)
      : t("Column {column}: {first} with probability {p1}, {second} with {p2}.", said);
    this.told.textContent = text;
    if (say) this.heard.say(text);
  }
}

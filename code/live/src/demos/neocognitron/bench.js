// A net on the bench: a pad, the ways to change a drawing, the planes of the net, and any of its cells opened up.
import { fold } from "../../parts/fold.js";
import { announcer, cover, h, slider } from "../../ui.js";
import { n, t } from "../../words.js";
import { judge } from "./answers.js";
import { Cells } from "./cells.js";
import { explainC, explainS, field } from "./explain.js";
import { inspect } from "./inspector.js";
import { asInput, respond } from "./net.js";
import { Pad } from "./pad.js";
import { Path, mostAnswering, ways } from "./path.js";
import { SIDE, inked } from "./pixels.js";
import { Shifts } from "./shifts.js";
import { Strip } from "./strip.js";
import { thumb } from "./thumb.js";

const STEPS = ["US1", "UC1", "US2", "UC2", "US3", "UC3"];

export class Bench {
  /**
   * `state` is what tests read; `hint()` the text for an empty pad; `onpixels` hears of every change of the pad. With `path`
   * the planes in sight are those on the way of the drawing, and all others in a fold.
   */
  constructor({ label, state, hint, onpixels = () => {}, path = false }) {
    Object.assign(this, { state, hint, onpixels });
    this.heard = announcer();
    this.pad = new Pad({ label, onchange: () => this.refresh(), onbend: (amounts) => this.follow(amounts) });
    this.seen = h("div", { class: "live-window", hidden: true });
    this.pad.over.append(this.seen);
    this.strips = STEPS.slice(0, -1).map((name, step) =>
      new Strip({ name, kind: step % 2 ? "c" : "s", rank: step === 4 ? [24, 12] : [12, 8], onpick: (cell) => this.pick(step, cell), onhover: (cell) => this.hover(step, cell) }));
    this.cells = new Cells({ name: "UC3", count: 24, columns: 12, narrow: path ? 12 : 8, onpick: (cell) => this.pick(5, cell) });
    this.path = path && new Path({ names: STEPS.slice(0, -2), onpick: (step, cell) => this.pick(step, cell), onhover: (step, cell) => this.hover(step, cell) });
    this.layout();
    this.hover(0, null);
    new ResizeObserver(() => this.widen()).observe(this.element);
  }

  layout() {
    const make = (key, label, min, max, unit, step = 1) =>
      slider({ label, min, max, step, value: key === "size" ? 100 : 0, unit, oninput: (value) => this.pad.bend({ [key]: value }) });
    this.sliders = {
      right: make("right", t("Shift right"), -8, 8, ""),
      down: make("down", t("Shift down"), -8, 8, ""),
      size: make("size", t("Size"), 50, 160, " %", 5),
      degrees: make("degrees", t("Turn"), -45, 45, "°", 3),
      noise: make("noise", t("Noise"), 0, 20, " %"),
    };
    this.big = h("span", { class: "neo-big" });
    this.verdict = h("p", { class: "neo-verdict" });
    this.told = h("p", { class: "neo-told" });
    this.inspector = h("div", { class: "live-inspector neo-inspector" });
    this.under = h("div", { class: "neo-under" });
    this.above = h("div", { class: "neo-above" });
    this.shifts = new Shifts(({ down, right }) => this.move(down, right));
    this.intro = h("div", { class: "neo-intro" });
    const bends = fold({ label: t("Shift, size, turn, noise; keys"),
      content: [h("div", { class: "neo-bends" }, Object.values(this.sliders).map(({ element }) => element)), this.pad.help] });
    const read = h("div", { class: "neo-read" }, this.big, this.verdict), { path, strips, cells, told, inspector } = this;
    const all = [...strips.map(({ element }) => element), path ? null : cells.element, told, inspector];
    this.all = path ? fold({ label: t("All planes; any cell opened up"), content: all, onopen: () => this.display(this.state.pixels, this.state.marks) })
      : h("div", {}, all);
    this.folds = h("div", { class: "neo-folds" }, bends, path ? this.all : null);
    this.element = h("div", { class: `neo-bench${path ? " neo-compact" : ""}` }, this.intro,
      h("div", { class: "neo-side" }, this.pad.element, this.under),
      h("div", { class: "neo-main" }, this.above, read, path ? [path.element, cells.element] : this.shifts.element),
      this.folds, path ? null : h("div", { class: "neo-planes" }, this.all), this.heard.element);
  }

  /** Whether all planes are to be seen. */
  get wide() {
    return !this.path || this.all.open;
  }

  /** Move the drawing from where it is. */
  move(down, right) {
    const { amounts } = this.pad;
    this.pad.bend({ down: amounts.down + down, right: amounts.right + right });
    this.follow(this.pad.amounts);
  }

  /** Begin with a net: `names` (and `pictures`) of its patterns, and what answers.js found out about its cells. */
  use(net, names = [], found = null, pictures = []) {
    Object.assign(this, { net, names, found, pictures });
    this.learned = learnedPlanes(net);
    this.ways = this.path && ways(net, pictures.map(asInput), this.learned);
    this.nothing = { least: 0, owners: this.learned[2].map(() => []) };
    this.refresh();
  }

  follow(amounts) {
    for (const [key, { set, input }] of Object.entries(this.sliders)) if (Number(input.value) !== amounts[key]) set(amounts[key]);
  }

  /** The pad has changed: the net answers. */
  refresh() {
    this.onpixels(this.pad);
    if (!this.net) return;
    this.display(this.pad.pixels);
    this.judge();
    const folded = this.shifts.element.closest("details");
    if (!folded || folded.open) this.shifts.ask(this.net, this.pad.pixels, this.found, this.names);
  }

  /**
   * Let the net answer to `pixels`, and show every plane. `marks` are a presentation's representatives, layer by layer;
   * while there are some, no cell is opened up.
   */
  display(pixels, marks = null) {
    this.image = asInput(pixels);
    this.answers = respond(this.net, this.image);
    this.planes = this.answers.flatMap(({ s, c }) => [s, c]);
    const limits = this.planes.map(({ data }, step) => Math.max(step % 2 ? 0.3 : 1, data.reduce((high, value) => Math.max(high, value), 0)));
    this.judged = judge(this.planes[5].data, this.found ?? this.nothing);
    this.cells.show(this.planes[5], this.cellNames(), this.found && this.judged.cell);
    if (this.path) this.path.show(this.planes, this.way(), limits);
    this.seen.hidden = true;
    if (this.wide) this.displayAll(pixels, marks, limits);
    Object.assign(this.state, { pixels: [...pixels], planes: this.planes, marks });
  }

  /** The planes to show: those of the pattern that the drawing is taken for, else those that answer to it. */
  way() {
    return this.ways[this.judged.best[0]] ?? mostAnswering(this.answers, this.learned);
  }

  displayAll(pixels, marks, limits) {
    this.strips.forEach((strip, step) => {
      strip.show(this.planes[step], limits[step]);
      strip.dim(this.learned[step >> 1]);
      strip.mark(marks && step % 2 === 0 ? marks[step >> 1] : []);
    });
    if (!this.picked) this.choose();
    const nothing = !this.picked && !inked(pixels);
    marks || nothing ? this.close() : this.inspect();
    if (nothing) this.inspector.replaceChildren(h("p", {}, t("Click on any cell, or go there with the keyboard, to see what it adds up.")));
  }

  cellNames() {
    return (this.found ?? this.nothing).owners.map((owners) => owners.map((each) => this.names[each]).join("/"));
  }

  judge() {
    const { best, cell, value, second, secondValue } = this.judged;
    const said = { name: this.names[best[0]], names: best.map((each) => this.names[each]).join(", "), cell, value: n(value, 2),
      other: this.names[second], second: n(secondValue, 2) };
    const empty = !inked(this.image.data);
    const text = empty ? this.hint()
      : !this.found ? this.hint(true)
      : best.length > 1 ? t("Cell {cell} answers with {value}, but {names} share it: the net cannot tell them apart.", said)
      : best.length && second === null ? t("The net takes it for {name}: cell {cell} answers with {value}, and no cell of another pattern does.", said)
      : best.length ? t("The net takes it for {name}: cell {cell} answers with {value}. Next is {other} with {second}.", said)
      : cell !== null ? t("Cell {cell} answers, which stands for none of the patterns.", said)
      : t("No cell of the last layer answers: to the net this is none of what it knows.");
    this.big.replaceChildren(...(empty || !this.found ? [] : best.length ? best.map((each) => this.sign(each)) : ["?"]));
    this.verdict.textContent = text;
    this.heard.say(text);
    Object.assign(this.state, { best: best.map((each) => this.names[each]), cell, value, verdict: text });
  }

  /** A pattern as the answer: its picture where there is one, else its name. */
  sign(pattern) {
    return this.pictures[pattern] ? thumb(this.pictures[pattern]) : h("span", {}, this.names[pattern]);
  }

  /** A cell to begin with: the one of US2 that answers most, else one in the middle. */
  choose() {
    const { side, data } = this.planes[2], learned = this.learned[1], first = Math.max(0, learned.indexOf(true));
    const known = data.map((value, i) => (learned[Math.floor(i / side ** 2)] ? value : 0)); // the others answer faintly to all
    const most = known.indexOf(Math.max(...known));
    const place = known[most] > 0 ? most : first * side * side + Math.floor((side * side + side) / 2);
    this.first = { step: 2, cell: { plane: Math.floor(place / side ** 2), row: Math.floor(place / side) % side, column: place % side } };
  }

  pick(step, cell) {
    this.picked = { step, cell };
    if (!this.wide) {
      this.all.open = true;
      this.display(this.state.pixels, this.state.marks);
    }
    this.inspect(true);
  }

  hover(step, cell) {
    if (!cell || !this.planes) return (this.told.textContent = t("Hatched: planes that have learned nothing. Orange: the chosen cell and what it sees."));
    const said = { name: STEPS[step], ...cell, value: n(this.output(step, cell), 3) };
    this.told.textContent = t("{name}, plane {plane}, row {row}, column {column}: {value}. Click to open it up.", said);
  }

  inspect(say = false) {
    const { step, cell } = this.picked ?? this.first, index = step >> 1, layer = this.net.layers[index], here = this.answers[index];
    const source = index ? this.answers[index - 1].c : this.image;
    const found = step % 2 ? explainC(layer, this.net.alpha, here.s, here.vs, cell) : explainS(layer, this.net.weights[index], source, here.v, cell);
    const area = field(this.net.layers, step, cell, SIDE);
    this.strips.forEach((strip, place) => {
      strip.choose(place === step ? cell : null);
      const planes = step % 2 ? [cell.plane] : found.sources.filter(({ part }) => part > 5e-4).map(({ plane }) => plane);
      strip.outline(place === step - 1 ? planes.map((plane) => within(found.seen, plane, strip.maps.width)) : []);
    });
    this.cells.choose(step === 5 ? cell : null);
    this.seen.hidden = false;
    cover(this.seen, area, { across: SIDE, down: SIDE });
    const learned = this.learned[index][cell.plane], before = step ? STEPS[step - 1] : "U0";
    this.inspector.replaceChildren(...inspect({ name: STEPS[step], before, cell, found, area, side: SIDE, learned }));
    this.state.unit = { layer: STEPS[step], ...cell, value: found.value, stored: this.output(step, cell), area };
    if (say) this.heard.say(this.inspector.firstChild.textContent);
  }

  output(step, { plane, row, column }) {
    const { side, data } = this.planes[step];
    return data[(plane * side + row) * side + column];
  }

  close() {
    for (const strip of this.strips) {
      strip.choose(null);
      strip.outline([]);
    }
    this.seen.hidden = true;
  }

  /** What is said beside the planes while the net learns. */
  caption(text, pattern) {
    this.verdict.textContent = text;
    this.big.replaceChildren(this.sign(pattern));
    this.shifts.element.hidden = true;
  }

  /** The page has become wider or narrower: strips may need other columns. */
  widen() {
    const width = this.element.clientWidth;
    if (!width || width === this.width || !this.answers) return;
    this.width = width;
    this.display(this.state.pixels, this.state.marks);
  }
}

/** For each layer, which planes have ever had a representative. */
export const learnedPlanes = ({ weights }) => weights.map(({ b }) => [...b].map((value) => value > 0));

/** The part of a window that lies on its source. */
function within({ top, left, size }, plane, side) {
  const row = Math.max(0, top), column = Math.max(0, left);
  return { plane, row, column, height: Math.min(side, top + size) - row, width: Math.min(side, left + size) - column };
}

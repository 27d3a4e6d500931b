// One digit: the drawing, what is done to it, every layer's answer, and what any unit adds up.
import { announcer, cover, draw, h } from "../../ui.js";
import { n, t } from "../../words.js";
import { asMaps, explain, field } from "./explain.js";
import { fit, fittedImage } from "./ink.js";
import { inspect } from "./inspector.js";
import { Pad } from "./pad.js";
import { argmax } from "./reading.js";
import { Ribbon } from "./ribbon.js";
import { sampleButtons } from "./samples.js";
import { Stage } from "./stage.js";

const SIZES = { lenet1: 28 }; // of the input; 32 for the others
const BATCH = 60; // images a run; the graph takes up to 64
const FIRST = { layer: 2, unit: { map: 3, row: 4, column: 4 } };

export class Single {
  constructor(facts, tools) {
    Object.assign(this, { facts, tools });
    this.seed = 1;
    this.pad = new Pad({ label: t("Pad to draw a digit on"), onchange: () => this.refresh() });
    this.ribbons = this.makeRibbons();
    this.heard = announcer();
    this.layout();
    this.answer = tools.latest(() => this.compute());
    this.sweep = tools.latest(() => this.computeRibbons());
  }

  makeRibbons() {
    const oninput = () => this.refresh();
    const make = (label, min, max, value, more) => new Ribbon({ label, min, max, value, oninput, ...more });
    return {
      shiftX: make(t("Shift right"), -8, 8, 0, { digits: 1, unit: " px" }),
      shiftY: make(t("Shift down"), -8, 8, 0, { digits: 1, unit: " px" }),
      degrees: make(t("Turn"), -80, 80, 0, { unit: "°" }),
      radius: make(t("Pen"), 0.2, 5, this.facts.radius, { digits: 1, unit: " px" }),
      noise: make(t("Noise"), 0, 1.6, 0, { digits: 2 }),
    };
  }

  layout() {
    this.digit = h("span", { class: "lenet-digit" });
    this.verdict = h("p", { class: "lenet-verdict" });
    this.input = h("canvas", { role: "img", "aria-label": t("The image that the network gets") });
    this.seen = h("div", { class: "lenet-window", hidden: true });
    this.stages = h("div", { class: "lenet-stages" });
    this.classes = h("div", { class: "lenet-classes", role: "group", "aria-label": t("Classes") });
    this.inspector = h("div", { class: "lenet-inspector" });
    const button = (text, onclick) => h("button", { type: "button", onclick }, text);
    const draw = h("div", { class: "lenet-draw" }, this.pad.element,
      h("div", { class: "lenet-tools" }, button(t("Undo"), this.pad.undo), button(t("Clear"), this.pad.clear)),
      sampleButtons(this.facts, (strokes) => this.draw(strokes)));
    const read = h("div", { class: "lenet-read" }, h("div", { class: "lenet-input" }, this.input, this.seen), this.digit,
      this.verdict, this.heard.element);
    const bends = h("div", { class: "lenet-bends" }, Object.values(this.ribbons).map(({ element }) => element),
      h("p", { class: "lenet-key" }, t("Below each slider: what the network reads along it.")),
      button(t("Reset sliders"), () => this.reset()));
    const layers = h("div", { class: "lenet-layers" }, this.stages, this.classes);
    this.element = h("div", { class: "lenet-single" },
      h("div", { class: "lenet-side" }, draw, bends), h("div", { class: "lenet-main" }, read, layers), this.inspector);
  }

  /** Begin with a network: its stages are laid out anew. */
  use(name, net) {
    Object.assign(this, { name, net, layers: this.facts.layers[name], size: SIZES[name] ?? 32 });
    this.views = this.layers.slice(0, -1).map((layer, index) => new Stage(layer, (unit) => this.pick(index, unit)));
    this.stages.replaceChildren(...this.views.map(({ element }) => element));
    if (this.isRbf) this.views.at(-1).element.append(h("p", { class: "lenet-key" }, t("This picture is compared with the ten drawings below. The smallest distance wins.")));
    this.cards = [...Array(10).keys()].map((digit) => this.card(digit));
    this.classes.replaceChildren(...this.cards.map(({ element }) => element));
    this.picked = FIRST;
    return this.refresh();
  }

  card(digit) {
    const canvas = h("canvas", { "aria-hidden": "true" }), bar = h("span", { class: "lenet-bar" });
    const value = h("span", { class: "lenet-value" });
    if (this.isRbf) draw(canvas, [{ height: 12, width: 7, data: this.facts.bitmaps[digit].flat() }]);
    const element = h("button", { type: "button", onclick: () => this.pick(this.layers.length - 1, { map: digit, row: 0, column: 0 }) },
      this.isRbf ? canvas : null, h("span", { class: "lenet-class" }, digit), h("span", { class: "lenet-scale" }, bar),
      h("span", { class: "live-unseen" }, this.isRbf ? t("distance") : t("score")), value);
    return { element, bar, value };
  }

  get isRbf() {
    return this.layers.at(-1).kind === "rbf";
  }

  draw(strokes) {
    this.reset(false);
    this.pad.set(strokes);
    return this.refresh();
  }

  reset(again = true) {
    for (const ribbon of Object.values(this.ribbons)) ribbon.reset();
    if (again) this.refresh();
  }

  refresh() {
    const done = this.answer();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sweep(), 150);
    return done;
  }

  /** The network's input for fitted strokes, bent by `amounts`. */
  image(strokes, { radius, noise, ...bent }) {
    const { size, facts } = this, { white, black } = facts;
    const input = fittedImage(strokes, { ...bent, ...facts, size, drawnRadius: radius });
    if (!noise) return input;
    const grain = this.grain(size * size);
    return { ...input, data: input.data.map((value, index) => value + noise * (black - white) * grain[index]) };
  }

  /** Standard normal numbers, the same every time, so that the picture does not flicker. */
  grain(count) {
    if (this.grains?.length !== count) this.grains = normal(count, this.seed);
    return this.grains;
  }

  get amounts() {
    return Object.fromEntries(Object.entries(this.ribbons).map(([name, { value }]) => [name, value]));
  }

  async compute() {
    const strokes = fit(this.pad.strokes, this.facts);
    const image = this.image(strokes, this.amounts);
    const { name } = this, { outputs, milliseconds } = await this.net.run({ image });
    if (name !== this.name) return;
    Object.assign(this.tools.state, { mode: "single", net: name, strokes: this.pad.strokes, amounts: this.amounts, image, outputs, milliseconds });
    Object.assign(this, { imageMaps: asMaps(image), outputs });
    this.show();
  }

  show() {
    const { white, black } = this.facts, middle = (black + white) / 2;
    const shown = this.imageMaps.data.map((value) => (value - middle) / (black - middle));
    this.inputUnits = draw(this.input, [{ height: this.size, width: this.size, data: shown }]);
    this.views.forEach((view) => view.show(this.outputs[view.layer.name]));
    this.showClasses();
    this.inspect();
  }

  showClasses() {
    const layer = this.layers.at(-1), values = [...this.outputs[layer.name].data];
    const scores = this.isRbf ? values.map((distance) => -distance) : values;
    const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
    const [lowest, highest] = [Math.min(...scores), Math.max(...scores)];
    this.cards.forEach(({ element, bar, value }, digit) => {
      element.className = digit === order[0] && this.pad.strokes.length ? "best" : "";
      bar.style.height = `${100 * (highest > lowest ? (scores[digit] - lowest) / (highest - lowest) : 0)}%`;
      value.textContent = n(values[digit], Math.abs(values[digit]) < 9.95 ? 1 : 0);
    });
    this.say(order, values);
  }

  say([first, second], values) {
    const empty = !this.pad.strokes.length, far = this.isRbf && values[first] > this.facts.row.rubbish_penalty;
    this.read = empty ? null : first;
    this.tools.state.verdict = this.read;
    this.digit.textContent = empty ? "" : first;
    this.digit.classList.toggle("far", far);
    const said = { first, second, d1: n(values[first], 1), d2: n(values[second], 1), j: this.facts.row.rubbish_penalty };
    const text = empty ? t("Draw a digit, or choose a sample.")
      : far ? t("Nearest is the {first}, but at distance {d1} it is farther than j = {j}: by the loss it was trained with, this is no digit.", said)
      : this.isRbf ? t("The network reads {first}: distance {d1}. Next is {second} with {d2}.", said)
      : t("The network reads {first}: score {d1}. Next is {second} with {d2}.", said);
    this.verdict.textContent = text;
    this.heard.say(text);
  }

  /** Choose a unit of a layer and explain it. */
  pick(layer, unit) {
    this.picked = { layer, unit };
    this.inspect(true);
  }

  inspect(say = false) {
    const { layer: index, unit } = this.picked, layer = this.layers[index];
    const output = this.outputs[layer.name], maps = asMaps(output);
    const previous = index ? this.views[index - 1] : null;
    const before = previous ? previous.maps : this.imageMaps;
    const found = explain({ layer, before, tensors: this.net.tensors, bitmaps: this.facts.bitmaps }, unit);
    const area = field(this.layers, index, unit, this.imageMaps);
    this.views.forEach((view, place) => {
      view.choose(place === index ? unit : null);
      view.outline(place === index - 1 && layer.kind !== "full" && layer.kind !== "rbf" ? found.sources.map((s) => ({ ...s, row: s.top, column: s.left })) : []);
    });
    this.cards.forEach(({ element }, digit) => element.setAttribute("aria-pressed", index === this.layers.length - 1 && digit === unit.map));
    this.seen.hidden = false;
    cover(this.seen, area, this.inputUnits);
    const rectified = previous && (previous.layer.squash === "relu" || previous.layer.kind === "maximum");
    const limit = rectified ? Math.max(1e-6, ...before.data) : previous ? 1.7159 : this.facts.black;
    const told = { ...before, name: previous ? previous.layer.name : "input", rectified };
    this.inspector.replaceChildren(...inspect({ layer, before: told, unit, found, field: area, image: this.imageMaps, limit }));
    this.tools.state.unit = { layer: layer.name, ...unit, value: found.value, stored: maps.data[(unit.map * maps.height + unit.row) * maps.width + unit.column], area };
    if (say) this.heard.say(`${this.inspector.firstChild.textContent}: ${n(found.value, 2)}`);
  }

  /** What the network would read all along every slider. */
  async computeRibbons() {
    const ribbons = Object.entries(this.ribbons);
    if (!this.pad.strokes.length) return ribbons.forEach(([, ribbon]) => ribbon.clear());
    const strokes = fit(this.pad.strokes, this.facts), { amounts, name, net } = this;
    const images = ribbons.flatMap(([key, ribbon]) => ribbon.places.map((place) => this.image(strokes, { ...amounts, [key]: place })));
    const read = await this.classify(net, images);
    if (name !== this.name) return;
    ribbons.forEach(([, ribbon], index) => ribbon.show(read.splice(0, ribbon.places.length), this.read));
    this.tools.state.ribbons = Object.fromEntries(ribbons.map(([key, { cells }]) => [key, cells.map((cell) => Number(cell.textContent))]));
  }

  async classify(net, images) {
    const found = [], pixels = this.size ** 2;
    for (let start = 0; start < images.length; start += BATCH) {
      const batch = images.slice(start, start + BATCH), data = new Float32Array(batch.length * pixels);
      batch.forEach((image, index) => data.set(image.data, index * pixels));
      const { outputs } = await net.run({ image: { dims: [batch.length, 1, this.size, this.size], data } });
      const { data: values } = outputs[this.layers.at(-1).name], sign = this.isRbf ? -1 : 1;
      batch.forEach((_, index) => found.push(argmax([...values.subarray(10 * index, 10 * index + 10)].map((v) => sign * v))));
    }
    return found;
  }
}

/** Box and Muller's method over a small generator (mulberry32). */
function normal(count, seed) {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return Float64Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()));
}

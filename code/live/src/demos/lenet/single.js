// One digit: the drawing, what is done to it, every layer's answer, and what any unit adds up.
import { Classes } from "../../parts/classes.js";
import { fold } from "../../parts/fold.js";
import { Pad } from "../../parts/pad.js";
import { tryThis } from "../../parts/tries.js";
import { announcer, button, cover, draw, h } from "../../ui.js";
import { n, t } from "../../words.js";
import { asMaps, explain, field } from "./explain.js";
import { fit, fittedImage } from "./ink.js";
import { inspect } from "./inspector.js";
import { Evidence, ownPicture } from "./own.js";
import { photoImage } from "./paper.js";
import { argmax } from "./reading.js";
import { PLACES, Ribbon } from "./ribbon.js";
import { hands, sampleButtons } from "./samples.js";
import { Stage } from "./stage.js";

const SIZES = { lenet1: 28, mlp: 28, "mlp-plain": 28 }; // of the input; 32 for the others
const RIVALS = { lenet5: "mlp", "lenet5-plain": "mlp-plain", "lenet5-row": "mlp", lenet1: "mlp-plain", modern: "mlp",
  "modern-plain": "mlp-plain", mlp: "lenet5", "mlp-plain": "lenet5-plain" };
const BATCH = 60; // images a run; the graph takes up to 64
const PAUSE = 150; // milliseconds after an answer before the ribbons follow
const FIRST = { map: 3, row: 4, column: 4 }; // of the third layer, or of a layer of single units
const LETTER = [[[0.2, 0.1], [0.2, 0.9]], [[0.8, 0.1], [0.8, 0.9]], [[0.2, 0.5], [0.8, 0.5]]]; // an H

export class Single {
  /**
   * `names` are the networks by name, `nets` the element that chooses one. With `small` there is a pad, a slider and the
   * ribbons of `rivals`, and nothing else.
   */
  constructor(facts, tools, { names, nets, small = false, rivals = null }) {
    Object.assign(this, { facts, tools, names, nets, small, rivals });
    this.seed = 1;
    this.photo = null; // the digit in the reader's own picture, while it is in the pad's place
    this.pad = new Pad({ label: t("Pad to draw a digit on"), onchange: () => this.take(null) });
    this.ribbons = this.makeRibbons();
    this.heard = announcer();
    this.layout();
    this.answer = tools.latest(() => this.compute());
    this.sweep = tools.latest(() => this.computeRibbons());
    this.weigh = tools.latest(() => this.computeEvidence());
  }

  makeRibbons() {
    const oninput = () => this.refresh();
    const make = (label, min, max, value, more) => new Ribbon({ label, min, max, value, oninput, ...more });
    const shiftX = make(t("Shift right"), -8, 8, 0, { digits: 1, unit: " px" });
    return this.small ? { shiftX } : {
      shiftX,
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
    this.seen = h("div", { class: "live-window", hidden: true });
    this.stages = h("div", { class: "lenet-stages" });
    this.place = h("div", {});
    this.tries = this.makeTries();
    this.inspector = h("div", { class: "live-inspector lenet-inspector" });
    const choose = h("div", { class: "lenet-choose" },
      h("div", { class: "live-tools" }, button(t("Undo"), this.pad.undo), button(t("Clear"), this.pad.clear)),
      sampleButtons(this.facts, (strokes) => this.draw(strokes)));
    const read = h("div", { class: "lenet-read" }, h("div", { class: "lenet-input" }, this.input, this.seen), this.digit,
      this.verdict, this.heard.element);
    const { shiftX, ...others } = this.ribbons;
    const along = h("div", { class: "lenet-along" }, shiftX.element,
      h("p", { class: "live-key" }, t("What each network would read, wherever along the slider the digit stood.")));
    this.evidence = new Evidence(() => this.weigh());
    if (this.small) {
      this.element = h("div", { class: "lenet-single" }, h("div", { class: "lenet-side" }, this.pad.element, choose),
        h("div", { class: "lenet-main" }, read, along));
      return;
    }
    const bends = [this.nets, ...Object.values(others).map(({ element }) => element), button(t("Reset sliders"), () => this.reset())];
    this.unit = fold({ label: t("One unit: what it sees and adds up"), content: this.inspector });
    const own = ownPicture(this.facts, (digit) => hands(this.facts, digit)[0], (photo) => (this.pad.set([]), this.take(photo)));
    this.more = fold({ label: t("More to do with this digit"), content: h("div", { class: "lenet-more" },
      fold({ label: t("Other networks and sliders"), content: h("div", { class: "lenet-bends" }, bends) }), this.unit, own, this.evidence.element) });
    this.element = h("div", { class: "lenet-single lenet-whole" }, h("div", { class: "lenet-side" }, this.pad.element, choose, along),
      h("div", { class: "lenet-main" }, read, h("div", { class: "lenet-layers" }, this.stages, this.place)), this.more);
  }

  /** Three things worth seeing. */
  makeTries() {
    return tryThis((values) => this.set(values), {
      [t("Move a 6")]: { sample: 6, shiftX: 5 },
      [t("Turn a 2")]: { sample: 2, degrees: -40 },
      [t("Draw an H")]: { sample: "H" },
    });
  }

  /** Put a sample on the pad, perhaps `lent`, and the sliders where `amounts` say; with a new sample the others go back. */
  set({ sample, ...amounts }, lent) {
    if (sample !== undefined) this.reset(false);
    for (const [name, ribbon] of Object.entries(this.ribbons)) if (name in amounts) ribbon.set(amounts[name]);
    if (sample !== undefined) this.pad.set(sample === "H" ? LETTER : hands(this.facts, sample)[0], lent);
    return this.wanted && this.take(null); // before a network is there, nothing answers
  }

  /** Go on with a network, once it has answered; until then all that is seen is the one before's. */
  use(name, net) {
    this.wanted = { name, net, layers: this.facts.layers[name], size: SIZES[name] ?? 32 };
    return this.refresh();
  }

  /** Lay out the stages of the network that is `wanted`. */
  layOut(wanted) {
    const third = Math.min(2, wanted.layers.length - 2);
    Object.assign(this, { shown: wanted, ...wanted, picked: { layer: third, unit: third < 2 ? { ...FIRST, row: 0, column: 0 } : FIRST } });
    this.views = this.layers.slice(0, -1).map((layer, index) => new Stage(layer, (unit) => this.pick(index, unit)));
    this.stages.replaceChildren(...this.views.map(({ element }) => element));
    const { bitmaps } = this.facts, rbf = this.isRbf, last = this.layers.length - 1;
    if (rbf) this.views.at(-1).element.append(h("p", { class: "live-key" }, t("This picture is compared with the ten drawings below. The smallest distance wins.")));
    this.classes = new Classes({ label: t("Classes"), names: [...Array(10).keys()], pictures: (digit) => (rbf ? drawing(bitmaps[digit]) : null),
      unit: rbf ? t("distance") : t("score"), onpick: (digit) => this.pick(last, { map: digit, row: 0, column: 0 }) });
    this.place.replaceChildren(this.classes.element);
  }

  get isRbf() {
    return this.layers.at(-1).kind === "rbf";
  }

  draw(strokes) {
    this.reset(false);
    this.pad.set(strokes);
    return this.take(null);
  }

  /** Read a photograph's digit from now on, or with null what is on the pad. */
  take(photo) {
    this.photo = photo;
    if (this.ribbons.radius) this.ribbons.radius.slider.input.disabled = photo !== null; // its strokes are as wide as they are
    return this.refresh();
  }

  /** What is read: a photograph's digit, or the pad's, fitted into the field. */
  get subject() {
    return this.photo ?? fit(this.pad.strokes, this.facts);
  }

  get empty() {
    return !this.photo && !this.pad.strokes.length;
  }

  reset(again = true) {
    for (const ribbon of Object.values(this.ribbons)) ribbon.reset();
    if (again) this.refresh();
  }

  refresh() {
    return this.answer();
  }

  /** The network's input of `size` pixels for a `subject`, bent by `amounts`. */
  image(subject, size, { radius = this.facts.radius, noise = 0, ...bent }) {
    const { facts } = this, { white, black } = facts;
    const input = (subject.data ? photoImage : fittedImage)(subject, { ...bent, ...facts, size, drawnRadius: radius });
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
    const { wanted, amounts } = this, strokes = this.pad.strokes, image = this.image(this.subject, wanted.size, amounts);
    const { outputs, milliseconds } = await wanted.net.run({ image });
    if (wanted !== this.wanted) return; // another was asked for, and is next
    if (wanted !== this.shown) this.layOut(wanted);
    Object.assign(this.tools.state, { mode: "single", net: wanted.name, strokes, amounts, image, outputs, milliseconds });
    Object.assign(this, { given: image, imageMaps: asMaps(image), outputs });
    this.show();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.sweep(), this.weigh()), PAUSE);
  }

  show() {
    const { white, black } = this.facts, middle = (black + white) / 2;
    const shown = this.imageMaps.data.map((value) => (value - middle) / (black - middle));
    this.inputUnits = draw(this.input, [{ height: this.size, width: this.size, data: shown }]);
    this.views.forEach((view) => view.show(this.outputs[view.layer.name]));
    this.showClasses();
    if (!this.small) this.inspect();
  }

  showClasses() {
    const layer = this.layers.at(-1), values = [...this.outputs[layer.name].data];
    const scores = this.isRbf ? values.map((distance) => -distance) : values;
    const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
    const [lowest, highest] = [Math.min(...scores), Math.max(...scores)];
    const share = (score) => (highest > lowest ? (score - lowest) / (highest - lowest) : 0);
    const all = values.map((value, digit) => ({ share: share(scores[digit]), text: n(value, Math.abs(value) < 9.95 ? 1 : 0) }));
    this.classes.show(all, this.empty ? -1 : order[0]);
    this.say(order, values);
  }

  say([first, second], values) {
    const { empty } = this, far = this.isRbf && values[first] > this.facts.row.rubbish_penalty;
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
    this.more.open = this.unit.open = true;
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
    this.classes.choose(index === this.layers.length - 1 ? unit.map : -1);
    this.seen.hidden = false;
    cover(this.seen, area, this.inputUnits);
    const rectified = previous && (previous.layer.squash === "relu" || previous.layer.kind === "maximum");
    const limit = rectified ? Math.max(1e-6, ...before.data) : previous ? 1.7159 : this.facts.black;
    const told = { ...before, name: previous ? previous.layer.name : "input", rectified };
    this.inspector.replaceChildren(...inspect({ layer, before: told, unit, found, field: area, image: this.imageMaps, limit }));
    this.tools.state.unit = { layer: layer.name, ...unit, value: found.value, stored: maps.data[(unit.map * maps.height + unit.row) * maps.width + unit.column], area };
    if (say) this.heard.say(`${this.inspector.firstChild.textContent}: ${n(found.value, 2)}`);
  }

  /** What the network would read all along every slider; along the first, other networks too. */
  async computeRibbons() {
    const ribbons = Object.entries(this.ribbons), { amounts, shown, subject } = this;
    if (this.empty) return ribbons.forEach(([, ribbon]) => ribbon.clear());
    const along = (key, ribbon, size) => ribbon.places.map((place) => this.image(subject, size, { ...amounts, [key]: place }));
    const read = await classify(shown, ribbons.flatMap(([key, ribbon]) => along(key, ribbon, shown.size)));
    const rivals = this.rivals ?? [RIVALS[shown.name]].filter(Boolean), others = {};
    for (const name of rivals) {
      const size = SIZES[name] ?? 32, rival = { net: await this.tools.network(name), layers: this.facts.layers[name], size };
      others[name] = await classify(rival, along("shiftX", this.ribbons.shiftX, size));
    }
    if (shown !== this.shown) return;
    this.ribbons.shiftX.name([shown.name, ...rivals].map((name) => this.names[name]));
    const found = Object.fromEntries(ribbons.map(([key]) => [key, read.splice(0, PLACES)]));
    for (const [key, ribbon] of ribbons) ribbon.show([found[key], ...(key === "shiftX" ? Object.values(others) : [])], this.read);
    Object.assign(this.tools.state, { ribbons: found, rivals: others });
  }

  /** Which parts of the picture the verdict hangs on, for those who have unfolded it. */
  async computeEvidence() {
    const { shown, given, outputs, evidence } = this;
    if (!evidence.open || !shown) return;
    const found = await evidence.compute(shown, given, outputs[shown.layers.at(-1).name].data, this.facts.white);
    if (given !== this.given) return;
    evidence.show(found, this.input);
    this.tools.state.evidence = found;
  }
}

/** What a network reads in each of many images. */
async function classify({ net, layers, size }, images) {
  const found = [], pixels = size ** 2, { name, kind } = layers.at(-1), sign = kind === "rbf" ? -1 : 1;
  for (let start = 0; start < images.length; start += BATCH) {
    const batch = images.slice(start, start + BATCH), data = new Float32Array(batch.length * pixels);
    batch.forEach((image, index) => data.set(image.data, index * pixels));
    const { data: values } = (await net.run({ image: { dims: [batch.length, 1, size, size], data } })).outputs[name];
    batch.forEach((_, index) => found.push(argmax([...values.subarray(10 * index, 10 * index + 10)].map((v) => sign * v))));
  }
  return found;
}

/** A class's drawing of 7 x 12 pixels. */
function drawing(bitmap) {
  const canvas = h("canvas", { "aria-hidden": "true" });
  draw(canvas, [{ height: 12, width: 7, data: bitmap.flat() }]);
  return canvas;
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

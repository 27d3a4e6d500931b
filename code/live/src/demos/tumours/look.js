// A picture on the left, a phantom to paint on, a piece of a slice or the reader's own; on the right what a network labels in it; below, its skip connections.
import { fold } from "../../parts/fold.js";
import { HeatMap } from "../../parts/heatmap.js";
import { Masks } from "../../parts/masks.js";
import { Pen } from "../../parts/pen.js";
import { Picture } from "../../parts/picture.js";
import { tensor } from "../../parts/tensor.js";
import { thumbnail } from "../../parts/thumbnail.js";
import { toggles } from "../../parts/toggles.js";
import { tries } from "../../parts/tries.js";
import { announcer, button, cover, h, slider } from "../../ui.js";
import { n, t } from "../../words.js";
import { called, compared, darkened, maskOf, middle } from "./lesion.js";

const BRUSH = 4, NEAR = 1; // pixels: radius of what is painted, and how far apart its discs are
const STORED = ["view", "ground", "sample", "contrast"]; // of the scene: who sets one of them has done with a picture of one's own

export class Look {
  /** `samples` as tools.samples() gives them: pieces of slices, each followed by its labels. */
  constructor(facts, { samples, credit }, tools, { small }) {
    Object.assign(this, { facts, tools, small, strokes: [], mine: null, scene: { view: "phantom", sample: 0, show: "labels" } });
    this.grounds = facts.grounds.map((packed) => Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0)));
    this.slices = samples.filter((_, place) => place % 2 === 0).map((one, place) => ({ label: one.label, grey: greys(one.picture), cells: greys(samples[2 * place + 1].picture) }));
    this.answer = tools.latest(() => this.compute());
    this.layout(credit);
  }

  layout(credit) {
    const { facts, small } = this, { side, depth } = facts, step = 1 / side;
    this.canvas = h("canvas");
    this.frame = h("div", { class: "tumours-frame", hidden: true });
    this.stage = h("div", { class: "tumours-stage" }, this.canvas, this.frame);
    const units = ([x, y]) => [side * x, side * y, BRUSH];
    this.pen = new Pen(this.canvas, { steps: [step, step], large: 4, ready: () => this.paints() && this.current, paint: () => this.draw(), undo: () => this.undo(),
      begin: (place) => this.paint([...this.strokes, [units(place)]]), extend: (places) => this.extend(places.map(units)) });
    this.canvas.addEventListener("keydown", (event) => this.paints() && this.pen.key(event));
    this.masks = new Masks({ label: t("What the network labels, against the truth"), opacity: 0.6 });
    this.heat = new HeatMap({ label: t("How sure the network is, pixel by pixel"), opacity: 0.75 });
    this.verdict = h("p", { class: "tumours-verdict" });
    this.heard = announcer();
    this.gates = Array.from({ length: depth }, (_, level) => button("", () => this.set({ gates: this.scene.gates.map((open, each) => (each === level ? 1 - open : open)) }), { "aria-pressed": "true" }));
    const skips = h("div", { class: "tumours-skips live-tools", role: "group", "aria-label": t("Skip connections; press one to shut or open it") }, h("span", { class: "live-name", "aria-hidden": "true" }, t("Skip connections")), this.gates);
    this.views = toggles({ label: t("Picture"), value: "phantom", options: { phantom: t("phantom"), isbi: t("membranes") }, onchange: (view) => this.set({ view }) });
    this.shows = toggles({ label: t("Show"), value: "labels", options: { labels: t("labels"), probability: t("probability") }, onchange: (show) => this.set({ show }) });
    this.contrast = slider({ label: t("Contrast of the lesion"), min: 0, max: 1, step: 0.05, digits: 2, value: 0.5, oninput: (contrast) => this.set({ contrast }) });
    this.tools_ = h("div", { class: "live-tools" }, button(t("Clear"), () => this.paint([])), button(t("Undo"), () => this.undo()));
    const grounds = this.grounds.map((ground, place) => ({ label: t("Phantom {place}", { place: place + 1 }), picture: thumbnail({ height: side, width: side, data: Array.from(ground, (grey) => grey / 255) }), value: String(place), ontry: () => this.set({ ground: place }) }));
    const slices = this.slices.map(({ label, grey }, place) => ({ label, picture: thumbnail({ height: facts.piece, width: facts.piece, data: Array.from(grey, (one) => one / 255) }), value: String(place), ontry: () => this.set({ sample: place }) }));
    this.floors = tries({ label: t("Phantoms"), options: grounds, columns: grounds.length });
    this.pieces = tries({ label: t("Pieces of slices"), options: slices, columns: slices.length });
    this.brush = h("div", { class: "tumours-stored" }, this.contrast.element, this.tools_);
    this.stored = h("div", { class: "tumours-stored" }, this.floors.element, this.brush);
    this.lent = h("div", { class: "tumours-stored" }, this.pieces.element, h("p", { class: "live-key" }, credit));
    this.place = h("div", {}, this.masks.element);
    const head = small ? "" : h("div", { class: "tumours-head" }, this.views.element, this.shows.element);
    this.element = h("div", { class: "tumours-look" }, head, skips, this.verdict, this.heard.element,
      h("div", { class: "tumours-two" }, h("div", { class: "tumours-part" }, this.stage, small ? "" : [this.stored, this.lent]), this.place));
    if (!small) this.element.append(fold({ label: t("Your own picture"), content: this.open() }));
  }

  /** Where the reader opens a picture, and says what is to be looked for in it. */
  open() {
    const { side, piece } = this.facts, known = t("One network knows simulated ultrasound of {side} × {side} pixels, the other nerve tissue under the electron microscope. They answer a picture of any other kind as well, and do not say that it is one. Nothing here is for diagnosis.", { side });
    this.sought = toggles({ label: t("Look for"), value: "phantom", options: { phantom: t("lesions"), isbi: t("membranes") }, onchange: (view) => this.mine && this.take({ ...this.mine, view }) });
    const picture = new Picture({ label: t("Your own picture"), shape: { height: piece, channels: 1 },
      onpicture: ({ image: { data }, name }) => this.take({ data, name, view: this.sought.buttons.find((each) => each.getAttribute("aria-pressed") === "true").value }) });
    return h("div", { class: "tumours-stored" }, h("p", { class: "live-key" }, known), this.sought.element, picture.element);
  }

  /** Ask about the reader's picture, of the size of a piece: {data, name, view}. */
  take(mine) {
    this.pen.lift();
    this.mine = mine;
    this.scene.view = mine.view;
    return this.answer();
  }

  paints() {
    return this.scene.view === "phantom" && !this.mine;
  }

  async begin(options) {
    await this.set(options);
  }

  /** Show what is named. */
  set({ lesion, ...asked }) {
    const { facts, scene } = this, inside = (value, low, high) => Math.min(high, Math.max(low, value));
    Object.assign(scene, asked);
    if (lesion || STORED.some((name) => name in asked)) this.mine = null;
    if (lesion) {
      this.pen.lift();
      this.strokes = lesion.length ? [lesion] : [];
    }
    scene.ground = inside(Math.round(scene.ground), 0, this.grounds.length - 1);
    scene.sample = inside(Math.round(scene.sample), 0, this.slices.length - 1);
    scene.contrast = inside(scene.contrast, 0, 1);
    scene.gates = Array.from({ length: facts.depth }, (_, level) => Number(Boolean(scene.gates[level] ?? 1)));
    return this.answer();
  }

  /** Put strokes on the phantom, lists of discs. */
  paint(strokes) {
    Object.assign(this, { strokes, mine: null });
    this.draw();
    return this.answer();
  }

  undo() {
    this.pen.lift();
    return this.paint(this.strokes.slice(0, -1));
  }

  extend(discs) {
    const stroke = [...this.strokes.at(-1)];
    for (const [x, y, radius] of discs) {
      const [lastX, lastY] = stroke.at(-1), far = Math.hypot(x - lastX, y - lastY), parts = Math.ceil(far / NEAR);
      if (far >= NEAR) for (let part = 1; part <= parts; part++) stroke.push([lastX + ((x - lastX) * part) / parts, lastY + ((y - lastY) * part) / parts, radius]);
    }
    if (stroke.length > this.strokes.at(-1).length) this.paint([...this.strokes.slice(0, -1), stroke]);
  }

  /** The picture that is asked about: {side, data, mask}, the mask being what is to be found, or null where nobody knows. */
  picture() {
    const { facts, scene, grounds, slices, strokes, mine } = this;
    if (mine) return { ...sized(mine.data, facts.piece, scene.view === "isbi" ? facts.piece : facts.side), mask: null };
    if (scene.view === "isbi") {
      const { grey, cells } = slices[scene.sample];
      return { side: facts.piece, data: Float32Array.from(grey, (one) => one / 255), mask: Array.from(cells, (one) => Number(one < 128)) };
    }
    const mask = maskOf(strokes.flat(), facts.side);
    return { side: facts.side, data: darkened(grounds[scene.ground], mask, scene.contrast, facts.side), mask };
  }

  async compute() {
    const { facts, tools, scene: { ...scene }, strokes, mine } = this, { view, gates } = scene, given = this.picture(), lesion = strokes.flat();
    const network = await tools.network(view);
    const input = { image: { dims: [1, 1, given.side, given.side], data: given.data }, gates: { dims: [1, gates.length], data: Float32Array.from(gates) } };
    const { outputs, milliseconds } = await network.run(input), [, across] = outputs.probability.dims, sure = Array.from(outputs.probability.data);
    const seen = view === "isbi" ? sure.map((cell) => 1 - cell) : sure, limit = view === "isbi" ? 1 - facts.threshold.isbi : facts.threshold.phantom;
    const answer = seen.map((value) => Number(view === "isbi" ? value > limit : value >= limit)), told = given.mask ? compared(answer, middle(given.mask, given.side, across)) : called(answer);
    this.current = { mine, given, scene, across, seen, told };
    Object.assign(tools.state, { net: view, ...input, outputs, milliseconds, scene, lesion, own: mine?.name ?? null, mask: given.mask && Array.from(given.mask), ...told, labels: [...told.labels] });
    this.show();
  }

  /** Paint the picture on the left, and the brush of the keyboard. */
  draw() {
    const { data, side } = this.picture(), { canvas, pen } = this, context = canvas.getContext("2d"), zoom = Math.ceil(384 / side);
    Object.assign(canvas, { width: side * zoom, height: side * zoom });
    context.imageSmoothingEnabled = false;
    context.drawImage(canvasOf(data, side), 0, 0, side * zoom, side * zoom);
    if (!pen.seen || !this.paints()) return;
    Object.assign(context, { lineWidth: 3, strokeStyle: pen.down ? "#d55e00" : "#56b4e9" });
    context.beginPath();
    context.arc(pen.at[0] * canvas.width, pen.at[1] * canvas.height, BRUSH * zoom, 0, 7);
    context.stroke();
  }

  show() {
    const { facts, small, current: { mine, given: { side, data }, scene, across, seen, told } } = this, phantom = scene.view === "phantom", edge = (side - across) / 2;
    this.draw();
    this.frame.hidden = !edge;
    cover(this.frame, { top: edge, left: edge, height: across, width: across }, { across: side, down: side });
    this.name(mine, phantom);
    const picture = canvasOf(middle(data, side, across), across), view = scene.show === "labels" ? this.masks : this.heat;
    if (scene.show === "labels") this.masks.show({ picture, height: across, width: across, labels: told.labels, names: mine ? [phantom ? t("called lesion") : t("called membrane")] : facts.names[scene.view] });
    else this.heat.show({ picture, map: { height: across, width: across, data: Float32Array.from(seen) }, limit: 1 });
    if (this.place.firstChild !== view.element) this.place.replaceChildren(view.element);
    this.gates.forEach((each, level) => {
      const size = n(Math.round((phantom ? facts.side : facts.piece) / 2 ** level));
      each.textContent = [t("finest"), t("in between"), t("coarsest")][level] ?? size;
      each.setAttribute("aria-pressed", String(Boolean(scene.gates[level])));
    });
    this.verdict.textContent = mine ? t("Called so: {share} % of the pixels. Nobody has outlined this picture.", { share: n((100 * told.said) / told.labels.length, 1) })
      : told.there || told.said ? t("Dice {dice}; pixels missed: {missed}, called so by mistake: {alarms}", { dice: n(told.dice, 2), missed: n(told.missed), alarms: n(told.alarms) })
      : t("Nothing is there, and nothing was found.");
    this.heard.say(this.verdict.textContent);
    if (small) return;
    this.stored.hidden = !phantom;
    this.lent.hidden = phantom;
    this.brush.classList.toggle("idle", Boolean(mine));
    this.views.set(mine ? null : scene.view);
    if (mine) this.sought.set(scene.view);
    this.shows.set(scene.show);
    this.contrast.set(scene.contrast);
    this.floors.buttons.forEach((each, place) => each.setAttribute("aria-pressed", String(!mine && place === scene.ground)));
    this.pieces.buttons.forEach((each, place) => each.setAttribute("aria-pressed", String(!mine && place === scene.sample)));
  }

  /** What the canvas is, for those who hear it. */
  name(mine, phantom) {
    const { canvas } = this, brush = t("The phantom. Arrow keys move the brush, the space bar sets it down and lifts it, Backspace takes a stroke back.");
    const label = mine ? t("Your own picture") : phantom ? brush : t("A piece of a slice");
    for (const [name, value] of Object.entries({ "aria-label": label, role: label === brush ? "application" : "img", tabindex: label === brush ? 0 : -1 })) canvas.setAttribute(name, value);
  }
}

/** The greys of a picture that a canvas can draw, as bytes. */
function greys(drawable) {
  const canvas = h("canvas", { width: drawable.width, height: drawable.height }), context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(drawable, 0, 0);
  const { data } = context.getImageData(0, 0, drawable.width, drawable.height);
  return Uint8Array.from({ length: data.length / 4 }, (_, at) => data[4 * at]);
}

/** Values from 0 to 1 as a canvas. */
function canvasOf(data, side) {
  const canvas = h("canvas", { width: side, height: side }), pixels = new ImageData(side, side);
  data.forEach((value, at) => pixels.data.set([...Array(3).fill(Math.round(255 * value)), 255], 4 * at));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}

/** A grey picture of `from` x `from` values as one of `side` x `side`, means over areas: {side, data}. */
function sized(data, from, side) {
  const rows = (top, count) => Float32Array.from({ length: 4 * from * count }, (_, at) => 255 * data[top * from + Math.floor(at / 4)]);
  return { side, data: side === from ? data : tensor({ width: from, height: from, rows }, { height: side, channels: 1 }).data };
}

// Boxes over a picture: those that a network found, with label and score, and those that the reader draws, moves and
// stretches with mouse, finger or keys. How far two boxes agree is told as their IoU.
import { button, cover, h } from "../ui.js";
import { n, t } from "../words.js";
import css from "./boxes.css";
import { iou } from "./iou.js";
import { paint } from "./paint.js";
import { Pen } from "./pen.js";
import { readout } from "./readout.js";

const HANDLE = 20, LEAST = 6; // pixels of the screen: how near a corner must be, and what counts as a box
const STEPS = 50; // of the keyboard across the picture

export class Boxes {
  /** `onchange(boxes)` gets the reader's boxes, in pixels of the picture, with every change by the reader. */
  constructor({ label, onchange = () => {} }) {
    Object.assign(this, { onchange, found: [], own: [], chosen: null });
    this.canvas = h("canvas", {});
    this.layer = h("div", {});
    const keys = t("Enter draws a box, Page Up and Page Down choose one, arrow keys move it, with Shift they stretch it, Delete takes it away.");
    this.picture = h("div", { class: "live-boxes-picture", tabindex: 0, role: "application", "aria-label": `${label}. ${keys}` }, this.canvas, this.layer);
    this.remove = button(t("Take the box away"), () => this.delete(), { disabled: true });
    this.line = readout();
    this.element = h("div", { class: "live-boxes" }, h("style", {}, css), this.picture,
      h("div", { class: "live-tools" }, button(t("New box"), () => this.draw()), this.remove), this.line.element,
      h("p", { class: "live-help" }, t("Drag to draw a box, a box to move it, a corner to stretch it.")));
    const pen = new Pen(this.picture, { begin: (place) => this.grasp(place), extend: (places) => this.drag(places.at(-1)), undo: () => {}, paint: () => {}, steps: [0, 0], ready: () => this.units });
    for (const end of ["pointerup", "pointercancel"]) this.picture.addEventListener(end, () => this.release(pen.lift()));
    this.picture.addEventListener("keydown", (event) => this.key(event));
  }

  /**
   * Show `picture`, a canvas, and the boxes `found` on it, {left, top, width, height, label, score}; `own` are the reader's. A box
   * may have a `kind`, a class of its looks, and a `text` that is written at it instead of label and score.
   */
  show({ picture, found = [], own = [] }) {
    paint(this.canvas, picture);
    Object.assign(this, { units: { across: picture.width, down: picture.height }, found, own: own.map((box) => ({ ...box })), chosen: null, held: null });
    this.paint();
    this.line.say(t("Boxes shown: {count}.", { count: found.length }), false);
  }

  /** Other boxes on the same picture; the reader's stay, and stay chosen. */
  replace(found) {
    this.found = found;
    if (!this.own.includes(this.chosen)) this.chosen = null;
    this.paint();
    this.line.say(this.chosen ? this.said(this.chosen) : t("Boxes shown: {count}.", { count: found.length }));
  }

  pixels([x, y]) {
    return [x * this.units.across, y * this.units.down];
  }

  /** A corner of the chosen box, the box under the pointer, or paper for a new one. */
  grasp(place) {
    const [x, y] = this.pixels(place), zoom = this.canvas.clientWidth / this.units.across, { chosen } = this;
    const corner = this.own.includes(chosen) && corners(chosen).find(([left, top]) => Math.hypot(left - x, top - y) * zoom < HANDLE);
    const under = (boxes) => boxes.filter((box) => x >= box.left && y >= box.top && x <= box.left + box.width && y <= box.top + box.height).sort((a, b) => a.width * a.height - b.width * b.height)[0];
    if (corner) return (this.held = { box: chosen, fixed: [2 * chosen.left + chosen.width - corner[0], 2 * chosen.top + chosen.height - corner[1]] });
    const box = under(this.own);
    if (box) return this.choose(box), (this.held = { box, from: [x, y], start: { ...box } });
    this.held = { fixed: [x, y], under: under(this.found) };
  }

  drag(place) {
    const [x, y] = this.pixels(place), { held, units } = this;
    if (!held) return;
    if (held.from) this.change(Object.assign(held.box, inside({ ...held.start, left: held.start.left + x - held.from[0], top: held.start.top + y - held.from[1] }, units)));
    else {
      const size = { left: Math.min(x, held.fixed[0]), top: Math.min(y, held.fixed[1]), width: Math.abs(x - held.fixed[0]), height: Math.abs(y - held.fixed[1]) };
      const zoom = this.canvas.clientWidth / units.across;
      if (Math.min(size.width, size.height) * zoom < LEAST) return;
      if (!held.box) this.own.push((held.box = {}));
      this.chosen = held.box;
      this.change(Object.assign(held.box, size));
    }
  }

  /** Where nothing was drawn the box below is told. */
  release() {
    if (this.held && !this.held.box) this.choose(this.held.under ?? null);
    this.held = null;
  }

  /** A new box in the middle, for those who do not drag. */
  draw() {
    const { across, down } = this.units, box = { left: across / 3, top: down / 3, width: across / 3, height: down / 3 };
    this.own.push(box);
    this.chosen = box;
    this.change();
  }

  delete() {
    if (!this.own.includes(this.chosen)) return;
    this.own = this.own.filter((box) => box !== this.chosen);
    this.chosen = null;
    if (document.activeElement === this.remove) this.picture.focus();
    this.change();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.units) return;
    const [across, down] = ARROWS[event.key] ?? [], all = [...this.own, ...this.found], { units, chosen } = this, step = units.across / STEPS;
    if (event.key === "Enter") this.draw();
    else if (event.key === "Delete" || event.key === "Backspace") this.delete();
    else if (event.key.startsWith("Page") && all.length) this.choose(all[(Math.max(all.indexOf(chosen), event.key === "PageUp" ? 0 : -1) + (event.key === "PageUp" ? all.length - 1 : 1)) % all.length]);
    else if (across === undefined) return;
    else if (this.own.includes(chosen) && event.shiftKey) {
      const grown = (size, start, limit, by) => Math.min(limit - chosen[start], Math.max(step, chosen[size] + by * step));
      this.change(Object.assign(chosen, { width: grown("width", "left", units.across, across), height: grown("height", "top", units.down, down) }));
    } else if (this.own.includes(chosen)) this.change(Object.assign(chosen, inside({ ...chosen, left: chosen.left + across * step, top: chosen.top + down * step }, units)));
    event.preventDefault();
  }

  change() {
    this.choose(this.chosen);
    this.onchange(this.own.map((box) => ({ ...box })));
  }

  choose(box) {
    this.chosen = box;
    this.paint();
    this.line.say(box ? this.said(box) : t("No box is chosen."));
  }

  said(box) {
    const own = this.own.indexOf(box), name = own < 0 ? told(box) : t("Your box {number}", { number: own + 1 });
    const [left, top, width, height] = ["left", "top", "width", "height"].map((side) => n(box[side]));
    const best = this.nearest(box);
    const where = t("{name}: {width} × {height} pixels at {left}, {top}.", { name, width, height, left, top });
    if (!(best?.share > 0)) return where;
    const shared = t("IoU with {name}: {share}.", { name: told(best.other), share: n(best.share, 2) });
    return `${where} ${shared}`;
  }

  /** Which other box a box agrees with best, and how far. */
  nearest(box) {
    return this.found.filter((other) => other !== box).map((other) => ({ other, share: iou(box, other) })).sort((a, b) => b.share - a.share)[0];
  }

  name({ label, score }) {
    return score === undefined ? label : `${label} ${n(score, 2)}`;
  }

  paint() {
    const { found, own, chosen, units } = this;
    this.remove.disabled = !own.includes(chosen);
    this.layer.replaceChildren(...[...found, ...own].map((box, index) => {
      const mine = index >= found.length, text = mine ? String(index - found.length + 1) : box.text ?? this.name(box);
      const kind = `${mine ? "own" : `found ${box.kind ?? ""}`}${box === chosen ? " chosen" : ""}`;
      const frame = h("div", { class: `live-box ${kind}` }, text === "" ? null : h("span", {}, text),
        mine && box === chosen ? ["nw", "ne", "sw", "se"].map((corner) => h("i", { class: corner })) : null);
      cover(frame, box, units);
      return frame;
    }));
  }
}

/** A box by its label and, in brackets, its score: what follows is another number. */
const told = ({ label, score }) => (score === undefined ? label : `${label} (${n(score, 2)})`);
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const corners = ({ left, top, width, height }) => [[left, top], [left + width, top], [left, top + height], [left + width, top + height]];
const inside = (box, { across, down }) => ({ ...box, left: Math.min(across - box.width, Math.max(0, box.left)), top: Math.min(down - box.height, Math.max(0, box.top)) });

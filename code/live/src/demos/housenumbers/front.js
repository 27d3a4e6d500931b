// A house front on which the reader of this page puts digits, and what a camera makes of them.
import { fold } from "../../parts/fold.js";
import { toggles } from "../../parts/toggles.js";
import { button, cover, h, slider } from "../../ui.js";
import { t } from "../../words.js";
import { framed, resized } from "./arithmetic.js";
import { before, corners, cut, hit, layout, MOST, moved, WALL } from "./layout.js";
import { paint } from "./paint.js";

export const PLAIN = { style: "enamel", tilt: 0, pixels: 28, dirt: 0, light: 0, margin: 0.04, beside: "none" };
const KEYS = { ArrowUp: { right: 0, down: -0.05 }, ArrowDown: { right: 0, down: 0.05 }, ArrowLeft: { right: -0.05, down: 0 }, ArrowRight: { right: 0.05, down: 0 } };

export class Front {
  constructor(facts, reading, tools, { small = false } = {}) {
    Object.assign(this, { facts, reading, tools, small, scene: { ...PLAIN }, digits: [], chosen: -1 });
    this.canvas = h("canvas", { ...WALL });
    this.window = h("div", { class: "live-window" });
    this.lens = h("div", { class: "housenumbers-chosen", hidden: true });
    this.wall = h("div", { class: "housenumbers-wall", tabindex: 0, role: "application",
      "aria-label": t("House front. Type digits; Backspace takes one away; arrow keys move the chosen digit, Page Up and Page Down choose another.") }, this.canvas, this.lens, this.window);
    this.listen();
    this.tray = [...Array(10).keys()].map((digit) => this.key(digit));
    this.back = button("⌫", () => this.remove(), { "aria-label": t("Take the chosen digit away"), title: t("Take the chosen digit away") });
    this.styles = toggles({ label: t("Digits"), value: this.scene.style, onchange: (style) => this.change({ style }),
      options: { enamel: t("enamel"), tiles: t("tiles"), iron: t("iron"), paint: t("paint") } });
    this.besides = toggles({ label: t("Beside it"), value: this.scene.beside, onchange: (beside) => this.change({ beside }),
      options: { none: t("nothing"), pipe: t("a drainpipe"), bell: t("a bell") } });
    const slide = (name, label, min, max, step, digits, unit = "") => slider({ label, min, max, step, digits, unit, value: this.scene[name], oninput: (value) => this.change({ [name]: value }) });
    this.sliders = { tilt: slide("tilt", t("Tilt"), -45, 45, 1, 0, "°"), pixels: slide("pixels", t("Pixels high"), 5, 40, 1, 0), dirt: slide("dirt", t("Dirt"), 0, 1, 0.05, 2), light: slide("light", t("Night or glare"), -1, 1, 0.05, 2) };
    this.more = { margin: slide("margin", t("Wall around the number"), -0.2, 1, 0.02, 2), turn: slider({ label: t("Turn the chosen digit"), min: -180, max: 180, step: 5, value: 0, unit: "°", oninput: (turn) => this.turn(turn) }) };
    this.element = h("div", { class: "housenumbers-front" }, this.wall, h("div", { class: "housenumbers-tray", role: "group", "aria-label": t("Put a digit on the wall") }, this.tray, this.back),
      small ? null : this.settings());
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
  }

  /** What changes the picture; it is open from the start where there is room. */
  settings() {
    const rows = (all) => Object.values(all).map(({ element }) => element);
    const more = fold({ label: t("More"), content: h("div", { class: "housenumbers-more" }, this.besides.element, rows(this.more)) });
    this.fold = fold({ label: t("Digits, camera and weather"), content: h("div", { class: "housenumbers-settings" }, this.styles.element, h("div", { class: "housenumbers-sliders" }, rows(this.sliders)), more) });
    return this.fold;
  }

  /** A digit of the tray: pressed, it comes last; dragged to the wall, it comes where it is dropped. */
  key(digit) {
    let held = false, dropped = false;
    const key = button(String(digit), () => {
      if (!dropped) this.put(digit);
      dropped = false; // a browser may tell of a press where the pointer was let go elsewhere
    });
    key.addEventListener("pointerdown", (event) => {
      [held, dropped] = [event.pointerType === "mouse", false];
      if (held) key.setPointerCapture(event.pointerId);
    });
    key.addEventListener("pointerup", (event) => {
      const { left, right, top, bottom } = this.wall.getBoundingClientRect(), { clientX, clientY } = event;
      dropped = held && clientX > left && clientX < right && clientY > top && clientY < bottom;
      held = false;
      if (dropped) this.put(digit, before(this.laid, this.scene.tilt, this.place(event)));
      setTimeout(() => (dropped = false));
    });
    return key;
  }

  listen() {
    const { wall } = this;
    let held = null;
    wall.addEventListener("pointerdown", (event) => {
      if (held || !event.isPrimary) return;
      const place = this.place(event), found = hit(this.laid, this.scene.tilt, place);
      this.choose(found);
      if (found < 0) return;
      held = { place, id: event.pointerId, digit: { ...this.digits[found] } };
      wall.setPointerCapture(event.pointerId);
    });
    wall.addEventListener("pointermove", (event) => {
      if (!held || event.pointerId !== held.id || !this.digits[this.chosen]) return;
      const now = this.place(event), way = moved(this.laid, this.scene.tilt, { x: now.x - held.place.x, y: now.y - held.place.y });
      this.shift(held.digit, way);
    });
    for (const name of ["pointerup", "pointercancel"]) wall.addEventListener(name, ({ pointerId }) => held?.id === pointerId && (held = null));
    wall.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (/^\d$/.test(event.key)) this.put(Number(event.key));
      else if (event.key === "Backspace" || event.key === "Delete") this.remove();
      else if (event.key === "PageUp") this.choose(Math.max(0, this.chosen - 1));
      else if (event.key === "PageDown") this.choose(Math.min(this.digits.length - 1, this.chosen + 1));
      else if (event.key in KEYS && this.digits[this.chosen]) this.shift(this.digits[this.chosen], KEYS[event.key]);
      else return;
      event.preventDefault();
    });
  }

  /** Where on the wall a pointer is. */
  place({ clientX, clientY }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    return { x: ((clientX - left) / width) * WALL.width, y: ((clientY - top) / height) * WALL.height };
  }

  shift(digit, { right, down }) {
    const within = (value) => Math.max(-1.2, Math.min(1.2, value));
    this.digits[this.chosen] = { ...this.digits[this.chosen], right: within((digit.right ?? 0) + right), down: within((digit.down ?? 0) + down) };
    this.read();
  }

  put(digit, at = this.digits.length) {
    if (this.digits.length >= MOST) return;
    this.digits.splice(at, 0, { digit });
    this.choose(at);
    this.read();
  }

  remove() {
    if (!this.digits.length) return;
    this.digits.splice(this.chosen < 0 ? this.digits.length - 1 : this.chosen, 1);
    this.choose(Math.min(this.chosen, this.digits.length - 1));
    this.read();
  }

  turn(turn) {
    if (this.chosen < 0) this.choose(this.digits.length - 1);
    this.more.turn.set(turn);
    if (!this.digits[this.chosen]) return;
    this.digits[this.chosen] = { ...this.digits[this.chosen], turn };
    this.read();
  }

  choose(index) {
    this.chosen = index;
    this.more.turn.set(this.digits[index]?.turn ?? 0);
    this.mark();
  }

  change(more) {
    Object.assign(this.scene, more);
    return this.read();
  }

  /** Put up what `options` say; a new number stands as it should, unless they say how its digits are moved and turned. */
  set({ number, moves = {}, ...options }) {
    for (const [name, value] of Object.entries(options)) if (name in PLAIN) this.scene[name] = value;
    if (number !== undefined) {
      this.digits = [...String(number)].slice(0, MOST).map((digit, place) => ({ digit: Number(digit), ...moves[place] }));
      this.chosen = -1;
      this.scene = { ...PLAIN, ...Object.fromEntries(Object.entries(options).filter(([name]) => name in PLAIN)) };
    }
    for (const [name, one] of Object.entries({ ...this.sliders, margin: this.more.margin })) one.set(this.scene[name]);
    this.more.turn.set(this.digits[this.chosen]?.turn ?? 0);
    this.styles.set(this.scene.style);
    this.besides.set(this.scene.beside);
  }

  /** Paint the wall, take the picture, and have it read. */
  read() {
    const { scene, digits, facts } = this;
    this.laid = layout({ digits, style: scene.style }, facts.fonts);
    paint(this.context, scene, this.laid);
    const { left, top, width, height } = cut(this.laid, scene), [across, down] = [Math.round(width), Math.round(height)];
    const { data } = this.context.getImageData(Math.round(left), Math.round(top), across, down), grey = new Float64Array(across * down);
    for (let place = 0; place < grey.length; place++) grey[place] = 0.299 * data[4 * place] + 0.587 * data[4 * place + 1] + 0.114 * data[4 * place + 2];
    const few = resized({ height: down, width: across, data: grey }, Math.min(down, scene.pixels), Math.max(1, Math.round((across * Math.min(down, scene.pixels)) / down)));
    cover(this.window, { left, top, width, height }, { across: WALL.width, down: WALL.height });
    this.mark();
    for (const key of this.tray) key.disabled = digits.length >= MOST;
    this.back.disabled = !digits.length;
    return this.reading.answer({ image: framed(few, facts), mode: "front", sample: null, wall: digits.map(({ digit }) => digit).join(""), scene: { ...scene } });
  }

  /** Frame the chosen digit. */
  mark() {
    const item = this.laid?.items[this.chosen];
    this.lens.hidden = !item;
    if (!item) return;
    const points = corners(item, this.scene.tilt), xs = points.map(({ x }) => x), ys = points.map(({ y }) => y);
    cover(this.lens, { left: Math.min(...xs) - 4, top: Math.min(...ys) - 4, width: Math.max(...xs) - Math.min(...xs) + 8, height: Math.max(...ys) - Math.min(...ys) + 8 }, { across: WALL.width, down: WALL.height });
  }
}

// A pad of 16 x 16 pixels to draw on with mouse, finger or keyboard. Pen, rubber, and a hand that moves the drawing.
import { Pen } from "../../parts/pen.js";
import { toggles } from "../../parts/toggles.js";
import { button, h, unique } from "../../ui.js";
import { t } from "../../words.js";
import { SIDE, bend, blank, inked, line, thin } from "./pixels.js";

const CELL = 36, REMEMBERED = 100;
const NOTHING = { right: 0, down: 0, size: 100, degrees: 0, noise: 0 };

export class Pad {
  /** `onchange()` is called after changes; `onbend(amounts)` when the drawing has been moved or made anew; `tool` is "pen", "rubber" or "hand". */
  constructor({ label, onchange, onbend = () => {}, tool = "pen" }) {
    Object.assign(this, { onchange, onbend });
    Object.assign(this, { base: blank(), amounts: { ...NOTHING }, past: [], tool });
    const help = unique("help");
    this.canvas = h("canvas", { width: SIDE * CELL, height: SIDE * CELL, tabindex: 0, role: "application",
      "aria-label": label, "aria-describedby": help });
    /** What keys do; to be put where there is room. */
    this.help = h("p", { id: help, class: "live-help" },
      t("With the keyboard: arrow keys move the pen, the space bar sets it down and lifts it, Backspace takes the last stroke back; with the hand, arrow keys move the drawing."));
    this.over = h("div", { class: "neo-over" });
    this.element = h("div", { class: "neo-pad" }, h("div", { class: "live-pad neo-sheet" }, this.canvas, this.over), this.tools());
    this.pen = new Pen(this.canvas, { steps: [1 / SIDE, 1 / SIDE], margin: 0.5 / SIDE, start: [8.5 / SIDE, 4.5 / SIDE], begin: (place) => this.press(cellAt(place)),
      extend: (places) => places.forEach((place) => this.drag(cellAt(place))), undo: () => this.undo(), paint: () => this.paint() });
    this.canvas.classList.toggle("hand", tool === "hand");
    this.canvas.addEventListener("keydown", (event) => this.handKey(event) || this.pen.key(event));
    this.paint();
  }

  tools() {
    const options = { pen: t("Pen"), rubber: t("Rubber"), hand: t("Move") };
    const { buttons } = toggles({ label: t("Tools"), options, value: this.tool, onchange: (tool) => this.take(tool) });
    return h("div", { class: "live-tools", role: "group", "aria-label": t("Tools") }, buttons, button(t("Undo"), () => this.undo()), button(t("Clear"), () => this.clear()));
  }

  take(tool) {
    this.tool = tool;
    this.pen.lift();
    this.canvas.classList.toggle("hand", tool === "hand");
    this.paint();
  }

  /** What the net sees: the drawing, moved and changed by the sliders' amounts. */
  get pixels() {
    return bend(this.base, this.amounts);
  }

  /** Put a drawing on the pad, as it is. */
  set(pixels) {
    this.pen.lift();
    this.remember();
    this.begin(Float64Array.from(pixels));
  }

  begin(pixels, amounts = NOTHING) {
    this.bent = false;
    this.base = pixels;
    this.amounts = { ...amounts };
    this.changed(true);
  }

  clear = () => this.set(blank());

  undo() {
    const last = this.past.pop();
    this.pen.lift();
    if (last) this.begin(last.base, last.amounts);
  }

  /** Change the amounts; all changes of one drawing are undone together. */
  bend(amounts) {
    if (!this.bent) this.remember();
    this.bent = true;
    Object.assign(this.amounts, amounts);
    this.changed();
  }

  remember() {
    this.past.push({ base: this.base, amounts: { ...this.amounts } });
    if (this.past.length > REMEMBERED) this.past.shift();
  }

  /** What is seen follows at once, the net once a frame. */
  changed(bent = false) {
    this.paint();
    if (bent) this.onbend(this.amounts);
    this.frame ??= requestAnimationFrame(() => this.flush());
  }

  flush() {
    if (this.frame === undefined) return;
    cancelAnimationFrame(this.frame);
    this.frame = undefined;
    this.onchange();
  }

  /** A stroke begins: what is seen becomes the drawing, and the path is drawn over it. */
  press(pixel) {
    this.remember();
    this.grip = { pixel, right: this.amounts.right, down: this.amounts.down };
    this.stroke = this.tool === "hand" ? null : { under: this.pixels, path: [pixel], tool: this.tool };
    if (this.stroke) this.ink();
  }

  drag(pixel) {
    if (!this.stroke) {
      const { pixel: from, right, down } = this.grip;
      this.amounts.right = clamp(right + pixel[1] - from[1]);
      this.amounts.down = clamp(down + pixel[0] - from[0]);
      return this.changed(true);
    }
    const last = this.stroke.path.at(-1);
    if (String(last) === String(pixel)) return;
    this.stroke.path.push(...line(last, pixel).slice(1));
    this.ink();
  }

  ink() {
    const { under, path, tool } = this.stroke, pixels = Float64Array.from(under), value = tool === "pen" ? 1 : 0;
    for (const [row, column] of tool === "pen" ? thin(path) : path) pixels[row * SIDE + column] = value;
    this.begin(pixels);
  }

  /** With the hand, arrow keys move the drawing; whether the key was one of them. */
  handKey(event) {
    if (this.tool !== "hand" || event.ctrlKey || event.metaKey || event.altKey) return false;
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [];
    if (down === undefined) return event.key === " ";
    event.preventDefault();
    this.remember();
    this.amounts.right = clamp(this.amounts.right + right);
    this.amounts.down = clamp(this.amounts.down + down);
    this.changed(true);
    return true;
  }

  paint(pixels = this.pixels) {
    const context = this.canvas.getContext("2d"), side = SIDE * CELL;
    context.fillStyle = "#fff";
    context.fillRect(0, 0, side, side);
    pixels.forEach((value, index) => {
      const grey = Math.round(255 - 238 * value);
      context.fillStyle = `rgb(${grey},${grey},${grey})`;
      if (value) context.fillRect((index % SIDE) * CELL, Math.floor(index / SIDE) * CELL, CELL, CELL);
    });
    context.fillStyle = "#d8d8d8";
    for (let place = CELL; place < side; place += CELL) {
      context.fillRect(place - 1, 0, 1.5, side);
      context.fillRect(0, place - 1, side, 1.5);
    }
    if (this.tool === "hand" || !this.pen?.seen) return;
    const [row, column] = cellAt(this.pen.at);
    Object.assign(context, { lineWidth: 7, strokeStyle: this.pen.down ? "#b3400a" : "#0b5394" });
    context.strokeRect(column * CELL + 2, row * CELL + 2, CELL - 4, CELL - 4);
  }

  get empty() {
    return !inked(this.pixels);
  }
}

/** The cell [row, column] under a place of the pen. */
const cellAt = ([x, y]) => [y, x].map((share) => Math.min(SIDE - 1, Math.floor(share * SIDE + 1e-9)));
const clamp = (amount) => Math.max(-SIDE, Math.min(SIDE, amount));

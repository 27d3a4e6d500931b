// A pad of 16 x 16 pixels to draw on with mouse, finger or keyboard. Pen, rubber, and a hand that moves the drawing.
import { h, unique } from "../../ui.js";
import { t } from "../../words.js";
import { SIDE, bend, blank, inked, line, thin } from "./pixels.js";

const CELL = 36, REMEMBERED = 100;
const NOTHING = { right: 0, down: 0, size: 100, degrees: 0, noise: 0 };

export class Pad {
  /** `onchange()` is called after changes; `onbend(amounts)` when the drawing has been moved or made anew. */
  constructor({ label, onchange, onbend }) {
    Object.assign(this, { onchange, onbend });
    Object.assign(this, { base: blank(), amounts: { ...NOTHING }, past: [], tool: "pen", cursor: [4, 8], down: false });
    const help = unique("help");
    this.canvas = h("canvas", { width: SIDE * CELL, height: SIDE * CELL, tabindex: 0, role: "application",
      "aria-label": label, "aria-describedby": help });
    this.help = h("p", { id: help, class: "neo-help" },
      t("With the keyboard: arrow keys move the pen, the space bar sets it down and lifts it, Backspace takes the last stroke back; with the hand, arrow keys move the drawing."));
    this.over = h("div", { class: "neo-over" });
    this.element = h("div", { class: "neo-pad" }, h("div", { class: "neo-sheet" }, this.canvas, this.over), this.help, this.tools());
    this.listen();
    this.paint();
  }

  tools() {
    const names = { pen: t("Pen"), rubber: t("Rubber"), hand: t("Move") };
    this.choices = Object.entries(names).map(([value, text]) =>
      h("button", { type: "button", value, "aria-pressed": String(value === this.tool), onclick: () => this.take(value) }, text));
    return h("div", { class: "neo-tools", role: "group", "aria-label": t("Tools") }, this.choices,
      h("button", { type: "button", onclick: () => this.undo() }, t("Undo")),
      h("button", { type: "button", onclick: () => this.clear() }, t("Clear")));
  }

  take(tool) {
    this.tool = tool;
    this.down = false;
    this.canvas.classList.toggle("hand", tool === "hand");
    for (const button of this.choices) button.setAttribute("aria-pressed", String(button.value === tool));
    this.paint();
  }

  /** What the net sees: the drawing, moved and changed by the sliders' amounts. */
  get pixels() {
    return bend(this.base, this.amounts);
  }

  /** Put a drawing on the pad, as it is. */
  set(pixels) {
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

  listen() {
    const { canvas } = this;
    const place = ({ clientX, clientY }) => {
      const box = canvas.getBoundingClientRect();
      return [Math.floor(((clientY - box.top) / box.height) * SIDE), Math.floor(((clientX - box.left) / box.width) * SIDE)];
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button > 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.press(place(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      for (const each of event.getCoalescedEvents?.() ?? [event]) this.drag(place(each));
    });
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => this.paint());
    canvas.addEventListener("blur", () => ((this.down = false), this.paint()));
  }

  /** A stroke begins: what is seen becomes the drawing, and the path is drawn over it. */
  press(pixel) {
    this.remember();
    this.grip = { pixel, right: this.amounts.right, down: this.amounts.down };
    if (this.tool === "hand") return;
    const under = this.pixels;
    this.stroke = { under, path: [pixel] };
    this.ink();
  }

  drag(pixel) {
    if (this.tool === "hand") {
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
    const { under, path } = this.stroke, pixels = Float64Array.from(under), value = this.tool === "pen" ? 1 : 0;
    for (const [row, column] of this.tool === "pen" ? thin(path) : path)
      if (row >= 0 && column >= 0 && row < SIDE && column < SIDE) pixels[row * SIDE + column] = value;
    this.begin(pixels);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [];
    if (down !== undefined && this.tool === "hand") {
      this.remember();
      this.amounts.right = clamp(this.amounts.right + right);
      this.amounts.down = clamp(this.amounts.down + down);
      this.changed(true);
    } else if (down !== undefined) {
      const within = (value) => Math.min(SIDE - 1, Math.max(0, value));
      this.cursor = [within(this.cursor[0] + down), within(this.cursor[1] + right)];
      this.down ? this.drag(this.cursor) : this.paint();
    } else if (event.key === " " && this.tool !== "hand") {
      this.down = !this.down;
      this.down ? this.press(this.cursor) : this.paint();
    } else if (event.key === "Backspace" || event.key === "Delete") {
      this.down = false;
      this.undo();
    } else return;
    event.preventDefault();
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
    if (document.activeElement !== this.canvas || !this.canvas.matches(":focus-visible") || this.tool === "hand") return;
    Object.assign(context, { lineWidth: 7, strokeStyle: this.down ? "#b3400a" : "#0b5394" });
    context.strokeRect(this.cursor[1] * CELL + 2, this.cursor[0] * CELL + 2, CELL - 4, CELL - 4);
  }

  get empty() {
    return !inked(this.pixels);
  }
}

const clamp = (amount) => Math.max(-SIDE, Math.min(SIDE, amount));

// Tape that the reader sticks on the sign: a canvas over the picture, with a pen, and how much of each pixel the tape covers.
import { Pen } from "../../parts/pen.js";
import { reader, tensor } from "../../parts/tensor.js";
import { h } from "../../ui.js";

const SIDE = 320, WIDTH = 0.1, NEAR = 0.01; // pixels of the canvas; of its side: how wide tape is, and which points add nothing
const STEP = 1 / 32; // of the keyboard's pen

export class Tape {
  /** `onchange()` is called with every change by the reader. */
  constructor({ label, help, side, onchange }) {
    Object.assign(this, { strips: [], side, onchange });
    this.canvas = h("canvas", { width: SIDE, height: SIDE, tabindex: 0, role: "application", "aria-label": label, "aria-describedby": help });
    this.pen = new Pen(this.canvas, { steps: [STEP, STEP], large: 4, begin: (place) => this.change([...this.strips, [place]]),
      extend: (places) => this.extend(places), undo: () => this.change(this.strips.slice(0, -1)), paint: () => this.paint() });
    this.canvas.addEventListener("keydown", (event) => this.pen.key(event));
  }

  /** Put other strips there: lists of places [x, y] in shares of the picture. */
  set(strips) {
    this.pen.lift();
    this.strips = strips;
    this.paint();
  }

  clear = () => this.change([]);

  change(strips) {
    this.strips = strips;
    this.paint();
    this.onchange();
  }

  extend(places) {
    const strip = this.strips.at(-1), before = strip.length;
    for (const [x, y] of places) if (Math.hypot(x - strip.at(-1)[0], y - strip.at(-1)[1]) >= NEAR) strip.push([x, y]);
    this.paint();
    if (strip.length > before) this.onchange();
  }

  /** How much of each of side x side pixels is covered, from 0 to 1; null where nothing is. */
  mask() {
    if (!this.strips.length) return null;
    const drawn = h("canvas", { width: SIDE, height: SIDE }), context = drawn.getContext("2d");
    Object.assign(context, { lineWidth: WIDTH * SIDE, lineCap: "square", lineJoin: "round" });
    for (const [[x, y], ...rest] of this.strips) {
      context.beginPath();
      context.moveTo(x * SIDE, y * SIDE);
      for (const [right, down] of rest.length ? rest : [[x + 1e-3, y]]) context.lineTo(right * SIDE, down * SIDE);
      context.stroke();
    }
    return tensor(reader(drawn), { height: this.side, channels: 1 }).data.map((paper) => 1 - paper);
  }

  /** Only the keyboard's pen is drawn here: the tape itself is in the picture below. */
  paint() {
    const context = this.canvas.getContext("2d"), { at, down, seen } = this.pen, [x, y] = at.map((value) => value * SIDE);
    context.clearRect(0, 0, SIDE, SIDE);
    if (!seen) return;
    for (const [lineWidth, strokeStyle] of [[7, "#fff"], [3, down ? "#b3400a" : "#0b5394"]]) {
      Object.assign(context, { lineWidth, strokeStyle });
      context.beginPath();
      context.arc(x, y, 14, 0, 7);
      for (const [right, low] of [[22, 0], [0, 22]]) {
        context.moveTo(x - right, y - low);
        context.lineTo(x + right, y + low);
      }
      context.stroke();
    }
  }
}

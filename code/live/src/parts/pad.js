// A pad to draw on, with a pen: mouse, finger or keyboard. A drawing is a list of strokes in pad units, where the
// pad's height is 1.
import { h, unique } from "../ui.js";
import { t } from "../words.js";
import { Pen } from "./pen.js";

const NEAR = 0.008; // points closer than this add nothing
const STEP = 0.025; // of the keyboard's pen
const HEIGHT = 600; // of the canvas

export class Pad {
  /** `ratio` is width by height; `onchange(strokes)` is called with every change by the reader; how to draw is `seen`, or only heard. */
  constructor({ ratio = 1, label, onchange, seen = true }) {
    Object.assign(this, { strokes: [], ratio, onchange });
    const help = unique("help"), size = { width: Math.round(HEIGHT * ratio), height: HEIGHT };
    this.canvas = h("canvas", { ...size, tabindex: 0, role: "application", "aria-label": label, "aria-describedby": help });
    this.ink = h("canvas", size); // what does not change any more of the drawing
    this.element = h("div", { class: "live-pad" }, this.canvas,
      h("p", { id: help, class: seen ? "live-help" : "live-unseen" },
        t("Draw with mouse, finger or pen. With the keyboard: arrow keys move the pen, the space bar sets it down and lifts it, Backspace takes a stroke back.")));
    this.pen = new Pen(this.canvas, { steps: [STEP / ratio, STEP], large: 4, begin: (place) => this.begin(this.units(place)),
      extend: (places) => this.extend(places.map((place) => this.units(place))), undo: () => this.undo(), paint: () => this.paint() });
    this.canvas.addEventListener("keydown", (event) => this.pen.key(event));
    this.set([]);
  }

  units([x, y]) {
    return [x * this.ratio, y];
  }

  /** Put strokes on the pad; one that the reader is about to draw is over. Those that are `lent` go when the next begins. */
  set(strokes, lent = false) {
    this.pen.lift();
    this.put(strokes, lent);
  }

  put(strokes, lent = false) {
    Object.assign(this, { strokes, lent });
    brush(this.ink).clearRect(0, 0, this.ink.width, HEIGHT);
    this.inked = { stroke: 0, point: 0 };
    this.paint();
  }

  clear = () => this.change([]);
  undo = () => this.change(this.strokes.slice(0, -1));

  change(strokes) {
    this.set(strokes);
    this.onchange(this.strokes);
  }

  begin(place) {
    if (this.lent) this.put([]);
    this.strokes = [...this.strokes, [place]];
    this.paint();
    this.onchange(this.strokes);
  }

  extend(places) {
    const stroke = this.strokes.at(-1), before = stroke.length;
    for (const [x, y] of places) {
      const [lastX, lastY] = stroke.at(-1);
      if (Math.hypot(x - lastX, y - lastY) >= NEAR) stroke.push([x, y]);
    }
    if (stroke.length === before) return;
    this.paint();
    this.onchange(this.strokes);
  }

  /** Only what is new is drawn: a long drawing would be too slow to follow the pen. */
  paint() {
    const { canvas, ink, strokes, inked } = this, context = canvas.getContext("2d"), fresh = brush(ink);
    for (; inked.stroke < strokes.length; Object.assign(inked, { stroke: inked.stroke + 1, point: 0 })) {
      const points = strokes[inked.stroke];
      inked.point = smooth(fresh, points, inked.point);
      if (inked.stroke === strokes.length - 1) break;
      end(fresh, points);
    }
    context.clearRect(0, 0, canvas.width, HEIGHT);
    context.drawImage(ink, 0, 0);
    if (strokes.length) end(brush(canvas), strokes.at(-1));
    if (this.pen.seen) this.cross(context);
  }

  /** Where the keyboard's pen is. */
  cross(context) {
    const { at, down } = this.pen, [x, y] = this.units(at).map((value) => value * HEIGHT), reach = 0.07 * HEIGHT;
    Object.assign(context, { lineWidth: 4, strokeStyle: down ? "#b3400a" : "#0b5394" });
    context.beginPath();
    context.arc(x, y, 26, 0, 7);
    context.moveTo(x - reach, y);
    context.lineTo(x + reach, y);
    context.moveTo(x, y - reach);
    context.lineTo(x, y + reach);
    context.stroke();
  }
}

function brush(canvas) {
  return Object.assign(canvas.getContext("2d"), { lineWidth: 0.085 * HEIGHT, lineCap: "round", lineJoin: "round", strokeStyle: "#111" });
}

const pixels = ([x, y]) => [x * HEIGHT, y * HEIGHT];
const middle = (one, other) => [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
/** A smooth line goes through the middles between points, with the points as handles; it begins at the first. */
const joint = (points, i) => (i > 1 ? middle(points[i - 1], points[i]) : points[0]);

/** Draw the smooth line from joint `from` on as far as it is certain, and tell how far that is. */
function smooth(context, points, from) {
  const last = Math.max(0, points.length - 1);
  if (from === last) return from;
  context.beginPath();
  context.moveTo(...pixels(joint(points, from)));
  for (let i = Math.max(1, from); i < last; i++) context.quadraticCurveTo(...pixels(points[i]), ...pixels(joint(points, i + 1)));
  context.stroke();
  return last;
}

/** Draw the straight rest, from the last joint to the last point. */
function end(context, points) {
  context.beginPath();
  context.moveTo(...pixels(joint(points, points.length - 1)));
  context.lineTo(...pixels(points.at(-1)));
  context.stroke();
}

// A pad to draw on, with a pen: mouse, finger or keyboard. A drawing is a list of strokes in pad units, where the
// pad's height is 1.
import { h, unique } from "../../ui.js";
import { t } from "../../words.js";

const NEAR = 0.008; // points closer than this add nothing
const STEP = 0.025; // of the keyboard's pen

export class Pad {
  /** `ratio` is width by height; `onchange(strokes)` is called with every change by the reader. */
  constructor({ ratio = 1, label, onchange }) {
    this.strokes = [];
    this.ratio = ratio;
    this.onchange = onchange;
    this.pen = { x: ratio / 2, y: 0.5, down: false };
    const help = unique("help");
    this.canvas = h("canvas", { width: Math.round(600 * ratio), height: 600, tabindex: 0, role: "application",
      "aria-label": label, "aria-describedby": help });
    this.element = h("div", { class: "lenet-pad" }, this.canvas,
      h("p", { id: help, class: "lenet-help" },
        t("Draw with mouse, finger or pen. With the keyboard: arrow keys move the pen, the space bar sets it down and lifts it, Backspace takes a stroke back.")));
    this.listen();
    this.paint();
  }

  set(strokes) {
    this.strokes = strokes;
    this.paint();
  }

  clear = () => this.change([]);
  undo = () => this.change(this.strokes.slice(0, -1));

  change(strokes) {
    this.pen.down = false;
    this.set(strokes);
    this.onchange(this.strokes);
  }

  listen() {
    const { canvas } = this;
    const point = (event) => {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.left) / box.width) * this.ratio, (event.clientY - box.top) / box.height];
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button > 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.begin(point(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      for (const each of event.getCoalescedEvents?.() ?? [event]) this.extend(point(each));
    });
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => this.paint());
    canvas.addEventListener("blur", () => ((this.pen.down = false), this.paint()));
  }

  begin(place) {
    this.strokes = [...this.strokes, [place]];
    this.paint();
    this.onchange(this.strokes);
  }

  extend([x, y]) {
    const stroke = this.strokes.at(-1), [lastX, lastY] = stroke.at(-1);
    if (Math.hypot(x - lastX, y - lastY) < NEAR) return;
    stroke.push([x, y]);
    this.paint();
    this.onchange(this.strokes);
  }

  key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const { pen } = this;
    if (event.key in moves && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const [dx, dy] = moves[event.key], step = event.shiftKey ? 4 * STEP : STEP;
      pen.x = Math.min(this.ratio, Math.max(0, pen.x + dx * step));
      pen.y = Math.min(1, Math.max(0, pen.y + dy * step));
      pen.down ? this.extend([pen.x, pen.y]) : this.paint();
    } else if (event.key === " ") {
      pen.down = !pen.down;
      pen.down ? this.begin([pen.x, pen.y]) : this.paint();
    } else if (event.key === "Backspace" || event.key === "Delete") this.undo();
    else return;
    event.preventDefault();
  }

  paint() {
    const { canvas, strokes, pen } = this;
    const scale = canvas.height, context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, scale);
    Object.assign(context, { lineWidth: 0.085 * scale, lineCap: "round", lineJoin: "round", strokeStyle: "#111" });
    for (const stroke of strokes) {
      context.beginPath();
      trace(context, stroke.map(([x, y]) => [x * scale, y * scale]));
      context.stroke();
    }
    if (document.activeElement !== canvas || !canvas.matches(":focus-visible")) return;
    Object.assign(context, { lineWidth: 4, strokeStyle: pen.down ? "#b3400a" : "#0b5394" });
    context.beginPath();
    context.arc(pen.x * scale, pen.y * scale, 26, 0, 7);
    context.moveTo((pen.x - 0.07) * scale, pen.y * scale);
    context.lineTo((pen.x + 0.07) * scale, pen.y * scale);
    context.moveTo(pen.x * scale, (pen.y - 0.07) * scale);
    context.lineTo(pen.x * scale, (pen.y + 0.07) * scale);
    context.stroke();
  }
}

/** A smooth line: through the middles between points, with the points as handles. */
function trace(context, points) {
  context.moveTo(...points[0]);
  for (let i = 1; i < points.length - 1; i++) {
    const [x, y] = points[i], [nextX, nextY] = points[i + 1];
    context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  context.lineTo(...points.at(-1));
}

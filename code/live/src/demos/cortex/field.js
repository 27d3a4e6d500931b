// The visual field: the image that the network gets, which the reader drags, pinches, turns, or draws on. All of it
// also works with the keyboard. Over it lie the receptive field of a unit, and where the remembered object was.
import { Pen } from "../../parts/pen.js";
import { COLOURS, draw, h, unique } from "../../ui.js";
import { n, t } from "../../words.js";
import { SIZES } from "./scene.js";

const STEP = 0.02, LARGE = 4; // of an arrow key, as a share of the field; how much more with Shift
const NEAR = 0.02; // points of a stroke closer than this share of its box add nothing

export class Field {
  /** `scene` renders; `onpose(change)` moves the object, `onstroke(strokes)` draws one. */
  constructor(scene, { onpose, onstroke }) {
    Object.assign(this, { scene, onpose, onstroke, drawing: false, strokes: [], pointers: new Map() });
    const help = unique("help");
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.overlay = h("canvas", { class: "cortex-overlay", "aria-hidden": "true", width: 512, height: 512 });
    this.box = h("div", { class: "cortex-field", tabindex: 0, role: "application", "aria-describedby": help }, this.canvas, this.overlay);
    this.help = h("p", { id: help, class: "live-help cortex-help" });
    this.element = h("div", { class: "cortex-stage" }, this.box, this.help);
    this.pen = new Pen(this.box, { steps: [STEP, STEP], large: LARGE, ready: () => this.drawing, begin: (place) => this.begin(this.degrees(place)),
      extend: (places) => this.extend(places.map((place) => this.degrees(place))), undo: () => this.undo(), paint: () => this.mark() });
    this.draws(false);
    this.listen();
  }

  /** A place of the pen in degrees from the middle of the field. */
  degrees(place) {
    return place.map((share) => (share - 0.5) * this.scene.degrees);
  }

  /** Let the pointer draw, or move again. */
  draws(on) {
    this.drawing = on;
    this.strokes = [];
    this.pointers.clear();
    this.pen.lift();
    this.pen.at = [0.5, 0.5];
    this.box.classList.toggle("draws", on);
    this.help.textContent = on
      ? t("Draw with mouse, finger or pen. With the keyboard: arrow keys move the pen, the space bar sets it down and lifts it, Backspace takes a stroke back.")
      : t("Arrow keys move the object, with Shift faster; plus and minus scale it, comma and full stop turn it, Home puts it back.");
    this.mark();
  }

  /** Show an input; `said` describes it to those who do not see it. */
  show({ data }, { pose, ghost, area }, said) {
    Object.assign(this, { pose, ghost, area });
    const { side } = this.scene;
    draw(this.canvas, [{ height: side, width: side, data: data.map((value) => 1 - value) }], { colour: COLOURS.ink });
    this.box.setAttribute("aria-label", said);
    this.mark();
  }

  /** Outline a receptive field {x, y, width, height, round} in degrees, or nothing. */
  outline(area) {
    this.area = area;
    this.mark();
  }

  mark() {
    const { overlay, scene, ghost, pose, area, pen, drawing } = this, context = overlay.getContext("2d");
    const scale = overlay.width / scene.degrees, middle = overlay.width / 2;
    context.clearRect(0, 0, overlay.width, overlay.height);
    const ring = (x, y, radius, colour, dash, width = 3) => {
      for (const [style, line] of [["#fff", width + 3], [colour, width]]) {
        Object.assign(context, { strokeStyle: style, lineWidth: line });
        context.setLineDash(dash);
        context.beginPath();
        context.arc(middle + x * scale, middle + y * scale, radius * scale, 0, 7);
        context.stroke();
      }
    };
    const frame = ({ x, y, width, height }, colour) => {
      context.setLineDash([]);
      for (const [style, line] of [["#fff", 7], [colour, 4]]) {
        Object.assign(context, { strokeStyle: style, lineWidth: line });
        const corner = (place, side) => Math.max(3, Math.min(overlay.width - 3, middle + (place + side / 2) * scale));
        const [left, right, top, bottom] = [corner(x, -width), corner(x, width), corner(y, -height), corner(y, height)];
        context.strokeRect(left, top, right - left, bottom - top);
      }
    };
    if (ghost && pose && !drawing && Math.hypot(pose.x - ghost.x, pose.y - ghost.y) > 0.02 * scene.degrees) {
      context.setLineDash([8, 8]);
      for (const [style, width] of [["#fff", 5], ["#57606a", 2]]) {
        Object.assign(context, { strokeStyle: style, lineWidth: width });
        context.beginPath();
        context.moveTo(middle + ghost.x * scale, middle + ghost.y * scale);
        context.lineTo(middle + pose.x * scale, middle + pose.y * scale);
        context.stroke();
      }
      ring(ghost.x, ghost.y, 0.06 * scene.degrees / 4, "#57606a", []);
    }
    if (area?.round) ring(area.x, area.y, area.width / 2, "#d9480f", [], 4);
    else if (area) frame(area, "#d9480f");
    if (drawing && pen.seen) ring(...this.degrees(pen.at), scene.degrees / 30, pen.down ? "#b3400a" : "#0b5394", []);
  }

  listen() {
    const { box } = this;
    box.addEventListener("pointerdown", (event) => this.down(event));
    box.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) box.addEventListener(end, (event) => this.up(event));
    box.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    box.addEventListener("keydown", (event) => (this.drawing ? this.pen.key(event) : this.key(event)));
  }

  /** Where an event is, in degrees. */
  place({ clientX, clientY }) {
    const box = this.box.getBoundingClientRect(), { degrees } = this.scene;
    return [((clientX - box.left) / box.width - 0.5) * degrees, ((clientY - box.top) / box.height - 0.5) * degrees];
  }

  down(event) {
    if (event.button > 0 || this.drawing || this.pointers.size === 2) return;
    this.box.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.place(event));
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = this.place(event);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, now);
    if (!other) return void this.onpose({ dx: now[0] - before[0], dy: now[1] - before[1] });
    const [old, fresh] = [before, now].map(([x, y]) => ({ length: Math.hypot(x - other[0], y - other[1]), angle: Math.atan2(y - other[1], x - other[0]) }));
    const turned = ((fresh.angle - old.angle) * 180) / Math.PI;
    this.onpose({ dx: (now[0] - before[0]) / 2, dy: (now[1] - before[1]) / 2, factor: fresh.length / (old.length || 1), turn: ((turned + 540) % 360) - 180 });
  }

  up({ pointerId }) {
    this.pointers.delete(pointerId);
  }

  /** Pinching on a trackpad, or the wheel once the field has been touched; else the page scrolls. */
  wheel(event) {
    if (this.drawing || !(event.ctrlKey || document.activeElement === this.box)) return;
    event.preventDefault();
    this.onpose({ factor: Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.001)) });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEP * this.scene.degrees * (event.shiftKey ? LARGE : 1);
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (this.poseKey(event.key, way, step)) event.preventDefault();
  }

  poseKey(key, way, step) {
    const change = way ? { dx: way[0] * step, dy: way[1] * step }
      : { "+": { factor: 2 ** 0.125 }, "=": { factor: 2 ** 0.125 }, "-": { factor: 2 ** -0.125 }, ",": { turn: -5 }, ".": { turn: 5 }, Home: { home: true } }[key];
    if (change) this.onpose(change);
    return Boolean(change);
  }

  undo() {
    this.strokes = this.strokes.slice(0, -1);
    this.onstroke(this.strokes);
  }

  begin(place) {
    this.strokes = [...this.strokes, [this.scene.inside(place, this.pose)]];
    this.onstroke(this.strokes);
  }

  extend(places) {
    const stroke = this.strokes.at(-1), before = stroke.length;
    for (const place of places) {
      const [x, y] = this.scene.inside(place, this.pose), [lastX, lastY] = stroke.at(-1);
      if (Math.hypot(x - lastX, y - lastY) >= NEAR) stroke.push([x, y]);
    }
    if (stroke.length > before) this.onstroke(this.strokes);
  }
}

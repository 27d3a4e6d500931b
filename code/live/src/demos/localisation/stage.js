// The picture in which the reader moves an object: with the pointer from wherever it is grasped, with arrow keys, larger and smaller with + and −.
import { cover, h } from "../../ui.js";
import { paint } from "../../parts/paint.js";

const KEYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const FAR = 4; // steps of an arrow key with Shift

export class Stage {
  /** `side` is the picture's, in pixels; `onmove(x, y)` gets the object's middle, `onstep(right, down)` steps of it, `ongrow(by)` a change of its size, all while `ready()`. */
  constructor({ label, side, ready, onmove, onstep, ongrow }) {
    Object.assign(this, { side, middle: null });
    this.canvas = h("canvas", {});
    this.frame = h("div", { class: "localisation-truth", hidden: true });
    this.element = h("div", { class: "localisation-stage", tabindex: 0, role: "application", "aria-label": label }, this.canvas, this.frame);
    let held = null;
    this.element.addEventListener("pointerdown", (event) => {
      if (held || event.button > 0 || !ready() || !this.middle) return;
      const at = this.place(event), [x, y] = this.middle, near = Math.hypot(at[0] - x, at[1] - y) < side / 3;
      held = { id: event.pointerId, by: near ? [x - at[0], y - at[1]] : [0, 0] };
      this.element.setPointerCapture(event.pointerId);
      if (!near) onmove(...at);
    });
    this.element.addEventListener("pointermove", (event) => {
      if (event.pointerId !== held?.id || !ready()) return;
      const at = this.place(event);
      onmove(at[0] + held.by[0], at[1] + held.by[1]);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) this.element.addEventListener(end, ({ pointerId }) => pointerId === held?.id && (held = null));
    this.element.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !ready() || !this.middle) return;
      const [right, down] = KEYS[event.key] ?? [], far = event.shiftKey ? FAR : 1;
      if (right !== undefined) onstep(far * right, far * down); // what is asked for may be ahead of what is shown
      else if (event.key === "+" || event.key === "=") ongrow(1);
      else if (event.key === "-") ongrow(-1);
      else return;
      event.preventDefault();
    });
  }

  /** Where the pointer is, in pixels of the picture. */
  place({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    return [((clientX - box.left) / box.width) * this.side, ((clientY - box.top) / box.height) * this.side];
  }

  /** Show `picture`, a canvas, with `truth` {left, top, width, height} framed, or null; `middle` is the object's that can be moved. */
  show({ picture, truth, middle }) {
    paint(this.canvas, picture);
    this.middle = middle;
    this.frame.hidden = !truth;
    if (truth) cover(this.frame, truth, { across: this.side, down: this.side });
  }
}

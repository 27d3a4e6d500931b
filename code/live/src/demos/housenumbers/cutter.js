// A picture with a frame, which the reader draws, moves and resizes.
import { cover, h } from "../../ui.js";

const LEAST = 0.02, STEP = 0.02; // parts of the picture's side
const KEYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const within = (value, low, high) => Math.max(low, Math.min(high, value));

export class Cutter {
  /** `oncut({left, top, width, height})` gets the frame in parts of the picture, while it changes. */
  constructor({ label, oncut }) {
    Object.assign(this, { oncut, window: { left: 0, top: 0, width: 1, height: 1 } });
    this.canvas = h("canvas", {});
    this.frame = h("div", { class: "live-window" });
    this.element = h("div", { class: "housenumbers-cutter", tabindex: 0, role: "application", "aria-label": label, hidden: true }, this.canvas, this.frame);
    let start = null;
    this.element.addEventListener("pointerdown", (event) => {
      if (start || !event.isPrimary) return;
      start = { ...this.place(event), id: event.pointerId };
      this.element.setPointerCapture(event.pointerId);
    });
    this.element.addEventListener("pointermove", (event) => {
      if (event.pointerId !== start?.id) return;
      const now = this.place(event), width = Math.abs(now.x - start.x), height = Math.abs(now.y - start.y);
      if (width > LEAST && height > LEAST) this.set({ left: Math.min(now.x, start.x), top: Math.min(now.y, start.y), width, height });
    });
    for (const name of ["pointerup", "pointercancel"]) this.element.addEventListener(name, ({ pointerId }) => start?.id === pointerId && (start = null));
    this.element.addEventListener("keydown", (event) => {
      const [right, down] = KEYS[event.key] ?? [];
      if (right === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const { left, top, width, height } = this.window;
      if (event.shiftKey) this.set({ left, top, width: within(width + STEP * right, LEAST, 1 - left), height: within(height + STEP * down, LEAST, 1 - top) });
      else this.set({ left: within(left + STEP * right, 0, 1 - width), top: within(top + STEP * down, 0, 1 - height), width, height });
    });
  }

  place({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    return { x: within((clientX - box.left) / box.width, 0, 1), y: within((clientY - box.top) / box.height, 0, 1) };
  }

  /** Show another picture, all of it framed. */
  show(picture) {
    Object.assign(this.canvas, { width: picture.width, height: picture.height });
    this.canvas.getContext("2d").drawImage(picture, 0, 0);
    this.element.hidden = false;
    this.window = { left: 0, top: 0, width: 1, height: 1 };
    cover(this.frame, this.window, { across: 1, down: 1 });
  }

  set(window) {
    this.window = window;
    cover(this.frame, window, { across: 1, down: 1 });
    this.oncut(window);
  }
}

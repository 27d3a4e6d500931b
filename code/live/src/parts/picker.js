// A picture on which one place is chosen, with the pointer or with keys: a canvas, a lens over the chosen place, and layers
// of other frames. What a place means is the user's: see maps.js.
import { cover, h } from "../ui.js";

export class Picker {
  /**
   * `at(x, y)` makes something of a place in the picture, in units, or null where there is nothing; `onpick` gets it when it is
   * pressed or dragged over, `onpoint` when it is pointed at (null when the pointer leaves); `onkey({down, right, jump})` gets
   * arrow keys and Page Up and Page Down, `onfocus()` the focus from the keyboard.
   */
  constructor({ kind = "", label, at, onpick, onpoint = () => {}, onkey, onfocus = () => {}, layers = [] }) {
    Object.assign(this, { at, units: null });
    this.canvas = h("canvas", {});
    this.lens = h("div", { class: "live-lens", hidden: true });
    this.layers = Object.fromEntries(layers.map((name) => [name, h("div", {})]));
    this.element = h("div", { class: `live-picker ${kind}`, tabindex: 0, role: "application", "aria-label": label },
      this.canvas, Object.values(this.layers), this.lens);
    const tell = (event, hear) => {
      const found = this.find(event);
      if (found) hear(found);
    };
    this.element.addEventListener("pointerdown", (event) => tell(event, onpick));
    this.element.addEventListener("pointermove", (event) => tell(event, event.buttons ? onpick : onpoint));
    this.element.addEventListener("pointerleave", () => onpoint(null));
    this.element.addEventListener("focus", () => this.units && this.element.matches(":focus-visible") && onfocus());
    this.element.addEventListener("keydown", (event) => {
      const [down, right, jump] = KEYS[event.key] ?? [];
      if (down === undefined || !this.units || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      onkey({ down, right, jump });
    });
  }

  /** What is under the pointer. */
  find({ clientX, clientY }) {
    if (!this.units) return null; // nothing is drawn yet
    const box = this.canvas.getBoundingClientRect(), { across, down } = this.units;
    return this.at(((clientX - box.left) / box.width) * across, ((clientY - box.top) / box.height) * down);
  }

  /** Put the lens over {top, left, height, width} in units, or away. */
  look(place) {
    this.lens.hidden = !place;
    if (place) cover(this.lens, place, this.units);
  }

  /** Fill a layer with frames of a class, one over each place. */
  frames(layer, name, places) {
    this.layers[layer].replaceChildren(...places.map((place) => {
      const frame = h("div", { class: name });
      cover(frame, place, this.units);
      return frame;
    }));
  }
}

const KEYS = { ArrowUp: [-1, 0, 0], ArrowDown: [1, 0, 0], ArrowLeft: [0, -1, 0], ArrowRight: [0, 1, 0], PageUp: [0, 0, -1], PageDown: [0, 0, 1] };

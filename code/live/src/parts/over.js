// What heat maps and masks have in common: a picture, a cloth over it that lets it shine through, a place on it that is pointed
// at or chosen with keys, and a line that tells what is there.
import { h, slider } from "../ui.js";
import { t } from "../words.js";
import css from "./over.css";
import { paint } from "./paint.js";
import { Picker } from "./picker.js";
import { readout } from "./readout.js";

export class Over {
  /** `tell(row, column)` says what lies at a place of the cloth; `opacity` is the cloth's in the beginning. */
  constructor({ kind, label, tell, opacity = 0.6 }) {
    Object.assign(this, { tell, place: { row: 0, column: 0 }, step: 1 });
    this.picker = new Picker({ kind: "live-over-picture", label, at: (x, y) => this.within(Math.floor(y), Math.floor(x)), onpick: (place) => this.choose(place),
      onpoint: (place) => place && this.choose(place), onfocus: () => this.choose(this.place),
      onkey: ({ down, right }) => this.choose(this.within(this.place.row + down * this.step, this.place.column + right * this.step)) });
    this.cloth = h("canvas", { class: "live-cloth" });
    this.picker.canvas.after(this.cloth);
    this.slider = slider({ label: t("Opacity"), min: 0, max: 1, step: 0.05, value: opacity, digits: 2, oninput: (value) => (this.cloth.style.opacity = value) });
    this.cloth.style.opacity = opacity;
    this.line = readout();
    this.legend = h("div", {});
    this.element = h("div", { class: `live-over ${kind}` }, h("style", {}, css), this.picker.element, this.line.element, this.legend, this.slider.element);
  }

  /** Lay a cloth of `height` x `width` units over a picture, a canvas; keys go `step` units. */
  lay(picture, { height, width, step = 1 }) {
    Object.assign(this, { height, width, step });
    paint(this.picker.canvas, picture);
    this.picker.units = { across: width, down: height };
    this.picker.look(null);
    this.line.say(t("Point at the picture, or choose a place with the arrow keys."), false);
  }

  within(row, column) {
    return { row: Math.min(this.height - 1, Math.max(0, row)), column: Math.min(this.width - 1, Math.max(0, column)) };
  }

  choose(place) {
    this.place = this.within(place.row, place.column); // the cloth before may have been larger
    const { row, column } = this.place;
    this.picker.look({ top: row, left: column, height: 1, width: 1 });
    this.line.say(this.tell(row, column));
  }
}

// A slider with a ribbon below it: what the network would read at seventeen places along the slider.
import { h, slider } from "../../ui.js";
import { n, t } from "../../words.js";

export const PLACES = 17;

export class Ribbon {
  /** `min` and `max` are the slider's ends, `digits` the decimals shown; `oninput()` is called with every move. */
  constructor({ label, min, max, value, digits = 0, unit = "", oninput }) {
    Object.assign(this, { min, max, digits, unit, neutral: value, value });
    this.slider = slider({ label, min, max, step: 0.01, value, digits, unit,
      oninput: (moved) => ((this.value = moved), oninput()) });
    this.cells = [...Array(PLACES).keys()].map(() => h("span", {}));
    this.strip = h("div", { class: "lenet-ribbon", role: "img" }, this.cells);
    this.element = h("div", { class: "lenet-bend" }, this.slider.element, this.strip);
    this.clear();
  }

  /** The slider's values at which the ribbon is computed. */
  get places() {
    return [...Array(PLACES).keys()].map((i) => this.min + ((this.max - this.min) * i) / (PLACES - 1));
  }

  reset() {
    this.value = this.neutral;
    this.slider.set(this.neutral);
  }

  /** Show what was read at each place; places that read something else than `digit` are marked. */
  show(read, digit) {
    read.forEach((found, index) => {
      this.cells[index].textContent = found;
      this.cells[index].className = found === digit ? "same" : "other";
    });
    this.strip.setAttribute("aria-label", this.summary(read, digit));
  }

  clear() {
    for (const cell of this.cells) (cell.textContent = ""), (cell.className = "");
    this.strip.setAttribute("aria-label", t("Nothing drawn yet"));
  }

  summary(read, digit) {
    const nearest = this.places.reduce((best, place, i) => (Math.abs(place - this.neutral) < Math.abs(this.places[best] - this.neutral) ? i : best), 0);
    if (read[nearest] !== digit) return t("Read as {others}", { others: [...new Set(read)].join(", ") });
    let low = nearest, high = nearest;
    while (low > 0 && read[low - 1] === digit) low--;
    while (high < PLACES - 1 && read[high + 1] === digit) high++;
    const say = (i) => n(this.places[i], this.digits) + this.unit;
    return t("Read as {digit} from {low} to {high}", { digit, low: say(low), high: say(high) });
  }
}

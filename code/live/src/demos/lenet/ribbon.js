// A slider with ribbons below it: what networks would read at seventeen places along the slider.
import { h, slider } from "../../ui.js";
import { n, t } from "../../words.js";

export const PLACES = 17;

export class Ribbon {
  /** `min` and `max` are the slider's ends, `digits` the decimals shown, which a key moves by one; `oninput()` is called with every move. */
  constructor({ label, min, max, value, digits = 0, unit = "", oninput }) {
    Object.assign(this, { min, max, digits, unit, neutral: value, value, strips: [] });
    this.slider = slider({ label, min, max, value, digits, unit,
      oninput: (moved) => ((this.value = moved), oninput()) });
    this.place = h("div", { class: "lenet-strips" });
    this.element = h("div", { class: "lenet-bend" }, this.slider.element, this.place);
    this.name([""]);
  }

  /** One ribbon for each of `names`, which stand beside them; a single one may be nameless. */
  name(names) {
    if (names.join() === this.names?.join()) return;
    this.names = names;
    this.strips = names.map(() => {
      const cells = Array.from({ length: PLACES }, () => h("span", {}));
      return { cells, element: h("div", { class: "lenet-ribbon", role: "img" }, cells) };
    });
    this.place.replaceChildren(...this.strips.flatMap(({ element }, index) => [names[index] && h("span", { class: "lenet-whose", "aria-hidden": "true" }, names[index]), element].filter(Boolean)));
    this.clear();
  }

  /** The slider's values at which the ribbons are computed. */
  get places() {
    return [...Array(PLACES).keys()].map((i) => this.min + ((this.max - this.min) * i) / (PLACES - 1));
  }

  set(value) {
    this.value = value;
    this.slider.set(value);
  }

  reset() {
    this.set(this.neutral);
  }

  /** Show what was read at each place, one list a ribbon; places that read something else than `digit` are marked. */
  show(all, digit) {
    this.strips.forEach(({ cells, element }, which) => {
      all[which].forEach((found, index) => {
        cells[index].textContent = found;
        cells[index].className = found === digit ? "same" : "other";
      });
      const name = this.names[which], told = this.summary(all[which], digit);
      element.setAttribute("aria-label", name ? `${name}: ${told}` : told);
    });
  }

  clear() {
    for (const { cells, element } of this.strips) {
      for (const cell of cells) (cell.textContent = ""), (cell.className = "");
      element.setAttribute("aria-label", t("Nothing drawn yet"));
    }
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

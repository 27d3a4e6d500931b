// The classes that a network thinks most likely, the likeliest first.
import { h } from "../../ui.js";
import { n, t } from "../../words.js";

/** A share of 1 as readers see it. */
export const share = (value, digits = 0) => t("{share} %", { share: n(100 * value, digits) });

export class Guesses {
  constructor(count) {
    this.rows = Array.from({ length: count }, () => {
      const name = h("span", { class: "alexnet-name" }), bar = h("span", {}), value = h("span", { class: "live-amount" });
      return { name, bar, value, element: h("li", {}, name, h("span", { class: "alexnet-bar", "aria-hidden": "true" }, bar), value) };
    });
    this.element = h("ol", { class: "alexnet-guesses", "aria-label": t("The likeliest classes") }, this.rows.map(({ element }) => element));
  }

  /** `guesses` are {name, share, right}. */
  show(guesses) {
    this.rows.forEach(({ name, bar, value, element }, place) => {
      const { name: called, share: part, right } = guesses[place];
      name.textContent = right ? `✓ ${called}` : called;
      bar.style.width = `${100 * part}%`;
      value.textContent = share(part);
      element.classList.toggle("right", right);
    });
  }
}

// The five likeliest classes, each a button that shows its evidence; above them the answer, below them the doubt.
import { button, h } from "../../ui.js";
import { n, t } from "../../words.js";

/** A share of 1 as readers see it: never all of it, and never nothing of it. */
export function share(value) {
  const digits = value > 0.0005 && value < 0.9995 ? 1 : 2;
  if (value > 0.99995) return t("> {share} %", { share: n(99.99, 2) });
  return t("{share} %", { share: n(100 * value, digits) });
}

export class Guesses {
  /** `onpick(place)` gets the rank that the reader asks about. */
  constructor({ count, onpick }) {
    this.rows = Array.from({ length: count }, (_, rank) => {
      const name = h("span", { class: "signs-name" }), bar = h("span", {}), value = h("span", { class: "live-amount" });
      const row = button([name, h("span", { class: "signs-bar", "aria-hidden": "true" }, bar), value], () => onpick(rank), { "aria-pressed": "false" });
      return { name, bar, value, row };
    });
    this.element = h("div", { class: "signs-guesses", role: "group", "aria-label": t("The likeliest classes: press one to see what speaks for it") }, this.rows.map(({ row }) => row));
  }

  /** `guesses` are {name, share, right}, the likeliest first; `chosen` is the rank whose evidence is shown. */
  show(guesses, chosen) {
    this.rows.forEach(({ name, bar, value, row }, rank) => {
      const { name: called, share: part, right } = guesses[rank];
      name.textContent = right ? `✓ ${called}` : called;
      bar.style.width = `${100 * part}%`;
      value.textContent = share(part);
      row.setAttribute("aria-pressed", String(rank === chosen));
    });
  }
}

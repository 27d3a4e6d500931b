// Text with a value for each letter or word, as a bar of its colour below: up for more than nothing, down for less. The text
// may be the reader's, in a field.
import { COLOURS, h, unique } from "../ui.js";
import { n, t } from "../words.js";
import css from "./letters.css";
import { readout } from "./readout.js";
import { scale } from "./scale.js";

/** A text's letters, as a reader counts them, or its words with what stands between them. */
export function pieces(text, unit = "letter") {
  if (unit === "word") return text.match(/\S+\s*|^\s+/g) ?? [];
  return [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)].map(({ segment }) => segment);
}

export class Letters {
  /** `unit` is "letter" or "word". With `onchange(text)` the reader can write, at most `longest` letters; `name` says what the values are. */
  constructor({ label, name, unit = "letter", digits = 2, longest = 300, onchange }) {
    Object.assign(this, { name, unit, digits, at: 0, pieces: [], values: [] });
    const id = unique("text");
    this.field = onchange ? h("input", { id, type: "text", maxlength: longest, autocomplete: "off", spellcheck: "false", oninput: () => onchange(this.field.value) }) : null;
    this.strip = h("div", { class: "live-letters-strip", tabindex: 0, role: "application", onkeydown: (event) => this.key(event),
      onfocus: () => this.strip.matches(":focus-visible") && this.choose(this.at) });
    for (const kind of ["pointerdown", "pointerover"]) this.strip.addEventListener(kind, ({ target }) => {
      const index = this.spans.indexOf(target.closest(".live-letter"));
      if (index >= 0) this.choose(index);
    });
    this.line = readout();
    this.legend = h("div", {});
    this.element = h("div", { class: "live-letters", role: "group", "aria-label": label }, h("style", {}, css),
      this.field && h("div", { class: "live-named" }, h("label", { class: "live-name", for: id }, label), this.field), this.strip, this.line.element, this.legend);
  }

  /** `values` has one for each of pieces(text, unit); `limit` is the value of the last colour. */
  show({ text, values, limit = Math.max(1e-9, ...values.map(Math.abs)) }) {
    Object.assign(this, { pieces: pieces(text, this.unit), values, at: 0 });
    if (this.field && this.field.value !== text) this.field.value = text;
    this.spans = this.pieces.map((piece, index) => {
      const share = Math.max(-1, Math.min(1, (values[index] ?? 0) / limit)), bar = h("i", {});
      bar.style.cssText = `height:${50 * Math.abs(share)}%;${share < 0 ? "top" : "bottom"}:50%;background:rgb(${COLOURS.signed(share)})`;
      return h("span", { class: "live-letter" }, h("b", {}, piece), h("span", { class: "live-letter-bar" }, bar));
    });
    this.strip.replaceChildren(...this.spans);
    this.strip.setAttribute("aria-label", t("{name} of: {text}. Arrow keys go through it.", { name: this.name, text }));
    const ends = [-limit, limit].map((value) => n(value, this.digits));
    this.legend.replaceChildren(scale({ colour: COLOURS.signed, low: -1, texts: ends, said: t("Colours from {low} to {high}", { low: ends[0], high: ends[1] }) }));
    this.legend.hidden = !this.pieces.length;
    this.line.say("", false);
  }

  choose(index) {
    if (!this.pieces.length) return;
    this.at = Math.min(this.pieces.length - 1, Math.max(0, index));
    this.spans.forEach((span, place) => span.classList.toggle("chosen", place === this.at));
    const piece = this.pieces[this.at].trim() || t("space");
    this.line.say(t("{number} of {count}, “{piece}”: {name} {value}", { number: this.at + 1, count: this.pieces.length, piece, name: this.name, value: n(this.values[this.at] ?? 0, this.digits) }));
  }

  key(event) {
    const next = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0, End: Infinity }[event.key];
    if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.choose(next);
  }
}

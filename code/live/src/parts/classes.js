// The classes between which a network decides: a button for each, with its picture where it has one, its name, and how
// much speaks for it, as a bar or as ink. Arrow keys go from one to the next.
import { button, COLOURS, h } from "../ui.js";

export class Classes {
  /**
   * `names` are the classes' names; `pictures(index)` gives an element for each, or null; `mark` is "bar" or "ink"; `columns` stand in
   * a row, `narrow` on a narrow page; `unit` is heard before a value. `onpick(index)` follows the reader.
   */
  constructor({ label, names, pictures = () => null, mark = "bar", columns = names.length, narrow = columns, unit = "", onpick }) {
    Object.assign(this, { onpick, mark });
    this.parts = names.map((text, index) => {
      const amount = h("span", { class: "live-class-mark" }), value = h("span", { class: "live-class-value" }), name = h("span", { class: "live-class-name" }, text);
      const inside = mark === "ink" ? [amount, name] : [pictures(index), name, h("span", { class: "live-class-scale" }, amount), h("span", { class: "live-unseen" }, unit), value];
      return { button: button(inside, () => this.pick(index), { tabindex: index ? -1 : 0, onkeydown: (event) => this.key(event, index) }), amount, value, name };
    });
    this.buttons = this.parts.map((part) => part.button);
    this.element = h("div", { class: `live-classes ${mark}`, role: "group", "aria-label": label, style: `--columns:${columns};--narrow:${narrow}` }, this.buttons);
  }

  /** For each class {share, text, name, said}: how much of 1 speaks for it, and where given what is written and heard; `best` is marked. */
  show(all, best) {
    all.forEach(({ share, text, name, said }, index) => {
      const part = this.parts[index];
      if (this.mark === "bar") part.amount.style.height = `${100 * share}%`;
      else part.amount.style.background = `rgb(${COLOURS.ink(Math.min(1, share))})`;
      if (text !== undefined) part.value.textContent = text;
      if (name !== undefined && part.name.textContent !== name) part.name.textContent = name;
      part.button.classList.toggle("best", index === best);
      if (said) Object.assign(part.button, { ariaLabel: said, title: said });
    });
  }

  /** Mark the class that is looked at, or none. */
  choose(chosen) {
    this.buttons.forEach((each, index) => each.setAttribute("aria-pressed", String(index === chosen)));
  }

  pick(index) {
    this.buttons.forEach((each, place) => (each.tabIndex = place === index ? 0 : -1));
    this.onpick(index);
  }

  key(event, index) {
    const columns = getComputedStyle(this.element).gridTemplateColumns.split(" ").length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = this.buttons[index + step];
    if (!next) return;
    this.pick(index + step);
    next.focus();
  }
}

// Views of which one is seen, behind buttons. A view is prepared before it is shown, and the last one asked for wins;
// meanwhile the one before stays, and works.
import { button, h } from "../ui.js";

export class Tabs {
  /**
   * `options` is {value: text}; `prepare(value)` gives a view's element, or a promise of it; `onshow(value)` is called when
   * it is on the page, `fail(error)` where it cannot be prepared.
   */
  constructor({ label, options, prepare, onshow = () => {}, fail }) {
    Object.assign(this, { prepare, onshow, fail, value: null });
    this.buttons = Object.entries(options).map(([value, text]) => button(text, () => this.enter(value), { value }));
    this.element = h("div", { class: "live-tools", role: "group", "aria-label": label }, this.buttons);
    this.place = h("div", {});
  }

  async enter(value) {
    const asked = (this.asked = {});
    this.value = value;
    for (const each of this.buttons) each.setAttribute("aria-pressed", String(each.value === value));
    this.place.setAttribute("aria-busy", "true");
    try {
      const view = await this.prepare(value);
      if (this.asked !== asked) return;
      if (this.place.firstChild !== view) this.place.replaceChildren(view);
      this.place.removeAttribute("aria-busy");
      this.onshow(value);
    } catch (error) {
      this.fail(error);
    }
  }
}

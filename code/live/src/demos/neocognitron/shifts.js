// For what the net takes the drawing when it lies elsewhere: a small map of all shifts.
import { h } from "../../ui.js";
import { n, t } from "../../words.js";
import { judge, last, places } from "./answers.js";
import { inked, shifted } from "./pixels.js";

const REACH = 4, WAIT = 200, SLICE = 12; // cells; milliseconds; shifts between two looks at the page

export class Shifts {
  /** `onmove({down, right})` is called when the reader clicks on a place. */
  constructor(onmove) {
    const side = 2 * REACH + 1;
    this.squares = Array.from({ length: side * side }, (_, index) => {
      const down = Math.floor(index / side) - REACH, right = (index % side) - REACH;
      return h("span", { onclick: () => this.asked && onmove({ down, right }) });
    });
    this.map = h("div", { class: "neo-shifts", role: "img" }, this.squares);
    this.element = h("div", { class: "neo-elsewhere", hidden: true }, this.map,
      h("p", { class: "live-size" }, t("Read elsewhere: the answer when the drawing is shifted by up to {reach} cells. Click to move it there.", { reach: REACH })));
  }

  /** Ask `net` about a drawing at all places, soon; what was asked before is dropped. */
  ask(net, pixels, found, names) {
    clearTimeout(this.timer);
    this.asked = null;
    if (!found || !inked(pixels)) return (this.element.hidden = true);
    this.timer = setTimeout(() => this.answer({ net, pixels, found, names }), WAIT);
  }

  async answer(asked) {
    this.asked = asked;
    const { net, pixels, found, names } = asked, side = 2 * REACH + 1, read = new Map(), all = places(pixels, REACH);
    for (const [count, [down, right]] of all.entries()) {
      if (count % SLICE === SLICE - 1) await new Promise((resolve) => setTimeout(resolve));
      if (this.asked !== asked) return;
      read.set((down + REACH) * side + right + REACH, judge(last(net, shifted(pixels, down, right)), found).best);
    }
    const here = read.get((side * side - 1) / 2) ?? [];
    let same = 0;
    this.squares.forEach((square, index) => {
      const best = read.get(index), agrees = best && String(best) === String(here) && best.length > 0;
      same += agrees ? 1 : 0;
      square.textContent = !best ? "" : best.length > 1 ? "±" : best.length ? names[best[0]].slice(0, 2) : "·";
      square.className = !best ? "off" : agrees ? "same" : best.length ? "other" : "none";
    });
    const name = here.map((each) => names[each]).join("/");
    this.map.setAttribute("aria-label", here.length ? t("Taken for {name} at {same} of {all} places", { name, same: n(same), all: n(all.length) })
      : t("Not known here; the map shows for what it is taken elsewhere"));
    this.element.hidden = false;
  }
}

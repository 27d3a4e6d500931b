// The reader's verdict on a cell, and how it compares with the truth.
import { svg } from "../../parts/svg.js";
import { button, h, slider, unique } from "../../ui.js";
import { n, t } from "../../words.js";
import { EACH, ENOUGH, FAR } from "./score.js";

export const KINDS = () => ({
  on: t("centre and surround, on-centre"),
  off: t("centre and surround, off-centre"),
  simple: t("simple"),
  complex: t("complex"),
  endstopped: t("end-stopped"),
});
const ABOUT = {
  on: () => t("Light in the middle excites this cell, light around it silences it, and orientation means nothing to it."),
  off: () => t("Light in the middle silences this cell, light around it excites it, and orientation means nothing to it."),
  simple: () => t("This cell has regions side by side, some that light excites and some that it silences. They add up, so the map tells which bar, edge or slit is best, and exactly where."),
  complex: () => t("This cell has no regions of its own for light and shade: a bar of its orientation moves it anywhere within the outline, bright or dark alike, and best while it drifts. It fires as light goes on and as it goes off, so either mark holds there."),
  endstopped: () => t("This cell wants a bar of its orientation that is short: where the bar reaches into the violet zones beyond either end, it is silenced."),
};
const WITHOUT = ["on", "off"]; // kinds that prefer no orientation

export class Guess {
  /** `act` has reveal() and next(); `onchange()` follows every change. */
  constructor({ act, onchange }) {
    this.onchange = onchange;
    const name = unique("kind");
    this.radios = Object.entries(KINDS()).map(([kind, text]) => {
      const input = h("input", { type: "radio", name, value: kind, onchange: () => this.change() });
      return { input, element: h("label", { class: "hw-kind" }, input, h("span", {}, text)) };
    });
    this.line = svg("path", { class: "hw-dial-line", d: "M-16 0H16" });
    this.dial = svg("svg", { class: "hw-dial", viewBox: "-20 -20 40 40", "aria-hidden": "true" }, svg("circle", { r: 18, class: "hw-dial-rim" }), this.line);
    this.angle = slider({ label: t("Preferred orientation"), min: 0, max: 179, step: 1, unit: "°", value: 90, oninput: () => this.change() });
    this.orientation = h("div", { class: "hw-turn" }, this.dial, this.angle.element);
    this.act = act;
    this.revealer = button(t("Reveal"), act.reveal, { class: "live-main" });
    this.result = h("div", { class: "hw-result", hidden: true, tabindex: -1, role: "group",
      "aria-label": t("The result") });
    this.element = h("div", { class: "hw-guess", role: "group", "aria-label": t("Your verdict") },
      h("fieldset", { class: "hw-kinds" }, h("legend", { class: "live-name" }, t("This cell is")), this.radios.map(({ element }) => element)),
      h("div", { class: "hw-part" }, this.orientation,
        h("div", { class: "live-tools" }, this.revealer)));
    this.change();
  }

  /** {kind, angle}: null for what is not said, or where there is no orientation. */
  get value() {
    const kind = this.radios.find(({ input }) => input.checked)?.input.value ?? null;
    return { kind, angle: WITHOUT.includes(kind) ? null : Number(this.angle.input.value) };
  }

  change() {
    const { angle } = this.value;
    this.line.setAttribute("transform", `rotate(${-(angle ?? 0)})`);
    this.orientation.hidden = angle === null;
    this.onchange?.();
  }

  fresh() {
    for (const { input } of this.radios) input.checked = input.disabled = false;
    this.angle.input.disabled = this.revealer.disabled = false;
    this.angle.set(90);
    this.result.hidden = true;
    this.change();
  }

  /** Show the score, as score() gives it, and lock the guess; `totals` are the points of all cells so far. */
  show(score, truth, { hints, totals }) {
    const { kind, angle } = this.value, kinds = KINDS(), { points } = score;
    for (const { input } of this.radios) input.disabled = true;
    this.angle.input.disabled = this.revealer.disabled = true;
    const degrees = (value) => (value === null ? t("none") : `${n(value)}°`);
    const rows = [
      [t("Kind"), kind ? kinds[kind] : t("not said"), kinds[truth.kind], points.kind],
      [t("Orientation"), degrees(angle), degrees(truth.angle), points.orientation],
      [t("Place: the middle of your marks"), score.centre ? t("{distance}° away", { distance: n(score.distance, 1) }) : t("no marks"),
        t("at {x}°, {y}°", { x: n(truth.centre.x, 1), y: n(truth.centre.y, 1) }), points.place],
      [t("Marks on a region of their sign"), t("{right} of {count}", { right: score.right, count: score.count }),
        t("all of {enough} or more", { enough: ENOUGH }), points.marks],
    ];
    const head = [t("Question"), t("You"), t("The cell"), t("Points")];
    this.result.replaceChildren(
      h("div", { class: "live-tools hw-sum" }, h("p", { class: "hw-points" }, t("{total} of {most} points", { total: n(score.total), most: n(4 * EACH) })),
        button(t("Next cell"), this.act.next, { class: "live-main" })),
      h("p", {}, ABOUT[truth.kind](), truth.direction ? [" ", t("It prefers one of the two directions of movement.")] : ""),
      h("div", { class: "hw-table" }, h("table", {}, h("thead", {}, h("tr", {}, head.map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", {}, rows.map(([question, yours, cell, got]) => h("tr", {}, h("th", { scope: "row" }, question), h("td", {}, yours), h("td", {}, cell),
          h("td", {}, `${n(got)} / ${n(EACH)}`)))))),
      h("p", { class: "hw-why" }, t("Each question is worth {each} points. An orientation that is 45° off and a place that is {far}° off are worth nothing, and nearer ones in proportion; fewer than {enough} marks make no map and count in proportion.",
        { each: n(EACH), far: n(FAR), enough: n(ENOUGH) }), hints ? [" ", t("Hints taken: {hints}.", { hints: n(hints) })] : "",
        totals.length > 1 ? [" ", t("On average over {count} cells: {mean} points.", { count: n(totals.length), mean: n(totals.reduce((sum, each) => sum + each, 0) / totals.length) })] : ""));
    this.result.hidden = false;
    this.result.focus({ preventScroll: true });
    this.result.scrollIntoView({ block: "start" });
  }
}

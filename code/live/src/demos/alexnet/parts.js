// What each part of the network is worth: the curves of training with all parts and with one changed, and what came out.
import { toggles } from "../../parts/toggles.js";
import { line, svg } from "../../parts/svg.js";
import { h } from "../../ui.js";
import { n, t } from "../../words.js";
import { share as percent } from "./guesses.js";

const WIDE = 320, HIGH = 150; // of a chart, in its own units

/**
 * `parts` is {all: {name, training, validation, ...}, changed: {key: {...}}}, with lists of shares that are wrong, one after each epoch;
 * `state` is what tests read.
 */
export class Parts {
  constructor(parts, { small, state }) {
    Object.assign(this, { parts, state, small });
    const options = Object.fromEntries(Object.entries(parts.changed).map(([key, { name }]) => [key, name]));
    this.part = Object.keys(options)[0];
    this.toggles = toggles({ label: t("Change one part"), options, value: this.part, onchange: (part) => this.choose(part) });
    this.charts = { training: new Chart(t("wrong on training pictures")), validation: new Chart(t("wrong on validation pictures")) };
    this.legend = h("p", { class: "alexnet-legend" });
    this.result = h("p", { class: "alexnet-verdict", role: "status" });
    this.element = h("div", { class: "alexnet-parts" }, this.toggles.element, this.legend,
      h("div", { class: "alexnet-charts" }, Object.values(this.charts).map(({ element }) => element)), this.result,
      h("p", { class: "live-key" }, t("Thick lines are means of {count} trainings with other random starts. Training pictures are counted as the network sees them while it learns.", { count: parts.all.training.length })));
    this.choose(this.part);
  }

  choose(part) {
    this.part = part;
    this.toggles.set(part);
    const { all, changed } = this.parts, other = changed[part];
    for (const [key, chart] of Object.entries(this.charts)) chart.show(all[key], other[key], { one: all.name, two: other.name });
    this.legend.replaceChildren(h("span", { class: "one" }, all.name), " ", h("span", { class: "two" }, other.name));
    this.result.textContent = this.say(all, other);
    this.state.part = part;
  }

  say(all, { name, error, difference: [low, high] }) {
    const said = { all: n(100 * all.error, 1), name, error: n(100 * error, 1), low: n(100 * low, 1), high: n(100 * high, 1) };
    const text = t("Wrong on test pictures: {all} % before, {error} % with this change.", said);
    const more = low > 0 ? t("The change harms: the difference lies between {low} and {high} points, at 95 %.", said)
      : high < 0 ? t("The change helps: the difference lies between {low} and {high} points, at 95 %.", said)
      : t("The difference lies between {low} and {high} points, at 95 %: no effect is detected.", said);
    return [text, more].join(" ");
  }
}

/** Two bundles of curves over epochs. */
class Chart {
  constructor(title) {
    this.title = title;
    this.drawing = svg("svg", { viewBox: `-44 -8 ${WIDE + 52} ${HIGH + 30}`, role: "img", class: "alexnet-chart" });
    this.element = h("figure", {}, h("figcaption", {}, title), this.drawing);
  }

  show(one, two, names) {
    const all = [...one, ...two], highest = Math.max(...all.flat()), step = highest > 0.4 ? 20 : 10, most = (step * Math.ceil((100 * highest) / step)) / 100, epochs = Math.max(...all.map((curve) => curve.length));
    const x = (epoch) => (WIDE * epoch) / Math.max(1, epochs - 1), y = (share) => HIGH * (1 - share / most);
    const path = (curve, kind) => svg("path", { class: kind, d: line(curve.map((share, epoch) => [x(epoch), y(share)])) });
    const middle = (curves) => curves[0].map((_, epoch) => curves.reduce((sum, curve) => sum + curve[epoch], 0) / curves.length);
    const rules = Array.from({ length: Math.round((100 * most) / step) + 1 }, (_, place) => (place * step) / 100);
    const text = (kind, place, words) => { const label = svg("text", { class: kind, ...place }); label.textContent = words; return label; };
    this.drawing.replaceChildren(
      ...rules.map((share) => svg("line", { class: "rule", x1: 0, x2: WIDE, y1: y(share), y2: y(share) })),
      ...rules.map((share) => text("end", { x: -5, y: y(share) + 4 }, percent(share))),
      ...one.map((curve) => path(curve, "thin one")), ...two.map((curve) => path(curve, "thin two")), path(middle(one), "one"), path(middle(two), "two"),
      text("start", { x: 0, y: HIGH + 16 }, t("epoch 1")), text("end", { x: WIDE, y: HIGH + 16 }, t("epoch {epoch}", { epoch: epochs })));
    const last = (curves) => n(100 * middle(curves).at(-1), 0);
    this.drawing.setAttribute("aria-label", t("{title}, by epoch: {one} ends at {a} %, {two} at {b} %.", { title: this.title, ...names, a: last(one), b: last(two) }));
  }
}

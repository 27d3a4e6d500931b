// Top-5 errors on a chart: the contest's entries by year, or single networks by what they cost.
import { line, svg } from "../../parts/svg.js";
import { h } from "../../ui.js";
import { n, t } from "../../words.js";
import { billions, millions, percent } from "./numbers.js";

const TOP = 30, RULES = [0, 10, 20, 30]; // per cent
const FAMILIES = ["vgg", "resnet", "resnext"];
const TICKS = { adds: [1e9, 3e9, 1e10, 3e10, 1e11], parameters: [1e7, 3e7, 1e8, 3e8, 1e9] };
const SPAN = { adds: [0.6e9, 2e11], parameters: [0.5e7, 1.2e9] };
const UNIT = { adds: 1e9, parameters: 1e6 };
const LEFT = 14; // per cent of the width, beside the scale of costs: those without a network

const style = (x, y) => `left:${x}%;bottom:${(100 * y) / TOP}%`;
const dot = (x, y, kind, now) => h("span", { class: `imagenet-dot ${kind}${now ? " now" : ""}`, style: style(x, y) });
const text = (x, y, words, kind = "") => h("span", { class: `imagenet-text ${kind}`, style: style(x, y) }, words);

export class Chart {
  /** `onyear(year)` follows a reader who points at a year. */
  constructor(facts, onyear) {
    Object.assign(this, { facts, onyear });
    this.place = h("div", { class: "imagenet-chart", role: "img", onclick: (event) => this.point(event) });
    this.legend = h("p", { class: "imagenet-legend" });
    this.element = h("div", {}, this.place, this.legend);
  }

  point(event) {
    if (this.axis !== "year") return;
    const { left, width } = this.place.getBoundingClientRect(), { years } = this.facts;
    const at = Math.floor((years.length * (event.clientX - left)) / width);
    this.onyear(years[Math.max(0, Math.min(years.length - 1, at))].year);
  }

  show(year, axis) {
    this.axis = axis;
    const rules = RULES.map((value) => h("span", { class: "imagenet-rule", style: `bottom:${(100 * value) / TOP}%` }, h("span", {}, percent(value, 0))));
    const human = h("span", { class: "imagenet-rule human", style: `bottom:${(100 * this.facts.human) / TOP}%` });
    const { parts, said } = axis === "year" ? this.byYear(year) : this.byCost(year, axis);
    this.place.replaceChildren(...rules, human, ...parts);
    this.place.setAttribute("aria-label", said);
    const mark = (kind, words) => h("span", {}, h("span", { class: `imagenet-dot ${kind}` }), words);
    const marks = axis === "year" ? [mark("", t("winner")), mark("second", t("second")), mark("rules", t("no network")), mark("extra", t("with other pictures"))]
      : [h("span", {}, axis === "adds" ? t("→ billions of multiply-adds") : t("→ millions of parameters")), mark("", t("one network, one crop")), mark("second", t("mean of ten crops")), mark("rules", t("no network")), mark("extra", t("with other pictures"))];
    this.legend.replaceChildren(...marks, h("span", {}, h("span", { class: "imagenet-human" }), t("one practised person, {error}", { error: percent(this.facts.human) })));
  }

  byYear(year) {
    const { years } = this.facts, step = 100 / years.length, parts = [], told = [];
    years.forEach(({ year: one, cards }, place) => {
      const x = step * (place + 0.5), now = one === year;
      if (now) parts.push(h("span", { class: "imagenet-band", style: `left:${step * place}%;width:${step}%` }));
      cards.forEach((card, rank) => {
        const kind = card.extra ? "extra" : card.convolutional ? (rank ? "second" : "") : "rules";
        parts.push(dot(x + (rank ? 0.22 * step : 0), card.top5, kind, now));
        if (card.also) parts.push(dot(x, card.also, "extra", now));
      });
      parts.push(text(x, cards[0].top5, n(cards[0].top5, 1), "above"), text(x, 0, [h("span", { class: "imagenet-century" }, String(one).slice(0, 2)), String(one).slice(2)], now ? "below chosen" : "below"));
      told.push(`${one}: ${percent(cards[0].top5)}`);
    });
    return { parts, said: t("Top-5 error of the best entry of each year. {list}.", { list: told.join(", ") }) };
  }

  byCost(year, axis) {
    const { single, networks, years } = this.facts, [low, high] = SPAN[axis], scale = Math.log(high / low);
    const x = (cost) => LEFT + ((100 - LEFT) * Math.log(cost / low)) / scale, cost = (one) => networks[one.landmark][axis];
    const parts = [], family = ({ landmark }) => landmark.match(/^[a-z]+/)[0];
    const lines = FAMILIES.flatMap((name) => [true, false].map((extra) => single.filter((one) => family(one) === name && one.extra === extra)))
      .map((all) => svg("path", { d: line(all.map((one) => [x(cost(one)), 100 - (100 * one.top5) / TOP])) }));
    parts.push(svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" }, ...lines));
    for (const { year: one, cards } of years)
      for (const card of cards.filter(({ convolutional }) => !convolutional)) parts.push(dot(LEFT / 2, card.top5, "rules", one === year), text(LEFT / 2, card.top5, String(one), "beside"));
    const chosen = single.filter((one) => one.year === year).sort((a, b) => cost(a) - cost(b));
    single.forEach((one) => parts.push(dot(x(cost(one)), one.top5, one.extra ? "extra" : one.crops > 1 ? "second" : "", one.year === year)));
    const named = chosen.length > 2 ? [chosen[0], chosen[chosen.length - 1]] : chosen;
    named.forEach((one, place) => parts.push(text(x(cost(one)), one.top5, networks[one.landmark].title, place ? "under" : "above")));
    const write = axis === "adds" ? billions : millions;
    TICKS[axis].forEach((value) => parts.push(text(x(value), 0, n(value / UNIT[axis]), "below")));
    const told = single.map((one) => `${networks[one.landmark].title}: ${write(cost(one))}, ${percent(one.top5)}`).join("; ");
    return { parts, said: axis === "adds" ? t("Top-5 error of single networks by multiply-adds. {list}.", { list: told }) : t("Top-5 error of single networks by parameters. {list}.", { list: told }) };
  }
}

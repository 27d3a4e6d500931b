// The contest, year by year: errors on a chart, and the networks of the year drawn from their code.
import { toggles } from "../../parts/toggles.js";
import { announcer, button, h, slider } from "../../ui.js";
import { n, t } from "../../words.js";
import { blocks } from "./blocks.js";
import { Chart } from "./chart.js";
import { billions, millions, percent } from "./numbers.js";

const PACE = 1800; // milliseconds for which a year is shown

export class Contest {
  constructor(facts, tools) {
    Object.assign(this, { facts, tools, now: { year: 2014, axis: "year" } });
    const years = facts.years.map(({ year }) => year), [first, last] = [Math.min(...years), Math.max(...years)];
    Object.assign(this, { first, last });
    const written = (year) => String(year); // without a separator of thousands
    this.slider = slider({ label: t("Year"), min: first, max: last, step: 1, value: this.now.year, oninput: (year) => (this.stop(), this.go({ year })) });
    this.year = written;
    this.play = button(t("Play"), () => (this.timer ? this.stop() : this.start()), { class: "imagenet-play" });
    this.axes = toggles({ label: t("Error against"), options: { year: t("the year"), adds: t("multiply-adds"), parameters: t("parameters") }, value: this.now.axis,
      onchange: (axis) => this.go({ axis }) });
    this.said = h("p", { class: "imagenet-said" });
    this.chart = new Chart(facts, (year) => (this.stop(), this.go({ year })));
    this.cards = h("div", { class: "imagenet-cards" });
    this.heard = announcer();
    this.element = h("div", { class: "imagenet-contest" }, h("div", { class: "imagenet-year" }, this.slider.element, this.play), this.axes.element, this.chart.element,
      this.said, this.cards, this.heard.element);
  }

  set({ year, axis }) {
    if (year !== undefined) this.stop(), (this.now.year = year);
    if (axis !== undefined) this.now.axis = axis;
  }

  go(change) {
    Object.assign(this.now, change);
    this.show();
  }

  /** From the year shown on, or from the first one where that is the last, a year at a time. */
  start() {
    if (this.now.year === this.last) this.go({ year: this.first });
    this.timer = setInterval(() => {
      this.go({ year: this.now.year + 1 });
      if (this.now.year === this.last) this.stop();
    }, PACE);
    this.play.textContent = t("Stop");
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = t("Play");
  }

  show() {
    const { year, axis } = this.now, found = this.facts.years.find((one) => one.year === year);
    this.slider.set(year);
    this.slider.element.querySelector(".live-amount").textContent = this.year(year);
    this.slider.input.setAttribute("aria-valuetext", this.year(year));
    this.axes.set(axis);
    this.said.textContent = [found.said, this.surprise(found)].join(" ").trim();
    this.chart.show(year, axis);
    const drawn = found.cards.filter(({ drawn }) => drawn), most = Math.max(...drawn.map((card) => this.network(card).groups.reduce((sum, { layers }) => sum + layers, 0)), 1);
    this.cards.replaceChildren(...found.cards.map((card) => this.card(card, most)));
    this.heard.say(`${this.year(year)}. ${this.said.textContent}`);
    Object.assign(this.tools.state, { year, axis, cards: found.cards.length });
  }

  network(card) {
    return this.facts.networks[card.drawn];
  }

  /** Where the second network is at least twice as large as the winner's, that is said. */
  surprise({ cards: [best, second] }) {
    if (!second?.drawn || !best.drawn) return "";
    const [small, large] = [best, second].map((card) => this.network(card)), times = large.parameters / small.parameters;
    return times < 2 ? "" : t("{large} has {times} times as many parameters as {small}, and comes second.", { large: large.title, small: small.title, times: n(times, 0) });
  }

  card(card, most) {
    const { network, team, top5, also, place, networks } = card, error = percent(top5);
    const name = team === network || team === card.network ? network : `${network} (${team})`;
    const title = place === 1 ? t("Winner: {name}", { name }) : place === 2 ? t("Second: {name}", { name }) : name;
    const facts = [t("{error} wrong", { error })];
    if (also) facts.push(t("{error} with other pictures", { error: percent(also) }));
    if (networks > 1) facts.push(t("{count} networks averaged", { count: networks }));
    const head = h("p", { class: "imagenet-card-head" }, h("strong", {}, title), " ", h("span", { class: "live-size" }, facts.join(" · ")));
    if (!card.drawn) return h("div", { class: "imagenet-card" }, head, h("p", { class: "live-size" }, card.undrawn));
    const drawn = this.network(card), values = { parameters: millions(drawn.parameters), adds: billions(drawn.adds) };
    const cost = t("{parameters} parameters · {adds} multiply-adds", values);
    return h("div", { class: "imagenet-card" }, head, h("p", { class: "live-size" }, `${drawn.title}: ${cost}`), blocks(drawn, most));
  }
}

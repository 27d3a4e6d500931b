// The stimulus turned through 180 degrees by itself, and the spikes counted at each orientation.
import { line, svg } from "../../parts/svg.js";
import { h } from "../../ui.js";
import { n, t } from "../../words.js";
import { unusual } from "./amplifier.js";
import { CROSSING } from "./experiment.js";

export const STEP = 10; // degrees between two orientations
const WIDTH = 420, HEIGHT = 190, LEFT = 40, RIGHT = 18, TOP = 12, BOTTOM = 46;

export class Tuning {
  constructor() {
    this.chart = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "hw-chart", role: "img" });
    this.told = h("p", {});
    this.element = h("div", { class: "hw-tuning", hidden: true }, this.chart, this.told);
  }

  hide() {
    this.element.hidden = true;
  }

  /**
   * `curves` are {name, seconds, rates: [[degrees, spikes per second], ...]}, counted for so many seconds each; `resting`
   * is the rate without a stimulus, `full` whether all orientations have been shown.
   */
  show(curves, { resting, full }) {
    this.element.hidden = false;
    const all = curves.flatMap(({ rates }) => rates), most = Math.max(10, resting, ...all.map(([, rate]) => rate));
    const top = most > 50 ? Math.ceil(most / 20) * 20 : Math.ceil(most / 10) * 10;
    const x = (degrees) => LEFT + (degrees / 180) * (WIDTH - LEFT - RIGHT);
    const y = (rate) => HEIGHT - BOTTOM - (rate / top) * (HEIGHT - TOP - BOTTOM);
    const text = (place, words, more = {}) => svg("text", { ...place, class: "hw-chart-text", "text-anchor": "middle", ...more }, words);
    const parts = [svg("path", { class: "hw-axis", d: `M${LEFT} ${TOP}V${y(0)}H${WIDTH - RIGHT}` }),
      svg("path", { class: "hw-rest", d: `M${LEFT} ${y(resting)}H${WIDTH - RIGHT}` })];
    for (const rate of [0, top / 2, top]) parts.push(text({ x: LEFT - 6, y: y(rate) + 4 }, n(rate), { "text-anchor": "end" }));
    for (let degrees = 0; degrees <= 180; degrees += 45) {
      const along = (degrees * Math.PI) / 180, [u, v] = [9 * Math.cos(along), -9 * Math.sin(along)];
      parts.push(svg("path", { class: "hw-icon", d: `M${x(degrees) - u} ${HEIGHT - 30 - v}L${x(degrees) + u} ${HEIGHT - 30 + v}` }),
        text({ x: x(degrees), y: HEIGHT - 6 }, `${n(degrees)}°`));
    }
    curves.forEach(({ rates }, which) => {
      const points = rates.map(([degrees, rate]) => [x(degrees), y(rate)]);
      parts.push(svg("path", { class: `hw-curve hw-curve-${which}`, d: line(points) }));
      for (const [u, v] of points) parts.push(svg("circle", { class: `hw-dot hw-curve-${which}`, cx: u, cy: v, r: 3 }));
    });
    this.chart.replaceChildren(...parts);
    this.tell(curves, resting, full);
  }

  tell(curves, resting, full) {
    const best = curves.map(({ name, rates }) => ({ name, peak: rates.reduce((high, each) => (each[1] > high[1] ? each : high)) }));
    const said = best.map(({ name, peak }) => {
      const values = { name, rate: n(peak[1]), degrees: n(peak[0]) };
      return name ? t("{name}: at most {rate} spikes per second, at {degrees}°.", values) : t("At most {rate} spikes per second, at {degrees}°.", values);
    });
    const rest = t("Without a stimulus: {rate} (the dotted line).", { rate: n(resting) });
    const heard = curves.some(({ rates, seconds }) => rates.some(([, rate]) => Math.round(rate * seconds) >= unusual(resting * seconds)));
    this.text = [...said, rest, ...(heard ? [] : [t("That is no answer: the stimulus turned where it stood. Put it on the cell's field, or let it sweep, and turn it again.")])].join(" ");
    this.told.textContent = full ? this.text : t("Turning the stimulus and counting spikes, four times faster than the clock ...");
    const listed = curves.map(({ rates }) => rates.map(([degrees, rate]) => `${n(degrees)}°: ${n(rate)}`).join(", ")).join("; ");
    this.chart.setAttribute("aria-label", t("Spikes per second by orientation: {list}", { list: listed }));
  }
}

/** The stimulus, turned by STEP with every crossing; spikes are counted while it is there. */
export class Turning {
  constructor(experiment) {
    Object.assign(this, { experiment, index: 0, told: 0, before: { angle: experiment.stimulus.angle, lamp: experiment.lamp } });
    const { movement } = experiment;
    this.standing = movement === "hand";
    const seconds = movement === "both" || this.standing ? CROSSING / 2 : CROSSING;
    this.curves = (movement === "both" ? [t("One way"), t("The other way")] : [""]).map((name) => ({ name, seconds, rates: [] }));
    this.begin();
  }

  get done() {
    return this.index * STEP >= 180;
  }

  begin() {
    const { experiment } = this;
    experiment.skip();
    experiment.stimulus.angle = this.index * STEP;
    experiment.lamp = this.standing ? "flash" : "on"; // what stands is shown for the first half of a crossing
    this.until = experiment.now + CROSSING;
    this.counts = [0, 0];
  }

  /** Let so much time pass, but not beyond this orientation; gives the spikes' times. */
  pass(seconds) {
    const { experiment } = this, times = experiment.advance(Math.min(seconds, this.until - experiment.now));
    for (const time of times) this.counts[time < this.until - CROSSING / 2 ? 0 : 1]++;
    if (experiment.now < this.until - 1e-9) return times;
    const [first, second] = this.counts, degrees = this.index * STEP;
    const counts = this.curves.length > 1 ? [first, second] : [this.standing ? first : first + second];
    this.curves.forEach(({ rates, seconds }, i) => rates.push([degrees, counts[i] / seconds]));
    this.index++;
    if (!this.done) this.begin();
    return times;
  }

  /** Put the projector back as it was. */
  end() {
    const { angle, lamp } = this.before;
    this.experiment.stimulus.angle = angle;
    this.experiment.lamp = lamp;
  }
}

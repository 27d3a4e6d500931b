// What the reader says of a picture: the number, how sure it is, every head's probabilities, and where each head looks.
import { announcer, button, cover, h } from "../../ui.js";
import { n, t } from "../../words.js";
import { covered, decoded, falls, heads, patches } from "./arithmetic.js";

const BATCH = 15; // covered pictures that are asked at a time, so that a newer picture need not wait long
const SURE = 0.5; // probability from which it is told where a digit was found
const FAINT = 0.05; // a fall of the logarithm that is not worth a mark

export const percent = (share) => {
  const value = 100 * share, text = value > 99.5 && share < 1 ? n(Math.min(99.9, value), 1) : n(value);
  return `${text} %`;
};

export class Reading {
  constructor(facts, tools, { small = false } = {}) {
    Object.assign(this, { facts, tools, small, head: 1 });
    this.grid = patches(facts);
    this.given = h("canvas", { role: "img", width: facts.width, height: facts.height });
    this.cloth = h("canvas", { class: "housenumbers-cloth", "aria-hidden": "true", width: facts.width, height: facts.height });
    this.marks = h("div", { "aria-hidden": "true" });
    this.number = h("span", { class: "housenumbers-number" });
    this.said = h("span", {});
    this.heard = announcer();
    const names = [t("Length"), t("1st digit"), t("2nd digit"), t("3rd digit"), t("4th digit"), t("5th digit")];
    this.rows = names.map((name, index) => this.row(name, index));
    this.where = h("p", { class: "live-key" });
    this.answer = tools.latest((subject) => this.read(subject));
    this.search = tools.latest((answer) => this.look(answer));
    this.element = h("div", { class: "housenumbers-reading" },
      h("p", { class: "housenumbers-verdict" }, this.number, this.said), this.heard.element,
      h("div", { class: "housenumbers-given" }, this.given, this.cloth, this.marks), this.where,
      h("div", { class: "housenumbers-heads", role: "group", "aria-label": t("The heads: choose one to see where it looks") }, this.rows.map((row) => row.button)));
  }

  row(name, index) {
    const texts = index ? [..."0123456789"] : [..."012345", ">5"];
    const cells = texts.map((text) => {
      const bar = h("span", { class: "housenumbers-bar" });
      return { bar, element: h("span", { class: "housenumbers-cell" }, h("span", { class: "housenumbers-scale" }, bar), text) };
    });
    const value = h("span", { class: "live-amount" }), told = h("span", { class: "live-unseen" });
    const all = button([h("span", { class: "housenumbers-head" }, name), h("span", { class: "housenumbers-cells", "aria-hidden": "true" }, cells.map((cell) => cell.element)), told, value],
      () => this.choose(index), { "aria-pressed": String(index === this.head) });
    return { name, texts, cells, told, value, button: all };
  }

  /** Read an `image` {dims, data}; whatever else the `subject` holds is handed on to the state that tests read. */
  async read(subject) {
    const { image, ...more } = subject, { outputs, milliseconds } = await this.tools.network("reader").then((network) => network.run({ image }));
    const found = heads(outputs, 0), answer = { subject, image, heads: found, ...decoded(found) };
    this.current = answer;
    this.tools.state.falls = null;
    Object.assign(this.tools.state, { net: "reader", image, outputs, milliseconds, number: answer.number, share: answer.share, heads: found, ...more });
    this.show(answer);
    subject.onread?.(answer);
    this.search(answer);
  }

  show(answer) {
    const { number, share } = answer;
    paint(this.given, answer.image);
    this.given.setAttribute("aria-label", t("What the reader gets, {width} × {height} grey pixels", this.facts));
    this.number.textContent = number || t("no number");
    const doubt = number && share < this.facts.threshold;
    this.said.textContent = doubt ? t("{share} sure: it would ask a person", { share: percent(share) }) : t("{share} sure", { share: percent(share) });
    this.heard.say(number ? t("It reads {number}, {share} sure.", { number: [...number].join(" "), share: percent(share) }) : t("It sees no number, {share} sure.", { share: percent(share) }));
    this.rows.forEach((row, index) => {
      const values = (index ? answer.heads.digits[index - 1] : answer.heads.length).map(Math.exp), most = values.indexOf(Math.max(...values)), asked = !index || index <= number.length;
      row.cells.forEach(({ bar, element }, place) => {
        bar.style.height = `${100 * values[place]}%`;
        element.classList.toggle("best", asked && place === most);
      });
      row.value.textContent = percent(values[most]);
      row.button.classList.toggle("idle", !asked);
      const said = { name: row.name, answer: row.texts[most], share: percent(values[most]) };
      row.told.textContent = row.texts[most];
      row.button.title = asked ? t("{name}: {answer}, {share}", said) : t("{name}: not asked, for the number is shorter", said);
    });
    this.overlay();
  }

  /** Cover a patch of the picture after the other, and see whose answer suffers. */
  async look(answer) {
    const { places } = this.grid, network = await this.tools.network("reader"), found = [];
    for (let at = 0; at < places.length; at += BATCH) {
      if (answer !== this.current) return;
      const image = covered(answer.image, places.slice(at, at + BATCH), this.facts.patch), { outputs } = await network.run({ image });
      for (let i = 0; i < image.dims[0]; i++) found.push(falls(answer.heads, heads(outputs, i)));
    }
    if (answer !== this.current) return;
    answer.falls = found;
    this.tools.state.falls = found;
    this.overlay();
  }

  choose(head) {
    this.head = head;
    this.rows.forEach((row, index) => row.button.setAttribute("aria-pressed", String(index === head)));
    this.tools.state.head = head;
    if (this.current) this.overlay();
  }

  /** Lay the chosen head's evidence over the picture, and mark where each digit was found. */
  overlay() {
    const { current: { falls: found, number }, head, facts } = this, context = this.cloth.getContext("2d");
    context.clearRect(0, 0, facts.width, facts.height);
    this.marks.replaceChildren();
    this.where.textContent = found ? t("Orange: where the chosen head looks.") : t("Where does it look?");
    if (!found) return;
    const map = this.spread(found.map((all) => all[head])), most = Math.max(...map, FAINT), pixels = new ImageData(facts.width, facts.height);
    map.forEach((value, place) => pixels.data.set([240, 110, 10, 215 * Math.max(0, value / most) ** 0.8], 4 * place));
    context.putImageData(pixels, 0, 0);
    const sure = (place) => Math.max(...this.current.heads.digits[place]) > Math.log(SURE);
    const marks = [...number].map((digit, place) => ({ digit, middle: sure(place) && this.middle(found.map((all) => all[place + 1])) })).filter(({ middle }) => middle);
    this.marks.replaceChildren(...marks.map(({ digit, middle }) => {
      const mark = h("span", { class: "housenumbers-mark" }, digit);
      cover(mark, { left: middle.x, top: 0, width: 0, height: 0 }, { across: facts.width, down: facts.height });
      return mark;
    }));
  }

  /** Each pixel's mean fall over the patches that cover it. */
  spread(values) {
    const { facts: { height, width, patch }, grid: { places } } = this, sum = new Float64Array(height * width), count = new Float64Array(height * width);
    places.forEach(([top, left], index) => {
      for (let y = top; y < top + patch; y++)
        for (let x = left; x < left + patch; x++) (sum[y * width + x] += values[index]), (count[y * width + x] += 1);
    });
    return sum.map((value, place) => value / Math.max(1, count[place]));
  }

  /** Where the falls of a head lie on the whole, or null where nothing matters to it. */
  middle(values) {
    const { facts: { patch }, grid: { places } } = this, positive = values.map((value) => Math.max(0, value)), sum = positive.reduce((a, b) => a + b, 0);
    if (Math.max(...positive) < FAINT) return null;
    return { x: places.reduce((all, [, left], index) => all + positive[index] * (left + patch / 2), 0) / sum };
  }
}

/** Paint an image {dims: [1, 1, height, width], data} from 0 to 1. */
export function paint(canvas, { dims: [, , height, width], data }) {
  const pixels = new ImageData(width, height);
  data.forEach((value, place) => pixels.data.set([255 * value, 255 * value, 255 * value, 255], 4 * place));
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

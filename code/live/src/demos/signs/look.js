// A sign, what comes between it and the camera, what the network says of it, and what speaks for that.
import { fold } from "../../parts/fold.js";
import { HeatMap } from "../../parts/heatmap.js";
import { Picture } from "../../parts/picture.js";
import { svg } from "../../parts/svg.js";
import { reader, tensor } from "../../parts/tensor.js";
import { toggles } from "../../parts/toggles.js";
import { tries } from "../../parts/tries.js";
import { announcer, button, h, slider, unique } from "../../ui.js";
import { n, t } from "../../words.js";
import { Guesses, share } from "./guesses.js";
import { Kit, classOf, drawn } from "./kit.js";
import { Tape } from "./tape.js";
import { weathered } from "./weather.js";

const COLUMNS = 12, FIVE = 5; // samples in a row; guesses
const CLEAR = { fog: 0, blur: 0, glare: 0, cover: 0 };

export class Look {
  /** `samples` as tools.samples() gives them; `nets` is the element that chooses a network, if the reader may. */
  constructor(facts, samples, tools, { small, nets }) {
    Object.assign(this, { facts, samples: samples.samples.slice(0, facts.strip), tools, small, rank: 0, weather: { ...CLEAR }, tape: "black" });
    this.shape = { height: facts.side, channels: 3 };
    this.shown = h("canvas", { class: "signs-shown", role: "img" });
    this.frame = svg("svg", { class: "signs-window", viewBox: `0 0 ${facts.side} ${facts.side}`, "aria-hidden": "true" });
    this.label = h("p", { class: "signs-label" });
    this.verdict = h("p", { class: "signs-verdict" });
    this.doubt = h("p", { class: "signs-doubt" });
    this.heard = announcer();
    this.guesses = new Guesses({ count: FIVE, onpick: (rank) => this.look(rank) });
    this.heat = new HeatMap({ label: t("What speaks for the class, place by place"), digits: 1, opacity: 0.55, tell: (place) => this.tell(place) });
    this.answer = tools.latest(() => this.compute());
    this.layout(samples, nets);
  }

  layout({ credit }, nets) {
    const help = unique("tape"), { small } = this;
    this.strips = new Tape({ label: t("The sign, to stick tape on"), help, side: this.facts.side, onchange: () => this.answer() });
    this.tapes = toggles({ label: t("Draw tape on it:"), options: { black: t("black"), white: t("white") }, value: this.tape, onchange: (tape) => ((this.tape = tape), this.answer()) });
    const told = h("p", { id: help, class: "live-unseen" }, t("Draw on the sign to stick tape on it. With the keyboard: arrow keys, the space bar sets the tape down and lifts it, Backspace takes a strip off."));
    const sign = h("div", { class: "signs-sign" }, h("div", { class: "signs-picture" }, this.shown, this.frame, this.strips.canvas), this.label,
      h("div", { class: "signs-tapes" }, this.tapes.element, button(t("Take the tape off"), this.strips.clear)), told);
    const amounts = { fog: [t("Fog"), 2], blur: [t("Blur"), 1], glare: [t("Glare"), 2], cover: [t("Covered"), 2] }, { most } = this.facts.weather;
    this.sliders = Object.fromEntries(Object.entries(amounts).map(([name, [label, digits]]) =>
      [name, slider({ label, min: 0, max: most[name], value: 0, digits, oninput: (value) => ((this.weather[name] = value), this.answer()) })]));
    const options = this.samples.map(({ label, picture }, place) => ({ label, picture: copy(picture), value: String(place), ontry: () => this.set({ sample: place }, true) }));
    this.tries = tries({ label: t("Signs of the data set"), options, columns: COLUMNS });
    this.element = h("div", { class: "signs-look" }, h("div", { class: "signs-three" }, sign, this.heat.element,
      h("div", { class: "signs-answers" }, this.verdict, this.guesses.element, this.doubt, this.heard.element)),
      h("div", { class: "signs-weather", role: "group", "aria-label": t("What comes between sign and camera") }, Object.values(this.sliders).map(({ element }) => element)));
    if (small) return;
    this.kit = new Kit((built) => this.set({ sign: built }, true));
    this.own = new Picture({ label: t("Your own picture"), shape: this.shape, onpicture: (taken) => this.take(taken) });
    this.zoom = slider({ label: t("Zoom into the middle"), min: 1, max: 8, step: 0.1, value: 1, digits: 1, oninput: () => this.taken && this.near() });
    const folds = { [t("Your own picture")]: [this.own.element, this.zoom.element], [t("Build a sign")]: this.kit.element, [t("Another network")]: nets };
    this.element.append(h("div", { class: "signs-samples" }, this.tries.element, h("p", { class: "live-key" }, credit)),
      h("div", { class: "signs-folds" }, Object.entries(folds).map(([label, content]) => fold({ label, content: h("div", { class: "signs-fold" }, content) }))));
  }

  /** Show what is named. With another sign tape and weather go, unless they are named, too; `now` asks the network at once. */
  set({ sample, sign, tape, tapes, ...weather }, now = false) {
    if (sample !== undefined || sign) {
      Object.assign(this.weather, CLEAR);
      this.strips.set([]);
      this.rank = 0;
    }
    if (sample !== undefined) {
      const { picture, label } = this.samples[sample];
      this.subject = { base: tensor(reader(picture), this.shape), label: t("Labelled: {label}", { label }), sample, right: this.facts.classes.indexOf(label) };
    } else if (sign) {
      const right = classOf(sign), label = right === null ? t("Built: none of the {count} classes", { count: this.facts.classes.length }) : t("Built: {name}", { name: this.facts.classes[right] });
      this.subject = { base: tensor(reader(drawn(sign)), this.shape), label, right, sign };
      this.kit?.set(sign);
    }
    if (tape) this.strips.set(tape);
    if (tapes) this.tapes.set((this.tape = tapes));
    for (const name of Object.keys(CLEAR)) {
      if (weather[name] !== undefined) this.weather[name] = weather[name];
      this.sliders[name].set(this.weather[name]);
    }
    return now && this.wanted && this.answer();
  }

  /** The reader's own picture, of which nobody has said what it shows. */
  take({ image, picture, name }) {
    this.taken = { picture, name, image };
    this.zoom.set(1);
    this.strips.set([]);
    this.rank = 0;
    return this.near();
  }

  /** The middle of the reader's picture, as near as the slider says. */
  near() {
    const { picture, name, image } = this.taken, zoom = Number(this.zoom.input.value), [width, high] = [picture.width, picture.height].map((side) => side / zoom);
    const part = h("canvas", { width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round(high)) });
    part.getContext("2d").drawImage(picture, (width - picture.width) / 2, (high - picture.height) / 2);
    this.subject = { base: zoom === 1 ? image : tensor(reader(part), this.shape), label: name, right: -1 };
    return this.wanted && this.answer();
  }

  /** Go on with a network, once it has answered; until then all that is seen is the one before's. */
  use(name, net) {
    this.wanted = { name, net, ...this.facts.nets[name] };
    return this.answer();
  }

  async compute() {
    const { wanted, subject, tape, facts } = this, { base: { dims, data } } = subject, mask = this.strips.mask(), weather = { ...this.weather };
    const image = weathered({ dims, data }, { mask, tape, ...weather }, facts.weather);
    const { outputs, milliseconds } = await wanted.net.run({ image });
    if (wanted !== this.wanted || subject !== this.subject) return; // another was asked for, and is next
    const shares = softmax(outputs.scores.data, wanted.temperature), ranks = largest(shares, FIVE);
    const right = wanted.strangers.includes(subject.right) ? null : subject.right; // -1: nobody has said, null: none that it knows
    Object.assign(this, { given: subject, asked: wanted, image, outputs, shares, ranks, right });
    Object.assign(this.tools.state, { net: wanted.name, sample: subject.sample, sign: subject.sign, base: { dims, data }, mask, tape, weather, image, outputs, milliseconds,
      shares, best: ranks[0], right, sure: shares[ranks[0]] >= wanted.threshold });
    this.show();
  }

  show() {
    const { given, asked, shares, ranks, image, facts, right } = this, [best] = ranks, sure = shares[best] >= asked.threshold, name = facts.classes[best];
    paint(this.shown, image);
    this.window(this.outputs.theta, image.dims[2]);
    this.shown.setAttribute("aria-label", given.label);
    this.label.textContent = given.label;
    this.tries.buttons.forEach((each, place) => each.setAttribute("aria-pressed", String(place === given.sample)));
    const mark = right === -1 ? "" : best === right ? "✓ " : "✗ ";
    this.verdict.textContent = mark + name;
    this.element.classList.toggle("wrong", right !== -1 && best !== right);
    this.doubt.textContent = this.doubts(right === -1 ? null : best === right, sure, { threshold: share(asked.threshold), count: facts.classes.length - asked.strangers.length });
    this.heard.say(`${name}, ${share(shares[best])}. ${this.doubt.textContent}`);
    this.look(Math.min(this.rank, FIVE - 1));
  }

  /** The window that a spatial transformer looks through, {dims: [1, 2, 3], data}, on a picture of `side` pixels; others have none. */
  window(theta, side) {
    const corner = (u, v) => [0, 3].map((row) => ((theta.data[row] * u + theta.data[row + 1] * v + theta.data[row + 2] + 1) * side) / 2);
    const points = theta ? [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([u, v]) => corner(u, v).join()).join(" ") : "";
    this.frame.replaceChildren(...["under", "over"].map((kind) => svg("polygon", { class: kind, points })));
  }

  /** What is to be thought of the answer: `ok` is null where nobody has said what the picture shows. */
  doubts(ok, sure, values) {
    if (this.right === null) return sure ? t("This sign is none of the {count}, and the network does not notice.", values)
      : t("This sign is none of the {count}, and the network doubts: below {threshold} it should not answer.", values);
    if (ok === false) return sure ? t("Wrong, and sure of it.", values) : t("Wrong, but in doubt: below {threshold} it should not answer.", values);
    if (ok && !sure) return t("Right, but in doubt: below {threshold} it should not answer.", values);
    return sure ? t("Sure enough to answer: {threshold} or more.", values) : t("None of the {count}? Below {threshold} it should not answer.", values);
  }

  /** Show what speaks for the class of this rank. */
  look(rank) {
    this.rank = rank;
    if (!this.shares) return;
    const { asked, shares, ranks, outputs, facts, image } = this, chosen = ranks[rank], [, , height, width] = outputs.evidence.dims, size = height * width;
    this.guesses.show(ranks.map((place) => ({ name: facts.classes[place], share: shares[place], right: place === this.right })), rank);
    const data = outputs.evidence.data.subarray(chosen * size, (chosen + 1) * size);
    this.heat.show({ picture: painted(outputs.look ?? image), map: { height, width, data }, signed: true, ends: [t("against"), t("for")] });
    Object.assign(this.tools.state, { rank, chosen, asked: asked.name });
  }

  tell({ row, column, value }) {
    const { image, outputs, ranks, rank, facts } = this, [, , height, width] = outputs.evidence.dims, pixels = image.dims[2];
    const place = { row: Math.round(((row + 0.5) * pixels) / height), column: Math.round(((column + 0.5) * pixels) / width), name: facts.classes[ranks[rank]], amount: n(Math.abs(value), 1) };
    return value < 0 ? t("Row {row}, column {column}: takes {amount} from the score of {name}.", place) : t("Row {row}, column {column}: adds {amount} to the score of {name}.", place);
  }
}

function softmax(scores, temperature) {
  const most = Math.max(...scores), powers = Array.from(scores, (score) => Math.exp((score - most) / temperature)), sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** The places of the `count` largest, the largest first. */
const largest = (values, count) => [...values.keys()].sort((a, b) => values[b] - values[a] || a - b).slice(0, count);

/** Paint {dims: [1, 3, height, width], data}, from 0 to 1, as a picture in colour. */
function paint(canvas, { dims: [, , height, width], data }) {
  const pixels = new ImageData(width, height), size = height * width;
  for (let place = 0; place < size; place++)
    pixels.data.set([...[0, 1, 2].map((channel) => Math.round(255 * data[channel * size + place])), 255], 4 * place);
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

function painted(image) {
  const canvas = h("canvas", {});
  paint(canvas, image);
  return canvas;
}

/** A picture for a button: the same canvas cannot stand in two places. */
function copy(picture) {
  const canvas = h("canvas", { width: picture.width, height: picture.height, class: "live-thumb", "aria-hidden": "true" });
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return canvas;
}

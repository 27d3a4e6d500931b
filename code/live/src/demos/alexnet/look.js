// A picture, ten crops of it, what the network says of each and of all together, and every layer's answer to one of them.
import { fold } from "../../parts/fold.js";
import { Picture } from "../../parts/picture.js";
import { reader, tensor } from "../../parts/tensor.js";
import { tries } from "../../parts/tries.js";
import { announcer, cover, h } from "../../ui.js";
import { t } from "../../words.js";
import { cut, largest, mean, paint, row, softmax } from "./crops.js";
import { Crops } from "./ten.js";
import { Guesses, share } from "./guesses.js";
import { Layers } from "./layers.js";

const CENTRE = 4; // of the ten crops, the one in the middle
const COLUMNS = 8; // samples in a row
const FIVE = 5;

export class Look {
  /** `samples` as tools.samples() gives them; `nets` is the element that chooses a network. */
  constructor(facts, samples, tools, { small, nets }) {
    Object.assign(this, { facts, samples: samples.samples, tools, small, crop: -1 });
    this.shape = { height: facts.side, channels: 3 };
    this.units = { across: facts.side, down: facts.side };
    this.shown = h("canvas", { role: "img" });
    this.frame = h("div", { class: "live-window", hidden: true });
    this.label = h("p", { class: "alexnet-label" });
    this.verdict = h("p", { class: "alexnet-verdict" });
    this.heard = announcer();
    this.crops = new Crops({ count: facts.ten.length, onpick: (crop) => this.pick(crop) });
    this.guesses = new Guesses(FIVE);
    this.layers = new Layers(facts, tools.state, (area) => this.outline(area));
    this.answer = tools.latest(() => this.compute());
    this.layout(samples, nets);
  }

  layout({ credit }, nets) {
    const options = this.samples.map(({ label, picture }, place) => ({ label, picture: copy(picture), value: String(place), ontry: () => this.set({ sample: place, crop: -1 }, true) }));
    this.tries = tries({ label: t("Pictures"), options, columns: COLUMNS });
    const side = h("div", { class: "alexnet-side" }, h("div", { class: "alexnet-picture" }, this.shown, this.frame), this.label,
      this.small ? null : [this.tries.element, h("p", { class: "live-key" }, credit)]);
    const main = h("div", { class: "alexnet-main" }, this.small ? null : nets, this.crops.element, this.verdict, this.heard.element, this.guesses.element);
    this.element = h("div", { class: "alexnet-look" }, side, main);
    if (this.small) return;
    const own = new Picture({ label: t("Your own picture"), shape: this.shape, onpicture: ({ image, name }) => this.take({ image, name }) });
    this.element.append(this.layers.first, fold({ label: t("What the other layers answer, and what a unit adds up"), content: this.layers.more }),
      fold({ label: t("Your own picture"), content: own.element }));
  }

  /** Show a stored picture, or another crop; `now` asks the network at once. */
  set({ sample, crop }, now = false) {
    if (crop !== undefined) this.crop = crop;
    if (sample !== undefined) {
      const { picture, label } = this.samples[sample];
      this.subject = { image: tensor(reader(picture), this.shape), label, sample };
    }
    return now && this.wanted && this.answer();
  }

  /** The reader's own picture, of which nobody has said what it shows. */
  take(subject) {
    this.subject = subject;
    this.crop = -1;
    return this.wanted && this.answer();
  }

  /** Go on with a network, once it has answered; until then all that is seen is the one before's. */
  use(name, net) {
    this.wanted = { name, net, ...this.facts.nets[name] };
    return this.answer();
  }

  async compute() {
    const { wanted, subject, facts } = this, image = cut(subject.image, facts.ten, facts.crop);
    const { outputs, milliseconds } = await wanted.net.run({ image });
    if (wanted !== this.wanted) return; // another was asked for, and is next
    const shares = Array.from({ length: facts.ten.length }, (_, crop) => softmax(row(outputs.scores, crop).data));
    Object.assign(this, { asked: wanted, given: subject, image, outputs, shares, all: mean(shares) });
    Object.assign(this.tools.state, { net: wanted.name, sample: subject.sample, image, outputs, milliseconds, shares, all: this.all });
    this.show();
  }

  show() {
    const { given, asked, shares } = this;
    paint(this.shown, given.image);
    const right = asked.classes.indexOf(given.label); // -1 where nobody has said, or the network does not know it
    Object.assign(this, { right });
    this.label.textContent = given.sample === undefined ? given.name : t("Labelled: {label}", { label: given.label });
    this.shown.setAttribute("aria-label", this.label.textContent);
    this.tries.buttons.forEach((each, place) => each.setAttribute("aria-pressed", String(place === given.sample)));
    const verdict = (values) => {
      const [best] = largest(values, 1);
      return { name: asked.classes[best], right: right < 0 ? null : best === right };
    };
    this.crops.show(shares.map((values, crop) => ({ image: row(this.image, crop), ...verdict(values) })), verdict(this.all));
    this.pick(this.crop, false);
  }

  /** Look at one crop, or with -1 at all ten together. */
  pick(crop, say = true) {
    this.crop = crop;
    if (!this.shares) return;
    const { asked, right } = this, values = crop < 0 ? this.all : this.shares[crop];
    this.crops.choose(crop);
    this.guesses.show(largest(values, FIVE).map((place) => ({ name: asked.classes[place], share: values[place], right: place === right })));
    const text = this.say();
    this.verdict.textContent = text;
    if (say || this.told !== text) this.heard.say(text);
    this.told = text;
    this.seen = crop < 0 ? CENTRE : crop;
    this.outline(null);
    this.frame.classList.toggle("all", crop < 0);
    if (!this.small) this.layers.show(asked, row(this.image, this.seen), Object.fromEntries(Object.entries(this.outputs).map(([name, output]) => [name, row(output, this.seen)])));
    Object.assign(this.tools.state, { crop, best: largest(values, 1)[0], right });
  }

  /** Frame the crop in the picture, or an `area` of the crop. */
  outline(area) {
    const [top, left, mirrored] = this.facts.ten[this.seen], side = this.facts.crop;
    this.frame.hidden = !area && this.crop < 0;
    const { top: down, left: right, height, width } = area ?? { top: 0, left: 0, height: side, width: side };
    cover(this.frame, { top: top + down, left: left + (mirrored ? side - right - width : right), height, width }, this.units);
  }

  say() {
    const { asked, shares, all, crop } = this, top = (values) => largest(values, 1)[0], best = top(all);
    const alone = shares.filter((values) => top(values) === best).length, together = { name: asked.classes[best], share: share(all[best]), alone };
    if (crop < 0) return alone === shares.length ? t("All ten crops say {name}; their mean gives it {share}.", together)
      : t("The mean of the ten crops says {name}, with {share}. Crops that say so alone: {alone} of 10.", together);
    const own = top(shares[crop]), said = { own: asked.classes[own], share: share(shares[crop][own]), name: asked.classes[best] };
    return own === best ? t("This crop alone says {own}, with {share}; so do all ten together.", said)
      : t("This crop alone says {own}, with {share}; all ten together say {name}.", said);
  }
}

/** A picture for a button: the same canvas cannot stand in two places. */
function copy(picture) {
  const canvas = h("canvas", { width: picture.width, height: picture.height, class: "live-thumb", "aria-hidden": "true" });
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return canvas;
}

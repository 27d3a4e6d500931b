// A picture, and what four small networks say of it: plain or residual, of 20 layers or of 56.
import { fold } from "../../parts/fold.js";
import { Picture } from "../../parts/picture.js";
import { reader, tensor } from "../../parts/tensor.js";
import { tries } from "../../parts/tries.js";
import { announcer, h } from "../../ui.js";
import { t } from "../../words.js";
import { largest, percent, softmax } from "./numbers.js";

const COLUMNS = 10, GUESSES = 3;

export class Depth {
  constructor(facts, samples, tools, { small }) {
    Object.assign(this, { facts, samples: samples.samples, tools, small });
    this.shape = { height: facts.side, channels: 3, mean: facts.mean, std: facts.std };
    this.picture = h("canvas", { role: "img" });
    this.label = h("p", { class: "imagenet-label" });
    this.heard = announcer();
    this.cards = Object.entries(facts.small).map(([name, told]) => this.card(name, told));
    this.answer = tools.latest(() => this.compute());
    const options = this.samples.map(({ label, picture }, place) => ({ label, picture: copy(picture), value: String(place), ontry: () => (this.set({ sample: place }), this.answer()) }));
    this.tries = tries({ label: t("Pictures"), options, columns: COLUMNS });
    const own = new Picture({ label: t("Your own picture"), shape: this.shape, onpicture: ({ image, name }) => ((this.subject = { image, label: name }), this.answer()) });
    this.element = h("div", { class: "imagenet-depth" },
      h("div", { class: "imagenet-side" }, h("div", { class: "imagenet-picture" }, this.picture), h("div", { class: "imagenet-choose" }, this.label, this.tries.element, h("p", { class: "live-key" }, samples.credit))),
      h("div", { class: "imagenet-four" }, this.cards.map(({ element }) => element)), h("p", { class: "imagenet-verdict" }, this.verdict()), this.heard.element,
      small ? null : fold({ label: t("Your own picture"), content: own.element }));
  }

  card(name, { kind, layers, test, train }) {
    const rows = Array.from({ length: GUESSES }, () => {
      const called = h("span", {}), bar = h("span", {}), value = h("span", { class: "live-amount" });
      return { called, bar, value, element: h("li", {}, called, h("span", { class: "imagenet-share", "aria-hidden": "true" }, bar), value) };
    });
    const title = t("{kind}, {layers} layers", { kind, layers }), guess = h("p", { class: "imagenet-guess" });
    const measured = t("Wrong on {test} of test pictures, {train} of training pictures", { test: percent(100 * test, 1), train: percent(100 * train, 1) });
    const element = h("div", { class: `imagenet-net ${name.split("-")[0]}`, role: "group", "aria-label": title }, h("p", { class: "live-name" }, title), guess,
      h("ol", {}, rows.map((row) => row.element)), h("p", { class: "live-size" }, measured));
    return { name, title, guess, rows, element };
  }

  /** How the error changes with depth, of either kind. */
  verdict() {
    const { small } = this.facts, error = (name) => percent(100 * small[name].test, 1);
    return t("36 layers more: the plain networks go from {few} wrong to {many}, the residual ones from {before} to {after}.",
      { few: error("plain-20"), many: error("plain-56"), before: error("residual-20"), after: error("residual-56") });
  }

  set({ sample }) {
    if (sample === undefined) return;
    const { picture, label } = this.samples[sample];
    this.subject = { image: tensor(reader(picture), this.shape), label, sample };
  }

  /** What is to be seen when the view is opened: the four networks, and their answers. */
  async ready() {
    this.networks ??= await Promise.all(this.cards.map(({ name }) => this.tools.network(name)));
    await this.answer();
  }

  async compute() {
    if (!this.networks) return;
    const { subject, networks, facts } = this, { dims, data } = subject.image, image = { dims, data };
    const found = [];
    for (const network of networks) found.push((await network.run({ image })).outputs);
    if (subject !== this.subject) return; // another picture was chosen, and is next
    const right = subject.sample === undefined ? -1 : facts.classes.indexOf(subject.label), answers = {};
    const told = this.cards.map((card, place) => {
      const shares = softmax(found[place].scores.data), best = largest(shares, GUESSES);
      answers[card.name] = best[0];
      return this.tell(card, best.map((index) => ({ name: facts.classes[index], share: shares[index] })), right < 0 ? null : best[0] === right);
    });
    this.paint(image);
    this.label.textContent = right < 0 ? subject.label : t("Labelled: {label}", { label: subject.label });
    this.picture.setAttribute("aria-label", this.label.textContent);
    this.tries.buttons.forEach((each, place) => each.setAttribute("aria-pressed", String(place === subject.sample)));
    this.heard.say(told.join(". "));
    const last = this.cards.length - 1;
    Object.assign(this.tools.state, { sample: subject.sample, image, net: this.cards[last].name, outputs: found[last], answers, right });
  }

  tell({ title, guess, rows, element }, guesses, right) {
    const [{ name }] = guesses;
    guess.textContent = (right === null ? "" : right ? "✓ " : "✗ ") + name;
    element.classList.toggle("wrong", right === false);
    rows.forEach(({ called, bar, value }, place) => {
      called.textContent = guesses[place].name;
      bar.style.width = `${100 * guesses[place].share}%`;
      value.textContent = percent(100 * guesses[place].share, 0);
    });
    return right === null ? t("{title}: {name}", { title, name }) : right ? t("{title}: {name}, which is right", { title, name }) : t("{title}: {name}, which is wrong", { title, name });
  }

  paint({ dims: [, , height, width], data }) {
    const { mean, std } = this.facts, pixels = new ImageData(width, height), size = height * width;
    for (let place = 0; place < size; place++)
      pixels.data.set([...mean.map((grey, channel) => Math.round(255 * (data[channel * size + place] * std[channel] + grey))), 255], 4 * place);
    Object.assign(this.picture, { width, height });
    this.picture.getContext("2d").putImageData(pixels, 0, 0);
  }
}

/** A picture for a button: the same canvas cannot stand in two places. */
function copy(picture) {
  const canvas = h("canvas", { width: picture.width, height: picture.height, class: "live-thumb", "aria-hidden": "true" });
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return canvas;
}

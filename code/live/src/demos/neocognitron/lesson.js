// "Let it learn yours": an empty net, the reader's own characters, and the paper's rules, one presentation at a time.
import { button, h, slider } from "../../ui.js";
import { n, t } from "../../words.js";
import { places, survey } from "./answers.js";
import { Bench, learnedPlanes } from "./bench.js";
import { present } from "./learn.js";
import { asInput } from "./net.js";
import { pixelsOf, untaught } from "./facts.js";
import { bounds, inked, numbers, shifted } from "./pixels.js";
import { strokes } from "./school.js";
import { thumb } from "./thumb.js";

const LEAST = 2, MOST = 6, ROUNDS = 20, SEED = 1980;
const NAMES = ["α", "β", "γ", "δ", "ε", "ζ"];
const SLOW = 450, QUICK = 40; // milliseconds a presentation: in the first round, and later

export class Lesson {
  constructor(facts, state) {
    Object.assign(this, { facts, state, characters: [], past: [], done: 0, running: null, r: facts.layers.map(({ r }) => r) });
    this.bench = new Bench({ label: t("Pad of 16 by 16 cells for your own characters"), state, hint: (drawn) => this.hint(drawn), onpixels: () => this.pause() });
    this.bench.pad.element.append(button(t("Add to the lesson"), () => this.add(), { class: "live-main neo-main-button" }));
    this.layout();
    this.element = this.bench.element;
    this.forget();
  }

  open(options) {
    this.set(options);
  }

  /** With `learn` it is taught the five digits from nothing. */
  set({ learn }) {
    if (!learn) return;
    this.change(this.facts.patterns.map(({ name, image }) => ({ name, pixels: pixelsOf(image) })));
    this.learn();
  }

  layout() {
    this.start = button(t("Learn"), () => (this.running ? this.halt() : this.learn()), { class: "live-main neo-main-button" });
    this.slots = h("div", { class: "neo-slots", role: "group", "aria-label": t("Characters of the lesson") });
    this.key = h("p", { class: "live-size" }, t("Below each: its cells in UC3, and at how many of the places around its own the net knows it."));
    this.bar = h("progress", { max: 1, value: 0, "aria-label": t("Presentations") });
    this.count = h("p", { class: "neo-count" });
    this.note = h("p", { class: "neo-note" });
    const steps = [t("Draw a character of your own and add it to the lesson: two at least, six at most."), t("Press Learn: the net is shown them in turn, each time somewhere else."),
      t("Clear the pad, draw one of them again, moved or bent, and see what the net takes it for.")];
    this.bench.intro.append(h("ol", { class: "neo-steps" }, steps.map((step) => h("li", {}, step))));
    this.bench.above.append(this.slots, this.key,
      h("div", { class: "live-tools" }, this.start, button(t("One step"), () => this.once()), button(t("Forget"), () => this.forget()),
        button(t("Undo in the lesson"), () => this.undo()), button(t("Three examples"), () => this.change(examples()))),
      h("div", { class: "neo-progress" }, this.bar, this.count), this.note, this.selectivity());
  }

  selectivity() {
    const make = (index, label) => slider({ label, min: 0.3, max: 6, step: 0.1, value: this.r[index], digits: 1,
      oninput: (value) => ((this.r[index] = value), this.forget()) }).element;
    return h("details", { class: "neo-details" }, h("summary", {}, t("Selectivity")),
      h("p", {}, t("The larger r, the less an S-cell forgives. With a small r, different characters come to share a cell. With a large one more planes learn, each answers to less, and in the end no cell answers at all. A change makes the net forget.")),
      make(1, t("r of US2")), make(2, t("r of US3")));
  }

  hint(drawn) {
    if (drawn) return t("This net has learned nothing yet: its weights are small, and hardly a cell answers.");
    return this.found ? t("Draw one of your characters again, moved or bent.")
      : this.characters.length < LEAST ? t("Draw a character of your own.") : t("Press Learn, or draw another character.");
  }

  say(text) {
    this.note.textContent = text;
    this.bench.heard.say(text);
    this.state.note = text;
  }

  /** Take the pad's drawing into the lesson. */
  add() {
    const { pixels } = this.bench.pad, { characters } = this;
    if (!inked(pixels)) return this.say(t("The pad is blank: draw a character on it first."));
    if (pixels.every(Boolean)) return this.say(t("Every cell of the pad is inked: nothing stands out in it, so draw a character with paper around it."));
    const same = characters.find((other) => outline(other.pixels) === outline(pixels));
    if (same) return this.say(t("This is {name} once more, if only moved: draw another character.", { name: same.name }));
    if (characters.length === MOST) return this.say(t("The lesson is full: take one of the six characters out first."));
    const name = NAMES.find((each) => !characters.some((other) => other.name === each));
    this.change([...characters, { name, pixels }]);
    this.bench.pad.clear();
  }

  change(characters) {
    this.past.push(this.characters);
    this.begin(characters);
  }

  undo() {
    this.past.length ? this.begin(this.past.pop()) : this.say(t("There is nothing to undo."));
  }

  /** Other characters are learned from the beginning. */
  begin(characters) {
    const anew = this.done > 0, count = characters.length;
    this.characters = characters;
    this.forget();
    this.say(count === 0 ? "" : count < LEAST ? t("One character so far. Draw a second one: with only one there is nothing to tell apart.")
      : anew ? t("{count} characters, and a net that begins anew. Press Learn, or add more.", { count: n(count) })
      : t("{count} characters. Press Learn, or add more.", { count: n(count) }));
  }

  /** A net as on its first day, for the characters there are. */
  forget() {
    this.running = null;
    this.net = untaught(this.facts, this.r);
    this.found = null;
    this.done = 0;
    this.plan = schedule(this.characters.map(({ pixels }) => pixels));
    this.bench.picked = null;
    this.show();
    this.say(this.characters.length ? t("The net has forgotten everything; the characters are still there.") : "");
  }

  /** A sentence where the net cannot learn, else none. */
  hindrance() {
    const count = this.characters.length;
    return count === 0 ? t("The lesson is empty: draw two characters and add them.")
      : count < LEAST ? t("With one character alone there is nothing to tell apart: every cell that learned it would answer, and mean nothing. Draw a second one.")
      : this.done >= this.plan.length ? t("The lesson is over: all {count} presentations are done. Forget what it learned, or change the lesson, to begin again.", { count: n(this.plan.length) }) : null;
  }

  /** Present everything, one after the other; who wants less motion sees the end alone. */
  async learn() {
    const hindrance = this.hindrance();
    this.bench.pad.flush();
    if (hindrance) return this.say(hindrance);
    const run = (this.running = {}); // another press begins another run
    this.start.textContent = t("Pause");
    this.say(t("The net is learning."));
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    while (this.running === run && this.done < this.plan.length) {
      this.step(!still);
      const wait = this.done <= this.characters.length ? SLOW : QUICK;
      await new Promise((resolve) => setTimeout(resolve, still ? 0 : wait));
    }
    if (this.running === run) this.finish();
  }

  once() {
    const hindrance = this.hindrance();
    this.bench.pad.flush();
    if (hindrance) return this.say(hindrance);
    this.running = null;
    const chosen = this.step(false);
    if (this.done === this.plan.length) return this.finish();
    this.ask();
    this.present(chosen);
    this.say(t("It was shown {name}. Representatives: {s1} planes of US1, {s2} of US2, {s3} of US3.",
      { name: this.shown.name, s1: chosen[0].length, s2: chosen[1].length, s3: chosen[2].length }));
  }

  /** One presentation: the net learns, and the page may show how it answers now. */
  step(visible) {
    const [index, down, right] = this.plan[this.done++], { name, pixels } = this.characters[index];
    this.shown = { index, name, pixels: shifted(pixels, down, right) };
    const chosen = present(this.net, asInput(this.shown.pixels));
    this.state.chosen = chosen;
    this.progress(index);
    if (visible) this.present(chosen);
    return chosen;
  }

  present(chosen) {
    const { bench, shown: { index, name, pixels } } = this;
    bench.learned = learnedPlanes(this.net);
    bench.pad.paint(pixels);
    bench.display(pixels, chosen);
    bench.caption(t("It sees {name}. Rings: the representatives, whose planes learn.", { name }), index);
  }

  progress(index) {
    this.bar.value = this.plan.length ? this.done / this.plan.length : 0;
    this.count.textContent = !this.plan.length ? "" : t("Presentation {done} of {all}", { done: n(this.done), all: n(this.plan.length) });
    this.buttons.forEach((slot, place) => slot.classList.toggle("shown", place === index));
    this.state.done = this.done;
  }

  /** Stop between two presentations; what the net knows by then can be tried. */
  pause() {
    if (!this.running) return;
    this.running = null;
    this.start.textContent = t("Go on");
    this.ask();
    this.say(t("It has seen {count} presentations so far. Try what it knows, or go on.", { count: n(this.done) }));
  }

  halt() {
    this.pause();
    this.bench.pad.set(this.shown.pixels);
  }

  /** Ask what every cell of the last layer stands for by now. */
  ask() {
    this.found = this.bench.found = survey(this.net, this.characters.map(({ pixels }) => pixels), this.facts.answering);
    this.fill();
    this.state.found = this.found;
  }

  /** All is shown: the reader may try the net. */
  finish() {
    this.running = null;
    this.start.textContent = t("Learn");
    this.ask();
    this.show();
    this.bench.pad.set(this.characters[0].pixels);
    this.say(this.conclusion());
  }

  conclusion() {
    const { owners } = this.found, name = (index) => this.characters[index].name;
    const silent = [...this.characters.keys()].filter((index) => !owners.some((list) => list.includes(index)));
    const shared = owners.map((list, cell) => ({ list, cell })).filter(({ list }) => list.length > 1);
    const said = [];
    for (const index of silent) said.push(t("No cell answers to {name}.", { name: name(index) }));
    for (const { list, cell } of shared) said.push(t("{names} share cell {cell}: by it the net cannot tell them apart. They have too many parts in common; draw one of them differently.", { names: list.map(name).join(", "), cell }));
    return said.length ? said.join(" ") : t("Done. Each of your {count} characters has cells of its own. Now move one, bend it, or draw it again.", { count: n(this.characters.length) });
  }

  show() {
    if (!this.running) this.start.textContent = t("Learn");
    this.fill();
    this.progress();
    this.tell();
  }

  /** Hand the net, and what is known of it, to the bench. */
  tell() {
    this.bench.use(this.net, this.characters.map(({ name }) => name), this.found, this.characters.map(({ pixels }) => pixels));
    Object.assign(this.state, { characters: this.characters.map(({ name, pixels }) => ({ name, pixels: [...pixels] })), plan: this.plan, found: this.found });
  }

  fill() {
    const free = Math.max(0, LEAST - this.characters.length);
    this.slots.replaceChildren(...this.characters.map((character, index) => this.slot(character, index)),
      ...Array.from({ length: free }, () => h("div", { class: "neo-slot empty", "aria-hidden": "true" })));
    this.key.hidden = !this.found;
    this.buttons = [...this.slots.children];
  }

  slot(character, index) {
    const { name, pixels } = character;
    const rename = h("input", { type: "text", maxlength: 5, value: name, "aria-label": t("Name of character {number}", { number: index + 1 }), onchange: () => {
      character.name = rename.value.trim() || NAMES[index];
      label();
      this.tell();
    } });
    const take = h("button", { type: "button", class: "neo-take", onclick: () => this.bench.pad.set(pixels) }, thumb(pixels));
    const away = h("button", { type: "button", class: "neo-away", onclick: () => (this.change(this.characters.filter((other) => other !== character)), this.start.focus()) }, "×");
    const label = () => {
      rename.value = character.name;
      for (const [button, text] of [[take, t("Put {name} on the pad", character)], [away, t("Take {name} out of the lesson", character)]]) {
        button.setAttribute("aria-label", text);
        button.title = text;
      }
    };
    label();
    return h("div", { class: "neo-slot" }, take, away, rename, this.found ? this.report(index) : null);
  }

  /** Its cells, and at how many places it is taken for itself. */
  report(index) {
    const { owners, held, places: all } = this.found, cells = owners.flatMap((list, cell) => (list.includes(index) ? [cell] : []));
    const said = { cells: cells.join(", "), held: n(held[index]), all: n(all[index]) };
    return h("p", { class: "live-size" }, cells.length ? t("cell {cells}", said) : t("no cell"), h("br"),
      h("span", { "aria-hidden": "true" }, `${said.held}/${said.all}`), h("span", { class: "live-unseen" }, t("known at {held} of {all} places", said)));
  }
}

/** [character, down, right]: all in turn, each time somewhere else, always whole. */
export function schedule(characters, rounds = ROUNDS, seed = SEED) {
  const random = numbers(seed), rooms = characters.map((pixels) => places(pixels));
  return Array.from({ length: rounds * characters.length }, (_, step) => {
    const index = step % characters.length, room = rooms[index];
    return [index, ...room[Math.floor(random() * room.length)]];
  });
}

/** What a drawing looks like wherever it lies. */
function outline(pixels) {
  const { top, left } = bounds(pixels);
  return String(shifted(pixels, -top, -left));
}

/** A triangle, a cross and a circle. */
function examples() {
  const shapes = [[[3, 7], [11, 3], [11, 12], [3, 8]], [[3, 7], [12, 7], null, [7, 3], [7, 12]],
    [[3, 6], [3, 9], [6, 12], [9, 12], [12, 9], [12, 6], [9, 3], [6, 3], [3, 6]]];
  return shapes.map((points, index) => ({ name: NAMES[index], pixels: strokes(points) }));
}

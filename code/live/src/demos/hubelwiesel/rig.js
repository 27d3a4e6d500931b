// The whole laboratory on a page: screen, projector, amplifier, notebook and verdict around one cell.
import { fold } from "../../parts/fold.js";
import { toggles } from "../../parts/toggles.js";
import { tryThis } from "../../parts/tries.js";
import { button, h } from "../../ui.js";
import { n, t } from "../../words.js";
import { Amplifier, ANSWERS } from "./amplifier.js";
import { field, oriented, outlines, prepare, signAt } from "./cells.js";
import { stream } from "./chance.js";
import { Coach } from "./coach.js";
import { CROSSING, Experiment } from "./experiment.js";
import { Guess } from "./guess.js";
import { Notebook } from "./notebook.js";
import { Panel } from "./panel.js";
import { unitOf } from "./population.js";
import { score } from "./score.js";
import { Screen } from "./screen.js";
import { show, TRIES } from "./shows.js";
import { Tuning, Turning } from "./tuning.js";

const FIRST = { shape: "bar", x: -3.2, y: 3.2, diameter: 1, width: 0.5, length: 2, angle: 45, contrast: 1 };
const SLOWEST = 0.1; // seconds that one frame may let pass
const QUICK = 4; // the orientations pass by so much faster than in the experiment

export class Rig {
  /** `seed` chooses the cells and the spikes, `cell` the first cell's number, `show` what is shown of it; `small`, without tools. */
  constructor(facts, tools, { seed, cell, show: shown, small }) {
    Object.assign(this, { facts, tools, seed, number: cell, totals: [], revealed: null, tuned: null, showing: null });
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    prepare(facts);
    this.experiment = new Experiment({ step: facts.time.step, random: stream(seed), stimulus: { ...FIRST } });
    this.notebook = new Notebook(() => this.noted());
    this.amplifier = new Amplifier({ still: this.still });
    this.panel = new Panel(this.experiment, (what) => this.changed(what));
    const acts = (this.act = this.acts());
    this.screen = new Screen({ half: facts.screen.half, act: acts });
    acts.move({ x: FIRST.x, y: FIRST.y });
    this.coach = new Coach({ hint: () => this.hint(), next: () => this.next() });
    this.tuning = new Tuning();
    this.guess = new Guess({ act: { reveal: () => this.reveal(), next: () => this.next() }, onchange: () => this.noted() });
    this.layout(acts, small);
    this.record();
    this.show(shown);
    this.report();
  }

  acts() {
    return {
      move: (place) => (this.take(), this.experiment.move(place), (this.screen.at = place)),
      tell: () => this.amplifier.place(this.screen.at),
      turn: (degrees) => this.panel.turn(degrees),
      lamp: () => this.panel.light(this.experiment.lamp === "off" ? "on" : "off"),
      mark: (sign, place) => this.mark(sign, place),
      undo: () => this.revealed || this.notebook.undo(),
      erase: (place) => this.revealed || this.notebook.remove(place),
    };
  }

  layout(acts, small) {
    this.pencil = "cross";
    this.pencils = toggles({ label: t("A click leaves"), value: this.pencil, onchange: (pencil) => (this.pencil = pencil),
      options: { cross: t("× excites"), triangle: t("△ inhibits"), eraser: t("eraser") } });
    this.pens = [button(t("Mark here"), () => this.mark(null, this.screen.at)), button(t("Undo"), acts.undo),
      button(t("Clear"), () => this.revealed || this.notebook.clear())];
    this.noting = h("p", { class: "hw-note", role: "status" });
    this.turner = button(t("Turn it through 180° for me"), () => this.toggleTurn());
    this.tries = tryThis((options) => this.set(options.show === this.showing ? { cell: 0 } : options), TRIES());
    this.folds = {
      projector: fold({ label: t("The projector"), content: [this.panel.element, h("div", { class: "live-tools" }, this.turner), this.tuning.element] }),
      notebook: fold({ label: t("Your notebook"), content: h("div", { class: "hw-part" }, this.pencils.element, h("div", { class: "live-tools" }, this.pens), this.noting) }),
      verdict: fold({ label: t("Your verdict"), content: this.guess.element }),
      help: fold({ label: t("Controls"), content: this.screen.help }),
    };
    const tools = h("div", { class: "hw-folds" }, Object.values(this.folds));
    this.element = h("div", { class: "live-frame hw", role: "group", "aria-label": t("Hubel and Wiesel's experiment, live") },
      small ? [] : [this.coach.element, this.tries, this.guess.result], this.screen.canvas, this.amplifier.element, small ? [] : tools);
  }

  /** Put the electrode beside the cell whose turn it is, and open a new page of the notebook. */
  record() {
    const unit = (this.cell = unitOf(this.facts, this.seed, this.number));
    this.truth = {
      centre: { x: unit.x, y: unit.y },
      kind: unit.kind,
      angle: oriented(unit) ? unit.angle : null,
      both: ["complex", "endstopped"].includes(unit.kind),
      direction: oriented(unit) && unit.direction > 0,
      sign: ({ x, y }) => signAt(unit, x, y),
      outlines: outlines(unit),
    };
    this.endTurn();
    this.experiment.record(this.cell);
    Object.assign(this, { revealed: null, tuned: null, turning: null, since: this.experiment.now });
    this.amplifier.fresh();
    this.coach.fresh(this.number, this.truth);
    this.tuning.hide();
    this.lock(false);
    this.notebook.fresh();
    this.guess.fresh();
  }

  /** Show a cell and a light on it, as far as they are said: {cell, show}. */
  set({ cell = this.number, show: shown = "sweep" }) {
    if (cell !== this.number || this.revealed) {
      this.number = cell;
      this.record();
    }
    this.show(shown);
  }

  /** Let the light move over the cell's field by itself, until the reader takes it. */
  show(name) {
    this.endTurn();
    const { stimulus, movement, lamp } = show(name, this.cell);
    Object.assign(this.experiment.stimulus, stimulus);
    Object.assign(this.experiment, { movement: this.still ? "hand" : movement, speed: 4 });
    this.experiment.light(this.still ? "flash" : lamp);
    this.screen.at = { x: stimulus.x, y: stimulus.y };
    this.shows(name);
  }

  shows(name) {
    this.showing = name;
    for (const each of this.tries.querySelectorAll("button")) each.setAttribute("aria-pressed", String(JSON.parse(each.dataset.try).show === name));
    this.panel.refresh();
    this.stale = true;
  }

  /** The reader takes the light. */
  take() {
    if (!this.showing) return;
    this.experiment.movement = "hand";
    this.shows(null);
  }

  next() {
    this.take();
    this.number++;
    this.record();
    this.act.move({ x: FIRST.x, y: FIRST.y });
    this.screen.canvas.focus({ preventScroll: true });
    this.screen.canvas.scrollIntoView({ block: "nearest" });
  }

  /** Nothing is written into a page whose cell has been revealed. */
  lock(locked) {
    for (const pen of [...this.pencils.buttons, ...this.pens]) pen.disabled = locked;
  }

  mark(sign, place) {
    if (this.revealed) return;
    const meant = sign ?? { cross: 1, triangle: -1, eraser: 0 }[this.pencil];
    if (meant) this.notebook.add(meant, place);
    else this.notebook.remove(place);
  }

  /** The marks or the verdict have changed. */
  noted() {
    if (!this.noting) return;
    const { marks } = this.notebook, crosses = marks.filter(({ sign }) => sign > 0).length;
    this.noting.textContent = marks.length ? t("In the notebook: {crosses} × and {triangles} △.",
      { crosses: n(crosses), triangles: n(marks.length - crosses) }) : t("The notebook is empty.");
    this.stale = true;
  }

  changed(what) {
    if (this.showing) this.shows(null); // it is the reader's light from now on, which goes on moving
    this.stale = true;
    if (what !== "stimulus") this.endTurn();
  }

  hint() {
    this.coach.help();
  }

  reveal() {
    this.revealed = score({ marks: this.notebook.marks, guess: this.guess.value, truth: this.truth });
    this.totals.push(this.revealed.total);
    this.lock(true);
    this.guess.show(this.revealed, this.truth, { hints: this.coach.hints, totals: this.totals });
    this.picture = { size: this.facts.screen.size, data: field(this.cell) };
    this.stale = true;
  }

  /** Turn the stimulus through all orientations, or stop doing so. */
  toggleTurn() {
    if (this.turning) return this.endTurn();
    if (this.experiment.stimulus.shape === "spot") this.panel.choose("bar");
    this.turning = new Turning(this.experiment);
    this.turner.textContent = t("Stop turning");
    if (this.still) while (this.turning) this.pass(CROSSING);
  }

  endTurn() {
    if (!this.turning) return;
    const { curves, done } = this.turning;
    this.turning.end();
    this.panel.refresh();
    this.tuned = done ? curves : this.tuned;
    this.turning = null;
    this.turner.textContent = t("Turn it through 180° for me");
    if (done) this.amplifier.heard.say(this.tuning.text);
    else this.tuning.hide();
    this.stale = true;
  }

  /** Let `seconds` of the experiment pass. */
  pass(seconds) {
    const { experiment, turning } = this, before = experiment.now;
    const times = turning ? turning.pass(seconds) : experiment.advance(seconds);
    const stimulus = experiment.film.at(-1) ?? null, resting = this.cell.spontaneous;
    this.amplifier.push(before, experiment.now, times, { stimulus, resting, lamp: experiment.lamp, reach: experiment.neuron.reach });
    if (!turning) return;
    if (turning.index !== turning.told) {
      turning.told = turning.index;
      this.tuning.show(turning.curves, { resting, full: turning.done });
    }
    if (turning.done) this.endTurn();
  }

  /** Begin to run, while the demo is on the screen. */
  start() {
    let last = 0, seen = true, asked = 0;
    const frame = (clock) => {
      asked = 0;
      const wall = Math.min(SLOWEST, Math.max(0, (clock - last) / 1000));
      last = clock;
      try {
        this.pass(this.turning ? QUICK * wall : wall);
        this.paint(clock);
        ask();
      } catch (error) {
        this.tools.fail(error);
      }
    };
    const ask = () => {
      if (seen && !document.hidden && !asked) asked = requestAnimationFrame(frame);
    };
    new IntersectionObserver((entries) => ((seen = entries.at(-1).isIntersecting), ask())).observe(this.element);
    document.addEventListener("visibilitychange", ask);
    new ResizeObserver(() => (this.stale = true)).observe(this.screen.canvas);
    ask();
  }

  paint(clock) {
    const { experiment, notebook, amplifier, coach, guess, revealed } = this;
    const stimulus = experiment.shown(), look = JSON.stringify(stimulus);
    if (this.stale || look !== this.look)
      this.screen.paint({ stimulus, marks: notebook.marks, truth: revealed && { ...this.truth, picture: this.picture },
        guess: revealed?.centre && { centre: revealed.centre, angle: guess.value.angle } });
    this.look = look;
    this.stale = false;
    amplifier.paint(clock);
    const seconds = experiment.now - this.since;
    coach.show({ showing: this.showing, answered: ANSWERS.includes(amplifier.kind), count: notebook.marks.length, kind: guess.value.kind, revealed: !!revealed, seconds });
  }

  /** What tests and the curious may read, as it is at that moment. */
  report() {
    const { experiment, amplifier, coach, notebook } = this;
    const readings = {
      number: () => this.number,
      showing: () => this.showing,
      cell: () => this.cell,
      stimulus: () => experiment.shown(),
      lamp: () => experiment.lamp,
      movement: () => experiment.movement,
      now: () => experiment.now,
      rate: () => experiment.rate,
      spikes: () => experiment.count,
      expected: () => experiment.expected,
      film: () => () => experiment.film,
      heard: () => amplifier.kind,
      sound: () => amplifier.sound.on,
      marks: () => notebook.marks,
      hints: () => coach.hints,
      score: () => this.revealed,
      tuning: () => this.tuned,
    };
    for (const [name, get] of Object.entries(readings)) Object.defineProperty(this.tools.state, name, { get, enumerable: true });
  }
}

// What comes out of the amplifier: the oscilloscope, the rate of the last second, a sentence that says it, the loudspeaker.
import { announcer, button, h, slider } from "../../ui.js";
import { n, t } from "../../words.js";
import { CROSSING } from "./experiment.js";
import { Scope } from "./scope.js";
import { Sound } from "./sound.js";

const WINDOW = 1; // seconds over which spikes are counted
const BURST = 0.2; // seconds: a cell that answers fires many spikes in so short a time
const LUCK = 1e-4; // chance with which one stretch of a cell at rest passes for an answer; some fifty overlap in a second
const HUSH = 0.005; // chance with which its last second passes for silenced
const PATIENCE = 1.5; // seconds before the reader is told why nothing happens
export const ANSWERS = ["strong", "answers", "after"]; // words for a cell that answers
const FAINT = 0.02; // of what the best stimulus sums to: less makes no difference
const FULL = 100; // spikes a second that fill the gauge

export class Amplifier {
  constructor({ still }) {
    this.still = still; // the reader wants little motion
    this.scope = new Scope({ seconds: CROSSING, label: t("Oscilloscope: spikes of the last seconds, one row for every two seconds") });
    this.sound = new Sound();
    this.rate = h("span", { class: "hw-rate" }, "0");
    this.needle = h("div", { class: "hw-needle" });
    this.said = h("p", { class: "hw-said" });
    this.heard = announcer();
    this.switch = button(t("Sound on"), () => this.toggle(), { "aria-pressed": false, class: "live-main" });
    this.volume = slider({ label: t("Volume"), min: 0, max: 100, step: 5, unit: " %", value: 50, oninput: (value) => this.sound.set(value / 100) });
    this.mute = h("p", { class: "hw-note", hidden: true },
      t("This browser gives no sound here. Nothing is lost: every click is also a line on the oscilloscope."));
    this.element = h("div", { class: "hw-part hw-amplifier" }, this.scope.canvas,
      h("div", { class: "hw-meter" }, this.rate, h("span", {}, t("spikes per second")), this.switch, h("div", { class: "hw-gauge", "aria-hidden": "true" }, this.needle)),
      this.said, this.heard.element, this.volume.element, this.mute);
    this.volume.element.hidden = true;
    this.fresh();
  }

  fresh() {
    this.scope.clear();
    this.recent = [];
    this.switches = [];
    this.smooth = 0;
    this.idle = this.same = 0;
    this.written = this.painted = -Infinity;
    this.kind = null;
  }

  async toggle() {
    if (this.sound.on) this.sound.stop();
    else this.mute.hidden = await this.sound.start();
    this.switch.setAttribute("aria-pressed", this.sound.on);
    this.volume.element.hidden = !this.sound.on;
  }

  /** From `before` to `now` the cell fired at `times`; `shown` is {stimulus, reach, resting, lamp}. */
  push(before, now, times, shown) {
    const { stimulus } = shown, seconds = now - before;
    this.sound.play(times.map((time) => time - before));
    this.scope.push(now, times, stimulus ? Math.sign(stimulus.contrast) : 0);
    this.recent = [...this.recent, ...times].filter((time) => time > now - WINDOW);
    if (!!stimulus !== this.switches.at(-1)?.lit) this.switches = [...this.switches.slice(-9), { time: before, lit: !!stimulus }];
    this.smooth = this.smooth * Math.exp(-seconds / BURST) + times.length / BURST;
    this.idle = stimulus && shown.reach < FAINT ? this.idle + seconds : 0;
    const look = JSON.stringify(stimulus);
    this.same = stimulus && look === this.look ? this.same + seconds : 0;
    this.look = look;
    this.now = now;
    this.shown = shown;
  }

  paint(clock) {
    if (this.still && clock - this.painted < 500) return;
    this.painted = clock;
    this.scope.paint();
    this.needle.style.transform = `scaleX(${Math.min(1, this.smooth / FULL).toFixed(3)})`;
    if (clock - this.written < 250) return; // numbers that change faster cannot be read
    this.written = clock;
    const count = this.recent.length / WINDOW;
    this.rate.textContent = n(count);
    this.tell(count);
  }

  /** Say what the cell does: an answer at once, and that there is none once that has lasted for a moment. */
  tell(count) {
    const kind = this.judge(count);
    const settled = kind === this.kind || ANSWERS.includes(kind) || !this.said.textContent;
    this.kind = kind;
    if (!settled) return;
    const text = SAID[kind]();
    if (this.said.textContent === text) return;
    this.said.textContent = text;
    this.heard.say(text);
  }

  /** Let it be heard where the light is, and what the cell does there. */
  place({ x, y }) {
    this.heard.say(t("Light at {x}°, {y}°. {said}", { x: n(x, 1), y: n(y, 1), said: this.said.textContent }));
  }

  /** The word for what the cell has done in the last second, in which it fired `count` spikes. */
  judge(count) {
    const { stimulus, resting, lamp } = this.shown, { most, lit } = this.burst(), usual = unusual(BURST * resting);
    if (most >= usual || count >= unusual(WINDOW * resting)) return !lit ? "after" : most >= usual + 3 ? "strong" : "answers";
    if (lamp === "off") return "off";
    if (stimulus?.contrast === 0) return "grey";
    if (count <= few(WINDOW * resting)) return "silenced";
    if (this.idle > PATIENCE) return "nothing";
    if (this.same > PATIENCE) return "steady";
    return count ? "rest" : "silent";
  }

  /** The most spikes within BURST in the last second, and whether the lamp was on then. */
  burst() {
    let most = 0, at = this.now;
    this.recent.forEach((time, i) => {
      const count = this.recent.slice(0, i + 1).filter((each) => each > time - BURST).length;
      if (count > most) [most, at] = [count, time];
    });
    const switched = this.switches.findLast(({ time }) => time <= at - BURST / 4);
    return { most, lit: switched?.lit ?? true };
  }
}

/** The smallest count that a Poisson process of this mean reaches with a chance of at most LUCK. */
export function unusual(mean) {
  let count = 0, term = Math.exp(-mean), below = term;
  for (; 1 - below > LUCK; below += term) term *= mean / ++count;
  return count + 1;
}

/** The largest count that such a process stays at or below with a chance of at most HUSH. */
function few(mean) {
  let count = 0, term = Math.exp(-mean), below = term;
  for (; below < HUSH; below += term) term *= mean / ++count;
  return count - 1;
}

const SAID = {
  strong: () => t("A strong answer."),
  answers: () => t("The cell answers."),
  after: () => t("The cell answers to the light going off."),
  off: () => t("The lamp is off. What is left is the cell at rest."),
  grey: () => t("The contrast is zero: nothing is to be seen on the screen, and the cell is at rest."),
  silenced: () => t("Fewer spikes than at rest: the light silences the cell."),
  nothing: () => t("This stimulus makes no difference to the cell: it misses the field, or its parts cancel."),
  steady: () => t("The light stands still, and the cell is back at rest: it answers changes. Move the light, or switch it on and off."),
  rest: () => t("A spike now and then, as at rest."),
  silent: () => t("Silence."),
};

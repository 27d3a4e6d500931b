// The experiment itself, without a page: a stimulus that stands, flashes or moves, a cell that answers it, and chance,
// which makes spikes of the cell's rate. Time is in seconds and goes on in the model's steps; places are in degrees.
import { Neuron } from "./cells.js";
import { spikes } from "./chance.js";

export const CROSSING = 2; // seconds: one sweep of the stimulus, one flash (half of it light), one crossing of the beam
export const SHORTEST = 0.2; // seconds between two switches of the lamp, so that nothing flickers faster than 2.5 times a second
const KEPT = 200; // steps whose stimuli are remembered

export class Experiment {
  /** `step` is that of the model, in seconds. */
  constructor({ step, random, stimulus }) {
    Object.assign(this, { step, random, stimulus, lamp: "on", movement: "hand", speed: 4 });
    this.steps = 0;
    this.owed = 0;
    this.switched = -SHORTEST;
  }

  get now() {
    return this.steps * this.step;
  }

  /** Put the electrode beside another cell. */
  record(unit) {
    this.neuron = new Neuron(unit);
    this.rate = unit.spontaneous;
    this.count = 0;
    this.expected = 0; // what the count is on average
    this.film = [];
  }

  /** Move the stimulus by hand; its path has its middle there. */
  move(place) {
    Object.assign(this.stimulus, place);
  }

  /** Switch the lamp, unless that was done just now: true if it was. */
  light(lamp) {
    if (this.now - this.switched < SHORTEST) return false;
    this.switched = this.now;
    this.lamp = lamp;
    return true;
  }

  /** What is on the screen: null in the dark. */
  shown() {
    const { stimulus, movement, speed } = this, phase = (this.now / CROSSING) % 1;
    if (this.lamp === "off" || (this.lamp === "flash" && phase >= 0.5)) return null;
    if (movement === "hand") return { ...stimulus };
    const across = ((stimulus.angle + 90) * Math.PI) / 180, far = along(movement, phase) * speed * CROSSING;
    return { ...stimulus, x: stimulus.x + far * Math.cos(across), y: stimulus.y + far * Math.sin(across) };
  }

  /** Go on where the next crossing begins, with a cell that has come to rest. */
  skip() {
    const each = Math.round(CROSSING / this.step);
    this.steps = each * Math.ceil(this.steps / each);
    this.owed = 0;
    this.neuron.rest();
    this.film = [];
  }

  /** Let time pass, in whole steps; gives the times of the spikes. */
  advance(seconds) {
    const times = [];
    for (this.owed += seconds; this.owed > this.step - 1e-9; this.owed -= this.step) {
      const shown = this.shown(), { now } = this;
      this.film.push(shown);
      this.rate = this.neuron.step(shown, this.step);
      this.expected += this.rate * this.step;
      times.push(...spikes(this.random, this.rate, now, now + this.step));
      this.steps++;
    }
    if (this.film.length > 2 * KEPT) this.film = this.film.slice(-KEPT);
    this.count += times.length;
    return times;
  }
}

/** How far along its path, from -1/2 to 1/2, a moving stimulus is. */
function along(movement, phase) {
  if (movement === "forth") return phase - 0.5;
  if (movement === "back") return 0.5 - phase;
  return phase < 0.5 ? phase - 0.25 : 0.75 - phase;
}

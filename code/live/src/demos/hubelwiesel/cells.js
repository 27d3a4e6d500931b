// The cells, as in convnets/hubelwiesel: stimuli.py, fields.py and model.py, equation by equation. Places and lengths are in
// degrees of visual angle, angles in degrees, rates in spikes per second. A unit is one of facts.cells; a picture or a field
// is a Float64Array of size x size pixels, row by row from the top.

/** The screen and the constants of the model, from the facts; set once, before anything else is used. */
let screen, time, pool, edge;
export function prepare(facts) {
  const { half, size, pixels_per_degree } = facts.screen, pixel = 1 / pixels_per_degree;
  screen = { pixel, ...places({ half, size, pixel }) };
  time = facts.time;
  pool = facts.pool;
  edge = facts.edge;
}

/** x and y of every pixel's middle. */
function places({ half, size, pixel }) {
  const at = (index) => (index + 0.5) * pixel - half;
  return {
    xs: Float64Array.from({ length: size * size }, (_, i) => at(i % size)),
    ys: Float64Array.from({ length: size * size }, (_, i) => -at(Math.floor(i / size))),
  };
}

const radians = (degrees) => (degrees * Math.PI) / 180;
const clip = (value) => Math.max(0, Math.min(1, value));
const map = (value) => Float64Array.from(screen.xs, (x, i) => value(x, screen.ys[i]));

/** u along the direction `angle`, v across it. */
function across(angle) {
  const cosine = Math.cos(radians(angle)), sine = Math.sin(radians(angle));
  return (x, y) => [x * cosine + y * sine, -x * sine + y * cosine];
}

// Stimuli

/** The Weber contrast of every pixel; null is the background. */
export function picture(stimulus) {
  const { xs, ys } = screen, image = new Float64Array(xs.length);
  if (!stimulus) return image;
  const { x, y, angle, contrast } = stimulus, covered = COVERED[stimulus.shape](stimulus);
  const cosine = Math.cos(radians(angle)), sine = Math.sin(radians(angle));
  for (let i = 0; i < image.length; i++) {
    const px = xs[i] - x, py = ys[i] - y;
    image[i] = contrast * covered(px * cosine + py * sine, py * cosine - px * sine);
  }
  return image;
}

/** The part of a pixel that is lit, at (u, v) along and across the stimulus. */
const COVERED = {
  spot: ({ diameter }) => (u, v) => clip(0.5 + (diameter / 2 - Math.sqrt(u * u + v * v)) / screen.pixel),
  bar: ({ width, length }) => (u, v) => overlap(u, length) * overlap(v, width),
  edge: () => (_u, v) => clip(0.5 - v / screen.pixel),
};

/** The part of a pixel, `distance` from the middle of a strip, that the strip covers. */
function overlap(distance, width) {
  const upper = Math.min(distance + screen.pixel / 2, width / 2), lower = Math.max(distance - screen.pixel / 2, -width / 2);
  return Math.max(0, upper - lower) / screen.pixel;
}

// Fields

/** A round Gaussian of volume 1. */
function gaussian(x, y, sigma) {
  const height = screen.pixel ** 2 / (2 * Math.PI * sigma ** 2);
  return map((px, py) => height * Math.exp(-((px - x) ** 2 + (py - y) ** 2) / (2 * sigma ** 2)));
}

/** What the best spot gives a difference of two Gaussians. */
function bestSpot(surround, weight) {
  const squared = (2 * Math.log(surround ** 2 / weight)) / (1 - surround ** -2);
  return 1 - Math.exp(-squared / 2) - weight * (1 - Math.exp(-squared / (2 * surround ** 2)));
}

/** The difference of two Gaussians: an on-centre field. */
function centreSurround({ x, y, sigma, surround, weight }) {
  const gain = bestSpot(surround, weight), outer = gaussian(x, y, surround * sigma);
  return gaussian(x, y, sigma).map((centre, i) => (centre - weight * outer[i]) / gain);
}

/** exp(-u^2 / 2 length^2 - v^2 / 2 width^2) cos(2 pi frequency v + phase), with sigma as the width. */
function gabor({ x, y, angle, frequency, sigma, length, phase }) {
  const turned = across(angle), height = screen.pixel ** 2 / (Math.PI * sigma * length);
  return map((px, py) => {
    const [u, v] = turned(px - x, py - y);
    return height * Math.exp(-(u ** 2) / (2 * length ** 2) - v ** 2 / (2 * sigma ** 2)) * Math.cos(2 * Math.PI * frequency * v + radians(phase));
  });
}

export const oriented = ({ kind }) => kind !== "on" && kind !== "off";

/** The fields whose sums the unit uses. */
export function kernels(unit) {
  if (!oriented(unit)) {
    const sign = unit.kind === "on" ? 1 : -1;
    return [centreSurround(unit).map((value) => sign * value)];
  }
  const cosine = Math.cos(radians(unit.angle)), sine = Math.sin(radians(unit.angle));
  const shifts = unit.kind === "endstopped" ? [0, unit.ends, -unit.ends] : [0];
  return shifts.flatMap((shift) => [0, 90].map((quarter) =>
    gabor({ ...unit, x: unit.x + shift * cosine, y: unit.y + shift * sine, phase: unit.phase - quarter })));
}

// Answers

/** What the fields' filtered sums add up to, before normalisation. */
function driven(unit, fast, slow) {
  if (!oriented(unit)) return fast[0];
  if (unit.kind === "simple") return fast[0] - unit.direction * slow[1];
  const energies = [];
  for (let a = 0; a < fast.length; a += 2) {
    const b = a + 1;
    const towards = (fast[a] - slow[b]) ** 2 + (slow[a] + fast[b]) ** 2;
    const against = (fast[a] + slow[b]) ** 2 + (slow[a] - fast[b]) ** 2;
    energies.push(Math.sqrt(towards + (1 - unit.direction) * against));
  }
  return energies[0] - unit.inhibition * energies.slice(1).reduce((total, each) => total + each, 0);
}

/** Spikes per second for a drive while twice the mean square of the contrast around the cell is `pooled`. */
function response({ exponent, half, top, spontaneous }, drive, pooled) {
  const strength = Math.abs(drive) ** exponent / (half ** exponent + Math.max(pooled, 0) ** (exponent / 2));
  return Math.max(0, spontaneous + Math.sign(drive) * top * strength);
}

/** The sum of a field over a picture. */
function sum(field, image) {
  let total = 0;
  for (let i = 0; i < image.length; i++) total += field[i] * image[i];
  return total;
}

/** A unit at work: one picture a step. `drive` is what came out of its fields last, 1 for the best grating. */
export class Neuron {
  constructor(unit) {
    this.unit = unit;
    this.kernels = kernels(unit);
    const { sigma, length, surround } = unit, longest = oriented(unit) ? Math.max(sigma, length) : (surround * sigma) / 2;
    this.pool = gaussian(unit.x, unit.y, pool.wider * longest);
    this.rest();
    this.sums(null);
  }

  /** Forget everything, as after a long time in front of the empty background. */
  rest() {
    this.stages = Array.from({ length: time.stages }, () => new Float64Array(this.kernels.length + 1));
    this.drive = 0;
  }

  /** The sums of the fields over what is on the screen, and last the pool's; kept for a stimulus that stands still. */
  sums(stimulus) {
    const key = JSON.stringify(stimulus);
    if (key !== this.key) {
      const image = picture(stimulus), square = sum(this.pool, image.map((contrast) => contrast ** 2));
      this.key = key;
      this.kept = [...this.kernels.map((field) => sum(field, image)), 2 * square];
    }
    return this.kept;
  }

  /** How much of what is on the screen the fields see, whatever their time. */
  get reach() {
    return Math.max(...this.kept.slice(0, -1).map(Math.abs));
  }

  /** The rate at the end of a step of `seconds` with a stimulus, or null for the background alone. */
  step(stimulus, seconds) {
    const share = 1 - Math.exp(-time.rate * seconds), { unit } = this;
    let from = this.sums(stimulus);
    for (const stage of this.stages) {
      for (let i = 0; i < stage.length; i++) stage[i] += share * (from[i] - stage[i]);
      from = stage;
    }
    const [, , , four, , six, , eight] = this.stages, lost = 1 - unit.sustained, count = this.kernels.length;
    const fast = Array.from({ length: count }, (_, i) => four[i] - lost * six[i]);
    const slow = Array.from({ length: count }, (_, i) => six[i] - lost * eight[i]);
    this.drive = unit.gain * driven(unit, fast, slow);
    return response(unit, this.drive, this.stages[pool.stages - 1][count]);
  }
}

// The truth, for those who have guessed

/** What a small spot of light at a place does when it goes on, as a share of the most it can do; below 0 it silences. */
export function influence(unit, x, y) {
  const { kind, sigma, surround, weight, length, frequency, phase, ends } = unit;
  if (!oriented(unit)) {
    const squared = (x - unit.x) ** 2 + (y - unit.y) ** 2, outer = surround * sigma;
    const value = Math.exp(-squared / (2 * sigma ** 2)) / sigma ** 2 - (weight * Math.exp(-squared / (2 * outer ** 2))) / outer ** 2;
    return ((kind === "on" ? 1 : -1) * value) / (1 / sigma ** 2 - weight / outer ** 2);
  }
  const [u, v] = across(unit.angle)(x - unit.x, y - unit.y);
  const envelope = (shift) => Math.exp(-((u - shift) ** 2) / (2 * length ** 2) - v ** 2 / (2 * sigma ** 2));
  if (kind === "simple") return envelope(0) * Math.cos(2 * Math.PI * frequency * v + radians(phase));
  const side = kind === "endstopped" ? Math.max(envelope(ends), envelope(-ends)) : 0;
  return envelope(0) >= side ? envelope(0) : -side;
}

/** 1 where such a spot excites, -1 where it silences, 0 where it does neither. */
export function signAt(unit, x, y) {
  const value = influence(unit, x, y), least = oriented(unit) ? edge : edge / 5; // a surround is wide and shallow
  return Math.abs(value) < least ? 0 : Math.sign(value);
}

/** The unit's influence at every pixel. */
export const field = (unit) => map((x, y) => influence(unit, x, y));

/** Ellipses {x, y, angle, along, across} around all of an oriented unit's field. */
export function outlines(unit) {
  if (!oriented(unit)) return [];
  const reach = Math.sqrt(2 * Math.log(1 / edge)), shifts = unit.kind === "endstopped" ? [0, unit.ends, -unit.ends] : [0];
  return shifts.map((shift) => ({ x: unit.x + shift * Math.cos(radians(unit.angle)), y: unit.y + shift * Math.sin(radians(unit.angle)),
    angle: unit.angle, along: reach * unit.length, across: reach * unit.sigma }));
}

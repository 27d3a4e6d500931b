// The road world of `convnets.driving.road`, number by number: a seeded road, its picture from any place, a car on it. And
// the driver that knows where it is, and autonomy, of `convnets.driving.steering`. Metres, radians, positive to the right.

/** A number in [0, 1) for a pair of whole numbers. */
export function hashed(column, row, seed) {
  let value = Math.imul(column, 0x9e3779b1) ^ Math.imul(row, 0x85ebca77) ^ Math.imul(seed, 0xc2b2ae3d);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  value = Math.imul(value ^ (value >>> 12), 0x297a2d39);
  return ((value ^ (value >>> 15)) >>> 0) / 2 ** 32;
}

/** Noise from 0 to 1 that bends between the whole numbers. */
export function smooth(x, y, seed) {
  const left = Math.floor(x), top = Math.floor(y);
  let across = x - left, down = y - top;
  across = across * across * (3 - 2 * across);
  down = down * down * (3 - 2 * down);
  const above = hashed(left, top, seed) * (1 - across) + hashed(left + 1, top, seed) * across;
  const below = hashed(left, top + 1, seed) * (1 - across) + hashed(left + 1, top + 1, seed) * across;
  return above * (1 - down) + below * down;
}

const inside = (value, low, high) => Math.min(high, Math.max(low, value));

/** The road of a seed. `facts` is DRAWING of convnets.driving.road. A place on it is {along, offset, turn}. */
export class Road {
  constructor(facts, seed) {
    const { world, looks } = facts, share = Array.from({ length: 8 }, (_, place) => hashed(place, 3, seed));
    Object.assign(this, { facts, seed });
    this.look = Object.fromEntries(Object.entries(looks).map(([name, [low, high]], place) => [name, low + (high - low) * hashed(place, 7, seed)]));
    this.sharp = 1 / (90 - 45 * share[0]);
    const longs = [250 + 200 * share[1], 110 + 90 * share[2], 60 + 30 * share[3]];
    this.waves = [0.5, 0.35, 0.15].map((part, at) => [this.sharp * part, (2 * Math.PI) / longs[at], 2 * Math.PI * share[4 + at]]);
    this.bends = Float64Array.from({ length: world.length }, (_, node) => this.curvature(node + 0.5));
    [this.directions, this.x, this.y] = [0, 1, 2].map(() => new Float64Array(world.length + 1));
    this.bends.forEach((bend, node) => {
      const chord = this.directions[node] + bend / 2;
      this.directions[node + 1] = this.directions[node] + bend;
      this.x[node + 1] = this.x[node] + Math.cos(chord);
      this.y[node + 1] = this.y[node] + Math.sin(chord);
    });
  }

  /** 1/r of the middle of the lane. */
  curvature(along) {
    return this.waves.reduce((sum, [size, often, phase]) => sum + size * Math.sin(often * along + phase), 0);
  }

  /** [x, y, direction, 1/r] of the middle of the lane. */
  middle(along) {
    const node = inside(Math.floor(along), 0, this.bends.length - 1), rest = along - node, bend = this.bends[node], direction = this.directions[node];
    const chord = direction + (bend * rest) / 2;
    return [this.x[node] + rest * Math.cos(chord), this.y[node] + rest * Math.sin(chord), direction + bend * rest, bend];
  }

  /** {x, y, direction} in the plane. */
  pose({ along, offset, turn }) {
    const [x, y, direction] = this.middle(along);
    return { x: x - offset * Math.sin(direction), y: y + offset * Math.cos(direction), direction: direction + turn };
  }

  /** A point of the plane told along the road, after `steps` of Newton's method: [along, offset, by how much the foot is missed, its direction]. */
  beside(x, y, near, steps) {
    let along = near;
    for (let step = 0; ; step++) {
      const [thereX, thereY, direction, bend] = this.middle(along), cos = Math.cos(direction), sin = Math.sin(direction);
      const forth = (x - thereX) * cos + (y - thereY) * sin, offset = (y - thereY) * cos - (x - thereX) * sin;
      if (step === steps) return [along, offset, forth, direction];
      along = inside(along + forth / Math.max(0.2, 1 - bend * offset), near - 60, near + 60);
    }
  }

  /** The place of a pose, not far from `near` along the road. */
  found({ x, y, direction }, near) {
    const [along, offset, , here] = this.beside(x, y, near, 6);
    return { along, offset, turn: direction - here };
  }

  /** `place` after `seconds` of a car whose wheels are turned for 1/r `curvature`. */
  driven(place, curvature, seconds) {
    const { speed } = this.facts.world;
    return this.found(step(this.facts.world, this.pose(place), curvature, seconds), place.along + speed * seconds);
  }
}

/** A kinematic bicycle after `seconds` on its arc. */
export function step({ wheelbase, lock, speed }, { x, y, direction }, curvature, seconds) {
  const wheel = inside(Math.atan(curvature * wheelbase), -lock, lock), way = speed * seconds;
  const half = (way * Math.tan(wheel)) / wheelbase / 2, chord = way * (half ? Math.sin(half) / half : 1);
  return { x: x + chord * Math.cos(direction + half), y: y + chord * Math.sin(direction + half), direction: direction + 2 * half };
}

/** 1/r that brings a car back to the middle in so many seconds, on a road of 1/r `bend`. */
export function wanted({ speed }, seconds, bend, offset, turn) {
  const way = speed * seconds;
  return bend - (6 * offset) / way ** 2 - (4 * Math.tan(turn)) / way;
}

/** 1 - times x penalty / seconds, at least 0. */
export const autonomy = (times, seconds, penalty) => Math.max(0, 1 - (times * penalty) / seconds);

/** What a level camera at `place` sees: {width, height, data}, RGBA bytes, `scale` times as fine as the network's picture. */
export function picture(road, place, scale = 1) {
  const { facts, look } = road, { world, colours } = facts;
  const height = facts.height * scale, width = facts.width * scale, horizon = world.horizon * scale, focal = world.focal * scale;
  const { x, y, direction } = road.pose(place), cos = Math.cos(direction), sin = Math.sin(direction);
  const data = new Uint8ClampedArray(4 * height * width).fill(255);
  const put = (at, channel, value) => (data[at + channel] = Math.floor(inside(value, 0, 1) * 255 + 0.5));
  const across = Float64Array.from({ length: width }, (_, column) => (column + 0.5 - width / 2) / focal);
  sky(road, across, direction, horizon, (at, channel, value) => put(4 * at, channel, value));
  const depth = Float64Array.from({ length: height - horizon }, (_, row) => (world.camera * focal) / (row + 0.5)), near = starts(road, place.along, x, y, cos, sin, depth);
  const warm = [1 + look.warm, 1, 1 - look.warm], colour = [0, 0, 0];
  depth.forEach((z, row) => {
    const haze = 1 - Math.exp(-z / 300), pixel = { z, focal, deep: (z * z) / (world.camera * focal), direction };
    across.forEach((beam, column) => {
      pixel.beam = beam;
      ground(road, x + z * (cos - beam * sin), y + z * (sin + beam * cos), near[row], pixel, colour);
      const light = look.bright * (1 + look.side * beam), at = 4 * ((horizon + row) * width + column);
      for (let channel = 0; channel < 3; channel++) {
        const lit = colour[channel] * light * warm[channel];
        put(at, channel, lit + (colours.haze[channel] * look.bright - lit) * haze);
      }
    });
  });
  return { width, height, data };
}

function sky({ look, seed, facts: { colours } }, across, direction, horizon, put) {
  const phase = [0, 1].map((place) => 2 * Math.PI * hashed(place, 5, seed));
  const hills = across.map((beam) => 0.16 + 0.08 * Math.sin(3 * (direction + Math.atan(beam)) + phase[0]) + 0.05 * Math.sin(8 * (direction + Math.atan(beam)) + phase[1]));
  for (let row = 0; row < horizon; row++) {
    const up = (horizon - row - 0.5) / horizon;
    hills.forEach((top, column) => {
      const hill = inside((top - up) * horizon + 0.5, 0, 1);
      for (let channel = 0; channel < 3; channel++) {
        const blue = colours.haze[channel] + (colours.zenith[channel] - colours.haze[channel]) * up;
        put(row * hills.length + column, channel, (blue + (colours.hills[channel] - blue) * hill) * look.bright);
      }
    });
  }
}

/** Where along the road to begin to look for the points of each row: there it is first so far ahead. */
function starts(road, along, x, y, cos, sin, depth) {
  const first = Math.floor(along), { reach } = road.facts.world;
  let most = -Infinity;
  const ahead = Float64Array.from({ length: reach }, (_, node) => {
    const [thereX, thereY] = road.middle(first + node);
    return (most = Math.max(most, (thereX - x) * cos + (thereY - y) * sin));
  });
  return depth.map((z) => first + Math.min(reach - 1, ((found) => (found < 0 ? reach - 1 : found))(ahead.findIndex((far) => far >= z))));
}

/** The share of a pixel `wide` metres across, in the middle of which is `offset`, that lies between two offsets. */
const within = (offset, wide, low, high) => inside((Math.min(offset + wide / 2, high) - Math.max(offset - wide / 2, low)) / wide, 0, 1);

/** The colour of a point of the ground, into `colour`. */
function ground(road, x, y, near, { z, beam, focal, deep, direction }, colour) {
  const { look, seed, facts: { world, colours } } = road;
  const [along, beside, missed, towards] = road.beside(x, y, near, 2), offset = Math.abs(missed) > 1 ? 99 : beside, skew = direction - towards;
  const wide = Math.max(z / focal, deep * Math.abs(Math.sin(skew) + beam * Math.cos(skew)));
  const { right, left, shoulder, line } = world, part = (low, high) => within(offset, wide, low, high);
  const grain = (1 / (1 + (deep / 0.4) ** 2)) * (hashed(Math.floor(x / 0.25), Math.floor(y / 0.25), seed + 1) - 0.5), patch = smooth(x / 5, y / 5, seed + 2);
  const gravel = part(-left - shoulder, right + shoulder), asphalt = gravel && part(-left, right);
  let paint = 0;
  if (asphalt) {
    const period = along / look.dash, dashed = 0.4 + ((period - Math.floor(period) < 0.4) - 0.4) / (1 + (deep / look.dash) ** 2 * 4);
    paint = part(line - 0.07, line + 0.07) + part(-3 * line - 0.07, -3 * line + 0.07);
    paint = look.paint * (paint + part(-line - 0.07, -line + 0.07) * dashed);
  }
  const shadow = 1 - look.shade * inside((smooth(x / 8, y / 8, seed + 3) - 0.55) * 6, 0, 1);
  for (let channel = 0; channel < 3; channel++) {
    const green = colours.green[channel];
    let seen = (green + (colours.dry[channel] - green) * look.grass) * (0.75 + 0.4 * patch + 0.8 * grain);
    seen += (colours.gravel[channel] * (0.9 + 0.2 * patch + 0.6 * grain) - seen) * gravel;
    seen += (look.grey * (0.92 + 0.12 * patch + 0.25 * grain) - seen) * asphalt;
    colour[channel] = (seen + (0.92 - seen) * paint) * shadow;
  }
}

/** RGBA bytes as PilotNet's planes Y, U and V from 0 to 1. */
export function planes({ width, height, data }) {
  const size = width * height, found = new Float32Array(3 * size);
  for (let at = 0; at < size; at++) {
    const [red, green, blue] = [0, 1, 2].map((channel) => data[4 * at + channel] / 255), luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    found[at] = luma;
    found[size + at] = (blue - luma) / 1.772 + 0.5;
    found[2 * size + at] = (red - luma) / 1.402 + 0.5;
  }
  return { dims: [1, 3, height, width], data: found };
}

// From what the networks answer to heat and boxes, as `convnets.localisation.maps` and `.windows` do it. Boxes are {left, top, width, height} in pixels.
import { boxOf } from "./world.js";

export function shares(scores) {
  const most = Math.max(...scores), powers = Array.from(scores, (score) => Math.exp(score - most)), sum = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / sum);
}

/** Where `count` even steps lie between the `size` values of a row: pairs of places, and how near the second is; centres stay in place. */
function between(size, count) {
  return Array.from({ length: count }, (_, step) => {
    const at = Math.max(0, ((step + 0.5) * size) / count - 0.5), low = Math.min(size - 1, Math.floor(at));
    return { low, high: Math.min(size - 1, low + 1), part: at - low };
  });
}

/** A map {height, width, data} with `side` values a side, bilinear. */
export function enlarged({ height, width, data }, side) {
  const rows = between(height, side), columns = between(width, side), found = new Float32Array(side * side);
  rows.forEach(({ low: top, high: below, part: v }, row) => columns.forEach(({ low: left, high: right, part: u }, column) => {
    const at = (y, x) => data[y * width + x];
    found[row * side + column] = (1 - v) * ((1 - u) * at(top, left) + u * at(top, right)) + v * ((1 - u) * at(below, left) + u * at(below, right));
  }));
  return { height: side, width: side, data: found };
}

/** An image {dims, data} with `side` pixels a side, bilinear. */
export function resized({ dims: [, colours, height, width], data }, side) {
  if (side === height && side === width) return { dims: [1, colours, height, width], data };
  const found = new Float32Array(colours * side * side);
  for (let colour = 0; colour < colours; colour++) {
    const plane = data.subarray(colour * height * width, (colour + 1) * height * width);
    found.set(enlarged({ height, width, data: plane }, side).data, colour * side * side);
  }
  return { dims: [1, colours, side, side], data: found };
}

/** Maps {dims: [1, C, h, w], data} mixed with `weights`, one for each. */
export function mixed({ dims: [, , height, width], data }, weights) {
  const size = height * width, found = new Float32Array(size);
  weights.forEach((weight, k) => {
    for (let at = 0; at < size; at++) found[at] += weight * data[k * size + at];
  });
  return { height, width, data: found };
}

/** The box around the largest connected part of `heat` that reaches `threshold` of its maximum; null where nothing is above 0. */
export function boxAround({ width, data }, threshold) {
  const least = threshold * data.reduce((most, value) => Math.max(most, value), -Infinity);
  return boxOf(largest(Array.from(data, (value) => value > 0 && value >= least), width), width);
}

/** Of a mask, its largest part whose pixels are joined by their sides; of equals, the first. */
export function largest(mask, width) {
  const part = new Int32Array(mask.length);
  let best = 0, most = 0, count = 0;
  mask.forEach((inside, start) => {
    if (!inside || part[start]) return;
    const waiting = [start];
    let size = 0;
    part[start] = ++count;
    while (waiting.length) {
      const at = waiting.pop(), column = at % width;
      size++;
      for (const next of [column > 0 && at - 1, column < width - 1 && at + 1, at - width, at + width])
        if (next !== false && mask[next] && !part[next]) (part[next] = count), waiting.push(next);
    }
    if (size > most) [best, most] = [count, size];
  });
  return Array.from(part, (name) => (best && name === best ? 1 : 0));
}

/** Overlap of two boxes [left, top, right, bottom]; 0 for one without area. */
function overlap(a, b) {
  const shared = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const area = (box) => Math.max(0, box[2] - box[0]) * Math.max(0, box[3] - box[1]);
  return shared / Math.max(area(a) + area(b) - shared, 1e-9);
}

/** What every window says at each size of the picture, `views` of {classes, boxes}: {sure, shares, box}, in pixels of a picture of `side`. */
export function windows(views, side, sides) {
  return views.flatMap(({ classes: { dims: [, kinds, high, wide], data }, boxes }, view) => Array.from({ length: high * wide }, (_, at) => {
    const own = shares(Array.from({ length: kinds }, (_, kind) => data[kind * high * wide + at])), back = side / sides[view];
    return { shares: own, sure: 1 - own.at(-1), box: [0, 1, 2, 3].map((edge) => back * boxes.data[edge * high * wide + at]) };
  }));
}

/** Merge windows, two by two, as long as the two that match best overlap by `limit`; the most confident box: {box, total, members}. */
export function merge(all, { limit, least }) {
  const surest = all.reduce((best, one) => (one.sure > best.sure ? one : best)), sure = all.filter((one) => one.sure >= least);
  let found = (sure.length ? sure : [surest]).map((one) => ({ box: one.box, total: one.sure, members: [one] }));
  while (found.length > 1) {
    let best = -1, pair = null;
    for (let i = 0; i < found.length; i++) for (let j = i + 1; j < found.length; j++) {
      const shared = overlap(found[i].box, found[j].box);
      if (shared > best) [best, pair] = [shared, [i, j]];
    }
    if (best < limit) break;
    const [first, second] = pair.map((place) => found[place]), total = first.total + second.total;
    const box = first.box.map((edge, i) => (first.total * edge + second.total * second.box[i]) / total);
    found[pair[0]] = { box, total, members: [...first.members, ...second.members] };
    found = found.filter((_, place) => place !== pair[1]);
  }
  return found.reduce((best, one) => (one.total > best.total ? one : best));
}

/** One class and one box: {label, share, box, sure, votes}; `share` is the class's among those that voted, `sure` the surest window's. */
export function located(views, { side, scales, merging }) {
  const all = windows(views, side, scales), { box, members } = merge(all, merging), sure = Math.max(...all.map((one) => one.sure));
  const added = members[0].shares.slice(0, -1).map((_, kind) => members.reduce((sum, one) => sum + one.shares[kind], 0)), votes = members.length;
  const nothing = sure < merging.sure, label = nothing ? added.length : added.indexOf(Math.max(...added));
  const [left, top, right, bottom] = box.map((edge) => Math.min(side, Math.max(0, edge)));
  return { label, share: nothing ? 1 - sure : Math.max(...added) / votes, sure, votes, box: { left, top, width: right - left, height: bottom - top } };
}

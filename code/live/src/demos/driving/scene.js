// Arithmetic of streets, as convnets.driving has it: another light and rain (weather.py), scores to classes (model.py), what
// stands on the road and how far off (obstacles.py).
import { hashed } from "./world.js";

/** Values 0..1 of colours, row by row in each, in `light` and `rain`. `facts` is FACTS of convnets.driving.live. */
export function weathered(data, { height, width, weather: { veil, air, dense, bright, long, slant, seed } }, light, rain) {
  const thick = veil * rain, lit = Math.min(1, light), size = height * width, result = new Float32Array(data.length);
  for (let place = 0; place < size; place++) {
    const row = Math.floor(place / width), column = place % width;
    const streak = rain && hashed(column - Math.floor(row / slant), Math.floor(row / long), seed) < dense * rain ? bright * lit : 0;
    for (let at = place; at < data.length; at += size) result[at] = Math.min(1, (1 - thick) * Math.min(1, data[at] * light) + thick * air * lit + streak);
  }
  return result;
}

/** The class of each pixel, from scores of classes (1 x K x h x w) at half the size: values between are weighted, edges go on. */
export function told({ dims: [, classes, down, across], data }, height, width) {
  const best = new Uint8Array(height * width), axis = (size, from) => Array.from({ length: size }, (_, place) => {
    const at = Math.max(0, ((place + 0.5) * from) / size - 0.5), first = Math.min(from - 1, Math.floor(at));
    return [first, Math.min(from - 1, first + 1), at - first];
  });
  const rows = axis(height, down), columns = axis(width, across), area = down * across;
  rows.forEach(([above, below, y], row) => columns.forEach(([left, right, x], column) => {
    let most = -Infinity;
    for (let k = 0; k < classes; k++) {
      const start = k * area, upper = start + above * across, lower = start + below * across;
      const score = (1 - y) * ((1 - x) * data[upper + left] + x * data[upper + right]) + y * ((1 - x) * data[lower + left] + x * data[lower + right]);
      if (score > most) {
        most = score;
        best[row * width + column] = k;
      }
    }
  }));
  return best;
}

/** The row of a camera {height, focal, centre, tilt} in which a flat road lies `distance` metres ahead. */
export const rowOf = ({ height, focal, centre, tilt }, distance) => centre + focal * Math.tan(Math.atan(height / distance) - tilt);

/** Metres ahead of the road that is seen in `row`; infinite at the horizon and above. */
export function distanceOf({ height, focal, centre, tilt }, row) {
  const angle = tilt + Math.atan((row - centre) / focal);
  return angle > 0 ? height / Math.tan(angle) : Infinity;
}

/** Pieces of a class, pixels joined by their sides: lists of places. */
function pieces(labels, kind, height, width) {
  const seen = new Uint8Array(labels.length), found = [];
  for (let start = 0; start < labels.length; start++) {
    if (seen[start] || labels[start] !== kind) continue;
    const places = [start];
    seen[start] = 1;
    for (let next = 0; next < places.length; next++) {
      const at = places[next], column = at % width;
      for (const [there, other] of [[column > 0, at - 1], [column < width - 1, at + 1], [at >= width, at - width], [at < labels.length - width, at + width]])
        if (there && !seen[other] && labels[other] === kind) {
          seen[other] = 1;
          places.push(other);
        }
    }
    found.push(places);
  }
  return found;
}

/** Cars, people and bicycles, nearest first: {kind, top, foot, left, right, area, distance, nearest, farthest, isOnRoad}. `shaky` is how far the tilt may be off, in radians. */
export function obstacles(labels, { height, width, kinds, on, least }, camera, shaky) {
  const found = [];
  for (const kind of kinds)
    for (const places of pieces(labels, kind, height, width)) {
      if (places.length < least) continue;
      let top = height, foot = 0, left = width, right = 0, road = 0;
      for (const at of places) {
        const row = Math.floor(at / width), column = at % width;
        [top, foot, left, right] = [Math.min(top, row), Math.max(foot, row + 1), Math.min(left, column), Math.max(right, column + 1)];
      }
      for (let column = left; column < right; column++) road += labels[Math.min(foot, height - 1) * width + column] === on;
      const off = (tilt) => ({ ...camera, tilt: camera.tilt + tilt });
      found.push({ kind, top, foot, left, right, area: places.length, distance: distanceOf(camera, foot), nearest: distanceOf(off(shaky), foot + 1),
        farthest: distanceOf(off(-shaky), foot - 1), isOnRoad: road > 0.5 * (right - left) });
    }
  return found.sort((one, other) => one.distance - other.distance);
}

/** How well classes agree with labels: {share of right pixels, mean overlap of the classes that are there}. */
export function agreement(found, labels, classes, unknown) {
  const both = new Float64Array(classes), either = new Float64Array(classes);
  let right = 0, counted = 0;
  labels.forEach((real, at) => {
    if (real === unknown) return;
    counted++;
    if (real === found[at]) right++, both[real]++, either[real]++;
    else either[real]++, either[found[at]]++;
  });
  const each = [...both].map((shared, k) => shared / either[k]).filter((value) => !Number.isNaN(value));
  return { share: right / counted, overlap: each.reduce((sum, value) => sum + value, 0) / each.length };
}

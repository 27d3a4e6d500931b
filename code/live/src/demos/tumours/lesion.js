// A lesion painted into a phantom, as `convnets.tumours.phantom` puts it in; and answers compared with the truth.

/** The pixels of a square whose centres lie in one of `discs` [x, y, radius]: 1 or 0, row by row. */
export function maskOf(discs, side) {
  const mask = new Uint8Array(side * side);
  for (const [x, y, radius] of discs)
    for (let row = Math.max(0, Math.floor(y - radius)); row <= Math.min(side - 1, Math.ceil(y + radius)); row++)
      for (let column = Math.max(0, Math.floor(x - radius)); column <= Math.min(side - 1, Math.ceil(x + radius)); column++)
        if (Math.hypot(column + 0.5 - x, row + 0.5 - y) <= radius) mask[row * side + column] = 1;
  return mask;
}

/** `ground`, bytes, with what is masked darker by `contrast`, softly over a pixel at the edge: from 0 to 1. */
export function darkened(ground, mask, contrast, side) {
  const within = (place) => Math.min(side - 1, Math.max(0, place));
  return Float32Array.from(ground, (grey, at) => {
    const row = Math.floor(at / side), column = at % side;
    let soft = 0;
    for (let down = -1; down <= 1; down++) for (let right = -1; right <= 1; right++) soft += mask[within(row + down) * side + within(column + right)];
    return Math.round(grey * (1 - (contrast * soft) / 9)) / 255;
  });
}

/** What each pixel is: 0 found, 1 missed, 2 a false alarm, 255 nothing; and {dice, missed, alarms, there, said}. */
export function compared(found, truth) {
  const count = [0, 0, 0], labels = Uint8Array.from(truth, (real, at) => {
    const label = real ? (found[at] ? 0 : 1) : found[at] ? 2 : 255;
    if (label < 3) count[label]++;
    return label;
  });
  const [hit, missed, alarms] = count, both = 2 * hit + missed + alarms;
  return { labels, dice: both ? (2 * hit) / both : 1, missed, alarms, there: hit + missed, said: hit + alarms };
}

/** The same of an answer that nothing is known to compare with: 0 what is called so, 255 the rest. */
export function called(found) {
  const labels = Uint8Array.from(found, (one) => (one ? 0 : 255)), said = labels.reduce((sum, label) => sum + (label === 0), 0);
  return { labels, dice: null, missed: null, alarms: null, there: null, said };
}

/** The middle `given` x `given` of a square of `side` values. */
export function middle(values, side, given) {
  const edge = (side - given) / 2;
  return Array.from({ length: given * given }, (_, at) => values[(edge + Math.floor(at / given)) * side + edge + (at % given)]);
}

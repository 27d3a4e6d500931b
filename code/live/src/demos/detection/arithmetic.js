// The arithmetic of detection, as Python does it: from what the network says of each place to boxes, which of them stay, and
// which agree with labels.

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** The middles of the places that the network answers for, level after level, row after row: [[x, y]]. */
export function places({ height, width, strides }) {
  return strides.flatMap((stride) => {
    const rows = Math.ceil(height / stride), columns = Math.ceil(width / stride);
    return Array.from({ length: rows * columns }, (_, i) => [(i % columns + 0.5) * stride, (Math.floor(i / columns) + 0.5) * stride]);
  });
}

/** Every box of a place and a class whose score is greater than `least`: {place, label, score, left, top, right, bottom}, the surest first, at most as many as `before`. */
export function candidates({ scores, distances, centre }, facts, least) {
  const middles = places(facts), kinds = facts.classes.length, within = (value, limit) => Math.max(0, Math.min(limit, value)), found = [];
  middles.forEach(([x, y], place) => {
    const central = sigmoid(centre.data[place]), [left, top, right, bottom] = distances.data.subarray(4 * place, 4 * place + 4);
    for (let label = 0; label < kinds; label++) {
      const score = Math.sqrt(sigmoid(scores.data[kinds * place + label]) * central);
      if (score > least) found.push({ place, label, score, left: within(x - left, facts.width), top: within(y - top, facts.height), right: within(x + right, facts.width), bottom: within(y + bottom, facts.height) });
    }
  });
  return found.sort((a, b) => b.score - a.score).slice(0, facts.before);
}

/** Intersection over union of two boxes {left, top, right, bottom}; 0 where both are empty. */
export function iou(a, b) {
  const across = Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)), down = Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
  const area = ({ left, top, right, bottom }) => Math.max(0, right - left) * Math.max(0, bottom - top), all = area(a) + area(b) - across * down;
  return all > 0 ? (across * down) / all : 0;
}

/** Non-maximum suppression, class by class: of `boxes`, the surest first, those that overlap no surer one of their class by more than `overlap`. */
export function suppressed(boxes, overlap, most) {
  const kept = [];
  for (const box of boxes)
    if (kept.every((other) => other.label !== box.label || iou(box, other) <= overlap)) kept.push(box);
  return kept.slice(0, most);
}

/** Which label each box finds, the surest first: of its class, the free one that it overlaps most, by at least `enough`; -1 where there is none. */
export function matches(boxes, labels, enough) {
  const free = new Set(labels.keys());
  return boxes.map((box) => {
    const best = [...free].filter((index) => labels[index].label === box.label).map((index) => ({ index, share: iou(box, labels[index]) }))
      .reduce((most, one) => (one.share >= most.share ? one : most), { index: -1, share: 0 });
    if (!(best.share >= enough)) return -1;
    free.delete(best.index);
    return best.index;
  });
}

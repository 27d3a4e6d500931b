// How far two boxes agree.

/** Intersection over union of two boxes {left, top, width, height}. */
export function iou(a, b) {
  const along = (start, size) => Math.max(0, Math.min(a[start] + a[size], b[start] + b[size]) - Math.max(a[start], b[start]));
  const both = along("left", "width") * along("top", "height"), all = a.width * a.height + b.width * b.height - both;
  return all > 0 ? both / all : 0;
}

// Where the digits of a number stand on the wall, and the window that a photograph of them is cut to.

export const WALL = { width: 720, height: 480 };
export const CENTRE = { x: 436, y: 218 }; // of the number, on the wall
export const MOST = 5; // digits of a number
const TALL = 132, WIDE = 440; // pixels: a digit at most, a number at most
const GAP = { enamel: 0.02, tiles: 0.3, iron: 0.06, paint: 0.02 }; // between two digits, in parts of a digit's height
const PLAIN = { right: 0, down: 0, turn: 0 };

/** What is inked of a glyph {path, advance}: {left, top, right, bottom} in the font's units. */
export function inked({ path }) {
  const numbers = path.match(/-?\d+/g).map(Number), xs = numbers.filter((_, i) => i % 2 === 0), ys = numbers.filter((_, i) => i % 2);
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

/**
 * `digits` is a list of {digit, right, down, turn}: where each was moved, in parts of its height, and by how many degrees it was turned.
 * Gives {size, items: [{digit, glyph, scale, x, y, turn, box}], width}: `x`, `y` is a digit's middle, from the number's middle, before it is tilted.
 */
export function layout({ digits, style }, glyphs) {
  const all = digits.map((one) => ({ ...PLAIN, ...one, glyph: glyphs[style][one.digit] })).map((one) => ({ ...one, ink: inked(one.glyph) }));
  const high = Math.max(1, ...all.map(({ ink }) => ink.bottom - ink.top)), gap = GAP[style] * high;
  const step = ({ ink, glyph }) => (style === "tiles" ? 0.72 * high : Math.max(ink.right - ink.left + 0.1 * high, 0.92 * glyph.advance)) + gap;
  const whole = all.reduce((sum, one) => sum + step(one), 0), scale = Math.min(TALL / high, WIDE / Math.max(1, whole)), size = scale * high;
  let left = (-scale * whole) / 2;
  const items = all.map(({ digit, right, down, turn, glyph, ink }) => {
    const wide = scale * step({ ink, glyph }), middle = { x: left + wide / 2, y: 0 };
    left += wide;
    const half = { x: (scale * (ink.right - ink.left)) / 2, y: (scale * (ink.bottom - ink.top)) / 2 };
    return { digit, glyph, ink, scale, turn, cell: wide, home: middle, x: middle.x + right * size, y: middle.y + down * size, half };
  });
  return { size, width: Math.max(scale * whole, 0.6 * size), items };
}

const turned = ({ x, y }, degrees) => {
  const angle = (degrees * Math.PI) / 180, cos = Math.cos(angle), sin = Math.sin(angle);
  return { x: cos * x - sin * y, y: sin * x + cos * y };
};

/** The four corners of a digit on the wall. */
export function corners({ x, y, half, turn }, tilt) {
  return [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([across, down]) => {
    const own = turned({ x: across * half.x, y: down * half.y }, turn), place = turned({ x: x + own.x, y: y + own.y }, tilt);
    return { x: CENTRE.x + place.x, y: CENTRE.y + place.y };
  });
}

/** The window around all digits, wider on each side by `margin` parts of its height; a bare wall is cut where two digits would be. */
export function cut({ items, size }, { tilt, margin }) {
  const points = items.flatMap((item) => corners(item, tilt));
  const bare = [{ x: CENTRE.x - 70, y: CENTRE.y - 60 }, { x: CENTRE.x + 70, y: CENTRE.y + 60 }];
  const xs = (points.length ? points : bare).map(({ x }) => x), ys = (points.length ? points : bare).map(({ y }) => y);
  const more = margin * (Math.max(...ys) - Math.min(...ys) || size);
  const left = Math.max(0, Math.min(...xs) - more), top = Math.max(0, Math.min(...ys) - more);
  return { left, top, width: Math.max(8, Math.min(WALL.width, Math.max(...xs) + more) - left), height: Math.max(8, Math.min(WALL.height, Math.max(...ys) + more) - top) };
}

/** Which digit lies at a place of the wall, or -1. */
export function hit({ items }, tilt, place) {
  const own = turned({ x: place.x - CENTRE.x, y: place.y - CENTRE.y }, -tilt);
  return items.findIndex(({ x, y, cell, half }) => Math.abs(own.x - x) <= cell / 2 && Math.abs(own.y - y) <= 1.2 * half.y);
}

/** Before which digit one that is dropped at a place would stand. */
export function before({ items }, tilt, place) {
  const own = turned({ x: place.x - CENTRE.x, y: place.y - CENTRE.y }, -tilt), found = items.findIndex(({ home }) => own.x < home.x);
  return found < 0 ? items.length : found;
}

/** A way on the wall as seen from the number, which is tilted, in parts of a digit's height. */
export function moved({ size }, tilt, { x, y }) {
  const own = turned({ x, y }, -tilt);
  return { right: own.x / size, down: own.y / size };
}

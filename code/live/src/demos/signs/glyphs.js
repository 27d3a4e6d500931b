// What stands on signs, as lines: digits and letters like those of German signs, and arrows, each in a box of 60 x 100.

export const GLYPHS = {
  0: "M30 8C8 8 8 30 8 50C8 70 8 92 30 92C52 92 52 70 52 50C52 30 52 8 30 8",
  1: "M14 27L36 8L36 92",
  2: "M8 30C8 1 52 1 52 30C52 48 14 72 8 92L53 92",
  3: "M9 24C14 2 51 3 51 28C51 47 34 48 26 48C36 48 53 52 53 70C53 98 8 98 7 74",
  4: "M40 92L40 8L6 70L56 70",
  5: "M49 8L14 8L11 46C24 34 53 38 53 64C53 98 10 98 7 76",
  6: "M46 10C22 30 8 52 8 68C8 100 52 100 52 68C52 40 20 40 10 62",
  7: "M7 8L53 8C38 36 27 60 24 92",
  8: "M30 48C4 48 6 8 30 8C54 8 56 48 30 48C2 48 2 92 30 92C58 92 58 48 30 48",
  9: "M14 90C38 70 52 48 52 32C52 0 8 0 8 32C8 60 40 60 50 38",
  S: "M51 24C48 2 9 2 9 27C9 52 52 44 52 71C52 98 8 98 7 74",
  T: "M4 8L56 8M30 8L30 92",
  O: "M30 8C8 8 8 30 8 50C8 70 8 92 30 92C52 92 52 70 52 50C52 30 52 8 30 8",
  P: "M10 92L10 8L32 8C60 8 60 52 32 52L10 52",
  "!": "M30 0L30 66M30 82L30 98",
  "↑": "M30 96L30 14M6 40L30 8L54 40",
  "→": "M10 96L10 48L52 48M34 24L56 48L34 72",
  "←": "M50 96L50 48L8 48M26 24L4 48L26 72",
};

const WIDE = 60, HIGH = 100, GAP = 14, LINE = 15;

/** Write `text` around the middle (x, y) of a canvas, `height` pixels high and at most `width` wide. */
export function write(context, text, { x, y, height, width, colour }) {
  const glyphs = [...text].filter((each) => GLYPHS[each]), across = glyphs.length * (WIDE + GAP) - GAP, scale = Math.min(height / HIGH, width / across);
  context.save();
  context.translate(x - (scale * across) / 2, y - (scale * HIGH) / 2);
  context.scale(scale, scale);
  Object.assign(context, { strokeStyle: colour, lineWidth: LINE, lineCap: "butt", lineJoin: "round" });
  for (const each of glyphs) {
    context.stroke(new Path2D(GLYPHS[each]));
    context.translate(WIDE + GAP, 0);
  }
  context.restore();
}

// A house front on a canvas: a wall, a door, a number of one of four kinds, what stands beside it, dirt and light.
import { CENTRE, WALL } from "./layout.js";

const { width: W, height: H } = WALL;
const KINDS = {
  enamel: { ink: "#f6f7f2", plate: enamel },
  tiles: { ink: "#1d3f8f", plate: tiles },
  iron: { ink: "#25272b", plate: () => {}, shadow: true },
  paint: { ink: "#8a3b1e", plate: () => {}, thin: true },
};

/** Whole numbers below 2^32, the same ones for the same seed. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Paint the `scene` {style, tilt, dirt, light, beside} with its digits laid out as layout() gives them. */
export function paint(context, scene, laid) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = 1;
  wall(context);
  const kind = KINDS[scene.style], tilt = (scene.tilt * Math.PI) / 180;
  beside(context, scene, laid);
  context.save();
  context.translate(CENTRE.x, CENTRE.y);
  context.rotate(tilt);
  if (laid.items.length) kind.plate(context, laid);
  for (const item of laid.items) digit(context, item, kind);
  context.restore();
  dirt(context, scene.dirt);
  light(context, scene.light);
}

function wall(context) {
  const plaster = context.createLinearGradient(0, 0, W, H);
  plaster.addColorStop(0, "#ece5d8");
  plaster.addColorStop(1, "#ddd3c1");
  Object.assign(context, { fillStyle: plaster });
  context.fillRect(0, 0, W, H);
  const draw = random(7);
  for (let i = 0; i < 900; i++) {
    context.fillStyle = draw() < 0.5 ? "rgba(120,104,80,0.10)" : "rgba(255,255,255,0.22)";
    context.fillRect(W * draw(), H * draw(), 2 + 10 * draw(), 1 + 3 * draw());
  }
  context.fillStyle = "#d9a520"; // the foot of the wall
  context.fillRect(0, 404, W, H - 404);
  context.fillStyle = "#b98712";
  context.fillRect(0, 404, W, 5);
  context.fillStyle = "#2f5d4a"; // the door
  context.fillRect(0, 40, 138, H - 40);
  context.fillStyle = "#f3efe6";
  context.fillRect(138, 28, 14, H - 28);
  context.fillRect(0, 28, 152, 12);
  context.fillStyle = "#264c3c";
  for (const top of [66, 268]) context.fillRect(18, top, 96, 170);
  context.fillStyle = "#caa64a";
  context.beginPath();
  context.arc(124, 258, 7, 0, 7);
  context.fill();
}

function enamel(context, { size, width }) {
  const high = 1.5 * size, wide = width + 0.6 * size;
  context.fillStyle = "rgba(0,0,0,0.25)";
  rounded(context, -wide / 2 + 5, -high / 2 + 7, wide, high, 12);
  context.fillStyle = "#f6f7f2";
  rounded(context, -wide / 2, -high / 2, wide, high, 12);
  context.fillStyle = "#1f4e9c";
  rounded(context, -wide / 2 + 5, -high / 2 + 5, wide - 10, high - 10, 9);
}

/** One glazed tile a digit, where it would stand if nobody had moved it. */
function tiles(context, { size, items }) {
  for (const { home, cell } of items) {
    const side = Math.min(cell - 2, 1.6 * size), high = 1.45 * size;
    context.fillStyle = "#c9a227";
    context.fillRect(home.x - side / 2, -high / 2, side, high);
    context.fillStyle = "#1d3f8f";
    context.fillRect(home.x - side / 2 + 4, -high / 2 + 4, side - 8, high - 8);
    context.fillStyle = "#f7f4ea";
    context.fillRect(home.x - side / 2 + 8, -high / 2 + 8, side - 16, high - 16);
  }
}

function digit(context, { glyph, ink, scale, x, y, turn }, { ink: colour, shadow, thin }) {
  const path = new Path2D(glyph.path), draw = (right, down, style) => {
    context.save();
    context.translate(x + right, y + down);
    context.rotate((turn * Math.PI) / 180);
    context.scale(scale, scale);
    context.translate(-(ink.left + ink.right) / 2, -(ink.top + ink.bottom) / 2);
    context.fillStyle = style;
    context.fill(path);
    context.restore();
  };
  if (shadow) draw(4, 6, "rgba(60,50,40,0.35)");
  context.globalAlpha = thin ? 0.85 : 1;
  draw(0, 0, colour);
  context.globalAlpha = 1;
}

/** What stands beside the number: a drainpipe, a bell, or the end of the neighbours' number. */
function beside(context, { beside: what }, { size, width }) {
  const left = CENTRE.x - width / 2, right = CENTRE.x + width / 2;
  if (what === "pipe") {
    const x = left - 0.34 * size;
    const round = context.createLinearGradient(x - 11, 0, x + 11, 0);
    for (const [at, grey] of [[0, "#3b3f44"], [0.4, "#8d949b"], [1, "#30343a"]]) round.addColorStop(at, grey);
    context.fillStyle = round;
    context.fillRect(x - 11, 0, 22, 404);
  } else if (what === "bell") {
    const x = right + 0.5 * size;
    context.fillStyle = "#3a3d42";
    rounded(context, x - 20, CENTRE.y - 52, 40, 104, 18);
    context.fillStyle = "#d8d4cb";
    context.beginPath();
    context.arc(x, CENTRE.y, 15, 0, 7);
    context.fill();
  }
}

function dirt(context, amount) {
  const draw = random(11), many = Math.round(260 * amount);
  for (let i = 0; i < many; i++) {
    context.fillStyle = draw() < 0.75 ? "rgba(58,46,34,0.62)" : "rgba(240,236,226,0.75)";
    context.beginPath();
    const x = CENTRE.x + 300 * (draw() - 0.5) * 1.6, y = CENTRE.y + 220 * (draw() - 0.5), size = 2 + 13 * draw() ** 3;
    context.ellipse(x, y, size * (0.6 + draw()), size, 3 * draw(), 0, 7);
    context.fill();
  }
}

/** From -1, night, to 1, glare. */
function light(context, amount) {
  if (amount < 0) {
    context.fillStyle = `rgba(12,14,28,${0.88 * -amount})`;
    context.fillRect(0, 0, W, H);
  } else if (amount > 0) {
    const glare = context.createRadialGradient(CENTRE.x + 40, CENTRE.y - 60, 10, CENTRE.x + 40, CENTRE.y - 60, 380);
    glare.addColorStop(0, `rgba(255,252,240,${0.97 * amount})`);
    glare.addColorStop(1, `rgba(255,252,240,${0.35 * amount})`);
    context.fillStyle = glare;
    context.fillRect(0, 0, W, H);
  }
}

function rounded(context, left, top, width, height, radius) {
  context.beginPath();
  context.roundRect(left, top, width, height, radius);
  context.fill();
}

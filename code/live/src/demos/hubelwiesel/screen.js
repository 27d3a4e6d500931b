// The projection screen before the animal's eye: the stimulus, which follows mouse, finger or keys, and on it the
// reader's marks. Places are in degrees from the middle of the screen, x to the right and y upwards.
import { h, unique } from "../../ui.js";
import { t } from "../../words.js";
import { holds } from "./score.js";
import { outline } from "./stimulus.js";

const STILL = 350; // milliseconds after which the mouse counts as standing still
const STEP = 0.25, FINE = 0.05; // degrees that an arrow key moves the stimulus
const TURN = 5; // degrees that a key turns it
const BACK = [58, 61, 67], LIGHT = [255, 250, 232], DARK = [6, 7, 9];
const ORANGE = [240, 140, 30], VIOLET = [150, 125, 245];
const INK = { 1: "#ffc98c", "-1": "#eee8ff" };

export class Screen {
  /**
   * `half` is half the screen's width in degrees. `act` has move({x, y}), turn(degrees), mark(sign or null, place), lamp(),
   * undo(), erase(place) and tell(), for those who do not see where the light is; null as a sign means the pencil that lies ready.
   */
  constructor({ half, act }) {
    Object.assign(this, { half, act, at: { x: 0, y: 0 }, moved: 0, rested: null });
    const help = unique("help");
    this.canvas = h("canvas", { class: "hw-screen", tabindex: 0, role: "application", width: 640, height: 640,
      "aria-label": t("Projection screen, {size} degrees wide", { size: 2 * half }), "aria-describedby": help });
    this.help = h("p", { id: help, class: "hw-help" },
      t("Mouse or finger moves the light; a click, or “{button}”, leaves a mark. When the mouse leaves, the light goes back to where it last stood still.", { button: t("Mark here") }), " ",
      h("span", { class: "hw-keys" }, t("Keys: arrows move it (finely with Shift), Q, E or the wheel turn it, the space bar switches the lamp, X and T mark, Backspace undoes, Delete erases.")));
    this.listen();
  }

  listen() {
    const { canvas, act } = this;
    const place = (event) => {
      const box = canvas.getBoundingClientRect(), { half } = this;
      return this.inside({ x: (2 * (event.clientX - box.left) / box.width - 1) * half, y: (1 - 2 * (event.clientY - box.top) / box.height) * half });
    };
    const rest = (event) => {
      if (event.timeStamp - this.moved > STILL) this.rested = this.at;
      this.moved = event.timeStamp;
    };
    const follow = (event) => {
      rest(event);
      act.move(place(event));
    };
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse" || canvas.hasPointerCapture(event.pointerId)) follow(event);
    });
    canvas.addEventListener("pointerdown", (event) => {
      follow(event);
      this.rested = this.at;
      if (event.pointerType !== "mouse") canvas.setPointerCapture(event.pointerId);
      else if (event.button === 0) act.mark(event.shiftKey ? -1 : null, this.at);
    });
    // on the way to a slider the light does not leave the place that is being looked at
    canvas.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "mouse") return;
      rest(event);
      if (this.rested) act.move(this.rested);
    });
    canvas.addEventListener("wheel", (event) => {
      if (document.activeElement !== canvas || event.ctrlKey) return; // else the wheel scrolls the page
      event.preventDefault();
      act.turn(event.deltaY > 0 ? -TURN : TURN);
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  inside({ x, y }) {
    const within = (value) => Math.max(-this.half, Math.min(this.half, value));
    return { x: within(x), y: within(y) };
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { act } = this, step = event.shiftKey ? FINE : STEP, { x, y } = this.at;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const others = { q: () => act.turn(TURN), e: () => act.turn(-TURN), " ": () => event.repeat || act.lamp(), x: () => act.mark(1, this.at),
      t: () => act.mark(-1, this.at), Enter: () => act.mark(null, this.at), Backspace: act.undo, Delete: () => act.erase(this.at) };
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (name in moves) {
      act.move(this.inside({ x: x + moves[name][0] * step, y: y + moves[name][1] * step }));
      act.tell();
    } else if (name in others) others[name]();
    else return;
    event.preventDefault();
  }

  /** Show `stimulus` (null: the lamp is off), `marks`, and once it is revealed the `truth` {field, centre, angle}. */
  paint({ stimulus, marks, truth = null, guess = null }) {
    const { canvas, half } = this, context = canvas.getContext("2d");
    const wanted = Math.round((canvas.clientWidth || 320) * Math.min(2, devicePixelRatio));
    if (canvas.width !== wanted) canvas.width = canvas.height = wanted;
    const scale = wanted / (2 * half);
    const at = ({ x, y }) => [(x + half) * scale, (half - y) * scale];
    context.fillStyle = rgb(BACK);
    context.fillRect(0, 0, wanted, wanted);
    if (stimulus) light(context, stimulus, half, at);
    if (truth) this.reveal(context, truth, wanted);
    vignette(context, wanted);
    ruler(context, scale, wanted);
    for (const mark of marks) {
      context.globalAlpha = truth && !holds(mark, truth) ? 0.4 : 1;
      drawMark(context, mark, at(mark), Math.max(5, 0.11 * scale));
    }
    context.globalAlpha = 1;
    if (truth) for (const outline of truth.outlines) ellipse(context, at(outline), outline, scale);
    if (truth) verdict(context, at(truth.centre), truth.angle, scale, []);
    if (guess) verdict(context, at(guess.centre), guess.angle, scale, [0.12 * scale, 0.12 * scale]);
  }

  /** The true field, glowing over what is on the screen. */
  reveal(context, { picture }, size) {
    if (this.picture !== picture) {
      this.picture = picture;
      this.glow = glowing(picture);
    }
    context.imageSmoothingEnabled = true;
    context.drawImage(this.glow, 0, 0, size, size);
  }
}

const rgb = (colour) => `rgb(${colour.map(Math.round).join(" ")})`;
const mixed = (from, to, share) => rgb(from.map((value, i) => value + (to[i] - value) * share));

/** The stimulus as light on the screen, or as the lack of it. */
function light(context, stimulus, half, at) {
  const { contrast } = stimulus;
  context.fillStyle = mixed(BACK, contrast > 0 ? LIGHT : DARK, Math.abs(contrast));
  context.beginPath();
  const corners = outline(stimulus, half);
  corners.forEach((corner, i) => context[i ? "lineTo" : "moveTo"](...at(corner)));
  context.fill();
}

/** A lamp's light falls off towards the edges. */
function vignette(context, size) {
  const shade = context.createRadialGradient(size / 2, size / 2, size / 4, size / 2, size / 2, 0.75 * size);
  shade.addColorStop(0, "rgb(0 0 0 / 0)");
  shade.addColorStop(1, "rgb(0 0 0 / 0.45)");
  context.fillStyle = shade;
  context.fillRect(0, 0, size, size);
}

/** A signed map {size, data} as a picture: orange where it is positive, violet where negative, clear where it is nothing. */
function glowing({ size, data }) {
  const picture = h("canvas", { width: size, height: size }), pixels = new ImageData(size, size);
  const most = Math.max(...data.map(Math.abs));
  data.forEach((value, i) => {
    const share = value / most;
    pixels.data.set([...(share > 0 ? ORANGE : VIOLET), 255 * Math.min(0.9, Math.abs(share) ** 0.6)], 4 * i);
  });
  picture.getContext("2d").putImageData(pixels, 0, 0);
  return picture;
}

function ellipse(context, [x, y], { angle, along, across }, scale) {
  context.strokeStyle = "rgb(255 255 255 / 0.5)";
  context.lineWidth = Math.max(1, 0.02 * scale);
  context.beginPath();
  context.ellipse(x, y, along * scale, across * scale, (-angle * Math.PI) / 180, 0, 7);
  context.stroke();
}

/** A ring at a place, and through it a line along an orientation if there is one. */
function verdict(context, [x, y], angle, scale, dashes) {
  context.strokeStyle = "#fff";
  context.lineWidth = Math.max(1.5, 0.045 * scale);
  context.setLineDash(dashes);
  context.beginPath();
  context.arc(x, y, 0.25 * scale, 0, 7);
  if (angle !== null) {
    const along = (angle * Math.PI) / 180, [u, v] = [Math.cos(along), -Math.sin(along)];
    for (const side of [-1, 1]) {
      context.moveTo(x + 0.25 * side * scale * u, y + 0.25 * side * scale * v);
      context.lineTo(x + 1.6 * side * scale * u, y + 1.6 * side * scale * v);
    }
  }
  context.stroke();
  context.setLineDash([]);
}

/** A degree, drawn as on a map. */
function ruler(context, scale, size) {
  const left = 0.3 * scale, low = size - 0.3 * scale;
  context.strokeStyle = context.fillStyle = "#c9cdd4";
  context.lineWidth = Math.max(1, size / 400);
  context.beginPath();
  context.moveTo(left, low - 0.08 * scale);
  context.lineTo(left, low);
  context.lineTo(left + scale, low);
  context.lineTo(left + scale, low - 0.08 * scale);
  context.stroke();
  context.font = `${Math.round(0.26 * scale)}px sans-serif`;
  context.textAlign = "center";
  context.fillText("1°", left + scale / 2, low - 0.12 * scale);
}

/** A cross or a triangle in chalk, with a dark rim so that it is seen on light too. */
function drawMark(context, { sign }, [x, y], size) {
  context.lineCap = context.lineJoin = "round";
  const path = new Path2D();
  if (sign > 0) {
    path.moveTo(x - size, y - size);
    path.lineTo(x + size, y + size);
    path.moveTo(x - size, y + size);
    path.lineTo(x + size, y - size);
  } else {
    path.moveTo(x, y - 1.15 * size);
    path.lineTo(x + 1.1 * size, y + 0.8 * size);
    path.lineTo(x - 1.1 * size, y + 0.8 * size);
    path.closePath();
  }
  for (const [width, colour] of [[0.75, "#16181c"], [0.35, INK[sign]]]) {
    context.lineWidth = width * size;
    context.strokeStyle = colour;
    context.stroke(path);
  }
}

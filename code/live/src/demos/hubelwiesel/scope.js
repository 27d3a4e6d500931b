// What the cell says, to be seen: an oscilloscope whose beam crosses the screen in some seconds, and under it the
// spikes of the crossings before, one row each. The light's track above the trace tells when the lamp was on.
import { h } from "../../ui.js";

export const ROWS = 8; // crossings that stay in sight
const TRACE = 0.42; // share of the height that the trace takes
const INK = { back: "#0c1512", grid: "#1d332a", beam: "#7dffb0", old: "#58b884", lamp: "#f3e6a8", dark: "#8fa3c4" };

export class Scope {
  /** `seconds` is what one crossing takes. */
  constructor({ seconds, label }) {
    this.seconds = seconds;
    this.canvas = h("canvas", { class: "hw-scope", role: "img", "aria-label": label, width: 640, height: 360 });
    this.clear();
  }

  clear() {
    this.crossings = [{ spikes: [], lamp: [] }]; // the present one first
    this.now = 0;
  }

  /** Time went on to `now`, in seconds; `lamp` is 1 for light, -1 for dark, 0 for nothing on the screen. */
  push(now, times, lamp) {
    const turn = Math.floor(now / this.seconds), before = Math.floor(this.now / this.seconds);
    for (let i = before; i < turn && i < before + ROWS; i++) {
      this.crossings.unshift({ spikes: [], lamp: [] });
      this.crossings.length = Math.min(this.crossings.length, ROWS + 1);
    }
    for (const time of times) {
      const row = this.crossings[turn - Math.floor(time / this.seconds)];
      row?.spikes.push((time % this.seconds) / this.seconds);
    }
    const place = (now % this.seconds) / this.seconds, tracks = this.crossings[0].lamp, last = tracks.at(-1);
    if (last?.lamp === lamp) last.to = place;
    else tracks.push({ lamp, from: last?.to ?? 0, to: place });
    this.now = now;
  }

  paint() {
    const { canvas, crossings } = this, context = canvas.getContext("2d");
    const wanted = Math.round((canvas.clientWidth || 320) * Math.min(2, devicePixelRatio));
    const high = Math.round((wanted * canvas.clientHeight) / (canvas.clientWidth || 1)) || 180;
    if (canvas.width !== wanted || canvas.height !== high) Object.assign(canvas, { width: wanted, height: high });
    const { width, height } = canvas, unit = width / 640;
    context.fillStyle = INK.back;
    context.fillRect(0, 0, width, height);
    grid(context, width, height, unit);
    const place = (this.now % this.seconds) / this.seconds, base = TRACE * height - 16 * unit;
    lamps(context, crossings[0].lamp, { width, top: 8 * unit, height: 6 * unit });
    const [present, previous] = crossings;
    trace(context, { spikes: previous?.spikes ?? [], from: place, to: 1, base, width, unit, colour: INK.grid, line: 2 });
    trace(context, { spikes: present.spikes, from: 0, to: place, base, width, unit, colour: INK.beam, line: 2 });
    context.fillStyle = INK.beam;
    context.beginPath();
    context.arc(place * width, base, 4 * unit, 0, 7);
    context.fill();
    const step = (height * (1 - TRACE)) / ROWS;
    crossings.slice(1).forEach((crossing, row) => {
      const top = TRACE * height + row * step;
      lamps(context, crossing.lamp, { width, top: top + step - 3 * unit, height: 1.5 * unit });
      context.fillStyle = INK.old;
      for (const spike of crossing.spikes) context.fillRect(spike * width, top + 2 * unit, 2 * unit, step - 7 * unit);
    });
  }
}

function grid(context, width, height, unit) {
  context.strokeStyle = INK.grid;
  context.lineWidth = unit;
  context.beginPath();
  for (let x = 1; x < 8; x++) {
    context.moveTo((x * width) / 8, 0);
    context.lineTo((x * width) / 8, height);
  }
  context.moveTo(0, TRACE * height);
  context.lineTo(width, TRACE * height);
  context.stroke();
}

function lamps(context, tracks, { width, top, height }) {
  for (const { lamp, from, to } of tracks) {
    if (!lamp) continue;
    context.fillStyle = lamp > 0 ? INK.lamp : INK.dark;
    context.fillRect(from * width, top, Math.max(1, (to - from) * width), height);
  }
}

/** A flat line with a little noise, and on it the spikes: up, down below the line, and back. */
function trace(context, { spikes, from, to, base, width, unit, colour, line }) {
  const high = 24 * unit, points = [];
  for (let x = from * width; x <= to * width; x += 5 * unit) points.push([x, base + 1.5 * unit * Math.sin(x * x * 0.37)]);
  for (const spike of spikes) {
    const x = spike * width;
    if (spike >= from && spike <= to) points.push([x - unit, base], [x, high], [x + 2 * unit, base + 9 * unit], [x + 5 * unit, base]);
  }
  context.strokeStyle = colour;
  context.lineWidth = line * unit;
  context.lineJoin = "round";
  context.beginPath();
  for (const [x, y] of points.sort((a, b) => a[0] - b[0])) context.lineTo(x, y);
  context.stroke();
}

// A sound as a wave, with play and stop. The audio device is asked for when the reader plays, and let go with the element.
import { button, h, slider } from "../ui.js";
import { n, t } from "../words.js";
import css from "./wave.css";

const WIDTH = 800, HEIGHT = 120; // of the canvas
const PATIENCE = 1500; // milliseconds that a browser may take to open its audio device

export class Wave {
  /** `onmove(seconds)` follows where it plays or is set to. */
  constructor({ label, onmove = () => {} }) {
    Object.assign(this, { label, onmove, from: 0, source: null });
    this.canvas = h("canvas", { width: WIDTH, height: HEIGHT, role: "img" });
    this.now = h("div", { class: "live-wave-now" });
    this.place = h("div", { class: "live-wave-picture", onpointerdown: (event) => this.point(event) }, this.canvas, this.now);
    this.button = button(t("Play"), () => (this.source ? this.stop() : this.play()), { disabled: true });
    this.position = slider({ label: t("Position"), min: 0, max: 1, step: 0.01, value: 0, digits: 2, unit: " s", oninput: (seconds) => this.seek(seconds) });
    this.told = h("p", { role: "status" });
    this.element = h("div", { class: "live-wave", role: "group", "aria-label": label }, h("style", {}, css), this.place, this.position.element,
      h("div", { class: "live-tools" }, this.button), this.told);
  }

  /** Show `samples`, a Float32Array of values from -1 to 1, of which `rate` make a second. */
  show({ samples, rate }) {
    this.stop();
    Object.assign(this, { samples, rate, seconds: samples.length / rate });
    this.position.input.max = this.seconds;
    this.canvas.setAttribute("aria-label", t("{label}: {seconds} seconds", { label: this.label, seconds: n(this.seconds, 2) }));
    this.button.disabled = !samples.length;
    this.told.textContent = "";
    this.paint();
    this.move(0);
  }

  /** The least and the largest value of what falls on each column of pixels. */
  paint() {
    const { samples } = this, context = this.canvas.getContext("2d"), y = (value) => (HEIGHT / 2) * (1 - Math.max(-1, Math.min(1, value)) * 0.95);
    context.clearRect(0, 0, WIDTH, HEIGHT);
    context.fillStyle = "#0072b2";
    for (let x = 0; x < WIDTH; x++) {
      let low = Infinity, high = -Infinity;
      const first = Math.floor((x * samples.length) / WIDTH);
      for (let i = first; i < Math.max(first + 1, ((x + 1) * samples.length) / WIDTH) && i < samples.length; i++) (low = Math.min(low, samples[i]), high = Math.max(high, samples[i]));
      if (low <= high) context.fillRect(x, y(high), 1, Math.max(1.5, y(low) - y(high)));
    }
  }

  point({ clientX, button: which }) {
    const box = this.place.getBoundingClientRect();
    if (this.samples && !which) this.seek((this.seconds * Math.max(0, Math.min(box.width, clientX - box.left))) / box.width);
  }

  /** Go to a second, and play on from there if it plays. */
  seek(seconds) {
    const playing = Boolean(this.source);
    this.halt();
    this.move(seconds);
    if (playing) this.play();
  }

  move(seconds) {
    this.from = seconds;
    this.position.set(seconds);
    this.now.style.left = `${this.seconds ? (100 * seconds) / this.seconds : 0}%`;
    this.onmove(seconds);
  }

  async play() {
    const asked = (this.asked = {});
    this.mark(true);
    const context = await this.open();
    if (this.asked !== asked) return;
    this.told.textContent = context ? "" : t("This browser gives no sound: the wave can be looked at, not heard.");
    if (!context) return this.mark(false);
    if (this.from >= this.seconds - 0.01) this.move(0);
    const buffer = context.createBuffer(1, this.samples.length, this.rate), source = context.createBufferSource(), start = context.currentTime - this.from;
    buffer.copyToChannel(this.samples, 0);
    source.buffer = buffer;
    source.connect(context.destination);
    source.start(0, this.from);
    this.source = source;
    const follow = () => {
      if (this.source !== source) return;
      if (!this.element.isConnected) return this.close();
      const at = context.currentTime - start;
      if (at >= this.seconds) return this.stop();
      this.move(at);
      requestAnimationFrame(follow);
    };
    follow();
  }

  /** The audio device, running, or null where the browser does not give it. */
  async open() {
    try {
      this.context ??= new AudioContext();
      await Promise.race([this.context.resume(), new Promise((over) => setTimeout(over, PATIENCE))]);
      return this.context.state === "running" ? this.context : null;
    } catch {
      return null;
    }
  }

  mark(playing) {
    this.button.textContent = playing ? t("Stop") : t("Play");
  }

  /** Stop, and go back to the beginning. */
  stop() {
    this.halt();
    if (this.samples) this.move(0);
  }

  halt() {
    this.asked = null;
    this.source?.stop();
    this.source = null;
    this.mark(false);
  }

  /** Let the audio device go. */
  close() {
    this.halt();
    this.context?.close().catch(() => {});
    this.context = null;
  }
}

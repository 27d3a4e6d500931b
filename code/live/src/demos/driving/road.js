// A road to drive on: the reader steers, or a network does, which sees 66x200 pixels of it ten times a second; what it looked at
// lies over the picture, and below runs how far from the middle the car has been.
//
// For a demo's mount: `const road = new RoadDrive(facts.road, tools, {small, nets}); box.append(road.element); await road.begin(options)`,
// then `road.set(options)`. `facts.road` is FACTS of convnets.driving.steering; `nets` the names of two networks, the one with
// recovery pictures first. Each takes `image`, planes Y, U, V, and gives `curvature` (1/r) and `evidence` (66x200, from 0 to 1).
// Options: `who` steers, "reader" or one of `nets`; `seed` of the road; `along`, metres from its start; `offset`, metres to the right of
// the middle; `push`, metres by which the car is pushed right; `run`, whether it drives; `evidence`, whether that is shown.
import { Curve } from "../../parts/curve.js";
import { svg } from "../../parts/svg.js";
import { toggles } from "../../parts/toggles.js";
import { announcer, button, h } from "../../ui.js";
import { n, t } from "../../words.js";
import css from "./road.css";
import { autonomy, picture, planes, Road } from "./world.js";

const MOST = 0.04, TAP = 0.006, TURNING = 0.06, LOOSE = 0.25; // 1/m that the reader can steer; for a key, and for a second of holding it; seconds in which the wheel comes back
const SHOWN = 30, FINE = 2, QUICKEST = 30; // seconds of drift; how much finer than the network the reader sees; milliseconds between pictures
const READER = "reader";

export class RoadDrive {
  constructor(facts, tools, { small = false, nets = ["pilot", "pilot-centre"] } = {}) {
    Object.assign(this, { facts, tools, small, nets, net: nets[0], who: nets[0], running: false, wheel: 0, held: 0, pointer: null, shows: true, cost: 10, painted: 0, phase: 0 });
    this.each = 1 / facts.world.rate;
    this.answer = tools.latest(() => this.look());
    this.layout();
    this.begun(facts.first.seed, { along: facts.begin, offset: 0, turn: 0 });
  }

  layout() {
    const { nets, small } = this, canvas = (this.canvas = h("canvas", { tabindex: 0, role: "application", "aria-label": t("The road ahead. The left and right arrow keys turn the wheel, the space bar drives and stops.") }));
    this.cloth = h("canvas", { class: "driving-cloth" });
    const spokes = () => svg("path", { d: "M-40 0H40M0 0V40" });
    this.ghost = svg("g", { class: "driving-ghost" }, svg("path", { d: "M0 -30V-48" }));
    this.rim = svg("g", {}, svg("circle", { r: 40 }), spokes());
    const wheel = svg("svg", { class: "driving-wheel", viewBox: "-50 -50 100 100", "aria-hidden": "true" }, this.rim, this.ghost);
    this.stage = h("div", { class: "driving-stage" }, canvas, this.cloth, wheel);
    this.hands = toggles({ label: t("At the wheel"), value: this.who, onchange: (who) => this.set({ who }),
      options: { [nets[0]]: t("network, with recovery pictures"), [nets[1]]: t("network, without them"), [READER]: t("you") } });
    this.go = button("", () => this.set({ run: !this.running }), { class: "live-main" });
    const push = (metres, text) => button(text, () => this.set({ push: metres }));
    this.lamp = button(t("Evidence"), () => this.set({ evidence: !this.shows }), { "aria-pressed": "true" });
    this.buttons = h("div", { class: "live-tools" }, this.go, push(-this.facts.gust, t("Push it left")), push(this.facts.gust, t("Push it right")), this.lamp, small ? "" : button(t("Another road"), () => this.set({ seed: this.road.seed + 1 })));
    this.told = h("p", { class: "driving-told", "aria-hidden": "true" });
    this.heard = announcer(1500);
    const { limit } = this.facts;
    this.drift = new Curve({ range: [-1.5 * limit, 1.5 * limit], zero: 0, rules: [-limit, limit], names: ["same"] });
    const ends = h("div", { class: "driving-ends live-key", "aria-hidden": "true" }, h("span", {}, t("right")), h("span", {}, t("left")));
    this.element = h("div", { class: "driving-road" }, h("style", {}, css), small ? "" : this.hands.element, this.stage, this.buttons, this.told, this.heard.element, h("div", { class: "driving-drift" }, ends, this.drift.element),
      small ? "" : h("p", { class: "live-key" }, t("The wheel shows how the car is steered, the orange mark how the network would steer it. The curve is the car's distance from the middle of the lane; beyond the dotted lines it is put back.")));
    this.steerable(canvas);
  }

  /** Pointer and keys turn the wheel; whoever turns it drives. */
  steerable(canvas) {
    const aim = ({ clientX }) => {
      const box = canvas.getBoundingClientRect();
      this.wheel = Math.max(-MOST, Math.min(MOST, 2 * MOST * ((clientX - box.left) / box.width - 0.5)));
    };
    const mine = ({ pointerId }) => pointerId === this.pointer;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button > 0 || this.pointer !== null) return;
      this.pointer = event.pointerId;
      canvas.setPointerCapture(event.pointerId);
      this.take();
      aim(event);
    });
    canvas.addEventListener("pointermove", (event) => mine(event) && aim(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) canvas.addEventListener(end, (event) => mine(event) && (this.pointer = null));
    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (way) {
        this.take();
        if (this.held !== way) this.turn(way * TAP);
        this.held = way;
      } else if (event.key === " ") this.set({ run: !this.running });
      else return;
      event.preventDefault();
    });
    canvas.addEventListener("keyup", (event) => event.key.startsWith("Arrow") && (this.held = 0));
    canvas.addEventListener("blur", () => (this.held = 0));
  }

  take() {
    if (this.who !== READER) this.set({ who: READER });
  }

  turn(change) {
    this.wheel = Math.max(-MOST, Math.min(MOST, this.wheel + change));
  }

  async begin(options) {
    await this.set({ ...this.facts.first, ...options });
    this.start();
  }

  /** Show what is named; a promise that ends when the network has answered. */
  set({ who, seed, along, offset, push, run, evidence }) {
    const { facts, place, road } = this, inside = (value, low, high) => Math.min(high, Math.max(low, value));
    const elsewhere = [seed, along, offset].some((one) => one !== undefined), hands = who !== undefined && who !== this.who;
    if (hands) {
      Object.assign(this, { who, wheel: 0, held: 0 });
      if (who !== READER) this.net = who;
    }
    const most = facts.world.length - facts.world.reach - 100;
    if (elsewhere) this.begun(Math.round(inside(seed ?? road.seed, 0, 2 ** 31 - 1)), { along: inside(along ?? (seed === undefined ? place.along : facts.begin), 0, most), offset: inside(offset ?? 0, -2, 2), turn: 0 });
    else if (hands) this.begun(road.seed, place);
    if (push) this.stand({ ...this.place, offset: inside(this.place.offset + push, -2, 2) });
    this.running = run ?? this.running;
    this.shows = evidence ?? this.shows;
    this.show();
    this.wake?.();
    return this.answer();
  }

  /** A new count begins, on the road of `seed`. */
  begun(seed, place) {
    if (this.road?.seed !== seed) this.road = new Road(this.facts, seed);
    Object.assign(this, { ticks: 0, taken: 0, trail: [] });
    this.stand(place);
  }

  /** The car stands at `place`; farther than the limit from the middle it is put back first. */
  stand(place) {
    const { limit } = this.facts, out = Math.abs(place.offset) > limit;
    this.trail.push([this.ticks * this.each, place.offset]);
    if (out) {
      this.taken++;
      this.trail.push([this.ticks * this.each, 0]);
      place = { along: place.along, offset: 0, turn: 0 };
    }
    while (this.trail[0][0] < (this.ticks + 1) * this.each - SHOWN) this.trail.shift();
    Object.assign(this, { place, phase: 0 });
  }

  /** Ask the network what it sees here. */
  async look() {
    const { road, place, net, tools } = this, network = await tools.network(net), image = planes(picture(road, place));
    const { outputs, milliseconds } = await network.run({ image });
    this.seen = { road, place, net, curvature: outputs.curvature.data[0], evidence: outputs.evidence.data };
    Object.assign(tools.state, { net, image, outputs, milliseconds, seen: { seed: road.seed, place: { ...place } } });
    this.laid();
    this.show();
    this.paint();
  }

  /** Whether the network has answered to where the car stands. */
  get ready() {
    const { seen, road, place, net } = this;
    return seen?.place === place && seen.road === road && seen.net === net;
  }

  get steered() {
    return this.who === READER ? this.wheel : (this.seen?.curvature ?? 0);
  }

  /** Let `seconds` pass; the car waits where the network has not answered. */
  pass(seconds) {
    const { road, each, facts: { world } } = this;
    if (this.held) this.turn(this.held * TURNING * seconds);
    else if (this.pointer === null) this.wheel *= Math.exp(-seconds / LOOSE);
    if (!this.ready) return;
    this.phase += seconds;
    if (this.phase < each) return;
    this.ticks++;
    this.stand(road.driven(this.place, this.steered, each));
    if (this.place.along > world.length - world.reach - 60) {
      this.road = new Road(this.facts, road.seed + 1);
      this.place = { along: this.facts.begin, offset: 0, turn: 0 };
    }
    this.show();
    this.answer();
  }

  /** Drive on while the demo is on the screen and shall run. */
  start() {
    let last = 0, visible = true, asked = 0;
    const frame = (clock) => {
      asked = 0;
      const seconds = last ? Math.min(this.each, Math.max(0, (clock - last) / 1000)) : 0;
      last = clock;
      try {
        if (this.running) this.pass(seconds);
        if (clock - this.painted > Math.max(QUICKEST, 2 * this.cost)) this.paint(clock);
        ask();
      } catch (error) {
        this.tools.fail(error);
      }
    };
    const ask = () => {
      if (this.running && visible && !document.hidden && this.element.isConnected && !asked) asked = requestAnimationFrame(frame);
      else if (!asked) last = 0;
    };
    this.wake = ask;
    new IntersectionObserver((entries) => ((visible = entries.at(-1).isIntersecting), ask())).observe(this.element);
    document.addEventListener("visibilitychange", ask);
    ask();
  }

  /** The picture from where the car is by now. */
  paint(clock = this.painted) {
    const { road, place, phase, canvas } = this, from = performance.now();
    const { width, height, data } = picture(road, phase ? road.driven(place, this.steered, phase) : place, FINE);
    if (canvas.width !== width) Object.assign(canvas, { width, height });
    canvas.getContext("2d").putImageData(new ImageData(data, width, height), 0, 0);
    this.cost = performance.now() - from;
    this.painted = clock;
    const degrees = (curvature) => `rotate(${((90 * curvature) / MOST).toFixed(1)})`;
    this.rim.setAttribute("transform", degrees(this.steered));
    this.ghost.setAttribute("transform", degrees(this.seen?.curvature ?? 0));
  }

  /** The evidence over the picture. */
  laid() {
    const { width, height } = this.facts, pixels = new ImageData(width, height);
    this.seen.evidence.forEach((value, at) => pixels.data.set([255, 60, 0, Math.round(230 * Math.min(1, 1.5 * value))], 4 * at));
    Object.assign(this.cloth, { width, height });
    this.cloth.getContext("2d").putImageData(pixels, 0, 0);
  }

  show() {
    const { who, ticks, each, taken, facts, place, running, trail } = this, seconds = ticks * each, share = autonomy(taken, seconds || each, facts.penalty);
    this.hands.set(who);
    this.go.textContent = running ? t("Stop") : t("Drive");
    this.lamp.setAttribute("aria-pressed", String(this.shows));
    this.cloth.hidden = !this.shows;
    const values = { seconds: n(Math.floor(seconds)), times: n(taken), percent: n(Math.floor(100 * share)) };
    this.told.textContent = t("{seconds} s driven; times put back: {times}; autonomy {percent} %", values);
    const aloud = running ? t("times put back: {times}", values) : this.told.textContent;
    if (aloud !== this.aloud) this.heard.say((this.aloud = aloud)); // a text said again and again would never be heard
    const now = [seconds, place.offset], said = t("Distance from the middle of the lane: now {metres} m to the right", { metres: n(place.offset, 2) });
    this.drift.show({ span: [Math.max(0, seconds - SHOWN), Math.max(SHOWN, seconds)], curves: { same: trail }, at: now, said });
    Object.assign(this.tools.state, { scene: { who, seed: this.road.seed, running, ticks, taken, autonomy: share, wheel: this.wheel, steered: this.steered, place: { ...place }, ready: this.ready, shows: this.shows } });
  }
}

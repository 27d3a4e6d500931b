// The whole demo: an object in the visual field, every area's answer to it, what each takes it for, and how alike its
// answer stays to a remembered one.
import { tryThis } from "../../parts/tries.js";
import { announcer, h } from "../../ui.js";
import { n, t } from "../../words.js";
import { Area } from "./areas.js";
import { Field } from "./field.js";
import { correlation, holds } from "./measure.js";
import { Names } from "./names.js";
import { drawn, photograph } from "./objects.js";
import { Panel, sweepers } from "./panel.js";
import { sentence, wide } from "./saying.js";
import { Scene, SIZES, STILL } from "./scene.js";
import { axes, places } from "./sweep.js";
import { Unit } from "./unit.js";

const TRAIL = 400; // dots that are kept
const PHOTO_SIZE = 1.6; // a photograph begins larger than a drawing: there is more in it
const SMALL = 48; // pixels of an object's picture on its button
const FLAT = 1e-3; // grey levels that differ by less are no contrast
const NONE = { dots: [] }; // a trail
const BEAT = 90; // milliseconds for which a sweep stays at a place, at least

export class View {
  constructor(facts, net, tools, { object, other, axis, small }) {
    Object.assign(this, { facts, net, tools, axis, small, pose: STILL, showsOther: false, trails: NONE, sweeps: {}, running: 0, asked: 0 });
    this.scene = new Scene(facts.field);
    this.axes = axes(facts.field);
    this.objects = facts.objects;
    Object.assign(this, { object: this.objects[object], other: this.objects[other] });
    this.field = new Field(this.scene, { onpose: (change) => this.move(change), onstroke: (strokes) => this.draw(strokes) });
    this.heard = announcer();
    this.areas = facts.areas.map((told, index) => new Area(told, { onpick: (unit) => this.pick(index, unit), onpoint: (unit) => this.point(index, unit),
      words: (key) => this.objects[key].name, picture: (key) => this.picture(key) }));
    this.inspector = new Unit(facts, net.tensors);
    this.picked = null;
    this.ask = tools.latest(() => this.compute());
    this.build();
  }

  build() {
    const names = Object.fromEntries(Object.entries(this.objects).map(([key, { name }]) => [key, name]));
    this.panel = new Panel({ names, picture: (key) => this.picture(key), axes: this.axes, other: this.key(this.other), on: {
      take: (key) => this.take(this.objects[key]), pen: () => this.takePen(), open: (file) => this.open(file), sweep: (axis) => this.sweep(axis),
      remember: () => this.remember(), home: () => this.home(), set: (what, value) => this.turn(what, value),
      compare: (key) => this.compare(this.objects[key]), exchange: () => this.exchange(),
    } });
    this.verdict = h("p", { class: "cortex-verdict" });
    this.along = h("span", { class: "cortex-along" });
    this.ends = [h("span", {}), h("span", {})];
    this.legend = [h("span", { class: "same" }), h("span", { class: "other" })];
    const worth = {
      [t("Slide the bird")]: { object: "bird", other: "house", sweep: "shift" },
      [t("Turn the fish")]: { object: "fish", other: "house", sweep: "turn" },
      [t("Slide the face")]: { object: "face", other: "house", sweep: "shift" },
    };
    const alone = h("div", { class: "live-tools" }, sweepers([this.axis], this.axes, (axis) => this.sweep(axis)));
    this.element = h("div", { class: "cortex-view" },
      h("div", { class: "cortex-lead" }, this.small ? null : tryThis((options) => this.set(options), worth), this.verdict, this.heard.element),
      h("div", { class: "cortex-side" }, this.field.element, this.small ? alone : this.panel.objects),
      h("div", { class: "cortex-main" },
        h("div", { class: "cortex-area cortex-heads", "aria-hidden": "true" }, h("span", {}, t("area")), h("span", {}, t("answer now")),
          h("span", { class: "cortex-legend" }, this.legend), h("span", {}, t("name"))),
        h("div", { class: "cortex-areas" }, this.areas.map(({ element }) => element)),
        h("div", { class: "cortex-area cortex-foot", "aria-hidden": "true" }, this.along, h("div", { class: "cortex-ends" }, this.ends))),
      this.small ? null : h("p", { class: "live-key cortex-taught" }, t("An area has stored its answer to each of the ten drawings, upright in the middle. It names the one whose stored answer is most like its answer now; it was taught nothing else.")),
      this.small ? null : this.panel.more,
      this.inspector.element);
  }

  /** What `thumbnail` draws of an object. */
  picture(key) {
    const small = new Scene({ ...this.facts.field, side: SMALL, degrees: 1.3, extent: 1 });
    return { height: SMALL, width: SMALL, data: small.image(this.objects[key], STILL).data };
  }

  /** The object's key, "" for the reader's own. */
  key(object) {
    return Object.keys(this.objects).find((key) => this.objects[key] === object) ?? "";
  }

  /** Store every area's answer to each object, as it is named by. */
  async learn() {
    const stored = {};
    for (const [key, object] of Object.entries(this.objects)) stored[key] = this.populations(await this.run(object, STILL));
    this.names = new Names(stored);
  }

  /** One sweep by itself when the field is first seen, unless the reader has begun something else. */
  begin() {
    this.watch = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && (this.watch.disconnect(), this.sweep(this.axis)), { threshold: 0.9 });
    for (const kind of ["pointerdown", "keydown", "input", "click"]) this.element.addEventListener(kind, () => this.watch.disconnect(), { capture: true, once: true });
    this.watch.observe(this.field.box);
  }

  /** Put an `object`, the `other` and a `pose` there, by name; then `sweep` along an axis, or take the pen to `draw`. */
  async set({ object, other, pose, sweep, draw }) {
    this.watch.disconnect();
    if (other) this.other = this.objects[other];
    if (object) await this.take(this.objects[object]);
    if (pose) {
      this.halt();
      this.pose = { ...STILL, ...pose };
      this.axis = "turn" in pose ? "turn" : "size" in pose ? "size" : "shift";
      await this.answer();
    }
    if (draw && !this.field.drawing) this.takePen();
    if (sweep) await this.sweep(sweep);
  }

  /** Put a new object where the last one started, and remember it. */
  take(object, drawing = false) {
    this.halt();
    if (!drawing) this.putPen();
    if (object === this.other) this.other = Object.values(this.objects).find((each) => each !== object && each === this.object) ?? Object.values(this.objects).find((each) => each !== object);
    Object.assign(this, { object, showsOther: false, pose: drawing ? this.pose : { ...STILL, size: object.photo ? PHOTO_SIZE : 1 }, fresh: true });
    this.panel.complaint.textContent = "";
    return this.answer();
  }

  takePen() {
    if (this.field.drawing) return this.putPen();
    this.take(drawn([]));
    this.field.draws(true);
    this.panel.draws(true);
    this.field.box.focus();
  }

  putPen() {
    this.field.draws(false);
    this.panel.draws(false);
  }

  draw(strokes) {
    this.take(drawn(strokes), true);
  }

  async open(file) {
    this.panel.file.value = "";
    if (!file) return;
    try {
      await this.take(await photograph(file));
    } catch {
      this.panel.complaint.textContent = t("{file} is no picture that this browser can read: choose a JPEG, PNG or WebP file.", { file: file.name });
    }
  }

  compare(other) {
    this.other = other;
    this.sweeps = {};
    this.halt();
    return this.answer();
  }

  exchange() {
    this.halt();
    this.showsOther = !this.showsOther;
    return this.answer();
  }

  remember() {
    this.halt();
    this.fresh = true;
    if (this.showsOther) [this.object, this.other, this.showsOther] = [this.other, this.object, false];
    return this.answer();
  }

  home() {
    this.halt();
    this.pose = this.start?.pose ?? STILL;
    return this.answer();
  }

  /** One part of the pose, as its slider says. */
  turn(key, value) {
    this.halt();
    this.pose = { ...this.pose, [key]: value };
    if (key in this.axes) this.axis = key;
    return this.answer();
  }

  /** Move by degrees, scale by a factor, turn by degrees; or `home`. */
  move({ dx = 0, dy = 0, factor = 1, turn = 0, home = false }) {
    if (home) return this.home();
    this.halt();
    const { reach } = this.facts.field, clamp = (value, most) => Math.max(-most, Math.min(most, value));
    const { x, y, size, turn: before } = this.pose;
    this.pose = { ...this.pose, x: clamp(x + dx, reach), y: clamp(y + dy, reach), size: Math.max(SIZES[0], Math.min(SIZES[1], size * factor)),
      turn: ((before + turn + 540) % 360) - 180 };
    this.axis = factor !== 1 ? "size" : turn ? "turn" : "shift";
    return this.answer();
  }

  /** Show the object at once; the areas follow when they have answered. */
  answer() {
    this.asked += 1;
    this.tools.state.pending = true;
    this.look();
    return this.ask();
  }

  look() {
    this.panel.pose(this.pose);
    this.field.show(this.scene.image(this.shown, this.pose), { pose: this.pose, ghost: this.fresh ? null : this.start?.pose }, this.describe());
  }

  get shown() {
    return this.showsOther ? this.other : this.object;
  }

  async run(object, pose) {
    const image = this.scene.image(object, pose);
    const flat = spread(image.data) < FLAT;
    return { image, flat, pose, ...(await this.net.run({ image })) };
  }

  populations({ outputs }) {
    return this.areas.map((area) => area.population(outputs));
  }

  /** What a run comes to, one entry an area: {same: similarities to the remembered answer, names: keys}. */
  compared({ flat }, answers) {
    return flat ? { same: answers.map(() => NaN), names: answers.map(() => null) }
      : { same: answers.map((answer, index) => correlation(answer, this.start.answers[index])), names: this.names.of(answers) };
  }

  async compute() {
    const { fresh, asked } = this;
    this.fresh = false;
    const now = await this.run(this.shown, this.pose), answers = this.populations(now);
    if (fresh) {
      Object.assign(this, { start: { pose: now.pose, image: now.image, answers, outputs: now.outputs, flat: now.flat }, trails: NONE, sweeps: {} });
    }
    const found = this.compared(now, answers);
    this.keep(now.pose, found);
    this.show(now, found);
    this.tools.state.pending = asked !== this.asked;
  }

  /** A dot on the trail; where something else has changed too, a new trail begins. */
  keep(pose, found) {
    const { place, others } = this.axes[this.axis], key = JSON.stringify([this.axis, this.showsOther, ...others.map((name) => pose[name])]);
    if (this.trails.key !== key) this.trails = { key, dots: [] };
    this.trails.dots.push({ place: place(pose, this.start.pose), ...found });
    if (this.trails.dots.length > TRAIL) this.trails.dots.shift();
  }

  show(now, { same, names }) {
    const { facts, start } = this, shown = this.key(this.shown);
    this.now = { ...now, same, names };
    this.areas.forEach((area, index) => {
      area.show(now.outputs, start.outputs);
      area.meter(same[index]);
      area.calls(names[index], shown && names[index] === shown);
    });
    this.panel.show({ object: this.key(this.object), other: this.key(this.other), axis: this.axis, swapped: this.showsOther });
    this.curves();
    this.readOut(now);
    this.say(now);
    this.inspect();
    Object.assign(this.tools.state, { pose: now.pose, object: this.shown.kind ?? this.shown.name, axis: this.axis, image: now.image, outputs: now.outputs, flat: now.flat, milliseconds: now.milliseconds,
      areas: facts.areas.map(({ name }) => name), same, names, remembered: { pose: start.pose, image: start.image }, sweeps: this.sweeps, trail: this.trails.dots });
  }

  curves() {
    const axis = this.axes[this.axis], span = axis.span(this.start.pose), points = this.sweeps[this.axis] ?? [], { dots } = this.trails;
    const right = (index) => points.filter(({ names }) => names[index] === this.key(this.object)).length;
    this.swept = points.length && !this.running ? this.areas.map((_, index) => ({ band: holds(one(points, index)), right: right(index), all: points.length })) : null;
    this.areas.forEach((area, index) => {
      const sweep = one(points, index), swept = this.swept?.[index];
      area.count.textContent = swept && this.key(this.object) ? `${swept.right}/${swept.all}` : "";
      const curves = Object.fromEntries(["same", "other"].map((name) => [name, sweep.map((point) => [point.place, point[name]])]));
      area.curve.show({ span, curves, band: swept?.band?.map(({ place }) => place), trail: dots.map(({ place, same }) => [place, same[index]]),
        at: [axis.place(this.pose, this.start.pose), this.now.same[index]], said: this.told(area, sweep, swept, axis) });
    });
    this.along.textContent = axis.name;
    span.forEach((place, i) => (this.ends[i].textContent = axis.unit(place)));
    [this.object, this.other].forEach(({ name }, i) => (this.legend[i].textContent = name));
  }

  told(area, sweep, swept, axis) {
    const { name } = area.told;
    if (!swept) return sweep.length ? t("{name}: sweeping", { name }) : t("{name}: no sweep yet", { name });
    const named = this.key(this.object) ? t("{name}: named rightly at {right} of {all} steps", { name, ...swept }) : name;
    if (!swept.band) return named;
    const most = n(Math.max(...sweep.map(({ other }) => other).filter((value) => !Number.isNaN(value))), 2);
    return t("{named}; nearer to itself than half-way to the other object over {width}; similarity to the other object at most {most}", { named, most, width: wide(swept.band, axis) });
  }

  /** What the linear readouts make of it, which were trained to tell photographs of animals from those of vehicles. */
  readOut({ flat, outputs }) {
    const scores = [...outputs.scores.data], names = this.facts.readouts.map((name) => name.toUpperCase().replace("B", "b"));
    const [yes, no] = [t("yes"), t("no")];
    const answers = scores.map((score, i) => `${names[i]} ${score > 0 ? yes : no} (${n(score, 2)})`).join(" · ");
    this.panel.read.textContent = flat ? "" : t("Is it an animal? {answers}. These four readouts were fitted to small photographs of animals and vehicles. Drawings are foreign to them: in the middle of the field none of the ten is called an animal.", { answers });
  }

  describe() {
    const { x, y, size, turn, contrast } = this.pose;
    return t("Visual field, {degrees}° wide, with {object}: {x}° right, {y}° down of the middle, size {size}, turned {turn}°, contrast {contrast}.",
      { degrees: n(this.facts.field.degrees, 1), object: this.shown.name, x: n(x, 2), y: n(y, 2), size: n(size, 2), turn: n(turn), contrast: n(contrast, 2) });
  }

  say({ flat }) {
    const { start, now, pose, axis, showsOther, swept, areas } = this, named = (key) => (key ? this.objects[key].name : "–");
    const text = sentence({ flat, startFlat: start.flat, showsOther, moved: JSON.stringify(pose) !== JSON.stringify(start.pose), own: !this.key(this.object), object: this.object.name,
      how: this.axes[axis].told(this.axes[axis].place(pose, start.pose)), swept, slid: axis === "shift", first: areas[0].told.name, last: areas.at(-1).told.name, one: named(now.names[0]), two: named(now.names.at(-1)) });
    this.verdict.textContent = text;
    if (!this.running) this.heard.say(text);
  }

  /** Outline what the unit under the pointer sees; without one, what the picked unit sees. */
  point(index, unit) {
    const { told } = this.areas[index];
    this.field.outline(unit ? this.inspector.seen(told, unit) : this.picked ? this.inspector.seen(this.areas[this.picked.index].told, this.picked.unit) : null);
  }

  pick(index, unit) {
    this.picked = { index, unit };
    this.areas.forEach((area, i) => area.choose(i === index ? unit : null));
    this.inspect(true);
    if (matchMedia("(pointer: coarse)").matches) this.inspector.element.scrollIntoView({ block: "nearest" }); // else a tap shows nothing
  }

  inspect(say = false) {
    if (!this.picked || !this.now) return;
    const { index, unit } = this.picked, area = this.areas[index];
    const { seen, text } = this.inspector.show({ area, unit, image: this.now.image, outputs: this.now.outputs, remembered: this.start.outputs });
    this.field.outline(seen);
    this.tools.state.unit = { area: area.told.name, ...unit, seen };
    if (say) this.heard.say(text);
  }

  halt() {
    this.running = 0;
    this.tools.state.running = false;
  }

  /** Move the object from end to end of an axis and back; the other object is looked at in the same places. */
  async sweep(key) {
    const run = (this.running = Math.random()), { start } = this, axis = this.axes[key];
    this.putPen();
    this.axis = key;
    this.trails = NONE;
    this.showsOther = false;
    this.tools.state.running = true;
    const points = (this.sweeps[key] = []), still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    try {
      for (const place of places(axis.span(start.pose))) {
        const beat = still ? null : new Promise((resolve) => setTimeout(resolve, BEAT));
        const pose = axis.pose(place, start.pose), now = await this.run(this.object, pose), other = await this.run(this.other, pose);
        if (this.running !== run) return;
        const found = this.compared(now, this.populations(now));
        points.push({ place, ...found, other: this.compared(other, this.populations(other)).same });
        if (still) continue;
        this.pose = pose;
        this.look();
        this.show(now, found);
        await beat;
        if (this.running !== run) return;
      }
      this.running = 0;
      this.pose = start.pose;
      await this.answer();
      this.tools.state.running = false;
    } catch (error) {
      this.tools.fail(error);
    }
  }
}

/** One area's part of a sweep. */
const one = (points, index) => points.map(({ place, same, other }) => ({ place, same: same[index], other: other[index] }));

function spread(data) {
  let low = Infinity, high = -Infinity;
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low;
}

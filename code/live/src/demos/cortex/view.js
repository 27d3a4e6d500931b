// The whole demo: an object in the visual field, every area's answer to it, and how alike that stays to a remembered one.
import { thumbnail } from "../../parts/thumbnail.js";
import { tries } from "../../parts/tries.js";
import { announcer, button, choice, h, slider } from "../../ui.js";
import { n, t } from "../../words.js";
import { Area } from "./areas.js";
import { Field } from "./field.js";
import { correlation, holds } from "./measure.js";
import { drawn, photograph } from "./objects.js";
import { Scene, SIZES, STILL } from "./scene.js";
import { axes, places } from "./sweep.js";
import { Unit } from "./unit.js";

const TRAIL = 400; // dots that are kept
const PHOTO_SIZE = 1.6; // a photograph begins larger than a drawing: there is more in it
const SMALL = 48; // pixels of an object's picture on its button
const FLAT = 1e-3; // grey levels that differ by less are no contrast

export class View {
  constructor(facts, net, tools, { object, other }) {
    Object.assign(this, { facts, net, tools, axis: "shift", pose: STILL, showsOther: false, trails: {}, sweeps: {}, running: 0, asked: 0 });
    this.scene = new Scene(facts.field);
    this.axes = axes(facts.field);
    this.objects = facts.objects;
    Object.assign(this, { object: this.objects[object], other: this.objects[other] });
    this.field = new Field(this.scene, { onpose: (change) => this.move(change), onstroke: (strokes) => this.draw(strokes) });
    this.heard = announcer();
    this.areas = facts.areas.map((told, index) => new Area(told, { onpick: (unit) => this.pick(index, unit), onpoint: (unit) => this.point(index, unit) }));
    this.inspector = new Unit(facts, net.tensors);
    this.picked = null;
    this.ask = tools.latest(() => this.compute());
    this.build();
  }

  build() {
    const bound = (key, label, min, max, step, digits, unit, to = (v) => v) =>
      [key, slider({ label, min, max, step, value: to(STILL[key]), digits, unit, oninput: (value) => this.set(key, value) })];
    this.sliders = Object.fromEntries([
      bound("size", t("Size"), ...SIZES, 0.01, 2, "×"),
      bound("turn", t("Turn"), -180, 180, 1, 0, "°"),
      bound("contrast", t("Contrast"), 0, 1, 0.01, 2, ""),
    ]);
    this.verdict = h("p", { class: "cortex-verdict" });
    this.sweepers = Object.entries(this.axes).map(([key, { name }]) => button(`▶ ${name}`, () => this.sweep(key), { value: key, "aria-pressed": "false" }));
    const objects = tries({ label: t("Object"), options: Object.entries(this.objects).map(([key, object]) => this.sample(key, object)), columns: 5 });
    this.samples = objects.buttons;
    this.pen = button(t("Draw"), () => this.takePen(), { "aria-pressed": "false" });
    this.file = h("input", { type: "file", accept: "image/*", class: "live-unseen", tabindex: -1, "aria-hidden": "true", onchange: () => this.open(this.file.files[0]) });
    const others = Object.fromEntries(Object.entries(this.objects).map(([key, { name }]) => [key, name]));
    this.chooseOther = choice({ label: t("Compare with"), options: others, value: this.key(this.other), onchange: (key) => this.compare(this.objects[key]) });
    this.swap = button(t("Show it instead"), () => this.exchange(), { "aria-pressed": "false" });
    this.ends = ["", "", ""].map(() => h("span", {}));
    this.read = h("p", { class: "cortex-read" });
    this.complaint = h("p", { class: "cortex-complaint", role: "alert" });
    this.element = h("div", { class: "cortex-view" }, h("div", { class: "cortex-lead" }, this.verdict, this.heard.element),
      h("div", { class: "cortex-side" },
        h("div", { class: "cortex-eye" }, this.field.element,
          h("div", { class: "live-tools cortex-sweeps", role: "group", "aria-label": t("Sweep") }, this.sweepers),
          h("div", { class: "live-tools cortex-tools" }, button(t("Remember this"), () => this.remember()), button(t("Put back"), () => this.home()))),
        h("div", { class: "cortex-knobs" },
          Object.values(this.sliders).map(({ element }) => element),
          objects.element,
          h("div", { class: "live-tools cortex-tools" }, this.pen, button(t("Own photograph"), () => this.file.click()), this.file),
          this.complaint,
          h("p", { class: "live-key" }, t("A photograph stays in this browser; it is sent nowhere.")),
          h("div", { class: "cortex-compare" }, this.chooseOther.element, this.swap))),
      h("div", { class: "cortex-main" },
        h("div", { class: "cortex-area cortex-heads", "aria-hidden": "true" }, h("span", {}, t("area")), h("span", {}, t("its answer now")),
          h("span", { class: "cortex-legend" }, h("span", { class: "same" }, t("the object")), h("span", { class: "other" }, t("the other")))),
        h("div", { class: "cortex-areas" }, this.areas.map(({ element }) => element)),
        h("div", { class: "cortex-area cortex-foot", "aria-hidden": "true" }, h("div", { class: "cortex-ends" }, this.ends)),
        this.read,
        h("p", { class: "live-key" }, t("Each curve: correlation of the answers of all units of an area with those that were remembered, from 0 to 1. After a sweep, the band and the number below show where the object stays nearer to itself than half-way to the other one."))),
      this.inspector.element);
  }

  sample(key, object) {
    const small = new Scene({ ...this.facts.field, side: SMALL, degrees: 1.3, extent: 1 }), { data } = small.image(object, STILL);
    return { value: key, label: object.name, picture: thumbnail({ height: SMALL, width: SMALL, data }), ontry: () => this.take(object) };
  }

  key(object) {
    return Object.keys(this.objects).find((key) => this.objects[key] === object) ?? "";
  }

  /** Put a new object where the last one started, and remember it. */
  take(object, drawing = false) {
    this.halt();
    if (!drawing) this.putPen();
    if (object === this.other) this.other = Object.values(this.objects).find((each) => each !== object && each === this.object) ?? Object.values(this.objects).find((each) => each !== object);
    Object.assign(this, { object, showsOther: false, pose: drawing ? this.pose : { ...STILL, size: object.photo ? PHOTO_SIZE : 1 }, fresh: true });
    this.complaint.textContent = "";
    return this.answer();
  }

  takePen() {
    if (this.field.drawing) return this.putPen();
    this.take(drawn([]));
    this.field.draws(true);
    this.pen.setAttribute("aria-pressed", "true");
    this.pen.textContent = t("Done");
    this.field.box.focus();
  }

  putPen() {
    this.field.draws(false);
    this.pen.setAttribute("aria-pressed", "false");
    this.pen.textContent = t("Draw");
  }

  draw(strokes) {
    this.take(drawn(strokes), true);
  }

  async open(file) {
    this.file.value = "";
    if (!file) return;
    try {
      await this.take(await photograph(file));
    } catch {
      this.complaint.textContent = t("{file} is no picture that this browser can read: choose a JPEG, PNG or WebP file.", { file: file.name });
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

  set(key, value) {
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
    for (const [key, { set }] of Object.entries(this.sliders)) set(this.pose[key]);
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

  /** Similarities to the remembered answer, one an area. */
  compared(answers) {
    return answers.map((answer, index) => correlation(answer, this.start.answers[index]));
  }

  async compute() {
    const { fresh, asked } = this;
    this.fresh = false;
    const now = await this.run(this.shown, this.pose), answers = this.populations(now);
    if (fresh) {
      Object.assign(this, { start: { pose: now.pose, image: now.image, answers, outputs: now.outputs, flat: now.flat }, trails: {}, sweeps: {} });
    }
    const same = now.flat ? answers.map(() => NaN) : this.compared(answers);
    this.keep(now.pose, same);
    this.show(now, same);
    this.tools.state.pending = asked !== this.asked;
  }

  /** A dot on the trail; where something else has changed too, a new trail begins. */
  keep(pose, same) {
    const { place, others } = this.axes[this.axis], key = JSON.stringify([this.axis, this.showsOther, ...others.map((name) => pose[name])]);
    if (this.trails.key !== key) this.trails = { key, dots: [] };
    this.trails.dots.push({ place: place(pose, this.start.pose), same });
    if (this.trails.dots.length > TRAIL) this.trails.dots.shift();
  }

  show(now, same) {
    const { facts, start } = this;
    this.now = { ...now, same };
    this.areas.forEach((area, index) => {
      area.show(now.outputs, start.outputs);
      area.meter(same[index]);
    });
    this.samples.forEach((button) => button.setAttribute("aria-pressed", String(this.objects[button.value] === this.object)));
    this.sweepers.forEach((button) => button.setAttribute("aria-pressed", String(button.value === this.axis)));
    for (const option of this.chooseOther.select.options) option.disabled = this.objects[option.value] === this.object;
    this.chooseOther.select.value = this.key(this.other);
    this.swap.setAttribute("aria-pressed", String(this.showsOther));
    this.curves();
    this.readOut(now);
    this.say(now, same);
    this.inspect();
    Object.assign(this.tools.state, { pose: now.pose, object: this.shown.kind ?? this.shown.name, axis: this.axis, image: now.image, outputs: now.outputs, flat: now.flat, milliseconds: now.milliseconds,
      areas: facts.areas.map(({ name }) => name), same, remembered: { pose: start.pose, image: start.image }, sweeps: this.sweeps, trail: this.trails.dots });
  }

  curves() {
    const axis = this.axes[this.axis], span = axis.span(this.start.pose), points = this.sweeps[this.axis] ?? [];
    this.kept = points.length && !this.running ? this.areas.map((_, index) => holds(one(points, index))) : null;
    this.areas.forEach((area, index) => {
      const sweep = one(points, index), kept = this.kept?.[index] ?? null;
      area.width.textContent = kept ? across(kept, axis) : "";
      const curves = Object.fromEntries(["same", "other"].map((name) => [name, sweep.map((point) => [point.place, point[name]])]));
      area.curve.show({ span, curves, band: kept?.map(({ place }) => place), trail: this.trails.dots.map(({ place, same }) => [place, same[index]]),
        at: [axis.place(this.pose, this.start.pose), this.now.same[index]], said: this.told(area, sweep, kept, axis) });
    });
    [span[0], 0, span[1]].forEach((place, i) => (this.ends[i].textContent = i === 1 ? axis.name : axis.unit(place)));
  }

  told(area, sweep, kept, axis) {
    const { name } = area.told;
    if (!kept) return sweep.length ? t("{name}: sweeping", { name }) : t("{name}: no sweep yet", { name });
    const most = n(Math.max(...sweep.map(({ other }) => other).filter((value) => !Number.isNaN(value))), 2);
    return t("{name}: nearer to itself than half-way to the other object over {width}; similarity to the other object at most {most}", { name, most, width: wide(kept, axis) });
  }

  /** What the linear readouts make of it, which were trained to tell photographs of animals from those of vehicles. */
  readOut({ flat, outputs }) {
    const scores = [...outputs.scores.data], names = this.facts.readouts.map((name) => name.toUpperCase().replace("B", "b"));
    const [yes, no] = [t("yes"), t("no")];
    const answers = scores.map((score, i) => `${names[i]} ${score > 0 ? yes : no} (${n(score, 2)})`).join(" · ");
    this.read.textContent = flat ? "" : t("Read out, trained on photographs: is it an animal? {answers}", { answers });
  }

  describe() {
    const { x, y, size, turn, contrast } = this.pose;
    return t("Visual field, {degrees}° wide, with {object}: {x}° right, {y}° down of the middle, size {size}, turned {turn}°, contrast {contrast}.",
      { degrees: n(this.facts.field.degrees, 1), object: this.shown.name, x: n(x, 2), y: n(y, 2), size: n(size, 2), turn: n(turn), contrast: n(contrast, 2) });
  }

  say({ flat }, same) {
    const text = this.sentence(flat, same);
    this.verdict.textContent = text;
    if (!this.running) this.heard.say(text);
  }

  sentence(flat, same) {
    const { start, showsOther, pose } = this, axis = this.axes[this.axis], [first, last] = [this.areas[0], this.areas.at(-1)].map(({ told }) => told.name);
    if (flat) return t("There is no contrast: every pixel has the same grey. Retina, LGN and V1 are silent; what the later areas still show is how near each of their patterns is to no input at all. Choose an object, draw one, or raise the contrast.");
    if (start.flat) return t("An empty field is remembered, and nothing can be compared with it: press Remember this.");
    const alike = { first, last, one: n(same[0], 2), two: n(same.at(-1), 2), how: axis.told(axis.place(pose, start.pose)) };
    if (showsOther) return t("The other object: its similarity to what is remembered is {one} in the {first}, {two} in {last}.", alike);
    if (JSON.stringify(pose) !== JSON.stringify(start.pose)) return t("{how}: similarity to what is remembered {one} in the {first}, {two} in {last}.", alike);
    const [one, two] = this.kept ? [this.kept[0], this.kept.at(-1)].map((band) => band && wide(band, axis)) : [];
    return one && two ? t("Swept: the {first} keeps the object apart from the other one over {one}, {last} over {two}. Drag it, or compare it with another.", { first, last, one, two })
      : t("Every area's answer to this is remembered. Drag the object, or press ▶ to sweep it: how alike do the answers stay?");
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
    this.axis = key;
    this.trails = {};
    this.showsOther = false;
    this.tools.state.running = true;
    const points = (this.sweeps[key] = []), still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    try {
      for (const place of places(axis.span(start.pose))) {
        const pose = axis.pose(place, start.pose), now = await this.run(this.object, pose), answers = this.populations(now);
        const other = await this.run(this.other, pose);
        if (this.running !== run) return;
        const same = now.flat ? answers.map(() => NaN) : this.compared(answers);
        points.push({ place, same, other: other.flat ? answers.map(() => NaN) : this.compared(this.populations(other)) });
        if (still) continue;
        this.pose = pose;
        this.look();
        this.keep(pose, same);
        this.show(now, same);
      }
      this.running = 0;
      this.trails = {};
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

/** How wide the band is in which an object stays itself; at least so wide, where it reaches an end of the sweep. */
const across = ([low, high], axis) => (low.open || high.open ? "≥ " : "") + axis.across(high.place - low.place);

function wide([low, high], axis) {
  const width = axis.wide(high.place - low.place);
  return low.open || high.open ? t("at least {width}", { width }) : width;
}

function spread(data) {
  let low = Infinity, high = -Infinity;
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low;
}

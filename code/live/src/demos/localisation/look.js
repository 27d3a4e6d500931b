// A picture with an object that moves, the heat map and box of the network that was told names, and the box of the one that was told boxes.
import { iou } from "../../parts/iou.js";
import { fold } from "../../parts/fold.js";
import { HeatMap } from "../../parts/heatmap.js";
import { paint } from "../../parts/paint.js";
import { Picture } from "../../parts/picture.js";
import { tries } from "../../parts/tries.js";
import { announcer, button, cover, h, slider } from "../../ui.js";
import { n, t } from "../../words.js";
import { boxAround, enlarged, located, mixed, resized, shares } from "./decode.js";
import { Stage } from "./stage.js";
import { boxOf, canvasOf, input, pasted, pixels } from "./world.js";

const COLUMNS = 10, GUESSES = 3, NEAR = 0.5; // objects in a row; names in the list; IoU from which a box is right
const PUT = ["object", "size", "x", "y", "ground", "outline", "second"]; // of the scene: who sets one of them has done with a picture of one's own
const CLEAR = { second: null, name: null, random: false };

export class Look {
  /** `samples` as tools.samples() gives them: objects, then the grounds in four quarters each. */
  constructor(facts, { samples, credit }, tools, { small }) {
    const { objects, grounds, side } = facts;
    Object.assign(this, { facts, tools, small, scene: { ...CLEAR, threshold: facts.threshold }, own: null });
    this.objects = samples.slice(0, objects).map(({ label, picture }) => ({ label, picture, photograph: pixels(picture) }));
    this.grounds = Array.from({ length: grounds }, (_, place) => quarters(samples.slice(objects + 4 * place, objects + 4 * place + 4), side));
    this.answer = tools.latest(() => this.compute());
    this.layout(credit);
  }

  layout(credit) {
    const { facts, small } = this, { side, smallest, largest } = facts;
    this.stage = new Stage({ label: t("The picture. Arrow keys move the object, with Shift further; + and − change its size."), side, ready: () => this.current && !this.own,
      onmove: (x, y) => this.set({ x, y }, true), onstep: (right, down) => this.set({ x: this.scene.x + right, y: this.scene.y + down }, true), ongrow: (by) => this.set({ size: this.scene.size + by }, true) });
    this.heat = new HeatMap({ label: t("The map of the network that was told names"), digits: 1, opacity: 0.55 });
    this.guess = h("div", { class: "live-box localisation-one", hidden: true });
    this.heat.over.picker.element.append(this.guess);
    this.told = h("canvas", { role: "img" });
    this.box = h("div", { class: "live-box localisation-two", hidden: true });
    this.names = Array.from({ length: GUESSES }, (_, rank) => button(["", ""].map(() => h("span", {})), () => this.set({ name: this.current.ranks[rank] }, true)));
    const [truth, weak, strong] = [0, 1, 2].map(() => h("p", { class: "localisation-verdict" }));
    Object.assign(this, { truth, weak, strong, heard: announcer() });
    const part = (title, ...children) => h("div", { class: "localisation-part" }, h("p", { class: "live-name" }, title), children);
    const names = h("div", { class: "localisation-names", role: "group", "aria-label": t("The map of which name") }, this.names);
    this.size = slider({ label: t("Size"), min: smallest, max: largest, step: 1, value: smallest, oninput: (size) => this.set({ size }, true) });
    this.element = h("div", { class: "localisation-look" },
      h("div", { class: "localisation-three" }, part(t("Drag the object"), this.stage.element, this.truth, this.size.element),
        part(t("Told names only"), this.heat.element, weak, names),
        part(t("Told boxes"), h("div", { class: "localisation-told" }, this.told, this.box), strong)), this.heard.element);
    if (small) return;
    const objects = this.objects.map(({ label, picture }, place) => ({ label, picture: copy(picture), value: String(place), ontry: () => this.set({ object: place }, true) }));
    const grounds = this.grounds.map((ground, place) => ({ label: t("Ground {place}", { place: place + 1 }), picture: copy(canvasOf(input(ground))), value: String(place), ontry: () => this.set({ ground: place }, true) }));
    this.tries = tries({ label: t("Objects"), options: objects, columns: COLUMNS });
    this.floors = tries({ label: t("Grounds"), options: grounds, columns: grounds.length });
    this.random = button(t("Last weights at random"), () => this.set({ random: !this.scene.random }, true), { "aria-pressed": "false" });
    this.pair = button(t("A second object"), () => this.set({ second: this.scene.second ? null : this.facts.worth.two.second }, true), { "aria-pressed": "false" });
    this.threshold = slider({ label: t("The box holds what is above this share of the maximum"), min: 0.05, max: 0.95, step: 0.05, digits: 2, value: this.scene.threshold, oninput: (threshold) => this.set({ threshold }, true) });
    const more = h("div", { class: "localisation-more" }, h("div", { class: "live-tools" }, this.random, this.pair, button(t("Another outline"), () => this.set({ outline: (this.scene.outline + 1) % facts.outlines.length }, true))),
      this.threshold.element, h("div", { class: "localisation-grounds" }, this.floors.element));
    this.mine = new Picture({ label: t("Your own picture"), shape: { height: side, channels: 3 }, onpicture: ({ image, name }) => this.take(image, name) });
    this.element.append(h("div", { class: "localisation-objects" }, this.tries.element, h("p", { class: "live-key" }, credit)),
      h("div", { class: "localisation-folds" }, fold({ label: t("Ground, outline, weights and threshold"), content: more }), fold({ label: t("Your own picture"), content: h("div", { class: "localisation-more" },
        h("p", { class: "live-key" }, t("Both networks know three names, animal, vehicle and nothing, in pictures that a program made. They give one of these to a picture of any other kind as well, and do not say that it is one.")), this.mine.element) })));
  }

  async begin(options) {
    [this.cam, this.overfeat] = await Promise.all([this.tools.network("cam"), this.tools.network("overfeat")]);
    this.set(options);
    await this.answer();
  }

  /** Show what is named. With another object the second one, its name and random weights go, unless they are named, too; `now` asks the networks at once. */
  set(asked, now = false) {
    const { facts, scene } = this, inside = (value, low, high) => Math.min(high, Math.max(low, value));
    if (asked.object !== undefined) Object.assign(scene, CLEAR);
    Object.assign(scene, asked);
    const { objects, grounds, outlines, classes, smallest, largest, side } = facts;
    scene.object = inside(Math.round(scene.object), -1, objects - 1);
    scene.ground = inside(Math.round(scene.ground), 0, grounds - 1);
    scene.outline = inside(Math.round(scene.outline), 0, outlines.length - 1);
    scene.size = inside(Math.round(scene.size), smallest, largest);
    [scene.x, scene.y] = [scene.x, scene.y].map((middle) => inside(middle, 0, side));
    if (scene.name !== null) scene.name = inside(Math.round(scene.name), 0, classes.length - 1);
    if (PUT.some((name) => name in asked)) this.own = null;
    return now && this.answer();
  }

  take(image, name) {
    Object.assign(this.scene, CLEAR);
    this.own = { image: { dims: image.dims, data: image.data }, name };
    return this.answer();
  }

  /** The picture that is asked about: {image, truth, middle, label}. */
  picture() {
    const { own, scene, facts, objects, grounds } = this;
    if (own) return { image: own.image, truth: null, middle: null, label: own.name };
    const put = (picture, { object, size, x, y, outline }) => {
      const cut = facts.outlines[outline ?? scene.outline];
      return pasted(picture, objects[object].photograph, cut, { x, y, half: size / 2 / Math.max(...cut.axes) });
    };
    let picture = grounds[scene.ground];
    if (scene.second) ({ picture } = put(picture, scene.second));
    if (scene.object < 0) return { image: input(picture), truth: null, middle: null, label: facts.classes.at(-1) };
    const { picture: whole, mask } = put(picture, scene);
    return { image: input(whole), mask, truth: boxOf(mask, facts.side), middle: [scene.x, scene.y], label: objects[scene.object].label };
  }

  async compute() {
    const { facts, scene: { ...scene } } = this, { side, classes } = facts, given = this.picture(), { image } = given;
    const { outputs, milliseconds } = await this.cam.run({ image });
    const pictures = facts.scales.map((size) => resized(image, size)), views = [];
    for (const view of pictures) views.push((await this.overfeat.run({ image: view })).outputs);
    const probabilities = shares(outputs.scores.data), ranks = [...classes.keys()].sort((a, b) => probabilities[b] - probabilities[a] || a - b).slice(0, GUESSES);
    const chosen = scene.name ?? ranks[0], random = scene.random ? mixed(outputs.features, facts.random) : null;
    const map = random ?? { height: outputs.maps.dims[2], width: outputs.maps.dims[3], data: outputs.maps.data.slice(chosen * outputs.maps.dims[2] * outputs.maps.dims[3], (chosen + 1) * outputs.maps.dims[2] * outputs.maps.dims[3]) };
    const heat = enlarged(map, side), guess = boxAround(heat, scene.threshold), found = located(views, facts);
    this.current = { given, scene, ranks, chosen, probabilities, heat, guess, found };
    Object.assign(this.tools.state, { net: "cam", image, outputs, milliseconds, scene, own: this.own?.name ?? null, mask: given.mask ? [...given.mask] : null, truth: given.truth, label: given.label,
      probabilities, ranks, chosen, map: map.data, heat: heat.data, guess, pictures, views, found });
    this.show();
  }

  show() {
    const { facts, stage, current: { given, scene, ranks, chosen, probabilities, heat, guess, found } } = this, { side, classes } = facts, { truth, label } = given;
    const picture = canvasOf(given.image), units = { across: side, down: side }, whole = (share) => `${n(100 * share)} %`;
    stage.show({ picture, truth, middle: given.middle });
    this.truth.textContent = given.middle || !this.own ? t("Truth: {label}", { label }) : label;
    this.heat.show({ picture, map: { ...heat, data: heat.data.map((value) => Math.max(0, value)), step: 4 } });
    paint(this.told, picture);
    const nothing = classes.length - 1; // has no place
    for (const [frame, box, name] of [[this.guess, guess, chosen], [this.box, found.box, found.label]]) {
      frame.hidden = !box || name === nothing;
      if (box) cover(frame, box, units);
    }
    const verdict = (box, named, share) => {
      const name = named === null ? t("at random") : classes[named], said = named === null ? name : t("{name}, {share}", { name, share });
      if (!truth) return said;
      if (!box || named === nothing) return t("✗ {said}", { said });
      const overlap = iou(box, truth), values = { said, iou: n(overlap, 2) };
      return overlap >= NEAR && (named === null || classes[named] === label) ? t("✓ {said}: IoU {iou}", values) : t("✗ {said}: IoU {iou}", values);
    };
    this.weak.textContent = verdict(guess, scene.random ? null : chosen, whole(probabilities[chosen]));
    this.strong.textContent = verdict(found.box, found.label, whole(found.share));
    this.told.setAttribute("aria-label", t("The box of the network that was told boxes: {verdict}", { verdict: this.strong.textContent }));
    this.names.forEach((each, rank) => {
      const name = classes[ranks[rank]], share = whole(probabilities[ranks[rank]]);
      [each.firstChild.textContent, each.lastChild.textContent] = [name, share];
      each.setAttribute("aria-pressed", String(ranks[rank] === chosen && !scene.random));
      each.title = t("The map of {name}", { name });
    });
    this.heard.say(t("Told names only: {weak}. Told boxes: {strong}.", { weak: this.weak.textContent, strong: this.strong.textContent }));
    this.size.set(scene.size);
    if (this.small) return;
    this.threshold.set(scene.threshold);
    const press = (each, on) => each.setAttribute("aria-pressed", String(Boolean(on)));
    this.tries.buttons.forEach((each, place) => press(each, !this.own && place === scene.object));
    this.floors.buttons.forEach((each, place) => press(each, !this.own && place === scene.ground));
    press(this.random, scene.random);
    press(this.pair, scene.second);
  }
}

/** A ground of which four samples are the quarters. */
function quarters(samples, side) {
  const canvas = h("canvas", { width: side, height: side }), context = canvas.getContext("2d", { willReadFrequently: true });
  samples.forEach(({ picture }, place) => context.drawImage(picture, (place % 2) * (side / 2), Math.floor(place / 2) * (side / 2)));
  return pixels(canvas);
}

/** A picture for a button: the same canvas cannot stand in two places. */
function copy(picture) {
  const canvas = h("canvas", { width: picture.width, height: picture.height, class: "live-thumb", "aria-hidden": "true" });
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return canvas;
}

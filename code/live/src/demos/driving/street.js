// A street photograph in the reader's light and rain; what a network takes each pixel for, and how far off the next car is.
import { fold } from "../../parts/fold.js";
import { Masks } from "../../parts/masks.js";
import { reader } from "../../parts/tensor.js";
import { toggles } from "../../parts/toggles.js";
import { tries } from "../../parts/tries.js";
import { announcer, cover, h, slider } from "../../ui.js";
import { n, t } from "../../words.js";
import { agreement, obstacles, rowOf, told, weathered } from "./scene.js";

const NEAR = 3, FAR = 100, RULES = [5, 10, 20]; // obstacles that are told, metres at most; distances that are ruled on the road
const DEGREE = Math.PI / 180;

export class Street {
  /** `samples` as tools.samples() gives them: photographs, each followed by its labels. */
  constructor(facts, { samples, credit }, tools, { small }) {
    Object.assign(this, { facts, tools, small, scene: { show: "found" } });
    this.photos = samples.filter((_, place) => place % 2 === 0).map(({ picture }, place) => ({ picture, data: values(picture), labels: labelsOf(samples[2 * place + 1].picture) }));
    this.answer = tools.latest(() => this.compute());
    this.layout(credit);
  }

  layout(credit) {
    const { facts, small } = this, { least, most } = facts.weather;
    this.masks = new Masks({ label: t("The photograph, and what the network takes each pixel for"), opacity: 0.5 });
    this.layer = h("div", { class: "driving-feet", "aria-hidden": "true" });
    this.masks.over.picker.element.append(this.layer);
    this.light = slider({ label: t("Light"), min: least, max: most, step: 0.05, digits: 2, value: 1, oninput: (light) => this.set({ light }) });
    this.rain = slider({ label: t("Rain"), min: 0, max: 1, step: 0.05, digits: 2, value: 0, oninput: (rain) => this.set({ rain }) });
    this.tilt = slider({ label: t("The camera's tilt, in degrees"), min: -2, max: 2, step: 0.1, digits: 1, value: 0, oninput: (tilt) => this.set({ tilt }) });
    this.shows = toggles({ label: t("Show"), value: "found", options: { found: t("network"), labels: t("labels") }, onchange: (show) => this.set({ show }) });
    this.verdict = h("p", { class: "driving-verdict" });
    this.list = h("ul", { class: "driving-list" });
    this.heard = announcer();
    const photos = this.photos.map(({ picture }, place) => ({ label: t("Photograph {place}", { place: place + 1 }), picture: copy(picture), value: String(place), ontry: () => this.set({ sample: place }) }));
    this.choice = tries({ label: t("Photographs"), options: photos, columns: photos.length });
    this.far = fold({ label: t("On the road, nearest first"), content: h("div", { class: "driving-own" }, this.list, this.tilt.element) });
    this.far.open = small || matchMedia("(min-width: 40rem)").matches;
    const own = h("div", { class: "driving-own" }, small ? "" : this.choice.element, this.light.element, this.rain.element, this.verdict, this.heard.element,
      this.far, small ? "" : this.shows.element, h("p", { class: "live-key" }, credit));
    this.element = h("div", { class: "driving-street" }, h("div", { class: "driving-seen" }, this.masks.element), own);
  }

  begin(options) {
    return this.set({ ...this.facts.first, ...options });
  }

  /** Show what is named. */
  set(asked) {
    const { facts, scene, photos } = this, inside = (value, low, high) => Math.min(high, Math.max(low, value));
    for (const name of ["sample", "light", "rain", "tilt", "show"]) if (asked[name] !== undefined) scene[name] = asked[name];
    scene.sample = inside(Math.round(scene.sample), 0, photos.length - 1);
    scene.light = inside(scene.light, facts.weather.least, facts.weather.most);
    scene.rain = inside(scene.rain, 0, 1);
    scene.tilt = inside(scene.tilt, -2, 2);
    if (asked.tilt) this.far.open = true;
    return this.answer();
  }

  async compute() {
    const { facts, tools, photos, scene: { ...scene } } = this, { height, width } = facts, { data, labels } = photos[scene.sample];
    const network = await tools.network("small"), image = { dims: [1, 3, height, width], data: weathered(data, facts, scene.light, scene.rain) };
    const { outputs, milliseconds } = await network.run({ image }), found = told(outputs.scores, height, width);
    const camera = { ...facts.camera, tilt: facts.camera.tilt + scene.tilt * DEGREE };
    const shown = scene.show === "labels" ? labels : found, ahead = obstacles(shown, facts, camera, facts.shaky * DEGREE);
    const right = agreement(found, labels, facts.classes.length, facts.unknown);
    this.current = { scene, image, shown, ahead, camera, right };
    Object.assign(tools.state, { net: "small", image, outputs, milliseconds, scene, found: [...found], obstacles: ahead, right });
    this.show();
  }

  show() {
    const { facts, small, current: { scene, image, shown, ahead, camera, right } } = this, { height, width, classes } = facts;
    const places = Uint8Array.from({ length: facts.unknown + 1 }, (_, kind) => (kind === facts.unknown ? 255 : facts.order.indexOf(kind)));
    this.masks.show({ picture: canvasOf(image.data, height, width), height, width, labels: shown.map((kind) => places[kind]), names: facts.order.map((kind) => classes[kind]) });
    const near = ahead.filter(({ isOnRoad, distance }) => isOnRoad && distance < FAR).slice(0, NEAR);
    this.layer.replaceChildren(
      ...RULES.map((metres) => [metres, rowOf(camera, metres)]).filter(([, row]) => row < height - 4).map(([metres, row]) => over(h("div", { class: "driving-rule" }, h("span", {}, t("{metres} m", { metres }))), { top: row, left: 0, height: 0, width }, facts)),
      ...near.map(({ top, foot, left, right: end }) => over(h("div", { class: "driving-foot" }), { top, left, height: foot - top, width: end - left }, facts)));
    const told_ = near.map(({ kind, distance, nearest, farthest }) => t("{what}: about {metres} m, between {nearest} and {farthest}", { what: classes[kind], metres: n(distance, 0), nearest: n(nearest, 0), farthest: Number.isFinite(farthest) && farthest < 10 * FAR ? n(farthest, 0) : "∞" }));
    this.list.replaceChildren(...(told_.length ? told_ : [t("nothing")]).map((text) => h("li", {}, text)));
    this.verdict.textContent = t("{share} % of the pixels right; mean overlap {overlap} %", { share: n(100 * right.share, 0), overlap: n(100 * right.overlap, 0) });
    this.heard.say([this.verdict.textContent, ...told_].join("; "));
    this.light.set(scene.light);
    this.rain.set(scene.rain);
    this.tilt.set(scene.tilt);
    if (small) return;
    this.shows.set(scene.show);
    this.choice.buttons.forEach((each, place) => each.setAttribute("aria-pressed", String(place === scene.sample)));
  }
}

function over(element, place, { height, width }) {
  cover(element, place, { across: width, down: height });
  return element;
}

/** Colours of a picture that a canvas can draw, from 0 to 1: red, green, blue, row by row in each. */
function values(drawable) {
  const { width, height, rows } = reader(drawable), pixels = rows(0, height), size = width * height;
  return Float32Array.from({ length: 3 * size }, (_, at) => pixels[4 * (at % size) + Math.floor(at / size)] / 255);
}

/** Labels from a picture whose grey is 20 times the class. */
function labelsOf(drawable) {
  const { width, height, rows } = reader(drawable), pixels = rows(0, height);
  return Uint8Array.from({ length: width * height }, (_, at) => Math.round(pixels[4 * at] / 20));
}

function copy(drawable) {
  const canvas = h("canvas", { width: drawable.width, height: drawable.height });
  canvas.getContext("2d").drawImage(drawable, 0, 0);
  return canvas;
}

function canvasOf(data, height, width) {
  const canvas = h("canvas", { width, height }), pixels = new ImageData(width, height), size = height * width;
  for (let place = 0; place < size; place++) pixels.data.set([255 * data[place], 255 * data[size + place], 255 * data[2 * size + place], 255].map(Math.round), 4 * place);
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}

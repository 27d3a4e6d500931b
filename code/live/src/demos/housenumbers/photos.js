// Photographs: stored house numbers, or the reader's own picture, of which a part is cut out.
import { fold } from "../../parts/fold.js";
import { Picture } from "../../parts/picture.js";
import { reader, tensor } from "../../parts/tensor.js";
import { tries } from "../../parts/tries.js";
import { h } from "../../ui.js";
import { t } from "../../words.js";
import { framed } from "./arithmetic.js";
import { Cutter } from "./cutter.js";

const COLUMNS = 4, LONGEST = 1200; // pixels of a picture's longer side that are kept

export class Photos {
  /** `samples` as tools.samples() gives them. */
  constructor(facts, { samples, credit }, reading) {
    Object.assign(this, { facts, samples, reading });
    const options = samples.map(({ picture }, place) => ({ label: t("House number {place}", { place: place + 1 }), picture: copy(picture), value: String(place), ontry: () => this.set({ sample: place }, true) }));
    this.tries = tries({ label: t("House numbers"), options, columns: COLUMNS });
    this.label = h("p", { class: "housenumbers-label", role: "status" });
    this.cutter = new Cutter({ label: t("The part that is read. Drag over the number; arrow keys move the frame, with Shift they change its size."), oncut: (window) => this.cut(window) });
    const shape = { height: LONGEST, width: LONGEST, channels: 1, fit: "shrunk" };
    this.own = new Picture({ label: t("Your own picture"), shape, onpicture: ({ image, picture, name }) => this.take(image, picture, name) });
    this.fold = fold({ label: t("Your own picture"), content: h("div", { class: "housenumbers-own" }, this.own.element, this.cutter.element) });
    this.element = h("div", { class: "housenumbers-photos" }, this.tries.element, this.label, h("p", { class: "live-key" }, credit), this.fold);
  }

  set({ sample }, now = false) {
    if (sample === undefined) return;
    const { picture, label } = this.samples[sample], { height, width } = this.facts;
    const image = tensor(reader(picture), { height, width, channels: 1 });
    this.subject = { image: { dims: image.dims, data: image.data }, sample, label };
    if (now) this.read();
  }

  /** Take the reader's own picture, `grey` as tensor() gives it and as a canvas that is shown; all of it is read at first. */
  take(grey, picture, name) {
    const [, , height, width] = grey.dims;
    this.whole = { height, width, data: grey.data, name };
    this.cutter.show(picture);
    return this.cut({ left: 0, top: 0, width: 1, height: 1 });
  }

  /** Read a part of the own picture, in parts of its size. */
  cut(window) {
    const { height, width, data, name } = this.whole, left = Math.floor(window.left * width), top = Math.floor(window.top * height);
    const across = Math.max(1, Math.min(width - left, Math.round(window.width * width))), down = Math.max(1, Math.min(height - top, Math.round(window.height * height)));
    const part = new Float64Array(across * down);
    for (let y = 0; y < down; y++) for (let x = 0; x < across; x++) part[y * across + x] = Math.round(255 * data[(top + y) * width + left + x]);
    this.subject = { image: framed({ height: down, width: across, data: part }, this.facts), sample: null, label: name };
    return this.read();
  }

  read() {
    const { subject } = this;
    return this.reading.answer({ mode: "photos", ...subject, onread: (answer) => this.tell(subject, answer) });
  }

  tell({ sample, label }, { number }) {
    this.tries.buttons.forEach((each, place) => each.setAttribute("aria-pressed", String(place === sample)));
    this.label.textContent = sample === null ? label : number === label ? t("✓ Labelled {label}.", { label }) : t("✗ Labelled {label}.", { label });
  }
}

/** A picture for a button: the same canvas cannot stand in two places. */
function copy(picture) {
  const canvas = h("canvas", { width: picture.width, height: picture.height, class: "live-thumb", "aria-hidden": "true" });
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return canvas;
}

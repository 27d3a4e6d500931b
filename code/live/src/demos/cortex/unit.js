// What one unit sees, what it likes best, and what it answers.
import { h } from "../../ui.js";
import { n, t } from "../../words.js";
import { likes } from "./prototypes.js";

const SIDE = 192; // of a picture's canvas

export class Unit {
  constructor(facts, tensors) {
    Object.assign(this, { facts, tensors });
    this.title = h("p", { class: "live-unit cortex-unit" });
    this.told = h("p", { class: "cortex-told" });
    this.about = h("p", { class: "cortex-about" });
    this.window = h("canvas", { width: SIDE, height: SIDE, role: "img", "aria-label": t("What the unit sees") });
    this.likes = h("canvas", { width: SIDE, height: SIDE, role: "img" });
    this.caption = h("figcaption", {});
    this.first = h("figure", {}, this.window, h("figcaption", {}, t("it sees")));
    this.second = h("figure", {}, this.likes, this.caption);
    const body = h("div", { class: "cortex-unit-body" }, h("div", {}, this.title, this.told, this.about), this.first, this.second);
    this.element = h("div", { class: "live-inspector cortex-inspector", hidden: true }, body);
  }

  /** The receptive field of a unit in degrees from the middle of the field: {x, y, width, height, round}. */
  seen(told, { part, row, column }) {
    const { left, top, width, height } = told.sees(part, row, column), { degrees, side } = this.facts.field, perDegree = side / degrees;
    return { x: (left + width / 2 - side / 2) / perDegree, y: (top + height / 2 - side / 2) / perDegree, width: width / perDegree,
      height: height / perDegree, round: told.round };
  }

  /** Gives {seen: the receptive field in degrees, text: for the live region}. */
  show({ area, unit, image, outputs, remembered }) {
    const { told } = area, { part, map, row, column } = unit;
    const value = (from) => {
      const { height, width, data } = area.parts(from)[part];
      return data[(map * height + row) * width + column];
    };
    const { degrees, side } = this.facts.field, seen = this.seen(told, unit);
    this.element.hidden = false;
    this.title.textContent = told.unitName(unit);
    this.told.textContent = t("It answers {now}; when remembered, {before}. It sees {width}° of the visual field.",
      { now: n(value(outputs), 2), before: n(value(remembered), 2), width: n(Math.min(seen.width, degrees), 2) });
    this.about.textContent = told.about;
    crop(this.window, image, told.sees(part, row, column), side);
    this.second.hidden = !likes(this.likes, told.likes, unit, this.tensors, this.facts);
    this.caption.textContent = told.likes?.caption ?? "";
    this.likes.setAttribute("aria-label", told.likes?.caption ?? "");
    return { seen, text: `${this.title.textContent}. ${this.told.textContent}` };
  }
}

/** The part of the image that lies in a box, enlarged; beyond its border the field is hatched away as grey. */
function crop(canvas, { data }, { left, top, width, height }, side) {
  const context = canvas.getContext("2d"), small = document.createElement("canvas");
  [small.width, small.height] = [side, side];
  const pixels = new ImageData(side, side);
  data.forEach((value, i) => pixels.data.set([255 * value, 255 * value, 255 * value, 255], 4 * i));
  small.getContext("2d").putImageData(pixels, 0, 0);
  context.clearRect(0, 0, SIDE, SIDE);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, left, top, width, height, 0, 0, SIDE, SIDE);
}

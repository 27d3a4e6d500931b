// The ten crops as buttons: five, and below them the same mirrored; beside them all ten together.
import { button, h } from "../../ui.js";
import { t } from "../../words.js";
import { paint } from "./crops.js";

const PLACES = () => [t("top left"), t("top right"), t("bottom left"), t("bottom right"), t("middle")];

export class Crops {
  /** `onpick(crop)` follows the reader, with -1 for all ten. */
  constructor({ count, onpick }) {
    const places = PLACES();
    this.all = this.make(t("All ten"), () => onpick(-1), [h("span", { class: "alexnet-mean", "aria-hidden": "true" }), h("span", { class: "live-size" }, t("All ten"))]);
    this.each = Array.from({ length: count }, (_, crop) => {
      const canvas = h("canvas", { "aria-hidden": "true" }), place = places[crop % places.length];
      const called = crop < places.length ? t("Crop: {place}", { place }) : t("Crop: {place}, mirrored", { place });
      return { ...this.make(called, () => onpick(crop), canvas), canvas };
    });
    this.element = h("div", { class: "alexnet-ten", role: "group", "aria-label": t("Crops of the picture") }, this.all.button, h("div", { class: "alexnet-each" }, this.each.map((one) => one.button)));
  }

  make(called, onclick, picture) {
    const name = h("span", { class: "alexnet-name" });
    return { called, name, button: button([picture, name].flat(), onclick, { "aria-pressed": "false" }) };
  }

  /** `crops` and `all` are {name, right}, of crops also {image}; `right` is null where nobody has said what the picture shows. */
  show(crops, all) {
    this.tell(this.all, all);
    crops.forEach((crop, place) => {
      paint(this.each[place].canvas, crop.image);
      this.tell(this.each[place], crop);
    });
  }

  tell(one, { name, right }) {
    const mark = right === null ? "" : right ? "✓ " : "✗ ";
    one.name.textContent = mark + name;
    one.button.classList.toggle("wrong", right === false);
    const said = right === null ? t("{called}: {name}", { called: one.called, name }) : right ? t("{called}: {name}, which is right", { called: one.called, name })
      : t("{called}: {name}, which is wrong", { called: one.called, name });
    Object.assign(one.button, { ariaLabel: said, title: said });
  }

  choose(crop) {
    this.all.button.setAttribute("aria-pressed", String(crop < 0));
    this.each.forEach((one, place) => one.button.setAttribute("aria-pressed", String(place === crop)));
  }
}

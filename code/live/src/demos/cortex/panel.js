// What stands around the rows of the areas: the objects to choose from, and, folded, everything else that can be set.
import { fold } from "../../parts/fold.js";
import { thumbnail } from "../../parts/thumbnail.js";
import { tries } from "../../parts/tries.js";
import { button, choice, h, slider } from "../../ui.js";
import { t } from "../../words.js";
import { SIZES, STILL } from "./scene.js";

export class Panel {
  /**
   * `names` is {key: name of the object}, `picture(key)` what `thumbnail` draws of it, `axes` those of sweep.js, `other` a
   * key; `on` has take(key), pen(), open(file), sweep(axis), remember(), home(), set(what, value), compare(key), exchange().
   */
  constructor({ names, picture, axes, other, on }) {
    const objects = tries({ label: t("Object"), columns: 5, options: Object.entries(names).map(([key, name]) =>
      ({ value: key, label: name, picture: thumbnail(picture(key)), ontry: () => on.take(key) })) });
    this.samples = objects.buttons;
    this.pen = button(t("Draw"), on.pen, { "aria-pressed": "false" });
    this.file = h("input", { type: "file", accept: "image/*", class: "live-unseen", tabindex: -1, "aria-hidden": "true", onchange: () => on.open(this.file.files[0]) });
    this.complaint = h("p", { class: "cortex-complaint", role: "alert" });
    this.objects = h("div", { class: "cortex-objects" }, objects.element,
      h("div", { class: "live-tools" }, this.pen, button(t("Photograph"), () => this.file.click()), this.file), this.complaint);
    this.sweepers = sweepers(Object.keys(axes), axes, on.sweep);
    const bound = (key, label, min, max, step, digits, unit) =>
      [key, slider({ label, min, max, step, value: STILL[key], digits, unit, oninput: (value) => on.set(key, value) })];
    this.sliders = Object.fromEntries([
      bound("size", axes.size.name, ...SIZES, 0.01, 2, "×"),
      bound("turn", axes.turn.name, -180, 180, 1, 0, "°"),
      bound("contrast", t("Contrast"), 0, 1, 0.01, 2, ""),
    ]);
    this.others = choice({ label: t("Compare with"), options: names, value: other, onchange: on.compare });
    this.swap = button(t("Show it instead"), on.exchange, { "aria-pressed": "false" });
    this.read = h("p", { class: "cortex-read" });
    this.more = fold({
      label: t("More to set and to see"),
      content: h("div", { class: "cortex-more" },
        h("div", {}, h("div", { class: "live-tools", role: "group", "aria-label": t("Sweep") }, this.sweepers),
          Object.values(this.sliders).map(({ element }) => element),
          h("div", { class: "live-tools" }, button(t("Remember this"), on.remember), button(t("Put back"), on.home)),
          h("div", { class: "cortex-compare" }, this.others.element, this.swap)),
        h("div", {}, this.read,
          h("p", { class: "live-key" }, t("Each curve: correlation of the answers of all units of an area with those that were remembered, from 0 to 1; dashed, the same for the other object, moved alike. After a sweep, the band shows where the object stays nearer to itself than half-way to the other one, and the number on its right at how many steps the area named it rightly.")),
          h("p", { class: "live-key" }, t("Point at an area's picture, tap it, or reach it with the Tab key, to see what one unit of it sees and prefers.")),
          h("p", { class: "live-key" }, t("A photograph stays in this browser; it is sent nowhere.")))),
    });
  }

  /** `object` and `other` are keys, or "" where it is the reader's own; `swapped` whether the other one is shown. */
  show({ object, other, axis, swapped }) {
    const press = (buttons, value) => buttons.forEach((each) => each.setAttribute("aria-pressed", String(each.value === value)));
    press(this.samples, object);
    press(this.sweepers, axis);
    for (const option of this.others.select.options) option.disabled = option.value === object;
    this.others.select.value = other;
    this.swap.setAttribute("aria-pressed", String(swapped));
  }

  /** Whether the pen is in the reader's hand. */
  draws(on) {
    this.pen.setAttribute("aria-pressed", String(on));
    this.pen.textContent = on ? t("Done") : t("Draw");
  }

  pose(pose) {
    for (const [key, { set }] of Object.entries(this.sliders)) set(pose[key]);
  }
}

/** A button for each of these axes. */
export const sweepers = (keys, axes, sweep) => keys.map((key) => button(`▶ ${axes[key].name}`, () => sweep(key), { value: key }));

// The controls of the projector: what it throws on the screen, when, and how that moves.
import { toggles } from "../../parts/toggles.js";
import { choice, h, slider } from "../../ui.js";
import { t } from "../../words.js";

const USED = { spot: ["diameter"], bar: ["width", "length", "angle"], edge: ["angle"] };

export class Panel {
  /** `onchange(what)` follows every change: "shape", "lamp", "movement", or "stimulus" for the rest. */
  constructor(experiment, onchange) {
    const { stimulus } = experiment;
    Object.assign(this, { experiment, onchange });
    const put = (name) => (value) => ((stimulus[name] = value), onchange("stimulus"));
    this.shape = toggles({ label: t("Stimulus"), value: stimulus.shape, options: { spot: t("Spot"), bar: t("Bar"), edge: t("Edge") },
      onchange: (shape) => ((stimulus.shape = shape), this.show(), onchange("shape")) });
    this.tone = toggles({ label: t("Tone"), value: stimulus.contrast < 0 ? "dark" : "bright", options: { bright: t("Bright"), dark: t("Dark") },
      onchange: () => this.shade() });
    this.lamp = toggles({ label: t("Lamp"), value: experiment.lamp, options: { on: t("On"), off: t("Off"), flash: t("On and off") },
      onchange: (lamp) => this.light(lamp) });
    this.sliders = {
      diameter: slider({ label: t("Diameter"), min: 0.2, max: 6, step: 0.1, digits: 1, unit: "°", value: stimulus.diameter, oninput: put("diameter") }),
      width: slider({ label: t("Width"), min: 0.1, max: 4, step: 0.1, digits: 1, unit: "°", value: stimulus.width, oninput: put("width") }),
      length: slider({ label: t("Length"), min: 0.2, max: 8, step: 0.1, digits: 1, unit: "°", value: stimulus.length, oninput: put("length") }),
      angle: slider({ label: t("Orientation"), min: 0, max: 179, step: 1, unit: "°", value: stimulus.angle, oninput: put("angle") }),
      contrast: slider({ label: t("Contrast"), min: 0, max: 100, step: 1, unit: " %", value: 100 * Math.abs(stimulus.contrast), oninput: () => this.shade() }),
    };
    this.movement = choice({ label: t("Movement"), value: experiment.movement, options: { hand: t("by hand"), forth: t("drifts one way"),
      back: t("drifts the other way"), both: t("to and fro") }, onchange: (movement) => ((experiment.movement = movement), this.show(), onchange("movement")) });
    this.speed = slider({ label: t("Speed"), min: 1, max: 8, step: 0.5, digits: 1, unit: " °/s", value: experiment.speed,
      oninput: (speed) => ((experiment.speed = speed), onchange("stimulus")) });
    const { diameter, width, length, angle, contrast } = this.sliders;
    this.element = h("div", { class: "hw-light", role: "group", "aria-label": t("The projector") },
      h("div", { class: "hw-part hw-pair" }, this.shape.element, this.tone.element),
      h("div", { class: "hw-part hw-sliders" }, diameter.element, width.element, length.element, angle.element, contrast.element),
      h("div", { class: "hw-part" }, this.lamp.element, this.movement.element, this.speed.element));
    this.show();
  }

  shade() {
    const dark = this.tone.buttons.some((each) => each.value === "dark" && each.getAttribute("aria-pressed") === "true");
    this.experiment.stimulus.contrast = ((dark ? -1 : 1) * Number(this.sliders.contrast.input.value)) / 100;
    this.onchange("stimulus");
  }

  light(lamp) {
    this.experiment.light(lamp);
    this.lamp.set(this.experiment.lamp);
    this.onchange("lamp");
  }

  turn(degrees) {
    const { stimulus } = this.experiment, around = this.around();
    stimulus.angle = (((stimulus.angle + degrees) % around) + around) % around;
    this.sliders.angle.set(stimulus.angle);
    this.onchange("stimulus");
  }

  /** Degrees after which a stimulus looks the same: an edge has its light on one side. */
  around() {
    return this.experiment.stimulus.shape === "edge" ? 360 : 180;
  }

  choose(shape) {
    this.experiment.stimulus.shape = shape;
    this.refresh();
  }

  /** Show the experiment's values again, which have changed otherwise. */
  refresh() {
    const { stimulus, lamp, movement, speed } = this.experiment, { contrast, ...lengths } = this.sliders;
    for (const [name, { set }] of Object.entries(lengths)) set(stimulus[name]);
    contrast.set(100 * Math.abs(stimulus.contrast));
    this.speed.set(speed);
    this.shape.set(stimulus.shape);
    this.tone.set(stimulus.contrast < 0 ? "dark" : "bright");
    this.lamp.set(lamp);
    this.movement.select.value = movement;
    this.show();
  }

  /** Only the controls that make a difference. */
  show() {
    const { stimulus, movement } = this.experiment, moves = movement !== "hand";
    const used = [...USED[stimulus.shape], ...(moves ? ["angle"] : []), "contrast"];
    for (const [name, { element }] of Object.entries(this.sliders)) element.hidden = !used.includes(name);
    this.speed.element.hidden = !moves;
    this.sliders.angle.input.max = this.around() - 1;
    stimulus.angle %= this.around();
    this.sliders.angle.set(stimulus.angle);
  }
}

// Folded away below the demo: the reader's own picture of a digit, and which parts of a digit the verdict hangs on.
import { fold } from "../../parts/fold.js";
import { HeatMap } from "../../parts/heatmap.js";
import { Picture } from "../../parts/picture.js";
import { h } from "../../ui.js";
import { n, t } from "../../words.js";
import { photo } from "./paper.js";
import { argmax } from "./reading.js";

const SIDE = 160; // pixels of the longer side at which a photograph is looked at
const STEP = 4, PATCH = 6; // pixels from one covered place to the next, and of its side
const SHADE = "#b9b2a6", INK = "#333"; // of the sample, which looks like a photograph

/** `onphoto(photo)` gets the digit in the reader's picture; without one all stays as it was. `hands(digit)` draws the sample. */
export function ownPicture(facts, hands, onphoto) {
  const told = h("p", { role: "status" });
  const onpicture = ({ image: { dims: [, , height, width], data } }) => {
    const found = photo({ height, width, data }, facts);
    told.textContent = found ? t("The paper was taken away, and the ink placed as MNIST's digits are; the network's answer is above.")
      : t("No ink stands out in this picture: write one digit, dark on light paper, and come near.");
    return found && onphoto(found);
  };
  const picture = new Picture({ label: t("Your own picture of a digit"), shape: { height: SIDE, width: SIDE, channels: 1, fit: "whole" }, sample: (seed) => sample(hands(seed % 10)), onpicture });
  return fold({ label: t("Your own picture of a digit"), content: [picture.element, told] });
}

/** A drawing as a photograph of one: uneven light, grey paper. */
function sample(strokes) {
  const canvas = h("canvas", { width: 320, height: 320 }), context = canvas.getContext("2d"), light = context.createLinearGradient(0, 0, 320, 320);
  light.addColorStop(0, "#f4efe6");
  light.addColorStop(1, SHADE);
  context.fillStyle = light;
  context.fillRect(0, 0, 320, 320);
  Object.assign(context, { strokeStyle: INK, lineWidth: 14, lineCap: "round", lineJoin: "round" });
  context.beginPath();
  for (const stroke of strokes) stroke.forEach(([x, y], i) => context[i ? "lineTo" : "moveTo"](50 + 200 * x, 40 + 200 * y));
  context.stroke();
  return canvas;
}

/** Where the verdict's lead over the next class comes from: one place after the other is covered with paper, in one run. */
export class Evidence {
  /** `onopen()` is called when the reader unfolds it. */
  constructor(onopen) {
    this.heat = new HeatMap({ label: t("What the verdict hangs on, place by place"), digits: 1, tell: (place) => this.tell(place) });
    const key = h("p", { class: "live-key" }, t("Each place is covered with paper in turn, and the network asked again."));
    this.element = fold({ label: t("What the verdict hangs on"), content: [key, this.heat.element], onopen });
  }

  get open() {
    return this.element.open;
  }

  /** Ask the network: {digit, rows, read: the verdict at each place, lost: how much of the lead}. `values` is its answer to `image`. */
  async compute({ net, layers, size }, image, values, white) {
    const rows = size / STEP, count = rows * rows, pixels = size * size, data = new Float32Array(count * pixels);
    for (let place = 0; place < count; place++) {
      data.set(image.data, place * pixels);
      const top = Math.floor(place / rows) * STEP - (PATCH - STEP) / 2, left = (place % rows) * STEP - (PATCH - STEP) / 2;
      for (let y = Math.max(0, top); y < Math.min(size, top + PATCH); y++)
        data.fill(white, place * pixels + y * size + Math.max(0, left), place * pixels + y * size + Math.min(size, left + PATCH));
    }
    const { name, kind } = layers.at(-1), sign = kind === "rbf" ? -1 : 1, whole = [...values].map((value) => sign * value), digit = argmax(whole);
    const { data: answers } = (await net.run({ image: { dims: [count, 1, size, size], data } })).outputs[name];
    const all = Array.from({ length: count }, (_, i) => [...answers.subarray(10 * i, 10 * i + 10)].map((value) => sign * value));
    const lead = (each) => each[digit] - Math.max(...each.filter((_, other) => other !== digit));
    return { digit, rows, read: all.map(argmax), lost: Float32Array.from(all, (each) => lead(whole) - lead(each)) };
  }

  show(found, picture) {
    this.found = found;
    this.heat.show({ picture, signed: true, map: { height: found.rows, width: found.rows, data: found.lost }, ends: [t("speaks against it"), t("speaks for it")] });
  }

  tell({ row, column, value }) {
    const { digit, rows, read } = this.found, other = read[row * rows + column], amount = n(Math.abs(value), 1);
    if (other !== digit) return t("With this place covered the network reads {other}.", { other });
    return value < 0 ? t("With this place covered the lead of the {digit} grows by {amount}.", { digit, amount })
      : t("With this place covered the lead of the {digit} shrinks by {amount}.", { digit, amount });
  }
}

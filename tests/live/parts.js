// A demo for tests alone: the parts that wait for their first demos, on one page, with made-up pictures, boxes and sounds.
import { Boxes } from "../parts/boxes.js";
import { iou } from "../parts/iou.js";
import { HeatMap } from "../parts/heatmap.js";
import { Letters, pieces } from "../parts/letters.js";
import { Masks } from "../parts/masks.js";
import { Picture } from "../parts/picture.js";
import { Wave } from "../parts/wave.js";
import { h } from "../ui.js";

/** A landscape: sky, a hill, a sun. */
function landscape(seed = 0, width = 160, height = 120) {
  const canvas = h("canvas", { width, height }), context = canvas.getContext("2d");
  const fill = (colour, ...box) => ((context.fillStyle = colour), context.fillRect(...box));
  fill("#9cf", 0, 0, width, height);
  fill("#383", 0, height / 2, width, height / 2);
  fill("#fd3", 20 + 10 * seed, 15, 30, 30);
  return canvas;
}

async function mount(element, { shape = { height: 32, width: 32, channels: 3 } }, tools) {
  const picture = landscape();
  const own = new Picture({ label: "Your picture", shape, sample: landscape, onpicture: ({ image, name }) => Object.assign(tools.state, { image, name }) });
  const heat = new HeatMap({ label: "How warm it is", unit: " °C", digits: 1 });
  const signed = new HeatMap({ label: "For and against" });
  const boxes = new Boxes({ label: "Things in it", onchange: (all) => (tools.state.boxes = all) });
  const masks = new Masks({ label: "Parts of it", onchange: (shown) => (tools.state.shown = shown) });
  const wave = new Wave({ label: "A tone", onmove: (seconds) => (tools.state.seconds = seconds) });
  const values = (text) => pieces(text).map((_, index) => Math.sin(index));
  const letters = new Letters({ label: "A text", name: "surprise", onchange: (text) => letters.show({ text, values: values(text) }) });
  const words = new Letters({ label: "A sentence", name: "weight", unit: "word" });
  element.append(...[own, heat, signed, boxes, masks, wave, letters, words].map((part) => h("div", { class: "live-frame", style: "margin-bottom:1rem" }, part.element)));
  heat.show({ picture, map: { height: 6, width: 8, data: Float32Array.from({ length: 48 }, (_, i) => i / 2) } });
  signed.show({ picture, signed: true, map: { height: 3, width: 4, data: Float32Array.from({ length: 12 }, (_, i) => i - 5.5) }, ends: ["against", "for"] });
  boxes.show({ picture, found: [{ left: 20, top: 15, width: 30, height: 30, label: "sun", score: 0.93 }, { left: 60, top: 50, width: 70, height: 40, label: "hill", score: 0.41 }] });
  const labels = Uint8Array.from({ length: 160 * 120 }, (_, i) => (i % 160 < 8 ? 255 : i < 160 * 60 ? 0 : i % 160 < 80 ? 1 : 2));
  masks.show({ picture, height: 120, width: 160, labels, names: ["sky", "meadow", "wood"] });
  wave.show({ samples: Float32Array.from({ length: 16000 }, (_, i) => Math.sin(i / 6) * Math.sin((Math.PI * i) / 16000)), rate: 8000 });
  letters.show({ text: "Hello, ñandú 👩‍🚀!", values: values("Hello, ñandú 👩‍🚀!") });
  words.show({ text: "the cat sat on the mat", values: [0.1, 0.9, -0.5, 0, 0.1, 0.7] });
  Object.assign(tools.state, { iou, wave, own });
}

globalThis.Live.register("toy", mount);

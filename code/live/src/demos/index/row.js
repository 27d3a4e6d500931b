// One row of the lineage: its layers' answers, drawn as convnets/lineage.py draws the still, and a sentence.
import { h } from "../../ui.js";
import { filled } from "../../words.js";

const BLOCK = 192, GAP = 24, SEAM = 4, LAYERS = 4, PAPER = 0.06; // as in lineage.py

export class Row {
  constructor(place, tools) {
    Object.assign(this, { place, tools, waits: "\u00a0", system: place.dataset.row, strokes: null });
    this.still = place.querySelector("img");
    this.told = place.querySelector(".lineage-says");
    this.first = this.told.textContent;
    this.canvas = h("canvas", { class: "lineage-strip", width: LAYERS * (BLOCK + GAP) - GAP, height: BLOCK, role: "img", "aria-label": this.still.alt });
    this.ask = tools.latest(() => this.compute());
  }

  get said() {
    return this.told.textContent;
  }

  /** Fetch what the row needs; `find(system)` gives its `open`. */
  async open(find) {
    try {
      this.place.setAttribute("aria-busy", "true");
      const [open, tools] = await Promise.all([find(this.system), this.tools.of(this.system)]);
      this.net = await open(tools);
      this.place.removeAttribute("aria-busy");
      if (this.strokes) await this.ask();
    } catch (error) {
      this.tools.fail(error);
    }
  }

  /** Answer to a drawing, once the row is open. */
  async show(strokes) {
    this.strokes = strokes;
    if (this.net) await this.ask();
    else this.wait(this.waits);
  }

  /** What is told until the row can answer. */
  wait(text) {
    this.waits = text;
    if (this.strokes && !this.net && this.told.textContent !== text) this.told.textContent = text;
  }

  async compute() {
    const { strokes, net } = this;
    this.still.replaceWith(this.canvas);
    if (!strokes.length) {
      this.told.textContent = "\u00a0";
      this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, BLOCK);
      delete this.tools.state.rows[this.system];
      return;
    }
    const found = await net.answer(strokes);
    paint(this.canvas, found.layers, net.told.layers);
    this.told.textContent = filled(net.told.says[found.says], found.values);
    this.tools.state.rows[this.system] = { strokes, ...found };
  }
}

/** A square of maps for each layer: black, as opaque as units answer. */
function paint(canvas, layers, shown) {
  const picture = new ImageData(canvas.width, BLOCK);
  layers.forEach(({ height, width, data }, place) => {
    const { maps, limit } = shown[place], across = Math.ceil(Math.sqrt(maps.length)), side = Math.floor((BLOCK - (across - 1) * SEAM) / across);
    maps.forEach((map, index) => {
      const top = Math.floor(index / across) * (side + SEAM), left = place * (BLOCK + GAP) + (index % across) * (side + SEAM);
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++) {
          const value = data[(map * height + Math.floor((y * height) / side)) * width + Math.floor((x * width) / side)];
          picture.data[4 * ((top + y) * canvas.width + left + x) + 3] = Math.round(255 * (PAPER + (1 - PAPER) * Math.max(0, Math.min(1, value / limit))));
        }
    });
  });
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

// Masks over a picture: to which class each place belongs. Classes have a colour and a hatching, and their names where the
// reader points; each can be switched off.
import { button, h } from "../ui.js";
import { n, t } from "../words.js";
import css from "./masks.css";
import { Over } from "./over.js";

// Okabe and Ito's colours, which the colour-blind tell apart; with another hatching they serve again.
const COLOURS = [[0, 114, 178], [230, 159, 0], [0, 158, 115], [204, 121, 167], [213, 94, 0], [86, 180, 233], [240, 228, 66]];
const PERIOD = 8, SHARP = 480; // pixels from line to line of a hatching, and at least across the cloth
const HATCHINGS = [() => false, (x, y) => (x + y) % PERIOD < 2, (x, y) => (x - y + 1e6 * PERIOD) % PERIOD < 2, (x, y) => y % PERIOD < 2, (x) => x % PERIOD < 2,
  (x, y) => x % PERIOD < 3 && y % PERIOD < 3, (x, y) => y % PERIOD < 2 || x % PERIOD < 2];

export class Masks {
  /** `label` names the picture; `onchange(shown)` follows which classes are switched on. */
  constructor({ label, opacity, onchange = () => {} }) {
    Object.assign(this, { onchange, off: new Set(), lit: null });
    this.over = new Over({ kind: "live-masks", label, opacity, tell: (row, column) => this.tell(row, column) });
    this.over.legend.className = "live-masks-legend";
    Object.assign(this.over.legend, { role: "group", ariaLabel: t("Classes; press one to hide or show it") });
    this.element = this.over.element;
    this.element.prepend(h("style", {}, css));
  }

  /** `labels` holds height x width numbers of `names`; a number without a name is no class and stays clear. */
  show({ picture, height, width, labels, names }) {
    Object.assign(this, { height, width, labels, names, lit: null });
    this.off.clear();
    const areas = names.map((_, index) => labels.reduce((sum, label) => sum + (label === index), 0) / labels.length);
    this.over.lay(picture, { height, width, step: Math.max(1, Math.round(width / 40)) });
    this.over.legend.replaceChildren(...names.map((name, index) => this.key(name, index, areas[index])));
    this.paint();
  }

  tell(row, column) {
    const name = this.names[this.labels[row * this.width + column]] ?? t("no class");
    return t("Row {row}, column {column}: {text}", { row: row + 1, column: column + 1, text: name });
  }

  /** A class in the legend. While it has the pointer or the focus it is seen alone. */
  key(name, index, area) {
    const swatch = h("canvas", { width: 24, height: 16, "aria-hidden": "true" }), pixels = new ImageData(24, 16);
    for (let i = 0; i < 24 * 16; i++) pixels.data.set(shade(index, i % 24, Math.floor(i / 24)), 4 * i);
    swatch.getContext("2d").putImageData(pixels, 0, 0);
    const light = (lit) => () => (this.lit = lit, this.paint());
    const share = h("span", { class: "live-size" }, `${n(100 * area, area < 0.1 ? 1 : 0)} %`);
    return button([swatch, h("span", {}, name), share], ({ currentTarget }) => {
      this.off.delete(index) || this.off.add(index);
      currentTarget.setAttribute("aria-pressed", String(!this.off.has(index)));
      this.lit = null; // so that it is seen what the press has done
      this.paint();
      this.onchange(this.names.filter((_, each) => !this.off.has(each)));
    }, { "aria-pressed": "true", onpointerenter: light(index), onpointerleave: light(null), onfocus: light(index), onblur: light(null) });
  }

  /** Colour every place whose class is on; a dark line runs where classes meet. */
  paint() {
    const { height, width, labels, off, lit, names, over: { cloth } } = this, zoom = Math.max(1, Math.ceil(SHARP / width)), across = width * zoom;
    const pixels = new ImageData(across, height * zoom), seen = (label) => label < names.length && !off.has(label) && (lit === null || off.has(lit) || lit === label);
    const edge = (x, y, row, column, label) => (x % zoom === 0 && column > 0 && labels[row * width + column - 1] !== label) || (y % zoom === 0 && row > 0 && labels[(row - 1) * width + column] !== label);
    for (let y = 0; y < height * zoom; y++)
      for (let x = 0; x < across; x++) {
        const row = Math.floor(y / zoom), column = Math.floor(x / zoom), label = labels[row * width + column];
        if (seen(label)) pixels.data.set(edge(x, y, row, column, label) ? [0, 0, 0, 255] : shade(label, x, y), 4 * (y * across + x));
      }
    Object.assign(cloth, { width: across, height: height * zoom });
    cloth.getContext("2d").putImageData(pixels, 0, 0);
  }
}

/** A class's colour at a pixel: its hatching is darker. */
function shade(index, x, y) {
  const count = COLOURS.length, hatched = HATCHINGS[(index + Math.floor(index / count)) % count], colour = COLOURS[index % count];
  return [...colour.map((value) => (hatched(x, y) ? value * 0.45 : value)), 255];
}

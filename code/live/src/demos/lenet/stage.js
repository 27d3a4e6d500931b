// One layer's answer as a strip of maps, in which the reader picks a unit with the mouse or the arrow keys.
import { COLOURS, cover, draw, h } from "../../ui.js";
import { t } from "../../words.js";
import { asMaps, at } from "./explain.js";

const COLUMNS = { c1: 6, s2: 6, c3: 8, s4: 16, c5: 40, h1: 4, h2: 4, h3: 6, h4: 12 };

export class Stage {
  /** `layer` as in facts.layers; `onpick(unit)` is called with {map, row, column}. */
  constructor(layer, onpick) {
    this.layer = layer;
    this.onpick = onpick;
    this.unit = { map: 0, row: 0, column: 0 };
    this.canvas = h("canvas", {});
    this.lens = h("div", { class: "lenet-lens", hidden: true });
    this.windows = h("div", { class: "lenet-windows" });
    this.box = h("div", { class: "lenet-strip", tabindex: 0, role: "application" }, this.canvas, this.windows, this.lens);
    this.title = h("span", { class: "lenet-stage-name" }, layer.name.toUpperCase());
    this.size = h("span", { class: "lenet-stage-size" });
    this.element = h("div", { class: `lenet-stage lenet-stage-${layer.name}` }, h("div", { class: "lenet-stage-head" }, this.title, this.size), this.box);
    this.box.addEventListener("pointerdown", (event) => this.point(event));
    this.box.addEventListener("pointermove", (event) => event.buttons && this.point(event));
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  /** Show an output {dims, data}. F6 is shown as the picture that it is compared with. */
  show(output) {
    this.maps = asMaps(output);
    const { maps, height, width, data } = this.maps, { name, squash } = this.layer;
    const [columns, gap] = name === "f6" ? [7, 0] : [COLUMNS[name], height > 1 ? 1 : 0];
    this.grid = { columns, gap };
    const rectified = squash === "relu" || this.layer.kind === "maximum";
    const limit = rectified ? Math.max(1e-6, ...data) : 1.7159;
    const tiles = [...Array(maps).keys()].map((map) => ({ height, width, data, offset: map * height * width }));
    this.units = draw(this.canvas, tiles, { columns, gap, limit, colour: rectified ? COLOURS.ink : COLOURS.grey });
    this.size.textContent = height > 1 ? `${maps} × ${height}²` : String(maps);
    const what = height > 1 ? t("{name}: {maps} maps of {size} by {size} units", { name: name.toUpperCase(), maps, size: height })
      : t("{name}: {maps} units", { name: name.toUpperCase(), maps });
    this.box.setAttribute("aria-label", t("{what}. Arrow keys choose a unit, Page Up and Page Down a map.", { what }));
  }

  value({ map, row, column }) {
    return at(this.maps, map, row, column);
  }

  /** Outline the chosen unit, or nothing. */
  choose(unit) {
    this.lens.hidden = !unit;
    if (!unit) return;
    this.unit = unit;
    cover(this.lens, this.place({ ...unit, height: 1, width: 1 }), this.units);
  }

  /** Outline windows {map, row, column, height, width} that the chosen unit of the next layer sees. */
  outline(windows) {
    this.windows.replaceChildren(...windows.map((window) => {
      const frame = h("div", { class: "lenet-window" });
      cover(frame, this.place(window), this.units);
      return frame;
    }));
  }

  place({ map, row, column, height, width }) {
    const { columns, gap } = this.grid, size = this.maps;
    return {
      top: Math.floor(map / columns) * (size.height + gap) + row,
      left: (map % columns) * (size.width + gap) + column,
      height, width,
    };
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect(), { columns, gap } = this.grid, { maps, height, width } = this.maps;
    const x = ((event.clientX - box.left) / box.width) * this.units.across;
    const y = ((event.clientY - box.top) / box.height) * this.units.down;
    const map = Math.floor(y / (height + gap)) * columns + Math.floor(x / (width + gap));
    const row = Math.floor(y % (height + gap)), column = Math.floor(x % (width + gap));
    if (map >= 0 && map < maps && row >= 0 && row < height && column >= 0 && column < width) this.onpick({ map, row, column });
  }

  key(event) {
    const { maps, height, width } = this.maps, single = height === 1;
    let { map, row, column } = this.unit;
    const [down, right, jump] = { ArrowUp: [-1, 0, 0], ArrowDown: [1, 0, 0], ArrowLeft: [0, -1, 0], ArrowRight: [0, 1, 0],
      PageUp: [0, 0, -1], PageDown: [0, 0, 1] }[event.key] ?? [];
    if (down === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (single) map += right + jump + down * this.grid.columns;
    else [map, row, column] = [map + jump, row + down, column + right];
    if (map >= 0 && map < maps && row >= 0 && row < height && column >= 0 && column < width) this.onpick({ map, row, column });
  }
}

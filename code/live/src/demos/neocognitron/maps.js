// One layer's planes as a strip of maps, in which the reader picks a cell with the mouse or the arrow keys.
import { COLOURS, cover, draw, h } from "../../ui.js";
import { n, t } from "../../words.js";

const NARROW = 480; // px of strip and name together
const FINE = 16; // small planes are drawn with about so many pixels a side, so that the gaps between planes stay thin

export class Strip {
  /**
   * `name` as "US1"; `onpick({plane, row, column})` and `onhover(the same, or null)` are called for cells; `rank` is how
   * many planes stand in a row on a wide and on a narrow page.
   */
  constructor({ name, kind, onpick, onhover, rank = [12, 8] }) {
    Object.assign(this, { name, kind, onpick, onhover, rank, cell: { plane: 0, row: 0, column: 0 } });
    this.canvas = h("canvas", {});
    this.layers = Object.fromEntries(["idle", "windows", "marks"].map((key) => [key, h("div", {})]));
    this.lens = h("div", { class: "neo-lens", hidden: true });
    this.box = h("div", { class: "neo-strip", tabindex: 0, role: "application" }, this.canvas, Object.values(this.layers), this.lens);
    this.size = h("span", { class: "neo-size" });
    this.used = h("span", { class: "neo-size" });
    this.element = h("div", { class: `neo-stage neo-${kind}` },
      h("div", { class: "neo-stage-head" }, h("span", { class: "neo-stage-name" }, ...subscript(name)), this.size, this.used), this.box);
    this.box.addEventListener("pointerdown", (event) => this.at(event, onpick));
    this.box.addEventListener("pointermove", (event) => this.at(event, event.buttons ? onpick : onhover));
    this.box.addEventListener("pointerleave", () => onhover(null));
    this.box.addEventListener("focus", () => this.box.matches(":focus-visible") && onpick(this.cell));
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  /** Show planes {planes, side, data}; a value of `limit` is black. */
  show(maps, limit) {
    this.maps = maps;
    const { planes, side, data } = maps, wide = (this.box.parentElement.clientWidth || 600) > NARROW, zoom = Math.max(1, Math.round(FINE / side));
    this.columns = this.rank[wide ? 0 : 1];
    this.zoom = zoom;
    const fine = side * zoom, large = zoom === 1 ? data : enlarged(data, planes * side, side, zoom);
    const tiles = Array.from({ length: planes }, (_, plane) => ({ height: fine, width: fine, data: large, offset: plane * fine * fine }));
    this.units = draw(this.canvas, tiles, { columns: this.columns, colour: COLOURS.ink, limit });
    this.size.textContent = `${planes}\u00a0×\u00a0${side}²`;
    const what = t("{name}: {planes} planes of {side} by {side} cells. Arrow keys choose a cell, Page Up and Page Down a plane.",
      { name: this.name, planes, side });
    if (this.box.getAttribute("aria-label") !== what) this.box.setAttribute("aria-label", what);
  }

  value({ plane, row, column }) {
    return this.maps.data[(plane * this.maps.side + row) * this.maps.side + column];
  }

  /** Dim the planes that never learned: `learned` has a truth value for each plane. */
  dim(learned) {
    const { side } = this.maps, told = `${learned}${this.columns}`;
    if (told === this.told) return;
    this.told = told;
    this.frames("idle", "neo-idle", [...learned.keys()].filter((plane) => !learned[plane]).map((plane) => ({ plane, row: 0, column: 0, height: side, width: side })));
    const used = learned.filter(Boolean).length;
    this.used.textContent = this.kind === "s" ? t("{used} have learned", { used: n(used) }) : "";
  }

  /** Outline the chosen cell, or nothing. */
  choose(cell) {
    this.lens.hidden = !cell;
    if (!cell) return;
    this.cell = cell;
    cover(this.lens, this.place({ ...cell, height: 1, width: 1 }), this.units);
  }

  /** Outline windows {plane, row, column, height, width} that the chosen cell sees. */
  outline = (windows) => this.frames("windows", "neo-window", windows);

  /** Mark the representatives of a presentation. */
  mark = (cells) => this.frames("marks", "neo-mark", cells.map((cell) => ({ ...cell, height: 1, width: 1 })));

  frames(layer, name, places) {
    this.layers[layer].replaceChildren(...places.map((place) => {
      const frame = h("div", { class: name });
      cover(frame, this.place(place), this.units);
      return frame;
    }));
  }

  /** Where a window of cells lies in the picture. */
  place({ plane, row, column, height, width }) {
    const { zoom, columns } = this, pitch = this.maps.side * zoom + 1;
    return {
      top: Math.floor(plane / columns) * pitch + row * zoom,
      left: (plane % columns) * pitch + column * zoom,
      height: height * zoom, width: width * zoom,
    };
  }

  at(event, tell) {
    const box = this.canvas.getBoundingClientRect(), { planes, side } = this.maps, pitch = side * this.zoom + 1;
    const x = ((event.clientX - box.left) / box.width) * this.units.across;
    const y = ((event.clientY - box.top) / box.height) * this.units.down;
    const plane = Math.floor(y / pitch) * this.columns + Math.floor(x / pitch);
    const row = Math.floor((y % pitch) / this.zoom), column = Math.floor((x % pitch) / this.zoom);
    if (plane >= 0 && plane < planes && row >= 0 && row < side && column >= 0 && column < side) tell({ plane, row, column });
  }

  key(event) {
    const { planes, side } = this.maps;
    const [down, right, jump] = { ArrowUp: [-1, 0, 0], ArrowDown: [1, 0, 0], ArrowLeft: [0, -1, 0], ArrowRight: [0, 1, 0],
      PageUp: [0, 0, -1], PageDown: [0, 0, 1] }[event.key] ?? [];
    if (down === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const plane = this.cell.plane + jump, row = this.cell.row + down, column = this.cell.column + right;
    if (plane >= 0 && plane < planes && row >= 0 && row < side && column >= 0 && column < side) this.onpick({ plane, row, column });
  }
}

/** Rows of values, each value `zoom` times beside and below itself. */
function enlarged(data, rows, columns, zoom) {
  const large = new Float64Array(data.length * zoom * zoom), width = columns * zoom;
  for (let row = 0; row < rows * zoom; row++)
    for (let column = 0; column < width; column++) large[row * width + column] = data[Math.floor(row / zoom) * columns + Math.floor(column / zoom)];
  return large;
}

/** "US1" as U with S1 below. */
export const subscript = (name) => [name[0], h("sub", {}, name.slice(1))];

// One row an area: its name and field, its answer as a picture in which the reader picks a unit, its curve, and what it
// takes the object for.
import { Curve } from "../../parts/curve.js";
import { Picker } from "../../parts/picker.js";
import { thumbnail } from "../../parts/thumbnail.js";
import { h } from "../../ui.js";
import { n } from "../../words.js";
import { bars, inked, mosaic, oriented } from "./pictures.js";

const FLOOR = 1e-3; // a picture is scaled by its largest value, but not by less: rounding is no answer

const LOWEST = -0.25; // of a curve
const MARKS = { true: "✓ ", false: "✗ " };
const GAP = 0.06; // between tiles, as a share of one

/** {dims, data} of one image -> its maps {count, height, width, data}; vectors are maps of one unit. */
export function maps({ dims, data }) {
  const [count, height = 1, width = 1] = dims.slice(1);
  return { count, height, width, data };
}

/** Where the maps of the parts lie in a picture, in units of a tile: {part, map, left, top, width, height}. */
const LAYOUTS = {
  /** All maps of the only part, `columns` in a row. */
  maps: ([{ count }], { columns }) => range(count).map((map) => square(0, map, (map % columns) * (1 + GAP), Math.floor(map / columns) * (1 + GAP), 1)),
  /** The first part large, the others in two rows beside it; all orientations of a part in one tile. */
  bands: (parts) => parts.map((_, part) => part === 0 ? square(0, null, 0, 0, 2 + GAP)
    : square(part, null, 2 + 2 * GAP + ((part - 1) % 4) * (1 + GAP), Math.floor((part - 1) / 4) * (1 + GAP), 1)),
  /** A bar a unit, in rows. */
  bars: (parts, { rows }) => {
    const all = parts.flatMap(({ count }, part) => range(count).map((map) => ({ part, map }))), across = Math.ceil(all.length / rows);
    return all.map((unit, i) => ({ ...unit, left: ((i % across) * 2 * rows) / across, top: Math.floor(i / across), width: (2 * rows) / across, height: 1 }));
  },
};

export class Area {
  /**
   * `told` is the area's entry in the demo's facts; `onpick(unit)` is called with {part, map, row, column}, `onpoint` too, or
   * with null; `words(key)` names an object, and `picture(key)` is what `thumbnail` draws of it.
   */
  constructor(told, { onpick, onpoint, words, picture }) {
    Object.assign(this, { told, onpick, words, picture, unit: null, pictures: {} });
    this.curve = new Curve({ range: [LOWEST, 1], zero: 0, rules: [1, 0.5], names: ["other", "same"] });
    this.picker = new Picker({ kind: `cortex-picture cortex-${told.kind}`, label: told.said, at: (x, y) => this.at(x, y), onpick, onpoint,
      onkey: (way) => this.key(way), onfocus: () => this.onpick(this.unit ?? this.middle()) });
    this.number = h("span", { class: "cortex-number" });
    this.count = h("span", { class: "cortex-count" });
    this.called = h("div", { class: "cortex-called" });
    this.element = h("div", { class: "cortex-area", role: "group", "aria-label": told.name },
      h("div", { class: "cortex-name", title: told.title }, h("strong", {}, told.name), h("span", {}, told.field)),
      this.picker.element, this.curve.element,
      h("div", { class: "cortex-meter" }, this.number, this.count), this.called);
  }

  /** The outputs of a run that are shown, as maps. */
  parts(outputs) {
    return (this.told.parts ?? this.told.outputs).map((name) => maps(outputs[name]));
  }

  /** What the whole area answers: every unit of every map, one after the other. */
  population(outputs) {
    return joined(this.told.outputs.map((name) => outputs[name].data));
  }

  show(outputs, remembered) {
    this.found = this.parts(outputs);
    const { kind, rows, limit } = this.told;
    this.layout ??= LAYOUTS[kind](this.found, this.told);
    this.picker.units = { across: Math.max(...this.layout.map(({ left, width }) => left + width)), down: Math.max(...this.layout.map(({ top, height }) => top + height)) };
    const largest = this.found.map(({ data }) => data.reduce((most, value) => Math.max(most, value), FLOOR));
    if (kind === "bars") bars(this.picker.canvas, this.population(outputs), this.population(remembered), { rows, high: limit || largest[0] });
    else {
      const picture = ({ part, map }) => map === null ? oriented(this.found[part], largest[part]) : inked(this.found[part], map, largest[part]);
      mosaic(this.picker.canvas, this.layout.map((tile) => ({ ...tile, picture: picture(tile) })), this.picker.units);
    }
    this.mark();
  }

  /** Similarity now, NaN where there is none. */
  meter(same) {
    const known = !Number.isNaN(same);
    this.number.textContent = known ? n(Math.abs(same) < 0.005 ? 0 : same, 2) : "–";
  }

  /** What the area takes the object for, by its key, or null; and if that is right: "" where nobody can say. */
  calls(key, right) {
    if (this.said === key && this.right === right) return;
    Object.assign(this, { said: key, right });
    this.called.classList.toggle("wrong", right === false);
    if (key === null) return this.called.replaceChildren("–");
    this.called.replaceChildren(this.pictures[key] ??= thumbnail(this.picture(key)), h("span", {}, MARKS[right] ?? "", this.words(key)));
  }

  /** Outline the picked unit, or nothing. */
  choose(unit) {
    this.picked = Boolean(unit);
    this.unit = unit ?? this.unit;
    this.element.classList.toggle("chosen", this.picked);
    this.mark();
  }

  mark() {
    if (!this.picked || !this.found) return this.picker.look(null);
    const { part, map, row, column } = this.unit, { height, width } = this.found[part];
    const tile = this.layout.find((each) => each.part === part && (each.map ?? map) === map);
    this.picker.look({ top: tile.top + (tile.height * row) / height, left: tile.left + (tile.width * column) / width, height: tile.height / height, width: tile.width / width });
  }

  /** The unit that answers most at the middle of the first part: where the keyboard begins. */
  middle() {
    const { count, height, width, data } = this.found[0], row = Math.floor(height / 2), column = Math.floor(width / 2);
    return { part: 0, map: strongest({ count, height, width, data }, row, column), row, column };
  }

  /** The unit at a place of the picture, or null between two tiles. */
  at(x, y) {
    const tile = this.layout.find(({ left, top, width, height }) => x >= left && x < left + width && y >= top && y < top + height);
    if (!tile) return null;
    const { part } = tile, { height, width } = this.found[part];
    const row = Math.floor(((y - tile.top) / tile.height) * height), column = Math.floor(((x - tile.left) / tile.width) * width);
    return { part, map: tile.map ?? strongest(this.found[part], row, column), row, column };
  }

  key({ down, right, jump }) {
    const unit = { ...(this.unit ?? this.middle()) }, { height, width } = this.found[unit.part];
    if (jump || height * width === 1) this.turn(unit, jump || right + down * Math.ceil(this.layout.length / this.told.rows));
    else Object.assign(unit, { row: unit.row + down, column: unit.column + right });
    const now = this.found[unit.part];
    if (unit.map >= 0 && unit.map < now.count && unit.row >= 0 && unit.row < now.height && unit.column >= 0 && unit.column < now.width) this.onpick(unit);
  }

  /** Go on by `steps` maps, over the ends of the parts; the place stays where it was in the field. */
  turn(unit, steps) {
    const { height, width } = this.found[unit.part];
    unit.map += steps;
    while (unit.map < 0 && unit.part > 0) unit.map += this.found[--unit.part].count;
    while (unit.map >= this.found[unit.part].count && unit.part < this.found.length - 1) unit.map -= this.found[unit.part++].count;
    const now = this.found[unit.part];
    unit.row = Math.floor(((unit.row + 0.5) / height) * now.height);
    unit.column = Math.floor(((unit.column + 0.5) / width) * now.width);
  }
}

const range = (count) => [...Array(count).keys()];
const square = (part, map, left, top, size) => ({ part, map, left, top, width: size, height: size });

function joined(parts) {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}

function strongest({ count, height, width, data }, row, column) {
  const value = (map) => data[(map * height + row) * width + column];
  return range(count).reduce((best, map) => (value(map) > value(best) ? map : best), 0);
}

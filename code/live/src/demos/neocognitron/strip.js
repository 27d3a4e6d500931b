// One layer's planes as a strip of maps; planes that have learned nothing are hatched, representatives are marked.
import { Maps } from "../../parts/maps.js";
import { COLOURS, h } from "../../ui.js";
import { n, t } from "../../words.js";

const NARROW = 480; // px of strip and name together
const FINE = 16; // small planes are drawn with about so many pixels a side, so that the gaps between planes stay thin

export class Strip extends Maps {
  /**
   * `name` as "US1"; `onpick({plane, row, column})` and `onhover(the same, or null)` are called for cells; `rank` is how
   * many planes stand in a row on a wide and on a narrow page.
   */
  constructor({ name, kind, onpick, onhover, rank = [12, 8] }) {
    const size = h("span", { class: "live-size" }), used = h("span", { class: "live-size" });
    super({ kind: `neo-${kind}`, head: [h("span", { class: "live-name" }, ...subscript(name)), size, used], reaches: true,
      onpick: (unit) => onpick(cell(unit)), onpoint: (unit) => onhover(unit && cell(unit)) });
    Object.assign(this, { name, layer: kind, size, used, rank });
  }

  /** Show planes {planes, side, data}; a value of `limit` is black. */
  show({ planes, side, data }, limit) {
    const wide = (this.element.clientWidth || 600) > NARROW, columns = this.rank[wide ? 0 : 1];
    this.size.textContent = `${planes}\u00a0×\u00a0${side}²`;
    super.show({ maps: planes, height: side, width: side, data }, { columns, zoom: Math.max(1, Math.round(FINE / side)), colour: COLOURS.ink, limit,
      said: t("{name}: {planes} planes of {side} by {side} cells. Arrow keys choose a cell, Page Up and Page Down a plane.", { name: this.name, planes, side }) });
  }

  value(cell) {
    return super.value(unit(cell));
  }

  choose(cell) {
    super.choose(cell && unit(cell));
  }

  /** Outline windows {plane, row, column, height, width} that the chosen cell sees. */
  outline(windows) {
    super.outline(windows.map(unit));
  }

  /** Dim the planes that never learned: `learned` has a truth value for each plane. */
  dim(learned) {
    const { height, width } = this.maps, told = `${learned}${this.grid.columns}`;
    if (told === this.told) return;
    this.told = told;
    this.frames("idle", "neo-idle", [...learned.keys()].filter((map) => !learned[map]).map((map) => ({ map, row: 0, column: 0, height, width })));
    this.used.textContent = this.layer === "s" ? t("{used} have learned", { used: n(learned.filter(Boolean).length) }) : "";
  }

  /** Mark the representatives of a presentation. */
  mark(cells) {
    this.frames("marks", "neo-mark", cells.map((each) => ({ ...unit(each), height: 1, width: 1 })));
  }
}

/** The demo's cells have planes where the strip's units have maps. */
const unit = ({ plane, ...rest }) => ({ map: plane, ...rest });
const cell = ({ map, row, column }) => ({ plane: map, row, column });

/** "US1" as U with S1 below. */
export const subscript = (name) => [name[0], h("sub", {}, name.slice(1))];

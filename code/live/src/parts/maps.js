// One layer's answer as a strip of maps, in which the reader picks a unit {map, row, column} with the pointer or with keys.
import { draw, h } from "../ui.js";
import { Picker } from "./picker.js";

export class Maps {
  /** `head` is what stands beside the strip; `onpick(unit)` and `onpoint(unit or null)` follow the reader. */
  constructor({ kind = "", head, onpick, onpoint, reaches = false }) {
    Object.assign(this, { onpick, unit: { map: 0, row: 0, column: 0 } });
    this.picker = new Picker({ kind: "live-strip", at: (x, y) => this.at(x, y), onpick, onpoint, onkey: (way) => this.key(way),
      onfocus: () => reaches && onpick(this.unit), layers: ["idle", "windows", "marks"] });
    this.box = this.picker.element;
    this.element = h("div", { class: `live-stage ${kind}` }, h("div", { class: "live-stage-head" }, head), this.box);
  }

  /**
   * Show `maps` {maps, height, width, data}, `columns` in a row and `gap` apart, each unit `zoom` pixels wide and high; `limit` and
   * `colour` are those of draw(); `said` describes it.
   */
  show(maps, { columns, gap = 1, zoom = 1, limit, colour, said }) {
    const { maps: count, height, width, data } = maps, size = { height: height * zoom, width: width * zoom };
    Object.assign(this, { maps, grid: { columns, gap, zoom } });
    const large = zoom === 1 ? data : enlarged(data, width, zoom);
    const tiles = Array.from({ length: count }, (_, map) => ({ ...size, data: large, offset: map * size.height * size.width }));
    this.picker.units = draw(this.picker.canvas, tiles, { columns, gap, limit, colour });
    if (this.box.getAttribute("aria-label") !== said) this.box.setAttribute("aria-label", said);
  }

  value({ map, row, column }) {
    const { height, width, data } = this.maps;
    return data[(map * height + row) * width + column];
  }

  /** Outline the chosen unit, or nothing. */
  choose(unit) {
    if (unit) this.unit = unit;
    this.picker.look(unit && this.place({ ...unit, height: 1, width: 1 }));
  }

  /** Outline windows {map, row, column, height, width} that the chosen unit of another layer sees. */
  outline(windows) {
    this.frames("windows", "live-window", windows);
  }

  frames(layer, name, windows) {
    this.picker.frames(layer, name, windows.map((window) => this.place(window)));
  }

  /** Where a window of units lies in the picture. */
  place({ map, row, column, height, width }) {
    const { columns, gap, zoom } = this.grid, { maps } = this;
    return {
      top: Math.floor(map / columns) * (maps.height * zoom + gap) + row * zoom,
      left: (map % columns) * (maps.width * zoom + gap) + column * zoom,
      height: height * zoom, width: width * zoom,
    };
  }

  has({ map, row, column }) {
    const { maps, height, width } = this.maps;
    return map >= 0 && map < maps && row >= 0 && row < height && column >= 0 && column < width;
  }

  at(x, y) {
    const { columns, gap, zoom } = this.grid, high = this.maps.height * zoom + gap, wide = this.maps.width * zoom + gap;
    const unit = { map: Math.floor(y / high) * columns + Math.floor(x / wide), row: Math.floor((y % high) / zoom), column: Math.floor((x % wide) / zoom) };
    return this.has(unit) ? unit : null;
  }

  /** Where maps are single units, arrow keys go from map to map. */
  key({ down, right, jump }) {
    const { map, row, column } = this.unit, single = this.maps.height * this.maps.width === 1;
    const unit = single ? { map: map + right + jump + down * this.grid.columns, row, column } : { map: map + jump, row: row + down, column: column + right };
    if (this.has(unit)) this.onpick(unit);
  }
}

/** Rows of values, each value `zoom` times beside and below itself. */
function enlarged(data, columns, zoom) {
  const wide = columns * zoom, large = new Float64Array(data.length * zoom * zoom);
  for (let place = 0; place < large.length; place++) large[place] = data[Math.floor(place / (wide * zoom)) * columns + Math.floor((place % wide) / zoom)];
  return large;
}

// The way of a pattern through the net: of each layer the few planes that answer most to it, and nothing of the others.
import { Maps } from "../../parts/maps.js";
import { COLOURS, h } from "../../ui.js";
import { n, t } from "../../words.js";
import { respond } from "./net.js";
import { subscript } from "./strip.js";

const FEW = 6; // planes of a layer
const FINE = 16; // small planes are drawn with about so many pixels a side

export class Path {
  /** `names` of the layers, S and C in turn; `onpick(step, {plane, row, column})` is called for cells, the same for `onhover`, or null. */
  constructor({ names, onpick, onhover }) {
    this.rows = names.map((name, step) => new Row({ name, onpick: (cell) => onpick(step, cell), onhover: (cell) => onhover(step, cell) }));
    this.element = h("div", { class: "neo-path" }, this.rows.map(({ element }) => element));
  }

  /** Show `planes`, layer by layer; `chosen` is one list of planes for each S-layer and its C-layer, `limits` what is black. */
  show(planes, chosen, limits) {
    this.rows.forEach((row, step) => row.show(planes[step], chosen[step >> 1], limits[step]));
  }
}

class Row extends Maps {
  constructor({ name, onpick, onhover }) {
    const cell = ({ map, row, column }) => ({ plane: this.chosen[map], row, column }), used = h("span", { class: "live-size" });
    super({ kind: "neo-few", head: [h("span", { class: "live-name" }, ...subscript(name)), used], onpick: (unit) => onpick(cell(unit)),
      onpoint: (unit) => onhover(unit && cell(unit)) });
    Object.assign(this, { name, used });
  }

  show({ planes, side, data }, chosen, limit) {
    const size = side * side, few = new Float64Array(chosen.length * size);
    chosen.forEach((plane, place) => few.set(data.subarray(plane * size, (plane + 1) * size), place * size));
    this.chosen = chosen;
    this.used.textContent = t("{count} of {all}", { count: n(chosen.length), all: n(planes) });
    super.show({ maps: chosen.length, height: side, width: side, data: few }, { columns: FEW, zoom: Math.max(1, Math.round(FINE / side)),
      colour: COLOURS.ink, limit, said: t("{name}, the planes that answer most: {planes}. Arrow keys choose a cell, Page Up and Page Down a plane.", { name: this.name, planes: chosen.join(", ") }) });
  }
}

/** For each module the planes, of those that have learned, whose C-cells answer most to what `answers` are of. */
export function mostAnswering(answers, learned) {
  return answers.map(({ c }, index) => {
    const size = c.side ** 2, sums = new Array(c.planes).fill(0);
    c.data.forEach((value, place) => (sums[Math.floor(place / size)] += value));
    const known = [...sums.keys()].filter((plane) => learned[index][plane]), all = known.length ? known : [...sums.keys()];
    return all.sort((one, other) => sums[other] - sums[one]).slice(0, FEW).sort((one, other) => one - other);
  });
}

/** The ways of a net's patterns, `images` of which are given. */
export const ways = (net, images, learned) => images.map((image) => mostAnswering(respond(net, image), learned));

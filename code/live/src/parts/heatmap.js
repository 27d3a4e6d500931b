// A heat map over a picture: how much there is at each place, in colours that the colour-blind tell apart, and in numbers where
// the reader points.
import { COLOURS, draw } from "../ui.js";
import { n, t } from "../words.js";
import { Over } from "./over.js";
import { scale } from "./scale.js";

// Dark blue, grey, yellow: lightness grows evenly, for every kind of eye (the colours of cividis).
const STOPS = [[0, 34, 78], [65, 77, 107], [124, 123, 120], [188, 175, 111], [254, 232, 56]];
const RISING = (t) => {
  const place = Math.max(0, t) * 4, low = Math.min(3, Math.floor(place));
  return STOPS[low].map((from, i) => Math.round(from + (STOPS[low + 1][i] - from) * (place - low)));
};

export class HeatMap {
  /** `tell({row, column, value, text})` may say more of a place than its value; `unit` stands behind values. */
  constructor({ label, unit = "", digits = 2, opacity, tell }) {
    Object.assign(this, { unit, digits });
    const say = tell ?? (({ row, column, text }) => t("Row {row}, column {column}: {text}", { row: row + 1, column: column + 1, text }));
    this.over = new Over({ kind: "live-heat", label, opacity, tell: (row, column) => {
      const value = this.map.data[row * this.map.width + column];
      return say({ row, column, value, text: this.text(value) });
    } });
    this.element = this.over.element;
  }

  text(value) {
    return n(value, this.digits) + this.unit;
  }

  /**
   * Lay `map` {height, width, data} over `picture`, a canvas. A `signed` map goes from brown by white to violet, with white at 0; another one
   * from blue, 0, to yellow. `limit` is the value of the last colour; `ends` [low, high] says what the ends mean.
   */
  show({ picture, map, signed = false, limit = Math.max(1e-9, ...map.data.map(Math.abs)), ends = ["", ""] }) {
    this.map = map;
    const { over } = this, low = signed ? -1 : 0, colour = signed ? COLOURS.signed : RISING;
    const values = [low * limit, limit].map((value) => this.text(value)), texts = values.map((value, i) => (ends[i] ? `${value} (${ends[i]})` : value));
    over.lay(picture, map);
    draw(over.cloth, [map], { colour, limit });
    over.legend.replaceChildren(scale({ colour, low, texts, said: t("Colours from {low} to {high}", { low: texts[0], high: texts[1] }) }));
  }
}

// A chart of curves over an axis: rules across it, a band, dots, and where the reader is now. It fills its box; labels of
// the axis are the demo's, since they are shared by charts that stand one above the other.
import { line, svg } from "./svg.js";

const SIDE = 100, MARGIN = 4; // of the drawing, which is stretched; what may stand out above and below

export class Curve {
  /** `range` is [low, high] of the values; `rules` lists values with a line across; `names` the kinds of curves, the last on top. */
  constructor({ range, rules = [], zero = null, names }) {
    this.range = range;
    const across = (value, kind) => svg("line", { class: kind, x1: 0, x2: SIDE, y1: this.y(value), y2: this.y(value) });
    this.band = svg("rect", { class: "live-curve-band", y: 0, height: SIDE, width: 0 });
    this.trail = svg("path", { class: "live-curve-trail" });
    this.lines = Object.fromEntries(names.map((name) => [name, svg("path", { class: `live-curve-line ${name}` })]));
    this.now = svg("line", { class: "live-curve-now", y1: 0, y2: SIDE, x1: -9, x2: -9 });
    this.dot = svg("path", { class: "live-curve-dot" });
    this.element = svg("svg", { class: "live-curve", viewBox: `0 0 ${SIDE} ${SIDE}`, preserveAspectRatio: "none", role: "img" }, this.band,
      ...(zero === null ? [] : [across(zero, "live-curve-zero")]), ...rules.map((value) => across(value, "live-curve-rule")),
      this.now, this.trail, ...Object.values(this.lines), this.dot);
  }

  y(value) {
    const [low, high] = this.range;
    return (SIDE - 2 * MARGIN) * (1 - (Math.max(low, Math.min(high, value)) - low) / (high - low)) + MARGIN;
  }

  /**
   * `span` is [low, high] of the places; `curves` {name: [[place, value], ...]}; `band` [low, high] or nothing; `trail` a
   * list of [place, value]; `at` [place, value] of now. Values that are NaN are left out. A dot is a line of no length with
   * round ends, so that it stays round when the picture is stretched.
   */
  show({ span: [low, high], curves, band = null, trail = [], at, said }) {
    const x = (place) => (SIDE * (place - low)) / (high - low);
    const known = (points) => points.filter(([, value]) => !Number.isNaN(value)).map(([place, value]) => [x(place), this.y(value)]);
    const dots = (points) => known(points).map((point) => `${line([point])}h0`).join("");
    for (const [name, path] of Object.entries(this.lines)) path.setAttribute("d", line(known(curves[name] ?? [])));
    this.band.setAttribute("x", band ? x(band[0]) : 0);
    this.band.setAttribute("width", band ? x(band[1]) - x(band[0]) : 0);
    this.trail.setAttribute("d", dots(trail.filter(([place]) => place >= low && place <= high)));
    const here = Math.max(low, Math.min(high, at[0])); // what is farther away stands at the edge
    for (const end of ["x1", "x2"]) this.now.setAttribute(end, x(here));
    this.dot.setAttribute("d", dots([[here, at[1]]]));
    this.element.setAttribute("aria-label", said);
  }
}

// One area's curve: how alike its answer stays to the remembered one, for the same object and for another.
const SVG = "http://www.w3.org/2000/svg";
const LOWEST = -0.25, WIDTH = 100, HEIGHT = 100;

function s(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const y = (value) => HEIGHT * (1 - (Math.max(LOWEST, Math.min(1, value)) - LOWEST) / (1 - LOWEST)) * 0.92 + 4;
const line = (points) => points.map(([x, value], i) => `${i ? "L" : "M"}${x.toFixed(2)} ${y(value).toFixed(2)}`).join("");

export class Curve {
  constructor() {
    const rule = (value, kind) => s("line", { class: kind, x1: 0, x2: WIDTH, y1: y(value), y2: y(value) });
    this.band = s("rect", { class: "cortex-band", y: 0, height: HEIGHT, width: 0 });
    this.same = s("path", { class: "cortex-same" });
    this.other = s("path", { class: "cortex-other" });
    this.trail = s("g", { class: "cortex-dots" });
    this.now = s("line", { class: "cortex-now", y1: 0, y2: HEIGHT, x1: -9, x2: -9 });
    this.dot = s("path", { class: "cortex-dot" });
    this.element = s("svg", { class: "cortex-curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" },
      this.band, rule(0, "cortex-zero"), rule(1, "cortex-rule"), rule(0.5, "cortex-rule"), this.now, this.trail, this.other, this.same, this.dot);
  }

  /**
   * `span` is [low, high] of the places; `sweep` and `trail` lists of {place, same, other}; `band` from where
   * to where an object stays itself, or nothing; `at` {place, same} of now.
   * A dot is a line of no length with round ends, so that it stays round when the picture is stretched.
   */
  show({ span: [low, high], sweep, band, trail, at, said }) {
    const x = (place) => (WIDTH * (place - low)) / (high - low);
    const known = (key) => sweep.filter((point) => !Number.isNaN(point[key] ?? NaN)).map((point) => [x(point.place), point[key]]);
    this.same.setAttribute("d", line(known("same")));
    this.other.setAttribute("d", line(known("other")));
    this.band.setAttribute("x", band ? x(band[0]) : 0);
    this.band.setAttribute("width", band ? x(band[1]) - x(band[0]) : 0);
    const dots = trail.filter(({ place, same }) => place >= low && place <= high && !Number.isNaN(same));
    this.trail.replaceChildren(s("path", { d: dots.map(({ place, same }) => `M${x(place).toFixed(2)} ${y(same).toFixed(2)}h0`).join("") }));
    const now = x(Math.max(low, Math.min(high, at.place))); // what is farther away stands at the edge
    for (const end of ["x1", "x2"]) this.now.setAttribute(end, now);
    this.dot.setAttribute("d", Number.isNaN(at.same) ? "" : `M${now} ${y(at.same)}h0`);
    this.element.setAttribute("aria-label", said);
  }
}

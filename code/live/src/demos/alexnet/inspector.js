// What one unit adds up, in words, pictures and numbers.
import { source } from "../../parts/source.js";
import { COLOURS, h } from "../../ui.js";
import { n, t } from "../../words.js";

const SHOWN = 4; // maps of the layer before that are shown one by one

/** Elements that tell of unit {map, row, column} of `layer` what explain.js `found`; `area` of a crop of side `crop` is what it sees. */
export function inspect({ layer, before, unit, found, area, crop }) {
  const whole = area.height === crop && area.width === crop;
  const heading = before.height * before.width > 0 && layer.kind !== "full" ? t("{layer}, map {map}, row {row}, column {column}: it answers {value}", { layer: layer.title, ...unit, value: n(found.value, 3) })
    : t("{layer}, unit {map}: it answers {value}", { layer: layer.title, map: unit.map, value: n(found.value, 3) });
  return [
    h("p", { class: "live-unit" }, heading),
    h("p", {}, whole ? t("It sees the whole crop.") : t("It sees {height} × {width} pixels of the crop.", area)),
    h("div", { class: "live-sources" }, pictures(layer, before, found)),
    h("p", { class: "live-sum" }, formula(layer, found)),
  ];
}

function pictures({ kind }, before, { place: { height, width }, sources }) {
  const shown = sources.slice(0, SHOWN), limit = (key) => Math.max(1e-6, ...shown.flatMap((each) => each[key].map(Math.abs)));
  const caption = (map) => (before.signed ? [t("red"), t("green"), t("blue")][map] : t("{layer}, map {map}", { layer: before.title, map }));
  const values = (data) => ({ data, label: t("what it sees"), limit: limit("values"), colour: before.signed ? COLOURS.signed : COLOURS.ink });
  if (kind === "normalisation") {
    const [{ values: data, first }] = shown;
    return [source({ height: 1, width: data.length, parts: [values(data)], caption: t("{layer}, maps {from} to {to} at this place", { layer: before.title, from: first, to: first + data.length - 1 }) })];
  }
  if (kind === "maximum") return [source({ height, width, parts: [values(shown[0].values)], caption: caption(shown[0].map) })];
  const signed = (key, data, label) => ({ data, label, limit: limit(key), colour: COLOURS.signed });
  const figures = shown.map((each) => source({ height, width, caption: `${caption(each.map)}: ${n(each.part, 2)}`,
    parts: [values(each.values), "×", signed("weights", each.weights, t("weights")), "=", signed("products", each.products, t("products"))] }));
  const rest = sources.slice(SHOWN);
  if (rest.length) figures.push(h("p", { class: "live-size" }, t("the other {count} maps together: {part}", { count: rest.length, part: n(rest.reduce((sum, { part }) => sum + part, 0), 2) })));
  return figures;
}

function formula({ kind, squash, size, alpha, beta, k }, { sources, bias, sum, value, own, squares, divisor }) {
  const N = (x) => n(x, 3);
  if (kind === "maximum") return t("The largest of what it sees: {value}", { value: N(value) });
  if (kind === "normalisation")
    return t("{own} ÷ ({k} + {alpha} · {squares})^{beta} = {own} ÷ {divisor} = {value}; {squares} is the sum of the squares of up to {size} neighbouring maps.",
      { own: N(own), k: n(k), alpha: String(alpha), squares: n(squares, 2), beta: n(beta, 2), divisor: N(divisor), value: N(value), size });
  const total = sources.reduce((all, { part }) => all + part, 0), plus = `${bias < 0 ? "−" : "+"} ${N(Math.abs(bias))}`;
  const start = t("sum of all products {total} {bias} (bias) = {sum}", { total: N(total), bias: plus, sum: N(sum) });
  if (squash === "relu") return `${start};  max(0, ${N(sum)}) = ${N(value)}`;
  if (squash === "tanh") return `${start};  tanh(${N(sum)}) = ${N(value)}`;
  return start;
}

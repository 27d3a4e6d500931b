// What one unit adds up: the windows it sees, the weights on them, the products, the sum, the squashing.
import { source } from "../../parts/source.js";
import { COLOURS, h } from "../../ui.js";
import { n, t } from "../../words.js";
import { called } from "./stage.js";

/** Heading, pictures and formula for an explanation of `explain.js`, as elements. */
export function inspect({ layer, before, unit, found, field, image, limit }) {
  return [
    h("p", { class: "live-unit lenet-unit" }, heading(layer, unit)),
    h("p", {}, sees(layer, before, found, field, image)),
    h("div", { class: "live-sources" }, found.sources.map((each) => pictures(layer, before, each, limit))),
    h("p", { class: "live-sum" }, formula(layer, found)),
  ];
}

function heading({ name, kind }, { map, row, column }) {
  if (kind === "rbf") return t("Distance to the drawing of {digit}", { digit: map });
  if (kind === "full") return name === "scores" ? t("Score of {digit}", { digit: map }) : t("{layer}, unit {map}", { layer: called(name), map });
  return t("{layer}, map {map}, row {row}, column {column}", { layer: called(name), map, row, column });
}

function sees({ kind }, before, { sources }, field, image) {
  const all = field.height === image.height && field.width === image.width;
  const pixels = all ? t("It sees the whole image.") : t("It sees {height} × {width} pixels of the image.", field);
  if (kind === "rbf") return t("F6, read as a picture of 7 × 12 pixels, is compared with the drawing of the class.");
  if (before.name === "input") return pixels;
  const maps = sources.map(({ map }) => map);
  const named = maps.length > 6 || kind === "full" ? t("through all of {layer}", { layer: called(before.name) })
    : t("through {layer}, maps {maps}", { layer: called(before.name), maps: maps.join(", ") });
  return `${pixels.replace(/\.$/, "")}, ${named}.`;
}

/** The values seen, the weights on them and the products, side by side. */
function pictures({ kind }, before, { height, width, map, values, weights, products }, limit) {
  const largest = (data) => Math.max(1e-6, ...data.map(Math.abs)), name = called(before.name);
  const parts = [{ data: values, label: t("values"), limit, colour: before.rectified ? COLOURS.ink : COLOURS.grey }];
  const signed = (data, label) => ({ data, label, limit: largest(data), colour: COLOURS.signed });
  if (kind === "rbf") {
    parts.push("−", { data: weights, label: t("drawing"), limit, colour: COLOURS.grey });
    parts.push("→", { data: products, label: t("squared differences"), limit: largest(products), colour: COLOURS.ink });
  } else if (weights) parts.push("×", signed(weights, t("weights")), "=", signed(products, t("products")));
  const caption = before.name === "input" ? t("image") : before.maps > 1 && height < 6 ? `${name} ${map}` : name;
  return source({ height, width, parts, caption });
}

function formula({ kind, squash }, { bias, coefficient, total, sum, value }) {
  const N = (x) => n(x, 3), plus = (x) => `${x < 0 ? "−" : "+"} ${n(Math.abs(x), 3)}`;
  if (kind === "rbf") return t("Sum of the squared differences: {sum}", { sum: n(sum, 2) });
  if (kind === "maximum") return t("The largest of the four: {value}", { value: N(value) });
  const start = kind === "subsampling"
    ? t("sum of the four {total} × coefficient {coefficient} {bias} (bias) = {sum}", { total: N(total), coefficient: N(coefficient), bias: plus(bias), sum: N(sum) })
    : t("sum of the products {total} {bias} (bias) = {sum}", { total: N(total), bias: plus(bias), sum: N(sum) });
  if (squash === "tanh") return `${start};  ${n(1.7159, 4)} · tanh(⅔ · ${N(sum)}) = ${N(value)}`;
  if (squash === "relu") return `${start};  max(0, ${N(sum)}) = ${N(value)}`;
  return start;
}

// One cell opened up, in words, pictures and numbers.
import { source } from "../../parts/source.js";
import { COLOURS, h } from "../../ui.js";
import { n, t } from "../../words.js";

const SHOWN = 5; // input planes that are shown one by one

/** `name` of the layer, `before` the name of the one it looks at, `found` as explain.js gives it, `area` of the image. */
export function inspect({ name, before, cell, found, area, side, learned }) {
  const all = area.height === side && area.width === side;
  const place = { name, ...cell, value: n(found.value, 3) };
  return [
    h("p", { class: "live-unit neo-cell" }, found.value > 0 ? t("{name}, plane {plane}, row {row}, column {column}: it answers {value}", place)
      : t("{name}, plane {plane}, row {row}, column {column}: it is silent", place)),
    h("p", {}, all ? t("It sees the whole image") : t("It sees {height} × {width} pixels of the image", area), sees(found, before, cell)),
    h("div", { class: "live-sources" }, pictures(found, before)),
    h("div", { class: "live-sum neo-sum" }, (found.kind === "s" ? simpleSum : complexSum)(found).map((line) => h("p", {}, line))),
    h("p", { class: "neo-moral" }, moral(found, learned)),
  ];
}

function sees({ kind, sources, seen }, before, cell) {
  if (kind === "c") return t(", through {size} × {size} cells of plane {plane} of {before}.", { size: seen.size, plane: cell.plane, before });
  if (sources.length === 1) return ".";
  return t(", through {size} × {size} cells of each of the {count} planes of {before}.", { size: seen.size, count: sources.length, before });
}

/** The largest contributions: what is seen, the weights, the products. */
function pictures({ kind, sources, seen }, before) {
  const shown = sources.filter(({ part }, index) => !index || part > 5e-4).slice(0, SHOWN);
  const most = (key) => Math.max(1e-9, ...shown.flatMap((source) => [...source[key]]));
  const limits = { values: Math.max(0.05, most("values")), weights: most("weights"), products: Math.max(1e-3, most("products")) };
  const labels = { values: t("what it sees"), weights: t("weights"), products: t("products") };
  const picture = (key, { [key]: data }) => ({ data, label: labels[key], limit: limits[key], colour: key === "values" ? COLOURS.ink : COLOURS.signed });
  const figures = shown.map(({ plane, part, ...each }) => source({ height: seen.size, width: seen.size,
    parts: [picture("values", each), "×", picture("weights", each), "=", picture("products", each)],
    caption: before === "U0" ? t("{before}: {part}", { before, part: n(part, 3) }) : t("{before}, plane {plane}: {part}", { before, plane, part: n(part, 3) }) }));
  const rest = sources.slice(shown.length);
  if (kind === "s" && rest.length)
    figures.push(h("p", { class: "live-size" }, t("all other planes together: {part}", { part: n(rest.reduce((sum, { part }) => sum + part, 0), 3) })));
  return figures;
}

function simpleSum({ excitation, v, b, r, value }) {
  const held = ((2 * r) / (1 + r)) * b * v, said = { e: n(excitation, 3), v: n(v, 4), b: n(b, 3), r: n(r, 1), held: n(held, 3), value: n(value, 3),
    ratio: n((1 + excitation) / (1 + held) - 1, 3), factor: n((2 * r) / (1 + r), 3) };
  return [
    t("excitation e = Σ a · u = {e}", said),
    t("inhibition h = 2r / (1 + r) · b · v = {factor} · {b} · {v} = {held}", said),
    t("u = r · φ[(1 + e) / (1 + h) − 1]"),
    t("u = {r} · φ[(1 + {e}) / (1 + {held}) − 1] = {r} · φ[{ratio}] = {value}", said),
  ];
}

function complexSum({ excitation, v, alpha, value }) {
  const x = (1 + excitation) / (1 + v) - 1, said = { e: n(excitation, 3), v: n(v, 3), alpha: n(alpha, 1), x: n(x, 3), value: n(value, 3) };
  return [
    t("excitation e = Σ d · u = {e}; v, the mean of e over all planes = {v}", said),
    t("u = ψ[(1 + e) / (1 + v) − 1], with ψ[x] = x / ({alpha} + x) for x > 0", said),
    t("u = ψ[(1 + {e}) / (1 + {v}) − 1] = ψ[{x}] = {value}", said),
  ];
}

function moral({ kind, excitation, v, b, r, value }, learned) {
  if (kind === "c") return excitation === 0 ? t("No S-cell that it looks at answers.")
    : value > 0 ? t("One S-cell that answers is enough, wherever it lies in the window: that is what forgives a shift.")
    : t("Its S-cells answer, but those of the other planes answer more.");
  if (!learned) return t("No cell of this plane was ever a representative: the weights are as small as they were in the beginning.");
  if (value > 0) return t("What it sees is near enough to what the plane has learned.");
  if (excitation === 0) return t("It sees nothing that the plane has learned.");
  return t("What it sees differs too much from what the plane has learned: inhibition wins.");
}

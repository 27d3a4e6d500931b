// What the demo tells of each area, made of the system's FACTS: pictures, fields, prototypes, words.
import { n, t } from "../../words.js";
import { gabor, spot } from "./prototypes.js";

/** Degrees with the digits that they deserve. */
const short = (value) => n(value, value < 1 ? 2 : value < 10 ? 1 : 0);
const range = ([low, high]) => (high - low < 0.01 ? t("{value}°", { value: short(high) }) : t("{low}–{high}°", { low: short(low), high: short(high) }));

/** FACTS with everything that the rows of the demo need; `chosen` names the areas that have one. */
export function told(facts, chosen = facts.areas.map(({ name }) => name)) {
  const perDegree = facts.field.side / facts.field.degrees;
  const parts = shows(facts, perDegree), abouts = tells();
  const areas = facts.areas.filter(({ name }) => chosen.includes(name)).map((area) => {
    const { title } = area, about = abouts[area.name];
    const measured = area.measured[1] ? t("measured in macaques: {range}", { range: range(area.measured) }) : t("in macaques: between those of V4 and of AIT");
    return {
      ...parts[area.name], name: area.name, title, field: range(area.model),
      said: t("{name}, {title}. Arrow keys choose a unit, Page Up and Page Down a map.", { name: area.name, title }),
      about: t("{about} Fields in the model: {model}; {measured}.", { about, model: range(area.model), measured }),
    };
  });
  return { ...facts, areas };
}

function tells() {
  return {
    retina: t("On cells (left) answer to light in the centre of their field, off cells (right) to dark."),
    LGN: t("The retina's answer, divided by the contrast around it."),
    V1: t("Left the energy of complex cells, then C1 in eight scales; the colour tells the orientation."),
    V2: t("Each map is one combination of edges (S2), looked for everywhere in one scale."),
    V4: t("The same combinations (C2), the largest answer nearby, in neighbouring scales."),
    PIT: t("One bar a unit: the largest answer to a larger pattern anywhere (C2b), then to patterns of C2 (C3). Dark: as remembered."),
    AIT: t("One bar a unit: how alike the areas before it answer to one training image (S4). Dark: as remembered."),
  };
}

/** By area: outputs that are compared, parts that are shown, where a unit looks, and what it prefers. */
function shows(facts, perDegree) {
  const { side } = facts.field, whole = () => ({ left: 0, top: 0, width: side, height: side });
  const square = (row, column, width) => ({ left: column - (width - 1) / 2, top: row - (width - 1) / 2, width, height: width });
  const c1 = (band) => ({ ...facts.bands[band], size: facts.bands[band].sizes[1] + facts.bands[band].pool - 1, middle: (facts.bands[band].pool - 1) / 2 });
  const inC1 = (band, row, column, units) => {
    const { step, size, middle } = c1(band), place = (i) => (i + (units - 1) / 2) * step + middle;
    return square(place(row), place(column), size + (units - 1) * step);
  };
  const eye = { columns: 2, round: true, kind: "maps", sees: (part, row, column) => square(row, column, 2 * facts.eye.surround * perDegree), likes: spotOf(facts, perDegree) };
  const bands = facts.bands.map((_, band) => `c1_${band}`), pairs = facts.c2.pairs.map((_, pair) => `c2_${pair}`), small = facts.s2.window;
  return {
    retina: { ...eye, outputs: ["retina"], unitName: ({ map, row, column }) => t("{kind} cell of the retina, row {row}, column {column}", { kind: onOff(map), ...count(row, column) }) },
    LGN: { ...eye, outputs: ["lgn"], unitName: ({ map, row, column }) => t("{kind} cell of the LGN, row {row}, column {column}", { kind: onOff(map), ...count(row, column) }) },
    V1: {
      kind: "bands", outputs: bands, parts: ["v1", ...bands], limit: 0,
      sees: (part, row, column) => (part ? inC1(part - 1, row, column, 1) : square(row, column, facts.v1.side)),
      likes: gaborOf(facts),
      unitName: ({ part, map, row, column }) => part
        ? t("C1 of V1, scale {part}, bars at {angle}°, row {row}, column {column}", { part, angle: barAngle(facts, map), ...count(row, column) })
        : t("Energy cell of V1, bars at {angle}°, row {row}, column {column}", { angle: barAngle(facts, map), ...count(row, column) }),
    },
    V2: {
      kind: "maps", columns: 12, outputs: ["s2"], sees: (part, row, column) => inC1(facts.s2.band, row, column, small),
      likes: { caption: t("it prefers these edges"), prototype: ({ map }) => ({ tensor: "s2_prototypes", index: map }) },
      unitName: ({ map, row, column }) => t("S2 of V2, pattern {map}, row {row}, column {column}", { map: map + 1, ...count(row, column) }),
    },
    V4: {
      kind: "maps", columns: 12, outputs: pairs, parts: pairs.slice(0, 1),
      sees: (part, row, column) => inC2(facts, facts.c2.pairs[part], row, column),
      likes: { caption: t("it prefers these edges"), prototype: ({ map }) => ({ tensor: "s2_prototypes", index: map }) },
      unitName: ({ map, row, column }) => t("C2 of V4, pattern {map}, row {row}, column {column}", { map: map + 1, ...count(row, column) }),
    },
    PIT: {
      kind: "bars", rows: 4, limit: 1, outputs: ["c2b", "c3"], sees: whole,
      likes: { caption: t("it prefers these edges"), prototype: ({ part, map }) => (part ? { tensor: "s3_prototypes", index: map, parts: "s2_prototypes" } : patch(facts, map)) },
      unitName: ({ part, map }) => (part ? t("C3 of PIT, unit {map}", { map: map + 1 }) : t("C2b of PIT, unit {map}", { map: map + 1 })),
    },
    AIT: { kind: "bars", rows: 2, outputs: ["s4"], sees: whole, likes: { caption: t("the answers of PIT that it remembers"), view: ({ map }) => ({ tensor: "s4_views", index: map }) },
      unitName: ({ map }) => t("S4 of AIT, unit {map}", { map: map + 1 }) },
  };
}

const count = (row, column) => ({ row: row + 1, column: column + 1 });
const onOff = (map) => (map ? t("Off") : t("On"));
/** Bars lie across the direction in which a Gabor filter oscillates; 0° is horizontal, counted anticlockwise. */
const barAngle = ({ orientations }, map) => (270 - orientations[map]) % 180;

/** What a C2 unit sees: its 4x4 S2 units of the finer band, and those of the coarser one that lie nearest to them. */
function inC2({ bands, field, s2, c2 }, [fine, coarse], row, column) {
  const units = (band) => Math.ceil(field.side / bands[band].step) - s2.window + 1, ratio = units(coarse) / units(fine);
  const near = (place) => Math.min(Math.floor((place + 0.5) * ratio), units(coarse) - 1);
  const span = (band, first, last) => {
    const { step, pool, sizes } = bands[band], reach = (sizes[1] - 1) / 2;
    return [first * step - reach, (last + s2.window - 1) * step + pool + reach];
  };
  const along = (place) => {
    const first = place * c2.step, last = Math.min(first + c2.window, units(fine)) - 1;
    const [a, b] = span(fine, first, last), [c, d] = span(coarse, near(first), near(last));
    return [Math.min(a, c), Math.max(b, d) - Math.min(a, c)];
  };
  const [left, width] = along(column), [top, height] = along(row);
  return { left, top, width, height };
}

/** C2b has as many units for each size of patch. */
function patch({ patches, counts }, map) {
  const each = counts ?? 64, size = Math.floor(map / each);
  return size < patches.length ? { tensor: `s2b_prototypes.${size}`, index: map % each } : null;
}

function spotOf({ eye }, perDegree) {
  const side = 2 * Math.ceil(1.5 * eye.surround * perDegree) + 1;
  const shape = { side, centre: eye.centre * perDegree, surround: eye.surround * perDegree, weight: eye.weight };
  return { caption: t("violet adds, orange takes away"), kernel: ({ map }) => spot(shape, map ? -1 : 1) };
}

function gaborOf({ bands, s1, gamma, orientations, v1 }) {
  const filter = (part) => (part ? s1.find(({ side }) => side === bands[part - 1].sizes[1]) : s1[v1.row]);
  return { caption: t("violet adds, orange takes away"), kernel: ({ part, map }) => gabor({ ...filter(part), gamma }, orientations[map]) };
}

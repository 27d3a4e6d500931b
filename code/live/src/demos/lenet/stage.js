// One layer of a LeNet as a strip of maps.
import { Maps } from "../../parts/maps.js";
import { COLOURS, h } from "../../ui.js";
import { t } from "../../words.js";
import { asMaps } from "./explain.js";

const COLUMNS = { c1: 6, s2: 6, c3: 8, s4: 16, c5: 40, h1: 4, h2: 4, h3: 6, h4: 12, hidden: 25 };

/** What a layer is called on the page. */
export const called = (name) => (name === "hidden" ? t("hidden layer") : name.toUpperCase());

export class Stage extends Maps {
  /** `layer` as in facts.layers; `onpick(unit)` is called with {map, row, column}. */
  constructor(layer, onpick) {
    const size = h("span", { class: "live-size" });
    super({ kind: `lenet-stage-${layer.name}`, head: [h("span", { class: "live-name" }, called(layer.name)), size], onpick });
    Object.assign(this, { layer, size });
  }

  /** Show an output {dims, data}. F6 is shown as the picture that it is compared with. */
  show(output) {
    const found = asMaps(output), { maps, height, data } = found, { name, squash, kind } = this.layer;
    const [columns, gap] = name === "f6" ? [7, 0] : [COLUMNS[name], height > 1 ? 1 : 0];
    const rectified = squash === "relu" || kind === "maximum";
    this.size.textContent = height > 1 ? `${maps} × ${height}²` : String(maps);
    const what = height > 1 ? t("{name}: {maps} maps of {size} by {size} units", { name: called(name), maps, size: height })
      : t("{name}: {maps} units", { name: called(name), maps });
    super.show(found, { columns, gap, limit: rectified ? Math.max(1e-6, ...data) : 1.7159, colour: rectified ? COLOURS.ink : COLOURS.grey,
      said: t("{what}. Arrow keys choose a unit, Page Up and Page Down a map.", { what }) });
  }
}

// Every layer's answer to one crop, as strips of maps, and what the chosen unit adds up.
import { Maps } from "../../parts/maps.js";
import { COLOURS, h } from "../../ui.js";
import { t } from "../../words.js";
import { centred } from "./crops.js";
import { asMaps, explain, field } from "./explain.js";
import { inspect } from "./inspector.js";

const MOST = 16; // maps in a row
const SINGLE = 48; // single units in a row

export class Layers {
  /** `state` is what tests read; `onfield(area)` gets the pixels of the crop that the chosen unit sees. */
  constructor(facts, state, onfield) {
    Object.assign(this, { facts, state, onfield });
    this.first = h("div", { class: "alexnet-first" });
    this.rest = h("div", {});
    this.inspector = h("div", { class: "live-inspector" }, h("p", { class: "live-key" }, t("Click on a unit of any layer: what it sees and what it adds up stands here.")));
    this.more = h("div", {}, this.rest, this.inspector);
  }

  /** Show the `outputs` of network `asked` for the crop `image`. */
  show(asked, image, outputs) {
    if (asked.layers !== this.told) this.layOut(asked);
    Object.assign(this, { net: asked.net, image: asMaps(centred(image, asked.mean, this.facts.grey)), outputs });
    this.strips.forEach((strip, index) => this.fill(strip, this.told[index]));
    if (this.picked) this.inspect();
  }

  layOut({ layers }) {
    this.told = layers;
    this.picked = null;
    this.strips = layers.map((layer, index) => {
      const size = h("span", { class: "live-size" });
      const strip = new Maps({ head: [h("span", { class: "live-name" }, layer.title), size], onpick: (unit) => this.pick(index, unit) });
      return Object.assign(strip, { size });
    });
    this.first.replaceChildren(this.strips[0].element);
    this.rest.replaceChildren(...this.strips.slice(1).map(({ element }) => element));
  }

  fill(strip, { name, title, squash }) {
    const found = asMaps(this.outputs[name]), { maps, height, data } = found, single = height === 1;
    strip.size.textContent = single ? String(maps) : `${maps} × ${height}²`;
    const what = single ? t("{title}: {maps} units", { title, maps }) : t("{title}: {maps} maps of {size} by {size} units", { title, maps, size: height });
    const said = t("{what}. Arrow keys choose a unit, Page Up and Page Down a map.", { what }), signed = squash === "none";
    strip.show(found, { columns: Math.min(maps, single ? SINGLE : MOST), gap: single ? 0 : 1, said, limit: Math.max(1e-6, ...data.map(Math.abs)), colour: signed ? COLOURS.signed : COLOURS.ink });
  }

  pick(layer, unit) {
    this.picked = { layer, unit };
    const around = this.more.closest("details");
    if (around) around.open = true;
    this.inspect();
  }

  inspect() {
    const { told, picked: { layer: index, unit } } = this, layer = told[index], before = index ? asMaps(this.outputs[told[index - 1].name]) : this.image;
    const found = explain(layer, before, this.net.tensors, unit), area = field(told, index, unit, this.facts.crop);
    this.strips.forEach((strip, place) => {
      strip.choose(place === index ? unit : null);
      strip.outline(place === index - 1 && layer.kind !== "full" ? windows(found, before) : []);
    });
    this.onfield(area);
    this.inspector.replaceChildren(...inspect({ layer, before: { ...before, title: index ? told[index - 1].title : t("the crop"), signed: !index }, unit, found, area, crop: this.facts.crop }));
    this.state.unit = { layer: layer.name, ...unit, value: found.value, stored: this.strips[index].value(unit), area };
  }
}

/** Where the sources that are shown lie in the strip before, without what reaches beyond its border. */
function windows({ place: { top, left, height, width }, sources }, before) {
  const [from, start] = [Math.max(0, top), Math.max(0, left)], size = { height: Math.min(before.height, top + height) - from, width: Math.min(before.width, left + width) - start };
  return sources.slice(0, 4).map(({ map }) => ({ map, row: from, column: start, ...size }));
}

// A network as a row of blocks, one for each size of its maps: as high as the maps, as wide as it has layers there.
import { h } from "../../ui.js";
import { n, t } from "../../words.js";
import { percent } from "./numbers.js";

const TALL = 2.25, LEAST = 0.25; // rem

/** `network` is one of the facts' networks; `most` layers fill the whole width. */
export function blocks({ title, groups, parameters }, most) {
  const all = groups.reduce((sum, { layers }) => sum + layers, 0);
  const told = groups.map(({ kind, size, maps, layers, parameters: own }) => {
    const share = percent((100 * own) / parameters, 0), place = size > 1 ? `${maps}×${size}²` : String(maps);
    const said = kind === "full" ? t("{layers} fully connected, {maps} outputs, {share} of the parameters", { layers, maps: n(maps), share })
      : t("{layers} convolutions, {maps} maps of {size} × {size}, {share} of the parameters", { layers, maps: n(maps), size, share });
    const height = kind === "full" ? 0.75 : LEAST + ((TALL - LEAST) * Math.log2(size)) / Math.log2(224);
    return { said, element: h("div", { class: `imagenet-block ${kind}`, title: said, style: `flex-grow:${1 + 0.35 * layers ** 0.8}` }, h("span", { class: "imagenet-count" }, `×${layers}`),
      h("span", { class: "imagenet-bar", style: `height:${height}rem` }), h("span", { class: "imagenet-maps" }, place), h("span", { class: "imagenet-maps" }, share)) };
  });
  const width = 40 + 60 * Math.min(1, all / Math.max(all, most)); // per cent of the place
  return h("div", { class: "imagenet-blocks", role: "img", "aria-label": `${title}: ${told.map(({ said }) => said).join("; ")}.`, style: `--width:${width}%` }, told.map(({ element }) => element));
}

// Hubel and Wiesel's experiment: the reader looks for a cell's field with light, listens, maps, and guesses.
import { h } from "../ui.js";
import css from "./hubelwiesel/hubelwiesel.css";
import { Rig } from "./hubelwiesel/rig.js";

/**
 * Options: `seed`, of the cells and their spikes; `cell`, the number of the cell to begin with; `show`, the light on it: a
 * bar that "sweep"s, the same "turned", a "spot", or a bar that "blink"s; `small`, only screen and electrode.
 */
async function mount(element, { seed = 1959, cell = 0, show = "sweep", small = false }, tools) {
  const rig = new Rig(await tools.facts(), tools, { seed, cell, show, small });
  element.append(h("style", {}, css), rig.element);
  rig.start();
  return { set: (options) => rig.set(options) };
}

globalThis.Live.register("hubelwiesel", mount);

// Hubel and Wiesel's experiment: the reader looks for a cell's field with light, listens, maps, and guesses.
import { h } from "../ui.js";
import css from "./hubelwiesel/hubelwiesel.css";
import { Rig } from "./hubelwiesel/rig.js";

/** Options: `seed`, of the cells and their spikes, and `cell`, the number of the cell to begin with. */
async function mount(element, { seed = 1959, cell = 0 }, tools) {
  const rig = new Rig(await tools.facts(), tools, { seed, cell });
  element.append(h("style", {}, css), rig.element);
  rig.start();
}

globalThis.Live.register("hubelwiesel", mount);

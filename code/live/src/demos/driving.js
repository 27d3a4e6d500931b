// Driving's demo: a street photograph, told pixel by pixel in the reader's light and rain; and a road to drive on, by hand or by a network.
import { Tabs } from "../parts/tabs.js";
import { tryThis } from "../parts/tries.js";
import { h } from "../ui.js";
import { t } from "../words.js";
import css from "./driving/driving.css";
import { RoadDrive } from "./driving/road.js";
import { Street } from "./driving/street.js";

const WORTH = ({ first, road }) => ({
  [t("At dusk, in rain")]: { ...first, light: 0.25, rain: 0.6 },
  [t("Tilt the camera by one degree")]: { ...first, tilt: 1 },
  [t("Let the network drive")]: { view: "road", who: "pilot", seed: road.first.seed, run: true },
});

/**
 * Options, which `set` takes too: `view`, "street" or "road". Of a street: `sample`, the place of a photograph; `light`, a factor, and `rain`, 0 to 1; `tilt`, the
 * camera's, in degrees; `show`, "found" or "labels". Of the road: those of driving/road.js. With `small` there is one view, and little to choose.
 */
async function mount(element, { small = false, ...options }, tools) {
  const [facts, samples] = await Promise.all([tools.facts(), tools.samples()]), views = {};
  const made = { street: () => new Street(facts, samples, tools, { small }), road: () => new RoadDrive(facts.road, tools, { small, nets: ["pilot", "pilot-centre"] }) };
  let view = options.view ?? facts.first.view, asked = options;

  /** A view with what is asked of it; made when it is first looked at. */
  const prepare = async (name) => {
    const wanted = asked;
    asked = {};
    if (name !== "road") views.road?.set({ run: false });
    if (views[name]) await views[name].set(wanted);
    else await (views[name] = made[name]()).begin(wanted);
    return views[name].element;
  };
  const tabs = new Tabs({ label: t("View"), options: { street: t("a street"), road: t("a road to drive") }, prepare, onshow: (name) => (view = name), fail: tools.fail });
  const set = ({ view: next = view, ...more }) => {
    asked = more;
    return tabs.enter(next);
  };
  const top = small ? [] : [tryThis(set, WORTH(facts)), tabs.element];
  element.append(h("style", {}, css), h("div", { class: "live-frame driving", role: "group", "aria-label": t("Driving, live") }, top, tabs.place));
  await set({ ...options, view });
  return { set };
}

globalThis.Live.register("driving", mount);

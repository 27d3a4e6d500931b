// House numbers: digits on a drawn wall or a photograph, the number that is read, and where each head of the network looks.
import { Tabs } from "../parts/tabs.js";
import { tryThis } from "../parts/tries.js";
import { h } from "../ui.js";
import { t } from "../words.js";
import css from "./housenumbers/housenumbers.css";
import { Front } from "./housenumbers/front.js";
import { Photos } from "./housenumbers/photos.js";
import { Reading } from "./housenumbers/reading.js";

const ROOM = 544; // pixels of width from which the settings stand open
const FIRST = { mode: "front", number: "24", style: "iron", beside: "pipe", margin: 0.6 };
const WORTH = () => ({
  [t("Five ones")]: { mode: "front", number: "11111", style: "enamel" },
  [t("A nail is missing")]: { mode: "front", number: "19", style: "iron", moves: { 1: { turn: 180 } } },
  [t("No number at all")]: { mode: "front", number: "" },
});

/**
 * Options: `mode`, "front" with `number`, `style`, `tilt`, `pixels`, `dirt`, `light`, `margin`, `beside` and `moves` (by the digit's
 * place: `right`, `down`, `turn`), or "photos" with `sample`, the place of a stored picture; `head`, whose evidence is shown. With
 * `small` there is the one view of `mode`, and little to set.
 */
async function mount(element, { mode = "front", small = false, ...options }, tools) {
  const [facts, samples] = await Promise.all([tools.facts(), tools.samples(), tools.network("reader")]);
  const reading = new Reading(facts, tools), views = { front: new Front(facts, reading, tools, { small }), photos: new Photos(facts, samples, reading) };
  const prepare = async (next) => {
    await views[next].read();
    return views[next].element;
  };
  const tabs = new Tabs({ label: t("What to read"), options: { front: t("A house front"), photos: t("Photographs") }, prepare, fail: tools.fail });

  /** Show what `options` ask for, as a link in the text does. */
  const set = ({ mode: next = tabs.value ?? mode, head, ...more }) => {
    views[next].set(more);
    if (head !== undefined) reading.choose(head);
    return tabs.enter(next);
  };

  const top = small ? "" : h("div", { class: "housenumbers-top" }, tabs.element, tryThis(set, WORTH()));
  tabs.place.classList.add("housenumbers-view");
  element.append(h("style", {}, css), h("div", { class: "live-frame housenumbers", role: "group", "aria-label": t("House numbers, live") }, top,
    h("div", { class: "housenumbers-both" }, tabs.place, reading.element)));
  if (views.front.fold) views.front.fold.open = element.parentElement.clientWidth > ROOM;
  views.photos.set({ sample: 0 });
  views.front.set(FIRST);
  await set({ ...options, mode });
  return { set };
}

globalThis.Live.register("housenumbers", mount);

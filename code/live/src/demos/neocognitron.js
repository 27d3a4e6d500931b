// The neocognitron's demo: the net of 1980 at work, a net that learns the reader's own characters, and one that reads handwriting.
import { Tabs } from "../parts/tabs.js";
import { tryThis } from "../parts/tries.js";
import { h } from "../ui.js";
import { t } from "../words.js";
import { Digits, isPublished } from "./neocognitron/digits.js";
import { Elsewhere } from "./neocognitron/elsewhere.js";
import { Lesson } from "./neocognitron/lesson.js";
import css from "./neocognitron/neocognitron.css";
import { Stored } from "./neocognitron/stored.js";

/** A 4 that goes round by itself, unless the reader wants less motion. */
const first = () => ({ panel: "stored", sample: 4, walk: !matchMedia("(prefers-reduced-motion: reduce)").matches });

/**
 * Options, which `set` takes too: `panel` ("stored", "lesson" or "digits"), and for it `sample`, the digit to show; of the
 * first `change` ("shift", "size", "shape" or "noise") and `walk`, of the second `learn`: it is taught the five digits. A
 * small one has the pad and the map of places alone.
 */
async function mount(element, { small = false, ...options }, tools) {
  const facts = await tools.facts(), frame = (...inside) => element.append(h("style", {}, css),
    h("div", { class: "live-frame neo", role: "group", "aria-label": t("Neocognitron, live") }, inside));
  return small ? beside(frame, options, facts, tools) : whole(frame, { ...first(), ...options }, facts, tools);
}

async function beside(frame, options, facts, tools) {
  const view = new Elsewhere(facts, tools.state);
  await view.open(options);
  frame(view.element);
  return { set: (more) => view.set(more) };
}

async function whole(frame, options, facts, tools) {
  const { state } = tools;
  Object.assign(state, { stored: {}, lesson: {}, digits: {} });
  const panels = {
    stored: { text: t("The net of 1980"), make: () => new Stored(facts, state.stored) },
    lesson: { text: t("Let it learn yours"), make: () => new Lesson(facts, state.lesson) },
    ...(isPublished(facts, tools) && { digits: { text: t("Handwriting"), make: () => new Digits(facts, state.digits, tools) } }),
  };
  let wanted = {}; // of the panel that is opened next
  /** Nothing is made, and no engine fetched, before it is asked for. */
  const prepare = async (name) => {
    const chosen = panels[name];
    chosen.view ??= chosen.make();
    chosen.opened ??= Promise.resolve(chosen.view.open(wanted));
    await chosen.opened;
    return chosen.view.element;
  };
  const tabs = new Tabs({ label: t("What to do"), prepare, onshow: (name) => (state.panel = name), fail: tools.fail,
    options: Object.fromEntries(Object.entries(panels).map(([name, { text }]) => [name, text])) });
  const set = async ({ panel = state.panel, ...more }) => {
    const name = panel in panels ? panel : "stored", known = panels[name].opened;
    for (const { view } of Object.values(panels)) view?.walk?.stop();
    wanted = more;
    await tabs.enter(name);
    wanted = {};
    if (known && tabs.value === name && Object.keys(more).length) await panels[name].view.set(more);
  };
  frame(tryThis(set, {
    [t("Move the 4")]: { panel: "stored", sample: 4, walk: true },
    [t("Show it a 7")]: { panel: "stored", sample: 7 },
    [t("Teach it from nothing")]: { panel: "lesson", learn: true },
  }), tabs.element, tabs.place);
  await set(options);
  return { set };
}

globalThis.Live.register("neocognitron", mount);

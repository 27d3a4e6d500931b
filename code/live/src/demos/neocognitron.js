// The neocognitron's demo: the net of 1980 at work, a net that learns the reader's own characters, and that of 2003.
import { Tabs } from "../parts/tabs.js";
import { h } from "../ui.js";
import { t } from "../words.js";
import { Digits, isPublished } from "./neocognitron/digits.js";
import { Lesson } from "./neocognitron/lesson.js";
import css from "./neocognitron/neocognitron.css";
import { Stored } from "./neocognitron/stored.js";

/** Options: `panel` ("stored", "lesson" or "digits") and `sample`, the pattern to begin with. */
async function mount(element, { panel = "stored", sample = 2 }, tools) {
  const facts = await tools.facts(), { state } = tools;
  Object.assign(state, { stored: {}, lesson: {}, digits: {} });
  const panels = {
    stored: { text: t("The net of 1980"), make: () => new Stored(facts, state.stored) },
    lesson: { text: t("Let it learn yours"), make: () => new Lesson(facts, state.lesson) },
    ...(isPublished(facts, tools) && { digits: { text: t("The net of 2003"), make: () => new Digits(facts, state.digits, tools) } }),
  };
  /** Nothing is made, and no engine fetched, before it is asked for. */
  const prepare = async (name) => {
    const chosen = panels[name];
    chosen.view ??= chosen.make();
    chosen.opened ??= Promise.resolve(chosen.view.open?.(sample));
    await chosen.opened;
    return chosen.view.element;
  };
  const tabs = new Tabs({ label: t("What to do"), prepare, onshow: (name) => (state.panel = name), fail: tools.fail,
    options: Object.fromEntries(Object.entries(panels).map(([name, { text }]) => [name, text])) });
  element.append(h("style", {}, css), h("div", { class: "live-frame neo", role: "group", "aria-label": t("Neocognitron, live") },
    tabs.element, tabs.place));
  await tabs.enter(panel in panels ? panel : "stored");
}

globalThis.Live.register("neocognitron", mount);

// The neocognitron's demo: the net of 1980 at work, a net that learns the reader's own characters, and that of 2003.
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
    ...(isPublished(facts) && { digits: { text: t("The net of 2003"), make: () => new Digits(facts, state.digits, tools) } }),
  };
  const place = h("div", {});
  const enter = tools.latest(async (name) => {
    const chosen = panels[name];
    for (const button of tabs) button.setAttribute("aria-pressed", String(button.value === name));
    if (!chosen.view) {
      chosen.view = chosen.make(); // nothing is made, and no engine fetched, before it is asked for
      place.replaceChildren(chosen.view.element);
      await chosen.view.open?.(sample);
    }
    place.replaceChildren(chosen.view.element);
    state.panel = name;
  });
  const tabs = Object.entries(panels).map(([value, { text }]) => h("button", { type: "button", value, onclick: () => enter(value) }, text));
  element.append(h("style", {}, css), h("div", { class: "neo", role: "group", "aria-label": t("Neocognitron, live") },
    h("div", { class: "neo-modes", role: "group", "aria-label": t("What to do") }, tabs), place));
  await enter(panel in panels ? panel : "stored");
}

globalThis.Live.register("neocognitron", mount);

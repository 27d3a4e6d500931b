// What to do next, in one line, and hints for those who ask.
import { button, h } from "../../ui.js";
import { n, t } from "../../words.js";
import { SEEN } from "./shows.js";

const STEPS = ["find", "map", "judge", "reveal"];
const FEW = 4; // marks after which the next step is shown
const PATIENCE = 15; // seconds without an answer after which the coach says where to go

export class Coach {
  /** `act` has hint() and next(). */
  constructor(act) {
    const names = { find: t("Find it"), map: t("Map it"), judge: t("Judge it"), reveal: t("Reveal it") };
    this.items = STEPS.map((step) => h("li", {}, names[step]));
    this.advice = h("p", { class: "hw-advice" });
    this.hint = h("p", { class: "hw-hint", role: "status" });
    this.cell = h("span", { class: "hw-cell" });
    this.element = h("div", { class: "hw-coach" },
      h("div", { class: "hw-head" }, h("ol", { class: "hw-steps", "aria-label": t("The steps of the experiment") }, this.items),
        h("div", { class: "live-tools" }, this.cell, button(t("Next cell"), act.next))),
      this.advice, h("div", { class: "hw-tip" }, button(t("Hint"), act.hint), this.hint));
  }

  /** Begin with the cell of this number, of which `truth` {centre, kind, angle} is known. */
  fresh(number, truth) {
    this.cell.textContent = t("Cell {number}", { number: n(number + 1) });
    this.truth = truth;
    this.hints = 0;
    this.found = this.led = false;
    this.step = null;
    this.hint.textContent = "";
  }

  /**
   * `count` marks have been made, `kind` has been chosen or not; `answered`: the cell has just answered, `seconds` after the
   * electrode met it; `showing` names the light that moves by itself, or is null.
   */
  show({ showing, answered, count, kind, revealed, seconds }) {
    this.found ||= answered && !showing;
    const step = revealed ? "reveal" : count >= FEW ? (kind ? "reveal" : "judge") : this.found || count ? "map" : "find";
    if (step === "find" && !showing && !this.led && !this.hints && seconds > PATIENCE) {
      this.led = true;
      this.hint.textContent = where(this.truth.centre);
    }
    const key = step + revealed + showing;
    if (key === this.step) return;
    this.step = key;
    this.items.forEach((item, i) => (STEPS[i] === step ? item.setAttribute("aria-current", "step") : item.removeAttribute("aria-current")));
    this.advice.textContent = showing && step === "find" ? SEEN[showing]() : ADVICE[step](revealed);
  }

  /** The next hint on the cell, of three. */
  help() {
    const { centre, kind, angle } = this.truth;
    this.hints = Math.min(3, this.hints + 1);
    const text = [() => where(centre), () => how(kind), () => turned(angle)][this.hints - 1]();
    this.hint.textContent = t("Hint {which} of 3: {text}", { which: n(this.hints), text });
  }
}

const ADVICE = {
  find: () => t("Move the light over the dark screen, slowly, until the cell fires; with the sound on you hear it."),
  map: () => t("There it is. In your notebook, leave a cross where the cell fires as light goes on, a triangle where it fires as the light goes off, or falls silent. A small spot, switched on and off, maps best."),
  judge: () => t("A map begins to show. Now a bar: turn it until the answer is strongest, make it longer, let it drift both ways. Then say what kind of cell this is."),
  reveal: (revealed) => (revealed ? t("Orange: light excites the cell. Violet: light silences it. Dashed: your verdict; faint marks are off their region. Play on, or take the next cell.")
    : t("When you are sure of its orientation too, let the field be revealed.")),
};

function where({ x, y }) {
  if (Math.hypot(x, y) < 0.7) return t("look near the middle of the screen.");
  if (Math.abs(x) < 0.5) return y > 0 ? t("look above the middle.") : t("look below the middle.");
  if (Math.abs(y) < 0.5) return x > 0 ? t("look to the right of the middle.") : t("look to the left of the middle.");
  if (y > 0) return x > 0 ? t("look in the upper right quarter.") : t("look in the upper left quarter.");
  return x > 0 ? t("look in the lower right quarter.") : t("look in the lower left quarter.");
}

function how(kind) {
  return {
    on: t("a small bright spot is all it wants; a large one is too much."),
    off: t("a small dark spot is all it wants; a large one is too much."),
    simple: t("a spot moves it little; a narrow bar at the right angle moves it a lot, but only at the right place."),
    complex: t("spots leave it cold; a bar at the right angle moves it, wherever in the field it falls."),
    endstopped: t("a drifting bar moves it, but only a short one."),
  }[kind];
}

function turned(angle) {
  if (angle === null) return t("turning a bar makes no difference to this cell.");
  return t("it prefers an orientation near {degrees}°.", { degrees: n((Math.round(angle / 30) * 30) % 180) });
}

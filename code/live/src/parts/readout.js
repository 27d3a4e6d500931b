// What lies at a place, in a line.
import { announcer, h } from "../ui.js";

/** A line that is seen at once, and heard when it has come to rest. */
export function readout() {
  const heard = announcer(), seen = h("p", { class: "live-readout", "aria-hidden": "true" });
  const say = (text, hear = true) => {
    seen.textContent = text;
    if (hear) heard.say(text);
  };
  return { element: h("div", {}, seen, heard.element), say };
}

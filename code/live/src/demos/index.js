// The book's first page: what the reader draws runs through the rows of the lineage. The page brings the rows along, with
// what each answers to a first drawing as a still picture; here they come to life. A system has its row in its own
// <system>/lineage.js: `open(tools)` gives {told: what its FACTS say of it, answer(strokes)}, and an answer is
// {layers: [{maps, height, width, data}], says, values}. One that is `heavy` needs a network, which is many bytes.
import { Pad } from "../parts/pad.js";
import { announcer, button, h } from "../ui.js";
import { n, t } from "../words.js";
import { Row } from "./index/row.js";
import { padded } from "./index/drawing.js";

async function mount(element, _options, tools) {
  const printed = element.parentElement.querySelector(".lineage").cloneNode(true);
  const rows = [...printed.querySelectorAll("[data-row]")].map((place) => new Row(place, tools));
  const heard = announcer(1500), first = padded(JSON.parse(printed.dataset.drawing));
  let opened = false, sample = true;

  /** Everything that is to be fetched is asked for when the reader is about to draw. */
  const wake = () => {
    if (opened) return;
    opened = true;
    const { progress } = tools, before = progress.arrived;
    const tell = () => {
      const text = t("Loading {size} MB", { size: n((progress.asked - before) / 1e6, 1) });
      rows.forEach((row) => row.wait(text));
      if (rows.every((row) => row.net)) progress.heard.delete(tell);
    };
    progress.heard.add(tell);
    for (const row of rows) row.open(async (system) => (await import(`./${system}/lineage.js`)).open);
  };
  const show = async () => {
    tools.state.strokes = pad.strokes;
    await Promise.all(rows.map((row) => row.show(pad.strokes)));
    heard.say(rows.map((row) => row.said).join(" "));
  };
  const pad = new Pad({ label: t("Pad: draw a digit here"), onchange: show, seen: false });
  /** The first stroke is drawn on empty paper. */
  const begin = () => {
    wake();
    if (sample) pad.set([]);
    sample = false;
    again.disabled = clear.disabled = false;
  };
  const put = (strokes) => {
    wake();
    sample = strokes === first;
    pad.change(strokes);
  };
  const clear = button(t("Clear"), () => put([]));
  const again = button(t("The first 4"), () => put(first), { disabled: true });
  pad.element.addEventListener("pointerenter", wake);
  pad.element.addEventListener("pointerdown", begin, true);
  pad.element.addEventListener("keydown", ({ key }) => key === " " && begin(), true);
  pad.set(first);
  printed.querySelector(".lineage-sample").replaceWith(pad.element);
  printed.querySelector(".lineage-tools").replaceChildren(clear, again);
  element.append(printed, heard.element);
  Object.assign(tools.state, { strokes: first, rows: {} });
}

globalThis.Live.register("index", mount);

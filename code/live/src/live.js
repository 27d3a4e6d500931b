// The loader of the live demos, the one script that a page with a demo ships from the start. It waits until a demo nears
// the screen, then fetches the demo, the engine and the networks asked for, and mounts it in place of its printed
// fallback. Whatever goes wrong, the fallback comes back with the reason and a way to try again.
import { blob, networks, progress, remembered, script, table } from "./blobs.js";
import { network } from "./engine.js";
import { latest, works } from "./queue.js";
import { unpacked } from "./samples.js";
import { missing, patience, reason, Renewed, Told } from "./told.js";
import { button, h } from "./ui.js";
import { n, spoken, t } from "./words.js";

const MARGIN = "600px"; // how near the screen a demo must come
const demos = new Map();
const mounted = new Map(); // place -> a promise of what its demo's mount gave
let small = 0;

const Live = {
  /** This language's words by their English ones. */
  words: {},
  /** What each demo is showing, for those who would check it: {name: {...}}; of small ones {"name/1": {...}}. */
  state: {},
  /** {count}: how many answers are on their way. */
  works,
  /** In seconds, how long is waited for what; for those who would not wait so long. */
  patience,
  /** `network("lenet/lenet5")` -> {run, tensors}, once it is loaded. */
  network: (key) => network(key),
  /** A demo's own script calls `Live.register("system", mount)`. */
  register: (name, mount) => demos.set(name, mount),
};
globalThis.Live = Live;

const text = async (name) => new TextDecoder().decode(await blob(name));
const facts = remembered(async (system) => JSON.parse(await text(`facts/${system}`), spoken));
const samples = remembered(async (system) => unpacked(await text(`samples/${system}`)));

/** Put a note above the demo in `place`, in place of the one before; without `text` none is left. */
function note(place, text, ...more) {
  place.querySelector(".live-note")?.remove();
  if (text) place.prepend(h("p", { class: "live-note", role: "status" }, text, ...more));
}

/** Show the printed fallback again, and say why. */
function fail(place, error) {
  place.dataset.liveState = "failed";
  place.querySelector(".live-demo")?.remove();
  const again = error instanceof Renewed ? button(t("Load the page again"), () => location.reload()) : button(t("Try again"), () => mount(place));
  note(place, t("The live demo could not run here: {reason}.", { reason: reason(error) }), " ", again);
}

/** What a demo is handed, see demos/_template.js. */
function toolsFor(name, place, demo) {
  const failed = (error) => place.contains(demo) && fail(place, error); // else it has failed before
  const lost = (gone) => place.contains(demo) && note(place, gone && t("The engine of this demo has stopped and is being started again; what is shown is from before."));
  return {
    network: (net) => network(`${name}/${net}`, lost),
    networks: networks(name),
    facts: () => facts(name),
    samples: () => samples(name),
    /** The networks and facts of another system, whose demo has its own table of files. */
    of: async (system) => (await table(system), { network: (net) => network(`${system}/${net}`, lost), facts: () => facts(system) }),
    /** {asked, arrived, heard}: bytes of files, and a set of functions that hear of a change. */
    progress,
    latest: (work) => latest(work, failed),
    state: (Live.state[place.id ? name : `${name}/${++small}`] = {}),
    fail: failed,
  };
}

/** Tell how much is on its way to `place` until the function that is given back is called. */
function tellProgress(place) {
  const text = h("span", {}), bar = h("progress", { "aria-label": t("Loaded") }), before = progress.arrived;
  let late = false;
  const show = () => {
    const bytes = progress.asked - before, told = t("Loading {size} MB", { size: n(bytes / 1e6, 1) });
    Object.assign(bar, { max: Math.max(1, bytes), value: progress.arrived - before });
    const said = late ? t("The live demo is still loading.") : told;
    if (text.textContent !== said) text.textContent = said;
  };
  const timer = setTimeout(() => ((late = true), show()), 1000 * patience.loading);
  show();
  note(place, text, bar);
  progress.heard.add(show);
  place.ariaBusy = "true";
  return () => {
    clearTimeout(timer);
    progress.heard.delete(show);
    place.ariaBusy = null;
  };
}

async function mount(place) {
  const name = place.dataset.live;
  place.dataset.liveState = "loading";
  const over = tellProgress(place);
  const demo = h("div", { class: "live-demo", hidden: true });
  let arrived;
  mounted.set(place, new Promise((resolve) => (arrived = resolve)));
  try {
    const lack = missing();
    if (lack) throw new Told(lack);
    await table(name);
    await script(`demo/${name}`);
    place.prepend(demo);
    const door = await demos.get(name)(demo, JSON.parse(place.dataset.options), toolsFor(name, place, demo));
    if (place.dataset.liveState === "failed") return;
    note(place);
    demo.hidden = false;
    place.dataset.liveState = "ready";
    arrived(door);
  } catch (error) {
    if (place.dataset.liveState !== "failed") fail(place, error);
  } finally {
    over();
  }
}

/** A link in the text sets the page's demo. It leads there only if the demo is out of sight, so that "back" leads back. */
async function attempt(event) {
  const place = document.querySelector(this.hash), { top, bottom } = place.getBoundingClientRect();
  if (bottom > 120 && top < innerHeight / 2) event.preventDefault();
  begin(place);
  const door = await mounted.get(place);
  await door.set(JSON.parse(this.dataset.try));
}

function begin(place) {
  if (place.dataset.liveState === "waiting") mount(place);
}

function start() {
  for (const element of document.querySelectorAll("script.live-words"))
    Object.assign(Live.words, JSON.parse(element.textContent));
  const watch = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        watch.unobserve(target);
        begin(target);
      }
    },
    { rootMargin: MARGIN },
  );
  for (const place of document.querySelectorAll("[data-live]")) watch.observe(place);
  for (const link of document.querySelectorAll("a.live-try")) link.addEventListener("click", attempt);
}

document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();

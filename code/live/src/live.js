// The loader of the live demos, the one script that a page with a demo ships from the start. It waits until a demo nears
// the screen, then fetches the demo, the engine and the networks asked for, and mounts it in place of its printed
// fallback. Whatever goes wrong, the fallback comes back with the reason.
import { blob, remembered, script } from "./blobs.js";
import { tensors } from "./onnx.js";
import { spoken, t } from "./words.js";

const MARGIN = "600px"; // how near the screen a demo must come
const demos = new Map();

const Live = {
  /** This language's words by their English ones. */
  words: {},
  /** What each demo is showing, for those who would check it: {name: {...}}. */
  state: {},
  /** `network("lenet/lenet5")` -> {run, tensors}, once it is loaded. */
  network: (key) => network(key),
  /** A demo's own script calls `Live.register("system", mount)`. */
  register: (name, mount) => demos.set(name, mount),
};
globalThis.Live = Live;

/** The engine: `call(operation, payload, transfer)` asks the worker; one worker a page. */
const engine = remembered(async () => {
  const [source, wasm] = await Promise.all([blob("worker"), blob("engine")]);
  const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const waiting = new Map();
  let last = 0;
  worker.onmessage = ({ data: { id, value, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    error === undefined ? resolve(value) : reject(new Error(error));
  };
  worker.onerror = (event) => {
    for (const { reject } of waiting.values()) reject(new Error(event.message || "the worker ended"));
    waiting.clear();
  };
  const call = (operation, payload, transfer = []) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      worker.postMessage({ id: last, operation, ...payload }, transfer);
    });
  await call("start", { wasm: wasm.buffer }, [wasm.buffer]);
  return call;
});

/** A published network, `"lenet/lenet5"` -> {run, tensors}. */
const network = remembered(async (key) => {
  const [call, graph] = await Promise.all([engine("engine"), blob(`net/${key}`)]);
  const weights = tensors(graph);
  await call("load", { key, graph }, [graph.buffer]);
  return {
    /** {name: {dims, data}} -> {outputs: {name: {dims, data}}, milliseconds}. */
    run: (inputs) => call("run", { key, inputs }),
    /** Map from the names of the state dict to {dims, data}. */
    tensors: weights,
  };
});

const facts = remembered(async (system) => JSON.parse(new TextDecoder().decode(await blob(`facts/${system}`)), spoken));

/** Calls of `work` never overlap, and of those that come meanwhile only the last is made. */
function latest(work, fail) {
  let busy = false, next = null;
  return async (...values) => {
    next = values;
    if (busy) return;
    busy = true;
    try {
      while (next) {
        const now = next;
        next = null;
        await work(...now);
      }
    } catch (error) {
      fail(error);
    } finally {
      busy = false;
    }
  };
}

function missing() {
  if (typeof WebAssembly !== "object") return t("this browser has no WebAssembly, with which the network would run");
  if (typeof DecompressionStream !== "function" || typeof Worker !== "function")
    return t("this browser is older than 2023 and lacks what the demo needs");
  return null;
}

function reason(error) {
  const text = String(error?.message ?? error);
  return /memory|allocat/i.test(text) ? t("there was not enough memory ({error})", { error: text }) : text;
}

/** Show the printed fallback again, and say why. */
function fail(place, error) {
  place.dataset.liveState = "failed";
  place.querySelector(".live-demo")?.remove();
  const note = Object.assign(document.createElement("p"), { className: "live-note" });
  place.prepend(note);
  note.textContent = t("The live demo could not run here: {reason}.", { reason: reason(error) });
}

async function mount(place) {
  const name = place.dataset.live;
  place.dataset.liveState = "loading";
  try {
    const lack = missing();
    if (lack) throw new Error(lack);
    await script(`demo/${name}`);
    const demo = Object.assign(document.createElement("div"), { className: "live-demo", hidden: true });
    place.prepend(demo);
    const failed = (error) => fail(place, error);
    const tools = {
      network: (net) => network(`${name}/${net}`),
      facts: () => facts(name),
      latest: (work) => latest(work, failed),
      state: (Live.state[name] = {}),
      fail: failed,
    };
    await demos.get(name)(demo, JSON.parse(place.dataset.options), tools);
    if (place.dataset.liveState === "failed") return;
    demo.hidden = false;
    place.dataset.liveState = "ready";
  } catch (error) {
    fail(place, error);
  }
}

function start() {
  for (const element of document.querySelectorAll("script.live-words"))
    Object.assign(Live.words, JSON.parse(element.textContent));
  const watch = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        watch.unobserve(target);
        mount(target);
      }
    },
    { rootMargin: MARGIN },
  );
  for (const place of document.querySelectorAll("[data-live]")) watch.observe(place);
}

document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();

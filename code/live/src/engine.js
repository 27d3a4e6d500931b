// The engine: one worker a page, and the networks that it has loaded. A worker may end without a word (the system takes
// its memory) or never answer: then another is begun, with the networks that are asked, and what was asked is asked again.
import { blob, remembered } from "./blobs.js";
import { tensors } from "./onnx.js";
import { patience, Told } from "./told.js";
import { t } from "./words.js";

/** The worker is lost, and with it everything that it had loaded. */
class Lost extends Told {}

const begin = remembered(async () => {
  const [source, wasm] = await Promise.all([blob("worker"), blob("engine")]);
  const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const waiting = new Map();
  let last = 0, timer;
  const lose = () => {
    clearTimeout(timer);
    begin.forget("engine");
    load.clear();
    worker.terminate();
    for (const { reject } of waiting.values()) reject(new Lost(t("the engine stopped answering, and did so again when it was started anew")));
    waiting.clear();
  };
  const watch = () => {
    clearTimeout(timer);
    if (waiting.size) timer = setTimeout(lose, 1000 * patience.engine);
  };
  worker.onmessage = ({ data: { id, value, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    watch();
    error === undefined ? resolve(value) : reject(new Error(error));
  };
  worker.onerror = worker.onmessageerror = lose;
  /** `call(operation, payload, transfer)` asks the worker. */
  const call = (operation, payload, transfer = []) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      if (waiting.size === 1) watch();
      worker.postMessage({ id: last, operation, ...payload }, transfer);
    });
  await call("start", { wasm: wasm.buffer }, [wasm.buffer]);
  return call;
});

/** The network `key` in the present worker: {call, weights}. */
const load = remembered(async (key) => {
  const [call, graph] = await Promise.all([begin("engine"), blob(`net/${key}`)]);
  const weights = tensors(graph);
  await call("load", { key, graph }, [graph.buffer]);
  return { call, weights };
});

/** `work()`, and once more with another worker where the first is lost; `told(true)` meanwhile, `told(false)` after it. */
async function again(work, told) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
  }
  told(true);
  const answer = await work();
  told(false);
  return answer;
}

/**
 * A published network, `"lenet/lenet5"` -> {run, tensors}. `told(lost)` hears that the engine is lost, and that it is
 * there again.
 */
export async function network(key, told = () => {}) {
  const { weights } = await again(() => load(key), told);
  return {
    /** {name: {dims, data}} -> {outputs: {name: {dims, data}}, milliseconds}. */
    run: (inputs) => again(async () => (await load(key)).call("run", { key, inputs }), told),
    /** Map from the names of the state dict to {dims, data}. */
    tensors: weights,
  };
}

// The only part that knows ONNX Runtime. It lives in a worker, so a network never holds up the page.
// Messages: {id, operation, ...} in, {id, value} or {id, error} out; one at a time, in order.
import * as ort from "onnxruntime-web/wasm";

ort.env.wasm.numThreads = 1; // more need headers that no static host sends, and gain little

const OPTIONS = { executionProviders: ["wasm"], logSeverityLevel: 3 }; // errors only: it warns of what it cannot fold

const sessions = new Map();

const operations = {
  /** Take the engine's WebAssembly; it is compiled when the first network is loaded. */
  start({ wasm }) {
    ort.env.wasm.wasmBinary = wasm;
  },

  /** Make the network `key` ready from the bytes of its ONNX file. */
  async load({ key, graph }) {
    sessions.set(key, await ort.InferenceSession.create(graph, OPTIONS));
  },

  /** {name: {dims, data}} -> {outputs: {name: {dims, data}}, milliseconds}, all Float32Array. */
  async run({ key, inputs }) {
    const feeds = {};
    for (const [name, { dims, data }] of Object.entries(inputs)) feeds[name] = new ort.Tensor("float32", data, dims);
    const started = performance.now();
    const answers = await sessions.get(key).run(feeds);
    const milliseconds = performance.now() - started;
    const outputs = {};
    for (const [name, { dims, data }] of Object.entries(answers)) outputs[name] = { dims: [...dims], data };
    return { outputs, milliseconds };
  },
};

let queue = Promise.resolve();
self.onmessage = ({ data: { id, operation, ...rest } }) => {
  queue = queue.then(async () => {
    try {
      self.postMessage({ id, value: await operations[operation](rest) });
    } catch (error) {
      self.postMessage({ id, error: String(error?.message ?? error) });
    }
  });
};

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

  /**
   * {name: {dims, data, type}} -> {outputs: {name: {dims, data}}, milliseconds}. `type` is "float32", which may be left
   * out, or "int64" (tokens), whose data may be any array of numbers; answers are Float32Array, whole ones Float64Array.
   */
  async run({ key, inputs }) {
    const feeds = {};
    for (const [name, { dims, data, type = "float32" }] of Object.entries(inputs))
      feeds[name] = new ort.Tensor(type, type === "int64" ? BigInt64Array.from(data, BigInt) : data, dims);
    const started = performance.now();
    const answers = await sessions.get(key).run(feeds);
    const milliseconds = performance.now() - started;
    const outputs = {};
    for (const [name, { dims, data }] of Object.entries(answers))
      outputs[name] = { dims: [...dims], data: data instanceof BigInt64Array ? Float64Array.from(data, Number) : data };
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

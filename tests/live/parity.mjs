// Answers of a packed network in ONNX Runtime's WebAssembly, without a browser: the very blob that a page loads.
// Their bytes travel in base64: to write millions of numbers as text takes longer than to compute them.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";

const { live, blob, engine, inputs } = JSON.parse(readFileSync(0, "utf8"));
const ort = createRequire(`${live}/package.json`)("onnxruntime-web/wasm");

/** What is packed in `file`; where it is one of several parts, in all of them. */
function unpack(file) {
  const parts = [];
  let wanted;
  globalThis.__liveBlob = (name, text) => {
    const [whole, part = 0] = name.split("#");
    if (whole === (wanted ??= whole)) parts[part] = text;
  };
  (0, eval)(readFileSync(file, "utf8"));
  const stem = `${wanted.replaceAll("/", "-")}-`;
  for (const other of readdirSync(dirname(file)).filter((name) => name.startsWith(stem)))
    (0, eval)(readFileSync(join(dirname(file), other), "utf8"));
  return gunzipSync(Buffer.from(parts.join(""), "base64"));
}

ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmBinary = unpack(engine);
const session = await ort.InferenceSession.create(unpack(blob), { executionProviders: ["wasm"], logSeverityLevel: 3 });
const answers = [];
const tensor = ({ dims, data, type }) =>
  new ort.Tensor(type, type === "int64" ? BigInt64Array.from(data, BigInt) : Float32Array.from(data), dims);
const told = ({ dims, type, data }) => {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return { dims, type, data: bytes.toString("base64") };
};
for (const named of inputs) {
  const found = await session.run(Object.fromEntries(Object.entries(named).map(([name, one]) => [name, tensor(one)])));
  answers.push(Object.fromEntries(Object.entries(found).map(([name, output]) => [name, told(output)])));
}
process.stdout.write(JSON.stringify(answers));

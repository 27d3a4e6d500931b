// Everything heavy is a classic script `__liveBlob("name", "<base64 of gzip>")`: what a page may load from disk as well
// as over http, where fetch() and module scripts fail on file:. Which file holds which blob stands in a table of the
// demo's own, `lenet.js`, which is asked for anew by every visit: only it keeps its name from one publication to the next.
// The table also says with which loader its files go: a page that a browser or a proxy had kept may bring an older one.
import { patience, Renewed, Told } from "./told.js";
import { t } from "./words.js";

const folder = globalThis.document?.currentScript?.src.replace(/[^/]*$/, "") ?? "";
const files = (globalThis.__liveFiles = {});
const arrived = new Map();

globalThis.__liveBlob = (name, text) => arrived.set(name, text);

const tables = new Set();

/** Bytes that were asked for, and how many of them are there; `heard()` is called when one of the two changes. */
export const progress = { asked: 0, arrived: 0, heard: new Set() };

/** Load the table of a demo's files: {name: [file, bytes]}. A large blob lies in parts, `name#0`, `name#1` ... */
export const table = remembered(async (demo) => {
  tables.add(demo);
  await load(`${demo}.js?${Math.floor(Date.now() / 60_000)}`, demo);
  if (globalThis.__liveFresh !== globalThis.__liveVersion) throw new Renewed();
});

/** Names of the networks that were packed for a demo. */
export function networks(demo) {
  const stem = `net/${demo}/`, names = Object.keys(files).filter((name) => name.startsWith(stem));
  return [...new Set(names.map((name) => name.slice(stem.length).split("#")[0]))];
}

/** Load the script that the build made of `name`; a second call waits for the first. */
export const script = remembered(async (name) => {
  const [file, bytes] = files[name] ?? [];
  count("asked", bytes);
  try {
    await load(file, name);
    count("arrived", bytes);
  } catch (error) {
    count("asked", -bytes);
    if (await isRenamed(name, file)) throw new Renewed();
    throw error;
  }
});

function count(what, bytes = 0) {
  progress[what] += bytes;
  progress.heard.forEach((hear) => hear());
}

/** Whether the tables, asked for once more, name another file. */
async function isRenamed(name, file) {
  await Promise.allSettled([...tables].map((demo) => load(`${demo}.js?${Date.now()}`, demo)));
  return files[name]?.[0] !== file;
}

function load(file, name) {
  return new Promise((resolve, reject) => {
    const lost = (text) => {
      clearTimeout(timer);
      element.remove();
      reject(new Told(text));
    };
    const element = document.createElement("script");
    const timer = setTimeout(() => lost(t("{file} did not arrive, so the connection is slow or broken", { file: name })), 1000 * patience.file);
    element.src = folder + file;
    element.onload = () => (clearTimeout(timer), resolve());
    element.onerror = () => lost(t("{file} could not be loaded, so this copy is not complete or you are offline", { file: name }));
    if (file) document.head.append(element);
    else element.onerror();
  });
}

/** The bytes packed under `name`, unpacked. */
export async function blob(name) {
  const parts = files[`${name}#0`] ? Object.keys(files).filter((part) => part.startsWith(`${name}#`)) : [name];
  await Promise.all(parts.map(script));
  const packed = parts.map((part) => {
    const text = arrived.get(part);
    arrived.delete(part); // half of its memory is the text
    script.forget(part);
    return decode(text);
  });
  const stream = new Blob(packed).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function decode(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** `make` by key, called once a key; a failure is forgotten, so that it can be tried again. */
export function remembered(make) {
  const known = new Map();
  const get = (key) => {
    if (!known.has(key)) {
      const made = make(key);
      known.set(key, made);
      made.catch(() => known.get(key) === made && known.delete(key));
    }
    return known.get(key);
  };
  get.forget = (key) => known.delete(key);
  get.clear = () => known.clear();
  return get;
}

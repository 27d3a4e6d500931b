// Everything heavy is a classic script `__liveBlob("name", "<base64 of gzip>")`: what a page may load from disk as well
// as over http, where fetch() and module scripts fail on file:. Names and files stand in `__liveFiles`.

const folder = globalThis.document?.currentScript?.src.replace(/[^/]*$/, "") ?? "";
const files = globalThis.__liveFiles ?? {};
const arrived = new Map();

globalThis.__liveBlob = (name, text) => arrived.set(name, text);

/** Load the script that the build made of `name`; a second call waits for the first. */
export const script = remembered((name) => {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = folder + files[name];
    element.onload = () => resolve();
    element.onerror = () => reject(new Error(`${files[name] ?? name} is missing`));
    if (files[name]) document.head.append(element);
    else element.onerror();
  });
});

/** The bytes packed under `name`, unpacked. */
export async function blob(name) {
  await script(name);
  const text = arrived.get(name);
  arrived.delete(name); // half of its memory is the text
  script.forget(name);
  const stream = new Blob([decode(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
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
    if (!known.has(key)) known.set(key, make(key).catch((error) => (known.delete(key), Promise.reject(error))));
    return known.get(key);
  };
  get.forget = (key) => known.delete(key);
  return get;
}

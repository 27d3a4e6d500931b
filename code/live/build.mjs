// Bundles the browser side into the folder given: worker.js, live.js, live.css, and demos/<system>.js each by itself.
// `press build` calls it and packs what comes out; classic scripts, so that pages also work from disk.
import { build } from "esbuild";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const src = fileURLToPath(new URL("./src/", import.meta.url));
const [, , out] = process.argv;
const demos = readdirSync(`${src}demos`).filter((name) => /^[a-z]\w*\.js$/.test(name));

const common = {
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  loader: { ".css": "text" },
};
await build({
  ...common,
  entryPoints: [`${src}worker.js`],
  outfile: `${out}/worker.js`,
  define: { "import.meta.url": "self.location.href" },
});
await build({ ...common, entryPoints: [`${src}live.js`], outfile: `${out}/live.js` });
await build({ ...common, entryPoints: demos.map((name) => `${src}demos/${name}`), outdir: `${out}/demos` });
await build({ entryPoints: [`${src}live.css`], minify: true, loader: { ".css": "css" }, outfile: `${out}/live.css` });

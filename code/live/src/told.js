// What a reader is told when something goes wrong, and how long is waited before it counts as wrong.
import { t } from "./words.js";

/** An error whose message is part of a sentence for the reader, in the page's language. */
export class Told extends Error {}

/** The book was published anew since the page was opened: what the page would ask for is no more, or speaks otherwise. */
export class Renewed extends Told {
  constructor() {
    super(t("the book was published anew since this page was opened: load the page again"));
  }
}

/** In seconds: a file on its way, an engine that is silent, and what is long enough to say that a demo still loads. */
export const patience = { file: 180, engine: 30, loading: 10 };

/** Why a demo cannot run, for the reader; what only a programmer can read goes to the console. */
export function reason(error) {
  if (error instanceof Told) return error.message;
  console.error(error);
  const text = String(error?.message ?? error);
  return /memory|allocat/i.test(text) ? t("there was not enough memory")
    : t("something in it went wrong; the browser's console says what");
}

/** A sentence if this browser lacks what demos need, else null. */
export function missing() {
  if (typeof WebAssembly !== "object") return t("this browser has no WebAssembly, with which the network would run");
  if (typeof DecompressionStream !== "function" || typeof Worker !== "function")
    return t("this browser is older than 2023 and lacks what the demo needs");
  return null;
}

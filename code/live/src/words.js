// The interface's words. English is written in the code; a page of another language brings a dictionary along.

/** `t("Draw a {thing}", {thing: "7"})`: the text in the page's language, with values put in. */
export const t = (text, values = {}) => filled(globalThis.Live?.words[text] ?? text, values);

/** A text that is in the page's language already, as those of FACTS are, with values put in. */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** For `JSON.parse`: a text that FACTS mark with `word("...")` is put in its place, in the page's language. */
export const spoken = (_, value) => (typeof value?.word === "string" ? t(value.word) : value);

/** A number as the page's language writes it, with `digits` decimals. */
export function n(value, digits = 0) {
  const language = globalThis.document?.documentElement.lang || "en";
  const text = value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return text.replace("-", "\u2212");
}

// Large numbers and shares as readers see them.
import { n, t } from "../../words.js";

/** So many decimals that two or three digits are left. */
const digits = (value) => (value < 100 ? 1 : 0);

export const millions = (count) => t("{count} million", { count: n(count / 1e6, digits(count / 1e6)) });
export const billions = (count) => t("{count} billion", { count: n(count / 1e9, digits(count / 1e9)) });

/** A number of per cent, which no line break parts from its sign. */
export const percent = (value, decimals = value < 4 ? 2 : 1) => t("{share} %", { share: n(value, decimals) }).replace(" ", "\u00a0");

export function softmax(scores) {
  const most = Math.max(...scores), powers = Array.from(scores, (score) => Math.exp(score - most)), sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** The places of the `count` largest, the largest first. */
export const largest = (values, count) => [...values.keys()].sort((a, b) => values[b] - values[a] || a - b).slice(0, count);

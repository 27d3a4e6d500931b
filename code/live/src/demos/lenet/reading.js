// Which columns of a row are digits: the best path, as in convnets/lenet/row.py.

/** Distances (K, 10) -> log-probabilities, K rows of 11; the last is "no digit". */
export function logProbabilities({ dims, data }, { rubbish_penalty, temperature }) {
  const columns = dims.at(-2);
  return [...Array(columns).keys()].map((column) => {
    const scores = [...data.subarray(column * 10, column * 10 + 10), rubbish_penalty].map((d) => -d / temperature);
    const top = Math.max(...scores);
    const log = top + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - top), 0));
    return scores.map((score) => score - log);
  });
}

/** Log-probabilities -> [{column, digit}], the most probable choice in which two digits are `spacing` apart. */
export function read(logs, spacing) {
  const gain = logs.map((row) => Math.max(...row.slice(0, 10)) - row[10]);
  const best = [0];
  gain.forEach((value, k) => best.push(Math.max(best[k], value + best[Math.max(0, k + 1 - spacing)])));
  const chosen = [];
  for (let k = gain.length; k > 0; ) {
    if (best[k] === best[k - 1]) k -= 1;
    else {
      chosen.unshift(k - 1);
      k = Math.max(0, k - spacing);
    }
  }
  return chosen.map((column) => ({ column, digit: argmax(logs[column].slice(0, 10)) }));
}

export const argmax = (values) => values.reduce((best, value, index) => (value > values[best] ? index : best), 0);

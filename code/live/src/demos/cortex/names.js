// What each area takes an object for: the one of the stored answers that its answer now resembles most.

export class Names {
  /** `stored` is {key: answers}: of each object, every area's answer to it. */
  constructor(stored) {
    this.keys = Object.keys(stored);
    this.patterns = Object.values(stored).map((answers) => answers.map(standard));
  }

  /** Of each area the key of the stored answer that correlates most with `answers`; null where none does at all. */
  of(answers) {
    return answers.map((answer, area) => {
      const alike = this.patterns.map((pattern) => dot(answer, pattern[area])), most = Math.max(...alike);
      return most > 0 ? this.keys[alike.indexOf(most)] : null;
    });
  }
}

/** Mean 0 and length 1, so that the dot product with another answer orders as their correlation does. */
function standard(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const length = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0)) || 1;
  return values.map((value) => (value - mean) / length);
}

function dot(one, other) {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += one[i] * other[i];
  return sum;
}

// Chance with a seed: the same seed gives the same cells and the same spikes.

/** A stream of numbers in [0, 1): Marsaglia's xorshift with 32 bits (Journal of Statistical Software 8(14), 2003). */
export function stream(seed) {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
  for (let i = 0; i < 8; i++) next(); // neighbouring seeds begin alike
  return next;
}

/**
 * The times in [from, to), in seconds, of a Poisson process with `rate` spikes per second: the gaps between spikes are
 * exponential. Because the process forgets its past, pieces of different rates may follow each other.
 */
export function spikes(random, rate, from, to) {
  const times = [];
  if (!(rate > 0)) return times;
  let time = from;
  while ((time -= Math.log(1 - random()) / rate) < to) times.push(time);
  return times;
}

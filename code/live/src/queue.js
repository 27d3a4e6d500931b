// The order in which a demo's work is done when the reader is faster than the network.

/** How many works are being done: none, and every demo of the page shows what it was last asked for. */
export const works = { count: 0 };

/**
 * Calls of `work` never overlap, and of those that come meanwhile only the last is made. Every call's promise ends when
 * the last one asked for has been made, so that whoever awaits it finds it done. `fail(error)` hears of a failure.
 */
export function latest(work, fail) {
  let next = null, running = null;
  const drain = async () => {
    works.count++;
    try {
      while (next) {
        const now = next;
        next = null;
        await work(...now);
      }
    } catch (error) {
      next = null;
      fail(error);
    } finally {
      running = null;
      works.count--;
    }
  };
  return (...values) => {
    next = values;
    return (running ??= drain());
  };
}

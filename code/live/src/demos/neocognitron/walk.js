// A drawing that goes round the grid by itself, until the reader takes over.
const WAY = [[0, 1, 3], [1, 0, 3], [0, -1, 6], [-1, 0, 6], [0, 1, 6]]; // down, right, so many steps: round, and into a corner
const PACE = 140; // milliseconds a step

export class Walk {
  /** The drawing on `pad`; whatever the reader does within `element` ends the walk. */
  constructor(pad, element) {
    this.pad = pad;
    for (const kind of ["pointerdown", "keydown"]) element.addEventListener(kind, () => this.stop(), { capture: true });
  }

  /** Who wants less motion sees the end alone. */
  start() {
    const steps = WAY.flatMap(([down, right, count]) => Array(count).fill([down, right]));
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.stop();
    if (still) return steps.forEach((step) => this.go(step));
    this.timer = setInterval(() => (steps.length ? this.go(steps.shift()) : this.stop()), PACE);
  }

  go([down, right]) {
    const { amounts } = this.pad;
    this.pad.bent = true; // nothing that the reader did, and would undo
    this.pad.bend({ down: amounts.down + down, right: amounts.right + right });
    this.pad.onbend(this.pad.amounts);
  }

  stop() {
    clearInterval(this.timer);
  }
}

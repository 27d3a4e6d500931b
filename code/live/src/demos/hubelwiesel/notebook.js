// What the reader writes down: marks on the screen, as in the notebooks of 1959. A mark is {sign, x, y} in degrees;
// sign 1 is a cross (light excites the cell here), -1 a triangle (light silences it here).

export const NEAR = 0.5; // degrees within which a mark is taken for the one meant

export class Notebook {
  constructor(onchange) {
    this.past = [[]];
    this.onchange = onchange;
  }

  get marks() {
    return this.past.at(-1);
  }

  add(sign, { x, y }) {
    this.turn([...this.marks, { sign, x, y }]);
  }

  /** Take away the mark nearest to a place; false if none is near. */
  remove({ x, y }) {
    const far = ({ x: left, y: top }) => Math.hypot(left - x, top - y);
    const nearest = this.marks.reduce((best, mark) => (!best || far(mark) < far(best) ? mark : best), null);
    if (!nearest || far(nearest) > NEAR) return false;
    this.turn(this.marks.filter((mark) => mark !== nearest));
    return true;
  }

  /** Take back the last change; false if there is none. */
  undo() {
    if (this.past.length === 1) return false;
    this.past.pop();
    this.onchange();
    return true;
  }

  clear() {
    if (this.marks.length) this.turn([]);
  }

  /** A new page: nothing is left to take back. */
  fresh() {
    this.past = [[]];
    this.onchange();
  }

  turn(marks) {
    this.past.push(marks);
    this.onchange();
  }
}

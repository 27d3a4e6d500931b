// A pen over an element: one pointer at a time, and a pen that keys move. Places are [x, y] in shares of the element's
// box, and always inside it, so that nothing is drawn that cannot be seen.

export class Pen {
  /**
   * `begin(place)` is called where a stroke begins, `extend(places)` with where it goes on, `undo()` when it is taken back,
   * and `paint()` when the keyboard's pen has moved. `steps` are those of an arrow key, [x, y]; `large` times that with
   * Shift, and keys keep it `margin` inside. The pen draws only while `ready()`.
   */
  constructor(element, { begin, extend, undo, paint, steps, large = 1, margin = 0, start = [0.5, 0.5], ready = () => true }) {
    Object.assign(this, { element, begin, extend, undo, paint, steps, large, margin, ready, at: start, down: false, pointer: null });
    element.addEventListener("pointerdown", (event) => this.press(event));
    element.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
      element.addEventListener(end, ({ pointerId }) => pointerId === this.pointer?.id && (this.pointer = null));
    element.addEventListener("focus", () => paint());
    element.addEventListener("blur", () => (this.lift(), paint()));
  }

  /** The stroke is over, whatever the reader's hand goes on to do. */
  lift() {
    this.down = false;
    this.pointer = null;
  }

  /** Whether the keyboard's pen is to be seen. */
  get seen() {
    return document.activeElement === this.element && this.element.matches(":focus-visible");
  }

  place({ clientX, clientY }) {
    const box = this.element.getBoundingClientRect();
    return inside([(clientX - box.left) / box.width, (clientY - box.top) / box.height]);
  }

  /** Others are ignored while one draws; but a pen takes the paper from the hand that lies on it. */
  press(event) {
    if (event.button > 0 || !this.ready()) return;
    const { pointerId, pointerType } = event, busy = this.pointer && this.element.hasPointerCapture(this.pointer.id);
    if (busy && !(pointerType === "pen" && this.pointer.type === "touch")) return;
    if (busy) this.undo();
    this.lift();
    this.pointer = { id: pointerId, type: pointerType };
    this.element.setPointerCapture(pointerId);
    this.begin(this.place(event));
  }

  move(event) {
    if (event.pointerId !== this.pointer?.id || !this.ready()) return;
    const all = event.getCoalescedEvents?.() ?? []; // empty in some browsers, even while the pointer moves
    this.extend((all.length ? all : [event]).map((each) => this.place(each)));
  }

  /** Whether the key was one of the pen's. */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (way) {
      const far = event.shiftKey ? this.large : 1;
      this.at = inside(this.at.map((value, i) => value + way[i] * far * this.steps[i]), this.margin);
      this.down ? this.extend([this.at]) : this.paint();
    } else if (event.key === " ") {
      this.down = !this.down;
      this.down ? this.begin(this.at) : this.paint();
    } else if (event.key === "Backspace" || event.key === "Delete") {
      this.lift();
      this.undo();
    } else return false;
    event.preventDefault();
    return true;
  }
}

const inside = (place, margin = 0) => place.map((share) => Math.min(1 - margin, Math.max(margin, share)));

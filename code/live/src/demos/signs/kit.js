// A kit of signs: a shape, and what stands on it, drawn on a canvas as if on a grey day.
import { choice, h, slider } from "../../ui.js";
import { t } from "../../words.js";
import { write } from "./glyphs.js";

const SIDE = 320, MIDDLE = SIDE / 2, RED = "#b3202c", WHITE = "#e9e6e2", BLUE = "#1f4f9e", YELLOW = "#e3a81c", BLACK = "#1c1a1a";

/** A polygon of `corners` around (MIDDLE, y), the first at `turn` of a whole turn. */
function polygon(context, corners, radius, turn, colour, y = MIDDLE) {
  context.beginPath();
  for (let corner = 0; corner < corners; corner++) {
    const angle = 2 * Math.PI * (turn + corner / corners);
    context.lineTo(MIDDLE + radius * Math.cos(angle), y + radius * Math.sin(angle));
  }
  context.closePath();
  Object.assign(context, { fillStyle: colour, strokeStyle: colour, lineWidth: radius / 8, lineJoin: "round" });
  context.fill();
  context.stroke();
}

const disc = (context, radius, colour) => {
  context.beginPath();
  context.arc(MIDDLE, MIDDLE, radius, 0, 7);
  context.fillStyle = colour;
  context.fill();
};

/** Each shape draws itself, and says where and in which colour something stands on it. */
const SHAPES = {
  ring: (context) => (disc(context, 130, RED), disc(context, 98, WHITE), { height: 105, width: 150, colour: BLACK, y: MIDDLE }),
  triangle: (context) => (polygon(context, 3, 140, -0.25, RED, 185), polygon(context, 3, 94, -0.25, WHITE, 186), { height: 100, width: 70, colour: BLACK, y: 186 }),
  yield: (context) => (polygon(context, 3, 140, 0.25, RED, 135), polygon(context, 3, 84, 0.25, WHITE, 135), { height: 60, width: 70, colour: BLACK, y: 128 }),
  disc: (context) => (disc(context, 130, WHITE), disc(context, 124, BLUE), { height: 150, width: 150, colour: WHITE, y: MIDDLE }),
  octagon: (context) => (polygon(context, 8, 130, 1 / 16, WHITE), polygon(context, 8, 118, 1 / 16, RED), { height: 90, width: 200, colour: WHITE, y: MIDDLE }),
  diamond: (context) => (polygon(context, 4, 125, 0, WHITE), polygon(context, 4, 84, 0, YELLOW), { height: 70, width: 80, colour: BLACK, y: MIDDLE }),
  bar: (context) => (disc(context, 130, RED), { bar: true }),
};

/** `sign` is {shape, text}: the canvas of it. */
export function drawn({ shape, text }) {
  const canvas = h("canvas", { width: SIDE, height: SIDE }), context = canvas.getContext("2d"), sky = context.createLinearGradient(0, 0, 0, SIDE);
  sky.addColorStop(0, "#8d949b");
  sky.addColorStop(0.6, "#6d7268");
  sky.addColorStop(1, "#4d5547");
  context.fillStyle = sky;
  context.fillRect(0, 0, SIDE, SIDE);
  const { bar, y, ...how } = SHAPES[shape](context);
  if (bar) Object.assign(context, { fillStyle: WHITE }).fillRect(MIDDLE - 95, MIDDLE - 22, 190, 44);
  else if (text) write(context, text, { x: MIDDLE, y, ...how });
  return canvas;
}

/** Which of the 43 classes a sign is that can be built here. */
const KNOWN = { "ring/20": 0, "ring/30": 1, "ring/50": 2, "ring/60": 3, "ring/70": 4, "ring/80": 5, "ring/100": 7, "ring/120": 8, "ring/": 15, "triangle/!": 18,
  "yield/": 13, "octagon/STOP": 14, "diamond/": 12, "disc/↑": 35, "disc/→": 33, "disc/←": 34 };

/** The number of a sign's class, or null where it is none of them. */
export const classOf = ({ shape, text }) => (shape === "bar" ? 17 : KNOWN[`${shape}/${text}`] ?? null);

export class Kit {
  /** `onbuild(sign)` gets {shape, text} with every change by the reader. */
  constructor(onbuild) {
    this.sign = { shape: "ring", text: "40" };
    const shapes = { ring: t("red ring"), triangle: t("red triangle"), yield: t("red triangle, upside down"), disc: t("blue disc"), octagon: t("red octagon"),
      diamond: t("yellow diamond"), bar: t("red disc with a bar") };
    const marks = { number: t("a number"), "": t("nothing"), "!": "!", STOP: "STOP", "↑": t("arrow ahead"), "→": t("arrow to the right"), "←": t("arrow to the left") };
    const build = (change) => (onbuild(Object.assign(this.sign, change)), this.open());
    this.shape = choice({ label: t("Shape"), options: shapes, value: "ring", onchange: (shape) => build({ shape }) });
    this.mark = choice({ label: t("On it"), options: marks, value: "number", onchange: (text) => build({ text: text === "number" ? this.number.input.value : text }) });
    this.number = slider({ label: t("Number"), min: 0, max: 150, step: 5, value: 40, oninput: (number) => ((this.mark.select.value = "number"), build({ text: String(number) })) });
    this.element = h("div", { class: "signs-kit" }, this.shape.element, this.mark.element, this.number.element);
  }

  /** Nothing more stands on a bar. */
  open() {
    this.mark.select.disabled = this.number.input.disabled = this.sign.shape === "bar";
  }

  /** Show a sign that was not built here. */
  set({ shape, text }) {
    this.sign = { shape, text };
    this.shape.select.value = shape;
    const numbered = /^\d+$/.test(text);
    this.mark.select.value = numbered ? "number" : text;
    if (numbered) this.number.set(text);
    this.open();
  }
}

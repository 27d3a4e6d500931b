// Small parts that demos are made of: elements, sliders, choices, pictures. No framework.
import { n } from "./words.js";

/** `h("button", {class: "x", onclick}, "Text", child)`: an element; attributes that are false are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const button = (text, onclick, attributes = {}) => h("button", { type: "button", onclick, ...attributes }, text);

let count = 0;
export const unique = (stem) => `live-${stem}-${++count}`;

/**
 * A labelled range input with its value beside it, told with so many decimal `digits`; `set(value)` moves it, `oninput(value)`
 * follows. A key moves it by `step`, and always by what is told, or by a multiple of that: no key goes unheard.
 */
export function slider({ label, min, max, step: wanted = 0, value, digits = 0, unit = "", oninput }) {
  const id = unique("slider"), told = 10 ** -digits, step = (told * Math.max(1, Math.round(wanted / told))).toFixed(digits);
  const shown = h("span", { class: "live-amount", "aria-hidden": "true" }); // said by the slider itself
  const input = h("input", { type: "range", id, min, max, step, value });
  const show = () => {
    shown.textContent = n(Number(input.value), digits) + unit;
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  input.addEventListener("input", () => (show(), oninput(Number(input.value))));
  show();
  return {
    element: h("div", { class: "live-slider" }, h("label", { for: id }, label), shown, input),
    input,
    set: (next) => ((input.value = next), show()),
  };
}

/** A labelled list to choose one from: `options` is {value: text}. */
export function choice({ label, options, value, onchange }) {
  const id = unique("choice");
  const items = Object.entries(options).map(([key, text]) => h("option", { value: key, selected: key === value }, text));
  const select = h("select", { id, onchange: () => onchange(select.value) }, items);
  return { element: h("div", { class: "live-choice" }, h("label", { for: id }, label), select), select };
}

/** A polite live region: screen readers hear the last text that was given within `wait` milliseconds. */
export function announcer(wait = 700) {
  const element = h("p", { class: "live-heard", role: "status", "aria-live": "polite" });
  let timer;
  return {
    element,
    say(text) {
      clearTimeout(timer);
      timer = setTimeout(() => text !== element.textContent && (element.textContent = text), wait);
    },
  };
}

const GREY = (t) => Array(3).fill(Math.round(255 * (0.5 - t / 2)));
// Brown, orange, white, violet: the colours of the book's figures for weights and gradients.
const STOPS = [[127, 59, 8], [224, 130, 20], [247, 247, 247], [128, 115, 172], [45, 0, 75]];
const SIGNED = (t) => {
  const place = (t + 1) * 2, low = Math.min(3, Math.floor(place)), part = place - low;
  return STOPS[low].map((from, i) => Math.round(from + (STOPS[low + 1][i] - from) * part));
};
export const COLOURS = {
  /** -1 white, 0 grey, 1 black. */
  grey: GREY,
  /** 0 white, 1 black. */
  ink: (t) => GREY(2 * t - 1),
  /** -1 orange, 0 white, 1 violet. */
  signed: SIGNED,
};

/**
 * Draw tiles on a canvas, `columns` in a row and one unit apart; each is {height, width, data, offset}. A value v is
 * shown as `colour(v / limit)`. Gives the picture's size in units, {across, down}.
 */
export function draw(canvas, tiles, { columns = tiles.length, colour = COLOURS.grey, limit = 1, gap = 1 } = {}) {
  const { height, width } = tiles[0];
  const rows = Math.ceil(tiles.length / columns);
  const across = columns * (width + gap) - gap, down = rows * (height + gap) - gap;
  const pixels = new ImageData(across, down), words = new Uint32Array(pixels.data.buffer), shades = palette(colour);
  tiles.forEach(({ data, offset = 0 }, index) => {
    const top = Math.floor(index / columns) * (height + gap), left = (index % columns) * (width + gap);
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const t = Math.max(-1, Math.min(1, data[offset + row * width + column] / limit));
        words[(top + row) * across + left + column] = shades[Math.round(127.5 * (t + 1))];
      }
  });
  paint(canvas, pixels);
  return { across, down };
}

/** `colour` at 256 places from -1 to 1, as pixels. */
function palette(colour) {
  if (!palettes.has(colour)) {
    const shades = Array.from({ length: 256 }, (_, i) => [...colour(i / 127.5 - 1), 255]);
    palettes.set(colour, new Uint32Array(Uint8ClampedArray.from(shades.flat()).buffer));
  }
  return palettes.get(colour);
}
const palettes = new Map();

/** Large units are left to the browser, which is fast; small ones are doubled first, so that they stay even. */
function paint(canvas, pixels) {
  const { width, height } = pixels, wanted = ((canvas.clientWidth || 320) * devicePixelRatio) / width;
  const scale = wanted < 3 ? Math.ceil(wanted) : 1;
  canvas.style.imageRendering = scale > 1 ? "auto" : "pixelated";
  if (canvas.width !== width * scale) canvas.width = width * scale;
  if (canvas.height !== height * scale) canvas.height = height * scale;
  canvas.getContext("2d").putImageData(scale > 1 ? enlarged(pixels, scale) : pixels, 0, 0);
}

function enlarged({ data, width, height }, scale) {
  const small = new Uint32Array(data.buffer), large = new ImageData(width * scale, height * scale);
  const words = new Uint32Array(large.data.buffer);
  for (let row = 0; row < height * scale; row++)
    for (let column = 0; column < width * scale; column++)
      words[row * width * scale + column] = small[Math.floor(row / scale) * width + Math.floor(column / scale)];
  return large;
}

/** Place `element` over a canvas of across x down units, in per cent, so that it follows the canvas's size. */
export function cover(element, { top, left, height, width }, { across, down }) {
  element.style.cssText = `top:${(100 * top) / down}%;left:${(100 * left) / across}%;height:${(100 * height) / down}%;width:${(100 * width) / across}%`;
}

// Drawings that scale.

/** `svg("circle", {r: 3})`: an element of a drawing. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The `d` of a line through points [x, y]. */
export const line = (points) => points.map((point, i) => (i ? "L" : "M") + point.map((value) => +value.toFixed(2)).join(" ")).join("");

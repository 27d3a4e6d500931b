// What the lamp throws on the screen. Angles are in degrees, counter-clockwise; a bar's angle is that of its long side.

/** Corners {x, y} of a stimulus on a screen that reaches from -half to half. */
export function outline({ shape, x, y, diameter, width, length, angle }, half) {
  if (shape === "spot") {
    const corner = (i) => ({ x: x + (diameter / 2) * Math.cos((i * Math.PI) / 24), y: y + (diameter / 2) * Math.sin((i * Math.PI) / 24) });
    return Array.from({ length: 48 }, (_, i) => corner(i));
  }
  const far = 4 * half, along = (angle * Math.PI) / 180, cosine = Math.cos(along), sine = Math.sin(along);
  const [front, back, side] = shape === "edge" ? [0, -far, far] : [width / 2, -width / 2, length / 2];
  return [[side, front], [-side, front], [-side, back], [side, back]].map(([u, v]) => ({ x: x + u * cosine - v * sine, y: y + u * sine + v * cosine }));
}

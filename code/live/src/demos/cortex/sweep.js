// The three ways to change an object without changing what it is, and the places at which a sweep looks at it.
import { n, t } from "../../words.js";
import { SIZES } from "./scene.js";

const COUNT = 17;

/** Made of facts.field. An object is swept as far sideways as it stays in the field. */
export const axes = ({ degrees, extent }) => ({
  shift: {
    name: t("Shift"),
    unit: (value) => t("{value}°", { value: n(value, 2) }),
    told: (value) => t("Moved by {value}°", { value: n(Math.abs(value), 2) }),
    wide: (width) => t("{value}°", { value: n(width, 2) }),
    span: (from) => [-1, 1].map((side) => side * Math.max((degrees - extent) / 2 - side * from.x, 0)),
    /** How far a pose is from the remembered one along this axis: a distance with the sign of the way sideways. */
    place: (pose, from) => Math.hypot(pose.x - from.x, pose.y - from.y) * (pose.x < from.x || (pose.x === from.x && pose.y < from.y) ? -1 : 1),
    pose: (place, from) => ({ ...from, x: from.x + place }),
    others: ["size", "turn", "contrast"],
  },
  size: {
    name: t("Size"),
    unit: (value) => t("× {value}", { value: n(2 ** value, 2) }),
    told: (value) => t("{value} times as large", { value: n(2 ** value, 2) }),
    wide: (width) => t("a factor of {value}", { value: n(2 ** width, 1) }),
    span: (from) => SIZES.map((size) => Math.log2(size / from.size)),
    place: (pose, from) => Math.log2(pose.size / from.size),
    pose: (place, from) => ({ ...from, size: from.size * 2 ** place }),
    others: ["x", "y", "turn", "contrast"],
  },
  turn: {
    name: t("Turn"),
    unit: (value) => t("{value}°", { value: n(value) }),
    told: (value) => t("Turned by {value}°", { value: n(value) }),
    wide: (width) => t("{value}°", { value: n(width) }),
    span: () => [-90, 90],
    place: (pose, from) => around(pose.turn - from.turn),
    pose: (place, from) => ({ ...from, turn: around(from.turn + place) }),
    others: ["x", "y", "size", "contrast"],
  },
});

/** An angle in degrees between -180 and 180. */
const around = (angle) => ((((angle + 180) % 360) + 360) % 360) - 180;

/** Places from end to end of a span, and 0, where the remembered object is. */
export function places([low, high], count = COUNT) {
  const even = [...Array(count).keys()].map((i) => low + ((high - low) * i) / (count - 1));
  const nearest = even.reduce((best, place, i) => (Math.abs(place) < Math.abs(even[best]) ? i : best), 0);
  if (low <= 0 && high >= 0) even[nearest] = 0;
  return even;
}

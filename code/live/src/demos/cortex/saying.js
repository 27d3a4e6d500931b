// The demo's one sentence: what the first and the last area now take the object for.
import { t } from "../../words.js";

/**
 * `first` and `last` are areas, `one` and `two` the names that they give; `how` the object has been changed, `swept` what an
 * ended sweep found, one entry an area, `slid` whether it went sideways, `own` whether the object is the reader's, which has no right name.
 */
export function sentence({ flat, startFlat, showsOther, moved, own, object, how, swept, slid, first, last, one, two }) {
  const say = { first, last, one, two, how, object };
  if (flat) return t("There is no contrast, and nothing can be named: draw, choose an object, or raise the contrast.");
  if (startFlat) return t("An empty field is remembered, and nothing can be compared with it: press Remember this.");
  if (showsOther) return t("The other object in its place: “{one}” to the {first}, “{two}” to {last}.", say);
  if (moved) return t("{how}: “{one}” to the {first}, “{two}” to {last}.", say);
  if (own) return t("The most like it of the ten drawings: “{one}” to the {first}, “{two}” to {last}.", say);
  if (!swept) return t("Drag the {object} slowly: which areas go on naming it?", say);
  const [{ right, all }, { right: late }] = [swept[0], swept.at(-1)];
  const found = t("Swept: of {all} steps the {first} named the {object} rightly at {right}, {last} at {late}.", { ...say, all, right, late });
  return slid ? [found, t("Now drag it yourself.")].join(" ") : found;
}

/** How far an object stays itself, from the ends of its band. */
export function wide([low, high], axis) {
  const width = axis.wide(high.place - low.place);
  return low.open || high.open ? t("at least {width}", { width }) : width;
}

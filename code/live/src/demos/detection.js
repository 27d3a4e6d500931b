// Detection: a blood smear, the boxes that a network finds in it, what labels say, and how many cells that makes.
import { fold } from "../parts/fold.js";
import { Picture } from "../parts/picture.js";
import { reader, tensor } from "../parts/tensor.js";
import { tries, tryThis } from "../parts/tries.js";
import { h } from "../ui.js";
import { t } from "../words.js";
import css from "./detection/detection.css";
import { copy, Smear } from "./detection/smear.js";

const WORTH = ({ score, overlap }) => ({
  [t("What the labels say")]: { sample: 0, show: "labels", score, overlap },
  [t("Without suppression")]: { sample: 1, show: "found", score, overlap: 1 },
  [t("Believe everything")]: { sample: 1, show: "found", score: 0.1, overlap },
});

/**
 * Options: `sample`, the place of a stored picture; `score` from which a box counts, `overlap` above which a box goes, `show`,
 * "found", "labels", "differ" or "places". With `small` there is one picture, and little to set.
 */
async function mount(element, { small = false, sample = 0, ...options }, tools) {
  const [facts, { samples, credit }] = await Promise.all([tools.facts(), tools.samples(), tools.network("fcos")]);
  const smear = new Smear(facts, tools, { small }), shape = { height: facts.height, width: facts.width, fit: "crop" };
  const stored = samples.map((one, place) => ({ image: plain(tensor(reader(one.picture), shape)), picture: one.picture, truth: facts.truth[place], sample: place }));
  const chosen = (place) => pictures.buttons.forEach((each, index) => each.setAttribute("aria-pressed", String(index === place)));
  const pictures = tries({ label: t("Smears"), columns: samples.length, options: samples.map(({ picture }, place) => ({ label: t("Smear {place}", { place: place + 1 }), picture: copy(picture), value: String(place), ontry: () => set({ sample: place }) })) });
  const own = new Picture({ label: t("Your own picture"), shape, onpicture: ({ image, picture, name }) => {
    chosen(null);
    return smear.answer({ image: plain(image), picture: resized(picture, facts), truth: null, sample: null, name });
  } });

  /** Show what `options` ask for, as a link in the text does. */
  const set = async ({ sample: next, ...more }) => {
    smear.change(more);
    if (next === undefined) return;
    chosen(next);
    await smear.answer(stored[next]);
  };

  const top = small ? [] : [tryThis(set, WORTH(facts)), pictures.element];
  const below = small ? [] : [fold({ label: t("Your own picture"), content: h("div", { class: "detection-own" }, h("p", { class: "live-key" }, t("The network knows stained smears with red cells of about 50 pixels, a sixth of the picture's width. It looks for cells in anything.")), own.element) })];
  element.append(h("style", {}, css), h("div", { class: "live-frame detection", role: "group", "aria-label": t("Detection, live") }, top, smear.element, h("p", { class: "live-key" }, credit), below));
  await set({ show: small ? "found" : "differ", ...options, sample });
  return { set };
}

const plain = ({ dims, data }) => ({ dims, data });

/** The reader's own picture, of the size that the network's boxes have. */
function resized(picture, { width, height }) {
  const canvas = h("canvas", { width, height });
  canvas.getContext("2d").drawImage(picture, 0, 0, width, height);
  return canvas;
}

globalThis.Live.register("detection", mount);

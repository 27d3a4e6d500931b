// A blood smear: what the network finds in it, what its labels say, and how many cells that makes.
import { Boxes } from "../../parts/boxes.js";
import { toggles } from "../../parts/toggles.js";
import { announcer, button, h, slider } from "../../ui.js";
import { n, t } from "../../words.js";
import { candidates, matches, places, suppressed } from "./arithmetic.js";

export const KINDS = ["red", "white", "platelet"];
const LEAST = 0.05; // a score below which no slider goes

export class Smear {
  /** `facts` as live.py tells them; `small` leaves away what need not be set. */
  constructor(facts, tools, { small = false } = {}) {
    Object.assign(this, { facts, tools, small, score: facts.score, overlap: facts.overlap, show: "found", own: [] });
    this.boxes = new Boxes({ label: t("The smear, with boxes"), onchange: (own) => ((this.own = own), (tools.state.own = own)) });
    this.dots = h("canvas", { class: "detection-dots", "aria-hidden": "true", hidden: true });
    this.boxes.picture.append(this.dots);
    this.views = toggles({ label: t("Show"), value: this.show, onchange: (show) => this.change({ show }),
      options: { found: t("network"), labels: t("labels"), differ: t("differences"), places: t("places") } });
    this.sliders = {
      score: slider({ label: t("Score of at least"), min: LEAST, max: 0.95, step: 0.01, digits: 2, value: this.score, oninput: (score) => this.change({ score }) }),
      overlap: slider({ label: t("Overlap allowed (IoU)"), min: 0, max: 1, step: 0.01, digits: 2, value: this.overlap, oninput: (overlap) => this.change({ overlap }) }),
    };
    this.heard = announcer();
    this.table = h("div", { class: "detection-counts" });
    this.told = h("p", { class: "live-key" });
    this.answer = tools.latest((subject) => this.read(subject));
    const settings = [this.sliders.score.element, this.sliders.overlap.element];
    this.element = h("div", { class: "detection-both" }, this.boxes.element,
      h("div", { class: "detection-side" }, this.table, this.told, this.heard.element, settings, small ? null : this.views.element));
  }

  /** Set what is named of `score`, `overlap` and `show`, and paint what was read. */
  change({ score = this.score, overlap = this.overlap, show = this.show }) {
    Object.assign(this, { score, overlap, show });
    this.sliders.score.set(score);
    this.sliders.overlap.set(overlap);
    this.views.set(show);
    if (this.outputs) this.paint();
  }

  /** Read `image`, whose `picture` is shown; `truth` holds its labels, or is null where nobody has labelled it. */
  async read({ image, picture, truth, ...more }) {
    const network = await this.tools.network("fcos"), { outputs, milliseconds } = await network.run({ image });
    Object.assign(this, { outputs, truth, own: [] });
    Object.assign(this.tools.state, { image, outputs, milliseconds, truth, own: [], ...more });
    this.boxes.show({ picture });
    Object.assign(this.dots, { width: 2 * this.facts.width, height: 2 * this.facts.height });
    this.views.buttons.forEach((each) => (each.disabled = truth === null && ["labels", "differ"].includes(each.value)));
    if (truth === null && ["labels", "differ"].includes(this.show)) this.change({ show: "found" });
    else this.paint();
  }

  paint() {
    const { facts, score, overlap, truth, show } = this, all = candidates(this.outputs, facts, score), found = suppressed(all, overlap, facts.most);
    const hits = truth && matches(found, truth, facts.enough);
    Object.assign(this.tools.state, { score, overlap, show, found, hits });
    const box = ({ left, top, right, bottom, label, ...rest }, kind, text) => ({ left, top, width: right - left, height: bottom - top, label: facts.classes[label], kind: `${KINDS[label]} ${kind}`, text, ...rest });
    const sure = (one) => n(one.score, 2), labelled = (one) => ({ ...one, score: undefined });
    const shown = {
      found: () => found.map((one) => box(one, "", sure(one))),
      labels: () => truth.map((one) => box(labelled(one), "label", "")),
      differ: () => [...found.map((one, index) => box(one, hits[index] < 0 ? "alone" : "agreed", hits[index] < 0 ? sure(one) : "")), ...truth.filter((_, index) => !hits.includes(index)).map((one) => box(labelled(one), "label", ""))],
      places: () => [],
    };
    this.boxes.replace(shown[show]());
    this.spot(all);
    this.count(found, hits);
  }

  /** A dot at every place that answers with enough score, as large as it is sure. */
  spot(all) {
    const { dots, show, facts } = this, middles = places(facts), context = dots.getContext("2d");
    dots.hidden = show !== "places";
    if (dots.hidden) return;
    context.clearRect(0, 0, dots.width, dots.height);
    const colours = ["--detection-red", "--detection-white", "--detection-platelet"].map((name) => getComputedStyle(dots).getPropertyValue(name));
    for (const { place, label, score } of all) {
      const [x, y] = middles[place];
      context.beginPath();
      context.arc(2 * x, 2 * y, 2 + 6 * score, 0, 2 * Math.PI);
      Object.assign(context, { fillStyle: colours[label], strokeStyle: "#fff", lineWidth: 1.5 });
      context.fill();
      context.stroke();
    }
  }

  /** How many cells of each kind there are, for the network and for the labels, and how many boxes agree. */
  count(found, hits) {
    const { facts, truth } = this, rows = facts.classes.map((name, label) => {
      const mine = found.filter((box) => box.label === label).length, labelled = truth?.filter((box) => box.label === label).length;
      return { name, label, mine, labelled, agreed: hits?.filter((hit, index) => hit >= 0 && found[index].label === label).length };
    });
    const cell = (text) => h("td", {}, text === undefined ? "–" : n(text)), off = ({ mine, labelled }) => (labelled === undefined ? "–" : `${mine > labelled ? "+" : ""}${n(mine - labelled)}`);
    this.table.replaceChildren(h("table", {}, h("thead", {}, h("tr", {}, [t("cells"), t("found"), t("labelled"), t("error")].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, rows.map((row) => h("tr", { class: KINDS[row.label] }, h("th", { scope: "row" }, h("span", { class: "detection-swatch", "aria-hidden": "true" }), row.name), cell(row.mine), cell(row.labelled), h("td", {}, off(row)))))));
    this.tools.state.counts = rows.map(({ mine, labelled, agreed }) => ({ found: mine, labelled: labelled ?? null, agreed: agreed ?? null }));
    const right = hits?.filter((hit) => hit >= 0).length, values = { right, found: found.length, labels: truth?.length };
    this.told.textContent = truth ? t("Boxes that agree with a label: {right} of {found}. Labels found: {right} of {labels}.", values) : t("Nobody has labelled this picture: what it holds is for you to say.");
    this.heard.say(rows.map(({ name, mine }) => `${name}: ${n(mine)}`).join(", "));
  }
}

/** A picture for a button: the same canvas cannot stand in two places. */
export function copy(picture) {
  const canvas = h("canvas", { width: picture.width / 2, height: picture.height / 2, class: "live-thumb", "aria-hidden": "true" });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

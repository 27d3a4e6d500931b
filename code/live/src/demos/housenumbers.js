// House numbers's demo: the reader moves a bar on noisy paper, and watches what the network looks for and what it says.
import { tryThis } from "../parts/tries.js";
import { choice, draw, h, slider } from "../ui.js";
import { n, t } from "../words.js";

const STEPS = [[0, 1], [1, 0], [1, 1]]; // from one pixel of a bar to the next, by class

/** Noise that stays the same while the bar moves: a number in [0, 1) for each pixel. */
function paper(count) {
  let state = 7;
  return Float32Array.from({ length: count }, () => ((state = (state * 48271) % 2147483647), state / 2147483647));
}

/** Options, which `set` takes too: `kind`, the number of the class, `place` of the bar, in pixels, and `noise`, from 0 to 1. */
async function mount(element, { net = "housenumbers", kind = 2, place: start = 3, noise: noised = 0.5 }, tools) {
  const [network, { size, length, classes }] = await Promise.all([tools.network(net), tools.facts()]);
  const grain = paper(size * size), now = { kind, place: start, noise: noised };
  const picture = h("canvas", { role: "img", "aria-label": t("The image that the network gets"), style: "width:9rem" });
  const maps = h("canvas", { role: "img", "aria-label": t("The maps: where each pattern was found"), style: "width:18rem;max-width:100%" });
  const answer = h("p", { role: "status" });

  const image = () => {
    const data = grain.map((value) => value * now.noise), [down, along] = STEPS[now.kind];
    for (let step = 0; step < length; step++) data[(now.place + down * step) * size + now.place + along * step] = 1;
    return { dims: [1, 1, size, size], data };
  };
  const show = tools.latest(async () => {
    const shown = image(), { outputs } = await network.run({ image: shown });
    const scores = [...outputs.scores.data], best = scores.indexOf(Math.max(...scores));
    draw(picture, [{ height: size, width: size, data: shown.data }], { colour: (value) => Array(3).fill(Math.round(255 * (1 - value))) });
    const [, count, height, width] = outputs.maps.dims;
    const tiles = Array.from({ length: count }, (_, index) => ({ height, width, data: outputs.maps.data, offset: index * height * width }));
    draw(maps, tiles, { columns: 3 });
    answer.textContent = t("The network says: {name} ({score}).", { name: classes[best], score: n(scores[best], 2) });
    Object.assign(tools.state, { image: shown, outputs, best });
  });
  const follow = (name) => (value) => ((now[name] = Number(value)), show());

  const kinds = choice({ label: t("Bar"), options: { ...classes }, value: String(kind), onchange: follow("kind") });
  const place = slider({ label: t("Place"), min: 0, max: size - length, value: now.place, oninput: follow("place") });
  const noise = slider({ label: t("Noise"), min: 0, max: 1, value: now.noise, digits: 2, oninput: follow("noise") });
  const set = (options) => {
    Object.assign(now, options);
    kinds.select.value = String(now.kind);
    place.set(now.place);
    noise.set(now.noise);
    return show();
  };
  const worth = {
    [t("A level bar, no noise")]: { kind: 0, noise: 0 },
    [t("Much noise")]: { kind: 2, noise: 0.9 },
    [t("Noise as dark as ink")]: { kind: 1, noise: 1 },
  };
  element.append(tryThis(set, worth), kinds.element, place.element, noise.element, h("div", { style: "display:flex;flex-wrap:wrap;align-items:flex-start;gap:1rem" }, picture, maps), answer);
  await show();
  return { set };
}

globalThis.Live.register("housenumbers", mount);

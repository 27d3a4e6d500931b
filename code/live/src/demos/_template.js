// A demo to start from. Copy it to src/demos/<system>.js, say which network of the system's live.py it shows, and write
// ```{live} <system>``` into the chapter, with what is to be printed instead as the fence's body.
// Every text that the reader sees goes through t("..."), so that the Spanish edition can translate it.
import { tryThis } from "../parts/tries.js";
import { draw, h, slider } from "../ui.js";
import { n, t } from "../words.js";

/**
 * `element` is an empty box on the page, `options` what the fence says in :options: and as <system>/<net>; a fence that is
 * `:small:` adds {small: true}, and gets the part of the demo that its options name. Gives {set}: set(options) changes what
 * is named and leaves the rest; buttons "try this" and links in the text, {try}`...`, call it.
 * `tools` has network(name) -> {run, tensors}, networks (the names of those that are there), facts() -> the system's FACTS,
 * samples() -> {source, credit, samples: [{label, place, picture}]}, stored pictures of its data set, to be shown with the credit,
 * latest(work) -> a function whose calls never overlap, state (an object that tests read: `image` and `outputs` of one network,
 * and `net`, its name, where the demo has several), and fail(error), which brings the printed fallback back. Parts that demos
 * share are in ../parts: a pad, strips of maps, classes, the reader's own picture as a tensor, heat maps, boxes and masks over
 * a picture, a sound, a text with values; its README names them.
 */
async function mount(element, { net = "lenet1", size = 28, grey = 0.5 }, tools) {
  const network = await tools.network(net);
  const canvas = h("canvas", { role: "img", "aria-label": t("The image that the network gets"), style: "width:8rem" });
  const answer = h("p", { role: "status" });

  const show = tools.latest(async (value) => {
    const image = { dims: [1, 1, size, size], data: new Float32Array(size * size).fill(value) };
    const { outputs } = await network.run({ image });
    const scores = [...outputs.scores.data];
    draw(canvas, [{ height: size, width: size, data: image.data }]);
    answer.textContent = t("The largest of the scores is {score}.", { score: n(Math.max(...scores), 2) });
    Object.assign(tools.state, { image, outputs });
  });

  const choose = slider({ label: t("Grey"), min: 0, max: 1, value: grey, digits: 2, oninput: show });
  const set = (options) => (choose.set(options.grey), show(options.grey));
  const worth = { [t("All white")]: { grey: 0 }, [t("Half grey")]: { grey: 0.5 }, [t("All black")]: { grey: 1 } };
  element.append(tryThis(set, worth), choose.element, canvas, answer);
  await show(grey);
  return { set };
}

globalThis.Live.register("template", mount);

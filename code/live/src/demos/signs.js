// Traffic signs' demo: a sign, tape and weather on it, what a network says of it, how sure it is, and what speaks for it.
import { tryThis } from "../parts/tries.js";
import { choice, h } from "../ui.js";
import { t } from "../words.js";
import { Look } from "./signs/look.js";
import css from "./signs/signs.css";

const WORTH = () => ({
  [t("A strip of tape")]: { sample: 1, tape: [[[0.25, 0.6], [0.75, 0.6]]], tapes: "white" },
  [t("A sign it never saw")]: { sign: { shape: "ring", text: "40" } },
  [t("A low sun")]: { sample: 0, glare: 2 },
});

/**
 * Options, which `set` takes too: `net`; `sample`, the place of a stored picture, or `sign` {shape, text} to be built; `tape`, lists of places
 * [x, y] in shares of the picture, of the colour `tapes`; `fog`, `blur`, `glare` and `cover`. With `small` there is nothing to choose or to open.
 */
async function mount(element, { net = "best", small = false, ...options }, tools) {
  const [facts, samples] = await Promise.all([tools.facts(), tools.samples()]);
  const nets = choice({ label: t("Network"), options: Object.fromEntries(Object.entries(facts.nets).map(([name, { title }]) => [name, title])), value: net, onchange: (name) => use(name) });
  const look = new Look(facts, samples, tools, { small, nets: nets.element });

  let wanted = net;
  /** Ask another network; of several asked for meanwhile the last counts. */
  const use = async (name) => {
    wanted = name;
    element.setAttribute("aria-busy", "true");
    try {
      const network = await tools.network(name);
      if (wanted === name) await look.use(name, network);
    } catch (error) {
      tools.fail(error);
    } finally {
      if (wanted === name) element.removeAttribute("aria-busy");
    }
  };

  /** Show what `options` ask for, as a link in the text does. */
  const set = async ({ net: name, ...more }) => {
    const asked = name && name !== wanted;
    await look.set(more, !asked);
    if (!asked) return;
    nets.select.value = name;
    await use(name);
  };

  const head = small ? "" : h("div", { class: "signs-head" }, tryThis(set, WORTH()));
  element.append(h("style", {}, css), h("div", { class: "live-frame signs", role: "group", "aria-label": t("Traffic signs, live") }, head, look.element));
  look.set({ sample: 0, ...options });
  await use(net);
  return { set };
}

globalThis.Live.register("signs", mount);

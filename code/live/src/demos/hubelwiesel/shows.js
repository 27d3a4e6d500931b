// What the first buttons, and links of the text, show of a cell whose place is known: a light that moves by itself.
import { t } from "../../words.js";

const BAR = { shape: "bar", width: 0.9, length: 4, contrast: 1 };

/** The light of a show on `unit`: {stimulus, movement, lamp}; without that name, a bar that sweeps over the field. */
export function show(name, unit) {
  const place = { x: unit.x, y: unit.y, angle: unit.angle }, sweeping = { movement: "both", lamp: "on" };
  return {
    turned: { stimulus: { ...BAR, ...place, angle: (unit.angle + 90) % 180 }, ...sweeping },
    spot: { stimulus: { ...BAR, ...place, shape: "spot", diameter: 0.6 }, ...sweeping },
    blink: { stimulus: { ...BAR, ...place }, movement: "hand", lamp: "flash" },
  }[name] ?? { stimulus: { ...BAR, ...place }, ...sweeping };
}

/** What the buttons set, by their names. */
export const TRIES = () => ({
  [t("Turn it by 90°")]: { cell: 0, show: "turned" },
  [t("A small spot")]: { cell: 0, show: "spot" },
  [t("Let it blink")]: { cell: 0, show: "blink" },
});

/** What there is to be seen. */
export const SEEN = {
  sweep: () => t("An electrode listens to one model cell. Each time the bar of light crosses a certain place, the cell fires. Move over the screen to take the light yourself."),
  turned: () => t("As much light, over the same place, and the cell stays silent. The same button turns the bar back."),
  spot: () => t("A small spot sweeps over the same place, and the cell hardly answers."),
  blink: () => t("A burst when the light comes on, and then the cell calms down, although the light stays."),
};

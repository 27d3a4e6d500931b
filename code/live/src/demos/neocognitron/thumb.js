// A drawing of 16 x 16 pixels, small: as dark as on the pad.
import { thumbnail } from "../../parts/thumbnail.js";
import { SIDE } from "./pixels.js";

const DARKEST = 17 / 255;

export const thumb = (pixels) => thumbnail({ height: SIDE, width: SIDE, data: pixels.map((value) => 1 - (1 - DARKEST) * value) });

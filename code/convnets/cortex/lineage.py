"""The chapter's row in the lineage: HMAX."""

from __future__ import annotations

import torch

from convnets.common.export import word
from convnets.cortex.model import PIXELS_PER_DEGREE, READOUTS
from convnets.cortex.nets import load
from convnets.cortex.shapes import SIDE
from convnets.lenet.lineage import ink
from convnets.lenet.strokes import RADIUS
from convnets.lineage import DRAWING, Drawing, Row

__all__ = ["FIELD", "SAYS", "row"]

FIELD = {"digit": round(2.2 * PIXELS_PER_DEGREE), "pen": 2.2, "radius": RADIUS}
"""Side of the drawing's field and radius of the pen, pixels; the pen's with which the drawing is fitted."""

BAND = 1
"""As in live.py: the one that prototypes are cut from; its first S1 size is drawn."""

SAYS = {
    "yes": word("Asked whether it is an animal: yes."),
    "no": word("Asked whether it is an animal: no."),
}


def row(drawing: Drawing = DRAWING) -> Row:
    """The band that the chapter shows, S1 to S2, and a scale of C2; the image is dark on light, as its drawings are."""
    image = 1 - ink(drawing, SIDE, int(FIELD["digit"]), FIELD["pen"])
    model, x = load(), torch.from_numpy(image).float()[None, None]
    first = model.s1_maps(x)[2 * BAND][0]
    stages = model.stages(x)
    layers = [layer.numpy() for layer in (first, stages.c1[BAND][0], stages.s2[BAND][0], stages.c2[0][0])]
    is_animal = float(stages.scores[0, READOUTS.index("s4")]) > 0
    return Row(2007, "HMAX", 1 - image, layers, "yes" if is_animal else "no")

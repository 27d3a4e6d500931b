"""The chapter's row in the lineage: HMAX."""

from __future__ import annotations

import torch

from convnets.cortex.model import PIXELS_PER_DEGREE
from convnets.cortex.nets import load
from convnets.lenet.lineage import ink
from convnets.lineage import Row

__all__ = ["row"]


def row() -> Row:
    """One band of C1 and one scale of C2; the image is dark on light, as the model's drawings are."""
    image = 1 - ink(96, round(2.2 * PIXELS_PER_DEGREE), 2.2)
    model, x = load(), torch.from_numpy(image).float()[None, None]
    first = model.s1_maps(x)[0][0]
    stages = model.stages(x)
    layers = [first, stages.c1[0][0], stages.s2[0][0], stages.c2[0][0]]
    return Row(2007, "HMAX", 1 - image, [layer.numpy() for layer in layers])

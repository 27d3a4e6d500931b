"""The chapter's row in the lineage: simple and complex cells of 1962, a sheet of each, with a field at every place."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from convnets.common.export import word
from convnets.hubelwiesel import fields
from convnets.hubelwiesel.stimuli import SIZE
from convnets.lenet.lineage import ink
from convnets.lenet.strokes import RADIUS
from convnets.lineage import DRAWING, Drawing, Row

__all__ = ["ANGLES", "FIELD", "SAYS", "row"]

ANGLES = (0, 45, 90, 135)
FREQUENCY, WIDTH, LENGTH = 0.8, 0.28, 0.5
"""Of the cells' fields: cycles per degree, degrees, degrees."""
REACH, PEN = 16, 2.0
"""Pixels to either side of a field's middle; radius of the pen, pixels."""

FIELD = {
    "angles": ANGLES, "frequency": FREQUENCY, "width": WIDTH, "length": LENGTH, "reach": REACH, "pen": PEN,
    "radius": RADIUS,
}  # fmt: skip
"""What a page must know of them, and the radius of the pen with which the drawing is fitted."""

SAYS = {"angle": word("They answer to edges, here most of all at {angle}°.")}


def row(drawing: Drawing = DRAWING) -> Row:
    """Simple cells, both signs of a Gabor function's answer; complex cells, the energy of a pair, at every place."""
    image = ink(drawing, SIZE, SIZE, PEN)
    x = torch.from_numpy(image)[None, None]
    answers = []
    for phase in (0, 90):
        kernel = np.stack([fields.gabor(0, 0, angle, FREQUENCY, WIDTH, LENGTH, phase) for angle in ANGLES])
        near = slice(SIZE // 2 - REACH, SIZE // 2 + REACH + 1)
        middle = np.ascontiguousarray(kernel[:, None, near, near])
        answers.append(F.conv2d(x, torch.from_numpy(middle), padding=REACH)[0])
    even, odd = answers
    energy = torch.hypot(even, odd)
    best = ANGLES[int(energy.sum((1, 2)).argmax())]
    return Row(1962, "cells", image, [even.clamp(min=0).numpy(), energy.numpy()], "angle", {"angle": best})

"""The chapter's row in the lineage: simple and complex cells of 1962, a sheet of each, with a field at every place."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from convnets.hubelwiesel import fields
from convnets.hubelwiesel.stimuli import SIZE
from convnets.lenet.lineage import ink
from convnets.lineage import Row

__all__ = ["ANGLES", "row"]

ANGLES = (0, 45, 90, 135)


def row() -> Row:
    """Simple cells, both signs of a Gabor function's answer; complex cells, the energy of a pair, at every place."""
    image = ink(SIZE, SIZE, 2.0)
    x = torch.from_numpy(image)[None, None]
    answers = []
    for phase in (0, 90):
        kernel = np.stack([fields.gabor(0, 0, angle, 0.8, 0.28, 0.5, phase) for angle in ANGLES])
        middle = kernel[:, None, SIZE // 2 - 16 : SIZE // 2 + 17, SIZE // 2 - 16 : SIZE // 2 + 17]
        answers.append(F.conv2d(x, torch.from_numpy(np.ascontiguousarray(middle)), padding=16)[0])
    even, odd = answers
    return Row(1962, "cells", image, [even.clamp(min=0).numpy(), torch.hypot(even, odd).numpy()])

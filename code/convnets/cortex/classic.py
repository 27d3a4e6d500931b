"""HMAX as it began in 1999: no learning at all, 256 features made of every arrangement of four orientations.

Riesenhuber, Poggio: "Hierarchical models of object recognition in cortex", Nature Neuroscience 2:1019-1025, 1999. Its
S2 cells look at 2x2 neighbouring C1 cells, each of which may have any of four orientations: 4^4 = 256 kinds of cell,
tuned by a Gaussian to all four answering fully. C2 takes the maximum over the whole image and all bands.

Deviations: C1 is that of 2007, with Gabor filters in eight bands; the original has second derivatives of Gaussians, of
7 to 29 pixels, in four. Choices: the four neighbours lie two C1 units apart, so that they hardly overlap.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.cortex.model import ORIENTATIONS

__all__ = ["APART", "ARRANGEMENTS", "SIGMA", "TARGET", "classic_c2", "classic_s2"]

ARRANGEMENTS = len(ORIENTATIONS) ** 4
"""Kinds of S2 cell: 256."""

TARGET, SIGMA = 1.0, 1.0
"""Where an S2 cell's Gaussian is centred in each of its four inputs, and its width."""

APART = 2


def classic_s2(maps: Tensor) -> Tensor:
    """(N, 4, H, W) C1 -> (N, 256, H - 2, W - 2), largest, namely 1, where all four neighbours answer with TARGET.

    Cell a + 4 b + 16 c + 64 d has orientation a at the top left, b at the top right, c and d below.
    """
    missing = (maps - TARGET).square()
    height, width = (length - APART for length in maps.shape[2:])
    corners = [missing[:, :, r : r + height, s : s + width] for r in (0, APART) for s in (0, APART)]
    total = corners[0][:, None, None, None]
    for place, corner in enumerate(corners[1:], start=1):  # each corner's orientations on an axis of their own
        shape = [len(maps), *[4 if axis == 3 - place else 1 for axis in range(4)], height, width]
        total = total + corner.reshape(shape)
    return torch.exp(-total / (2 * SIGMA**2)).reshape(len(maps), ARRANGEMENTS, height, width)


def classic_c2(maps: list[Tensor]) -> Tensor:
    """C1 maps of all bands -> (N, 256): each arrangement's largest answer over places and bands."""
    answers = [F.adaptive_max_pool2d(classic_s2(x), 1).flatten(1) for x in maps if min(x.shape[2:]) > APART]
    return torch.stack(answers).amax(0)

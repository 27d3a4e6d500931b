"""A thin network: one convolution looks for patterns at every place, one maximum forgets where they were.

Deviations: none, for there is no paper. Put the paper's network here, its tables as data, and say what differs.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

__all__ = ["KERNEL", "MAPS", "Stages", "Thin"]

MAPS = 6
KERNEL = 5  # pixels


class Stages(NamedTuple):
    """What the network computes on its way, for N images of H x W pixels."""

    maps: Tensor  # (N, MAPS, H - 4, W - 4)
    best: Tensor  # (N, MAPS), the largest answer of each map
    scores: Tensor  # (N, classes)


class Thin(nn.Module):
    """Images (N, 1, H, W), ink 1 on paper 0, to a score for each class (N, classes)."""

    def __init__(self, classes: int = 3) -> None:
        super().__init__()
        self.look = nn.Conv2d(1, MAPS, KERNEL)
        self.decide = nn.Linear(MAPS, classes)

    def stages(self, x: Tensor) -> Stages:
        """All that is computed, first to last."""
        maps = torch.tanh(self.look(x))
        best = maps.amax((2, 3))
        return Stages(maps, best, self.decide(best))

    def forward(self, x: Tensor) -> Tensor:
        """The scores alone."""
        return self.stages(x).scores

"""Linear readouts: is there an animal, as ridge regression to +1 for an animal and -1 for none, in closed form."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from convnets.common.errors import ConvnetsError
from convnets.cortex.data import animal

__all__ = ["PENALTIES", "SILENT", "fit", "ridge", "share_right"]

PENALTIES = tuple(10.0**power for power in range(-5, 1))
"""Ridge penalties to choose from, as shares of the number of images."""


SILENT = 1e-4
"""Standard deviation of a cell's answers, which lie between 0 and 1, below which it counts as one that never changes:
weights are stored in 16 bits, and a weight that made up for less would be too large for them."""


def ridge(x: Tensor, target: Tensor, penalties: Sequence[float]) -> list[tuple[Tensor, Tensor]]:
    """For each penalty, weights (D,) and bias of the linear map from x (N, D) to ``target`` (N,).

    Inputs are scaled to unit variance, the squared error plus N * penalty * |w|^2 is minimised, and the scaling is then
    written into the weights.

    Raises:
        ConvnetsError: fewer than two rows, another number of targets, or values that are no numbers.
    """
    if len(x) < 2 or len(x) != len(target) or not (x.isfinite().all() and target.isfinite().all()):
        raise ConvnetsError(
            f"A readout cannot be fitted to {len(x)} rows and {len(target)} targets: give two finite rows or more, "
            "and one finite target each."
        )
    x, target = x.double(), target.double()
    mean, spread = x.mean(0), x.std(0)
    spread[spread < SILENT] = 1.0  # a cell that always answers the same says nothing, and is given no weight
    z = (x - mean) / spread
    gram, moment = z.T @ z, z.T @ (target - target.mean())
    found = []
    for penalty in penalties:
        weights = torch.linalg.solve(gram + len(x) * penalty * torch.eye(len(gram), dtype=x.dtype), moment) / spread
        found.append((weights.float(), (target.mean() - mean @ weights).float()))
    return found


def fit(x: Tensor, labels: Tensor, held_x: Tensor, held_labels: Tensor) -> tuple[Tensor, Tensor, float]:
    """The ridge that puts most held-out images right: weights, bias, and that share."""
    fitted = ridge(x, 2.0 * animal(labels) - 1, PENALTIES)
    shares = [share_right(held_x @ weights + bias, held_labels) for weights, bias in fitted]
    best = shares.index(max(shares))
    return *fitted[best], shares[best]


def share_right(answers: Tensor, labels: Tensor) -> float:
    """Share of images on the right side of zero."""
    return float(((answers > 0) == animal(labels)).float().mean())

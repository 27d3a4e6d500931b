"""How much each pixel counts: the weight map of Ronneberger et al. 2015, equation 2.

w(x) = w_c(x) + w_0 exp(-(d_1(x) + d_2(x))^2 / (2 sigma^2)), with d_1 the distance to the border of the nearest cell and
d_2 to that of the second nearest. A thin wall between two cells is a few pixels of very many, and yet to miss it makes
two cells one; so it counts more.

Deviation: the second term is 0 inside cells, and where a second cell is more than :data:`REACH` sigma away, at which it
is below 0.004.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common import masks

__all__ = ["REACH", "SIGMA", "W0", "balance", "between", "weights"]

W0, SIGMA = 10.0, 5.0
"""The paper's w_0, and its sigma in pixels."""
REACH = 4.0


def balance(cells: Tensor) -> Tensor:
    """w_c: weights under which both classes of masks (N, H, W) count the same in all, 1 on average: (N, H, W)."""
    share = cells.double().mean().clamp(1e-6, 1 - 1e-6)
    return torch.where(cells.bool(), 0.5 / share, 0.5 / (1 - share)).float()


def weights(cells: Tensor, w0: float = W0, sigma: float = SIGMA) -> Tensor:
    """The weight map of masks of cells (N, H, W), 1 = cell: (N, H, W)."""
    return balance(cells) + w0 * between(cells, sigma)


def between(cells: Tensor, sigma: float = SIGMA) -> Tensor:
    """The second term without w_0: 1 where two cells touch, 0 far from the second one and inside cells."""
    found = torch.zeros(cells.shape)
    for place, mask in enumerate(cells.bool()):
        outside = (~mask).nonzero()
        first, second = _nearest(torch.from_numpy(masks.pieces(mask.numpy())), outside, REACH * sigma)
        found[place, outside[:, 0], outside[:, 1]] = torch.exp(-((first + second) ** 2) / (2 * sigma**2))
    return found


def _nearest(names: Tensor, at: Tensor, reach: float) -> tuple[Tensor, Tensor]:
    """Distances of pixels ``at`` (M, 2) to the nearest piece and the nearest other one; infinite beyond ``reach``."""
    radius = math.ceil(reach)
    offsets = torch.cartesian_prod(torch.arange(-radius, radius + 1), torch.arange(-radius, radius + 1))
    far = offsets.double().norm(dim=1)
    order = far.argsort(stable=True)
    wide = F.pad(names, (radius, radius, radius, radius))
    stride, flat = wide.shape[1], wide.flatten()
    centre = (at[:, 0] + radius) * stride + at[:, 1] + radius
    nearest = torch.zeros(len(at), dtype=names.dtype)
    first = torch.full((len(at),), torch.inf)
    second = first.clone()
    for (down, across), distance in zip(offsets[order].tolist(), far[order].tolist(), strict=True):
        if distance > reach:
            break
        seen = flat[centre + down * stride + across]
        new = (seen > 0) & (nearest == 0)
        other = (seen > 0) & (nearest > 0) & (seen != nearest) & second.isinf()
        nearest = torch.where(new, seen, nearest)
        first = torch.where(new, distance, first)
        second = torch.where(other, distance, second)
    return first, second

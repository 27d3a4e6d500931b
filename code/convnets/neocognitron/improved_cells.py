"""Cells of the neocognitron of 2003 (``improved.py``): S-cells, V-cells and C-cells, and what connects them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.common.errors import ConvnetsError

__all__ = [
    "Pool", "Simple", "disc", "gaussian_rows", "mexican_hat", "normalised", "s_response", "shunting", "v_response",
]  # fmt: skip

_EPSILON = 1e-6  # below it an S-cell's input counts as silence


def disc(size: int, radius: float) -> Tensor:
    """(size, size) weights c of a V-cell: equal within ``radius`` of the middle, zero outside, unit sum."""
    offsets = torch.arange(size) - (size - 1) / 2
    inside = (offsets[:, None] ** 2 + offsets**2 <= radius**2).float()
    return inside / inside.sum()


def mexican_hat(centre: float, surround: float, radius: float) -> Tensor:
    """Weights of UG: a Gaussian minus a wider one, of zero sum, its positive part of unit sum; odd square, a disc."""
    reach = int(radius)
    offsets = torch.arange(-reach, reach + 1)
    squared = offsets[:, None] ** 2 + offsets**2
    inside = squared <= radius**2
    parts = [torch.exp(-squared / (2 * sigma**2)) * inside for sigma in (centre, surround)]
    difference = parts[0] / parts[0].sum() - parts[1] / parts[1].sum()
    return difference / difference.clamp(min=0).sum()


def gaussian_rows(out: int, inside: int, sigma: float) -> Tensor:
    """(out, inside) weights of one axis: C-cells lie two S-cells apart, both planes share their middle.

    A row is a Gaussian around the C-cell, cut at 2.5 standard deviations; it sums to one where it fits in the plane.
    """
    centres = (torch.arange(out) - (out - 1) / 2) * 2 + (inside - 1) / 2
    distance = centres[:, None] - torch.arange(inside)
    grid = torch.arange(-100, 100) + (centres[0] % 1)

    def bell(x: Tensor) -> Tensor:
        return torch.exp(-(x**2) / (2 * sigma**2)) * (x.abs() <= 2.5 * sigma)

    return bell(distance) / bell(grid).sum()


def v_response(u: Tensor, c: Tensor, padding: int = 0) -> Tensor:
    """What V-cells answer: the root of the squares weighted by ``c``, over all planes: (N, K, H, W) -> (N, 1, ...)."""
    return F.conv2d(u.square().sum(1, keepdim=True), c[None, None], padding=padding).clamp(min=0).sqrt()


def shunting(e: Tensor, v: Tensor, theta: float) -> Tensor:
    """An S-cell's answer to excitation ``e`` and inhibition ``v``, the weights' size in both, for threshold ``theta``.

    theta / (1 - theta) * max(0, (1 + e) / (1 + theta v) - 1): inhibition divides, it does not subtract.
    """
    return theta / (1 - theta) * ((1 + e) / (1 + theta * v) - 1).clamp(min=0)


def s_response(e: Tensor, v: Tensor, theta: float) -> Tensor:
    """:func:`shunting` for weights so large that the ones in it do not count: max(0, s - theta) / (1 - theta).

    With weights of unit size (:func:`normalised`), s = e / v is the cosine of the angle between the pattern that the
    cell has learned and the one it sees. Where v is zero the cell is silent.
    """
    return (e / v.clamp(min=_EPSILON)).sub_(theta).clamp_(min=0).mul_(1 / (1 - theta))  # in place: half the time


def normalised(a: Tensor, c: Tensor) -> Tensor:
    """Weights (K, C, k, k) divided by b = sqrt(sum a^2 / c), the weight of their V-cell, so that e <= v.

    Raises:
        ConvnetsError: a plane without weights, whose pattern is unknown.
    """
    inverse = torch.where(c > 0, 1 / c.clamp(min=1e-12), torch.zeros_like(c))
    b = (a.square() * inverse).sum((1, 2, 3), keepdim=True).sqrt()
    if not bool((b > 0).all()):
        raise ConvnetsError("A cell-plane without a single positive weight recognises nothing: it needs a seed.")
    return a / b


class Simple(nn.Module):
    """A layer of S-cells: planes of learned weights over all planes below, divided by what the V-cells answer."""

    def __init__(self, weights: Tensor, radius: float, threshold: float, padding: int, learned: bool = True) -> None:
        super().__init__()
        self.threshold, self.padding = threshold, padding
        self.register_buffer("c", disc(weights.shape[-1], radius), persistent=False)
        if learned:
            self.weights = nn.Parameter(weights, requires_grad=False)
        else:
            self.register_buffer("weights", weights, persistent=False)

    def forward(self, u: Tensor) -> Tensor:
        e = F.conv2d(u, self.weights, padding=self.padding)
        return s_response(e, v_response(u, self.c, self.padding), self.threshold)  # type: ignore[arg-type]


class Pool(nn.Module):
    """A layer of C-cells: each S-plane blurred, less its inhibitory surround, thinned out two to one, saturated."""

    def __init__(
        self, out: int, inside: int, spread: float, power: float, surround: float = 1.0, strength: float = 0.0
    ) -> None:
        super().__init__()
        self.strength, self.power = strength, power
        self.register_buffer("near", gaussian_rows(out, inside, spread), persistent=False)
        self.register_buffer("far", gaussian_rows(out, inside, surround), persistent=False)

    def forward(self, u: Tensor) -> Tensor:
        y = self.near @ u @ self.near.T  # type: ignore[operator]
        if self.strength:
            y = y - self.strength * (self.far @ u @ self.far.T)  # type: ignore[operator]
        return y.clamp(min=0) ** self.power

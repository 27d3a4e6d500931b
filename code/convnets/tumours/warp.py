"""Elastic deformation and turns: one picture becomes many that are as true.

Ronneberger et al. 2015, section 3.1: random displacement vectors on a coarse 3 by 3 grid, normally distributed with 10
pixels standard deviation, in between bicubic. Tissue is soft, so a bent slice is a slice that could have been.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["affine", "back", "displacements", "turned", "warped"]


def displacements(count: int, height: int, width: int, sigma: float, draw: torch.Generator, points: int = 3) -> Tensor:
    """Where each pixel takes its value from, beside its own place: (N, height, width, 2), x and y in pixels."""
    coarse = torch.randn(count, 2, points, points, generator=draw) * sigma
    fine = F.interpolate(coarse, (height, width), mode="bicubic", align_corners=True)
    return fine.permute(0, 2, 3, 1)


def affine(
    count: int, height: int, width: int, draw: torch.Generator, turn: float, zoom: float, shift: float
) -> Tensor:
    """The displacements (N, height, width, 2) of random turns (up to ``turn`` radians), sizes and shifts (shares)."""

    def between(most: float) -> Tensor:
        return (2 * torch.rand(count, 1, 1, generator=draw) - 1) * most

    angle, scale = between(turn), torch.exp(between(zoom))
    x, y = torch.arange(width) - (width - 1) / 2, torch.arange(height)[:, None] - (height - 1) / 2
    along = scale * (x * angle.cos() - y * angle.sin()) + between(shift) * width
    down = scale * (x * angle.sin() + y * angle.cos()) + between(shift) * height
    return torch.stack([along - x, down - y], 3)


def warped(x: Tensor, field: Tensor, mode: str = "bilinear", padding: str = "reflection") -> Tensor:
    """``x`` (N, C, H, W) with each pixel taken from beside its place by ``field`` (N, H, W, 2), in pixels."""
    height, width = x.shape[2:]
    along = torch.arange(width) + field[..., 0]
    down = torch.arange(height)[:, None] + field[..., 1]
    grid = torch.stack([(2 * along + 1) / width - 1, (2 * down + 1) / height - 1], 3)
    return F.grid_sample(x, grid, mode=mode, padding_mode=padding, align_corners=False)


def turned(x: Tensor, which: int) -> Tensor:
    """One of the eight turns and mirror images of square pictures (..., H, W): 0 leaves them; see :func:`back`."""
    x = x.transpose(-1, -2) if which & 4 else x
    x = x.flip(-2) if which & 2 else x
    return x.flip(-1) if which & 1 else x


def back(x: Tensor, which: int) -> Tensor:
    """What :func:`turned` did, undone."""
    x = x.flip(-1) if which & 1 else x
    x = x.flip(-2) if which & 2 else x
    return x.transpose(-1, -2) if which & 4 else x

"""More views of a training picture: moved, turned, sheared, its light and focus changed, black for white."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["Change", "changed"]


@dataclass(frozen=True)
class Change:
    """How far pictures are changed; every amount is the largest one drawn, uniformly."""

    shift: float = 3.0  # pixels
    turn: float = 8.0  # degrees
    scale: float = 0.16  # relative, each axis for itself
    shear: float = 0.15  # horizontal pixels a vertical pixel
    gamma: float = 0.5  # of the exponent's natural logarithm
    inverted: float = 0.5  # share of pictures whose light and dark change places
    blurred: float = 0.25  # share of pictures out of focus
    noise: float = 0.03  # standard deviation, of the range from black to white
    erased: float = 0.15  # share of pictures in which a spot is covered


def changed(x: Tensor, amount: Change, generator: torch.Generator) -> Tensor:
    """A changed copy of each picture (N, 1, H, W) from 0 to 1, what lies outside continued by the edge."""
    count, _, height, width = x.shape

    def draw(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator) * 2 - 1

    angle, shear = draw(count) * math.radians(amount.turn), draw(count) * amount.shear
    tall, wide = (draw(2, count) * amount.scale).exp()
    aspect = width / height  # affine_grid counts each axis from -1 to 1
    rows = torch.stack(
        [wide * angle.cos(), (shear - angle.sin()) / aspect, angle.sin() * aspect, tall * angle.cos()], 1
    ).reshape(count, 2, 2)
    shift = draw(count, 2) * (2 * amount.shift) / torch.tensor([width, height])
    grid = F.affine_grid(torch.cat([rows, shift[:, :, None]], 2), list(x.shape), align_corners=False)
    x = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
    x = x.clamp(1e-3, 1) ** (draw(count, 1, 1, 1) * amount.gamma).exp()
    turned = (draw(count, 1, 1, 1) + 1) / 2 < amount.inverted
    x = torch.where(turned, 1 - x, x)
    out_of_focus = (draw(count, 1, 1, 1) + 1) / 2 < amount.blurred
    x = torch.where(out_of_focus, F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1), x)
    x = x + torch.randn(x.shape, generator=generator) * (draw(count, 1, 1, 1) + 1) / 2 * amount.noise
    return _covered(x, amount.erased, generator)


def _covered(x: Tensor, share: float, generator: torch.Generator, most: int = 10) -> Tensor:
    """A spot of up to ``most`` pixels a side takes the picture's mean grey, in a ``share`` of pictures."""
    count, _, height, width = x.shape
    drawn = torch.rand(5, count, 1, 1, generator=generator)
    y, x0 = torch.arange(height)[:, None], torch.arange(width)
    tall, wide = (3 + drawn[2:4] * (most - 3)) / 2
    spot = ((y - drawn[0] * height).abs() < tall) & ((x0 - drawn[1] * width).abs() < wide) & (drawn[4] < share)
    return torch.where(spot[:, None], x.mean((2, 3), keepdim=True), x)

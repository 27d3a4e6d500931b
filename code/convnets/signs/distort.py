"""Random changes of training photographs: where the sign is and how it is turned, how it was lit, taken and hidden.

Source: Sermanet, LeCun (2011): moved by up to 2 pixels, 0.9 to 1.1 times as large, turned by up to 15 degrees; they
expected that other affine changes, brightness, contrast and blur would help as well. :data:`PAPER` is what they did,
:data:`STRONG` what :class:`~convnets.signs.model.Plain` learns from.

Deviations:
    - Changes are drawn anew for every photograph of every pass, instead of five fixed copies of the set.
    - A photograph that its mirror image shows as a sign, too, may be mirrored; its label changes with it where the
      mirror image is another sign.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.signs.data import COUNT, MIRRORED, SIDE, SWAPPED

__all__ = ["PAPER", "STRONG", "Changes", "distorted", "mirrored", "warped"]


@dataclass(frozen=True)
class Changes:
    """How much photographs are changed; each draw is uniform between nothing and this, either way."""

    shift: float = 2.0  # pixels
    scale: float = 0.1  # of the size, in its logarithm
    turn: float = 15.0  # degrees
    stretch: float = 0.0  # of the sides' ratio, in its logarithm
    shear: float = 0.0  # of the height
    tilt: float = 0.0  # of perspective: how much nearer one edge is than the middle
    mirror: bool = False
    light: float = (
        0.0  # 1: gamma exp(+-0.6), contrast exp(-0.7 to 0.4), brightness exp(-0.5 to 0.35), colour exp(+-.15)
    )
    motion: float = 0.0  # share of photographs blurred along a line of up to 7 pixels
    coarse: float = 0.0  # share reduced to 10 to 24 pixels and enlarged again
    noise: float = 0.0  # largest standard deviation, of values from 0 to 1
    hidden: float = 0.0  # share with a rectangle of 3 to 11 pixels a side in one colour


PAPER = Changes()
STRONG = Changes(
    scale=0.14, stretch=0.06, shear=0.08, tilt=0.07, mirror=True, light=0.7, motion=0.2, coarse=0.25, noise=0.05,
    hidden=0.12,
)  # fmt: skip

_STEPS = (-1.0, -0.5, 0.0, 0.5, 1.0)  # of a motion


def distorted(x: Tensor, labels: Tensor, changes: Changes, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """(N, 3, 32, 32) from 0 to 1 with labels (N,) -> the same, changed as ``changes`` says; on the CPU."""
    if changes.mirror:
        x, labels = mirrored(x, labels, generator)
    matrix = _matrices(len(x), changes, generator)
    moved = torch.rand(len(x), generator=generator) < changes.motion
    way = _between(len(x), 0.05, 0.22, generator)[:, None] * _directions(len(x), generator)
    found = warped(x, matrix)
    if moved.any():
        parts = [warped(x[moved], matrix[moved], way[moved] * step) for step in _STEPS]
        found[moved] = torch.stack(parts).mean(0)
    found = _coarser(found, changes.coarse, generator)
    if changes.light:
        found = _lit(found, changes.light, generator)
    if changes.noise:
        level = _between(len(x), 0, 1, generator) ** 2 * changes.noise
        found = found + torch.randn(found.shape, generator=generator) * level[:, None, None, None]
    return _covered(found, changes.hidden, generator).clamp(0, 1), labels


def mirrored(x: Tensor, labels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Half of those whose mirror image is a sign, too, are mirrored, and get the label of that."""
    other, may = torch.arange(COUNT), torch.zeros(COUNT, dtype=torch.bool)
    for one, two in SWAPPED:
        other[one], other[two] = two, one
        may[[one, two]] = True
    may[list(MIRRORED)] = True
    chosen = (torch.rand(len(x), generator=generator) < 0.5) & may[labels]
    return torch.where(chosen[:, None, None, None], x.flip(3), x), torch.where(chosen, other[labels], labels)


def warped(x: Tensor, matrix: Tensor, shift: Tensor | None = None) -> Tensor:
    """Each of (N, C, H, H) seen through its plane projection (N, 3, 3), from output to input places, -1 to 1.

    ``shift`` (N, 2) is added to the places that are looked at. Beyond the edge, a picture goes on as at its edge.
    """
    side = x.shape[-1]
    middles = (torch.arange(side) + 0.5) * (2 / side) - 1
    down, across = torch.meshgrid(middles, middles, indexing="ij")
    places = torch.stack([across, down, torch.ones_like(down)], -1).reshape(1, -1, 3) @ matrix.transpose(1, 2)
    flat = places[..., :2] / places[..., 2:]
    if shift is not None:
        flat = flat + shift[:, None]
    grid = flat.reshape(len(x), side, side, 2)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)


def _between(count: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    return torch.rand(count, generator=generator) * (high - low) + low


def _directions(count: int, generator: torch.Generator) -> Tensor:
    angle = _between(count, 0, math.pi, generator)
    return torch.stack([angle.cos(), angle.sin()], 1)


def _matrices(count: int, changes: Changes, generator: torch.Generator) -> Tensor:
    draws = torch.rand(8, count, generator=generator) * 2 - 1
    angle = draws[0] * math.radians(changes.turn)
    scale, stretch = torch.exp(draws[1] * changes.scale), torch.exp(draws[2] * changes.stretch)
    matrix = torch.zeros(count, 3, 3)
    matrix[:, 0, 0] = angle.cos() * scale * stretch
    matrix[:, 0, 1] = -angle.sin() * scale + draws[3] * changes.shear
    matrix[:, 1, 0] = angle.sin() * scale
    matrix[:, 1, 1] = angle.cos() * scale / stretch
    matrix[:, :2, 2] = draws[4:6].T * (changes.shift * 2 / SIDE)
    matrix[:, 2, :2] = draws[6:8].T * changes.tilt
    matrix[:, 2, 2] = 1
    return matrix


def _coarser(x: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Some of a batch as if the camera had seen them from farther away, all of them equally far."""
    few = torch.rand(len(x), generator=generator) < share
    size = int(torch.randint(10, 25, (1,), generator=generator))
    if not few.any():
        return x
    small = F.interpolate(x[few], (size, size), mode="area")
    found = x.clone()
    found[few] = F.interpolate(small, x.shape[2:], mode="bilinear", align_corners=False)
    return found


def _lit(x: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Other gamma, contrast, brightness and colour of the light, and light scattered into the lens."""

    def draw(low: float, high: float) -> Tensor:
        return _between(len(x), low * strength, high * strength, generator)[:, None, None, None]

    x = x.clamp(1e-4, 1) ** draw(-0.6, 0.6).exp()
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * draw(-0.7, 0.4).exp() + mean * draw(-0.5, 0.35).exp() + draw(-0.08, 0.15)
    colour = (torch.rand(len(x), 3, 1, 1, generator=generator) * 2 - 1) * (0.15 * strength)
    return x * colour.exp()


def _covered(x: Tensor, share: float, generator: torch.Generator) -> Tensor:
    chosen = torch.rand(len(x), generator=generator) < share
    draws = torch.rand(4, len(x), generator=generator)
    places, masks = torch.arange(SIDE), []
    for size, middle in ((draws[0], draws[1]), (draws[2], draws[3])):
        masks.append((places - (2 + 28 * middle[:, None])).abs() < (1.5 + 4 * size[:, None]))
    mask = (masks[0][:, None, :, None] & masks[1][:, None, None, :]) & chosen[:, None, None, None]
    return torch.where(mask, torch.rand(len(x), 3, 1, 1, generator=generator), x)

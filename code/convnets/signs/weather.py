"""Weather and accidents, simulated: tape on a sign, something before it, blur, a low sun, fog, each as strong as asked.

Source of the fog: Koschmieder: "Theorie der horizontalen Sichtweite", 1924: what is far away fades into the light that
the air scatters, ``x * t + air * (1 - t)``.

Deviations:
    - All of it is computed on pictures of 32x32 pixels that a camera has already taken: no fog stands in front of a
      real sign, and the air is equally thick before all of a picture.
    - The sun is one round patch of light in the upper right, the obstacle a grey edge from the left.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common.errors import ConvnetsError

__all__ = ["CONSTANTS", "KINDS", "STRENGTHS", "blur", "changed", "cover", "fog", "glare", "tape"]

CONSTANTS: dict[str, Any] = {
    "air": 0.75,  # brightness of the fog
    "sun": {"row": 8, "column": 22, "radius": 7},  # pixels
    "obstacle": 0.45,  # its grey
    "tape": {"black": 0.07, "white": 0.93, "long": 12, "wide": 3},  # brightness; pixels
    "most": {"tape": 4, "cover": 0.6, "blur": 4.0, "glare": 2.0, "fog": 0.9},  # what is asked for at most
}
"""Shared with the page, whose formulas are the same."""


def fog(x: Tensor, thick: float) -> Tensor:
    """(N, C, H, W) behind fog: ``thick`` from 0 (none) to 1 (nothing else is seen)."""
    return (1 - thick) * x + thick * CONSTANTS["air"]


def blur(x: Tensor, sigma: float) -> Tensor:
    """(N, C, H, W) under a Gaussian of ``sigma`` pixels, cut at three of them; edges go on as they are."""
    if sigma <= 0:
        return x
    reach = math.ceil(3 * sigma)
    places = torch.arange(-reach, reach + 1, dtype=x.dtype)
    line = torch.exp(-(places**2) / (2 * sigma**2))
    line = (line / line.sum()).expand(x.shape[1], 1, -1)
    x = F.conv2d(_edges(x, reach, 0), line[:, :, None], groups=x.shape[1])
    return F.conv2d(_edges(x, 0, reach), line[:, :, :, None], groups=x.shape[1])


def _edges(x: Tensor, across: int, down: int) -> Tensor:
    """(N, C, H, W) with its outermost pixels repeated."""
    rows = torch.arange(-down, x.shape[2] + down).clamp(0, x.shape[2] - 1)
    columns = torch.arange(-across, x.shape[3] + across).clamp(0, x.shape[3] - 1)
    return x[:, :, rows[:, None], columns]


def glare(x: Tensor, strength: float) -> Tensor:
    """(N, C, H, W) with a low sun in its upper right; ``strength`` from 0 to 2."""
    sun = CONSTANTS["sun"]
    rows, columns = torch.arange(x.shape[2])[:, None], torch.arange(x.shape[3])
    far = (rows - sun["row"]) ** 2 + (columns - sun["column"]) ** 2
    return (x + strength * torch.exp(-far / (2 * sun["radius"] ** 2))).clamp(max=1)


def cover(x: Tensor, share: float) -> Tensor:
    """(N, C, H, W) whose left ``share`` something grey stands before."""
    found = x.clone()
    found[..., : round(x.shape[3] * share)] = CONSTANTS["obstacle"]
    return found


def tape(x: Tensor, strips: float, seed: int = 0) -> Tensor:
    """(N, C, H, W) with so many ``strips`` of black and white tape, flat or upright, elsewhere on each picture."""
    stuck, found = CONSTANTS["tape"], x.clone()
    generator = torch.Generator().manual_seed(seed)
    for strip in range(round(strips)):
        draws = torch.rand(3, len(x), generator=generator)
        upright = draws[0] < 0.5
        tall = torch.where(upright, stuck["long"], stuck["wide"])
        wide = torch.where(upright, stuck["wide"], stuck["long"])
        top, left = (draws[1] * (x.shape[2] - tall + 1)).long(), (draws[2] * (x.shape[3] - wide + 1)).long()
        rows, columns = torch.arange(x.shape[2]), torch.arange(x.shape[3])
        inside = _within(rows, top, tall)[:, :, None] & _within(columns, left, wide)[:, None, :]
        found = torch.where(inside[:, None], stuck["white" if strip % 2 else "black"], found)
    return found


def _within(places: Tensor, start: Tensor, length: Tensor) -> Tensor:
    return (places >= start[:, None]) & (places < (start + length)[:, None])


KINDS: dict[str, Callable[[Tensor, float], Tensor]] = {
    "tape": tape, "cover": cover, "blur": blur, "glare": glare, "fog": fog,
}  # fmt: skip
"""In the order in which they are laid over one another."""

STRENGTHS = {kind: tuple(most * step / 4 for step in range(5)) for kind, most in CONSTANTS["most"].items()}
"""At which each is measured, from nothing to the most."""


def changed(x: Tensor, kind: str, strength: float) -> Tensor:
    """(N, C, H, W) from 0 to 1 under one of :data:`KINDS`.

    Raises:
        ConvnetsError: unknown kind.
    """
    if kind not in KINDS:
        raise ConvnetsError(f"There is no weather {kind!r}: choose one of {', '.join(KINDS)}.")
    return KINDS[kind](x, strength)

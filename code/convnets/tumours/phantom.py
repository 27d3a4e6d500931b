"""A phantom: simulated ultrasound with exact outlines, from a seed.

In ultrasound, tissue scatters the wave, and echoes of many points add up to a grain, the *speckle*: the picture is
tissue times grain. A lesion sends fewer echoes and is dark. Here are bands of tissue, dark streaks without an outline
that only look like something, and in three of four phantoms a lesion with a wavy outline. The outline is known to the
pixel, which no photograph's is.

Everything random is drawn by a generator, number by number; arithmetic that machines round differently is rounded away.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common.errors import ConvnetsError

__all__ = ["CONTRAST", "EMPTY", "NAME", "SIDE", "Phantoms", "darkened", "drawn", "grounds", "outlines", "split"]

NAME = "simulated ultrasound with exact outlines"
SIDE = 64
CONTRAST = (0.35, 0.75)
"""By how much of its grey a lesion is darker than its ground."""
EMPTY = 0.25
"""Share of phantoms without a lesion."""
SEEDS = {"train": 1, "validation": 2, "test": 3}
COUNTS = {"train": 2000, "validation": 200, "test": 300}


class Phantoms(NamedTuple):
    """N phantoms."""

    images: Tensor  # (N, 64, 64) uint8
    masks: Tensor  # (N, 64, 64) bool


def _smooth(noise: Tensor, points: int) -> Tensor:
    """Noise (N, points, points), in between bicubic: (N, 64, 64)."""
    return F.interpolate(noise[:, None], (SIDE, SIDE), mode="bicubic", align_corners=True)[:, 0]


def grounds(count: int, draw: torch.Generator) -> Tensor:
    """Phantoms without a lesion, (N, 64, 64) from 0 to 1: tissue times speckle."""
    bands = 0.45 + 0.12 * _smooth(torch.randn(count, 5, 1, generator=draw).expand(count, 5, 5), 5)
    cloud = 0.08 * _smooth(torch.randn(count, 6, 6, generator=draw), 6)
    where = torch.rand(count, 3, 1, 1, generator=draw) * SIDE
    wide = 2 + 4 * torch.rand(count, 3, 1, 1, generator=draw)
    deep = 0.5 * torch.rand(count, 3, 1, 1, generator=draw)
    slope = 0.6 * torch.rand(count, 3, 1, 1, generator=draw) - 0.3
    x, y = torch.arange(SIDE), torch.arange(SIDE)[:, None]
    streaks = deep * torch.exp(-(((x - where - slope * (y - SIDE / 2)) / wide) ** 2)) * (y / SIDE)
    tissue = (bands + cloud) * (1 - streaks.sum(1)).clamp(min=0.2)
    grain = F.avg_pool2d(torch.randn(count, 1, SIDE + 2, SIDE + 2, generator=draw), 3, 1)[:, 0]
    return (tissue.clamp(min=0.1) * (1 + 0.9 * grain).clamp(min=0)).clamp(0, 1)


def outlines(count: int, draw: torch.Generator) -> Tensor:
    """Masks (N, 64, 64) of lesions: wavy ellipses somewhere inside."""

    def between(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, 1, 1, generator=draw)

    radius, flat = between(4, 14), between(0.6, 1.0)
    x = torch.arange(SIDE) - between(14, SIDE - 14)
    y = torch.arange(SIDE)[:, None] - between(14, SIDE - 14)
    angle = torch.atan2(y, x + 1e-9)
    wave = torch.ones(count, 1, 1)
    for order in (2, 3, 5):
        wave = wave + between(0, 0.3 / order) * torch.cos(order * angle + between(0, 2 * math.pi))
    return torch.hypot(x, y / flat) <= radius * wave


def darkened(ground: Tensor, masks: Tensor, contrast: Tensor | float) -> Tensor:
    """Grounds (N, 64, 64) with lesions (masks) put in: darker by ``contrast``, softly over a pixel at the edge."""
    soft = F.avg_pool2d(F.pad(masks.float()[:, None], (1, 1, 1, 1), mode="replicate"), 3, 1)[:, 0]
    return ground * (1 - contrast * soft)


def drawn(count: int, seed: int) -> Phantoms:
    """``count`` phantoms; the first of them are the same however many there are."""
    parts = [_one(torch.Generator().manual_seed(seed * 1_000_003 + place)) for place in range(count)]
    if not parts:
        raise ConvnetsError("No phantom was asked for: give a count of one or more.")
    images, masks = zip(*parts, strict=True)
    return Phantoms(torch.cat(images), torch.cat(masks))


def _one(draw: torch.Generator) -> tuple[Tensor, Tensor]:
    ground, mask = grounds(1, draw), outlines(1, draw)
    empty, contrast = torch.rand(2, generator=draw).tolist()
    mask = mask & (empty >= EMPTY)
    low, high = CONTRAST
    picture = darkened(ground, mask, low + (high - low) * contrast)
    return (picture * 255).round().byte(), mask


def split(name: str, count: int | None = None) -> Phantoms:
    """The phantoms of ``train``, ``validation`` or ``test``, or the first ``count`` of them.

    Raises:
        ConvnetsError: there is no such split.
    """
    if name not in SEEDS:
        raise ConvnetsError(f"There is no split {name!r} of the phantoms: choose {', '.join(SEEDS)}.")
    return drawn(COUNTS[name] if count is None else count, SEEDS[name])

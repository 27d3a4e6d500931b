"""More views of a training picture: moved, mirrored, stretched, stained and lit otherwise; its boxes go with it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common.boxes import Truth, area, clipped

__all__ = ["CELLS", "STREET", "Change", "changed", "settled"]


@dataclass(frozen=True)
class Change:
    """How far pictures are changed; every amount is the largest one drawn, uniformly."""

    scale: float = 0.25  # of the size's natural logarithm
    stretch: float = 0.1  # of that of either axis by itself
    shift: float = 0.2  # share of either side
    upside_down: bool = True  # whether half of the pictures are mirrored top to bottom, too
    light: float = 0.3  # of brightness, around the mean
    contrast: float = 0.4  # relative
    stain: float = 0.15  # relative, of each colour by itself
    colourful: float = 0.5  # relative, of the distance from grey
    least: float = 0.3  # share of a box that must still be seen


CELLS = Change()
STREET = Change(scale=0.4, upside_down=False)


def settled(amount: Change) -> Change:
    """``amount`` without what moves a picture against its edges: mirrored, stained and lit only."""
    return replace(amount, scale=0.0, stretch=0.0, shift=0.0)


def changed(x: Tensor, truth: list[Truth], amount: Change, draw: torch.Generator) -> tuple[Tensor, list[Truth]]:
    """A changed copy of each picture (N, 3, H, W) from 0 to 1, and where its boxes are then.

    What comes in from outside has the picture's mean colour. A box of which less than ``least`` is left goes.
    """
    count, _, height, width = x.shape

    def drawn(*shape: int) -> Tensor:
        return torch.rand(shape, generator=draw) * 2 - 1

    size = (drawn(count, 1) * amount.scale + drawn(count, 2) * amount.stretch).exp()
    mirror = torch.where(drawn(count, 2) < 0, -1.0, 1.0)
    if not amount.upside_down:
        mirror[:, 1] = 1
    shift = drawn(count, 2) * amount.shift * 2  # an axis goes from -1 to 1
    scale = mirror / size
    grid = F.affine_grid(torch.cat([torch.diag_embed(scale), shift[:, :, None]], 2), list(x.shape), align_corners=False)
    mean = x.mean((2, 3), keepdim=True)
    seen = F.grid_sample(x - mean, grid, align_corners=False) + mean
    half = torch.tensor([width, height]) / 2
    found = []
    for place, one in enumerate(truth):
        corners = ((one.boxes.reshape(-1, 2, 2) / half - 1 - shift[place]) / scale[place] + 1) * half
        whole = torch.cat([corners.amin(1), corners.amax(1)], 1)
        inside = clipped(whole, width, height)
        kept = area(inside) > amount.least * area(whole)
        found.append(Truth(inside[kept], one.labels[kept]))
    return _lit(seen, amount, drawn), found


def _lit(x: Tensor, amount: Change, drawn: object) -> Tensor:
    count = len(x)
    stain = (drawn(count, 3, 1, 1) * amount.stain).exp()  # type: ignore[operator]
    light, contrast, colourful = (
        drawn(count, 1, 1, 1) * most  # type: ignore[operator]
        for most in (amount.light, amount.contrast, amount.colourful)
    )
    grey = x.mean(1, keepdim=True)
    x = (grey + (x - grey) * (1 + colourful)) * stain
    mean = x.mean((1, 2, 3), keepdim=True)
    return ((x - mean) * (1 + contrast) + mean * (1 + light)).clamp(0, 1)

"""Cells without a network: a threshold, connected regions, and the colour of a stain.

What is darker than the glass is a cell. What is more blue than red is stained nucleus: of a white cell if it is large,
of a platelet if it is small. Red cells that touch are parted by taking a rim away before regions are counted; it is
laid round each of them again. The few numbers in :class:`Settings` are chosen on validation pictures
(``studies.baseline``).

Source:
    - Otsu: "A threshold selection method from gray-level histograms", IEEE Transactions on Systems, Man, and
      Cybernetics 9(1), 1979.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common.boxes import Found

__all__ = ["Settings", "find", "otsu", "regions"]

RED, WHITE, PLATELET = range(3)


@dataclass(frozen=True)
class Settings:
    """What is chosen on validation pictures, in pixels of the network's picture."""

    rim: int = 10  # taken from red cells before they are counted
    purple: float = 20.0  # by how much blue exceeds red in a stain, of 255
    margin: int = 12  # around the nucleus of a white cell, for the rest of the cell
    white: float = 1000.0  # pixels squared: nuclei are larger, platelets smaller
    least: float = 40.0  # pixels squared: what is smaller is dirt
    hole: float = 600.0  # pixels squared: a larger gap between cells is glass


def otsu(grey: Tensor) -> float:
    """The threshold of grey values from 0 to 255 that parts them into two groups of least variance.

    Of two neighbouring levels it lies between; where all values are the same, none is below it.
    """
    counts = torch.bincount(grey.flatten().long(), minlength=256).double()
    share, level = counts / counts.sum(), torch.arange(256.0, dtype=torch.float64)
    below, sums = share.cumsum(0), (share * level).cumsum(0)
    between = (sums[-1] * below - sums) ** 2 / (below * (1 - below)).clamp(min=1e-12)
    return float(between.argmax()) + 0.5


def regions(mask: Tensor) -> list[Tensor]:
    """The parts of ``mask`` (H, W) that hang together over sides or corners: places (n, 2) of each, row and column."""
    number = torch.arange(1, mask.numel() + 1, dtype=torch.float64).reshape(mask.shape) * mask
    while True:
        spread = F.max_pool2d(number[None, None], 3, 1, 1)[0, 0] * mask
        if torch.equal(spread, number):
            break
        number = spread
    places = mask.nonzero()
    names = number[mask]
    order = names.argsort(stable=True)
    sizes = names.unique(return_counts=True)[1].tolist()
    return list(places[order].split(sizes)) if len(places) else []


def find(picture: Tensor, settings: Settings) -> Found:
    """The cells of a picture (3, H, W) uint8."""
    red, green, blue = picture.float()
    height, width = green.shape
    cell = green < otsu(green)
    purple = cell & (blue - red > settings.purple)
    boxes, scores, labels = [], [], []

    def take(places: Tensor, margin: int, label: int, score: float) -> None:
        top, left = (places.amin(0) - margin).clamp(min=0).tolist()
        bottom, right = (places.amax(0) + 1 + margin).tolist()
        boxes.append((left, top, min(right, width), min(bottom, height)))
        scores.append(score)
        labels.append(label)

    rest = cell.clone()
    for places in regions(purple):
        if len(places) < settings.least:
            continue
        large = len(places) > settings.white
        take(
            places,
            settings.margin if large else 2,
            WHITE if large else PLATELET,
            min(1.0, len(places) / settings.white),
        )
        left, top, right, bottom = boxes[-1]
        rest[top:bottom, left:right] = False
    core = _shrunk(_filled(rest, settings.hole), settings.rim)
    found = [places for places in regions(core) if len(places) >= settings.least]
    usual = float(torch.tensor([float(len(places)) for places in found]).median()) if found else 1.0
    for places in found:
        take(places, settings.rim, RED, min(len(places), usual) / max(len(places), usual))
    return Found(
        torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4), torch.tensor(scores), torch.tensor(labels).long()
    )


def _filled(mask: Tensor, most: float) -> Tensor:
    """``mask`` with its holes, such as the pale middles of red cells: gaps of at most so many pixels squared."""
    filled = mask.clone()
    for places in regions(~mask):
        if len(places) <= most:
            filled[places[:, 0], places[:, 1]] = True
    return filled


def _shrunk(mask: Tensor, rim: int) -> Tensor:
    """``mask`` without what lies within ``rim`` of its outside; the picture's edge is no outside."""
    outside = (~mask).float()[None, None]
    return F.max_pool2d(outside, 2 * rim + 1, 1, rim)[0, 0] == 0

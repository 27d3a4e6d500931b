"""A rival that sees one pixel at a time: the class that is most frequent at its place, in its colour.

It counts, in the training photographs, how often each class has a colour (of :data:`COLOURS` steps of red, green and
blue) in each of :data:`ROWS` x :data:`COLUMNS` parts of the picture. Where a part has never seen a colour, the place
alone decides.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from convnets.driving.streets import CLASSES, UNKNOWN

__all__ = ["Counted", "fit", "told"]

ROWS, COLUMNS, COLOURS = 18, 6, 6
_FEW = 0.5  # of a place's shares, added to the counts of a colour there


class Counted(NamedTuple):
    """What was learned."""

    shares: Tensor  # (ROWS, COLUMNS, COLOURS ** 3, K) of classes


def _places(images: Tensor) -> Tensor:
    """The number of the part and colour that each pixel of (N, 3, H, W) uint8 belongs to: (N, H, W)."""
    _, _, height, width = images.shape
    row = torch.arange(height)[:, None] * ROWS // height
    column = torch.arange(width)[None] * COLUMNS // width
    red, green, blue = (images.long() * COLOURS // 256).unbind(1)
    colour = (red * COLOURS + green) * COLOURS + blue
    return (row * COLUMNS + column) * COLOURS**3 + colour


def fit(images: Tensor, labels: Tensor) -> Counted:
    """Count in photographs (N, 3, H, W) uint8 with labels (N, H, W)."""
    known, count = labels != UNKNOWN, len(CLASSES)
    pairs = _places(images)[known] * count + labels.long()[known]
    seen = torch.bincount(pairs, minlength=ROWS * COLUMNS * COLOURS**3 * count)
    table = seen.reshape(ROWS, COLUMNS, COLOURS**3, count).double()
    place = table.sum(2, keepdim=True) + 1e-9
    table += _FEW * place / place.sum(3, keepdim=True)
    return Counted(table / table.sum(3, keepdim=True))


def told(images: Tensor, counted: Counted) -> Tensor:
    """The class of each pixel of photographs (N, 3, H, W) uint8: (N, H, W) uint8."""
    best = counted.shares.argmax(3).flatten()
    return best[_places(images)].byte()

"""The overlap-tile strategy: labels for a picture of any size, tile by tile; what lies beyond its edge is mirrored.

Ronneberger et al. 2015, figure 2: to say something of the pixels of a tile, a network without padding needs a wider
piece of the picture. Tiles of answers lie side by side, the pieces that they need overlap, and missing context at the
picture's edge is its mirror image. So no seam is seen, and the picture may be larger than what memory holds at once.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from convnets.common.errors import ConvnetsError

__all__ = ["laid", "mirrored"]


def mirrored(x: Tensor, left: int, right: int, top: int, bottom: int) -> Tensor:
    """``x`` (N, C, H, W) with so many more pixels on its sides, mirrored at the outermost ones, however many."""
    rows, columns = (_folded(-before, size + after, size) for before, size, after in (
        (top, x.shape[2], bottom), (left, x.shape[3], right),
    ))  # fmt: skip
    return x[:, :, rows][:, :, :, columns]


def _folded(first: int, last: int, size: int) -> Tensor:
    if size == 1:
        return torch.zeros(last - first, dtype=torch.long)
    place = torch.arange(first, last) % (2 * size - 2)
    return torch.where(place < size, place, 2 * size - 2 - place)


def laid(answer: Callable[[Tensor], Tensor], x: Tensor, side: int, given: int) -> Tensor:
    """What ``answer`` says of pictures ``x`` (N, C, H, W): (N, K, H, W).

    ``answer`` turns pieces of ``side`` x ``side`` pixels into answers for the ``given`` x ``given`` in their middle.

    Raises:
        ConvnetsError: a piece would be smaller than its answer, or the picture has no pixels.
    """
    margin = (side - given) // 2
    if not 0 < given <= side or (side - given) % 2:
        raise ConvnetsError(f"Pieces of {side} pixels cannot have answers for {given} in their middle.")
    if x.ndim != 4 or min(x.shape[2:]) < 1:
        raise ConvnetsError(f"A picture of shape {tuple(x.shape)} has no pixels: give (N, C, height, width).")
    height, width = x.shape[2:]
    down, across = -(-height // given), -(-width // given)
    wide = mirrored(x, margin, margin + across * given - width, margin, margin + down * given - height)
    rows = []
    for row in range(down):
        parts = [
            answer(wide[:, :, row * given : row * given + side, column * given : column * given + side])
            for column in range(across)
        ]
        rows.append(torch.cat(parts, 3))
    return torch.cat(rows, 2)[:, :, :height, :width]

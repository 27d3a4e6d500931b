"""S1 through spectra: what :func:`convnets.cortex.model.s1` answers to images of one size, for a browser's one thread.

A filter of 37 x 37 pixels costs 1,369 products a place. By the convolution theorem the same sums cost one product for
each frequency, and then two small matrix products. Three things keep the matrices small: an
image is split into parts that are even or odd about its middle lines, whose spectra are cosines or sines alone; a
Gabor filter of phase 0 is the same when it is turned by 180 degrees, so that its own spectrum is real; and only places
whose window lies within the image are transformed back. Small filters stay sums, which is faster for them.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.cortex.shapes import SIDE

__all__ = ["LEAST", "s1_maps"]

LEAST = 11
"""The smallest side of a filter that is worth its spectrum."""

HALF = SIDE // 2
LARGEST = 37
_FREQUENCIES = torch.arange(HALF + 1, dtype=torch.float64)[:, None]
_PLACES = torch.arange(HALF, dtype=torch.float64) + 0.5
_OFFSETS = torch.arange(-(LARGEST // 2), LARGEST // 2 + 1, dtype=torch.float64)


def _waves(places: Tensor) -> Tensor:
    """Cosines and sines (2, HALF + 1, len(places)) of all frequencies, one turn a SIDE."""
    angles = 2 * math.pi / SIDE * _FREQUENCIES * places
    return torch.stack([angles.cos(), angles.sin()])


# Computed once, in double precision, and stored in the graph: in single precision their angles would be too coarse.
BACK = _waves(_PLACES).float()
WEIGHTS = (torch.where((_FREQUENCIES == 0) | (_FREQUENCIES == HALF), 1, 2) / HALF).float()
OF_FILTERS = _waves(_OFFSETS).float()
MIRRORED = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])[
    :, :, None, None
]  # a sine that is turned into a cosine changes sign


def s1_maps(image: Tensor, banks: list[Tensor]) -> list[Tensor]:
    """Simple cells: (N, 1, SIDE, SIDE) and filters (4, 1, K, K) of phase 0 -> a list of (N, 4, SIDE, SIDE)."""
    square, parts = (
        image.square(),
        _spectrum(image - image.mean((2, 3), keepdim=True)),
    )  # the less grey, the less rounding
    swapped = parts.flip((1, 2)) * MIRRORED
    return [_answers(image, bank, square, parts, swapped) for bank in banks]


def _answers(image: Tensor, bank: Tensor, square: Tensor, parts: Tensor, swapped: Tensor) -> Tensor:
    side = bank.shape[-1]
    sums = F.conv2d(image, bank) if side < LEAST else _filtered(parts, swapped, bank)
    band = image.new_ones(SIDE - side + 1, SIDE).triu().tril(side - 1)  # adds up `side` neighbours
    energy = band @ square @ band.mT
    # No sum is larger than the norm of its window: where that is black, not even by rounding.
    return F.pad(torch.minimum(sums.abs(), energy.sqrt()) / (energy + 1e-8).sqrt(), (side // 2,) * 4)


def _spectrum(image: Tensor) -> Tensor:
    """(N, 1, SIDE, SIDE) -> (N, 2, 2, HALF + 1, HALF + 1): by rows' and by columns' part, even and odd."""
    top, bottom = image[:, 0, :HALF], image[:, 0, HALF:].flip(1)
    rows = torch.stack([top + bottom, top - bottom], 1)
    left, right = rows[..., :HALF], rows[..., HALF:].flip(3)
    parts = torch.stack([left + right, left - right], 2) / 4
    forth = BACK * WEIGHTS
    return forth[:, None] @ parts @ forth.mT


def _filtered(parts: Tensor, swapped: Tensor, bank: Tensor) -> Tensor:
    """The sums of four filters over their windows, (N, 4, SIDE - K + 1, SIDE - K + 1)."""
    half = bank.shape[-1] // 2
    waves = OF_FILTERS[..., LARGEST // 2 - half : LARGEST // 2 + half + 1]
    even, odd = (wave @ bank[:, 0] @ wave.mT for wave in waves)
    spectra = even[:, None, None] * parts[:, None] + odd[:, None, None] * swapped[:, None]
    back = BACK[..., half:]
    rows = back.mT[:, None] @ spectra @ back  # (N, 4, 2, 2, HALF - half, HALF - half)
    rows = _joined(rows[:, :, :, 0], rows[:, :, :, 1], 4)
    return _joined(rows[:, :, 0], rows[:, :, 1], 2)


def _joined(even: Tensor, odd: Tensor, axis: int) -> Tensor:
    """An axis of first halves, given as even and odd parts, with its second half."""
    return torch.cat([even + odd, (even - odd).flip(axis)], axis)

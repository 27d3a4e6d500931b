"""A fair baseline for the network of 1980: five templates, the drawings themselves, that slide over the grid.

A template answers with the largest similarity (the cosine of an angle, as of S-cells) that it has with the
image at any shift; both are blurred first. It answers at all where that exceeds a threshold halfway between one and the
largest similarity of two different drawings. Nothing is learned from the shifted pictures.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common.errors import ConvnetsError
from convnets.neocognitron.experiment import Outcome
from convnets.neocognitron.model import SIZE
from convnets.neocognitron.patterns import KINDS, patterns, variants

__all__ = ["BLUR", "measure", "outcome", "similarities", "threshold"]

BLUR = 1.0
"""Standard deviation of the Gaussian blur, in cells: that of neighbours, chosen for being round."""


def similarities(images: Tensor, blur: float = BLUR) -> Tensor:
    """Largest cosine of ``images`` (N, 16, 16) with each of the five drawings over all shifts: (N, 5).

    Raises:
        ConvnetsError: a blur that is negative or wider than the grid.
    """
    if not 0 <= blur <= SIZE / 4:
        raise ConvnetsError(f"A blur of {blur:g} cells does not fit a grid of {SIZE}: give 0 to {SIZE // 4}.")
    seen, known = (_blurred(drawn.double(), blur) for drawn in (images, patterns()))
    spectra = torch.fft.rfft2(seen)[:, None] * torch.fft.rfft2(known).conj()
    products = torch.fft.irfft2(spectra, s=seen.shape[1:]).amax((2, 3))  # the best of all shifts
    lengths = seen.flatten(1).norm(dim=1)[:, None] * known.flatten(1).norm(dim=1)
    return products / lengths.clamp(min=1e-12)


def _blurred(images: Tensor, blur: float) -> Tensor:
    """(N, 16, 16) -> (N, 48, 48): with so much paper around that no shift wraps."""
    wide = F.pad(images, (SIZE,) * 4)
    if not blur:
        return wide
    axis = torch.arange(-SIZE, SIZE + 1, dtype=torch.float64)
    bell = torch.exp(-(axis**2) / (2 * blur**2))
    bell = bell / bell.sum()
    rows = F.conv2d(wide[:, None], bell[None, None, None], padding=(0, SIZE))
    return F.conv2d(rows, bell[None, None, :, None], padding=(SIZE, 0))[:, 0]


def threshold(blur: float = BLUR) -> float:
    """Halfway between one and the largest similarity of two different drawings."""
    own = similarities(patterns(), blur)
    return (1 + float((own - torch.eye(len(own))).max())) / 2


def outcome(images: Tensor, digits: list[int], blur: float = BLUR) -> Outcome:
    """What the templates make of ``images`` of ``digits``; ``strongest`` asks for no threshold."""
    found, digit = similarities(images, blur), torch.tensor(digits)
    answering, best = found > threshold(blur), found.argmax(1)
    kept = (answering.sum(1) == 1) & (best == digit) & answering.any(1)
    silent = ~answering.any(1)
    wrong = ~silent & (best != digit)
    shares = [float(part.double().mean()) for part in (kept, best == digit, silent, wrong)]
    return Outcome(shares[0], shares[1], shares[2], shares[3], len(images))


def measure(blur: float = BLUR) -> dict[str, Outcome]:
    """Outcomes by kind of change, of the very pictures of ``experiment.measure``."""
    changed = {kind: variants(kind) for kind in KINDS}
    return {
        kind: outcome(torch.stack([one.image for one in found]), [one.digit for one in found], blur)
        for kind, found in changed.items()
    }

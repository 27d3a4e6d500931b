"""Before HMAX begins: retina, LGN, and the energy model of V1's complex cells.

The retina's ganglion cells: a difference of two Gaussians (Rodieck, Vision Research 5, 1965; Enroth-Cugell, Robson,
Journal of Physiology 187, 1966), with the radii of the macaque's parvocellular cells near the fovea (Croner, Kaplan,
Vision Research 35, 1995, table 1). The energy model: Adelson, Bergen, JOSA A 2, 1985.

Choices: on and off cells are the two signs of one filter; the LGN divides by the local contrast with
:data:`HALF_CONTRAST` and pools it over the surround; neither has a time axis or colour. HMAX itself starts from pixels,
so these stages feed nothing: they are shown, and their fields are measured.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.cortex.model import PIXELS_PER_DEGREE, gabor_bank

__all__ = ["CENTRE_DEGREES", "SURROUND_DEGREES", "SURROUND_WEIGHT", "energy", "gaussian", "lgn", "retina"]

CENTRE_DEGREES, SURROUND_DEGREES = 0.03, 0.18
"""Radii r of the two Gaussians exp(-(x/r)^2): parvocellular cells, 0 to 5 degrees from the fovea (medians)."""

SURROUND_WEIGHT = 0.55
"""Volume of the surround as a share of the centre's (Croner, Kaplan 1995)."""

HALF_CONTRAST = 0.1
"""Local contrast at which the LGN's answer has fallen to half of what it would be without normalisation."""

ENERGY_INDEX = 2
"""The row of S1_TABLE whose filters the energy model uses: 11 pixels."""


def gaussian(radius_degrees: float) -> Tensor:
    """Weights of exp(-(x/r)^2) on pixels, unit sum, out to three standard deviations."""
    sigma = radius_degrees * PIXELS_PER_DEGREE / math.sqrt(2)
    reach = max(1, math.ceil(3 * sigma))
    x = torch.arange(-reach, reach + 1, dtype=torch.float64)
    weights = torch.exp(-0.5 * (x / sigma) ** 2)
    return (weights / weights.sum()).float()


def _blur(image: Tensor, weights: Tensor) -> Tensor:
    """Rows, then columns; the border's grey goes on outside."""
    reach = len(weights) // 2
    padded = F.pad(image, (reach,) * 4, mode="replicate")
    return F.conv2d(F.conv2d(padded, weights[None, None, :, None]), weights[None, None, None])


def retina(image: Tensor) -> Tensor:
    """Ganglion cells: (N, 1, H, W) -> (N, 2, H, W), on and off, never negative.

    The on cell gains where a spot is brighter than SURROUND_WEIGHT of its surroundings, measured from the image's
    mean grey, to which the eye has adapted.
    """
    contrast = image - image.mean((2, 3), keepdim=True)
    centre = _blur(contrast, gaussian(CENTRE_DEGREES))
    surround = _blur(contrast, gaussian(SURROUND_DEGREES))
    difference = centre - SURROUND_WEIGHT * surround
    return torch.cat([difference, -difference], 1).clamp(min=0)


def lgn(cells: Tensor) -> Tensor:
    """Relay cells: the retina's (N, 2, H, W) divided by the contrast around them, same shape."""
    contrast = _blur(cells.sum(1, keepdim=True).square(), gaussian(SURROUND_DEGREES))
    return cells / (HALF_CONTRAST + (contrast + 1e-12).sqrt())


def energy(image: Tensor, index: int = ENERGY_INDEX) -> Tensor:
    """Complex cells as energies: (N, 1, H, W) -> (N, 4, H, W), sqrt(even^2 + odd^2) of a quadrature pair."""
    reach = gabor_bank(index).shape[-1] // 2
    padded = F.pad(image, (reach,) * 4, mode="replicate")
    even, odd = (F.conv2d(padded, gabor_bank(index, phase)) for phase in (0.0, -math.pi / 2))
    return (even.square() + odd.square() + 1e-12).sqrt()

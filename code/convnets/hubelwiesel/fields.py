"""Receptive fields as functions of the place: difference of Gaussians, Gabor function, and a row of the former.

A field is what a spot of light at each place contributes to a cell's drive, per square degree. All are normalised so
that the best stimulus of contrast 1 of their own kind gives 1: a spot for the difference of Gaussians, a grating
(whose phase is free) for the Gabor function.

Sources: difference of Gaussians, Rodieck 1965 and Enroth-Cugell & Robson 1966; Gabor function as a model of simple
cells, Marcelja 1980, Daugman 1985, fitted to cells by Jones & Palmer 1987; the row of cells, Hubel & Wiesel 1962,
text-figure 19.
"""

from __future__ import annotations

import math

import numpy as np

from convnets.hubelwiesel.stimuli import PIXEL, across, grid

__all__ = ["best_spot", "centre_surround", "gabor", "gaussian", "row_of_cells"]


def gaussian(x: float, y: float, sigma: float) -> np.ndarray:
    """A round Gaussian of volume 1 around (x, y), in pixels: its sum over an endless screen is 1."""
    across_, up = grid()
    squared = (across_ - x) ** 2 + (up - y) ** 2
    return PIXEL**2 * np.exp(-squared / (2 * sigma**2)) / (2 * math.pi * sigma**2)


def best_spot(sigma: float, surround: float, weight: float) -> tuple[float, float]:
    """Diameter of the spot that drives a centre of ``sigma`` most, and what it gives before normalisation.

    The surround is ``surround`` times as wide and has ``weight`` times the volume. A spot of radius r covers the share
    1 - exp(-r^2 / 2 sigma^2) of a Gaussian; the best r is where the two shares' derivatives cancel.
    """
    squared = 2 * math.log(surround**2 / weight) / (1 - surround**-2)
    gain = (1 - math.exp(-squared / 2)) - weight * (1 - math.exp(-squared / (2 * surround**2)))
    return 2 * sigma * math.sqrt(squared), gain


def centre_surround(x: float, y: float, sigma: float, surround: float, weight: float) -> np.ndarray:
    """An on-centre field (SIZE, SIZE), the difference of two Gaussians; the best spot gives 1."""
    _, gain = best_spot(sigma, surround, weight)
    return (gaussian(x, y, sigma) - weight * gaussian(x, y, surround * sigma)) / gain


def gabor(x: float, y: float, angle: float, frequency: float, width: float, length: float, phase: float) -> np.ndarray:
    """A Gabor function (SIZE, SIZE): exp(-u^2 / 2 length^2 - v^2 / 2 width^2) cos(2 pi frequency v + phase).

    u runs along ``angle``, v across it; ``phase`` is in degrees. It is scaled so that a grating of its frequency,
    orientation and phase gives 1, but for the small term exp(-8 (pi n)^2) with n = width x frequency.
    """
    across_, up = grid()
    u, v = across(angle, across_ - x, up - y)
    envelope = np.exp(-(u**2) / (2 * length**2) - v**2 / (2 * width**2))
    carrier = np.cos(2 * math.pi * frequency * v + math.radians(phase))
    return PIXEL**2 * envelope * carrier / (math.pi * width * length)


def row_of_cells(
    x: float,
    y: float,
    angle: float,
    sigma: float,
    surround: float,
    weight: float,
    count: int = 4,
    spacing: float = 1.0,
    flanks: float = 0.0,
) -> np.ndarray:
    """Hubel and Wiesel's simple cell: ``count`` on-centre fields on a line, ``spacing`` degrees apart.

    With ``flanks`` degrees above zero, a row of off-centre fields at half strength runs on either side, at that
    distance.
    """
    turn = math.radians(angle)
    found = 0 * grid()[0]
    rows = [(0.0, 1.0)] + ([(-flanks, -0.5), (flanks, -0.5)] if flanks else [])
    for aside, strength in rows:
        for along in (np.arange(count) - (count - 1) / 2) * spacing:
            middle = (along * math.cos(turn) - aside * math.sin(turn), along * math.sin(turn) + aside * math.cos(turn))
            found += strength * centre_surround(x + middle[0], y + middle[1], sigma, surround, weight)
    return found / count

"""Another light, and rain, over a photograph that was taken without: as strong as asked, and the same in the page.

Source of the veil: Koschmieder, "Theorie der horizontalen Sichtweite", 1924: what the air scatters is added to what is
left of the scene.

Deviations:
    - The air is equally thick before all of a picture; in a street, what is far away would fade first.
    - Streaks are drawn by a hash of row and column, so that each picture has the same ones. Wet asphalt does not shine,
      and no drop sits on the lens.
    - Less light is a smaller factor on the stored values. A camera at dusk would add grain, and longer exposure.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from convnets.common.errors import ConvnetsError
from convnets.driving.road import hashed

__all__ = ["CONSTANTS", "LIGHTS", "RAINS", "changed", "streaks"]

CONSTANTS: dict[str, Any] = {
    "least": 0.1,  # light, as a factor
    "most": 2.0,
    "veil": 0.5,  # share of the scene that the thickest rain hides
    "air": 0.62,  # brightness of what it hides it with
    "dense": 0.05,  # share of places where a streak of the thickest rain begins
    "bright": 0.3,  # what a streak adds
    "long": 12,  # rows of a streak
    "slant": 4,  # rows by which a streak moves one column
    "seed": 5,
}
"""Shared with the page, whose formulas are the same."""
LIGHTS = (0.15, 0.3, 0.5, 0.75, 1.0, 1.5)
RAINS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""What is measured."""


def streaks(height: int, width: int, rain: float) -> np.ndarray:
    """Where a streak of rain is: (height, width) bool; more of them, the harder it rains."""
    row, column = np.mgrid[:height, :width]
    falls = hashed((column - row // CONSTANTS["slant"]).ravel(), (row // CONSTANTS["long"]).ravel(), CONSTANTS["seed"])
    return (falls < CONSTANTS["dense"] * rain).reshape(height, width)


def changed(images: Tensor, light: float = 1.0, rain: float = 0.0) -> Tensor:
    """Pictures (N, 3, H, W), 0 to 1, in ``light`` times their light, in ``rain`` from 0 (none) to 1.

    Raises:
        ConvnetsError: light or rain are out of range.
    """
    if not CONSTANTS["least"] <= light <= CONSTANTS["most"] or not 0 <= rain <= 1:
        raise ConvnetsError(
            f"A light of {light:g} and rain of {rain:g} are not drawn: give a light from {CONSTANTS['least']:g} to "
            f"{CONSTANTS['most']:g}, and rain from 0 to 1."
        )
    x = (images * light).clamp(max=1)
    veil = CONSTANTS["veil"] * rain
    x = (1 - veil) * x + veil * CONSTANTS["air"] * min(1.0, light)
    falls = torch.from_numpy(streaks(images.shape[2], images.shape[3], rain))
    return torch.where(falls, x + CONSTANTS["bright"] * min(1.0, light), x).clamp(max=1)

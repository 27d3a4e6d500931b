"""A rival that learns two numbers: what is dark and lies near the middle is a lesion.

Lesions send few echoes, and who takes the picture puts the lesion into its middle. So the picture is smoothed, pixels
darker than a threshold are kept, and of their pieces the one that lies nearest the middle with most pixels is the
answer. Threshold and smoothing are those that give the highest mean Dice on the pictures that a network learns from.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common import masks
from convnets.tumours.ultrasound import NORMAL, Pictures

__all__ = ["Fitted", "fit", "outlined"]

DARK = tuple(range(10, 101, 10))
SMOOTH = (3, 7, 11)


class Fitted(NamedTuple):
    """What was learned."""

    dark: int  # a smoothed pixel below this grey may be lesion
    smooth: int  # pixels a side of the window that is averaged over


def outlined(images: Tensor, inside: Tensor, fitted: Fitted) -> Tensor:
    """The lesion in each of ``images`` (N, H, W) uint8, where ``inside`` holds picture: masks (N, H, W)."""
    margin = fitted.smooth // 2
    padded = F.pad(images[:, None].float(), (margin,) * 4, mode="reflect")
    dark = (F.avg_pool2d(padded, fitted.smooth, 1)[:, 0] < fitted.dark) & inside
    height, width = images.shape[1:]
    y, x = np.mgrid[:height, :width]
    near = np.exp(-(((x - width / 2) / (width / 5)) ** 2 + ((y - height / 2) / (height / 5)) ** 2) / 2)
    found = torch.zeros_like(inside)
    for place, mask in enumerate(dark.numpy()):
        names = masks.pieces(mask)
        worth = np.bincount(names.ravel(), near.ravel(), minlength=2)
        worth[0] = 0
        found[place] = torch.from_numpy((names == worth.argmax()) & (names > 0))
    return found


def fit(pictures: Pictures) -> Fitted:
    """The threshold and window with the highest mean Dice on those of ``pictures`` that show a lesion."""
    shown = pictures.take(pictures.kinds != NORMAL)

    def worth(one: Fitted) -> float:
        return float(masks.dice(outlined(shown.images, shown.inside, one), shown.masks).mean())

    return max((Fitted(dark, smooth) for dark in DARK for smooth in SMOOTH), key=worth)

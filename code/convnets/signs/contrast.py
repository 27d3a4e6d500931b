"""Colour and contrast: what the networks make of a photograph before their first layer learns anything.

Sources:
    - Sermanet, LeCun: "Traffic sign recognition with multi-scale convolutional networks", IJCNN 2011: YUV; the
      luminance Y is centred on its mean, then normalised locally; U and V stay as they are.
    - Jarrett, Kavukcuoglu, Ranzato, LeCun: "What is the best multi-stage architecture for object recognition?",
      ICCV 2009: subtractive and divisive normalisation with a Gaussian window.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["DARK", "even", "gaussian", "local_contrast", "standardised", "weighted_mean", "yuv"]

FLOOR = 0.02
"""Least standard deviation, of values from 0 to 1, by which a flat picture is divided."""
DARK = 0.03
"""Added to brightness before its logarithm is taken: much darker than this, a camera sees noise alone."""


def yuv(x: Tensor) -> Tensor:
    """(N, 3, H, W) red, green, blue from 0 to 1 -> luminance and two differences of colour (ITU-R BT.601)."""
    red, green, blue = x.unbind(1)
    y = 0.299 * red + 0.587 * green + 0.114 * blue
    return torch.stack([y, 0.492 * (blue - y), 0.877 * (red - y)], 1)


def gaussian(side: int, sigma: float) -> Tensor:
    """A window (1, 1, side, side) whose weights sum to 1."""
    places = torch.arange(side) - (side - 1) / 2
    line = torch.exp(-(places**2) / (2 * sigma**2))
    window = torch.outer(line, line)
    return (window / window.sum())[None, None]


def weighted_mean(x: Tensor, window: Tensor) -> Tensor:
    """The mean of (N, 1, H, W) round each pixel under ``window``; outside the picture there is nothing to count."""
    pad = window.shape[-1] // 2
    there = F.conv2d(torch.ones_like(x[:1]), window, padding=pad)
    return F.conv2d(x, window, padding=pad) / there


def local_contrast(y: Tensor, window: Tensor) -> Tensor:
    """(N, 1, H, W) less its local mean, divided by the local deviation or, where that is smaller, its mean."""
    v = y - weighted_mean(y, window)
    deviation = weighted_mean(v * v, window).clamp(min=1e-6).sqrt()  # where 0, it would have no slope
    least = deviation.mean((1, 2, 3), keepdim=True).clamp(min=FLOOR)
    return v / torch.maximum(deviation, least)


def even(y: Tensor, window: Tensor) -> Tensor:
    """(N, 1, H, W) less its local mean, divided by the local deviation, so that shade and sun show the same."""
    v = y - weighted_mean(y, window)
    return v / (weighted_mean(v * v, window) + (3 * FLOOR) ** 2).sqrt()


def standardised(x: Tensor) -> Tensor:
    """(N, C, H, W) with mean 0 and deviation 1 over all its colours together, so that hues stay what they are."""
    centred = x - x.mean((1, 2, 3), keepdim=True)
    return centred / ((centred * centred).mean((1, 2, 3), keepdim=True) + FLOOR**2).sqrt()

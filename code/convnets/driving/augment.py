"""Photographs changed at random, so that 367 of them stand for more: nearer or farther, mirrored, in another light."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.driving.streets import UNKNOWN

__all__ = ["lit", "moved"]


def moved(
    images: Tensor, labels: Tensor, draw: torch.Generator, zoom: tuple[float, float], turn: float = 0.05
) -> tuple[Tensor, Tensor]:
    """Mirrored or not, resized, turned and shifted as far as the picture reaches; classes go along.

    Args:
        images: (N, 3, H, W) uint8.
        labels: (N, H, W) uint8.
        draw: where random numbers come from.
        zoom: smallest and largest change of size; its logarithm is drawn evenly.
        turn: standard deviation of the angle, in radians.

    Returns:
        Pictures (N, 3, H, W), 0 to 1, and labels (N, H, W) int64; beyond the edge black, and :data:`UNKNOWN`.
    """
    count, _, height, width = images.shape
    low, high = math.log(zoom[0]), math.log(zoom[1])
    scale = torch.exp(low + (high - low) * torch.rand(count, generator=draw))
    squeeze = torch.exp(0.1 * torch.randn(count, generator=draw))
    angle = turn * torch.randn(count, generator=draw)
    mirror = torch.where(torch.rand(count, generator=draw) < 0.5, 1.0, -1.0)
    # a place of the result, -1 to 1 along each side, -> the place in the photograph that is shown there
    across, down = 1 / (scale * squeeze), squeeze / scale
    sine, cosine, shape = angle.sin(), angle.cos(), height / width
    shift = (2 * torch.rand(count, 2, generator=draw) - 1) * torch.stack([1 - across, 1 - down], 1).abs()
    rows = [
        torch.stack([mirror * cosine * across, -mirror * sine * across * shape, shift[:, 0]], 1),
        torch.stack([sine * down / shape, cosine * down, shift[:, 1]], 1),
    ]
    grid = F.affine_grid(torch.stack(rows, 1), [count, 1, height, width], align_corners=False)
    seen = F.grid_sample(images.float() / 255, grid, align_corners=False)
    known = F.grid_sample(labels[:, None].float() - UNKNOWN, grid, mode="nearest", align_corners=False)
    return seen, (known[:, 0] + UNKNOWN).round().long()


def lit(images: Tensor, draw: torch.Generator, strength: float = 1.0) -> Tensor:
    """Pictures (N, 3, H, W), 0 to 1, in another light: exposure, contrast, saturation, tint and gamma are drawn."""
    count = len(images)

    def factor(spread: float, channels: int = 1) -> Tensor:
        return torch.exp(strength * spread * torch.randn(count, channels, 1, 1, generator=draw))

    x = images.clamp(min=1e-4) ** factor(0.25)
    x = x * factor(0.2) * factor(0.06, 3)
    mean = x.mean((1, 2, 3), keepdim=True)
    x = mean + (x - mean) * factor(0.2)
    grey = x.mean(1, keepdim=True)
    return (grey + (x - grey) * factor(0.3)).clamp(0, 1)

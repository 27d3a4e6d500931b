"""What windows are asked for: the class and the box of a thing that they show most of, else nothing."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.localisation.data import prepare
from convnets.localisation.model import STRIDE, WINDOW
from convnets.localisation.world import Scenes

__all__ = ["ENOUGH", "Asked", "asked", "turned"]

ENOUGH = 0.8
"""Share of a thing's pixels that a window must show, to be asked for its class and box (paper: half)."""


class Asked(NamedTuple):
    """N pictures of one size, and the answers to all their windows."""

    pixels: Tensor  # (N, 3, H, W) from 0 to 1
    labels: Tensor  # (N, h, w), the last class is nothing
    boxes: Tensor  # (N, 4) in pixels of these pictures


def asked(scenes: Scenes, rows: int, columns: int, nothing: int) -> Asked:
    """``scenes`` made ``rows`` x ``columns`` pixels large; ``nothing`` is the label of a window without a thing."""
    height, width = scenes.images.shape[2:]
    pixels, masks = prepare(scenes.images), scenes.masks[:, None].float()
    if (rows, columns) != (height, width):
        both = torch.cat([pixels, masks], 1)
        both = F.interpolate(both, (rows, columns), mode="bilinear", align_corners=False)
        pixels, masks = both[:, :3], both[:, 3:]
    whole = masks.sum((1, 2, 3))[:, None, None].clamp(min=1e-6)
    shown = F.avg_pool2d(masks, WINDOW, STRIDE)[:, 0] * WINDOW**2 / whole
    labels = torch.where(shown >= ENOUGH, scenes.labels[:, None, None], nothing)
    return Asked(pixels, labels, scenes.boxes * torch.tensor([columns / width, rows / height] * 2))


def turned(scenes: Scenes, draw: torch.Generator) -> Scenes:
    """Photographs without an up and down, each mirrored and upside down, or not; and in other light."""
    images, boxes, masks = scenes.images, scenes.boxes, scenes.masks
    for axis, side in ((0, images.shape[3]), (1, images.shape[2])):
        chosen = torch.rand(len(images), generator=draw) < 0.5
        flipped = boxes.clone()
        flipped[:, axis], flipped[:, axis + 2] = side - boxes[:, axis + 2], side - boxes[:, axis]
        boxes = torch.where(chosen[:, None], flipped, boxes)
        images = torch.where(chosen[:, None, None, None], images.flip(3 - axis), images)
        masks = torch.where(chosen[:, None, None], masks.flip(2 - axis), masks)
    light = 1 + 0.15 * torch.randn(len(images), 3, 1, 1, generator=draw).clamp(-2, 2)
    shift = 12 * torch.randn(len(images), 1, 1, 1, generator=draw)
    return Scenes((images * light + shift).round().clamp(0, 255).byte(), scenes.labels, boxes, masks)

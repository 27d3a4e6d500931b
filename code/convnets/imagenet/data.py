"""A subset of CIFAR-10: small photographs of ten classes, on which the chapter's two experiments learn.

Data: Krizhevsky: "Learning Multiple Layers of Features from Tiny Images", 2009: colour images of 32x32 pixels. Ours are
the first 20,000 training images in the official order and the first 1,000 test images, as AlexNet's chapter reads
them.

Deviations:
    - ImageNet cannot be trained on here: 1.28 million images and weeks of one processor. What the contest's authors
      saw on it, and He et al. 2015 on CIFAR-10 too, is measured again on these.
    - 2,000 of the 20,000 training images are kept for validation, other ones than in AlexNet's chapter.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.alexnet.data import CLASSES, NAME, held_out
from convnets.alexnet.data import load as load_photographs
from convnets.common import sets
from convnets.common.sets import Labelled
from convnets.cortex import data as cifar

__all__ = [
    "CLASSES", "DIGEST", "MEAN", "NAME", "STD", "Sets", "held_out", "load", "mirrored", "prepare", "resized",
    "resized_crops", "shifted", "split",
]  # fmt: skip

DIGEST = hashlib.sha256((cifar.DIGESTS["train"] + cifar.DIGESTS["test"]).encode()).hexdigest()
"""One digest for the whole set; part of every run's key."""

MEAN = (0.493, 0.483, 0.447)
STD = (0.247, 0.244, 0.262)
"""Of the red, green and blue values of the 20,000 training images, as shares of 255."""


class Sets(NamedTuple):
    """Training, validation and test images."""

    train: Labelled
    validation: Labelled
    test: Labelled

    @property
    def digest(self) -> str:
        """:data:`DIGEST` for the published images; for others, a digest of the images and labels themselves."""
        if all(part.digest_known for part in self):
            return DIGEST
        return sets.digest(*self)


def load(split: str = "train", folder: str | Path | None = None) -> Labelled:
    """The ``train`` (20,000) or ``test`` (1,000) images (N, 3, 32, 32) uint8, red first; errors as AlexNet's."""
    found = load_photographs(split, folder)
    return found._replace(images=found.images.permute(0, 3, 1, 2).contiguous())


def split(folder: str | None = None) -> Sets:
    """The subset, with 2,000 fixed training images set aside for validation.

    Raises:
        ConvnetsError: as :func:`load`, or a set has no image.
    """
    everything = load("train", folder)
    train, validation = sets.hold_out(everything, held_out(everything), seed=2015)
    return sets.none_empty(Sets(train, validation, load("test", folder)))


def prepare(images: Tensor) -> Tensor:
    """Pixels 0..255 (..., 3, H, W) uint8 -> float32 with mean 0 and deviation 1 a colour."""
    mean = images.new_tensor(MEAN, dtype=torch.float32)[:, None, None]
    return (images.float() / 255 - mean) / images.new_tensor(STD, dtype=torch.float32)[:, None, None]


def shifted(images: Tensor, generator: torch.Generator, pixels: int = 4) -> Tensor:
    """Each of (N, C, H, W) moved by up to ``pixels`` each way and mirrored half the time (He et al. 2015, section 4.2).

    What moves in from outside is zero, which for :func:`prepare`'s answer is the mean colour.
    """
    count, _, height, width = images.shape
    padded = F.pad(images, (pixels,) * 4)
    offsets = torch.randint(0, 2 * pixels + 1, (2, count), generator=generator, device=images.device)
    rows = offsets[0][:, None] + torch.arange(height, device=images.device)
    columns = offsets[1][:, None] + torch.arange(width, device=images.device)
    columns = torch.where(_coins(count, generator, images.device)[:, None], columns.flip(1), columns)
    examples = torch.arange(count, device=images.device)[:, None, None]
    return padded[examples, :, rows[:, :, None], columns[:, None]].permute(0, 3, 1, 2).contiguous()


def resized_crops(images: Tensor, size: int, smallest: float, generator: torch.Generator) -> Tensor:
    """A random part of each of (N, C, H, W), mirrored half the time and resized to ``size`` pixels a side.

    Its area is a share of the image's, drawn uniformly between ``smallest`` and 1; its sides' ratio lies between 3/4
    and 4/3, uniformly in its logarithm; what would be longer than the image is cut (Szegedy et al. 2015, section 6).
    """
    count, _, height, width = images.shape
    draws = torch.rand(4, count, generator=generator, device=images.device)
    area = (smallest + (1 - smallest) * draws[0]) * height * width
    ratio = (4 / 3) ** (2 * draws[1] - 1)
    tall = (area / ratio).sqrt().round().clamp(1, height).long()
    wide = (area * ratio).sqrt().round().clamp(1, width).long()
    tops = (draws[2] * (height - tall + 1)).long().tolist()
    lefts = (draws[3] * (width - wide + 1)).long().tolist()
    parts = zip(images, tops, lefts, tall.tolist(), wide.tolist(), strict=True)
    found = torch.cat([resized(image[None, :, t : t + h, left : left + w], size) for image, t, left, h, w in parts])
    mirrored = _coins(count, generator, images.device)[:, None, None, None]
    return torch.where(mirrored, found.flip(3), found)


def mirrored(images: Tensor, generator: torch.Generator) -> Tensor:
    """Each of (N, C, H, W) as it is or mirrored, either half the time."""
    coins = _coins(len(images), generator, images.device)[:, None, None, None]
    return torch.where(coins, images.flip(3), images)


def resized(images: Tensor, size: int) -> Tensor:
    """(N, C, H, W) float -> (N, C, size, size), bilinear, and smoothed where it shrinks."""
    if images.shape[2:] == (size, size):
        return images
    return F.interpolate(images, (size, size), mode="bilinear", antialias=True)


def _coins(count: int, generator: torch.Generator, device: torch.device) -> Tensor:
    return torch.rand(count, generator=generator, device=device) < 0.5

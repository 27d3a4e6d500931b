"""CIFAR-10 as a small AlexNet sees it: 24x24 crops of 32x32 pixels, their reflections, and colour noise.

Data: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009: the first 20,000 training and the first
1,000 test images of CIFAR-10, as the cortex chapter reads them. :mod:`convnets.alexnet.tiny` reads the other set.

Augmentation follows Krizhevsky, Sutskever, Hinton, "ImageNet Classification with Deep Convolutional Neural Networks",
2012, section 4.1: random crops and reflections in training, ten fixed crops in the test, and colour noise along the
principal directions of the training pixels.

Deviations:
    - Crops are 24 of 32 pixels wide, 224 of 256 there.
    - One mean for each colour is subtracted, not a mean image.
    - The paper says that multiples of the directions are proportional to the eigenvalues, in units that it does not
      name; ours are the eigenvalues of pixels from 0 to 1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from convnets.alexnet import tiny
from convnets.common import sets
from convnets.common.sets import Labelled
from convnets.cortex import data as cortex

__all__ = [
    "CLASSES", "CROP", "MEANS", "NAME", "NOISE", "SIDE", "TEN", "Colours", "Parts", "Sets", "augment", "colours",
    "crop", "held_out", "load", "planes", "split", "ten",
]  # fmt: skip

NAME = "CIFAR-10"
CLASSES = cortex.CLASSES
SIDE = 32  # pixels of an image, of either set
CROP = 24  # pixels that a small network sees of it
NOISE = 0.1  # standard deviation of the multiples in the colour noise (section 4.1)
MEANS = {"cifar": (0.4928, 0.4830, 0.4470), "tiny": (0.4863, 0.4520, 0.4011)}
"""Mean red, green and blue of all training pixels, from 0 to 1."""
VALIDATION_COUNT = 2_000

_REST = SIDE - CROP
TEN = tuple(
    (top, left, turned)
    for turned in (False, True)
    for top, left in ((0, 0), (0, _REST), (_REST, 0), (_REST, _REST), (_REST // 2, _REST // 2))
)
"""The ten crops of the test: (top, left, reflected), four corners and the centre, then their reflections."""


class Parts(NamedTuple):
    """Training, validation and test images, uint8 (N, 32, 32, 3)."""

    train: Labelled
    validation: Labelled
    test: Labelled
    published: str  # digest of the published files

    @property
    def digest(self) -> str:
        """That of the published files; for others, a digest of the images and labels themselves."""
        parts = self[:3]
        return self.published if all(part.digest_known for part in parts) else sets.digest(*parts)


class Sets:
    """Both data sets; neither is opened before it is asked for."""

    def __init__(self, folder: str | None = None) -> None:
        self.folder = folder

    @cached_property
    def cifar(self) -> Parts:
        """CIFAR-10; errors as :func:`load`."""
        everything = load("train", self.folder)
        return _divided(everything, held_out(everything), load("test", self.folder), cortex.DIGESTS)

    @cached_property
    def tiny(self) -> Parts:
        """Tiny ImageNet; errors as :func:`convnets.alexnet.tiny.load`."""
        everything = tiny.load("train", self.folder)
        return _divided(everything, tiny.held_out(everything), tiny.load("test", self.folder), tiny.DIGESTS)

    def of(self, name: str) -> Parts:
        """The set called ``cifar`` or ``tiny``."""
        return {"cifar": lambda: self.cifar, "tiny": lambda: self.tiny}[name]()

    @property
    def digest(self) -> str:
        """Digest of what the first recipe learns from."""
        return self.cifar.digest


def _divided(everything: Labelled, count: int, test: Labelled, digests: Mapping[str, str]) -> Parts:
    train, validation = sets.hold_out(everything, count, seed=2012)
    published = hashlib.sha256((digests["train"] + digests["test"]).encode()).hexdigest()
    return sets.none_empty(Parts(train, validation, test, published))


def load(split: str = "train", folder: str | Path | None = None) -> Labelled:
    """CIFAR-10's ``train`` (20,000) or ``test`` (1,000) images; errors as :func:`convnets.cortex.data.load`."""
    return cortex.load(split, folder)


def split(folder: str | None = None) -> Sets:
    """Both sets, read when they are asked for, some training images kept for validation."""
    return Sets(folder)


def held_out(images: Labelled) -> int:
    """How many of CIFAR-10's training images are kept for validation."""
    return min(VALIDATION_COUNT, len(images.labels) // 5)


def planes(images: Tensor) -> Tensor:
    """Bytes (N, H, W, 3) -> (N, 3, H, W) from 0 to 1."""
    return images.permute(0, 3, 1, 2).float().contiguous() / 255


def crop(images: Tensor, top: int, left: int, turned: bool = False, side: int = CROP) -> Tensor:
    """One window of bytes (N, H, W, 3), reflected or not, as (N, 3, side, side) from 0 to 1."""
    window = images[:, top : top + side, left : left + side]
    return planes(window.flip(2) if turned else window)


def ten(images: Tensor) -> Tensor:
    """The ten crops of bytes (N, 32, 32, 3) in the order of :data:`TEN`: (10, N, 3, 24, 24) from 0 to 1."""
    return torch.stack([crop(images, *place) for place in TEN])


class Colours(NamedTuple):
    """Principal directions of colours from 0 to 1: rows of ``directions`` (3, 3), and the variance along each (3,)."""

    directions: Tensor
    variances: Tensor


def colours(images: Tensor) -> Colours:
    """Principal directions of all pixels of bytes (N, H, W, 3), largest variance first, the red of each positive."""
    pixels = images.reshape(-1, 3).double() / 255
    variances, vectors = torch.linalg.eigh((pixels - pixels.mean(0)).T @ (pixels - pixels.mean(0)) / len(pixels))
    directions = vectors.T.flip(0)
    directions = directions * torch.where(directions[:, :1] < 0, -1.0, 1.0)
    return Colours(directions.float(), variances.flip(0).float())


def augment(images: Tensor, of: Colours, generator: torch.Generator, side: int = CROP) -> Tensor:
    """A random window of each of bytes (N, H, H, 3), reflected or not, with colour noise: (N, 3, side, side)."""
    count, room, device = len(images), images.shape[1] - side + 1, images.device
    steps = torch.arange(side, device=device)
    tops, lefts = torch.randint(0, room, (2, count, 1), generator=generator, device=device)
    turned = torch.rand(count, 1, generator=generator, device=device) < 0.5
    rows, columns = tops + steps, lefts + torch.where(turned, side - 1 - steps, steps)
    window = images[torch.arange(count, device=device)[:, None, None], rows[:, :, None], columns[:, None, :]]
    multiples = NOISE * torch.randn(count, 3, generator=generator, device=device)
    shift = (multiples * of.variances.to(device)) @ of.directions.to(device)
    return planes(window) + shift[:, :, None, None]

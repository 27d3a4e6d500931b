"""A small world: bars drawn by a seeded generator, whose truth is known. Put the real data set's reader here.

An image shows one bar, level, upright or slanted, somewhere on noisy paper. Training, validation and test images are
drawn from seeds of their own; a folder is asked for nothing.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from convnets.common import sets
from convnets.common.errors import ConvnetsError
from convnets.common.sets import Labelled

__all__ = ["CLASSES", "NAME", "SIZE", "Sets", "draw", "held_out", "load", "prepare", "split"]

NAME = "drawn bars"  # begins small: a description, which each edition translates; a proper name has a capital
CLASSES = ("level", "upright", "slanted")
SIZE = 16  # pixels
LENGTH = 9  # of a bar, pixels
NOISE = 0.5  # most of it that a pixel gets, as a share of the ink's grey
COUNTS = {"train": 600, "test": 1000}
VALIDATION_COUNT = 100
_STEPS = ((0, 1), (1, 0), (1, 1))  # rows and columns from one pixel of a bar to the next, by class


class Sets(NamedTuple):
    """Training, validation and test images."""

    train: Labelled
    validation: Labelled
    test: Labelled

    @property
    def digest(self) -> str:
        """Digest of all images and labels, part of every run's key."""
        return sets.digest(*self)


def draw(count: int, seed: int, noise: float = NOISE) -> Labelled:
    """``count`` images (N, SIZE, SIZE) uint8 with their classes, the same for the same seed on every machine."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % len(CLASSES)
    images = torch.rand(count, SIZE, SIZE, generator=generator) * noise
    starts = torch.randint(0, SIZE - LENGTH + 1, (count, 2), generator=generator)
    for image, label, (top, left) in zip(images, labels.tolist(), starts.tolist(), strict=True):
        down, along = _STEPS[label]
        for step in range(LENGTH):
            image[top + down * step, left + along * step] = 1
    return Labelled((images * 255).round().to(torch.uint8), labels, True)


@cache
def _drawn(part: str) -> Labelled:
    return draw(COUNTS[part], seed={"train": 1, "test": 2}[part])


def load(split: str = "train", folder: str | Path | None = None) -> Labelled:
    """The ``train`` or ``test`` images.

    Raises:
        ConvnetsError: unknown split.
    """
    if split not in COUNTS:
        raise ConvnetsError(f"There is no split {split!r}: choose `train` or `test`.")
    return _drawn(split)


def split(folder: str | None = None) -> Sets:
    """All sets, some training images kept for validation."""
    everything = load("train", folder)
    train, validation = sets.hold_out(everything, held_out(everything), seed=0)
    return sets.none_empty(Sets(train, validation, load("test", folder)))


def held_out(images: Labelled) -> int:
    """How many of these training images are kept for validation."""
    return min(VALIDATION_COUNT, len(images.labels) // 5)


def prepare(images: Tensor) -> Tensor:
    """(N, H, W) uint8 -> (N, 1, H, W), ink 1 on paper 0."""
    return images[:, None].float() / 255

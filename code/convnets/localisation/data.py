"""What the book localises: things of the seeded world, and white blood cells (:mod:`convnets.localisation.cells`).

The world (:mod:`convnets.localisation.world`) is made of CIFAR-10: Krizhevsky, "Learning Multiple Layers of Features
from Tiny Images", 2009: the first 20,000 training and the first 1,000 test images. Things to learn from come from
18,000 training images, those to choose by from others, and those to test with from the test images: each once. What
stands around a tested thing, and where it lies, is drawn from a seed that the photograph itself gives: no picture
depends on which others there are. Every tenth of them or so also gives a picture of its clutter alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from convnets.common import sets
from convnets.common.errors import ConvnetsError
from convnets.common.sets import Labelled
from convnets.cortex import data as cifar
from convnets.localisation import world
from convnets.localisation.world import NOTHING, SIDE, Scenes

__all__ = ["CHOSEN_BY", "NAME", "SPLITS", "Sets", "kinds", "load", "made", "prepare", "split", "things"]

NAME = "a world with things cut out of CIFAR-10"
SPLITS = ("train", "validation", "test")
CHOSEN_BY = 1_000
"""Pictures of the validation set that show a thing."""
_SEED = 2016
_EMPTY = 10  # of so many things, one also gives a picture without it


class Sets:
    """The world and the cells; neither is made before it is asked for."""

    def __init__(self, folder: str | None = None) -> None:
        self.folder = folder

    @cached_property
    def things(self) -> dict[str, Labelled]:
        """Photographs to cut things from, by split; labels are 0 for an animal, 1 for a vehicle."""
        return {name: part._replace(labels=(~cifar.animal(part.labels)).long()) for name, part in self.kinds.items()}

    @cached_property
    def kinds(self) -> dict[str, Labelled]:
        """The same photographs with CIFAR-10's own ten labels."""
        everything = cifar.load("train", self.folder)
        train, validation = sets.hold_out(everything, cifar.held_out(everything), seed=_SEED)
        return {"train": train, "validation": validation, "test": cifar.load("test", self.folder)}

    @cached_property
    def validation(self) -> Scenes:
        """Pictures to choose by."""
        held = self.things["validation"]
        return made(held.take(torch.arange(min(CHOSEN_BY, len(held.labels)))))

    @cached_property
    def test(self) -> Scenes:
        """Pictures to test with."""
        return made(self.things["test"])

    @property
    def digest(self) -> str:
        """Of the photographs that things are cut from; whatever else makes the world is code."""
        parts = list(self.things.values())
        if all(part.digest_known for part in parts):
            return hashlib.sha256((cifar.DIGESTS["train"] + cifar.DIGESTS["test"]).encode()).hexdigest()
        return sets.digest(*parts)


def split(folder: str | None = None) -> Sets:
    """All sets, read when they are asked for."""
    return Sets(folder)


def things(split: str = "test", folder: str | Path | None = None) -> Labelled:
    """Photographs (N, 32, 32, 3) uint8 that things of ``split`` are cut from, and their classes.

    Raises:
        ConvnetsError: unknown split, missing or damaged data.
    """
    if split not in SPLITS:
        raise ConvnetsError(f"There is no split {split!r} of the world: choose {', '.join(SPLITS)}.")
    return Sets(None if folder is None else str(folder)).things[split]


def kinds(split: str = "test", folder: str | Path | None = None) -> list[str]:
    """What is seen on each of the photographs of :func:`things`, by CIFAR-10's ten names; errors as there."""
    things(split, folder)
    return [cifar.CLASSES[label] for label in Sets(None if folder is None else str(folder)).kinds[split].labels]


def load(split: str = "test", folder: str | Path | None = None) -> Scenes:
    """The pictures of ``validation`` or ``test``; errors as :func:`things`."""
    if split == "train":
        raise ConvnetsError("The world's training pictures are drawn anew in every pass: choose validation or test.")
    found = things(split, folder)
    return made(found.take(torch.arange(min(CHOSEN_BY, len(found.labels)))) if split == "validation" else found)


def made(photographs: Labelled, share: float | None = None, at_home: Sequence[int] | None = None) -> Scenes:
    """A picture for each of ``photographs``, each from a seed of its own, and then those without a thing.

    Args:
        photographs: what things are cut from.
        share: of backgrounds that tell a class (:func:`convnets.localisation.world.habitats`); None has no habitats.
        at_home: the class that each background tells, if it is not the thing's own.
    """
    shown, empty = [], []
    homes = photographs.labels.tolist() if at_home is None else at_home
    for image, label, home in zip(photographs.images, photographs.labels, homes, strict=True):
        seed = int.from_bytes(hashlib.sha256(image.numpy().tobytes()).digest()[:7], "big")
        draw = torch.Generator().manual_seed(seed)
        grounds = None if share is None else world.habitats(torch.tensor([home]), draw, share)
        behind = world.backdrops(1, image[None], draw, grounds)
        shown.append(world.scenes(image[None], label[None], draw, behind))
        if seed % _EMPTY == 0 and share is None:
            empty.append(world.scenes(image[None], torch.tensor([NOTHING]), draw, behind))
    if not shown:
        nothing = torch.zeros(0, SIDE, SIDE, dtype=torch.bool)
        return Scenes(torch.zeros(0, 3, SIDE, SIDE, dtype=torch.uint8), photographs.labels, torch.zeros(0, 4), nothing)
    return Scenes(*(torch.cat(parts) for parts in zip(*shown, *empty, strict=True)))


def prepare(images: Tensor) -> Tensor:
    """Bytes (N, 3, H, W) -> from 0 to 1."""
    return images.float() / 255

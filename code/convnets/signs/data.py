"""GTSRB, the German Traffic Sign Recognition Benchmark: photographs of 43 kinds of signs, from a moving car.

Data: Stallkamp, Schlipsing, Salmen, Igel: "Man vs. computer: Benchmarking machine learning algorithms for traffic sign
recognition", Neural Networks 32, 2012. A *track* is one physical sign, filmed some thirty times while the car came
nearer. Frames of a track are near copies, so a track is kept for validation as a whole, never a part of it.

Two layouts are read: ``gtsrb_train_32x32.npz`` and ``gtsrb_test_32x32.npz``, and the set as ``torchvision`` keeps it
(:mod:`convnets.signs.official`).

Deviations:
    - The archives hold half of the frames of every track (the odd ones: 19,604 of 39,209 images) and a random half of
      the official test images (6,315 of 12,630): every test result is on *half of the official test set*.
    - The whole crop, with its margin, is 32x32 pixels; neither the marked box is cut out nor the sides' ratio kept.
    - 84 tracks are kept for validation, about 6 % of each kind and at least one. Sermanet and LeCun (2011) kept one of
      each kind.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from convnets.common import data as files
from convnets.common import sets
from convnets.common.errors import ConvnetsError
from convnets.signs import official

__all__ = [
    "CLASSES", "COUNT", "DIGEST", "DIGESTS", "GROUPS", "MIRRORED", "NAME", "SIDE", "STRANGERS", "SWAPPED", "Sets",
    "Signs", "checked", "groups", "held_out", "load", "part_of", "planes", "split", "without",
]  # fmt: skip

NAME = "traffic signs of GTSRB, half of the test set"
SIDE = 32  # pixels
COUNT = 43  # classes
CLASSES = (
    "Speed limit 20", "Speed limit 30", "Speed limit 50", "Speed limit 60", "Speed limit 70", "Speed limit 80",
    "End of speed limit 80", "Speed limit 100", "Speed limit 120", "No passing", "No passing for trucks",
    "Right of way at the next crossing", "Priority road", "Yield", "Stop", "No vehicles", "No trucks", "No entry",
    "Danger", "Curve to the left", "Curve to the right", "Double curve", "Bumpy road", "Slippery road",
    "Road narrows on the right", "Road work", "Traffic lights", "Pedestrians", "Children", "Bicycles", "Snow or ice",
    "Wild animals", "End of all limits", "Turn right", "Turn left", "Ahead only", "Straight or right",
    "Straight or left", "Keep right", "Keep left", "Roundabout", "End of no passing", "End of no passing for trucks",
)  # fmt: skip
"""What the signs say, by label."""

GROUPS: dict[str, tuple[int, ...]] = {
    "speed limits": (0, 1, 2, 3, 4, 5, 7, 8),
    "other prohibitions": (9, 10, 15, 16),
    "ends of limits": (6, 32, 41, 42),
    "commands": (33, 34, 35, 36, 37, 38, 39, 40),
    "dangers": (11, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31),
    "unlike any other": (12, 13, 14, 17),
}
"""The labels of each family of signs (Stallkamp et al. 2012, figure 3)."""

SWAPPED = ((33, 34), (36, 37), (38, 39), (19, 20))
"""Pairs of signs each of which is the other's mirror image."""
MIRRORED = (11, 12, 13, 15, 17, 18, 22, 26, 30, 35)
"""Signs that are their own mirror image, but for small differences in the drawing."""
STRANGERS = (5, 12, 14, 27, 40)
"""Signs that one network is never shown in training: a look-alike of others, a shape of its own, a letter sign ..."""

DIGESTS = {
    "train": "a9ffd00a11bbaab4fcf6cf751876716b093c4a46f338e7dfc32e7466c9b90c08",
    "test": "9980edb20c1d61b2751ff0d1af27d1c4775be90c22330629525018838ea28d26",
}
"""SHA-256 of the images, labels and (training) tracks of each archive."""
DIGEST = hashlib.sha256((DIGESTS["train"] + DIGESTS["test"]).encode()).hexdigest()
"""One digest for the whole set; part of every run's key."""

SHARE = 0.06  # of the tracks of each class, kept for validation
_SEED = 2011
_LIMIT = 1 << 29


class Signs(NamedTuple):
    """N labelled photographs."""

    images: Tensor  # (N, 3, 32, 32) uint8, red first
    labels: Tensor  # (N,) int64, 0 to 42
    tracks: Tensor  # (N,) int64, number of the physical sign within its class; -1: not known, as of all test images
    digest_known: bool  # whether these are the published files

    def take(self, indices: Tensor) -> Signs:
        """The photographs at ``indices``, in that order."""
        return Signs(self.images[indices], self.labels[indices], self.tracks[indices], self.digest_known)


class Sets(NamedTuple):
    """Training, validation and test photographs."""

    train: Signs
    validation: Signs
    test: Signs

    @property
    def digest(self) -> str:
        """:data:`DIGEST` for the published files; for others, a digest of the images and labels themselves."""
        if all(part.digest_known for part in self):
            return DIGEST
        return sets.digest(*(sets.Labelled(part.images, part.labels, False) for part in self))


def load(split: str = "train", folder: str | Path | None = None) -> Signs:
    """The ``train`` (19,604) or ``test`` (6,315) photographs, from ``folder`` or where the data is found.

    Raises:
        ConvnetsError: the split is unknown, or a file is missing, damaged or no part of GTSRB.
    """
    if split not in DIGESTS:
        raise ConvnetsError(f"There is no split {split!r} of GTSRB: choose `train` or `test`.")
    archive = f"gtsrb_{split}_32x32.npz"
    file = files.find([f"GTSRB/{archive}", archive], folder)
    if file is not None:
        return _archive(file, split)
    for place in files.candidates(folder):
        if (found := official.read(place, split, SIDE)) is not None:
            images, labels, tracks = found
            return _checked(Signs(images, labels, tracks, False), place)
    raise ConvnetsError(
        f"GTSRB ({archive}, or torchvision's folder gtsrb) lies in none of "
        f"{', '.join(map(str, files.candidates(folder)))}: set CONVNETS_DATA to a folder that holds it."
    )


def _archive(file: Path, split: str) -> Signs:
    names = ["images", "labels", *(["track"] if split == "train" else [])]
    held = files.arrays(file, names, _LIMIT)
    images, labels = held[0], held[1]
    if images.dtype != "uint8" or images.shape[1:] != (SIDE, SIDE, 3) or any(len(one) != len(images) for one in held):
        raise ConvnetsError(
            f"The data file {file} holds arrays {', '.join(str(one.shape) for one in held)}: images must be "
            f"(N, {SIDE}, {SIDE}, 3) uint8, with a label and in training a track each; fetch it again."
        )
    digest = hashlib.sha256(b"".join(one.tobytes() for one in held)).hexdigest()
    tracks = torch.from_numpy(held[2].astype("int64")) if split == "train" else torch.full((len(images),), -1)
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
    signs = Signs(pixels, torch.from_numpy(labels.astype("int64")), tracks, digest == DIGESTS[split])
    return _checked(signs, file)


def _checked(signs: Signs, file: Path) -> Signs:
    strange = [label for label in signs.labels.unique().tolist() if not 0 <= label < COUNT]
    if strange:
        raise ConvnetsError(f"{file} has the label {strange[0]}; those of GTSRB go from 0 to 42: fetch it again.")
    return signs


def split(folder: str | None = None) -> Sets:
    """The photographs, some whole tracks of every class set aside for validation.

    Raises:
        ConvnetsError: as :func:`load`, or a set has no photograph.
    """
    everything = load("train", folder)
    aside = _aside(everything)
    parts = Sets(everything.take(~aside), everything.take(aside), load("test", folder))
    return checked(sets.none_empty(parts))


def _aside(signs: Signs) -> Tensor:
    """Which photographs (N,) are kept for validation: whole tracks of each class that has two or more."""
    aside = torch.zeros(len(signs.labels), dtype=torch.bool)
    for label in signs.labels.unique().tolist():
        members = (signs.labels == label).nonzero()[:, 0]
        names = groups(signs.take(members))
        if len(set(names)) > 1:
            aside[members] = sets.hold_out_groups(names, SHARE, _SEED)
    return aside


def held_out(signs: Signs) -> int:
    """How many of these training photographs are kept for validation."""
    return int(_aside(signs).sum())


def groups(signs: Signs) -> list[str]:
    """The physical sign of each photograph, as ``class/track``."""
    return [f"{label}/{track}" for label, track in zip(signs.labels.tolist(), signs.tracks.tolist(), strict=True)]


def checked(parts: Sets) -> Sets:
    """``parts`` as they are, if no physical sign is both learned from and validated on.

    Raises:
        ConvnetsError: a track lies in both sets.
    """
    both = sorted(set(groups(parts.train)) & set(groups(parts.validation)))
    if both:
        label, _, track = both[0].partition("/")
        raise ConvnetsError(
            f"Track {track} of class {label} lies in the training and in the validation set, and its frames are near "
            "copies: keep every track on one side, as `signs.data.split` does."
        )
    return parts


def part_of(signs: Signs, share: float, seed: int = 0) -> Signs:
    """The photographs of about ``share`` of the tracks of each class, at least one; the same tracks for a ``seed``."""
    kept = torch.ones(len(signs.labels), dtype=torch.bool)
    for label in signs.labels.unique().tolist() if share < 1 else ():
        members = (signs.labels == label).nonzero()[:, 0]
        names = groups(signs.take(members))
        if len(set(names)) > 1:
            kept[members] = sets.hold_out_groups(names, share, seed)
    return signs.take(kept)


def without(signs: Signs, labels: tuple[int, ...]) -> Signs:
    """The photographs that show none of ``labels``."""
    return signs.take(~torch.isin(signs.labels, torch.tensor(labels)))


def planes(images: Tensor) -> Tensor:
    """Pixels 0..255 (..., 3, H, W) uint8 -> float32 from 0 to 1, what the networks take."""
    return images.float() / 255

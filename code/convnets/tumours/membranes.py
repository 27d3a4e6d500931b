"""Membranes of neurons in electron microscopy: slices of 512x512 grey pixels, and what is cell and what is wall.

Data: the challenge of ISBI 2012 (I. Arganda-Carreras and others; tissue: A. Cardona and others, 2010): 30 labelled
slices, neighbours in one block of tissue, of which 24 are at hand. The official test slices have no public labels.

Slices that lie beside one another are alike, so they are divided in blocks: 0 to 15 to learn from, 16 to 19 to choose
by, from 20 on to test with.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from convnets.common import data as files
from convnets.common.errors import ConvnetsError

__all__ = ["BLOCKS", "DIGEST", "LABELLED", "NAME", "Slices", "everything", "load"]

NAME = "slices of ISBI 2012, 24 of the 30 labelled ones"
DIGEST = "c0c7e73aae94fadf0bb4f824532762f125a63c2d9c8adb2e8d2f8cfa5388075f"
"""SHA-256 of images, labels and places."""
BLOCKS = {"train": range(16), "validation": range(16, 20), "test": range(20, 1_000)}
"""Places in the stack, by split."""
LABELLED = 30
_FILE = "isbi2012_em.npz"


class Slices(NamedTuple):
    """Slices of one split."""

    images: Tensor  # (N, H, W) uint8
    labels: Tensor  # (N, H, W) bool, true = cell, false = membrane
    places: Tensor  # (N,) in the stack
    digest_known: bool

    def take(self, indices: Tensor) -> Slices:
        """The slices at ``indices``, in that order."""
        return Slices(self.images[indices], self.labels[indices], self.places[indices], self.digest_known)


def everything(folder: str | Path | None = None) -> Slices:
    """All slices that are there.

    Raises:
        ConvnetsError: the file is missing or damaged, sizes differ, or labels hold something else than 0 and 1.
    """
    file = files.find([f"isbi_em/{_FILE}", _FILE], folder)
    if file is None:
        raise ConvnetsError(
            f"The membranes (isbi_em/{_FILE}) lie in none of {', '.join(map(str, files.candidates(folder)))}: set "
            "CONVNETS_DATA to a folder that holds them."
        )
    return _read(file)


def load(split: str = "train", folder: str | Path | None = None) -> Slices:
    """The slices of a block of the stack; errors as :func:`everything`, or the split is unknown or empty."""
    if split not in BLOCKS:
        raise ConvnetsError(f"There is no split {split!r} of these slices: choose {', '.join(BLOCKS)}.")
    found = everything(folder)
    inside = [place in BLOCKS[split] for place in found.places.tolist()]
    if not any(inside):
        raise ConvnetsError(
            f"No slice has a place from {BLOCKS[split][0]} on, which the split {split} begins with: say each slice's "
            "place in the stack in `slices`."
        )
    return found.take(torch.tensor(inside).nonzero()[:, 0])


@lru_cache(maxsize=2)
def _read(file: Path) -> Slices:
    images, labels, places = files.arrays(file, ["images", "labels", "slices"])
    if images.ndim != 3 or labels.shape != images.shape or places.shape != images.shape[:1] or not len(images):
        raise ConvnetsError(
            f"The slices of {file} are {images.shape}, their labels {labels.shape}: give a label for each pixel."
        )
    if images.dtype != np.uint8 or not np.isin(labels, (0, 1)).all():
        raise ConvnetsError(f"The labels of {file} hold other values than 0, membrane, and 1, cell: fetch it again.")
    content = b"".join(np.ascontiguousarray(part).tobytes() for part in (images, labels, places.astype(np.int64)))
    known = hashlib.sha256(content).hexdigest() == DIGEST
    parts = torch.from_numpy(images), torch.from_numpy(labels == 1), torch.from_numpy(places.astype(np.int64))
    return Slices(*parts, known)


def digest(folder: str | Path | None = None) -> str:
    """Digest of all slices; errors as :func:`everything`."""
    found = everything(folder)
    if found.digest_known:
        return DIGEST
    return hashlib.sha256(b"".join(part.numpy().tobytes() for part in found[:3])).hexdigest()

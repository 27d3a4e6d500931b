"""Labelled images, and how some of them are kept from training."""

from __future__ import annotations

import hashlib
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor

from convnets.common.errors import ConvnetsError

__all__ = ["Labelled", "digest", "hold_out", "none_empty"]

Sets = TypeVar("Sets")
"""Named sets ``train``, ``validation`` and ``test``, each with ``labels``."""


class Labelled(NamedTuple):
    """N labelled images of one split."""

    images: Tensor  # (N, ...) as the data set has them, as a rule uint8
    labels: Tensor  # (N,) int64
    digest_known: bool  # whether these are the published files

    def take(self, indices: Tensor) -> Labelled:
        """The images at ``indices``, in that order."""
        return Labelled(self.images[indices], self.labels[indices], self.digest_known)


def hold_out(everything: Labelled, count: int, seed: int) -> tuple[Labelled, Labelled]:
    """(rest, ``count`` fixed ones for validation) of training images, drawn by ``seed``."""
    order = torch.randperm(len(everything.labels), generator=torch.Generator().manual_seed(seed))
    return everything.take(order[count:]), everything.take(order[:count])


def digest(*parts: Labelled) -> str:
    """Digest of the images and labels themselves, for data that are not the published files."""
    content = b"".join(part.images.numpy().tobytes() + part.labels.numpy().tobytes() for part in parts)
    return hashlib.sha256(content).hexdigest()


def none_empty(sets: Sets) -> Sets:
    """``sets`` as they are, if there is something to train on, to choose by and to test with.

    Raises:
        ConvnetsError: one of the three holds no example.
    """
    for name in ("train", "validation", "test"):
        if not len(getattr(sets, name).labels):
            raise ConvnetsError(
                f"The {name} set holds no example: give at least five training examples, of which one is kept for "
                "validation, and one test example."
            )
    return sets

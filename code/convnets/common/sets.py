"""Labelled images, and how some examples are kept from training: at random, or by groups that stay together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor

from convnets.common.errors import ConvnetsError

__all__ = ["Labelled", "digest", "fold", "hold_out", "hold_out_groups", "none_empty"]

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


def fold(group: str, folds: int = 10) -> int:
    """The fold, 0 to ``folds`` - 1, of a group by a hash of its name.

    It depends on nothing else: an example stays on its side whatever other examples there are.
    """
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") % folds


def hold_out_groups(groups: Sequence[str], share: float, seed: int) -> Tensor:
    """Which examples (N,) to keep for validation: about ``share`` of their ``groups``, at least one and never all.

    Groups (tracks, speakers, sequences: what is alike within) are never on both sides. They are ordered by a hash of
    ``seed`` and their names, so the order of the examples makes no difference.

    Raises:
        ConvnetsError: there is one group only.
    """
    found = sorted(set(groups), key=lambda group: hashlib.sha256(f"{seed}:{group}".encode()).digest())
    if len(found) < 2:
        raise ConvnetsError(f"{len(found)} groups cannot be divided into training and validation: give two or more.")
    held = set(found[: min(max(1, round(share * len(found))), len(found) - 1)])
    return torch.tensor([group in held for group in groups])


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

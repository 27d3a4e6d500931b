"""The digits that the neocognitron of 2003 reads: MNIST as LeNet's chapter keeps it, read when first asked for."""

from __future__ import annotations

from functools import cached_property

import torch

from convnets.lenet.data import NAME, Digits, Sets, held_out, load
from convnets.lenet.data import split as lenet_split

__all__ = ["NAME", "Digits", "LazySets", "Sets", "held_out", "load", "sample", "split"]


class LazySets:
    """:class:`~convnets.lenet.data.Sets` that opens no file before a part is asked for.

    The network of 1980 sees drawn patterns only: it trains where there is no MNIST.
    """

    def __init__(self, folder: str | None = None) -> None:
        self.folder = folder

    @cached_property
    def sets(self) -> Sets:
        """The digits themselves; errors as :func:`convnets.lenet.data.split`."""
        return lenet_split(self.folder)

    @property
    def train(self) -> Digits:
        """Training digits."""
        return self.sets.train

    @property
    def validation(self) -> Digits:
        """Validation digits."""
        return self.sets.validation

    @property
    def test(self) -> Digits:
        """Test digits."""
        return self.sets.test

    @property
    def digest(self) -> str:
        """Digest of all digits."""
        return self.sets.digest


def split(folder: str | None = None) -> LazySets:
    """MNIST's official sets with LeNet's 5,000 validation images, read on first use."""
    return LazySets(folder)


def sample(digits: Digits, count: int, seed: int) -> Digits:
    """``count`` of ``digits`` drawn without replacement by ``seed``; all of them, in their order, if count is 0.

    If there are fewer than ``count``, all are taken.
    """
    if not count:
        return digits
    order = torch.randperm(len(digits.labels), generator=torch.Generator().manual_seed(seed))
    return digits.take(order[:count])

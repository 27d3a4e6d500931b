"""What a page shows of each LeNet: the stages of its answer, as ``convnets export lenet`` writes them."""

from __future__ import annotations

from torch import Tensor

from convnets.common.export import Live
from convnets.lenet.data import BLACK, WHITE
from convnets.lenet.model import LeNet1, LeNet5, ModernLeNet, ZipCodeNet

__all__ = ["LIVE"]


def _lenet5(model: LeNet5, image: Tensor) -> tuple[Tensor, ...]:
    return model.features(image)


def _lenet1(model: LeNet1, image: Tensor) -> tuple[Tensor, ...]:
    return *model.stages(image), model(image)


def _modern(model: ModernLeNet, image: Tensor) -> tuple[Tensor, ...]:
    return *model.stages(image), model(image)


def _zipcode(model: ZipCodeNet, image: Tensor) -> tuple[Tensor, ...]:
    return (model(image),)


_LENET5 = Live((1, 32, 32), ("c1", "s2", "c3", "s4", "c5", "f6", "distances"), _lenet5, WHITE, BLACK)

LIVE: dict[str, Live] = {
    "lenet1": Live((1, 28, 28), ("h1", "h2", "h3", "h4", "scores"), _lenet1, WHITE, BLACK),
    "lenet5": _LENET5,
    "lenet5-plain": _LENET5,
    "lenet5-row": _LENET5,
    "modern": Live((1, 32, 32), ("c1", "s2", "c3", "s4", "c5", "f6", "scores"), _modern, WHITE, BLACK),
    "zipcode": Live((1, 16, 16), ("scores",), _zipcode, WHITE, BLACK),
}
"""The networks that pages can show, by name."""

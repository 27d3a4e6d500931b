"""The published networks by name: load, predict, evaluate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from convnets.common import published
from convnets.common.sets import Labelled
from press.publish.thin.data import NAME, held_out, prepare
from press.publish.thin.data import load as load_images
from press.publish.thin.model import Thin

__all__ = ["NETS", "error", "evaluate", "load", "predict"]

NETS: dict[str, Callable[[], nn.Module]] = {"thin": Thin}
"""The published networks by name, and what builds each."""


def error(model: nn.Module, images: Labelled) -> float:
    """Share of ``images`` for which the highest score is not the label's."""
    return published.mistakes(predict(model, images.images), images.labels).value


def predict(model: nn.Module, images: Tensor) -> Tensor:
    """Classes (N,) that ``model`` gives to uint8 ``images`` (N, H, W)."""
    return published.answers(model, images, prepare, 500).argmax(1)


def load(net: str = "thin") -> nn.Module:
    """The published network ``net``, with its weights, ready to predict.

    Raises:
        ConvnetsError: unknown name, or weights that are missing or damaged.
    """
    return published.load("thin", NETS, net)


def evaluate(net: str = "thin", data: str | None = None, split: str = "test", device: str = "cpu") -> dict[str, Any]:
    """Measure the published ``net``: the evaluation contract's dictionary.

    Raises:
        ConvnetsError: unknown net or split.
    """
    model = load(net).to(device)
    found = published.examples(NAME, load_images, held_out, split, data)
    wrong = published.mistakes(predict(model, found.images), found.labels)
    return published.contract("thin", net, found.on, [wrong], device)

"""The small trained networks by name: load, predict, evaluate."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import Tensor

from convnets.common import published
from convnets.common.sets import Labelled
from convnets.common.stats import Measured, share
from convnets.imagenet.data import NAME, held_out, prepare, resized
from convnets.imagenet.data import load as load_images
from convnets.imagenet.family import Family

__all__ = ["NETS", "RESOLUTIONS", "error", "evaluate", "load", "measured", "predict"]

NETS: dict[str, Callable[[], Family]] = {
    "residual-56": partial(Family, 56, residual=True),
    "residual-20": partial(Family, 20, residual=True),
    "plain-56": partial(Family, 56, residual=False),
    "plain-20": partial(Family, 20, residual=False),
    "crops": partial(Family, 20, residual=True, stride=1),
}
"""The published networks by name, and what builds each."""

RESOLUTIONS = (12, 16, 20, 24, 28, 32, 40)
"""Pixels a side at which ``crops`` is tested."""


def error(model: Family, images: Labelled, size: int = 32) -> float:
    """Share of ``images``, shown at ``size`` pixels a side, for which the highest score is not the label's."""
    return published.mistakes(predict(model, images.images, size), images.labels).value


def predict(model: Family, images: Tensor, size: int = 32) -> Tensor:
    """Classes (N,) that ``model`` gives to uint8 ``images`` (N, 3, H, W), shown at ``size`` pixels a side."""
    return published.answers(model, images, lambda batch: resized(prepare(batch), size), 250).argmax(1)


def measured(net: str, model: Family, images: Labelled) -> list[Measured]:
    """What is reported of a network: its ``error``; of ``crops``, the error at each of :data:`RESOLUTIONS`, too."""
    found = {size: predict(model, images.images, size) for size in (RESOLUTIONS if net == "crops" else (32,))}
    counts = {size: int((classes != images.labels).sum()) for size, classes in found.items()}
    sizes = counts if net == "crops" else ()
    total = len(images.labels)
    return [share("error", counts[32], total), *(share(f"error_{size}", counts[size], total) for size in sizes)]


def load(net: str = "residual-56") -> Family:
    """The published network ``net``, with its weights, ready to predict.

    Raises:
        ConvnetsError: unknown name, or weights that are missing or damaged.
    """
    return published.load("imagenet", NETS, net)


def evaluate(
    net: str = "residual-56", data: str | None = None, split: str = "test", device: str = "cpu"
) -> dict[str, Any]:
    """Measure the published ``net``: the evaluation contract's dictionary.

    Raises:
        ConvnetsError: unknown net or split, missing or damaged data.
    """
    model = load(net).to(device)
    found = published.examples(NAME, load_images, held_out, split, data)
    images = Labelled(found.images, found.labels, found.on.digest_known)
    return published.contract("imagenet", net, found.on, measured(net, model, images), device)

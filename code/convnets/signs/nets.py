"""The networks by name: build, load, predict, evaluate."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from convnets.common import published, stats
from convnets.common.errors import ConvnetsError
from convnets.signs.data import NAME, STRANGERS, Signs, held_out, planes, without
from convnets.signs.data import load as load_images
from convnets.signs.distort import warped
from convnets.signs.model import MultiScale, Plain, Transformer

__all__ = [
    "BUILDERS",
    "NETS",
    "SMALL",
    "VIEWS",
    "WIDE",
    "accuracy",
    "by_views",
    "evaluate",
    "load",
    "measured",
    "predict",
    "scores",
    "viewed",
]

SMALL = (16, 32, 64)
"""Widths of the networks that are compared with one another."""

WIDE = (32, 64, 128)
"""Widths of our best network."""

NETS: dict[str, Callable[[], nn.Module]] = {
    "best": partial(Transformer, WIDE),
    "transformer": partial(Transformer, SMALL),
    "unseen": partial(Plain, SMALL),
}
"""The published networks by name, and what builds each; ``unseen`` was never shown the signs of ``data.STRANGERS``."""

BUILDERS: dict[str, Callable[[], nn.Module]] = NETS | {
    "plain": Plain,
    "small": partial(Plain, SMALL),
    "multiscale": MultiScale,
}
"""All networks. Of the last three, what was measured is kept; the weights of ``multiscale`` alone would take 2.2 MB."""


def scores(model: nn.Module, images: Tensor) -> Tensor:
    """Scores (N, 43) that ``model`` gives to uint8 ``images`` (N, 3, 32, 32)."""
    return published.answers(model, images, planes, 250)


def predict(model: nn.Module, images: Tensor) -> Tensor:
    """Classes (N,) that ``model`` gives to uint8 ``images`` (N, 3, 32, 32)."""
    return scores(model, images).argmax(1)


def accuracy(model: nn.Module, signs: Signs) -> float:
    """Share of ``signs`` whose highest score is the label's."""
    return measured(scores(model, signs.images), signs.labels)[0].value


def measured(found: Tensor, labels: Tensor) -> list[stats.Measured]:
    """What is reported of scores (N, 43) for ``labels`` (N,): ``accuracy``."""
    return [stats.share("accuracy", int((found.argmax(1) == labels).sum()), len(labels))]


VIEWS = ((1.0, 0.0), (0.88, 0.0), (1.1, 0.0), (1.0, 6.0), (1.0, -6.0))
"""Test-time views: how much of the picture's side is seen, and by how many degrees it is turned."""


@torch.inference_mode()
def viewed(model: nn.Module, images: Tensor) -> Tensor:
    """Logarithms of the mean probabilities (N, 43) that ``model`` gives to the five :data:`VIEWS` of ``images``."""
    found = []
    for part, degrees in VIEWS:
        angle = math.radians(degrees)
        turn = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) * part
        matrix = torch.block_diag(turn, torch.ones(1, 1))
        view = partial(_view, matrix=matrix)
        found.append(published.answers(model, images, view, 250).softmax(1))
    return torch.stack(found).mean(0).log()


def by_views(model: nn.Module, images: Tensor, labels: Tensor) -> stats.Measured:
    """``accuracy_views``, of :func:`viewed`."""
    return measured(viewed(model, images), labels)[0]._replace(name="accuracy_views")


def _view(batch: Tensor, matrix: Tensor) -> Tensor:
    return warped(planes(batch), matrix.to(batch.device).expand(len(batch), 3, 3))


def load(net: str = "best") -> nn.Module:
    """The published network ``net``, with its weights, ready to predict.

    Raises:
        ConvnetsError: unknown name, or weights that are missing or damaged.
    """
    return published.load("signs", NETS, net)


def evaluate(net: str = "best", data: str | None = None, split: str = "test", device: str = "cpu") -> dict[str, Any]:
    """Measure the published ``net``: the evaluation contract's dictionary; ``unseen`` on the signs that it knows.

    Raises:
        ConvnetsError: unknown net or split, no sign that it knows, missing or damaged data.
    """
    model = load(net).to(device)
    names = published.splits(split)
    parts = [_known(net, load_images(name, data)) for name in names]
    count = sum(len(part.labels) for part in parts)
    if not count:
        raise ConvnetsError(f"The {split} split holds no sign that {net} knows: point --data at the whole data set.")
    trained_on = names[0] == "train" and parts[0].digest_known
    seen = len(parts[0].labels) - held_out(parts[0]) if trained_on else 0
    images, labels = torch.cat([part.images for part in parts]), torch.cat([part.labels for part in parts])
    on = published.On(NAME, split, count, seen, all(part.digest_known for part in parts))
    found = measured(scores(model, images), labels)
    if net == "best":
        found.append(by_views(model, images, labels))
    return published.contract("signs", net, on, found, device)


def _known(net: str, signs: Signs) -> Signs:
    """Those of ``signs`` that ``net`` was taught: all, but for the network that never saw some of them."""
    return without(signs, STRANGERS) if net == "unseen" else signs

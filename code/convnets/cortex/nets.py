"""The published model by name: load, look, evaluate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from convnets.common import published, stats
from convnets.cortex.data import NAME, animal, held_out, prepare
from convnets.cortex.data import load as load_pictures
from convnets.cortex.model import READOUTS, Hmax

__all__ = ["NETS", "correct", "evaluate", "load", "named", "scores"]

NETS: dict[str, Callable[[], Hmax]] = {"hmax": Hmax}
"""The published networks by name, and the class of each."""


def scores(model: Hmax, images: Tensor, batch_size: int = 50) -> Tensor:
    """Readouts (N, 4) for colour bytes (N, 32, 32, 3), positive for "animal", in the order of READOUTS."""
    return published.answers(model, images, prepare, batch_size)


def correct(answers: Tensor, labels: Tensor) -> dict[str, int]:
    """How many of N images each readout puts on the right side; answers (N, 4), labels (N,) of the ten classes."""
    right = ((answers > 0) == animal(labels)[:, None]).sum(0)
    return {name: int(count) for name, count in zip(READOUTS, right, strict=True)}


def named(right: dict[str, int], count: int) -> list[stats.Measured]:
    """Metrics of so many images: the last stage, S4, is the model's ``accuracy``; the others carry their names."""
    hits = {"accuracy": right["s4"]} | {f"accuracy_{name}": hits for name, hits in right.items() if name != "s4"}
    return [stats.share(name, found, count) for name, found in hits.items()]


def load(net: str = "hmax") -> Hmax:
    """The published network ``net``, with its prototypes and readouts.

    Raises:
        ConvnetsError: unknown name, or weights that are missing or damaged.
    """
    return published.load("cortex", NETS, net)


def evaluate(net: str = "hmax", data: str | None = None, split: str = "test", device: str = "cpu") -> dict[str, Any]:
    """Measure the published ``net`` on the images of the folder ``data``: the evaluation contract's dictionary.

    ``split`` is ``test``, or ``all`` for training and test images together.

    Raises:
        ConvnetsError: unknown net or split, missing or damaged data.
    """
    model = load(net).to(device)
    found = published.examples(NAME, load_pictures, held_out, split, data)
    right = correct(scores(model, found.images), found.labels)
    return published.contract("cortex", net, found.on, named(right, found.on.count), device)

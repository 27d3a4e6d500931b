"""The published model by name: load, look, evaluate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from convnets.common import published
from convnets.cortex.data import NAME, animal, held_out, prepare
from convnets.cortex.data import load as load_pictures
from convnets.cortex.model import READOUTS, Hmax

__all__ = ["NETS", "correct", "evaluate", "load", "named", "scores"]

NETS: dict[str, Callable[[], Hmax]] = {"hmax": Hmax}
"""The published networks by name, and the class of each."""


@torch.inference_mode()
def scores(model: Hmax, images: Tensor, batch_size: int = 50) -> Tensor:
    """Readouts (N, 4) for colour bytes (N, 32, 32, 3), positive for "animal", in the order of READOUTS."""
    device = model.s2_prototypes.device
    batches = [model(prepare(batch).to(device)).cpu() for batch in images.split(batch_size)]
    return torch.cat(batches) if batches else torch.empty(0, len(READOUTS))


def correct(answers: Tensor, labels: Tensor) -> dict[str, int]:
    """How many of N images each readout puts on the right side; answers (N, 4), labels (N,) of the ten classes."""
    right = ((answers > 0) == animal(labels)[:, None]).sum(0)
    return {name: int(count) for name, count in zip(READOUTS, right, strict=True)}


def named(right: dict[str, int]) -> dict[str, int]:
    """Counts by readout as metrics: the last stage, S4, is the model's ``accuracy``; the others carry their names."""
    return {"accuracy": right["s4"]} | {f"accuracy_{name}": hits for name, hits in right.items() if name != "s4"}


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
    on = published.examples(load_pictures, held_out, split, data)
    right = named(correct(scores(model, on.images), on.labels))
    return published.heading("cortex", net, split, device) | published.proportions(NAME, on, right)

"""The published networks by name: load, predict, evaluate."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from convnets.alexnet import data as cifar
from convnets.alexnet import tiny
from convnets.alexnet.data import SIDE, TEN, crop
from convnets.alexnet.small import Four, Narrow
from convnets.common import published, stats

__all__ = ["DATA", "NETS", "evaluate", "load", "measured", "probabilities", "quick_error"]

NETS: dict[str, Callable[..., nn.Module]] = {
    "cifar": Narrow,
    "four": Four,
    "tiny": partial(Narrow, width=3, kernel=7, classes=100, data="tiny"),
}
"""The published networks by name, and what builds each; what is given to it replaces one of its parts."""

DATA = {"cifar": "cifar", "four": "cifar", "tiny": "tiny"}
"""The data set of each."""

_CENTRE = TEN[4]


@torch.inference_mode()
def probabilities(model: nn.Module, images: Tensor, batch_size: int = 250) -> Tensor:
    """Classes' probabilities (V, N, C) for uint8 ``images`` (N, 32, 32, 3), of each view that ``model`` takes of them.

    The views are the ten crops of the test (V = 10), or the whole image (V = 1), by the model's ``side``.
    """
    places, side = ([(0, 0, False)], SIDE) if model.side == SIDE else (TEN, model.side)
    device = next(model.parameters()).device
    model.eval()
    found = []
    for batch in images.to(device).split(batch_size):
        found.append(torch.stack([model(crop(batch, *place, side)).softmax(1) for place in places]).cpu())  # type: ignore[arg-type]
    return torch.cat(found, 1)


@torch.inference_mode()
def quick_error(model: nn.Module, images: Tensor, labels: Tensor, batch_size: int = 250) -> float:
    """Share of uint8 ``images`` whose central crop, or the whole of which, gets another class than its label."""
    place = (0, 0, False) if model.side == SIDE else _CENTRE
    answers = published.answers(model, images, lambda batch: crop(batch, *place, model.side), batch_size)  # type: ignore[arg-type]
    return published.mistakes(answers.argmax(1), labels).value


def measured(views: Tensor, labels: Tensor) -> list[stats.Measured]:
    """Metrics of probabilities (V, N, C): ``error`` of the mean over views, ``error_centre`` of the centre's.

    With more than ten classes also ``error_top5``, the share whose label is not among the five likeliest classes.
    """
    mean = views.mean(0)
    found = [published.mistakes(mean.argmax(1), labels)]
    if len(views) > 1:
        found.append(published.mistakes(views[4].argmax(1), labels)._replace(name="error_centre"))
    if mean.shape[1] > 10:
        missed = (mean.topk(5).indices != labels[:, None]).all(1)
        found.append(stats.share("error_top5", int(missed.sum()), len(labels)))
        missed = (views[4].topk(5).indices != labels[:, None]).all(1)
        found.append(stats.share("error_top5_centre", int(missed.sum()), len(labels)))
    return found


def load(net: str = "cifar") -> nn.Module:
    """The published network ``net``, with its weights, ready to predict.

    Raises:
        ConvnetsError: unknown name, or weights that are missing or damaged.
    """
    return published.load("alexnet", NETS, net)


def evaluate(net: str = "cifar", data: str | None = None, split: str = "test", device: str = "cpu") -> dict[str, Any]:
    """Measure the published ``net`` on the images of the folder ``data``: the evaluation contract's dictionary.

    ``split`` is ``test``, or ``all`` for training and test images together.

    Raises:
        ConvnetsError: unknown net or split, missing or damaged data.
    """
    model = load(net).to(device)
    source = tiny if DATA[net] == "tiny" else cifar
    found = published.examples(source.NAME, source.load, source.held_out, split, data)
    return published.contract(
        "alexnet", net, found.on, measured(probabilities(model, found.images), found.labels), device
    )

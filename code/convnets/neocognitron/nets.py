"""The published neocognitrons by name: load, predict, evaluate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from convnets.common import assets, published
from convnets.common.errors import ConvnetsError
from convnets.neocognitron import experiment, patterns
from convnets.neocognitron.data import NAME, held_out
from convnets.neocognitron.data import load as load_digits
from convnets.neocognitron.improved import ImprovedNeocognitron, retina
from convnets.neocognitron.model import Neocognitron

__all__ = ["NETS", "answers", "evaluate", "load", "predict"]


def _fukushima2003() -> ImprovedNeocognitron:
    """The network with as many cell-planes as the published weights have."""
    file = assets.path("neocognitron", "fukushima2003.safetensors")
    tensors = assets.read_tensors(assets.read_bytes("neocognitron", file.name), file)
    sizes = [len(tensors[name]) if name in tensors else 1 for name in ("s2.weights", "s3.weights", "s4.labels")]
    return ImprovedNeocognitron((sizes[0], sizes[1], sizes[2]))


NETS: dict[str, Callable[[], nn.Module]] = {"fukushima2003": _fukushima2003, "fukushima1980": Neocognitron}
"""The published networks by name, and what builds each."""


def answers(model: nn.Module, images: Tensor, batch_size: int = 50) -> Tensor:
    """UC4's answers (N, 10), on the CPU, of the network of 2003 to uint8 ``images`` (N, 28, 28).

    Raises:
        ConvnetsError: another network, or images of another kind.
    """
    if not isinstance(model, ImprovedNeocognitron):
        raise ConvnetsError(f"Digits are read by the network of 2003, not by a {type(model).__name__}: load it.")
    scale = model.design.scale
    return published.answers(model, images, lambda batch: retina(batch, scale), batch_size)


def predict(model: nn.Module, images: Tensor, batch_size: int = 50) -> Tensor:
    """Classes (N,) of :func:`answers`, whose errors are raised; -1 where no cell of UC4 answers."""
    found = answers(model, images, batch_size)
    return found.argmax(1).where(found.amax(1) > 0, -1)


def load(net: str = "fukushima2003") -> nn.Module:
    """The published network ``net``, with its weights, ready to recognise.

    Raises:
        ConvnetsError: unknown name, or weights that are missing or damaged.
    """
    return published.load("neocognitron", NETS, net)


def evaluate(
    net: str = "fukushima2003", data: str | None = None, split: str = "test", device: str = "cpu"
) -> dict[str, Any]:
    """Measure the published ``net`` on the images of the folder ``data``: the evaluation contract's dictionary.

    ``split`` is ``test``, or ``all`` for training and test images together. The network of 1980 knows five drawn
    digits alone: it is measured on changed copies of them, and ``data`` and ``split`` make no difference.

    Raises:
        ConvnetsError: unknown net or split, missing or damaged data.
    """
    model = load(net).to(device)
    if isinstance(model, Neocognitron):
        outcomes = experiment.measure(model)
        count = sum(outcome.pictures for outcome in outcomes.values())
        published.splits(split)
        on = published.On(patterns.NAME, split, count, 0, True)  # `variants` leaves out all that learning draws from
        return published.contract("neocognitron", net, on, experiment.measured(outcomes)["test"], device)
    found = published.examples(NAME, load_digits, held_out, split, data)
    wrong = published.mistakes(predict(model, found.images), found.labels)
    return published.contract("neocognitron", net, found.on, [wrong], device)

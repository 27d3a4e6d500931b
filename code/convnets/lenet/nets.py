"""The published LeNets by name: build, load, predict, evaluate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from convnets.common import published
from convnets.lenet.data import NAME, Digits, held_out, prepare
from convnets.lenet.data import load as load_digits
from convnets.lenet.model import MLP, LeNet1, LeNet5, ModernLeNet, ZipCodeNet

__all__ = ["NETS", "error", "evaluate", "load", "predict"]

NETS: dict[str, Callable[[], nn.Module]] = {
    "lenet1": LeNet1,
    "lenet5": LeNet5,
    "lenet5-plain": LeNet5,
    "lenet5-row": LeNet5,
    "mlp": MLP,
    "mlp-plain": MLP,
    "modern": ModernLeNet,
    "modern-plain": ModernLeNet,
    "zipcode": ZipCodeNet,
}
"""The published networks by name, and the class of each."""


def error(model: nn.Module, digits: Digits) -> float:
    """Share of ``digits`` for which the highest score is not the label's."""
    return published.mistakes(predict(model, digits.images), digits.labels).value


def predict(model: nn.Module, images: Tensor, batch_size: int = 500) -> Tensor:
    """Classes (N,) that ``model`` gives to uint8 ``images`` (N, 28, 28), on the model's device, answer on the CPU."""
    size: int = model.image_size  # type: ignore[assignment]
    return published.answers(model, images, lambda batch: prepare(batch, size), batch_size).argmax(1)


def load(net: str = "lenet5") -> nn.Module:
    """The published network ``net``, with its weights, ready to predict.

    Raises:
        ConvnetsError: unknown name, or weights that are missing or damaged.
    """
    return published.load("lenet", NETS, net)


def evaluate(net: str = "lenet5", data: str | None = None, split: str = "test", device: str = "cpu") -> dict[str, Any]:
    """Measure the published ``net`` on the images of the folder ``data``: the evaluation contract's dictionary.

    ``split`` is ``test``, or ``all`` for training and test images together.

    Raises:
        ConvnetsError: unknown net or split, missing or damaged data.
    """
    model = load(net).to(device)
    found = published.examples(NAME, load_digits, held_out, split, data)
    wrong = published.mistakes(predict(model, found.images), found.labels)
    return published.contract("lenet", net, found.on, [wrong], device)

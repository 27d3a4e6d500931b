"""What a page shows of each LeNet: the stages of its answer, and what its demo needs to know to explain them.

``convnets export lenet`` writes the networks of :data:`LIVE` as graphs and :data:`FACTS` as JSON.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from convnets.common.export import Live
from convnets.common.inputs import Axis, Input, uniform
from convnets.common.samples import Sample, Samples
from convnets.lenet import data
from convnets.lenet.bitmaps import bitmaps
from convnets.lenet.data import BLACK, WHITE
from convnets.lenet.model import C3_TABLE, H3_TABLE, MLP, LeNet1, LeNet5, ModernLeNet, ZipCodeNet
from convnets.lenet.row import FIELD, STRIDE
from convnets.lenet.strokes import RADIUS, SAMPLES
from convnets.lenet.train import RECIPES

__all__ = ["FACTS", "LAYERS", "LIVE", "samples"]

_Table = tuple[tuple[int, ...], ...]


def _lenet5(model: LeNet5, image: Tensor) -> tuple[Tensor, ...]:
    return model.features(image)


def _lenet1(model: LeNet1, image: Tensor) -> tuple[Tensor, ...]:
    return *model.stages(image), model(image)


def _modern(model: ModernLeNet, image: Tensor) -> tuple[Tensor, ...]:
    return *model.stages(image), model(image)


def _mlp(model: MLP, image: Tensor) -> tuple[Tensor, ...]:
    return *model.stages(image), model(image)


def _zipcode(model: ZipCodeNet, image: Tensor) -> tuple[Tensor, ...]:
    return (model(image),)


def _field(side: int, grows: dict[int, Axis] | None = None) -> dict[str, Input]:
    return {"image": Input((1, side, side), uniform(WHITE, BLACK), grows or {})}


_ROW = {3: Axis("step", STRIDE)}  # a wider field holds a row of digits
_MLP = Live(_field(28), ("hidden", "scores"), _mlp)
_MODERN = Live(_field(32), ("c1", "s2", "c3", "s4", "c5", "f6", "scores"), _modern)
_LENET5 = Live(_field(32, _ROW), ("c1", "s2", "c3", "s4", "c5", "f6", "distances"), _lenet5)

LIVE: dict[str, Live] = {
    "lenet1": Live(_field(28), ("h1", "h2", "h3", "h4", "scores"), _lenet1),
    "lenet5": _LENET5,
    "lenet5-plain": _LENET5,
    "lenet5-row": _LENET5,
    "mlp": _MLP,
    "mlp-plain": _MLP,
    "modern": _MODERN,
    "modern-plain": _MODERN,
    "zipcode": Live(_field(16), ("scores",), _zipcode),
}
"""The networks that pages can show, by name."""


def _layer(name: str, kind: str, squash: str = "tanh", tensors: str = "", table: _Table = ()) -> dict[str, Any]:
    """A stage as the demo explains it: ``tensors`` begins its parameters' names, ``table`` holds its connections."""
    return {"name": name, "kind": kind, "squash": squash, "tensors": tensors or name, "table": table}


_LENET5_LAYERS = [
    _layer("c1", "convolution"),
    _layer("s2", "subsampling"),
    _layer("c3", "convolution", table=C3_TABLE),
    _layer("s4", "subsampling"),
    _layer("c5", "convolution"),
    _layer("f6", "full"),
    _layer("distances", "rbf", squash="none"),
]

_MLP_LAYERS = [
    _layer("hidden", "full", squash="relu"),
    _layer("scores", "full", squash="none", tensors="output"),
]

_MODERN_LAYERS = [
    _layer("c1", "convolution", squash="relu"),
    _layer("s2", "maximum", squash="none"),
    _layer("c3", "convolution", squash="relu"),
    _layer("s4", "maximum", squash="none"),
    _layer("c5", "convolution", squash="relu"),
    _layer("f6", "full", squash="relu"),
    _layer("scores", "full", squash="none", tensors="output"),
]

LAYERS: dict[str, list[dict[str, Any]]] = {
    "lenet1": [
        _layer("h1", "convolution"),
        _layer("h2", "subsampling"),
        _layer("h3", "convolution", table=H3_TABLE),
        _layer("h4", "subsampling"),
        _layer("scores", "full", tensors="output"),
    ],
    "lenet5": _LENET5_LAYERS,
    "lenet5-plain": _LENET5_LAYERS,
    "lenet5-row": _LENET5_LAYERS,
    "mlp": _MLP_LAYERS,
    "mlp-plain": _MLP_LAYERS,
    "modern": _MODERN_LAYERS,
    "modern-plain": _MODERN_LAYERS,
}
"""How each network that the demo opens up computes its stages; a test recomputes every unit from it."""


def samples() -> Samples:
    """The first two test images of every class, which the chapter shows."""
    test = data.load("test")
    places = [(label, int((test.labels == label).nonzero()[rank, 0])) for rank in range(2) for label in range(10)]
    pictures = [Sample(test.images[index].numpy(), str(label), index) for label, index in places]
    return Samples("MNIST, test images", "MNIST, by LeCun, Cortes and Burges", pictures)


FACTS: dict[str, Any] = {
    "white": WHITE,
    "black": BLACK,
    "radius": RADIUS,
    "samples": SAMPLES,
    "bitmaps": bitmaps().astype(int).tolist(),
    "layers": LAYERS,
    "row": {
        "field": FIELD,
        "stride": STRIDE,
        "rubbish_penalty": RECIPES["lenet5-row"].rubbish_penalty,
        "temperature": RECIPES["lenet5-row"].temperature,
        "spacing": 3,
    },
}
"""Constants, tables and samples of the demo, exported once, so that no page holds a copy typed by hand."""

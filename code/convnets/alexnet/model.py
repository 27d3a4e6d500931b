"""AlexNet as it was in 2012, in two towers, and the single tower of 2014; with the paper's numbers as data.

Krizhevsky, Sutskever, Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012: five
convolutions and three dense layers on crops of 224x224 pixels. Two GPUs held half of the maps each. Convolutions 2, 4
and 5 see only the maps of their own GPU, which is what PyTorch calls two groups; convolution 3 and the dense layers see
both. Response normalisation and pooling never cross from one GPU to the other.

The network has 60,965,224 parameters (the paper writes "60 million", which cuts the rest off) and takes 724,406,816
multiply-adds for a crop. Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014, has one
tower with fewer maps and no normalisation; it is torchvision's ``alexnet``, with 61,100,840 parameters.

Deviations:
    - 224 pixels do not give the paper's 55 places for 11x11 windows four apart: that takes 227. As in torchvision, two
      zeros are put around the crop, and the last of them is out of reach.
    - Units that are silenced in training are those of the first two dense layers, as in the paper (torchvision silences
      what goes into them); the others are doubled there, instead of halved in the test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F

from convnets.alexnet.small import MAPS, response_norm

__all__ = [
    "EFFECTS", "ERRORS", "LAYERS", "NEURONS", "ONE_TOWER", "SCHEDULE", "START", "AlexNet", "Error", "Layer", "Row",
    "from_torchvision", "one_tower", "table",
]  # fmt: skip

CROP = 224  # pixels
DENSE = 4096  # units of each hidden dense layer
CLASSES = 1000
ALPHA = 1e-4  # of response normalisation; k = 2, n = 5 and beta = 0.75 (section 3.3)


class Layer(NamedTuple):
    """A layer with weights, as the paper gives it."""

    name: str
    maps: int  # its maps, or units if it is dense
    sees: int  # maps, or units, that one of them is connected to
    kernel: int  # side of its window, 0 = dense
    stride: int
    padding: int
    size: int  # side of its maps, 1 = dense
    normalised: bool
    pooled: bool  # 3x3 windows, 2 apart
    bias: float  # that it begins with

    @property
    def parameters(self) -> int:
        """Its weights and biases."""
        return self.maps * (self.sees * max(1, self.kernel) ** 2 + 1)

    @property
    def multiply_adds(self) -> int:
        """Products of a weight and a number for one crop; biases are not counted."""
        return self.size**2 * self.maps * self.sees * max(1, self.kernel) ** 2


LAYERS = (
    Layer("conv1", 96, 3, 11, 4, 2, 55, True, True, 0.0),
    Layer("conv2", 256, 48, 5, 1, 2, 27, True, True, 1.0),
    Layer("conv3", 384, 256, 3, 1, 1, 13, False, False, 0.0),
    Layer("conv4", 384, 192, 3, 1, 1, 13, False, False, 1.0),
    Layer("conv5", 256, 192, 3, 1, 1, 13, False, True, 1.0),
    Layer("dense6", DENSE, 6 * 6 * 256, 0, 1, 0, 1, False, False, 1.0),
    Layer("dense7", DENSE, DENSE, 0, 1, 0, 1, False, False, 1.0),
    Layer("scores", CLASSES, DENSE, 0, 1, 0, 1, False, False, 0.0),
)
"""Section 3.5 and figure 2; the biases, section 5."""

ONE_TOWER = (64, 192, 384, 256, 256)
"""Maps of the convolutions in 2014."""

START = 0.01
"""Standard deviation of the initial weights, in every layer (section 5)."""

SCHEDULE = {
    "batch_size": 128,  # crops
    "momentum": 0.9,
    "weight_decay": 5e-4,
    "learning_rate": 0.01,  # at first
    "divisions": 3,  # by ten, each when validation errors stopped to fall
    "epochs": 90,  # "roughly", of 1.2 million images: five to six days on two GTX 580 of 3 GB
}
"""Section 5."""

NEURONS = (150_528, 253_440, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000)
"""Units of the input and of every layer, as the caption of figure 2 has them.

The second number is the first layer's. 253,440 is 55 x 48 x 96; 55 x 55 x 96 is 290,400, and with that the layers sum
to 659,272, the "650,000 neurons" of the abstract.
"""


class Error(NamedTuple):
    """What the paper says of one model on ILSVRC-2012, shares in percent; None where it says nothing."""

    nets: int  # whose answers are averaged
    more_data: bool  # first trained on the ImageNet of autumn 2011 (22,000 classes), with a sixth convolution
    top1_validation: float
    top5_validation: float
    top5_test: float | None


ERRORS = (
    Error(1, False, 40.7, 18.2, None),
    Error(5, False, 38.1, 16.4, 16.4),
    Error(1, True, 39.0, 16.6, None),
    Error(7, True, 36.7, 15.4, 15.3),
)
"""Table 2. The seven are the five without and two with more data; the second best entry had 26.2 % on the test."""

EFFECTS = {
    "two GPUs": (1.7, 1.2),
    "response normalisation": (1.4, 1.2),
    "overlapping pooling": (0.4, 0.3),
}
"""By how many percentage points each lowers the error, top-1 and top-5 (sections 3.2 to 3.4); ILSVRC-2010."""


class AlexNet(nn.Module):
    """Crops (N, 3, 224, 224), grey levels minus their mean, to a score for each class (N, classes).

    Args:
        maps: maps of the five convolutions.
        towers: 2, or 1, in which every map sees all of the layer before.
        normalise: whether responses are normalised after the first two convolutions.
        classes: that are told apart.
        dense: units of each hidden dense layer.
        crop: side of the crops, pixels; what :data:`LAYERS` says of sizes holds for the paper's.

    Raises:
        ValueError: nothing is left of so small a crop after the convolutions.
    """

    def __init__(
        self,
        maps: tuple[int, ...] = MAPS,
        towers: int = 2,
        normalise: bool = True,
        classes: int = CLASSES,
        dense: int = DENSE,
        crop: int = CROP,
    ) -> None:
        super().__init__()
        inputs, side = (3, *maps[:-1]), crop
        for layer, given, made in zip(LAYERS, inputs, maps, strict=False):
            groups = towers if layer.name in ("conv2", "conv4", "conv5") else 1
            conv = nn.Conv2d(given, made, layer.kernel, layer.stride, layer.padding, groups=groups)
            self.add_module(layer.name, conv)
            side = (side + 2 * layer.padding - layer.kernel) // layer.stride + 1
            side = (side - 3) // 2 + 1 if layer.pooled else side
        if side < 1:
            raise ValueError(f"crops of {crop} pixels are too small for AlexNet: take 63 or more")
        self.dense6 = nn.Linear(side * side * maps[-1], dense)
        self.dense7 = nn.Linear(dense, dense)
        self.scores = nn.Linear(dense, classes)
        self.towers, self.normalise = towers, normalise
        for layer in LAYERS:
            part = self.get_submodule(layer.name)
            nn.init.normal_(part.weight, std=START)  # type: ignore[arg-type]
            nn.init.constant_(part.bias, layer.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor, kept: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """The scores.

        Args:
            x: crops (N, 3, 224, 224).
            kept: which units of the two hidden dense layers speak, booleans (N, dense); None draws them in training.
        """
        for layer in LAYERS[:5]:
            x = self.get_submodule(layer.name)(x).relu()
            if layer.normalised and self.normalise:
                x = self._norm(x)
            if layer.pooled:
                x = F.max_pool2d(x, 3, 2)
        x = self._drop(self.dense6(x.flatten(1)).relu(), kept[0] if kept else None)
        x = self._drop(self.dense7(x).relu(), kept[1] if kept else None)
        return self.scores(x)

    def _norm(self, x: Tensor) -> Tensor:
        """Within each tower."""
        count, maps, height, width = x.shape
        apart = x.reshape(count * self.towers, maps // self.towers, height, width)
        return response_norm(apart, ALPHA).reshape(x.shape)

    def _drop(self, x: Tensor, kept: Tensor | None) -> Tensor:
        return F.dropout(x, 0.5, self.training) if kept is None else x * kept * 2


def one_tower(classes: int = CLASSES, dense: int = DENSE, crop: int = CROP) -> AlexNet:
    """The network of 2014 in one tower."""
    return AlexNet(ONE_TOWER, towers=1, normalise=False, classes=classes, dense=dense, crop=crop)


_TORCHVISION = {
    "features.0": "conv1", "features.3": "conv2", "features.6": "conv3", "features.8": "conv4", "features.10": "conv5",
    "classifier.1": "dense6", "classifier.4": "dense7", "classifier.6": "scores",
}  # fmt: skip


def from_torchvision(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of torchvision's ``alexnet`` under the names that :func:`one_tower` has for them."""
    return {
        f"{_TORCHVISION[name.rpartition('.')[0]]}.{name.rpartition('.')[2]}": tensor for name, tensor in state.items()
    }


class Row(NamedTuple):
    """A row of :func:`table`."""

    layer: str
    maps: str  # "96 x 55 x 55", or the number of units
    sees: str  # "3 x 11 x 11": what one unit is connected to
    parameters: int
    multiply_adds: int


def table() -> list[Row]:
    """Every layer with weights, and their sum in a last row."""
    rows = [
        Row(
            layer.name,
            f"{layer.maps} x {layer.size} x {layer.size}" if layer.kernel else str(layer.maps),
            f"{layer.sees} x {layer.kernel} x {layer.kernel}" if layer.kernel else str(layer.sees),
            layer.parameters,
            layer.multiply_adds,
        )
        for layer in LAYERS
    ]
    return [*rows, Row("sum", "", "", sum(row.parameters for row in rows), sum(row.multiply_adds for row in rows))]

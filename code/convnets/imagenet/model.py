"""The landmarks of ImageNet's decade, each from its paper's table: AlexNet to SENet-154.

Sources:
    - Krizhevsky, Sutskever, Hinton, 2012: :class:`AlexNet`, in two towers, from its own chapter's code.
    - Zeiler, Fergus: "Visualizing and Understanding Convolutional Networks", 2013, figure 3. :class:`ZFNet`.
    - Simonyan, Zisserman: "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2014, table 1.
      :class:`VGG`.
    - Szegedy et al.: "Going Deeper with Convolutions", 2014, table 1 and section 5. :class:`GoogLeNet`.
    - He, Zhang, Ren, Sun: "Deep Residual Learning for Image Recognition", 2015, table 1. :class:`ResNet`.
    - Xie, Girshick, Dollar, Tu, He: "Aggregated Residual Transformations for Deep Neural Networks", 2016, table 1; and
      Mahajan et al.: "Exploring the Limits of Weakly Supervised Pretraining", 2018, for the wider ones. :class:`ResNet`
      with ``groups``.
    - Hu, Shen, Sun: "Squeeze-and-Excitation Networks", 2017, and its authors' definition of SENet-154.
      :class:`SENet154`.

Shapes: (N, 3, 224, 224) -> scores (N, classes). All but AlexNet, ZFNet and GoogLeNet's auxiliary heads take other
sizes too.

Deviations:
    - ZFNet normalises contrast across maps with AlexNet's constants, for its paper gives none.
    - A ResNet halves the map in the 3x3 convolution of a block, as all published weights do; ``early=True`` halves it
      in the first 1x1 one, as the paper's table does. The parameters are the same, the multiply-adds are not.
    - VGG averages its last map to 7x7, which at 224 pixels it is already.
    - SENet-154's first pooling rounds sizes up, as its authors' definition in Caffe does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from convnets.alexnet.model import AlexNet
from convnets.common.errors import ConvnetsError
from convnets.imagenet.residual import RESNETS, RESNEXTS, ResNet, SENet154

__all__ = [
    "INCEPTIONS", "LANDMARKS", "RESNETS", "RESNEXTS", "VGGS", "GoogLeNet", "Inception", "Outputs", "ResNet", "SENet154",
    "VGG", "ZFNet", "build",
]  # fmt: skip


class ZFNet(nn.Module):
    """AlexNet's relative of 2013: smaller kernels and strides at the front, no halves of maps (figure 3)."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()

        def norm() -> nn.Module:
            return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)

        self.features = nn.Sequential(
            nn.Conv2d(3, 96, 7, stride=2, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, padding=1), norm(),
            nn.Conv2d(96, 256, 5, stride=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, padding=1), norm(),
            nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(inplace=True),
            nn.Conv2d(384, 384, 3, padding=1), nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
        )  # fmt: skip
        self.classifier = _dense(256 * 6 * 6, classes)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, 224, 224) -> (N, classes)."""
        return self.classifier(self.features(x).flatten(1))


def _dense(inputs: int, classes: int) -> nn.Sequential:
    """Three fully connected layers, half of the first two dropped out while they learn."""
    return nn.Sequential(
        nn.Linear(inputs, 4096), nn.ReLU(inplace=True), nn.Dropout(0.5),
        nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Dropout(0.5),
        nn.Linear(4096, classes),
    )  # fmt: skip


VGGS: dict[str, tuple[tuple[int, ...], ...]] = {
    "A": ((64,), (128,), (256, 256), (512, 512), (512, 512)),
    "B": ((64, 64), (128, 128), (256, 256), (512, 512), (512, 512)),
    "D": ((64, 64), (128, 128), (256,) * 3, (512,) * 3, (512,) * 3),
    "E": ((64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,) * 4),
}
"""Maps of each 3x3 convolution, stage by stage; after a stage the map is halved (table 1)."""


class VGG(nn.Module):
    """3x3 convolutions only, in five stages, and three fully connected layers (table 1)."""

    def __init__(self, column: str, classes: int = 1000) -> None:
        """``column`` is a key of :data:`VGGS`."""
        super().__init__()
        layers: list[nn.Module] = []
        width = 3
        for stage in VGGS[column]:
            for maps in stage:
                layers += [nn.Conv2d(width, maps, 3, padding=1), nn.ReLU(inplace=True)]
                width = maps
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.average = nn.AdaptiveAvgPool2d(7)
        self.classifier = _dense(512 * 7 * 7, classes)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, classes); H and W at least 32."""
        return self.classifier(self.average(self.features(x)).flatten(1))


INCEPTIONS: dict[str, tuple[int, ...]] = {
    "3a": (192, 64, 96, 128, 16, 32, 32),
    "3b": (256, 128, 128, 192, 32, 96, 64),
    "4a": (480, 192, 96, 208, 16, 48, 64),
    "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64),
    "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128),
    "5a": (832, 256, 160, 320, 32, 128, 128),
    "5b": (832, 384, 192, 384, 48, 128, 128),
}
"""Maps in, of the 1x1 branch, before and in the 3x3 branch, before and in the 5x5 branch, after pooling (table 1)."""


class Inception(nn.Module):
    """Four branches side by side: 1x1, 3x3, 5x5 and pooling, the last three made cheap by 1x1 convolutions."""

    def __init__(self, inputs: int, one: int, before3: int, three: int, before5: int, five: int, pooled: int) -> None:
        super().__init__()
        self.one = _convolution(inputs, one, 1)
        self.three = nn.Sequential(_convolution(inputs, before3, 1), _convolution(before3, three, 3))
        self.five = nn.Sequential(_convolution(inputs, before5, 1), _convolution(before5, five, 5))
        self.pooled = nn.Sequential(nn.MaxPool2d(3, 1, padding=1), _convolution(inputs, pooled, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, one + three + five + pooled, H, W)."""
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pooled(x)], 1)


def _convolution(inputs: int, maps: int, size: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, maps, size, stride, padding=size // 2), nn.ReLU(inplace=True))


class Outputs(NamedTuple):
    """GoogLeNet's three answers."""

    scores: Tensor  # (N, classes)
    auxiliary1: Tensor  # (N, classes), from inception 4a; its loss counts 0.3 while the network learns
    auxiliary2: Tensor  # (N, classes), from inception 4d; 0.3 too


class GoogLeNet(nn.Module):
    """22 layers deep with a ninth of AlexNet's parameters: nine inceptions, no hidden fully connected layer."""

    def __init__(self, classes: int = 1000, auxiliary: bool = False) -> None:
        """``auxiliary``: with the two heads that help it learn; then it answers :class:`Outputs`."""
        super().__init__()

        def norm() -> nn.Module:
            return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)

        def halve() -> nn.Module:
            return nn.MaxPool2d(3, 2, ceil_mode=True)

        self.front = nn.Sequential(
            _convolution(3, 64, 7, stride=2), halve(), norm(),
            _convolution(64, 64, 1), _convolution(64, 192, 3), norm(), halve(),
        )  # fmt: skip
        self.inceptions = nn.ModuleDict({name: Inception(*row) for name, row in INCEPTIONS.items()})
        self.halve = halve()
        self.drop = nn.Dropout(0.4)
        self.classifier = nn.Linear(1024, classes)
        self.auxiliary = nn.ModuleDict()
        if auxiliary:
            self.auxiliary["4a"], self.auxiliary["4d"] = _auxiliary(512, classes), _auxiliary(528, classes)

    def forward(self, x: Tensor) -> Tensor | Outputs:
        """(N, 3, H, W) -> (N, classes), or with auxiliary heads, H = W = 224, :class:`Outputs`."""
        x, heads = self.front(x), []
        for name, inception in self.inceptions.items():
            if name in ("4a", "5a"):
                x = self.halve(x)
            x = inception(x)
            if name in self.auxiliary:
                heads.append(self.auxiliary[name](x))
        scores = self.classifier(self.drop(x.mean((2, 3))))
        return Outputs(scores, *heads) if heads else scores


def _auxiliary(inputs: int, classes: int) -> nn.Sequential:
    """A head on 14x14 maps: 5x5 averages, 1x1 convolution, two fully connected layers (section 5)."""
    return nn.Sequential(
        nn.AvgPool2d(5, 3), _convolution(inputs, 128, 1), nn.Flatten(),
        nn.Linear(128 * 4 * 4, 1024), nn.ReLU(inplace=True), nn.Dropout(0.7), nn.Linear(1024, classes),
    )  # fmt: skip


LANDMARKS: dict[str, Callable[[], nn.Module]] = {
    "alexnet": AlexNet,
    "zfnet": ZFNet,
    "vgg11": partial(VGG, "A"),
    "vgg13": partial(VGG, "B"),
    "vgg16": partial(VGG, "D"),
    "vgg19": partial(VGG, "E"),
    "googlenet": GoogLeNet,
    "googlenet-auxiliary": partial(GoogLeNet, auxiliary=True),
    **{f"resnet{layers}": partial(ResNet, layers) for layers in RESNETS},
    **{name: partial(ResNet, *row) for name, row in RESNEXTS.items()},
    "senet154": SENet154,
}
"""Every landmark by name, and what builds it for the contest's 1,000 classes."""


def build(name: str, device: torch.device | str = "meta") -> nn.Module:
    """The landmark ``name`` without trained weights; on ``meta`` it takes no memory and can be counted.

    Raises:
        ConvnetsError: unknown name.
    """
    if name not in LANDMARKS:
        raise ConvnetsError(f"There is no landmark {name!r}: choose one of {', '.join(LANDMARKS)}.")
    with torch.device(device):
        return LANDMARKS[name]()

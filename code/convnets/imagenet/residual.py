"""Landmarks with shortcuts: ResNet of 2015, ResNeXt of 2016, SENet-154 of 2017; their sources stand in ``model.py``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["RESNETS", "RESNEXTS", "Basic", "Bottleneck", "Excited", "ResNet", "SENet154"]

RESNETS: dict[int, tuple[bool, tuple[int, ...]]] = {
    18: (False, (2, 2, 2, 2)),
    34: (False, (3, 4, 6, 3)),
    50: (True, (3, 4, 6, 3)),
    101: (True, (3, 4, 23, 3)),
    152: (True, (3, 8, 36, 3)),
}
"""Layers -> whether blocks are bottlenecks, and how many each stage has (He et al. 2015, table 1)."""

RESNEXTS: dict[str, tuple[int, int, int]] = {
    "resnext50-32x4d": (50, 32, 4),
    "resnext101-32x8d": (101, 32, 8),
    "resnext101-32x16d": (101, 32, 16),
    "resnext101-32x32d": (101, 32, 32),
    "resnext101-32x48d": (101, 32, 48),
}
"""Layers, groups of the 3x3 convolution, and maps of each group in the first stage."""


def _normed(inputs: int, maps: int, size: int, stride: int = 1, groups: int = 1) -> tuple[nn.Module, nn.Module]:
    """A convolution that keeps the size, and its batch normalisation."""
    return (
        nn.Conv2d(inputs, maps, size, stride, padding=size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(maps),
    )


_relu = partial(F.relu, inplace=True)  # spares memory and time


class Basic(nn.Module):
    """Two 3x3 convolutions round which the input is carried (He et al. 2015, figure 5, left)."""

    grows = 1

    def __init__(self, inputs: int, maps: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = _normed(inputs, maps, 3, stride)
        self.conv2, self.bn2 = _normed(maps, maps, 3)
        self.shortcut = _shortcut(inputs, maps, stride)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, maps, H/stride, W/stride)."""
        y = self.bn2(self.conv2(_relu(self.bn1(self.conv1(x)))))
        return _relu(y.add_(self.shortcut(x) if self.shortcut else x))


class Bottleneck(nn.Module):
    """1x1, 3x3 (in groups: ResNeXt) and 1x1 convolutions round which the input is carried (figure 5, right)."""

    grows = 4

    def __init__(
        self, inputs: int, maps: int, stride: int, groups: int = 1, width: int = 64, early: bool = False
    ) -> None:
        super().__init__()
        inner = maps * width // 64 * groups
        self.conv1, self.bn1 = _normed(inputs, inner, 1, stride if early else 1)
        self.conv2, self.bn2 = _normed(inner, inner, 3, 1 if early else stride, groups)
        self.conv3, self.bn3 = _normed(inner, maps * self.grows, 1)
        self.shortcut = _shortcut(inputs, maps * self.grows, stride)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, 4 maps, H/stride, W/stride)."""
        y = _relu(self.bn2(self.conv2(_relu(self.bn1(self.conv1(x))))))
        return _relu(self.bn3(self.conv3(y)).add_(self.shortcut(x) if self.shortcut else x))


def _shortcut(inputs: int, maps: int, stride: int, size: int = 1) -> nn.Module | None:
    """Nothing where input and output have one shape, else a convolution (option B)."""
    return nn.Sequential(*_normed(inputs, maps, size, stride)) if stride > 1 or inputs != maps else None


class ResNet(nn.Module):
    """Four stages of blocks with shortcuts (He et al. 2015, table 1); with ``groups``, a ResNeXt."""

    def __init__(self, layers: int, groups: int = 1, width: int = 64, classes: int = 1000, early: bool = False) -> None:
        """``layers`` is a key of :data:`RESNETS`; ``width``: maps of a group in the first stage."""
        super().__init__()
        bottleneck, counts = RESNETS[layers]
        block: Callable[[int, int, int], Basic | Bottleneck] = (
            partial(Bottleneck, groups=groups, width=width, early=early) if bottleneck else Basic
        )
        self.conv1, self.bn1 = _normed(3, 64, 7, 2)
        self.pool = nn.MaxPool2d(3, 2, padding=1)
        self.stages, inputs = nn.ModuleList(), 64
        for stage, count in enumerate(counts):
            maps, blocks = 64 * 2**stage, nn.Sequential()
            for place in range(count):
                blocks.append(block(inputs, maps, 2 if stage and not place else 1))
                inputs = maps * (4 if bottleneck else 1)
            self.stages.append(blocks)
        self.classifier = nn.Linear(inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, classes)."""
        x = self.pool(_relu(self.bn1(self.conv1(x))))
        for stage in self.stages:
            x = stage(x)
        return self.classifier(x.mean((2, 3)))


class Excited(nn.Module):
    """SENet-154's block: a grouped bottleneck whose maps are weighed by what all of them hold (Hu et al. 2017)."""

    def __init__(self, inputs: int, maps: int, stride: int, shortcut: int) -> None:
        """``shortcut`` is the size of its convolution, where it has one."""
        super().__init__()
        self.conv1, self.bn1 = _normed(inputs, maps * 2, 1)
        self.conv2, self.bn2 = _normed(maps * 2, maps * 4, 3, stride, groups=64)
        self.conv3, self.bn3 = _normed(maps * 4, maps * 4, 1)
        self.squeeze = nn.Conv2d(maps * 4, maps // 4, 1)
        self.excite = nn.Conv2d(maps // 4, maps * 4, 1)
        self.shortcut = _shortcut(inputs, maps * 4, stride, shortcut)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, 4 maps, H/stride, W/stride)."""
        y = _relu(self.bn2(self.conv2(_relu(self.bn1(self.conv1(x))))))
        y = self.bn3(self.conv3(y))
        weights = torch.sigmoid(self.excite(_relu(self.squeeze(y.mean((2, 3), keepdim=True)))))
        return _relu((y * weights).add_(self.shortcut(x) if self.shortcut else x))


class SENet154(nn.Module):
    """The network of the last contest's winners: ResNet-152's stages, 64 groups, squeeze and excitation."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        front: list[nn.Module] = []
        for inputs, maps, stride in ((3, 64, 2), (64, 64, 1), (64, 128, 1)):
            front += [*_normed(inputs, maps, 3, stride), nn.ReLU(inplace=True)]
        self.front = nn.Sequential(*front, nn.MaxPool2d(3, 2, ceil_mode=True))
        self.stages, inputs = nn.ModuleList(), 128
        for stage, count in enumerate(RESNETS[152][1]):
            maps, blocks = 64 * 2**stage, nn.Sequential()
            for place in range(count):
                blocks.append(Excited(inputs, maps, 2 if stage and not place else 1, shortcut=3 if stage else 1))
                inputs = maps * 4
            self.stages.append(blocks)
        self.drop = nn.Dropout(0.2)
        self.classifier = nn.Linear(inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, classes)."""
        x = self.front(x)
        for stage in self.stages:
            x = stage(x)
        return self.classifier(self.drop(x.mean((2, 3))))

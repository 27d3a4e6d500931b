"""FCOS: every place of a map says what it lies in, and how far the four sides of that are.

Source: Tian, Shen, Chen, He: "FCOS: fully convolutional one-stage object detection", ICCV 2019; the pyramid of maps is
that of Lin et al., "Feature pyramid networks for object detection", CVPR 2017.

:class:`Anchored` is its rival with the same trunk, after Lin et al., "Focal loss for dense object detection", ICCV
2017: each place has boxes of fixed shapes, and says how they must be moved and stretched.

Deviations from FCOS:
    - A trunk of 0.3 million weights, learned from nothing, for ResNet-50, learned on ImageNet; two maps, with a place
      every 8 and every 16 pixels, for five; a head of two convolutions of 48 channels for four of 256.
    - The head's convolutions are shared by all maps, as in the paper; their normalisation is by batch, not by groups,
      and each map's own.
    - Centre-ness is read from the branch of distances, as in the authors' later code; the paper reads it from that of
      classes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["ANCHORS", "STRIDES", "WIDTHS", "Anchored", "Answer", "Fcos", "Moved", "Trunk", "places"]

STRIDES = (8, 16)
"""Pixels between the places of each map."""
WIDTHS = (16, 32, 48, 64, 64)
"""Channels at strides 2, 4, 8, 16, 32."""
HEAD = 48
ANCHORS = ((20.0, 20.0), (50.0, 50.0), (95.0, 95.0))
"""Width and height, pixels, of the fixed boxes of each place: about a platelet, a red and a white cell."""
RARE = math.log(0.01 / 0.99)  # logit of what an untrained head says of every class, as in the focal loss paper


class Answer(NamedTuple):
    """What FCOS says of N pictures at P places, map after map, each row by row."""

    scores: Tensor  # (N, P, C) logits
    distances: Tensor  # (N, P, 4) pixels to the left, top, right and bottom side
    centre: Tensor  # (N, P) logits of centre-ness


class Moved(NamedTuple):
    """What :class:`Anchored` says of N pictures at P anchors."""

    scores: Tensor  # (N, P, C) logits
    offsets: Tensor  # (N, P, 4) of the middle, in sides of the anchor; of width and height, logarithms


def places(height: int, width: int) -> Tensor:
    """The middle (P, 2), x and y in pixels, of each place of a picture, map after map, row by row."""
    found = []
    for stride in STRIDES:
        y, x = torch.meshgrid(_along(height, stride), _along(width, stride), indexing="ij")
        found.append(torch.stack([x, y], 2).reshape(-1, 2))
    return torch.cat(found)


def _along(length: int, stride: int) -> Tensor:
    return (torch.arange(-(-length // stride)) + 0.5) * stride


def _convolution(given: int, made: int, stride: int = 1, side: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(given, made, side, stride, side // 2, bias=False), nn.BatchNorm2d(made), nn.ReLU(inplace=True)
    )


class Block(nn.Module):
    """Two convolutions and what goes past them."""

    def __init__(self, given: int, made: int, stride: int = 1) -> None:
        super().__init__()
        self.first = _convolution(given, made, stride)
        self.second = nn.Sequential(nn.Conv2d(made, made, 3, 1, 1, bias=False), nn.BatchNorm2d(made))
        same = given == made and stride == 1
        self.past = nn.Identity() if same else nn.Conv2d(given, made, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.second(self.first(x)) + self.past(x))


class Trunk(nn.Module):
    """(N, 3, H, W) from 0 to 1 -> maps (N, 48, H/8, W/8) and (N, 48, H/16, W/16)."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d, e = WIDTHS
        self.stem = nn.Sequential(_convolution(3, a, 2), Block(a, b, 2))
        self.eighth = nn.Sequential(Block(b, c, 2), Block(c, c))
        self.sixteenth = nn.Sequential(Block(c, d, 2), Block(d, d))
        self.coarse = Block(d, e, 2)
        self.beside = nn.ModuleList(nn.Conv2d(width, HEAD, 1) for width in (c, d, e))
        self.smooth = nn.ModuleList(_convolution(HEAD, HEAD) for _ in STRIDES)

    def forward(self, x: Tensor) -> list[Tensor]:
        eighth = self.eighth(self.stem(x * 4 - 2))
        sixteenth = self.sixteenth(eighth)
        top = self.beside[2](self.coarse(sixteenth))
        middle = self.beside[1](sixteenth)
        middle = middle + _enlarged(top, middle)
        low = self.beside[0](eighth)
        low = low + _enlarged(middle, low)
        return [self.smooth[0](low), self.smooth[1](middle)]


def _enlarged(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, like.shape[2:], mode="nearest")


class Tower(nn.Module):
    """Two convolutions that all maps share; what normalises their answers is each map's own."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(HEAD, HEAD, 3, 1, 1, bias=False) for _ in range(2))
        self.norms = nn.ModuleList(nn.ModuleList(nn.BatchNorm2d(HEAD) for _ in range(2)) for _ in STRIDES)

    def forward(self, x: Tensor, level: int) -> Tensor:
        for layer, norm in zip(self.layers, self.norms[level].children(), strict=True):
            x = F.relu(norm(layer(x)))
        return x


def _read(made: int, at: float = 0.0) -> nn.Conv2d:
    layer = nn.Conv2d(HEAD, made, 3, 1, 1)
    nn.init.normal_(layer.weight, std=0.01)
    layer.bias.data.fill_(at)  # type: ignore[union-attr]
    return layer


class Fcos(nn.Module):
    """(N, 3, H, W) from 0 to 1 -> :class:`Answer`."""

    def __init__(self, classes: int = 3) -> None:
        super().__init__()
        self.trunk = Trunk()
        self.what, self.where = Tower(), Tower()
        self.scores, self.distances, self.centre = _read(classes, RARE), _read(4, 1.0), _read(1)
        self.scale = nn.Parameter(torch.ones(len(STRIDES)))  # of each map, inside the exponential

    def forward(self, x: Tensor) -> Answer:
        scores, distances, centre = [], [], []
        for level, (stride, found) in enumerate(zip(STRIDES, self.trunk(x), strict=True)):
            what, where = self.what(found, level), self.where(found, level)
            scores.append(_flat(self.scores(what)))
            distances.append((_flat(self.distances(where)) * self.scale[level]).clamp(max=5).exp() * stride)
            centre.append(_flat(self.centre(where))[:, :, 0])
        return Answer(torch.cat(scores, 1), torch.cat(distances, 1), torch.cat(centre, 1))


class Anchored(nn.Module):
    """(N, 3, H, W) from 0 to 1 -> :class:`Moved`, with the three shapes of :data:`ANCHORS` at each place."""

    def __init__(self, classes: int = 3) -> None:
        super().__init__()
        self.trunk = Trunk()
        self.what, self.where = Tower(), Tower()
        self.scores, self.offsets = _read(classes * len(ANCHORS), RARE), _read(4 * len(ANCHORS))

    def forward(self, x: Tensor) -> Moved:
        scores, offsets = [], []
        for level, found in enumerate(self.trunk(x)):
            scores.append(_flat(self.scores(self.what(found, level)), len(ANCHORS)))
            offsets.append(_flat(self.offsets(self.where(found, level)), len(ANCHORS)))
        return Moved(torch.cat(scores, 1), torch.cat(offsets, 1))


def _flat(x: Tensor, each: int = 1) -> Tensor:
    """(N, ``each`` * C, h, w) -> (N, h * w * ``each``, C), float32."""
    return x.permute(0, 2, 3, 1).reshape(len(x), x.shape[2] * x.shape[3] * each, x.shape[1] // each).float()

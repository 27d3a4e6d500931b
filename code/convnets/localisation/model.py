"""Two ways to say where a thing is: learn its box, or look at what a classifier looked at.

:class:`OverFeat` follows Sermanet, Eigen, Zhang, Mathieu, Fergus, LeCun, "OverFeat: integrated recognition,
localization and detection using convolutional networks", ICLR 2014 (arXiv 1312.6229): one network whose last layers are
convolutions, so that on a larger picture it answers for every window at once: a class, and the four edges of a box
(section 4). :func:`published` lists the layers of its *fast* model, :data:`PYRAMID` the six sizes at which the paper
looks.

:class:`Cam` follows Zhou, Khosla, Lapedriza, Oliva, Torralba, "Learning deep features for discriminative localization",
CVPR 2016: convolutions, global average pooling, one linear layer. Its class activation map (equation 2) is the sum of
the last maps, weighted as the class weighs their means.

Deviations of :class:`OverFeat`, for pictures of 64x64 pixels:
    - Windows of 48 pixels, 8 apart (paper: 221, 36 apart, made finer by shifted pooling), at three sizes of the picture
      (paper: six).
    - Five convolutions of 28 to 80 maps; the paper's have 96 to 1,024. Strides in place of pooling, and batch
      normalisation.
    - The box's head and the classes' share one hidden layer, and all learn at once; in the paper the box is learned on
      features that classification has fixed. One box for all classes, as in the paper's best (single-class) regressor.
    - A class of its own for windows that show less than four fifths of a thing; paper: the box is learned where half
      is seen.

Deviations of :class:`Cam`: seven convolutions learned from nothing, where the paper changes AlexNet, VGG and GoogLeNet
that are trained on ImageNet. As there, the last maps are kept fine: 16x16 for 64x64 pixels. The last two convolutions
are 1x1, so that a place of a map sees 29 pixels, no more: what speaks for a class must lie where the map says.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from convnets.common.errors import ConvnetsError
from convnets.localisation.world import CLASSES

__all__ = [
    "CAM_WIDTHS", "CELL_WIDTHS", "NARROW_WIDTHS", "PYRAMID", "STRIDE", "WIDTHS", "WINDOW", "Answer", "Cam", "Layer",
    "Level", "OverFeat",
    "published",
]  # fmt: skip

WINDOW, STRIDE = 48, 8
"""Pixels a side of what :class:`OverFeat` sees at once, and from one window to the next."""
WIDTHS = (28, 40, 64, 80, 80)
"""Maps of the convolutions of :class:`OverFeat`; and those for white cells."""
CELL_WIDTHS = (16, 24, 32, 32, 32)
CAM_WIDTHS = (16, 24, 48, 64, 64, 96, 96)
"""Maps of the convolutions of :class:`Cam`; and of those that are there to be misled."""
NARROW_WIDTHS = (12, 16, 32, 40, 40, 64, 64)
_REDUCED = 2.5  # how many times fewer maps the head sees


# Boxes that are learned


class Answer(NamedTuple):
    """What :class:`OverFeat` says of every window of N pictures: h down, w across."""

    classes: Tensor  # (N, K, h, w) logits; the last is nothing
    boxes: Tensor  # (N, 4, h, w) left, top, right, bottom in pixels of the picture that was given


class OverFeat(nn.Module):
    """Pictures (N, 3, H, W) from 0 to 1, 48 pixels a side at least, to an answer for each window of 48x48.

    Nothing is padded: what is said of a window depends on its own pixels alone.
    """

    def __init__(self, classes: int = len(CLASSES), widths: tuple[int, ...] = WIDTHS, hidden: int = 96) -> None:
        super().__init__()
        kernels, strides, before, layers = (4, 3, 3, 3, 3), (2, 1, 2, 1, 1), 3, []
        for kernel, stride, now in zip(kernels, strides, widths, strict=True):
            layers.append(_block(before, now, kernel, stride, 0))
            before = now
        reduced = round(before / _REDUCED)
        self.layers = nn.ModuleList([*layers, _block(before, reduced, 1, 1, 0)])
        self.hidden = _block(reduced, hidden, 6, 2, 0)
        self.classes = nn.Conv2d(hidden, classes, 1)
        self.edges = nn.Conv2d(hidden, 4, 1)
        with torch.no_grad():  # at first, a box half as wide as the window
            self.edges.bias.copy_(torch.tensor([-0.25, -0.25, 0.25, 0.25]))  # type: ignore[union-attr]

    def features(self, x: Tensor) -> Tensor:
        """The last maps (N, C, h', w') before the windows; a window is 6x6 of their places."""
        if x.ndim != 4 or x.shape[1] != 3 or min(x.shape[2:]) < WINDOW:
            raise ConvnetsError(
                f"A picture of shape {tuple(x.shape)} is smaller than a window: give (N, 3, H, W), {WINDOW} pixels a "
                "side or more."
            )
        for layer in self.layers:
            x = layer(x)
        return x

    def forward(self, x: Tensor) -> Answer:
        """Logits and boxes of all windows."""
        found = self.hidden(self.features(x))
        edges = self.edges(found).float() * WINDOW + WINDOW / 2
        return Answer(self.classes(found).float(), edges + _corners(edges))


def _corners(edges: Tensor) -> Tensor:
    """The left upper corner of every window, (1, 4, h, w), as it adds to left, top, right, bottom."""
    ones = torch.ones_like(edges[:1, :1])
    across, down = STRIDE * (ones.cumsum(3) - 1), STRIDE * (ones.cumsum(2) - 1)
    return torch.cat([across, down, across, down], 1)


# Maps of a classifier


class Cam(nn.Module):
    """Pictures (N, 3, H, W) from 0 to 1 to a score for each class (N, K), by the mean of each of the last maps."""

    def __init__(self, classes: int = len(CLASSES), widths: tuple[int, ...] = CAM_WIDTHS) -> None:
        super().__init__()
        kernels, strides, before, layers = (5, 3, 3, 3, 3, 1, 1), (2, 1, 2, 1, 1, 1, 1), 3, []
        for kernel, stride, now in zip(kernels, strides, widths, strict=True):
            layers.append(_block(before, now, kernel, stride, kernel // 2))
            before = now
        self.layers = nn.ModuleList(layers)
        self.scores = nn.Linear(before, classes)

    def features(self, x: Tensor) -> Tensor:
        """The last maps f_k(x, y): (N, C, H / 4, W / 4)."""
        for layer in self.layers:
            x = layer(x)
        return x.float()

    def head(self, features: Tensor) -> Tensor:
        """Scores (N, K) of last maps: global average pooling, then S_c = sum over k of w_k^c F_k, and a bias."""
        return self.scores(features.mean((2, 3)))

    def activation(self, features: Tensor) -> Tensor:
        """M_c(x, y) = sum over k of w_k^c f_k(x, y), for each class: (N, K, h, w). Its mean is S_c without the bias."""
        return torch.einsum("ck,nkhw->nchw", self.scores.weight, features)

    def forward(self, x: Tensor) -> Tensor:
        """The scores alone."""
        return self.head(self.features(x))


def _block(before: int, after: int, kernel: int, stride: int, padding: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride, padding, bias=False), nn.BatchNorm2d(after), nn.ReLU()
    )


# The published network


class Layer(NamedTuple):
    """A layer of OverFeat's fast model (table 1), or of the head for boxes (section 4.1)."""

    name: str
    maps: int
    kernel: int
    stride: int
    pool: int  # pixels a side, and from one to the next; 1 = none
    side: int  # of what comes in, for a training window
    parameters: int


class Level(NamedTuple):
    """One size at which the paper looks (table 5): sides are rows, columns."""

    input: tuple[int, int]
    before_pooling: tuple[int, int]  # of layer 5
    after_pooling: tuple[int, int]  # of each of the 3x3 shifted poolings
    windows: tuple[int, int]  # of each of them
    all_windows: tuple[int, int]  # of all nine together


PYRAMID = tuple(
    Level(given, unpooled, pooled, (pooled[0] - 4, pooled[1] - 4), (3 * (pooled[0] - 4), 3 * (pooled[1] - 4)))
    for given, unpooled in (
        ((245, 245), (17, 17)), ((281, 317), (20, 23)), ((317, 389), (23, 29)), ((389, 461), (29, 35)),
        ((425, 497), (32, 35)), ((461, 569), (35, 44)),
    )
    for pooled in [(unpooled[0] // 3, unpooled[1] // 3)]
)  # fmt: skip
"""The six sizes."""


def published() -> list[Layer]:
    """The layers of the fast model on 231x231 colour pixels, and of its head for boxes, with their parameters."""
    rows = [
        ("conv 1", 96, 11, 4, 2, 231), ("conv 2", 256, 5, 1, 2, 24), ("conv 3", 512, 3, 1, 1, 12),
        ("conv 4", 1024, 3, 1, 1, 12), ("conv 5", 1024, 3, 1, 2, 12), ("full 6", 3072, 6, 1, 1, 6),
        ("full 7", 4096, 1, 1, 1, 1), ("full 8", 1000, 1, 1, 1, 1),
    ]  # fmt: skip
    found, before = [], 3
    for name, maps, kernel, stride, pool, side in rows:
        found.append(Layer(name, maps, kernel, stride, pool, side, maps * (before * kernel**2 + 1)))
        before = maps
    return found

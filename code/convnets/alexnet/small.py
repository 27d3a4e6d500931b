"""Small members of AlexNet's family, for images of 32x32 pixels: the narrow AlexNet, and the four layers of figure 1.

:class:`Narrow` keeps what the paper of 2012 names: five convolutions, of which the second, fourth and fifth see one
tower of two, ReLU, response normalisation after the first two, overlapping pooling, two hidden dense layers with
dropout. Each part can be left out, one at a time.

:class:`Four` is the network of the paper's figure 1, "a four-layer convolutional neural network" on CIFAR-10 without
any regularisation; the paper does not print its layers. Ours are those of Krizhevsky's cuda-convnet for CIFAR-10 of the
same time (three convolutions of 5x5, maximum pooling once, mean pooling twice, one dense layer), half as wide.

Deviations, all for the sake of two CPU cores:
    - An eighth, or three sixteenths, of the maps; 5x5 or 7x7 filters with stride 1 in the first layer.
    - Initial weights have the variance 2 / fan-in for ReLU (He and others, 2015) and 1 / fan-in for tanh, and biases
      are 0: the paper's 0.01 and 1 belong to its widths, and a narrow network with them stands still for long.
    - Colours are divided by 64 grey levels, their standard deviation; the alpha of response normalisation is 64 squared
      times the paper's, which gives the same answer (see ``test_small.py``).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.alexnet.data import CROP, MEANS, SIDE

__all__ = ["ALPHA", "GREY", "MAPS", "Four", "Narrow", "Stages", "response_norm"]

MAPS = (96, 256, 384, 384, 256)
"""Maps of AlexNet's five convolutions, both towers together."""
GREY = 64.0  # grey levels of 255 that make one unit of a small network's input
ALPHA = 1e-4 * GREY**2
"""Of response normalisation in units of GREY; k, n and beta have no unit and are the paper's."""


def response_norm(a: Tensor, alpha: float, k: float = 2.0, n: int = 5, beta: float = 0.75) -> Tensor:
    """a (N, C, H, W) / (k + alpha * sum of the squares of n neighbouring maps) ** beta: section 3.3 of the paper.

    PyTorch's ``local_response_norm`` takes the mean where the paper has the sum: there, alpha must be n times as large.
    """
    squares = F.pad(a * a, (0, 0, 0, 0, n // 2, n // 2))
    total = squares[:, : a.shape[1]]
    for shift in range(1, n):
        total = total + squares[:, shift : shift + a.shape[1]]
    below = k + alpha * total
    if beta != 0.75:
        return a / below**beta
    root = below.rsqrt()
    return a * (root * root.sqrt())  # below ** -0.75, faster than a general power


class Stages(NamedTuple):
    """What :class:`Narrow` computes on its way, for N images."""

    conv1: Tensor  # (N, C1, 24, 24) after ReLU
    pool1: Tensor  # (N, C1, 11, 11), normalised before
    conv2: Tensor  # (N, C2, 11, 11)
    pool2: Tensor  # (N, C2, 5, 5), normalised before
    conv3: Tensor  # (N, C3, 5, 5); without convolutions 3 and 4, the two are pool2
    conv4: Tensor  # (N, C4, 5, 5)
    conv5: Tensor  # (N, C5, 5, 5)
    pool5: Tensor  # (N, C5, 2, 2)
    dense6: Tensor  # (N, D)
    dense7: Tensor  # (N, D)
    scores: Tensor  # (N, classes)


class Narrow(nn.Module):
    """Colours (N, 3, 24, 24) from 0 to 1 to a score for each class (N, classes); in training, call it in a fork of RNG.

    Args:
        width: maps of the five convolutions, in sixteenths of the paper's.
        kernel: side of the first layer's filters, odd, pixels.
        dense: units of each hidden dense layer.
        data: the set, ``cifar`` or ``tiny``, whose mean colour is subtracted.
        activation: ``relu`` or ``tanh``.
        dropout: probability of silencing a hidden dense unit in training.
        normalise: whether responses are normalised after the first two convolutions.
        overlap: pooling windows of 3x3 units two apart; else as many of 2x2.
        deep: five convolutions; else the third and fourth are left out.
    """

    side = CROP
    mean: Tensor

    def __init__(
        self,
        width: int = 2,
        kernel: int = 5,
        dense: int = 192,
        classes: int = 10,
        data: str = "cifar",
        activation: str = "relu",
        dropout: float = 0.5,
        normalise: bool = True,
        overlap: bool = True,
        deep: bool = True,
    ) -> None:
        super().__init__()
        one, two, three, four, five = (width * maps // 16 for maps in MAPS)
        self.conv1 = nn.Conv2d(3, one, kernel, padding=kernel // 2)
        self.conv2 = nn.Conv2d(one, two, 5, padding=2, groups=2)
        if deep:
            self.conv3 = nn.Conv2d(two, three, 3, padding=1)
            self.conv4 = nn.Conv2d(three, four, 3, padding=1, groups=2)
        self.conv5 = nn.Conv2d(four if deep else two, five, 3, padding=1, groups=2)
        self.dense6 = nn.Linear(4 * five, dense)
        self.dense7 = nn.Linear(dense, dense)
        self.scores = nn.Linear(dense, classes)
        self.register_buffer("mean", torch.tensor(MEANS[data])[:, None, None], persistent=False)
        self.squash = {"relu": torch.relu, "tanh": torch.tanh}[activation]
        self.dropout, self.normalise, self.overlap, self.deep = dropout, normalise, overlap, deep
        _begin(self, activation)

    def stages(self, x: Tensor) -> Stages:
        """All that is computed, first to last."""
        conv1 = self.squash(self.conv1((x - self.mean) * (255 / GREY)))
        pool1 = self._pool(self._norm(conv1))
        conv2 = self.squash(self.conv2(pool1))
        pool2 = self._pool(self._norm(conv2))
        conv3 = self.squash(self.conv3(pool2)) if self.deep else pool2
        conv4 = self.squash(self.conv4(conv3)) if self.deep else pool2
        conv5 = self.squash(self.conv5(conv4))
        pool5 = self._pool(conv5)
        dense6 = self._drop(self.squash(self.dense6(pool5.flatten(1))))
        dense7 = self._drop(self.squash(self.dense7(dense6)))
        scores = self.scores(dense7)
        return Stages(
            conv1, pool1, conv2, pool2, conv3, conv4, conv5, pool5,
            dense6, dense7, scores,
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """The scores alone."""
        return self.stages(x).scores

    def _norm(self, x: Tensor) -> Tensor:
        return response_norm(x, ALPHA) if self.normalise else x

    def _pool(self, x: Tensor) -> Tensor:
        if self.overlap:
            return F.max_pool2d(x, 3, 2)
        count = (x.shape[2] - 3) // 2 + 1  # as many windows as overlap would give
        return F.max_pool2d(x, 2, 2)[:, :, :count, :count]

    def _drop(self, x: Tensor) -> Tensor:
        return F.dropout(x, self.dropout, self.training) if self.dropout else x


class Four(nn.Module):
    """Colours (N, 3, 32, 32) from 0 to 1 to a score for each of ten classes (N, 10)."""

    side = SIDE
    mean: Tensor

    def __init__(self, activation: str = "relu") -> None:
        super().__init__()
        one, two, three = 16, 16, 32
        self.conv1 = nn.Conv2d(3, one, 5, padding=2)
        self.conv2 = nn.Conv2d(one, two, 5, padding=2)
        self.conv3 = nn.Conv2d(two, three, 5, padding=2)
        self.scores = nn.Linear(9 * three, 10)
        self.register_buffer("mean", torch.tensor(MEANS["cifar"])[:, None, None], persistent=False)
        self.squash = {"relu": torch.relu, "tanh": torch.tanh}[activation]
        _begin(self, activation)

    def forward(self, x: Tensor) -> Tensor:
        """The scores."""
        x = (x - self.mean) * (255 / GREY)
        x = F.max_pool2d(self.squash(self.conv1(x)), 3, 2)
        x = F.avg_pool2d(self.squash(self.conv2(x)), 3, 2)
        x = F.avg_pool2d(self.squash(self.conv3(x)), 3, 2)
        return self.scores(x.flatten(1))


def _begin(model: nn.Module, activation: str) -> None:
    """Draw initial weights so that layers keep the size of what passes, and set biases to 0."""
    gain = 2.0 if activation == "relu" else 1.0
    for name, part in model.named_children():
        weight: Tensor = part.weight  # type: ignore[assignment]
        last = 1.0 if name == "scores" else gain
        nn.init.normal_(weight, std=math.sqrt(last / weight[0].numel()))
        nn.init.zeros_(part.bias)  # type: ignore[arg-type]

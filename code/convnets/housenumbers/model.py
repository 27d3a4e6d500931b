"""Two ways to read a house number: digit by digit (Sermanet and others), and all at once (Goodfellow and others).

:class:`Sermanet` is the network of Sermanet, Chintala, LeCun, "Convolutional neural networks applied to house numbers
digit classification", ICPR 2012 (arXiv 1204.3968), with the layers of the configuration that its authors gave out,
``demos/svhn/svhn.conf`` of EBLearn: Lp pooling (section 1.1), subtractive normalisation, and a classifier that sees
the features of both stages (section 1.2).

:class:`Reader` follows Goodfellow, Bulatov, Ibarz, Arnoud, Shet, "Multi-digit number recognition from Street View
imagery using deep convolutional neural networks", ICLR 2014 (arXiv 1312.6082): one network, one vector of features, a
head for the length and one for each digit (section 4 and appendix A). :func:`published` lists its layers.

Deviations of :class:`Sermanet`:
    - It sees grey where theirs sees YUV: all 16 maps of the first stage look at it (their table has 32 connections).
    - Which maps of stage 1 a map of stage 2 sees is drawn from a seed of ours; how many see two, three, four or five is
      theirs.
    - Scores are not squashed: it learns by cross-entropy, theirs by squared errors of tanh.

Deviations of :class:`Reader`, for two CPU cores and 8,000 numbers (theirs: eleven hidden layers, 200,000 numbers):
    - A thirtieth to two thirds of the units; convolutions of 3x3 after the first, without pooling of stride 1. The
      locally connected layer looks at one place at a time.
    - Batch normalisation in place of subtractive normalisation, ReLU in place of maxout in the first layer, dropout
      before the dense layers only.
    - The same convolutions also read single digits, through a head of its own: that is how they learn what a digit is
      from few numbers.
    - Mean and contrast of a picture are taken out inside the network; the paper subtracts the mean.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.housenumbers.data import HEIGHT, LONGEST, SIDE, WIDTH

__all__ = [
    "CONNECTIONS", "FAN_IN", "LENGTHS", "P", "WIDTHS", "Answer", "Layer", "Reader", "Sermanet", "Stages", "decode",
    "gaussian", "log_probabilities", "lp_pool", "normalised", "published", "subtract_mean",
]  # fmt: skip

P = 4
"""Of Lp pooling in Sermanet's best network."""
FAN_IN = {2: 128, 3: 128, 4: 128, 5: 128}
"""How many of the 512 maps of stage 2 see so many of stage 1."""
CONNECTIONS = sum(seen * maps for seen, maps in FAN_IN.items())
LENGTHS = LONGEST + 2
"""Classes of the length head: 0 to 5 digits, and more."""
WIDTHS = (32, 64, 64, 96, 96, 96, 96, 96)
"""Maps of the reader's eight convolutions; the paper's are 48, 64, 128, 160 and four times 192."""


# What both use


def normalised(x: Tensor, least: float = 0.02) -> Tensor:
    """Pictures (N, 1, H, W) from 0 to 1, each without its mean and in units of its contrast, at least ``least``."""
    x = x - x.mean((2, 3), keepdim=True)
    return x / (x.square().mean((2, 3), keepdim=True) + least**2).sqrt()


def gaussian(side: int, coefficient: float = 4.0) -> Tensor:
    """A Gaussian window (side, side) of sum 1, ``side / coefficient`` its standard deviation."""
    place = torch.arange(side) - (side - 1) / 2
    row = torch.exp(-0.5 * (place / (side / coefficient)) ** 2)
    window = row[:, None] * row
    return window / window.sum()


def lp_pool(x: Tensor, p: float, side: int, stride: int) -> Tensor:
    """(sum over a window of G |x|^p)^(1/p), G a Gaussian of sum 1: section 1.1 of Sermanet et al.

    p = 1 is a weighted mean of what x (N, C, H, W) holds in size, p = infinity the maximum.
    """
    if math.isinf(p):
        return F.max_pool2d(x.abs(), side, stride)
    window = gaussian(side).to(x).expand(x.shape[1], 1, side, side)
    power = (x.abs() + 1e-2) ** p  # the root has no slope at 0
    return F.conv2d(power, window, stride=stride, groups=x.shape[1]) ** (1 / p)


def subtract_mean(x: Tensor, side: int) -> Tensor:
    """Each map of x (N, C, H, W) without its mean nearby, weighted by a Gaussian ``side`` wide, edges going on."""
    window = gaussian(side).to(x).expand(x.shape[1], 1, side, side)
    padded = F.pad(x, (side // 2,) * 4, mode="replicate")
    return x - F.conv2d(padded, window, groups=x.shape[1])


# One digit


class Stages(NamedTuple):
    """What :class:`Sermanet` computes on its way, for N pictures."""

    input: Tensor  # (N, 1, 32, 32), without the mean nearby
    conv1: Tensor  # (N, 16, 28, 28)
    pool1: Tensor  # (N, 16, 14, 14)
    conv2: Tensor  # (N, 512, 8, 8)
    pool2: Tensor  # (N, 512, 4, 4)
    branch: Tensor  # (N, 16, 4, 4), stage 1 pooled once more
    hidden: Tensor  # (N, 20)
    scores: Tensor  # (N, 10)


class Sermanet(nn.Module):
    """Digits (N, 1, 32, 32) from 0 to 1 to a score for each class (N, 10).

    Args:
        p: of the pooling; infinity for maximum pooling.
        multistage: whether the classifier sees stage 1, too.
    """

    table: Tensor

    def __init__(self, p: float = P, multistage: bool = True) -> None:
        super().__init__()
        self.p, self.multistage = p, multistage
        self.conv1 = nn.Conv2d(1, 16, 5)
        self.kernels2 = nn.Parameter(torch.empty(CONNECTIONS, 7, 7))
        self.bias2 = nn.Parameter(torch.zeros(512))
        self.hidden = nn.Linear(16 * (512 + 16 * multistage), 20)
        self.scores = nn.Linear(20, 10)
        self.register_buffer("table", _table(), persistent=False)
        nn.init.normal_(self.kernels2, std=1 / math.sqrt(3.5 * 49))

    def stages(self, x: Tensor) -> Stages:
        """All that is computed, first to last."""
        x = subtract_mean(normalised(x), 7)
        conv1 = torch.tanh(self.conv1(x))
        pool1 = subtract_mean(lp_pool(conv1, self.p, 2, 2), 5)
        conv2 = torch.tanh(F.conv2d(pool1, self.weight2(), self.bias2))
        pool2 = subtract_mean(lp_pool(conv2, self.p, 2, 2), 7)
        branch = subtract_mean(lp_pool(pool1, self.p, 5, 3), 5)
        seen = torch.cat([pool2, branch], 1) if self.multistage else pool2
        hidden = torch.tanh(self.hidden(seen.flatten(1)))
        return Stages(x, conv1, pool1, conv2, pool2, branch, hidden, self.scores(hidden))

    def weight2(self) -> Tensor:
        """The kernels of stage 2 (512, 16, 7, 7), 0 where the table has no connection."""
        nothing = self.kernels2.new_zeros(1, 7, 7)
        return torch.cat([self.kernels2, nothing])[self.table]

    def forward(self, x: Tensor) -> Tensor:
        """The scores alone."""
        return self.stages(x).scores


def _table() -> Tensor:
    """(512, 16): the number of the kernel that joins two maps, CONNECTIONS where none does."""
    draw = torch.Generator().manual_seed(2012)
    table, number, row = torch.full((512, 16), CONNECTIONS), 0, 0
    for seen, maps in FAN_IN.items():
        for _ in range(maps):
            table[row, torch.randperm(16, generator=draw)[:seen]] = torch.arange(number, number + seen)
            number, row = number + seen, row + 1
    return table


# Whole numbers


class Answer(NamedTuple):
    """What the reader says of N pictures, as logits."""

    length: Tensor  # (N, 7): 0 to 5 digits, or more
    digits: Tensor  # (N, 5, 10)
    single: Tensor  # (N, 10): the digit that fills the left square, where one does


class Reader(nn.Module):
    """Pictures (N, 1, 32, 64) from 0 to 1 to the logits of a length and of five digits.

    A head of its own reads single digits (N, 1, 32, 32) from the same convolutions: :meth:`single`.
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS, local: int = 16, dense: int = 128) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            _block(before, after, 5 if place == 0 else 3)
            for place, (before, after) in enumerate(zip((1, *widths), widths, strict=False))
        )
        places = (HEIGHT // 8) * (WIDTH // 8)
        self.local = nn.Parameter(torch.randn(places, widths[-1], local) * math.sqrt(2 / widths[-1]))
        self.local_bias = nn.Parameter(torch.zeros(places, 1, local))
        self.dense1 = nn.Linear(places * local, dense)
        self.dense2 = nn.Linear(dense, dense)
        self.length = nn.Linear(dense, LENGTHS)
        self.digits = nn.Linear(dense, LONGEST * 10)
        self.alone = nn.Linear(4 * widths[-1], 10)
        self.dropout = nn.Dropout(0.2)

    def maps(self, x: Tensor) -> Tensor:
        """The last maps (N, C, H / 8, W / 8)."""
        x = normalised(x)
        for place, layer in enumerate(self.layers):
            x = layer(x)
            if place in (0, 2, 4):
                x = F.max_pool2d(x, 2)
        return x.float()

    def features(self, maps: Tensor) -> Tensor:
        """The one vector H (N, dense) that all heads see."""
        x = maps.flatten(2).permute(2, 0, 1)  # (places, N, maps)
        x = torch.relu(torch.baddbmm(self.local_bias, x, self.local)).permute(1, 0, 2).flatten(1)
        x = torch.relu(self.dense1(self.dropout(x)))
        return torch.relu(self.dense2(self.dropout(x)))

    def forward(self, x: Tensor) -> Answer:
        """The logits of all heads."""
        maps = self.maps(x)
        h = self.features(maps)
        digits = self.digits(h).float().unflatten(1, (LONGEST, 10))
        return Answer(self.length(h).float(), digits, self._alone(maps[:, :, :, : SIDE // 8]))

    def single(self, x: Tensor) -> Tensor:
        """A score for each class (N, 10) of single digits (N, 1, 32, 32) from 0 to 1."""
        return self._alone(self.maps(x))

    def _alone(self, maps: Tensor) -> Tensor:
        return self.alone(self.dropout(F.avg_pool2d(maps, 2).flatten(1))).float()


def _block(before: int, after: int, side: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, side, padding=side // 2, bias=False), nn.BatchNorm2d(after), nn.ReLU()
    )


def log_probabilities(answer: Answer) -> tuple[Tensor, Tensor]:
    """log P(L) (N, 7) and log P(S_i) (N, 5, 10)."""
    return answer.length.log_softmax(1), answer.digits.log_softmax(2)


def decode(answer: Answer) -> tuple[list[str], Tensor]:
    """The likeliest numbers and their log P (N,): the length and digits with the largest log P(L) + sum of log P(S_i).

    A digit's likeliest value is the same for every length; then the lengths 0 to 5 are compared (appendix A).
    """
    length, digits = log_probabilities(answer)
    best, values = digits.max(2)
    totals = torch.cat([length[:, :1], length[:, 1 : LONGEST + 1] + best.cumsum(1)], 1)
    found, lengths = totals.max(1)
    texts = ["".join(map(str, row[:count])) for row, count in zip(values.tolist(), lengths.tolist(), strict=True)]
    return texts, found


# The published network


class Layer(NamedTuple):
    """A layer of Goodfellow and others' best network for SVHN (section 5.1)."""

    name: str
    kind: str
    units: int  # at a place
    kernel: int
    stride: int  # of its pooling
    side: int  # of its maps, after pooling
    parameters: int


def published() -> list[Layer]:
    """The layers on 54x54 colour pixels, counted on the meta device.

    The paper does not say how pooling treats an odd side; here, half of it is rounded up, which leaves 4x4 places of
    192 units before the dense layers.
    """
    units, before, side, found = (48, 64, 128, 160, 192, 192, 192, 192), 3, 54, []
    with torch.device("meta"):
        for place, now in enumerate(units):
            stride = 2 - place % 2
            side = math.ceil(side / stride)
            pieces = 3 if place == 0 else 1
            count = _count(nn.Conv2d(before, now * pieces, 5, padding=2))
            found.append(
                Layer(f"hidden {place + 1}", "maxout" if place == 0 else "convolution", now, 5, stride, side, count)
            )
            before = now
        count = side * side * _count(nn.Conv2d(before, 192, 5))
        found.append(Layer("hidden 9", "locally connected", 192, 5, 1, side, count))
        before = 192 * side * side
        for place in (10, 11):
            found.append(Layer(f"hidden {place}", "dense", 3072, 0, 1, 1, _count(nn.Linear(before, 3072))))
            before = 3072
        found.append(Layer("length", "softmax", LENGTHS, 0, 1, 1, _count(nn.Linear(before, LENGTHS))))
        digits = LONGEST * _count(nn.Linear(before, 10))
        found.append(Layer("digits", "softmax", LONGEST * 10, 0, 1, 1, digits))
    return found


def _count(part: Any) -> int:
    return sum(parameter.numel() for parameter in part.parameters())

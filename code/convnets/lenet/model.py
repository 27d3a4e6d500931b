"""The networks that read digits: 1989 (zip codes), LeNet-1, LeNet-5, and the LeNet-5 that is taught today.

Sources:
    - LeCun, Boser, Denker, Henderson, Howard, Hubbard, Jackel: "Backpropagation Applied to Handwritten Zip Code
      Recognition", Neural Computation 1(4), 1989. :class:`ZipCodeNet`.
    - The same authors: "Handwritten Digit Recognition with a Back-Propagation Network", NIPS 2, 1989 (printed 1990).
      :class:`LeNet1`.
    - LeCun, Bottou, Bengio, Haffner: "Gradient-Based Learning Applied to Document Recognition", Proceedings of the
      IEEE 86(11), 1998, section II.B. :class:`LeNet5`.

Shapes: N images; letters after it are channels, height, width. Every network takes ``(N, 1, H, W)`` with paper
white at -0.1 and ink at 1.175 (``data.normalise``) and answers ``(N, 10)`` *scores*, the larger the better; for
LeNet-5 a score is minus the squared distance to a class's bitmap.

Deviations:
    - ZipCodeNet: the paper connects each H2 map to eight of the twelve H1 maps by a scheme that it does not give; ours
      is :data:`H2_TABLE`. Paper and border are -0.1 as in the other networks here, not -1.
    - LeNet1 takes 28x28 images in which the digit fills about 20x20 pixels (MNIST); the paper's fill 16x16.
    - LeNet5's bitmaps are our own drawing (``bitmaps.py``); the paper's figure holds the full ASCII set.
    - ModernLeNet is no paper's network: ReLU, max pooling, dense C3 and a linear output, as in today's tutorials.
    - MLP is no paper's network: the control of ModernLeNet, fully connected, with about as many parameters.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.lenet.bitmaps import bitmaps

__all__ = [
    "C3_TABLE", "H2_TABLE", "H3_TABLE", "Features", "LeNet1", "LeNet5", "MLP", "ModernLeNet", "PartialConv2d",
    "RBF", "Subsampling", "ZipCodeNet", "scaled_tanh",
]  # fmt: skip

BACKGROUND = -0.1
"""Value of paper white after the 1998 paper's normalisation."""

C3_TABLE: tuple[tuple[int, ...], ...] = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip
"""Which S2 maps feed each C3 map: 1998, table I."""

H3_TABLE: tuple[tuple[int, ...], ...] = (
    (0,), (0, 1), (0, 1), (1,), (0, 1), (0, 1),
    (2,), (2, 3), (2, 3), (3,), (2, 3), (2, 3),
)  # fmt: skip
"""Which H2 maps feed each H3 map of LeNet-1: NIPS 1989, table 1."""

H2_TABLE: tuple[tuple[int, ...], ...] = tuple(
    tuple(sorted((i + offset) % 12 for offset in range(8))) for i in range(12)
)
"""Which eight of the twelve H1 maps feed each H2 map of the 1989 network: our choice (see Deviations)."""


def scaled_tanh(x: Tensor) -> Tensor:
    """Squashing function ``1.7159 tanh(2x/3)``: 1 at 1, -1 at -1 (1998, appendix A)."""
    return 1.7159 * torch.tanh(x * (2 / 3))


def init_fan_in(weight: Tensor, fan_in: int) -> None:
    """Fill ``weight`` in place, uniform in +-2.4 / fan-in (1998, section II.B and appendix A)."""
    nn.init.uniform_(weight, -2.4 / fan_in, 2.4 / fan_in)


class Subsampling(nn.Module):
    """2x2 sums times one trainable coefficient a map, plus one trainable bias: S2 and S4 (1998, section II.B)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.coefficient = nn.Parameter(torch.full((channels,), 0.25))
        self.bias = nn.Parameter(torch.zeros(channels))
        nn.init.uniform_(self.coefficient, 0.25, 0.75)  # positive, so that a map keeps its sign: a choice

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H/2, W/2), before the squashing function."""
        total = 4 * F.avg_pool2d(x, 2)
        return total * self.coefficient[:, None, None] + self.bias[:, None, None]


class PartialConv2d(nn.Module):
    """A convolution in which output map k sees only the input maps ``table[k]``.

    Only the connections of the table have weights: ``weight`` is ``(connections, size, size)``, in table order.
    """

    connected: Tensor

    def __init__(self, table: tuple[tuple[int, ...], ...], in_channels: int, size: int) -> None:
        super().__init__()
        flat = [k * in_channels + i for k, inputs in enumerate(table) for i in inputs]
        self.shape = (len(table), in_channels, size, size)
        self.register_buffer("connected", torch.tensor(flat), persistent=False)
        self.weight = nn.Parameter(torch.empty(len(flat), size, size))
        self.bias = nn.Parameter(torch.zeros(len(table)))
        start = 0
        for inputs in table:
            with torch.no_grad():
                init_fan_in(self.weight[start : start + len(inputs)], len(inputs) * size * size)
            start += len(inputs)

    def dense_weight(self) -> Tensor:
        """The weights as an ordinary kernel (out, in, size, size) with zeros where the table has no connection."""
        out_channels, in_channels, size, _ = self.shape
        dense = self.weight.new_zeros(out_channels * in_channels, size, size)
        return dense.index_copy(0, self.connected, self.weight).reshape(self.shape)

    def forward(self, x: Tensor) -> Tensor:
        """(N, in, H, W) -> (N, out, H - size + 1, W - size + 1)."""
        return F.conv2d(x, self.dense_weight(), self.bias)


class RBF(nn.Module):
    """Ten Euclidean radial basis units: squared distance of F6 to each class's fixed bitmap (1998, equation 7)."""

    centres: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("centres", torch.from_numpy(bitmaps().reshape(10, 84)), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(..., 84) -> (..., 10), expanded as |x|^2 - 2xc + |c|^2 so that one matrix product does it."""
        cross = x @ self.centres.T
        return x.square().sum(-1, keepdim=True) - 2 * cross + self.centres.square().sum(-1)


class Features(NamedTuple):
    """All stages of LeNet-5 for N images; a wide image gives W' columns instead of 1."""

    c1: Tensor  # (N, 6, 28, 28)
    s2: Tensor  # (N, 6, 14, 14)
    c3: Tensor  # (N, 16, 10, 10)
    s4: Tensor  # (N, 16, 5, 5)
    c5: Tensor  # (N, 120, 1, W')
    f6: Tensor  # (N, W', 84)
    distances: Tensor  # (N, W', 10)


class LeNet5(nn.Module):
    """LeNet-5 as published: 60,000 trainable parameters and 840 fixed ones, 340,908 connections."""

    image_size = 32

    def __init__(self) -> None:
        super().__init__()
        self.c1 = _conv(1, 6)
        self.s2 = Subsampling(6)
        self.c3 = PartialConv2d(C3_TABLE, in_channels=6, size=5)
        self.s4 = Subsampling(16)
        self.c5 = _conv(16, 120)
        self.f6 = _linear(120, 84)
        self.output = RBF()

    def features(self, x: Tensor) -> Features:
        """Every stage after its squashing function. (N, 1, 32, W) with W = 32 + 4k gives k + 1 columns."""
        c1 = scaled_tanh(self.c1(x))
        s2 = scaled_tanh(self.s2(c1))
        c3 = scaled_tanh(self.c3(s2))
        s4 = scaled_tanh(self.s4(c3))
        c5 = scaled_tanh(self.c5(s4))
        f6 = scaled_tanh(self.f6(c5[:, :, 0].transpose(1, 2)))
        return Features(c1, s2, c3, s4, c5, f6, self.output(f6))

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, 32, 32) -> (N, 10) scores: minus the distance to each bitmap."""
        return -self.features(x).distances[:, 0]

    def read_wide(self, x: Tensor) -> Tensor:
        """Space displacement: (N, 1, 32, 32 + 4k) -> (N, k + 1, 10) scores, one column every four pixels."""
        return -self.features(x).distances


class LeNet1(nn.Module):
    """LeNet-1, the network of NIPS 1989: 2,578 parameters, 98,442 connections."""

    image_size = 28

    def __init__(self) -> None:
        super().__init__()
        self.h1 = _conv(1, 4)
        self.h2 = Subsampling(4)
        self.h3 = PartialConv2d(H3_TABLE, in_channels=4, size=5)
        self.h4 = Subsampling(12)
        self.output = _linear(12 * 4 * 4, 10)

    def stages(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """H1 (N, 4, 24, 24), H2 (N, 4, 12, 12), H3 (N, 12, 8, 8), H4 (N, 12, 4, 4), after squashing."""
        h1 = scaled_tanh(self.h1(x))
        h2 = scaled_tanh(self.h2(h1))
        h3 = scaled_tanh(self.h3(h2))
        return h1, h2, h3, scaled_tanh(self.h4(h3))

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, 28, 28) -> (N, 10): one squashed unit a class."""
        return scaled_tanh(self.output(self.stages(x)[-1].flatten(1)))


class ZipCodeNet(nn.Module):
    """The 1989 zip-code network: strided convolutions, no sub-sampling, 9,760 parameters, 64,660 connections.

    Weights are shared within a map; biases are not (each unit has its own), which the count of parameters shows.
    """

    image_size = 16

    def __init__(self) -> None:
        super().__init__()
        self.h1 = nn.Parameter(torch.empty(12, 1, 5, 5))
        self.h1_bias = nn.Parameter(torch.zeros(12, 8, 8))
        self.h2 = PartialConv2d(H2_TABLE, in_channels=12, size=5)
        self.h2.bias = nn.Parameter(torch.zeros(12, 4, 4))
        self.h3 = _linear(12 * 4 * 4, 30)
        self.output = _linear(30, 10)
        init_fan_in(self.h1, 25)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, 16, 16) -> (N, 10): one squashed unit a class."""
        h1 = scaled_tanh(F.conv2d(_border(x), self.h1, stride=2) + self.h1_bias)
        h2 = scaled_tanh(F.conv2d(_border(h1), self.h2.dense_weight(), stride=2) + self.h2.bias)
        h3 = scaled_tanh(self.h3(h2.flatten(1)))
        return scaled_tanh(self.output(h3))


class ModernLeNet(nn.Module):
    """LeNet-5's layer sizes with today's parts: ReLU, max pooling, a dense C3, ten linear outputs for softmax."""

    image_size = 32

    def __init__(self) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 5)
        self.c3 = nn.Conv2d(6, 16, 5)
        self.c5 = nn.Conv2d(16, 120, 5)
        self.f6 = nn.Linear(120, 84)
        self.output = nn.Linear(84, 10)

    def stages(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        """C1, S2, C3, S4, C5, F6 after ReLU or pooling, in the shapes of :class:`Features` (F6: (N, 84))."""
        c1 = F.relu(self.c1(x))
        s2 = F.max_pool2d(c1, 2)
        c3 = F.relu(self.c3(s2))
        s4 = F.max_pool2d(c3, 2)
        c5 = F.relu(self.c5(s4))
        return c1, s2, c3, s4, c5, F.relu(self.f6(c5.flatten(1)))

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, 32, 32) -> (N, 10) logits."""
        return self.output(self.stages(x)[-1])


class MLP(nn.Module):
    """The control: one fully connected hidden layer of 75 ReLU, ten linear outputs for softmax, 59,635 parameters."""

    image_size = 28

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(28 * 28, 75)
        self.output = nn.Linear(75, 10)

    def stages(self, x: Tensor) -> tuple[Tensor]:
        """The hidden layer (N, 75) after ReLU."""
        return (F.relu(self.hidden(x.flatten(1))),)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, 28, 28) -> (N, 10) logits."""
        return self.output(self.stages(x)[-1])


def _conv(in_channels: int, out_channels: int) -> nn.Conv2d:
    layer = nn.Conv2d(in_channels, out_channels, 5)
    init_fan_in(layer.weight, in_channels * 25)
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


def _linear(inputs: int, outputs: int) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    init_fan_in(layer.weight, inputs)
    nn.init.zeros_(layer.bias)
    return layer


def _border(x: Tensor) -> Tensor:
    return F.pad(x, (2, 2, 2, 2), value=BACKGROUND)

"""ENet: a network for streets with a hundredth of SegNet's parameters.

Source: A. Paszke, A. Chaurasia, S. Kim, E. Culurciello: "ENet: A Deep Neural Network Architecture for Real-Time
Semantic Segmentation", 2016, section 3, figure 2 and table 1.

The picture becomes an eighth as large within two stages, where most of the work is done. A *bottleneck* squeezes its
maps to a quarter, convolves, and widens them again; its result is added to what came in. Convolutions are plain,
dilated, or a 5x1 followed by a 1x5. The way up is short: two upsamplings that put values back where their maximum
stood. It has 360,466 parameters for eleven classes; with the means and variances that normalisation keeps, 368,818: the
paper's 0.37 million.

Deviations:
    - The paper does not say whether a PReLU has a slope for each map: here it has.
    - In an upsampling bottleneck a transposed convolution of 3x3 takes the place of the plain one (figure 2b).
    - A picture whose sides are no multiples of 8 is widened below and on the right, and its answer cut.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.driving.streets import CLASSES

__all__ = ["TABLE", "Bottleneck", "Down", "ENet", "Initial", "Row", "Up"]


class Row(NamedTuple):
    """A row of table 1."""

    name: str
    kind: str  # plain, down, up, dilated, asymmetric
    channels: int  # maps that it gives
    size: int = 1  # dilation, or length of the asymmetric kernel


_SECOND = (
    ("plain", 1), ("dilated", 2), ("asymmetric", 5), ("dilated", 4),
    ("plain", 1), ("dilated", 8), ("asymmetric", 5), ("dilated", 16),
)  # fmt: skip
TABLE: tuple[Row, ...] = (
    Row("1.0", "down", 64),
    *(Row(f"1.{place}", "plain", 64) for place in range(1, 5)),
    Row("2.0", "down", 128),
    *(Row(f"{stage}.{place}", kind, 128, size) for stage in (2, 3) for place, (kind, size) in enumerate(_SECOND, 1)),
    Row("4.0", "up", 64),
    Row("4.1", "plain", 64),
    Row("4.2", "plain", 64),
    Row("5.0", "up", 16),
    Row("5.1", "plain", 16),
)
"""Bottlenecks between the initial block, which gives 16 maps at half the size, and the last convolution."""
INITIAL = 16
_SQUEEZE = 4
_STEP = 8


class Initial(nn.Module):
    """(N, 3, H, W) -> (N, 16, H / 2, W / 2): 13 maps of a convolution beside the three colours, pooled."""

    def __init__(self, channels: int = INITIAL) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, channels - 3, 3, 2, 1, bias=False)
        self.after = nn.Sequential(nn.BatchNorm2d(channels), nn.PReLU(channels))

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, 16, H / 2, W / 2)."""
        pooled = F.max_pool2d(x, 2)
        found: Tensor = self.after(torch.cat([self.convolution(x), pooled], 1))
        return found


def _activated(channels: int) -> list[nn.Module]:
    return [nn.BatchNorm2d(channels), nn.PReLU(channels)]


class Bottleneck(nn.Module):
    """Squeeze, convolve, widen, add: (N, C, h, w) -> (N, C, h, w)."""

    def __init__(self, channels: int, kind: str = "plain", size: int = 1, dropout: float = 0.1) -> None:
        super().__init__()
        inner = channels // _SQUEEZE
        if kind == "asymmetric":
            middle: list[nn.Module] = [
                nn.Conv2d(inner, inner, (size, 1), padding=(size // 2, 0), bias=False),
                nn.Conv2d(inner, inner, (1, size), padding=(0, size // 2)),
            ]
        else:
            middle = [nn.Conv2d(inner, inner, 3, padding=size, dilation=size)]
        self.path = nn.Sequential(
            nn.Conv2d(channels, inner, 1, bias=False), *_activated(inner),
            *middle, *_activated(inner),
            nn.Conv2d(inner, channels, 1, bias=False), nn.BatchNorm2d(channels), nn.Dropout2d(dropout),
        )  # fmt: skip
        self.activation = nn.PReLU(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, h, w) -> the same."""
        found: Tensor = self.activation(x + self.path(x))
        return found


class Down(nn.Module):
    """A bottleneck that halves the size; beside it the maxima, and where they stood."""

    def __init__(self, before: int, after: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.more, inner = after - before, before // _SQUEEZE
        self.path = nn.Sequential(
            nn.Conv2d(before, inner, 2, 2, bias=False), *_activated(inner),
            nn.Conv2d(inner, inner, 3, padding=1), *_activated(inner),
            nn.Conv2d(inner, after, 1, bias=False), nn.BatchNorm2d(after), nn.Dropout2d(dropout),
        )  # fmt: skip
        self.activation = nn.PReLU(after)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(N, C, h, w) -> (N, C', h / 2, w / 2), and the places of the maxima (N, C, h / 2, w / 2)."""
        pooled, places = F.max_pool2d(x, 2, return_indices=True)
        wider = F.pad(pooled, (0, 0, 0, 0, 0, self.more))  # the maps that pooling lacks are 0
        return self.activation(wider + self.path(x)), places


class Up(nn.Module):
    """A bottleneck that doubles the size; beside it values go back to where their maximum stood."""

    def __init__(self, before: int, after: int, dropout: float = 0.1) -> None:
        super().__init__()
        inner = before // _SQUEEZE
        self.across = nn.Sequential(nn.Conv2d(before, after, 1, bias=False), nn.BatchNorm2d(after))
        self.squeeze = nn.Sequential(nn.Conv2d(before, inner, 1, bias=False), *_activated(inner))
        self.grow = nn.ConvTranspose2d(inner, inner, 3, 2, 1, 1)
        self.widen = nn.Sequential(
            *_activated(inner),
            nn.Conv2d(inner, after, 1, bias=False), nn.BatchNorm2d(after), nn.Dropout2d(dropout),
        )  # fmt: skip
        self.activation = nn.PReLU(after)

    def forward(self, x: Tensor, places: Tensor) -> Tensor:
        """(N, C, h, w) and places (N, C', h, w) of maxima -> (N, C', 2 h, 2 w)."""
        across = F.max_unpool2d(self.across(x), places, [2, 2])
        found: Tensor = self.activation(across + self.widen(self.grow(self.squeeze(x))))
        return found


class ENet(nn.Module):
    """Scores of classes for each pixel: (N, 3, H, W) -> (N, K, H, W)."""

    def __init__(self, classes: int = len(CLASSES), table: tuple[Row, ...] = TABLE) -> None:
        super().__init__()
        self.initial = Initial()
        layers: list[nn.Module] = []
        before = INITIAL
        for row in table:
            dropout = 0.01 if row.name.startswith("1.") else 0.1  # section 4: 0.01 before bottleneck 2.0, then 0.1
            if row.kind in ("down", "up"):
                layers.append((Down if row.kind == "down" else Up)(before, row.channels, dropout))
            else:
                layers.append(Bottleneck(row.channels, row.kind, row.size, dropout))
            before = row.channels
        self.layers = nn.ModuleList(layers)
        self.score = nn.ConvTranspose2d(before, classes, 2, 2)

    def forward(self, x: Tensor) -> Tensor:
        """Photographs (N, 3, H, W), 0 to 1, -> scores (N, K, H, W)."""
        height, width = x.shape[2:]
        x = self.initial(F.pad(4 * x - 2, (0, -width % _STEP, 0, -height % _STEP)))
        held = []
        for layer in self.layers:
            if isinstance(layer, Down):
                x, places = layer(x)
                held.append(places)
            else:
                x = layer(x, held.pop()) if isinstance(layer, Up) else layer(x)
        found: Tensor = self.score(x)
        return found[:, :, :height, :width]

    coarse = forward
    """What the loss compares; here scores of all pixels."""

"""SegNet: down as VGG-16, and up again by remembering where each maximum stood.

Source: V. Badrinarayanan, A. Kendall, R. Cipolla: "SegNet: A Deep Convolutional Encoder-Decoder Architecture for Image
Segmentation", IEEE Transactions on Pattern Analysis and Machine Intelligence 39(12), 2017, section 3 and figure 2.

Pooling keeps the largest of 2x2 values and notes which it was. On the way up the value goes back to that place, the
other three are 0, and convolutions fill them. What travels across is two bits a window, where the U-Net hands over the
maps themselves.

Deviations:
    - The last convolution gives the classes' scores; a trained softmax layer after it would be one more.
    - Pictures may have odd sides: unpooling restores the size that pooling began with.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F

from convnets.driving.streets import CLASSES

__all__ = ["ENCODER", "Convolution", "SegNet", "published"]

ENCODER: tuple[tuple[int, ...], ...] = (
    (64, 64),
    (128, 128),
    (256, 256, 256),
    (512, 512, 512),
    (512, 512, 512),
)
"""Maps that each convolution gives, between poolings: the 13 convolutions of VGG-16."""


class Convolution(NamedTuple):
    """A row of the table: a convolution of 3x3, with a shift and a scale for each map, but for the last."""

    name: str
    before: int  # maps that it reads
    after: int  # maps that it gives
    is_last: bool = False

    @property
    def parameters(self) -> int:
        """Weights, biases, and two numbers a map of batch normalisation."""
        return self.after * (9 * self.before + 1) + (0 if self.is_last else 2 * self.after)


def published(classes: int = len(CLASSES), encoder: tuple[tuple[int, ...], ...] = ENCODER) -> list[list[Convolution]]:
    """Stages down and up again: the decoder reads the encoder's table backwards."""
    before, down = 3, []
    for number, stage in enumerate(encoder, 1):
        rows = []
        for place, after in enumerate(stage, 1):
            rows.append(Convolution(f"down {number}.{place}", before, after))
            before = after
        down.append(rows)
    up = []
    for number, rows in enumerate(reversed(down), 1):
        # each convolution is turned round; the first one of all leads to classes, where it came from colours
        turned = [(row.after, row.before) for row in reversed(rows)]
        if number == len(down):
            turned[-1] = (turned[-1][0], classes)
        last = number == len(down)
        up.append([
            Convolution(f"up {number}.{place}", *pair, is_last=last and place == len(turned))
            for place, pair in enumerate(turned, 1)
        ])  # fmt: skip
    return down + up


class SegNet(nn.Module):
    """Scores of classes for each pixel: (N, 3, H, W) -> (N, K, H, W), for sides of at least 32."""

    def __init__(self, classes: int = len(CLASSES), encoder: tuple[tuple[int, ...], ...] = ENCODER) -> None:
        super().__init__()
        stages = [nn.Sequential(*map(_layer, rows)) for rows in published(classes, encoder)]
        self.down, self.up = nn.ModuleList(stages[: len(encoder)]), nn.ModuleList(stages[len(encoder) :])

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, K, H, W)."""
        places, sizes = [], []
        for stage in self.down:
            x = stage(x)
            sizes.append(x.shape[2:])
            x, place = F.max_pool2d(x, 2, return_indices=True)
            places.append(place)
        for stage in self.up:
            x = stage(F.max_unpool2d(x, places.pop(), [2, 2], output_size=list(sizes.pop())))
        return x


def _layer(row: Convolution) -> nn.Sequential:
    convolution = nn.Conv2d(row.before, row.after, 3, padding=1)
    if row.is_last:
        return nn.Sequential(convolution)
    return nn.Sequential(convolution, nn.BatchNorm2d(row.after), nn.ReLU(inplace=True))

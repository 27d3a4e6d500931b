"""Our small network for streets: below a million parameters, quick enough for a browser.

It goes down to an eighth of the picture in three steps, where wide views are cheap, and comes back over two of the
finer maps that it passed::

    picture 180x240 -> 90x120 (16 maps) -> 45x60 (48, two blocks) -> 23x30 (96, blocks of dilation 1, 2, 4, 8, ...)
    scores  180x240 <- 90x120 (16 maps) <- 45x60 (48)             <- 23x30 + the mean of all places

Sources of its parts:
    - He et al., CVPR 2016: residual blocks. Yu, Koltun, ICLR 2016: dilated convolutions see far without a coarser map.
    - Liu, Rabinovich, Berg, "ParseNet", 2015: the mean of all places, added to each.
    - Ronneberger et al. 2015, and Paszke et al. 2016: fine maps handed across; a decoder much smaller than the encoder.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from convnets.common.errors import ConvnetsError
from convnets.driving.streets import CLASSES

__all__ = ["Block", "Small", "unit"]


def unit(in_channels: int, out_channels: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """A convolution that keeps the size, or divides it by ``stride``; normalised and cut off below 0."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )


class Block(nn.Module):
    """A residual block, (N, C, h, w) -> (N, C, h, w): two 3x3 convolutions, the second of them dilated."""

    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.path = nn.Sequential(
            *unit(channels, channels),
            nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, h, w) -> the same."""
        return F.relu(x + self.path(x), inplace=True)


class Small(nn.Module):
    """Scores of classes for each pixel of a photograph of any size.

    Args:
        channels: maps at a half, a quarter and an eighth of the size.
        blocks: residual blocks at a quarter.
        dilations: of the blocks at an eighth, one each.
        dropout: share of maps at an eighth that are left out in training.
    """

    def __init__(
        self,
        channels: tuple[int, int, int] = (16, 48, 96),
        blocks: int = 2,
        dilations: tuple[int, ...] = (1, 2, 4, 8),
        classes: int = len(CLASSES),
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        half, quarter, eighth = channels
        self.stem = unit(3, half, stride=2)
        self.quarter = nn.Sequential(unit(half, quarter, stride=2), *(Block(quarter) for _ in range(blocks)))
        self.eighth = nn.Sequential(unit(quarter, eighth, stride=2), *(Block(eighth, step) for step in dilations))
        self.everywhere = nn.Conv2d(eighth, eighth, 1)
        self.dropout = nn.Dropout2d(dropout)
        self.to_quarter = nn.Conv2d(eighth, quarter, 1, bias=False)
        self.mix_quarter = unit(quarter, quarter)
        self.to_half = nn.Conv2d(quarter, half, 1, bias=False)
        self.mix_half = unit(half, half)
        self.score = nn.Conv2d(half, classes, 1)

    def coarse(self, x: Tensor) -> Tensor:
        """Scores at half the size: photographs (N, 3, H, W), 0 to 1 -> (N, K, H / 2, W / 2), rounded up."""
        if x.ndim != 4 or x.shape[1] != 3:
            raise ConvnetsError(
                f"The network sees colour pictures, (N, 3, height, width), and was given {tuple(x.shape)}."
            )
        half = self.stem(4 * x - 2)
        quarter = self.quarter(half)
        eighth = self.eighth(quarter)
        eighth = self.dropout(F.relu(eighth + self.everywhere(eighth.mean((2, 3), keepdim=True))))
        quarter = self.mix_quarter(quarter + _grown(self.to_quarter(eighth), quarter))
        half = self.mix_half(half + _grown(self.to_half(quarter), half))
        found: Tensor = self.score(half)
        return found

    def forward(self, x: Tensor) -> Tensor:
        """Photographs (N, 3, H, W), 0 to 1, -> scores (N, K, H, W)."""
        return _grown(self.coarse(x), x)


def _grown(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=False)

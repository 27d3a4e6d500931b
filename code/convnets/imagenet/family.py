"""A family of small networks, with shortcuts and without, whose depth is the only thing that grows.

Source: He, Zhang, Ren, Sun: "Deep Residual Learning for Image Recognition", 2015, section 4.2: 6n + 2 layers for
CIFAR-10: one convolution, three stages of n blocks of two convolutions each, global average pooling, one fully
connected layer. A block of the *residual* kind adds its input to its second convolution's answer; a *plain* one does
not, and is otherwise the same. Where a stage begins, the map is halved; the shortcut takes every second pixel and fills
the new channels with zeros (option A), so that both kinds have exactly as many parameters.

Shapes: (N, 3, H, W), prepared by ``data.prepare``, of any H = W from 8 up -> scores (N, 10).

Deviations:
    - 8, 16 and 24 maps a stage instead of 16, 32 and 64.
    - ``stride=2``: the first convolution halves the image, so that the stages see 16, 8 and 4 pixels a side instead of
      32, 16 and 8. Both make a network about thirty times cheaper than the paper's.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F

from convnets.common.errors import ConvnetsError

__all__ = ["WIDTHS", "Block", "Family", "Stages"]

WIDTHS = (8, 16, 24)
"""Maps of each stage."""


class Block(nn.Module):
    """Two 3x3 convolutions, with a shortcut round both, or plain."""

    def __init__(
        self,
        width: int,
        out: int,
        stride: int,
        residual: bool,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, out, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.stride, self.added, self.residual = stride, out - width, residual

    def forward(self, x: Tensor) -> Tensor:
        """(N, width, H, W) -> (N, out, H/stride, W/stride), rounded up."""
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.residual:
            y = y + F.pad(
                x[:, :, :: self.stride, :: self.stride],
                (0, 0, 0, 0, 0, self.added),
            )
        return F.relu(y)


class Stages(NamedTuple):
    """What comes out of each part of the network."""

    first: Tensor  # (N, 8, H, W) or half of it
    stage1: Tensor  # (N, 8, H, W)
    stage2: Tensor  # (N, 16, H/2, W/2)
    stage3: Tensor  # (N, 24, H/4, W/4)
    scores: Tensor  # (N, 10)


class Family(nn.Module):
    """The member with so many ``layers``, of the residual kind or plain."""

    def __init__(self, layers: int, residual: bool, stride: int = 2, classes: int = 10) -> None:
        """``layers`` are those with weights, 6n + 2.

        Raises:
            ConvnetsError: no member has so many.
        """
        super().__init__()
        count, left = divmod(layers - 2, 6)
        if left or count < 1:
            raise ConvnetsError(f"No member of the family has {layers} layers: choose 6n + 2, such as 20 or 56.")
        self.conv = nn.Conv2d(3, WIDTHS[0], 3, stride, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(WIDTHS[0])
        before = (WIDTHS[0], *WIDTHS)
        self.stage1, self.stage2, self.stage3 = (
            nn.Sequential(
                *(
                    Block(before[index] if place == 0 else width, width, 2 if place == 0 and index else 1, residual)
                    for place in range(count)
                )
            )
            for index, width in enumerate(WIDTHS)
        )
        self.classifier = nn.Linear(WIDTHS[-1], classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")

    def stages(self, x: Tensor) -> Stages:
        """(N, 3, H, W) -> every part's answer."""
        first = F.relu(self.bn(self.conv(x)))
        stage1 = self.stage1(first)
        stage2 = self.stage2(stage1)
        stage3 = self.stage3(stage2)
        return Stages(first, stage1, stage2, stage3, self.classifier(stage3.mean((2, 3))))

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) -> scores (N, 10)."""
        return self.stages(x).scores

    def last(self) -> list[nn.Module]:
        """The last batch normalisation and the classifier: what is tuned for another resolution."""
        block = self.stage3[-1]
        assert isinstance(block, Block)
        return [block.bn2, self.classifier]

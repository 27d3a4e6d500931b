"""The U-Net: a network that narrows to see what there is, and widens again to say where.

:class:`Unet` with its defaults is that of Ronneberger, Fischer, Brox, "U-Net: convolutional networks for biomedical
image segmentation", MICCAI 2015 (arXiv 1505.04597), figure 1: 3x3 convolutions without padding, so that 572x572 pixels
give labels for 388x388. :func:`published` lists its 23 convolutions with their parameters.

Deviations of the narrow members, by arguments:
    - Fewer maps and levels; batch normalisation after each 3x3 convolution; ``padded``: convolutions padded with zeros,
      so that the answer is as large as the picture.
    - Without ``skips`` nothing is handed across: an encoder and a decoder, the rival of the chapter.
    - No drop-out, which the paper has at the end of the narrowing path.

The paper draws initial weights from a normal distribution of variance 2/N, N the inputs of a unit (He et al. 2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from convnets.common.errors import ConvnetsError

__all__ = ["WIDTHS", "Layer", "Unet", "published", "sides"]

WIDTHS = (64, 128, 256, 512, 1024)
"""Maps at each level of the paper's network, from the picture down."""


class Unet(nn.Module):
    """Pictures (N, C, H, W) to a score for each class and pixel (N, K, h, w); h = H and w = W where ``padded``."""

    def __init__(
        self,
        widths: Sequence[int] = WIDTHS,
        inputs: int = 1,
        classes: int = 2,
        *,
        padded: bool = False,
        normalised: bool = False,
        skips: bool = True,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.padded, self.skips = padded, skips
        before, self.down = inputs, nn.ModuleList()
        for width in widths:
            self.down.append(_pair(before, width, padded, normalised))
            before = width
        self.dropout = nn.Dropout(dropout)
        self.up, self.merge = nn.ModuleList(), nn.ModuleList()
        for width in reversed(widths[:-1]):
            self.up.append(nn.ConvTranspose2d(before, width, 2, 2))
            self.merge.append(_pair(2 * width if skips else width, width, padded, normalised))
            before = width
        self.scores = nn.Conv2d(before, classes, 1)
        _start(self)

    @property
    def depth(self) -> int:
        """How often the picture is halved."""
        return len(self.up)

    def forward(self, x: Tensor, gates: Tensor | None = None) -> Tensor:
        """Scores of each pixel. ``gates`` (N, depth), finest first: what each handed-over map is multiplied with.

        Raises:
            ConvnetsError: the picture has a size that cannot be halved often enough; it names one that can.
        """
        sides(x.shape[2], self.depth, self.padded)
        sides(x.shape[3], self.depth, self.padded)
        handed = []
        for level, block in enumerate(self.down):
            x = block(nn.functional.max_pool2d(x, 2) if level else x)
            handed.append(x)
        x = self.dropout(x)
        for step, (up, merge) in enumerate(zip(self.up, self.merge, strict=True)):
            level, x = self.depth - 1 - step, up(x)
            if self.skips:
                across = cropped(handed[level], x.shape[2], x.shape[3])
                if gates is not None:
                    across = across * gates[:, level, None, None, None]
                x = torch.cat([across, x], 1)
            x = merge(x)
        return self.scores(x)


def cropped(x: Tensor, height: int, width: int) -> Tensor:
    """The middle of maps (N, C, H, W): (N, C, height, width)."""
    top, left = (x.shape[2] - height) // 2, (x.shape[3] - width) // 2
    return x[:, :, top : top + height, left : left + width]


def _pair(before: int, after: int, padded: bool, normalised: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (before, after):
        layers.append(nn.Conv2d(channels, after, 3, padding=int(padded), bias=not normalised))
        layers += [nn.BatchNorm2d(after)] * normalised + [nn.ReLU()]
    return nn.Sequential(*layers)


def _start(network: nn.Module) -> None:
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def sides(side: int, depth: int, padded: bool = False) -> list[int]:
    """How many pixels a side have: the picture, what each of the ``depth`` + 1 levels gives on the way down, then up.

    Raises:
        ConvnetsError: somewhere an odd number would be halved, or nothing would be left; the next size that fits is
            named.
    """
    found = _sides(side, depth, padded)
    if found is None:
        fits = next(other for other in range(max(side, 1), side + 400) if _sides(other, depth, padded))
        raise ConvnetsError(
            f"A picture of {side} pixels a side cannot be halved {depth} times without a rest: give {fits}, for "
            "example, or use tiles."
        )
    return found


def _sides(side: int, depth: int, padded: bool) -> list[int] | None:
    lost, found = 0 if padded else 4, [side]
    for level in range(depth + 1):
        if level:
            if side % 2:
                return None
            side //= 2
        side -= lost
        if side < 1:
            return None
        found.append(side)
    for _ in range(depth):
        side = 2 * side - lost
        if side < 1:
            return None
        found.append(side)
    return found


# The published network


class Layer(NamedTuple):
    """A convolution of the published network."""

    name: str
    before: int  # maps that come in
    after: int  # maps that go out
    kernel: int
    side: int  # pixels a side of what goes out
    parameters: int


def published(side: int = 572, classes: int = 2, widths: Sequence[int] = WIDTHS) -> list[Layer]:
    """The convolutions of figure 1 in their order, for a grey picture of ``side`` pixels a side.

    A convolution of k x k pixels from a to b maps has b (a k^2 + 1) parameters.
    """
    found: list[Layer] = []
    before, depth = 1, len(widths) - 1

    def add(name: str, after: int, kernel: int, taken: int) -> None:
        found.append(Layer(name, taken, after, kernel, side, after * (taken * kernel**2 + 1)))

    sides(side, depth)
    for level, width in enumerate(widths):
        side = side // 2 if level else side
        for number in (1, 2):
            side -= 2
            add(f"down {level + 1}.{number}", width, 3, before)
            before = width
    for level in reversed(range(depth)):
        side *= 2
        add(f"up {level + 1}", widths[level], 2, before)
        before = 2 * widths[level]
        for number in (1, 2):
            side -= 2
            add(f"merge {level + 1}.{number}", widths[level], 3, before)
            before = widths[level]
    add("scores", classes, 1, before)
    return found

"""Pictures of AlexNet and of what the small networks see, drawn from the code's own shapes, weights and data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from matplotlib.patches import Rectangle

from convnets.alexnet import data
from convnets.alexnet.data import CROP, SIDE, TEN
from convnets.alexnet.model import LAYERS
from convnets.alexnet.nets import probabilities
from convnets.common.plot import FAINT, INK, MUTED, PALETTE, figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from torch import Tensor

    from convnets.alexnet.small import Narrow

__all__ = ["augmentations", "crops", "filters", "hardest", "towers"]

FIVE = 5


def _show(axes: Axes, pixels: np.ndarray, title: str = "", right: bool | None = None) -> None:
    """A picture in colour, (H, W, 3) from 0 to 1 or in bytes; a wrong ``title`` is grey and slanted."""
    axes.imshow(np.clip(pixels, 0, 1) if pixels.dtype != np.uint8 else pixels, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    if title:
        wrong = right is False
        axes.set_title(title, fontsize=8.5, color=MUTED if wrong else INK, style="italic" if wrong else "normal", pad=3)


def augmentations(image: Tensor, count: int = 7, seed: int = 0) -> Figure:
    """Bytes (32, 32, 3) as they are, then ``count`` random crops of them, some reflected, in changed colours."""
    of = data.colours(data.load("train").images[:2000])
    changed = data.augment(image.expand(count, SIDE, SIDE, 3), of, torch.Generator().manual_seed(seed))
    result, axes = figure(1, 1 + count, width=7.0, height=1.0)
    _show(axes[0], image.numpy())
    for place, pixels in zip(axes[1:], changed.permute(0, 2, 3, 1).numpy(), strict=True):
        _show(place, pixels)
    return result


def crops(net: Narrow, image: Tensor, classes: Sequence[str] = data.CLASSES, label: int = -1) -> Figure:
    """The ten crops of bytes (32, 32, 3) with the net's first guess for each, and the mean's five likeliest classes."""
    views = probabilities(net, image[None])[:, 0]  # (10, classes)
    result, axes = figure(2, 7, width=7.0, height=2.4)
    for place, (top, left, turned), view in zip(axes[:, :FIVE].flat, TEN, views, strict=True):
        window = image[top : top + CROP, left : left + CROP].numpy()
        best = int(view.argmax())
        _show(place, window[:, ::-1] if turned else window, classes[best], None if label < 0 else best == label)
    grid = axes[0, FIVE].get_gridspec()
    for place in axes[:, FIVE:].flat:
        place.remove()
    _bars(result.add_subplot(grid[:, FIVE:]), views.mean(0), classes, label)
    return result


def _bars(axes: Axes, mean: Tensor, classes: Sequence[str], label: int) -> None:
    best = mean.topk(FIVE)
    rows = np.arange(FIVE)
    colours = [PALETTE[0] if int(place) == label else MUTED for place in best.indices]
    axes.barh(rows, 100 * best.values.numpy(), color=colours, height=0.5)
    axes.set_yticks(rows, [classes[int(place)] for place in best.indices], color=INK)
    axes.set(ylim=(FIVE - 0.4, -0.6), xlabel="mean of ten, %")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def filters(net: Narrow, columns: int = 12) -> Figure:
    """The filters of the first layer as small pictures in colour, each scaled to its own range."""
    kernels = net.conv1.weight.detach().permute(0, 2, 3, 1).numpy()
    rows = -(-len(kernels) // columns)
    result, axes = figure(rows, columns, width=columns * 0.55, height=rows * 0.55, squeeze=False)
    for place, kernel in zip(axes.flat, kernels, strict=False):
        _show(place, (kernel - kernel.min()) / max(float(np.ptp(kernel)), 1e-9))
    for place in axes.flat[len(kernels) :]:
        place.axis("off")
    return result


def hardest(misread: Mapping[str, Any], images: Tensor, count: int = 16, columns: int = 8) -> Figure:
    """The mistakes of ``studies.mistakes`` of which the net was most certain: label, and below it the answer."""
    rows = -(-count // columns)
    result, axes = figure(rows, columns, width=7.0, height=rows * 1.25, squeeze=False)
    for place in axes.flat:
        place.axis("off")
    shown = zip(misread["index"], misread["label"], misread["answer"], strict=True)
    for place, (index, label, answer) in zip(axes.flat, list(shown)[:count], strict=False):
        place.axis("on")
        _show(place, images[index].numpy(), data.CLASSES[label])
        place.set_xlabel(data.CLASSES[answer], fontsize=8.5, color=PALETTE[1], style="italic", labelpad=3)
    return result


ACROSS = ("conv3", "dense6", "dense7", "scores")
"""Layers that see both towers."""


def towers() -> Figure:
    """AlexNet's layers in two rows, one a GPU: boxes as high as maps are wide, thicker the more there are."""
    result, axes = figure(width=7.0, height=2.7)
    left, before, centres = 0.0, [(0.0, 0.0)], (32.0, -32.0)
    axes.add_patch(Rectangle((left - 3, -28), 3, 56, facecolor=FAINT, edgecolor=MUTED))
    axes.text(left - 1.5, -68, "crop", ha="center", color=INK, fontsize=9)
    for layer in LAYERS:
        half, side = layer.maps / 2, max(layer.size, 4) if layer.kernel else 34
        thick = 4 + half / (24 if layer.kernel else 340)
        left += 15
        alone = layer.name == "scores"
        places = [(left, y) for y in ((0.0,) if alone else centres)]
        for x, y in places:
            sees = before if layer.name in ACROSS or len(before) == 1 else [p for p in before if p[1] == y]
            for ahead, height in sees:
                axes.plot([ahead, x], [height, y], color=MUTED, linewidth=1, zorder=0)
            colour = PALETTE[0] if layer.kernel else PALETTE[1]
            axes.add_patch(Rectangle((x, y - side / 2), thick, side, facecolor=colour, edgecolor=FAINT, alpha=0.85))
        size = f"{layer.maps}×{layer.size}²" if layer.kernel else str(layer.maps)
        axes.text(left + thick / 2, -68, layer.name, ha="center", color=INK, fontsize=9)
        axes.text(left + thick / 2, -77, size, ha="center", color=MUTED, fontsize=8)
        before, left = [(x + thick, y) for x, y in places], left + thick
    axes.set(xlim=(-8, left + 8), ylim=(-80, 64))
    axes.axis("off")
    return result

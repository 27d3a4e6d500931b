"""Pictures of LeNet and of what it reads, drawn from the code's own tables, shapes and weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from matplotlib.patches import Rectangle

from convnets.common import samples as stored
from convnets.common.plot import FAINT, INK, MUTED, PALETTE, figure, image_grid, show_image
from convnets.lenet import byhand
from convnets.lenet.bitmaps import bitmaps as target_bitmaps
from convnets.lenet.data import BLACK, WHITE, Distortion, distort, prepare
from convnets.lenet.model import C3_TABLE, LeNet5
from convnets.lenet.train import RECIPES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "architecture", "bitmaps", "connection_table", "digit_grid", "distortions", "feature_maps", "filters",
    "gradient_maps", "samples", "second_filters",
]  # fmt: skip

CONVOLUTION, SUBSAMPLING = PALETTE[0], PALETTE[1]


def architecture() -> Figure:
    """LeNet-5's stages as stacks of maps, sizes taken from a forward pass; one unit is one pixel."""
    stages = LeNet5().features(torch.zeros(1, 1, 32, 32))
    maps = {"input": (1, 32)} | {
        name.upper(): tuple(getattr(stages, name).shape[1:3]) for name in ("c1", "s2", "c3", "s4", "c5")
    }
    result, axes = figure(width=5.0, height=1.75)
    centre = 20.0
    for name, (count, height) in maps.items():
        _stack(axes, centre, name, count, height)
        _caption(axes, centre, name, f"{count}×{height}²" if height > 1 else str(count))
        centre += 46 if name in ("C1", "S2", "C3") else 43
    for name, count in (("F6", stages.f6.shape[-1]), ("output", stages.distances.shape[-1])):
        axes.add_patch(Rectangle((centre - 1.5, -count / 4), 3, count / 2, facecolor=FAINT, edgecolor=MUTED))
        _caption(axes, centre, name, str(count))
        centre += 38
    axes.set(xlim=(0, centre - 16), ylim=(-50, 30), aspect="equal")
    axes.axis("off")
    return result


def _stack(axes: Axes, centre: float, name: str, count: int, height: int) -> None:
    """Draw ``count`` square maps behind one another, at most eight."""
    colours = {"C": CONVOLUTION, "S": SUBSAMPLING}
    shown, step, size = min(count, 8), 1.8, max(height, 3.0)
    for index in range(shown):
        offset = (index - (shown - 1) / 2) * step
        place = (centre - size / 2 + offset, -size / 2 - offset)
        colour = colours.get(name[0], MUTED)
        axes.add_patch(Rectangle(place, size, size, facecolor=colour, edgecolor=FAINT, linewidth=0.8))


def _caption(axes: Axes, x: float, name: str, size: str) -> None:
    axes.text(x, -27, name, ha="center", va="top", color=INK, weight="bold", fontsize=10)
    axes.text(x, -39, size, ha="center", va="top", color=MUTED, fontsize=9)


def connection_table() -> Figure:
    """Which S2 maps (rows) feed each C3 map (columns)."""
    result, axes = figure(width=5.2, height=2.3)
    for column, inputs in enumerate(C3_TABLE):
        for row in range(6):
            colour = CONVOLUTION if row in inputs else "none"
            axes.add_patch(Rectangle((column, row), 0.86, 0.86, facecolor=colour, edgecolor=FAINT))
    axes.set(xlim=(-0.1, 16), ylim=(6, -0.1), aspect="equal", xlabel="map of C3", ylabel="map of S2")
    axes.set_xticks(np.arange(16) + 0.43, range(16))
    axes.set_yticks(np.arange(6) + 0.43, range(6))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return result


def bitmaps() -> Figure:
    """The ten 7x12 codes that LeNet-5's outputs are compared with."""
    return image_grid(list(target_bitmaps()), columns=10, size=0.5)


def samples() -> Figure:
    """The stored test images, the first two of every class; one column a class."""
    return image_grid([sample.picture for sample in stored.read("lenet").pictures], columns=10, size=0.5)


def distortions(image: torch.Tensor, amount: Distortion, count: int = 9, seed: int = 0) -> Figure:
    """One (28, 28) ``image`` as it is, then ``count`` random distortions of it."""
    clean = prepare(image[None], 32)
    generator = torch.Generator().manual_seed(seed)
    bent = distort(clean.expand(count, 1, 32, 32), amount, generator)
    return image_grid([x[0].numpy() for x in (*clean, *bent)], columns=5, size=0.8)


def filters(net: LeNet5) -> Figure:
    """The six kernels of C1; orange and violet have opposite signs."""
    kernels = net.c1.weight.detach()[:, 0].numpy()
    return image_grid(list(kernels), columns=6, limit=float(np.abs(kernels).max()), size=0.8)


def second_filters(net: LeNet5) -> Figure:
    """The sixty kernels of C3 in the places of :func:`connection_table`, unconnected places left empty."""
    kernels = net.c3.dense_weight().detach().numpy().swapaxes(0, 1)  # (6, 16, 5, 5)
    kernels = np.where((kernels == 0).all((2, 3), keepdims=True), np.nan, kernels)
    limit = float(np.nanquantile(np.abs(kernels), 0.99))
    result, axes = figure(width=5.6, height=2.3)
    axes.imshow(_mosaic(kernels), cmap="PuOr", vmin=-limit, vmax=limit, interpolation="nearest")
    axes.set(xlabel="map of C3")
    axes.set_ylabel("map of S2", labelpad=8)
    axes.set_xticks(np.arange(16) * 6 + 2, range(16))
    axes.set_yticks(np.arange(6) * 6 + 2, range(6))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return result


def feature_maps(net: LeNet5, image: torch.Tensor) -> Figure:
    """Every stage's answer to one (28, 28) ``image``, top to bottom."""
    x = prepare(image[None], net.image_size)
    with torch.inference_mode():
        stages = net.features(x)
    answer = int(stages.distances[0, 0].argmin())
    strips = {
        "input": x[0].numpy()[None],
        "C1": stages.c1[0].numpy()[None],
        "S2": stages.s2[0].numpy()[None],
        "C3": stages.c3[0].numpy().reshape(2, 8, 10, 10),
        "S4": stages.s4[0].numpy().reshape(2, 8, 5, 5),
        "F6": np.stack([stages.f6[0, 0].numpy().reshape(12, 7), target_bitmaps()[answer]])[None],
    }
    result, axes = figure(len(strips), 1, width=4.6, height=6.2)
    for place, (name, maps) in zip(axes, strips.items(), strict=True):
        _strip(place, name, maps, "gray_r", (WHITE, BLACK) if name == "input" else (-1.7159, 1.7159))
    axes[-1].set_title(f"F6 beside the nearest target, {answer}", fontsize=10)
    return result


def gradient_maps(net: LeNet5, image: torch.Tensor, label: int) -> Figure:
    """The loss's gradient at S4, C3, S2, C1 and the pixels of one (28, 28) ``image``, computed by hand."""
    state = {name: tensor.numpy() for name, tensor in net.state_dict().items()}
    recipe = RECIPES["lenet5"]
    found = byhand.gradients(
        state, prepare(image[None], 32)[0, 0].numpy(), label, recipe.rubbish_penalty, recipe.temperature
    ).deltas
    strips = {
        "S4": found["s4"].reshape(2, 8, 5, 5),
        "C3": found["c3"].reshape(2, 8, 10, 10),
        "S2": found["s2"][None],
        "C1": found["c1"][None],
        "input": found["input"][None],
    }
    result, axes = figure(len(strips), 1, width=4.6, height=5.4)
    for place, (name, maps) in zip(axes, strips.items(), strict=True):
        _strip(place, name, maps, "PuOr", limits=(-np.abs(maps).max(), np.abs(maps).max()))
    return result


def _strip(axes: Axes, name: str, maps: np.ndarray, colours: str, limits: tuple[float, float]) -> None:
    axes.imshow(_mosaic(maps), cmap=colours, vmin=limits[0], vmax=limits[1], interpolation="nearest")
    axes.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=11, color=INK)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def _mosaic(tiles: np.ndarray) -> np.ndarray:
    """(rows, columns, H, W) -> one picture, tiles a pixel apart; what lies between them is not drawn."""
    rows, columns, height, width = tiles.shape
    picture = np.full((rows, height + 1, columns, width + 1), np.nan, dtype=float)
    picture[:, :height, :, :width] = tiles.transpose(0, 2, 1, 3)
    return picture.reshape(rows * (height + 1), columns * (width + 1))[:-1, :-1]


def digit_grid(images: list[np.ndarray], titles: list[str], columns: int = 7) -> Figure:
    """Digits (H, W) with a short line above each."""
    rows = -(-len(images) // columns)
    result, axes = figure(rows, columns, width=columns * 0.78, height=rows * 0.98, squeeze=False)
    for place in axes.flat:
        place.axis("off")
    for place, image, title in zip(axes.flat, images, titles, strict=False):
        place.axis("on")
        show_image(place, image, title=title)
    return result

"""The chapter's figures: pooling, real and drawn numbers, where heads look, coverage, and the surest mistakes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from convnets.common import samples
from convnets.common.plot import INK, MUTED, PALETTE, figure
from convnets.housenumbers import data, nets, world
from convnets.housenumbers.model import lp_pool
from convnets.housenumbers.studies import PATCH, STEP

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from torch import Tensor

__all__ = ["coverage", "evidence", "hardest", "numbers", "pooling"]

POWERS = (1.0, 2.0, 4.0, math.inf)
"""Of the pooling that :func:`pooling` shows."""
ROWS, COLUMNS = 3, 6
"""Of real numbers in :func:`numbers`, and of drawn ones."""
HEADS = ("picture", "length", "1st digit", "2nd digit", "3rd digit", "4th digit", "5th digit")
"""What stands above the columns of :func:`evidence`."""
DRAWN = 2014
"""Seed of the drawn numbers that are shown."""


def _picture(axes: Axes, values: Any, most: float = 255.0) -> None:
    axes.imshow(values, cmap="gray", vmin=0, vmax=most, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def pooling(text: str = "4", seed: int = 3) -> Figure:
    """A drawn digit, the size of the first layer's strongest map, and what four kinds of pooling make of it."""
    found = world.number(np.random.default_rng(seed), text).picture
    digit = data.resampled(found, (0, 0, found.shape[1], found.shape[0]), data.SIDE, data.SIDE)
    model: Any = nets.load("sermanet")
    with torch.inference_mode():
        maps = model.stages(nets.prepare(torch.from_numpy(digit)[None])).conv1
        chosen = maps[:, [int(maps.abs().mean((0, 2, 3)).argmax())]]
        pooled = [lp_pool(chosen, p, 2, 2)[0, 0] for p in POWERS]
    result, axes = figure(1, 2 + len(POWERS), width=7.2, height=1.7, squeeze=True)
    shown = [digit / 255, chosen[0, 0].abs().numpy(), *(one.numpy() for one in pooled)]
    names = ["digit", "one map", *("P = ∞" if math.isinf(p) else f"P = {p:.0f}" for p in POWERS)]
    for place, values, name in zip(axes, shown, names, strict=True):
        _picture(place, values, 1.0)
        place.set_title(name, fontsize=9)
    return result


def numbers() -> Figure:
    """Stored test numbers above, drawn ones below."""
    real = [sample.picture for sample in samples.read("housenumbers").pictures[-ROWS * COLUMNS :]]
    drawn = [data.framed(cut.picture) for cut in world.cuts(ROWS * COLUMNS, DRAWN)]
    result, axes = figure(2 * ROWS, COLUMNS, width=7.2, height=3.9, squeeze=False)
    for place, picture in zip(axes.flat, [*real, *drawn], strict=True):
        _picture(place, picture)
    axes[ROWS // 2, 0].set_ylabel("photographed", fontsize=9)
    axes[ROWS + ROWS // 2, 0].set_ylabel("drawn", fontsize=9)
    return result


def evidence(found: dict[str, Any]) -> Figure:
    """Numbers of ``studies.looks``, and over each, for the length head and its digits' heads, where covering harms."""
    shown = found["numbers"]
    longest = max(len(one["read"]) for one in shown)
    result, axes = figure(len(shown), 2 + longest, width=7.2, height=0.85 * len(shown) + 0.3, squeeze=False)
    for row, one in zip(axes, shown, strict=True):
        picture = np.array(one["picture"])
        _picture(row[0], picture)
        for head, place in enumerate(row[1:]):
            if head > len(one["read"]):
                place.axis("off")
                continue
            _picture(place, picture)
            harm = spread(np.array(one["falls"])[head], picture.shape)
            harm = np.clip(harm / max(harm.max(), 0.05), 0, 1)
            cloth = np.zeros((*harm.shape, 4))
            cloth[..., :3] = (0.94, 0.43, 0.04)
            cloth[..., 3] = 0.85 * harm**0.8
            place.imshow(cloth, interpolation="bilinear")
    for place, name in zip(axes[0], HEADS, strict=False):
        place.set_title(name, fontsize=9)
    return result


def spread(falls: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Values of patches (rows, columns) as the mean, at each pixel, of the patches that cover it."""
    total, count = np.zeros(shape), np.zeros(shape)
    for (row, column), value in np.ndenumerate(falls):
        area = (slice(STEP * row, STEP * row + PATCH), slice(STEP * column, STEP * column + PATCH))
        total[area] += value
        count[area] += 1
    return total / np.maximum(count, 1)


def coverage(found: dict[str, Any]) -> Figure:
    """Share of numbers that are right among those that ``studies.coverage`` keeps, the surest first."""
    result, axes = figure(width=5.6, height=3.0)
    kept, right = 100 * np.asarray(found["curve"]).T
    axes.plot(kept, right, color=PALETTE[0], linewidth=1.8)
    level = 100 * nets.COVERED
    axes.axhline(level, color=MUTED, linestyle=":", linewidth=1.2)
    axes.plot(100 * found["kept"], level, "o", color=PALETTE[1], markersize=6)
    lowest = 5 * math.floor(float(right.min()) / 5)
    axes.set(xlabel="numbers that the network keeps, %", ylabel="of these right, %")
    axes.set(xlim=(0, 100), ylim=(lowest, 100.3))
    axes.grid(axis="y")
    return result


def hardest(found: dict[str, Any], images: Tensor) -> Figure:
    """The surest mistakes of ``studies.mistakes`` among ``images``: above each its number, below it what was read."""
    columns = (len(found["index"]) + 1) // 2
    result, axes = figure(2, columns, width=7.2, height=2.6, squeeze=False)
    for place in axes.flat:
        place.axis("off")
    for place, index, number, read in zip(axes.flat, found["index"], found["number"], found["read"], strict=False):
        place.axis("on")
        _picture(place, images[index])
        place.set_title(number, fontsize=9, color=INK)
        place.set_xlabel(read or "none", fontsize=9, color=PALETTE[1])
    return result

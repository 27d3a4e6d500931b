"""The chapter's figures: what each detector changed, two kinds of targets, lists, counts, forgotten cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from convnets.common import samples
from convnets.common.plot import INK, MUTED, PALETTE, figure
from convnets.detection.losses import centreness

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from torch import Tensor

__all__ = ["counts", "curves", "forgotten", "history", "lost", "targets"]

COLOURS = (PALETTE[1], PALETTE[0], PALETTE[2])
"""Of red cells, white cells, platelets."""
NAMES = ("red cells", "white cells", "platelets")
CELLS = ((9.0, 8.5, 3.6, 1), (20.5, 7.0, 2.6, 0), (24.0, 17.0, 2.6, 0), (8.0, 19.0, 2.6, 0), (16.2, 14.2, 1.1, 2))
"""A drawn smear of 32 by 24 units: x, y, radius, class of each cell."""
WIDE, HIGH = 32.0, 24.0
MARGIN = 0.35  # of a crop, in sides of its box


def _frame(axes: Axes, wide: float, high: float, title: str = "") -> None:
    axes.set(xlim=(0, wide), ylim=(high, 0), xticks=[], yticks=[], aspect="equal")
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(MUTED)
    if title:
        axes.set_title(title, fontsize=9)


def _box(axes: Axes, box: Sequence[float], colour: str = INK, width: float = 1.0, style: str = "-") -> None:
    from matplotlib.patches import Rectangle

    left, top, right, bottom = box
    axes.add_patch(
        Rectangle(
            (left, top), right - left, bottom - top, fill=False, edgecolor=colour, linewidth=width, linestyle=style
        )
    )


def _around(cell: Sequence[float], room: float = 0.0) -> tuple[float, float, float, float]:
    x, y, radius, _ = cell
    far = radius + room
    return x - far, y - far, x + far, y + far


def _centred(x: float, y: float, wide: float, high: float) -> tuple[float, float, float, float]:
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def history() -> Figure:
    """Six ways to ask where things are, over one drawn smear: which boxes each of them considers."""
    from matplotlib.patches import Circle

    names = ("sliding window", "R-CNN, 2014", "Faster R-CNN, 2015", "YOLO, 2016", "SSD, 2016", "FCOS, 2019")
    result, axes = figure(2, 3, width=7.2, height=4.1, squeeze=True)
    for place, name in zip(axes.flat, names, strict=True):
        _frame(place, WIDE, HIGH, name)
        for x, y, radius, kind in CELLS:
            place.add_patch(Circle((x, y), radius, color=COLOURS[int(kind)], alpha=0.3, linewidth=0))
    window, regions, anchors, grid, default, points = axes.flat
    for side, step in ((6.0, 3.0), (10.0, 7.0)):
        for top in np.arange(0, HIGH - side + 0.1, step):
            for left in np.arange(0, WIDE - side + 0.1, step):
                _box(window, (left, top, left + side, top + side), MUTED, 0.4)
    _box(window, (3.0, 3.0, 13.0, 13.0), INK, 1.6)
    generator = np.random.default_rng(3)
    for cell in CELLS:
        for _ in range(4):
            shift = generator.normal(0, 0.28 * cell[2], 4)
            near = np.clip(np.array(_around(cell, 0.4)) + shift, 0.3, [WIDE - 0.3, HIGH - 0.3] * 2)
            _box(regions, near, MUTED, 0.6)  # type: ignore[arg-type]
    _box(regions, _around(CELLS[0], 0.4), INK, 1.6)
    for x in np.arange(2, WIDE, 4):
        for y in np.arange(2, HIGH, 4):
            anchors.plot(x, y, ".", color=MUTED, markersize=2)
    for side in (3.5, 6.0, 9.5):
        for ratio in (0.6, 1.0, 1.6):
            _box(anchors, _centred(10, 10, side * ratio**0.5, side / ratio**0.5), MUTED, 0.7, "--")
    _box(anchors, _around(CELLS[0]), INK, 1.6)
    for x in np.linspace(0, WIDE, 8)[1:-1]:
        grid.axvline(x, color=MUTED, linewidth=0.5)
    for y in np.linspace(0, HIGH, 8)[1:-1]:
        grid.axhline(y, color=MUTED, linewidth=0.5)
    for cell in CELLS:
        column, row = int(cell[0] / WIDE * 7), int(cell[1] / HIGH * 7)
        across, down = WIDE / 7, HIGH / 7
        _box(grid, (column * across, row * down, (column + 1) * across, (row + 1) * down), INK, 1.6)
        _box(grid, _around(cell), COLOURS[int(cell[3])], 1.2)
    for step, side, spots in ((2.0, 2.4, ((17.0, 15.0),)), (8.0, 7.2, ((12.0, 12.0),))):
        for x in np.arange(step / 2, WIDE, step):
            for y in np.arange(step / 2, HIGH, step):
                default.plot(x, y, ".", color=MUTED, markersize=1.5 if step < 4 else 3.5)
        for x, y in spots:
            for ratio in (0.5, 1.0, 2.0):
                _box(default, _centred(x, y, side * ratio**0.5, side / ratio**0.5), INK, 0.9, "--")
    for x in np.arange(1, WIDE, 2):
        for y in np.arange(1, HIGH, 2):
            inside = [cell for cell in CELLS if _within(x, y, _around(cell))]
            colour = COLOURS[int(min(inside, key=lambda cell: cell[2])[3])] if inside else MUTED
            points.plot(x, y, ".", color=colour, markersize=5 if inside else 1.5)
    left, top, right, bottom = _around(CELLS[0])
    _box(points, (left, top, right, bottom), INK, 1.2)
    for end in ((left, 9.0), (right, 9.0), (9.0 + 2, top), (9.0 + 2, bottom)):
        points.annotate("", end, (11.0, 9.0), arrowprops={"arrowstyle": "->", "color": INK, "linewidth": 1.2})
    return result


def _within(x: float, y: float, box: Sequence[float]) -> bool:
    return box[0] < x < box[2] and box[1] < y < box[3]


def targets(truth: list[dict[str, float]], place: int, grid: int = 7, stride: int = 8) -> Figure:
    """A stored smear with its labels, twice: the squares of YOLO's grid that are responsible, FCOS's centre-ness.

    ``truth`` are the labels of the smear that is the ``place``-th of those stored.
    """
    picture = samples.read("detection").pictures[place].picture
    high, wide = picture.shape[:2]
    small = picture.reshape(high // 2, 2, wide // 2, 2, 3).mean((1, 3)).astype(np.uint8)
    result, (left, right) = figure(1, 2, width=7.2, height=2.9)
    for axes, name in ((left, "YOLO"), (right, "FCOS")):
        axes.imshow(small, extent=(0, wide, high, 0), alpha=0.75, interpolation="none")
        _frame(axes, wide, high, name)
    for at in range(1, grid):
        left.axvline(at * wide / grid, color="#ffffff", linewidth=0.7)
        left.axhline(at * high / grid, color="#ffffff", linewidth=0.7)
    boxes = np.array([[one[side] for side in ("left", "top", "right", "bottom")] for one in truth])
    for one, box in zip(truth, boxes, strict=True):
        colour = COLOURS[int(one["label"])]
        _box(left, box, colour, 1.2)
        _box(right, box, colour, 0.8)
        column, row = int((box[0] + box[2]) / 2 / wide * grid), int((box[1] + box[3]) / 2 / high * grid)
        across, down = wide / grid, high / grid
        left.fill_between(
            [column * across, (column + 1) * across], row * down, (row + 1) * down, color=colour, alpha=0.3, linewidth=0
        )
    spots: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for x in np.arange(stride / 2, wide, stride):
        for y in np.arange(stride / 2, high, stride):
            sides = np.stack([x - boxes[:, 0], y - boxes[:, 1], boxes[:, 2] - x, boxes[:, 3] - y], 1)
            inside = np.flatnonzero(sides.min(1) > 0)
            if not len(inside):
                continue
            areas = (boxes[inside, 2] - boxes[inside, 0]) * (boxes[inside, 3] - boxes[inside, 1])
            owner = int(inside[areas.argmin()])
            central = float(centreness(torch.from_numpy(sides[owner])))
            kind = COLOURS[int(truth[owner]["label"])], round(4 * central)
            spots.setdefault(kind, []).append((float(x), float(y)))
    for (colour, level), points in spots.items():
        right.plot(*zip(*points, strict=True), ".", color=colour, markersize=1 + 1.5 * level, markeredgewidth=0)
    return result


def forgotten(found: dict[str, Any], images: Tensor, count: int = 12) -> Figure:
    """The surest boxes of ``studies.missing`` that no label agrees with, cut out of ``images`` (N, 3, H, W)."""
    some = found["boxes"][:count]
    result, axes = figure(2, -(-count // 2), width=7.2, height=2.9, squeeze=False)
    for place in axes.flat:
        place.axis("off")
    for place, one in zip(axes.flat, some, strict=False):
        left, top, right, bottom = one["box"]
        reach = max(right - left, bottom - top) * (0.5 + MARGIN)
        x, y, (height, width) = (left + right) / 2, (top + bottom) / 2, images.shape[2:]
        west, north = max(0, int(x - reach)), max(0, int(y - reach))
        east, south = min(width, int(x + reach) + 1), min(height, int(y + reach) + 1)
        part = images[one["index"], :, north:south, west:east].permute(1, 2, 0).numpy()
        place.imshow(part, extent=(west, east, south, north), interpolation="bilinear")
        _box(place, one["box"], COLOURS[one["label"]], 1.6)
        place.set(xlim=(x - reach, x + reach), ylim=(y + reach, y - reach))
        place.set_title(f"{one['score']:.2f}", fontsize=9)
    return result


def curves(found: dict[str, Any]) -> Figure:
    """Precision against recall of each class, as the score falls, from ``studies.curves``."""
    result, axes = figure(width=5.6, height=3.1)
    for name, colour, one in zip(NAMES, COLOURS, found.values(), strict=True):
        axes.plot(
            100 * np.array(one["recall"]), 100 * np.array(one["precision"]), color=colour, label=name, linewidth=1.8
        )
    axes.set(xlabel="recall: labels that are found, %", ylabel="precision: boxes that agree, %")
    axes.set(xlim=(0, 101), ylim=(0, 103))
    axes.grid(axis="both")
    axes.legend(loc="lower left")
    return result


def counts(found: dict[str, Any]) -> Figure:
    """Cells that the network counts against those that labels count, a dot for each test picture."""
    result, axes = figure(1, 2, width=7.2, height=2.9)
    generator = np.random.default_rng(0)
    for place, kinds in zip(axes, ((0,), (1, 2)), strict=True):
        most = 0
        for kind in kinds:
            one = list(found.values())[kind]
            labelled, mine = np.array(one["labelled"]), np.array(one["found"])
            spread = generator.uniform(-0.15, 0.15, (2, len(mine)))
            place.plot(
                labelled + spread[0],
                mine + spread[1],
                "o",
                color=COLOURS[kind],
                markersize=4,
                alpha=0.75,
                label=NAMES[kind],
            )
            most = max(most, labelled.max(), mine.max())
        place.set(ylim=(-0.06 * most, 1.3 * most))
        place.plot([0, most], [0, most], color=MUTED, linewidth=1, linestyle=":")
        place.set(xlabel="labelled", ylabel="found")
        place.legend(loc="upper left", borderpad=0, handletextpad=0.2)
    return result


def lost(found: dict[str, Any]) -> Figure:
    """Mean average precision when a share of labels is taken away, from ``studies.lost``."""
    result, axes = figure(width=5.6, height=2.8)
    names = {"test": "labels of the test", "training": "labels of the training"}
    for colour, (key, name) in zip(PALETTE, names.items(), strict=False):
        if key in found:
            share, value = 100 * np.array(found[key]).T
            axes.plot(share, value, "o-", color=colour, label=name, markersize=4)
    axes.set(xlabel="labels taken away, %", ylabel="mAP at IoU 0.5, %", ylim=(0, 101))
    axes.grid(axis="y")
    axes.legend(loc="lower left")
    return result

"""Two steps in turn, in one system after the other, on one drawn digit: the book's argument in one picture.

A system that belongs to it has a ``lineage.py`` with ``row()``, which computes its maps with the chapter's own code.
Rows stand in the order of their years.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convnets import systems
from convnets.common.plot import INK, MUTED, PALETTE, figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Row", "figure_of_two_steps", "rows"]

SHOWN = 4
"""Maps drawn of each layer: those with the answer that rises highest above the map's median."""
LOOK, FORGET = PALETTE[0], PALETTE[1]


class Row(NamedTuple):
    """One system: its year and name, what it saw (H, W), and its layers (maps, h, w), detectors first, in turn."""

    year: int
    name: str
    image: np.ndarray
    layers: list[np.ndarray]


def rows() -> list[Row]:
    """The digit in each system of the lineage; needs the published weights, and no data."""
    import torch

    names = [name for name in systems() if importlib.util.find_spec(f"convnets.{name}.lineage")]
    with torch.inference_mode():
        found = [importlib.import_module(f"convnets.{name}.lineage").row() for name in names]
    return sorted(found, key=lambda row: row.year)


def figure_of_two_steps() -> Figure:
    """A row a system: the image, then layers that look (blue frames) and layers that forget where (orange), in turn."""
    found = rows()
    columns = 1 + max(len(row.layers) for row in found)
    result, axes = figure(len(found), columns, width=7.0, height=1.2 + 1.175 * len(found))
    for column, title in enumerate(("the image", "look", "forget where", "look again", "forget where")):
        axes[0][column].set_title(title, fontsize=10, color=INK)
    for places, row in zip(axes, found, strict=True):
        _show(places[0], row.image, MUTED)
        places[0].set_ylabel(f"{row.name}\n{row.year}", fontsize=10, color=INK)
        for column, place in enumerate(places[1:]):
            if column < len(row.layers):
                _show(place, _mosaic(row.layers[column]), FORGET if column % 2 else LOOK)
            else:
                place.set_box_aspect(1)
                place.axis("off")
    return result


def _mosaic(maps: np.ndarray) -> np.ndarray:
    """The :data:`SHOWN` liveliest maps, in their order, two by two with a gap, each from its least to its largest.

    Where there are fewer, silent maps fill the square.
    """
    maps = np.concatenate([maps, np.zeros((max(0, SHOWN - len(maps)), *maps.shape[1:]))])
    rise = maps.max((1, 2)) - np.median(maps, (1, 2))
    tiles = maps[np.sort(np.argsort(-rise, kind="stable")[:SHOWN])]
    tiles = tiles - tiles.min((1, 2), keepdims=True)
    tiles = tiles / np.maximum(tiles.max((1, 2), keepdims=True), 1e-9)
    _, height, width = tiles.shape
    gap = max(1, height // 16)
    picture = np.full((2 * height + gap, 2 * width + gap), np.nan)
    for index, tile in enumerate(tiles):
        row, column = divmod(index, 2)
        picture[row * (height + gap) :, column * (width + gap) :][:height, :width] = tile
    return picture


def _show(axes: Axes, picture: np.ndarray, colour: str) -> None:
    axes.imshow(picture, cmap="gray_r", interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(visible=True, color=colour, linewidth=1.6)

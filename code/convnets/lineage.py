"""Two steps in turn, in one system after the other, on one drawn digit: the book's argument in one picture.

A system that belongs to it has a ``lineage.py`` with ``row(drawing)``, which computes its maps with the chapter's own
code, with ``FIELD``, constants of how it sees a drawing, and with ``SAYS``, its sentences about one. Rows stand in the
order of their years. The book's first page lets readers draw themselves: ``convnets export`` writes what it must know
of a row (:func:`told`), and the row of :data:`DRAWING` as a still picture (:func:`still`).
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from convnets import systems
from convnets.common.plot import INK, MUTED, PALETTE, figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["DRAWING", "Drawing", "Row", "figure_of_two_steps", "is_in", "row", "rows", "still", "told"]

Drawing = Sequence[Sequence[tuple[float, float]]]
"""Strokes, each a sequence of points (x, y), y downwards, in any unit."""

DRAWING: Drawing = (((5, 0), (0, 5), (0, 6), (7, 6)), ((5, 0), (5, 9)))
"""The 4 that all rows look at: the pattern on which the neocognitron organised itself."""

SHOWN = 4
"""Maps drawn of each layer: those with the answer that rises highest above the map's median."""
LOOK, FORGET = PALETTE[0], PALETTE[1]


class Row(NamedTuple):
    """One system: year and name, what it saw (H, W), its layers (maps, h, w), detectors first, in turn; its verdict."""

    year: int
    name: str
    image: np.ndarray
    layers: list[np.ndarray]
    says: str = ""  # key of the sentence in SAYS
    values: dict[str, Any] = {}  # what is put into it


def is_in(system: str) -> bool:
    """Whether the system belongs to the lineage."""
    return importlib.util.find_spec(f"convnets.{system}.lineage") is not None


def row(system: str, drawing: Drawing = DRAWING) -> Row:
    """The drawing in a system of the lineage; needs the published weights, and no data."""
    import torch

    with torch.inference_mode():
        found: Row = importlib.import_module(f"convnets.{system}.lineage").row(drawing)
    return found


def rows(drawing: Drawing = DRAWING) -> list[Row]:
    """The drawing in each system of the lineage, in the order of their years."""
    return sorted((row(name, drawing) for name in systems() if is_in(name)), key=lambda found: found.year)


def told(system: str) -> dict[str, Any]:
    """What a page must know of a system's row to compute it from other drawings, as JSON can hold it.

    ``field`` holds what its module says of how a drawing is seen; ``layers`` has for each layer the maps that are
    shown, and the answer that is drawn in full ink; ``says`` are the sentences, and ``still`` is what is said of
    :data:`DRAWING`.
    """
    found = row(system)
    chosen = [_chosen(maps) for maps in found.layers]
    layers = [
        {"maps": shown, "limit": float(f"{maps[shown].max():.3g}")}
        for maps, shown in zip(found.layers, chosen, strict=True)
    ]
    module = importlib.import_module(f"convnets.{system}.lineage")
    return {
        "year": found.year, "field": module.FIELD, "layers": layers, "says": module.SAYS, "drawing": DRAWING,
        "still": {"says": found.says, "values": found.values},
    }  # fmt: skip


BLOCK, GAP, SEAM = 192, 24, 4
"""Pixels of the still: side of a layer's square, between layers, between a layer's maps. Pages draw the same."""
LAYERS = 4
PAPER = 0.06
"""Opacity of a unit that is silent."""


def still(system: str) -> bytes:
    """The row of :data:`DRAWING` as a lossless WebP: a square for each layer, black where its units answer."""
    from PIL import Image

    found, known = row(system), told(system)
    opacity = np.zeros((BLOCK, LAYERS * BLOCK + (LAYERS - 1) * GAP))
    for place, (maps, layer) in enumerate(zip(found.layers, known["layers"], strict=True)):
        left = place * (BLOCK + GAP)
        opacity[:, left : left + BLOCK] = _square(maps[layer["maps"]] / layer["limit"])
    alpha = np.round(255 * opacity).astype(np.uint8)
    picture = np.stack([np.zeros_like(alpha), alpha], axis=-1)
    content = io.BytesIO()
    Image.fromarray(picture, "LA").convert("RGBA").save(content, "WEBP", lossless=True, quality=100, method=6)
    return content.getvalue()


def _square(maps: np.ndarray) -> np.ndarray:
    """Maps (N, h, w) of answers from 0 to 1 as the opacity of a square of BLOCK pixels, row by row."""
    across = math.isqrt(len(maps) - 1) + 1
    side = (BLOCK - (across - 1) * SEAM) // across
    opacity = np.zeros((BLOCK, BLOCK))
    for index, one in enumerate(maps):
        top, left = (place * (side + SEAM) for place in divmod(index, across))
        rows_, columns = ((np.arange(side) * size) // side for size in one.shape)
        ink = PAPER + (1 - PAPER) * one[np.ix_(rows_, columns)].clip(0, 1)
        opacity[top : top + side, left : left + side] = ink
    return opacity


def _chosen(maps: np.ndarray) -> list[int]:
    """The liveliest maps, in their order: so many as fill a square, sixteen at most."""
    across = max(1, min(4, math.isqrt(len(maps))))
    rise = maps.max((1, 2)) - np.median(maps, (1, 2))
    return sorted(np.argsort(-rise, kind="stable")[: across * across].tolist())


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

"""Pen strokes turned into a network's input: MNIST's normalisation, on vectors.

A drawing is a list of strokes, a stroke a list of points [x, y] (x to the right, y down, any unit); a stroke of one
point is a dot. Fields are measured in pixels: pixel (row, column) covers [column, column + 1) x [row, row + 1).

LeCun et al. 1998, section III.A: digits were scaled into a box of 20x20 pixels, their aspect ratio kept, and placed
in a field of 28x28 so that the centre of mass of the ink lies at the field's centre. The chapter's demo does the same
in ``code/live/src/demos/lenet/ink.js``; ``tests/live/test_ink.py`` holds the two together.

Deviations: MNIST scales bitmaps and with them the thickness of the pen; we scale strokes, and the pen that draws
them is as thick in every image. MNIST moves its bitmaps by whole pixels; we move strokes by any amount.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from convnets.common.errors import ConvnetsError
from convnets.lenet.data import BLACK, WHITE

__all__ = [
    "RADIUS", "SAMPLES", "Row", "bend", "compose", "fit", "fit_row", "image", "rasterise", "row_image",
]  # fmt: skip

Strokes = list[np.ndarray]
"""A checked drawing: each stroke is an array (points, 2) of float64."""

RADIUS = 1.33
"""Of the pen, in pixels: with it the images of :data:`SAMPLES` hold on average as much ink as MNIST's 60,000 training
images, 102.4 pixels (grey levels / 255, summed). Found by bisection on ``rasterise(fit(strokes, r), r).sum()``."""

FIELD, BOX = 28, 20
"""Sides in pixels of MNIST's field and of the box that the ink fills."""

CENTRE = 14.5
"""Where MNIST has the centre of mass, in both axes: the middle of pixel 14 (its training images: 14.51 and 14.50)."""

TAP = 0.02
"""Drawings smaller than this share of the pad's side are dots that a hand trembled."""

ROW_FIELD, ROW_STRIDE, ROW_MARGIN, ROW_STRIDES = 32, 4, 15, 40
"""Height of a row, the unit in which it widens, the paper left and right of its ink (pixels); the most units."""

ROW_LEAST = 0.2
"""Share of the pad's height that a row counts as at least: the bar of a first 7 is not yet a whole row."""


class Row(NamedTuple):
    """A row of digits in a field of 32 x ``width`` pixels."""

    strokes: Strokes
    width: int  # 32 + 4k


def fit(strokes: Iterable[Any], radius: float = RADIUS, side: float = 1.0) -> Strokes:
    """Move and scale a drawing into the 28x28 field as MNIST does.

    The larger side of the ink (points and a pen of ``radius`` pixels around them) becomes 20 pixels, and the centre of
    mass of the ink comes to (14.5, 14.5), within the twentieth of a pixel that depends on how strokes meet the grid. A
    drawing smaller than 2 % of the pad's ``side`` (in the drawing's unit) is a dot: it is scaled as a drawing as large
    as the pad, so that it stays one. An empty drawing stays empty.

    Raises:
        ConvnetsError: a point is not a pair of finite numbers, or ``radius`` or ``side`` is out of range.
    """
    checked = _checked(strokes)
    _check_sizes(radius, side)
    if not checked:
        return []
    low, high = _corners(checked)
    extent = float((high - low).max())
    scale = (BOX - 2 * radius) / (extent if extent >= TAP * side else side)
    centred = _place(checked, scale, FIELD / 2 - scale * (low + high) / 2)
    ink = rasterise(centred, radius, FIELD, FIELD)
    if not ink.any():  # a dot of a hair's width falls between the pixels' centres
        return centred
    centres = np.arange(FIELD) + 0.5
    mass = np.array([ink.sum(0) @ centres, ink.sum(1) @ centres]) / ink.sum()
    return _place(centred, 1.0, CENTRE - mass)


def rasterise(strokes: Iterable[Any], radius: float = RADIUS, height: int = FIELD, width: int = FIELD) -> np.ndarray:
    """Ink 0..1 (height, width), float64, that a round pen of ``radius`` pixels leaves along strokes in field pixels.

    A pixel whose centre has the distance d from the nearest stroke holds ``clip(radius + 0.5 - d, 0, 1)``.
    """
    if not 0 < radius < math.inf:
        raise ConvnetsError(f"A pen of radius {radius} draws nothing: choose a positive number of pixels.")
    x, y = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    nearest = np.full((height, width), np.inf)
    for stroke in _checked(strokes):
        ends = stroke[1:] if len(stroke) > 1 else stroke
        for (from_x, from_y), (to_x, to_y) in zip(stroke, ends, strict=False):
            along_x, along_y = to_x - from_x, to_y - from_y
            length2 = along_x * along_x + along_y * along_y
            dot = (x - from_x) * along_x + (y - from_y) * along_y
            t = np.clip(dot / length2, 0, 1) if length2 > 0 else 0.0
            distance = np.hypot(x - from_x - t * along_x, y - from_y - t * along_y)
            np.minimum(nearest, distance, out=nearest)
    return np.clip(radius + 0.5 - nearest, 0, 1)


def bend(
    strokes: Iterable[Any], shift_x: float = 0.0, shift_y: float = 0.0, degrees: float = 0.0,
    height: int = FIELD, width: int = FIELD,
) -> Strokes:  # fmt: skip
    """Turn strokes in field pixels about the field's centre, clockwise as seen for ``degrees`` > 0, then shift them."""
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    centre, shift = np.array([width / 2, height / 2]), np.array([shift_x, shift_y])
    turn = np.array([[cos, sin], [-sin, cos]])  # for row vectors; y points down
    return [(stroke - centre) @ turn + centre + shift for stroke in _checked(strokes)]


def image(
    strokes: Iterable[Any], size: int = ROW_FIELD, *, radius: float = RADIUS, drawn_radius: float | None = None,
    shift_x: float = 0.0, shift_y: float = 0.0, degrees: float = 0.0, side: float = 1.0,
) -> Tensor:  # fmt: skip
    """A pad's drawing as a network's input (1, 1, size, size), paper at -0.1 and ink at 1.175; size is 28 or 32.

    The drawing is fitted with a pen of ``radius``, bent, and drawn with a pen of ``drawn_radius`` (``radius`` unless
    given): another thickness leaves its size and place alone. ``side`` is the pad's, in the drawing's unit.
    """
    if size not in (FIELD, ROW_FIELD):
        raise ConvnetsError(f"An image of size {size} is none that the networks read: choose 28 or 32.")
    bent = bend(fit(strokes, radius, side), shift_x, shift_y, degrees)
    placed = _place(bent, 1.0, (size - FIELD) / 2)
    return _as_input(rasterise(placed, radius if drawn_radius is None else drawn_radius, size, size))


def fit_row(strokes: Iterable[Any], radius: float = RADIUS, side: float = 1.0) -> Row:
    """Move and scale a row of digits, drawn on a wide pad of height ``side``, into a field 32 pixels high.

    The ink becomes 20 pixels high, or less where it would be wider than 162, and its middle lies at 16.5. Its left end
    lies 15 pixels from the field's, and the field is the smallest of 32 + 4k pixels that leaves 15 on the right: the
    first and the last column of answers lie over ink. Ink lower than a fifth of the pad counts as that high. An empty
    drawing gives an empty field of 32 pixels.
    """
    checked = _checked(strokes)
    _check_sizes(radius, side)
    if not checked:
        return Row([], ROW_FIELD)
    low, high = _corners(checked)
    extent_x, extent_y = (high - low).tolist()
    scale = (BOX - 2 * radius) / max(extent_y, ROW_LEAST * side)
    widest = ROW_FIELD + ROW_STRIDE * ROW_STRIDES - 2 * ROW_MARGIN
    if scale * extent_x + 2 * radius > widest:
        scale = (widest - 2 * radius) / extent_x
    shift = np.array([ROW_MARGIN + radius - scale * low[0], CENTRE + 2 - scale * (low[1] + high[1]) / 2])
    return _row(_place(checked, scale, shift), radius)


def row_image(row: Row, drawn_radius: float = RADIUS) -> Tensor:
    """A fitted or composed row as a network's input (1, 1, 32, width), drawn with a pen of ``drawn_radius``."""
    return _as_input(rasterise(row.strokes, drawn_radius, ROW_FIELD, row.width))


def compose(drawings: Iterable[Iterable[Any]], gap: float = 0.0, radius: float = RADIUS, side: float = 1.0) -> Row:
    """Set drawings of single digits side by side, ``gap`` pixels of paper between their inks (negative: overlapping).

    Each is fitted alone and keeps the height that it has in its own field, as in ``row.touching_row``. A digit begins
    at least a pixel to the right of the one before. Empty drawings are left out.
    """
    placed: Strokes = []
    start, end = float(ROW_MARGIN - 1), ROW_MARGIN - gap
    for strokes in drawings:
        if not (fitted := fit(strokes, radius, side)):
            continue
        low, high = _corners(fitted)
        start = max(start + 1, end + gap)
        end = start + float(high[0] - low[0]) + 2 * radius
        placed += _place(fitted, 1.0, np.array([start + radius - low[0], (ROW_FIELD - FIELD) / 2]))
    return _row(placed, radius) if placed else Row([], ROW_FIELD)


def _row(strokes: Strokes, radius: float) -> Row:
    """Strokes in row pixels with a field as wide as their ink asks for."""
    missing = _corners(strokes)[1][0] + radius + ROW_MARGIN - ROW_FIELD
    return Row(strokes, ROW_FIELD + ROW_STRIDE * max(0, math.ceil(missing / ROW_STRIDE - 1e-9)))


def _as_input(ink: np.ndarray) -> Tensor:
    """Ink 0..1 (H, W) -> (1, 1, H, W) float32 with paper at -0.1 and ink at 1.175."""
    return torch.from_numpy((ink * (BLACK - WHITE) + WHITE).astype(np.float32))[None, None]


def _corners(strokes: Strokes) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest x and y, (2,) each, of a drawing that is not empty."""
    points = np.concatenate(strokes)
    return points.min(0), points.max(0)


def _place(strokes: Strokes, scale: float, shift: np.ndarray | float) -> Strokes:
    return [scale * stroke + shift for stroke in strokes]


def _check_sizes(radius: float, side: float) -> None:
    if not 0 < radius < BOX / 2:
        raise ConvnetsError(f"A pen of radius {radius} does not fit the box of {BOX} pixels: choose one from 0.5 to 3.")
    if not 0 < side < math.inf:
        raise ConvnetsError(f"A pad's side of {side} is no length: give its height in the unit of the strokes.")


def _checked(strokes: Iterable[Any]) -> Strokes:
    """A drawing as arrays; strokes without a point are left out."""
    try:
        return [np.array(points) for stroke in strokes if (points := [_pair(point) for point in stroke])]
    except TypeError as error:
        raise ConvnetsError(f"{strokes!r} is not a drawing: give a list of strokes, each a list of [x, y].") from error


def _pair(point: Any) -> tuple[float, float]:
    try:
        x, y = (float(value) for value in point)
    except (TypeError, ValueError):
        x = y = math.nan
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ConvnetsError(f"A stroke holds {point!r} for a point: write each point as two finite numbers, [x, y].")
    return x, y


def _parse(text: str) -> list[dict[str, Any]]:
    """Lines of ``digit: x,y x,y ... ; x,y ...``, with a semicolon between strokes, as drawings."""
    drawings: list[dict[str, Any]] = []
    for line in text.strip().replace("\n ", " ").splitlines():
        digit, strokes = line.split(":")
        pairs = [[[int(n) for n in point.split(",")] for point in stroke.split()] for stroke in strokes.split(";")]
        drawings.append({"digit": int(digit), "strokes": pairs})
    return drawings


SAMPLES = _parse("""
0: 56,17 51,15 47,14 42,16 38,19 35,23 33,28 31,32 30,37 29,42 28,47 28,52 28,57 29,62 30,67 32,71 35,76 38,80 41,83
   46,85 51,86 55,85 60,82 63,79 66,74 68,70 70,65 71,60 72,55 72,50 71,45 70,41 69,36 67,31 65,27 62,22 59,19 55,16
   50,15 45,16
1: 53,13 53,18 53,23 52,28 52,33 52,38 52,43 51,48 51,52 50,57 50,62 50,67 50,72 49,77 49,82 49,87
2: 30,33 31,28 32,23 35,19 39,16 44,14 49,14 54,15 59,17 62,20 65,25 66,30 66,35 64,40 62,44 59,49 56,53 53,57 50,61
   47,65 44,69 40,73 37,76 33,80 30,84 35,83 40,82 46,82 51,83 56,84 61,84 67,84 72,83
3: 32,23 35,19 39,16 43,14 48,13 52,14 57,16 60,19 63,23 64,28 63,32 61,37 58,41 54,43 50,44 45,46 50,47 55,47 60,49
   64,52 67,56 69,61 69,66 69,71 67,76 64,80 60,83 55,86 50,87 45,87 41,86 36,83 32,80 29,76
4: 37,14 36,19 35,24 35,29 34,34 33,38 32,43 31,48 30,53 35,55 39,55 44,55 49,55 54,54 59,53 63,53 68,52 73,51 ; 62,24
   62,29 61,34 61,39 60,44 60,49 59,54 59,58 58,63 58,68 58,73 57,78 57,83 57,88
5: 38,17 37,22 37,27 36,32 35,36 34,41 33,46 37,44 42,42 47,41 52,41 56,43 60,45 64,49 66,53 68,58 68,63 68,67 66,72
   63,76 60,80 56,83 52,85 47,86 42,86 37,84 34,81 30,78 ; 37,17 42,17 47,17 53,17 58,16 63,15 68,14
6: 60,13 56,16 52,19 48,23 45,26 42,31 40,35 38,39 36,44 34,49 33,54 32,59 32,64 33,69 34,74 36,78 39,82 43,85 48,87
   53,87 57,85 61,82 64,78 66,73 67,68 66,63 63,59 59,56 54,54 49,54 45,56 41,59 38,63 35,67 33,72
7: 29,20 34,21 39,21 44,21 50,20 55,19 60,19 65,18 70,18 68,22 65,27 63,31 61,36 59,41 57,45 55,50 53,54 51,59 49,64
   47,68 46,73 45,78 44,83 43,88
8: 66,25 63,21 60,17 56,14 51,13 46,13 42,15 38,19 36,23 35,28 37,33 40,37 43,41 47,44 51,46 55,49 59,53 62,56 65,60
   67,65 67,70 66,75 64,79 60,83 56,85 51,87 46,87 42,85 37,82 34,79 33,74 33,69 35,64 38,60 41,56 44,53 48,49 52,46
   56,43 60,40 63,36 65,32 66,27 65,22
9: 67,27 64,23 62,18 58,15 53,14 48,15 43,16 40,20 36,24 34,28 34,33 34,38 36,43 40,46 44,48 49,49 54,47 58,44 61,40
   64,35 65,31 67,26 67,31 66,36 66,42 66,47 65,52 65,57 64,62 64,67 63,73 63,78 62,83 62,88
0: 63,20 59,17 55,14 50,15 46,18 42,21 39,25 37,29 35,34 33,39 31,44 30,49 29,54 28,59 28,64 28,69 29,74 31,78 34,83
   38,85 42,87 47,87 52,84 56,81 59,77 62,73 64,69 66,64 68,59 69,54 70,49 71,44 71,39 71,34 70,29 69,25 66,20 62,17
   57,16 53,19 50,23 52,28 55,31 60,31 65,29 70,28
1: 47,28 51,25 54,21 57,17 60,13 59,18 59,23 58,28 57,33 57,38 56,43 55,48 54,53 54,58 53,63 52,68 51,73 50,78 49,83
   48,88
2: 35,33 36,28 37,23 40,19 44,16 48,14 53,13 58,14 63,15 66,19 68,24 68,29 67,34 65,38 63,43 60,47 58,51 55,56 52,59
   48,63 45,67 42,71 39,75 35,79 32,82 28,85 24,84 22,80 25,76 30,74 35,75 40,77 44,79 48,82 53,84 57,86 62,86 67,85
   71,82 75,79
3: 36,18 41,17 46,17 51,16 57,16 62,15 67,15 64,19 62,23 59,27 56,31 52,35 49,38 46,42 51,42 56,41 60,43 64,47 67,51
   68,56 68,61 67,66 65,70 62,74 59,78 55,81 51,84 46,86 42,87 37,87 32,86 27,85
4: 62,13 60,17 57,22 55,26 52,31 49,35 47,39 44,43 41,48 38,52 35,56 32,60 29,64 34,65 39,65 45,65 50,64 55,63 60,63
   66,62 71,61 76,60 ; 62,13 62,18 61,23 61,28 60,33 60,38 59,43 59,49 58,54 57,59 57,64 56,69 56,74 55,79 55,84 54,89
5: 73,15 68,15 63,16 58,16 54,17 49,17 44,18 43,23 42,27 41,32 39,36 38,41 36,45 41,43 45,41 51,41 55,42 60,45 62,49
   64,54 64,59 63,64 61,69 59,73 55,77 52,81 48,84 43,86 38,87 33,87 29,84 25,81
6: 66,14 62,16 57,19 53,21 49,25 46,29 43,33 41,37 38,42 36,46 35,51 33,56 32,61 32,66 31,71 32,76 34,80 37,84 41,87
   46,87 51,86 55,83 59,79 62,75 63,71 63,66 60,61 56,59 51,60 46,62 42,65 39,69 37,73 35,78
7: 29,29 30,24 32,19 37,20 41,21 46,22 51,22 56,21 61,20 65,19 70,17 74,15 72,19 69,24 67,28 64,33 62,37 59,41 57,46
   55,50 53,55 50,59 48,64 46,69 44,73 43,78 42,83 41,88 ; 37,53 42,52 47,51 51,50 56,49 61,49 66,48
8: 71,23 68,19 64,15 60,14 55,14 50,16 47,20 45,24 45,29 48,33 51,38 54,42 57,46 60,50 61,55 62,60 62,65 61,69 60,74
   57,78 54,82 50,85 45,87 40,87 36,84 33,80 32,75 33,71 34,66 37,62 41,59 45,55 49,52 53,49 57,46 60,43 64,39 67,35
   70,31
9: 70,24 67,20 64,16 60,14 55,15 50,17 46,20 43,23 40,27 38,32 37,37 37,42 40,46 44,49 49,49 54,46 58,43 61,40 64,36
   66,31 69,27 69,32 68,37 68,42 67,46 66,51 65,56 64,61 62,65 60,70 58,74 55,78 52,82 48,85 43,87 39,87 34,84 30,82
""")
"""Ten digits in each of two hands, on a pad of 100x100: {"digit": 7, "strokes": [[[x, y], ...], ...]}."""

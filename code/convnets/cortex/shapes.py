"""Ten things drawn by code, to be moved and scaled before the model: no photograph, and everything known of each.

A thing is a list of paths in a box of side 1 around (0, 0), x to the right and y down: strokes of one pen, or filled
polygons (even-odd). :func:`picture` draws it into a field that is measured in degrees of visual angle, so that the
stages' receptive fields and the movement of a thing can be told in one unit. The chapter's demo draws the same paths.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from convnets.common.errors import ConvnetsError
from convnets.cortex.model import PIXELS_PER_DEGREE

__all__ = ["BACKGROUND", "EXTENT_DEGREES", "INK", "PEN", "SHAPES", "SIDE", "Path", "picture", "pictures"]

SIDE = 96
"""Side of the field in pixels: 2.6 degrees."""

EXTENT_DEGREES = 1.0
"""Side of a thing's box at size 1."""

BACKGROUND, INK, PEN = 0.75, 0.1, 0.09
"""Grey levels of the field and of the thing, and the width of a stroke as a share of the box."""

_FINE = 3  # samples a pixel, in each direction


class Path(NamedTuple):
    """Points joined by straight lines: a stroke, or the outline of a filled polygon."""

    points: tuple[tuple[float, float], ...]
    fill: bool = False


def _ring(x: float, y: float, radius: float, tall: float = 1.0, start: float = 0, turn: float = 360) -> Path:
    """An arc of an ellipse around (x, y), angles in degrees, clockwise from the right."""
    angles = [math.radians(start + turn * step / 24) for step in range(25)]
    return Path(tuple((round(x + radius * math.cos(a), 3), round(y + radius * tall * math.sin(a), 3)) for a in angles))


def _star(points: int, inner: float) -> Path:
    corners = []
    for step in range(2 * points):
        radius, angle = (0.48, inner)[step % 2], math.pi * (step / points - 0.5)
        corners.append((round(radius * math.cos(angle), 3), round(radius * math.sin(angle), 3)))
    return Path(tuple(corners), fill=True)


SHAPES: dict[str, tuple[Path, ...]] = {
    "face": (
        _ring(0, 0, 0.4, 1.15),
        Path(((-0.15, -0.12),)),
        Path(((0.15, -0.12),)),
        Path(((0, -0.04), (-0.04, 0.1), (0.04, 0.1))),
        _ring(0, 0.1, 0.2, 0.8, 30, 120),
    ),
    "house": (
        Path(((-0.34, 0.42), (-0.34, -0.05), (0.34, -0.05), (0.34, 0.42), (-0.34, 0.42))),
        Path(((-0.46, -0.05), (0, -0.45), (0.46, -0.05))),
        Path(((-0.08, 0.42), (-0.08, 0.15), (0.1, 0.15), (0.1, 0.42))),
    ),
    "hand": (
        Path(((-0.2, 0.45), (-0.22, 0.15), (-0.42, -0.08), (-0.34, -0.16), (-0.2, -0.04), (-0.24, -0.38), (-0.15, -0.4),
              (-0.08, -0.08), (-0.05, -0.47), (0.05, -0.47), (0.06, -0.08), (0.14, -0.42), (0.23, -0.4), (0.18, -0.04),
              (0.31, -0.26), (0.39, -0.2), (0.26, 0.14), (0.2, 0.45)), fill=True),
    ),
    "bird": (
        Path(((-0.48, -0.12), (-0.34, -0.2), (-0.22, -0.24), (-0.1, -0.14), (0.1, -0.1), (0.28, -0.02), (0.48, -0.1),
              (0.36, 0.1), (0.14, 0.22), (-0.08, 0.22), (-0.22, 0.1), (-0.3, -0.08)), fill=True),
        Path(((-0.06, 0.2), (-0.08, 0.42), (-0.16, 0.42))),
        Path(((0.06, 0.2), (0.06, 0.42), (-0.02, 0.42))),
    ),
    "fish": (
        Path(((-0.46, 0), (-0.3, -0.16), (-0.08, -0.22), (0.16, -0.12), (0.28, -0.02), (0.46, -0.2), (0.42, 0),
              (0.46, 0.2), (0.28, 0.04), (0.16, 0.14), (-0.08, 0.22), (-0.3, 0.15), (-0.46, 0)), fill=True),
    ),
    "tree": (
        Path(((-0.06, 0.46), (-0.06, 0.2), (0.06, 0.2), (0.06, 0.46)), fill=True),
        Path(((-0.36, 0.22), (0, -0.46), (0.36, 0.22)), fill=True),
    ),
    "key": (
        _ring(-0.27, 0, 0.18),
        Path(((-0.09, 0), (0.46, 0), (0.46, 0.18))),
        Path(((0.28, 0), (0.28, 0.14))),
    ),
    "cup": (
        Path(((-0.34, -0.3), (-0.26, 0.36), (0.16, 0.36), (0.24, -0.3), (-0.34, -0.3))),
        _ring(0.24, 0, 0.18, 1, -80, 170),
    ),
    "star": (_star(5, 0.19),),
    "spiral": (
        Path(tuple((round(a / 40 * math.cos(a), 3), round(a / 40 * math.sin(a), 3)) for a in np.linspace(1, 18, 60))),
    ),
}  # fmt: skip
"""The things by name."""


def picture(
    name: str, x: float = 0, y: float = 0, size: float = 1, turn: float = 0, contrast: float = 1, side: int = SIDE
) -> Tensor:
    """The thing ``name`` in a field (1, 1, side, side), grey 0 to 1.

    Args:
        name: a key of :data:`SHAPES`.
        x, y: degrees of visual angle from the middle, to the right and down.
        size: times :data:`EXTENT_DEGREES`.
        turn: degrees, clockwise.
        contrast: of the ink against the field; 1 is black on light, 0 leaves nothing.
        side: of the field, pixels.

    Raises:
        ConvnetsError: unknown name, no size, a contrast outside 0 to 1, a pose that is no number, or no field.
    """
    if name not in SHAPES:
        raise ConvnetsError(f"There is no shape {name!r}: choose one of {', '.join(SHAPES)}.")
    if side < 1 or not all(map(math.isfinite, (x, y, turn, size))):
        raise ConvnetsError(
            f"A shape at ({x:g}, {y:g}), size {size:g}, turned by {turn:g}, in {side:g} pixels cannot be drawn: "
            "give finite numbers and a field of one pixel or more."
        )
    if not size > 0 or not 0 <= contrast <= 1:
        raise ConvnetsError(
            f"A shape of size {size:g} and contrast {contrast:g}: the first is above 0, the other 0 to 1."
        )
    step = (np.arange(side * _FINE) + 0.5) / _FINE - side / 2
    scale, angle = size * EXTENT_DEGREES * PIXELS_PER_DEGREE, math.radians(turn)
    u, v = (step - x * PIXELS_PER_DEGREE) / scale, (step - y * PIXELS_PER_DEGREE) / scale
    columns, rows = np.meshgrid(u, v)
    columns, rows = (
        math.cos(angle) * columns + math.sin(angle) * rows,
        math.cos(angle) * rows - math.sin(angle) * columns,
    )
    near = (abs(columns) < 0.6) & (abs(rows) < 0.6)
    covered = np.zeros(columns.shape, bool)
    covered[near] = _covered(SHAPES[name], columns[near], rows[near])
    share = covered.reshape(side, _FINE, side, _FINE).mean((1, 3))
    return torch.from_numpy(BACKGROUND + contrast * (INK - BACKGROUND) * share).float()[None, None]


def pictures(names: tuple[str, ...] = tuple(SHAPES), **pose: float) -> Tensor:
    """Several things in one pose, (N, 1, side, side); see :func:`picture`.

    Raises:
        ConvnetsError: no name, or as :func:`picture`.
    """
    if not names:
        raise ConvnetsError(f"There is nothing to draw: name one or more of {', '.join(SHAPES)}.")
    return torch.cat([picture(name, **pose) for name in names])  # type: ignore[arg-type]


def _covered(paths: tuple[Path, ...], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which points (P,) lie on a stroke or in a polygon."""
    found = np.zeros(x.shape, bool)
    for points, fill in paths:
        corners = np.array(points)
        starts, ends = (corners, np.roll(corners, -1, 0)) if fill else (corners[:-1], corners[1:])
        if len(corners) == 1:
            starts = ends = corners
        inside = np.zeros(x.shape, bool)
        for (ax, ay), (bx, by) in zip(starts, ends, strict=True):
            if fill:
                if ay != by:
                    inside ^= ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
            else:
                length = (bx - ax) ** 2 + (by - ay) ** 2
                t = np.clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / max(length, 1e-12), 0, 1)
                inside |= (x - ax - t * (bx - ax)) ** 2 + (y - ay - t * (by - ay)) ** 2 <= (PEN / 2) ** 2
        found |= inside
    return found

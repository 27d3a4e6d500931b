"""Five digits on a grid of 16x16 cells, and what may happen to them: shift, size, shape, noise.

The digits 0 to 4 are our own drawings in the manner of the paper's figure 6, strokes one cell wide; its bitmaps are not
copied. Strokes are lists of (row, column) points in cells, so that a digit can be enlarged or bent without its lines
breaking. Every image is a ``(16, 16)`` float64 tensor of zeros and ones, and every random maker takes a seed.

Choice: patterns are learned at places up to :data:`REACH` cells from the middle; how far, the paper does not say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from convnets.common.errors import ConvnetsError
from convnets.neocognitron.model import SIZE

__all__ = [
    "KINDS", "NAMES", "REACH", "STROKES", "Points", "Variant", "deformed", "digest", "draw", "examples", "from_rows",
    "noisy", "pattern", "patterns", "resized", "room", "shifts", "to_rows", "variants",
]  # fmt: skip

Points = Sequence[tuple[float, float]]
"""One stroke: its corners as (row, column), in cells."""

STROKES: dict[str, tuple[Points, ...]] = {
    "0": (((0, 2), (0, 5), (2, 7), (7, 7), (9, 5), (9, 2), (7, 0), (2, 0), (0, 2)),),
    "1": (((2, 2), (0, 4), (9, 4)),),
    "2": (((2, 0), (0, 2), (0, 5), (2, 7), (3, 7), (8, 0), (9, 0), (9, 7)),),
    "3": (((1, 1), (0, 2), (0, 5), (2, 7), (4, 5), (4, 3)), ((4, 5), (6, 7), (7, 7), (9, 5), (9, 2), (7, 0))),
    "4": (((0, 5), (5, 0), (6, 0), (6, 7)), ((0, 5), (9, 5))),
}
"""The training patterns: strokes of points, row 0 to 9 from top to bottom."""
NAMES = tuple(STROKES)
NAME = "five drawn digits"
KINDS = ("shift", "size", "shape", "noise")
"""What :func:`variants` can do to a pattern; the order of figure 6."""

REACH = 2
"""Cells by which a pattern is shifted at most, up or down and left or right, while it is learned."""

_RESIZES = (0.8, 0.9, 1.0, 1.1, 1.2)


class Variant(NamedTuple):
    """A changed pattern."""

    kind: str  # of KINDS
    digit: int  # which pattern it was
    image: Tensor  # (16, 16)


def pattern(digit: int, shift: tuple[int, int] = (0, 0)) -> Tensor:
    """Training pattern ``digit``, in the middle of the grid or ``shift`` cells (down, right) from there.

    Raises:
        ConvnetsError: no such pattern, or it would leave the grid.
    """
    return draw(_strokes(digit), shift)


def patterns() -> Tensor:
    """The five training patterns in the middle of the grid: (5, 16, 16)."""
    return torch.stack([pattern(digit) for digit in range(len(NAMES))])


def room(digit: int) -> tuple[range, range]:
    """All shifts (down, right) with which the whole pattern stays on the grid."""
    low, high = _extent(_strokes(digit))
    corner = _corner(low, high)
    down, right = (range(-corner[axis], SIZE - corner[axis] - (high[axis] - low[axis])) for axis in (0, 1))
    return down, right


def shifts(digit: int, reach: int = REACH) -> list[tuple[int, int]]:
    """The shifts of :func:`room` that are at most ``reach`` cells far, row by row."""
    downs, rights = room(digit)
    return [(down, right) for down in downs for right in rights if max(abs(down), abs(right)) <= reach]


def draw(strokes: Sequence[Points], shift: tuple[int, int] = (0, 0)) -> Tensor:
    """Strokes as lines one cell wide, in the middle of the grid or ``shift`` cells (down, right) from there.

    Raises:
        ConvnetsError: the drawing would leave the grid.
    """
    low, high = _extent(strokes)
    corner = [place + step for place, step in zip(_corner(low, high), shift, strict=True)]
    last = [place + end - start for place, start, end in zip(corner, low, high, strict=True)]
    if min(corner) < 0 or max(last) >= SIZE:
        raise ConvnetsError(
            f"The drawing would reach from cell {corner} to {last} of a grid of {SIZE}x{SIZE}: shift or enlarge it "
            "less."
        )
    rows = [[0.0] * SIZE for _ in range(SIZE)]
    for points in strokes:
        cells = [[round(p[axis]) - low[axis] + corner[axis] for axis in (0, 1)] for p in points]
        for start, end in zip(cells, cells[1:], strict=False):
            for row, column in _line(start, end):
                rows[row][column] = 1.0
    return torch.tensor(rows, dtype=torch.float64)


def resized(digit: int, height: float, width: float) -> Tensor:
    """The pattern drawn ``height`` times as high and ``width`` times as wide, strokes one cell wide as before.

    Raises:
        ConvnetsError: a factor that is not positive, or the drawing would leave the grid.
    """
    if not (height > 0 and width > 0):
        raise ConvnetsError(
            f"A pattern cannot be drawn {height} times as high and {width} times as wide: give 0.5 to 1.4."
        )
    return draw([tuple((row * height, column * width) for row, column in points) for points in _strokes(digit)])


def deformed(digit: int, cells: float, seed: int) -> Tensor:
    """The pattern with every point of its strokes moved at random by up to ``cells`` cells down and right."""
    generator = torch.Generator().manual_seed(seed)
    strokes = _strokes(digit)
    places = list(dict.fromkeys(point for points in strokes for point in points))  # a shared point moves once
    steps = ((2 * torch.rand(len(places), 2, generator=generator, dtype=torch.float64) - 1) * cells).tolist()
    moved = {place: (place[0] + down, place[1] + right) for place, (down, right) in zip(places, steps, strict=True)}
    return draw([tuple(moved[point] for point in points) for points in strokes])


def noisy(digit: int, lost: int, added: int, seed: int) -> Tensor:
    """The pattern without ``lost`` of its cells, and with ``added`` others lit, drawn at random."""
    generator = torch.Generator().manual_seed(seed)
    image = pattern(digit).flatten()
    lit, dark = (image > 0).nonzero()[:, 0], (image == 0).nonzero()[:, 0]
    if not (0 <= lost < len(lit) and 0 <= added <= len(dark)):
        raise ConvnetsError(
            f"Pattern {NAMES[digit]} has {len(lit)} lit cells and {len(dark)} dark ones: {lost} cannot be lost and "
            f"{added} added."
        )
    image[lit[torch.randperm(len(lit), generator=generator)[:lost]]] = 0
    image[dark[torch.randperm(len(dark), generator=generator)[:added]]] = 1
    return image.reshape(SIZE, SIZE)


def examples(digit: int) -> list[Variant]:
    """Eight changed pictures of a pattern, two of each kind, for figures and the demo."""
    made = {
        "shift": [pattern(digit, (-3, 3)), pattern(digit, (3, -4))],
        "size": [resized(digit, 0.9, 0.8), resized(digit, 1.2, 1.1)],
        "shape": [deformed(digit, 1.0, seed) for seed in (0, 1)],
        "noise": [noisy(digit, 2, 2, seed) for seed in (0, 1)],
    }
    return [Variant(kind, digit, image) for kind, images in made.items() for image in images]


def variants(kind: str, count: int = 40, seed: int = 1980, reach: int = REACH + 1) -> list[Variant]:
    """Changed patterns of one ``kind``, for all five digits, all different; none is a picture to learn from.

    (Those are the patterns at the places of :func:`shifts`.) ``shift``: every other displacement up to ``reach`` cells
    that the grid has room for. ``size``: all pictures that heights and widths of 0.8, 0.9, ... 1.2 times give.
    ``shape``: ``count`` deformations a digit by up to one cell, equal ones once. ``noise``: ``count`` pictures a digit,
    two cells lost and two added.

    Raises:
        ConvnetsError: unknown kind.
    """
    if kind not in KINDS:
        raise ConvnetsError(f"There is no kind of change {kind!r}: choose one of {', '.join(KINDS)}.")
    found = []
    for digit in range(len(NAMES)):
        first = seed + 1000 * digit
        if kind == "shift":
            images = [pattern(digit, move) for move in shifts(digit, reach)]
        elif kind == "size":
            images = [resized(digit, height, width) for height in _RESIZES for width in _RESIZES]
        elif kind == "shape":
            images = [deformed(digit, 1.0, first + index) for index in range(count)]
        else:
            images = [noisy(digit, 2, 2, first + index) for index in range(count)]
        learned = {_bytes(pattern(digit, move)) for move in shifts(digit)}
        different = {_bytes(image): image for image in images}
        found += [Variant(kind, digit, image) for key, image in different.items() if key not in learned]
    return found


def from_rows(rows: Sequence[str]) -> Tensor:
    """An image from 16 strings of 16 characters, ``#`` lit and anything else dark.

    Raises:
        ConvnetsError: not 16x16.
    """
    if len(rows) != SIZE or any(len(row) != SIZE for row in rows):
        widths = sorted({len(row) for row in rows})
        raise ConvnetsError(
            f"A drawing needs {SIZE} rows of {SIZE} characters: this one has {len(rows)} rows of "
            f"{' or '.join(map(str, widths)) or 'no'} characters."
        )
    return torch.tensor([[float(cell == "#") for cell in row] for row in rows], dtype=torch.float64)


def to_rows(image: Tensor) -> list[str]:
    """The reverse of :func:`from_rows`, for images of zeros and ones."""
    return ["".join("#" if cell else "." for cell in row) for row in image.tolist()]


def digest() -> str:
    """SHA-256 of the five patterns: what stands for the data of a run."""
    return hashlib.sha256("\n".join(row for image in patterns() for row in to_rows(image)).encode()).hexdigest()


def _bytes(image: Tensor) -> bytes:
    return image.numpy().tobytes()


def _strokes(digit: int) -> list[Points]:
    if not 0 <= digit < len(NAMES):
        raise ConvnetsError(f"There is no training pattern {digit}: choose 0 to {len(NAMES) - 1}.")
    return list(STROKES[NAMES[digit]])


def _extent(strokes: Sequence[Points]) -> tuple[list[int], list[int]]:
    """First and last row and column, rounded to cells."""
    axes = [[round(point[axis]) for points in strokes for point in points] for axis in (0, 1)]
    return [min(axis) for axis in axes], [max(axis) for axis in axes]


def _corner(low: list[int], high: list[int]) -> list[int]:
    """Where the first row and column lie when the drawing is in the middle of the grid."""
    return [(SIZE - 1 - (last - first)) // 2 for first, last in zip(low, high, strict=True)]


def _line(start: list[int], end: list[int]) -> list[tuple[int, int]]:
    """The cells of a straight line: one for each step in its longer direction, ends included."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)

    def at(axis: int, step: int) -> int:
        return (2 * (start[axis] * (steps - step) + end[axis] * step) + steps) // (2 * steps)

    return [(at(0, step), at(1, step)) for step in range(steps + 1)]

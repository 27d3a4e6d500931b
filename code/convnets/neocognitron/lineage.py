"""The chapter's row in the lineage: the neocognitron of 1980."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from convnets.common.export import word
from convnets.lineage import DRAWING, Drawing, Row
from convnets.neocognitron.experiment import ANSWERS, cells
from convnets.neocognitron.model import SIZE
from convnets.neocognitron.nets import load
from convnets.neocognitron.patterns import NAMES

__all__ = ["FIELD", "SAYS", "pixels", "row"]

HIGH, WIDE = 9, 7
FIELD = {"high": HIGH, "wide": WIDE}
"""Cells from the first row to the last of a pattern, and from the first column to the last."""

SAYS = {
    "known": word("It takes this for its {name}."),
    "unknown": word("It organised itself on five drawn digits, and knows none of them here."),
}


def row(drawing: Drawing = DRAWING) -> Row:
    """The first two of three modules, without the planes that learned nothing: these answer faintly to everything."""
    model: Any = load("fukushima1980")
    image = pixels(drawing)
    found = model.responses(image[None])
    layers = []
    for module, s, c in zip(model.layers, (found.s1[0], found.s2[0]), (found.c1[0], found.c2[0]), strict=False):
        learned = module.b.flatten() > 0
        layers += [s[learned].numpy(), c[learned].numpy()]
    last = found.c3[0].flatten()
    best, own = int(last.argmax()), cells(model)
    if last[best] > ANSWERS and best in own:
        return Row(1980, "neocognitron", image.numpy(), layers, "known", {"name": NAMES[own.index(best)]})
    return Row(1980, "neocognitron", image.numpy(), layers, "unknown")


def pixels(drawing: Drawing) -> Tensor:
    """The drawing as large as the patterns, in lines one cell thin: (16, 16) float64 of zeros and ones."""
    image = torch.zeros(SIZE, SIZE, dtype=torch.float64)
    points = [point for stroke in drawing for point in stroke]
    if not points:
        return image
    (left, right), (top, bottom) = ((min(axis), max(axis)) for axis in zip(*points, strict=True))
    scale = min(HIGH / max(bottom - top, 1e-9), WIDE / max(right - left, 1e-9))
    scale = scale if max(bottom - top, right - left) > 1e-6 else 0.0
    for stroke in drawing:
        places = [(_cell((y - (top + bottom) / 2) * scale), _cell((x - (left + right) / 2) * scale)) for x, y in stroke]
        for line, column in _thin(_path(places)):
            image[line, column] = 1.0
    return image


def _cell(distance: float) -> int:
    """The cell at a distance from the grid's middle."""
    return math.floor(distance + SIZE / 2 + 1e-9)


def _path(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Neighbouring cells from each place to the next, by Bresenham's line."""
    path = places[:1]
    for end in places[1:]:
        start = path[-1]
        steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
        for step in range(1, steps + 1):
            down, right = ((end[axis] - start[axis]) * step / steps for axis in (0, 1))
            path.append((math.floor(start[0] + down + 0.5), math.floor(start[1] + right + 0.5)))
    return path


def _thin(path: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The path without the corners of its stairs: slanting lines become thin, true corners stay."""

    def step(index: int) -> tuple[int, int] | None:
        if not 0 <= index < len(path) - 1:
            return None
        return path[index + 1][0] - path[index][0], path[index + 1][1] - path[index][1]

    kept, dropped = [], False  # never two in a row
    for index, place in enumerate(path):
        before, after = step(index - 1), step(index)
        turns = before is not None and after is not None and before[0] * after[0] == 0 == before[1] * after[1]
        sharp = turns and before == step(index - 2) and after == step(index + 1)
        dropped = turns and not sharp and not dropped
        if not dropped:
            kept.append(place)
    return kept

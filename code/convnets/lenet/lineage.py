"""The chapter's row in the lineage: LeNet-5; and a drawing as pixels, for the rows that see it larger."""

from __future__ import annotations

from typing import Any

import numpy as np

from convnets.common.export import word
from convnets.lenet import strokes
from convnets.lenet.nets import load
from convnets.lineage import DRAWING, Drawing, Row

__all__ = ["FIELD", "SAYS", "ink", "row"]

FIELD: dict[str, Any] = {}
"""Drawings are seen as everywhere in the chapter."""

SAYS = {"digit": word("It reads: {digit}.")}


def row(drawing: Drawing = DRAWING) -> Row:
    """The four layers of maps; squashed answers of both signs, of which the positive part is drawn."""
    model: Any = load()
    x = strokes.image(drawing)
    stages = model.features(x)
    layers = [layer[0].clamp(min=0).numpy() for layer in (stages.c1, stages.s2, stages.c3, stages.s4)]
    return Row(1998, "LeNet-5", x[0, 0].numpy(), layers, "digit", {"digit": int(model(x)[0].argmax())})


def ink(drawing: Drawing, size: int, digit_size: int, radius: float) -> np.ndarray:
    """The drawing ``digit_size`` pixels large in the middle of ``size`` pixels, ink 1 on paper 0."""
    scale = digit_size / strokes.FIELD
    fitted = [stroke * scale + (size - digit_size) / 2 for stroke in strokes.fit(drawing)]
    return strokes.rasterise(fitted, radius, size, size)

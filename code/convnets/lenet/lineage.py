"""The chapter's row in the lineage: LeNet-5; and the drawn digit that all rows look at."""

from __future__ import annotations

from typing import Any

import numpy as np

from convnets.lenet import strokes
from convnets.lenet.nets import load
from convnets.lineage import Row

__all__ = ["DIGIT", "ink", "row"]

DIGIT = 4


def row() -> Row:
    """The four layers of maps; squashed answers of both signs, of which the positive part is drawn."""
    model: Any = load()
    x = strokes.image(_drawing())
    stages = model.features(x)
    layers = [stages.c1, stages.s2, stages.c3, stages.s4]
    return Row(1998, "LeNet-5", x[0, 0].numpy(), [layer[0].clamp(min=0).numpy() for layer in layers])


def ink(size: int, digit_size: int, radius: float) -> np.ndarray:
    """The digit drawn ``digit_size`` pixels large in the middle of ``size`` pixels, ink 1 on paper 0."""
    scale = digit_size / strokes.FIELD
    fitted = [stroke * scale + (size - digit_size) / 2 for stroke in strokes.fit(_drawing())]
    return strokes.rasterise(fitted, radius, size, size)


def _drawing() -> Any:
    return next(sample["strokes"] for sample in strokes.SAMPLES if sample["digit"] == DIGIT)

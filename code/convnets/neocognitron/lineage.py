"""The chapter's row in the lineage: the neocognitron of 1980."""

from __future__ import annotations

from typing import Any

from convnets.lenet.lineage import DIGIT
from convnets.lineage import Row
from convnets.neocognitron.experiment import ANSWERS
from convnets.neocognitron.nets import load
from convnets.neocognitron.patterns import NAMES, pattern

__all__ = ["row"]


def row() -> Row:
    """The trained pattern of the digit, through the first two of three modules."""
    model: Any = load("fukushima1980")
    image = pattern(NAMES.index(str(DIGIT)))
    found = model.responses(image[None])
    layers = []
    for s, c in ((found.s1[0], found.c1[0]), (found.s2[0], found.c2[0])):
        known = s.amax((1, 2)) > ANSWERS  # planes that learned nothing answer faintly to everything
        layers += [s[known], c[known]]
    return Row(1980, "neocognitron", image.numpy(), [layer.numpy() for layer in layers])

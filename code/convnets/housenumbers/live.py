"""What the page shows of the network: its stages, and what the demo needs to know to draw bars for it."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from convnets.common.export import Live, word
from convnets.common.inputs import Input
from convnets.housenumbers.data import CLASSES, LENGTH, SIZE
from convnets.housenumbers.model import Housenumbers, Stages

__all__ = ["FACTS", "LIVE"]


def _stages(model: Housenumbers, image: Tensor) -> tuple[Tensor, ...]:
    return model.stages(image)


LIVE: dict[str, Live] = {"housenumbers": Live({"image": Input((1, SIZE, SIZE))}, Stages._fields, _stages)}
"""The networks that the page can show, by name."""

FACTS: dict[str, Any] = {"size": SIZE, "length": LENGTH, "classes": [word(name) for name in CLASSES]}
"""Constants of the demo, exported once, so that no page holds a copy typed by hand."""

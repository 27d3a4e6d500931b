"""What the page shows of the network: its stages, and what the demo needs to know to draw bars for it."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from convnets.common.export import Live, word
from convnets.common.inputs import Input
from press.publish.thin.data import CLASSES, LENGTH, SIZE
from press.publish.thin.model import Stages, Thin

__all__ = ["FACTS", "LIVE"]


def _stages(model: Thin, image: Tensor) -> tuple[Tensor, ...]:
    return model.stages(image)


LIVE: dict[str, Live] = {"thin": Live({"image": Input((1, SIZE, SIZE))}, Stages._fields, _stages)}
"""The networks that the page can show, by name."""

FACTS: dict[str, Any] = {"size": SIZE, "length": LENGTH, "classes": [word(name) for name in CLASSES]}
"""Constants of the demo, exported once, so that no page holds a copy typed by hand."""

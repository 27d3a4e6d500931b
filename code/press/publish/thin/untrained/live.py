"""What the demo needs to know to draw bars; there is no network, and so no table ``LIVE``."""

from __future__ import annotations

from typing import Any

from convnets.common.export import word
from press.publish.thin.data import CLASSES, LENGTH, SIZE

__all__ = ["FACTS"]

FACTS: dict[str, Any] = {"size": SIZE, "length": LENGTH, "classes": [word(name) for name in CLASSES]}
"""Constants of the demo, exported once, so that no page holds a copy typed by hand."""

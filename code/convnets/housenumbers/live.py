"""What the page shows: the reader of whole numbers, digits to draw on a wall, and stored numbers to read.

``convnets export housenumbers`` writes the network of :data:`LIVE` as a graph and :data:`FACTS` as JSON.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from convnets.common.export import Live
from convnets.common.inputs import Input, uniform
from convnets.common.samples import Sample, Samples
from convnets.housenumbers import data, glyphs
from convnets.housenumbers.data import HEIGHT, LONGEST, WIDTH
from convnets.housenumbers.model import Answer, Reader
from convnets.housenumbers.studies import PATCH, STEP, coverage, mistakes

__all__ = ["FACTS", "FIRST", "LIVE", "TYPEFACES", "WRONG", "samples"]

TYPEFACES = {
    "enamel": "DejaVu Sans Bold",
    "tiles": "Liberation Serif Bold",
    "iron": "DejaVu Serif",
    "paint": "Liberation Mono",
}
"""The typeface of each kind of number on the demo's wall."""
WRONG, FIRST = 6, 18
"""Stored numbers: surest mistakes, and the first of the test part, which figures show, too."""


def _heads(model: Reader, image: Tensor) -> tuple[Tensor, ...]:
    return model(image)


LIVE: dict[str, Live] = {"reader": Live({"image": Input((1, HEIGHT, WIDTH), uniform(0, 1))}, Answer._fields, _heads)}
"""The network that the page can show."""


def _digits(typeface: str) -> list[dict[str, Any]]:
    held = glyphs.outlines()[typeface]
    return [{"path": path, "advance": far} for path, far in zip(held["digits"], held["advances"], strict=True)]


def samples() -> Samples:
    """Test numbers, framed as the reader gets them: some that it misreads with confidence, then the first ones."""
    test = data.load("test")
    places = list(dict.fromkeys([*mistakes("reader")["index"][:WRONG], *range(FIRST)]))
    pictures = [Sample(test.images[place].numpy(), data.spoken(test.labels[place]), place) for place in places]
    return Samples("SVHN, part of the test photographs, grey", "SVHN, by Y. Netzer and others", pictures)


FACTS: dict[str, Any] = {
    "height": HEIGHT,
    "width": WIDTH,
    "longest": LONGEST,
    "patch": PATCH,
    "step": STEP,
    "threshold": coverage("reader")["threshold"],
    "fonts": {kind: _digits(typeface) for kind, typeface in TYPEFACES.items()},
}
"""Constants of the demo and outlines of its digits, exported once, so that no page holds a copy typed by hand."""

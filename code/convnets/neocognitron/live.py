"""What a page shows of the neocognitrons: networks of 2003 as graphs, and what the demo must know of that of 1980."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from convnets.common.export import Live
from convnets.common.inputs import Input
from convnets.lenet.strokes import RADIUS, SAMPLES
from convnets.neocognitron.facts import facts
from convnets.neocognitron.improved import SIZES, ImprovedNeocognitron, enlarge

__all__ = ["FACTS", "LIVE"]


def _improved(model: ImprovedNeocognitron, image: Tensor) -> tuple[Tensor, ...]:
    u0 = enlarge(image, model.design.scale)
    return u0, *model.stages(u0)


def _samples() -> dict[str, Any]:
    """A drawn digit of each class, as LeNet's demo draws them."""
    first = {sample["digit"]: sample for sample in reversed(SAMPLES)}
    return {"radius": RADIUS, "samples": [first[digit] for digit in sorted(first)]}


LIVE: dict[str, Live] = {"fukushima2003": Live({"image": Input((1, 28, 28))}, tuple(SIZES), _improved)}
"""The networks that pages can show, by name: a digit as MNIST has it, ink 1 on 0, and the answers of all layers."""

FACTS: dict[str, Any] = facts() | {"digits": _samples()}
"""The network of 1980: constants, tables, patterns and the answers that the demo's tests compare with."""

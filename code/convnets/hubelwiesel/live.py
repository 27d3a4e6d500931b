"""What the demo must know: the screen, the cells' numbers, and golden answers that its own arithmetic must give.

There are no networks here, so there is no table ``LIVE``: the cells are a page of arithmetic, which the demo repeats.
``convnets export hubelwiesel`` writes :data:`FACTS` as JSON.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from convnets.hubelwiesel import model, stimuli
from convnets.hubelwiesel.cells import CELLS, draw
from convnets.hubelwiesel.model import Neuron, Unit
from convnets.hubelwiesel.stimuli import Stimulus, picture

__all__ = ["FACTS", "OTHERS", "golden"]

OTHERS = 24  # cells that follow those of the book


def _shown(unit: Unit) -> dict[str, Any]:
    return asdict(unit) | {"gain": 1 / model.temporal_gain(unit)}


def _trials(unit: Unit) -> list[dict[str, Any]]:
    """Two flashes and two sweeps near the unit's field; ``steps`` of light, then ``rest`` of background.

    In step i the stimulus has moved by i x STEP x velocity.
    """
    spot = Stimulus("spot", unit.x + 0.2, unit.y - 0.3, diameter=1.1, contrast=0.8)
    edge = Stimulus("edge", unit.x - 0.1, unit.y, angle=unit.angle + 7, contrast=-0.6)
    bar = Stimulus("bar", unit.x - 0.9, unit.y + 0.4, angle=unit.angle + 5, width=0.6, length=2.3)
    still = {"x": 0.0, "y": 0.0}
    moves = [(spot, still), (edge, still), (bar, {"x": 3.0, "y": -1.5}), (bar, {"x": -1.0, "y": 2.5})]
    return [{"stimulus": asdict(each), "velocity": velocity, "steps": 20, "rest": 12} for each, velocity in moves]


def golden(unit: Unit) -> list[dict[str, Any]]:
    """The trials of :func:`_trials` with what the unit answers: its ``drives`` and ``rates``, one a step."""
    found = []
    for trial in _trials(unit):
        neuron, drives, rates = Neuron(unit), [], []
        for index in range(trial["steps"] + trial["rest"]):
            moved = {
                axis: trial["stimulus"][axis] + index * model.STEP * trial["velocity"][axis] for axis in ("x", "y")
            }
            shown = Stimulus(**trial["stimulus"] | moved) if index < trial["steps"] else None
            rates.append(round(neuron.step(picture(shown, is_checked=False)), 6))
            drives.append(round(neuron.drive, 8))
        found.append(trial | {"drives": drives, "rates": rates})
    return found


def _signs(unit: Unit) -> list[int]:
    """:func:`~convnets.hubelwiesel.model.sign_at` at the crossings of a grid of one degree, from the top left."""
    ticks = np.arange(-3, 4)
    return [model.sign_at(unit, float(x), float(-y)) for y in ticks for x in ticks]


FACTS: dict[str, Any] = {
    "screen": {"half": stimuli.HALF, "size": stimuli.SIZE, "pixels_per_degree": stimuli.PIXELS_PER_DEGREE},
    "time": {"rate": model.RATE, "stages": model.STAGES, "step": model.STEP, "best_frequency": model.BEST_FREQUENCY},
    "pool": {"wider": model.POOL, "stages": model.POOL_STAGES},
    "edge": model.EDGE,
    "cells": [_shown(unit) for unit in CELLS] + [_shown(draw(number)) for number in range(OTHERS)],
    "book": len(CELLS),
    "golden": [golden(unit) for unit in CELLS],
    "signs": [_signs(unit) for unit in CELLS],
}
"""Everything that the demo takes from Python; the first ``book`` cells are those of the chapter."""

"""What the chapter's demo must know of the network of 1980: tables, patterns, and answers to check itself by.

The page computes the network and its learning anew, in JavaScript; :func:`facts` gives it constants, the order of
presentations and, as a check, who won and what UC3 answered along the way.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from convnets.neocognitron import patterns as drawn
from convnets.neocognitron.experiment import ANSWERS, cells
from convnets.neocognitron.learning import TIE, Step, present, schedule
from convnets.neocognitron.model import (
    ALPHA,
    DELTA,
    FIELD,
    GAMMA,
    INITIAL,
    PLANES,
    SIZE,
    STAGES,
    Neocognitron,
    Stage,
    c_weights,
    d_weights,
)  # fmt: skip

__all__ = ["SEED", "WATCHED", "facts"]

SEED = 1
"""The published network's seed: whose shifts the page shows."""
WATCHED = (1, 2, 3, 5, 10, 25, 50, 100)
"""After so many presentations the answers of UC3 are kept."""


def facts() -> dict[str, Any]:
    """Everything above as JSON can hold it; the network is organised on the way, which takes about a second."""
    shown = schedule(seed=SEED)
    model = Neocognitron()
    trajectory, answers = [], {}
    for index, presentation in enumerate(shown, 1):
        step = present(model, drawn.pattern(presentation.digit, presentation.shift))
        if index <= 12 or index in WATCHED:
            trajectory += _winners(index - 1, step)
        if index in WATCHED:
            answers[str(index)] = [_rounded(row) for row in model(drawn.patterns())]
    changed = [variant for digit in range(len(drawn.NAMES)) for variant in drawn.examples(digit)]
    seen = model(torch.stack([variant.image for variant in changed]))
    return {
        "size": SIZE, "planes": PLANES, "field": FIELD, "alpha": ALPHA, "gamma": GAMMA, "delta": DELTA,
        "initial": INITIAL, "tie": TIE, "answering": ANSWERS,
        "layers": [_layer(stage, inputs) for stage, inputs in zip(STAGES, (1, PLANES, PLANES), strict=True)],
        "patterns": [{"name": drawn.NAMES[i], "image": _bits(image)} for i, image in enumerate(drawn.patterns())],
        "variants": [
            {"name": drawn.NAMES[variant.digit], "kind": variant.kind, "image": _bits(variant.image)}
            for variant in changed
        ],
        "schedule": [[digit, *shift] for digit, shift in shown],
        "answers": cells(model),
        "golden": {
            "trajectory": trajectory,
            "uc3_after": answers,
            "uc3": {str(index): _rounded(row) for index, row in enumerate(seen)},
        },
    }  # fmt: skip


def _layer(stage: Stage, inputs: int) -> dict[str, Any]:
    """A module as the page reads it: planes' sides, and where windows lie (margin: zeros before the first cell)."""
    return {
        "planes": PLANES, "inputs": inputs, "column": stage.column, "r": stage.r, "q": stage.q,
        "s": {"side": stage.s_size, "window": FIELD, "margin": stage.s_margin, "step": 1},
        "c": {
            "side": stage.c_size, "window": stage.c_field, "margin": stage.c_margin[0], "step": stage.c_step,
        },
        "c_weights": c_weights(inputs).flatten().tolist(),
        "d_weights": d_weights(stage).flatten().tolist(),
    }  # fmt: skip


def _winners(index: int, step: Step) -> list[list[int]]:
    return [[index, layer, *cell] for layer, cells_ in enumerate(step.winners) for cell in cells_]


def _bits(image: Tensor) -> list[str]:
    return [row.replace(".", "0").replace("#", "1") for row in drawn.to_rows(image)]


def _rounded(values: Tensor) -> list[float]:
    return [round(value, 7) for value in values.tolist()]

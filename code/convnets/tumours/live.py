"""What the page shows: grounds to paint lesions on, membranes, and two networks whose skip connections can be shut.

``convnets export tumours`` writes the networks of :data:`LIVE` as graphs and :data:`FACTS` as JSON.
"""

from __future__ import annotations

import base64
from typing import Any

import torch
from torch import Tensor

from convnets.common.export import Live, word
from convnets.common.inputs import Input, uniform
from convnets.common.samples import Sample, Samples
from convnets.tumours import membranes, nets, phantom
from convnets.tumours.model import Unet, sides

__all__ = ["FACTS", "GROUNDS", "LIVE", "PIECE", "PLACES", "samples"]

PIECE = 188
"""Pixels a side of a piece of a slice that the page shows."""
PLACES = ((0, 40, 60), (1, 200, 180), (3, 300, 120))
"""Test slice, top and left of each piece."""
GROUNDS = 4
"""Phantoms without a lesion that the reader can paint on."""
_SEED = 2021
_DEPTH = 3  # of both networks


def _sure(model: Unet, image: Tensor, gates: Tensor) -> tuple[Tensor, ...]:
    return (model(image, gates).softmax(1)[:, 1],)


def _live(side: int) -> Live:
    return Live({"image": Input((1, side, side)), "gates": Input((_DEPTH,), uniform())}, ("probability",), _sure)


LIVE: dict[str, Live] = {"phantom": _live(phantom.SIDE), "isbi": _live(PIECE)}
"""The networks that the page can show; ``gates`` multiplies what is handed across, the finest first."""


def samples() -> Samples:
    """Pieces of test slices, each followed by its labels, white is cell, which are counted on from the slices."""
    found, pictures = membranes.load("test"), []
    for index, top, left in PLACES:
        rows, columns = slice(top, top + PIECE), slice(left, left + PIECE)
        place = int(found.places[index])
        labels = found.labels[index, rows, columns].byte().mul(255).numpy()
        pictures += [
            Sample(found.images[index, rows, columns].numpy(), f"slice {place}", place),
            Sample(labels, f"labels of slice {place}", membranes.LABELLED + place),
        ]
    return Samples(
        "ISBI 2012, test slices of this chapter",
        "Slices and labels: I. Arganda-Carreras and others; tissue: A. Cardona and others",
        pictures,
    )


def _grounds() -> list[str]:
    drawn = phantom.grounds(GROUNDS, torch.Generator().manual_seed(_SEED))
    return [base64.b64encode((one * 255).round().byte().numpy().tobytes()).decode() for one in drawn]


FIRST = [[24, 30, 6], [28, 27, 7], [33, 28, 6], [37, 32, 5]]
"""A lesion as discs, [x, y, radius] in pixels."""

FACTS: dict[str, Any] = {
    "side": phantom.SIDE,
    "piece": PIECE,
    "given": sides(PIECE, _DEPTH)[-1],
    "depth": _DEPTH,
    "contrast": {"least": phantom.CONTRAST[0], "most": phantom.CONTRAST[1]},
    "grounds": _grounds(),
    "threshold": {"phantom": 0.5, "isbi": nets.recorded("isbi", "threshold")},
    "names": {
        "phantom": [word("lesion, found"), word("lesion, missed"), word("false alarm")],
        "isbi": [word("membrane, found"), word("membrane, missed"), word("called membrane by mistake")],
    },
    "first": {"view": "phantom", "ground": 1, "contrast": 0.5, "lesion": FIRST, "gates": [1, 1, 1]},
}
"""Constants of the demo, exported once, so that no page holds a copy typed by hand."""

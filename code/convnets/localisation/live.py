"""What the page shows: objects to move about, grounds to move them on, and two networks that say where they are.

``convnets export localisation`` writes the networks of :data:`LIVE` as graphs and :data:`FACTS` as JSON.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from convnets.common.export import Live, word
from convnets.common.inputs import Axis, Input, uniform
from convnets.common.samples import Sample, Samples
from convnets.localisation import data, merge, nets, world
from convnets.localisation.model import CAM_WIDTHS, WINDOW, Cam, OverFeat
from convnets.localisation.world import CLASSES, SIDE

__all__ = ["FACTS", "GROUNDS", "LIVE", "OBJECTS", "OUTLINES", "samples"]

OBJECTS = (16, 98, 81, 75, 91, 159, 29, 60, 92, 133, 141, 44, 82, 67, 103, 36, 102, 109, 15, 23)
"""Test pictures of CIFAR-10 that the demo can cut and move: clear ones, two of each of the ten kinds."""
GROUNDS = 4
"""So many pictures without an object, each stored as its four quarters."""
_SEED = 7  # of the grounds

OUTLINES: tuple[dict[str, Any], ...] = (
    {"axes": [0.95, 0.8], "turn": 0.1, "waves": [0.08, 0.05, 0.03, 0.02], "phases": [0.5, 2.1, 4.0, 1.2]},
    {"axes": [0.75, 1.0], "turn": -0.2, "waves": [0.1, 0.03, 0.06, 0.01], "phases": [3.3, 0.4, 5.1, 2.0]},
    {"axes": [1.0, 0.66], "turn": 0.25, "waves": [0.02, 0.09, 0.02, 0.05], "phases": [1.0, 4.4, 0.2, 3.0]},
    {"axes": [0.9, 0.9], "turn": 0.0, "waves": [0.0, 0.0, 0.0, 0.0], "phases": [0.0, 0.0, 0.0, 0.0]},
)
"""Outlines that the demo offers, in the world's own terms (:class:`convnets.localisation.world.Outlines`)."""

WORTH: dict[str, dict[str, Any]] = {
    "first": {"object": 2, "size": 40, "x": 38, "y": 30, "outline": 0, "ground": 0},
    "two": {
        "object": 7,
        "size": 30,
        "x": 18,
        "y": 40,
        "second": {"object": 8, "size": 30, "x": 46, "y": 22},
        "ground": 0,
        "outline": 0,
    },
    "none": {"object": -1, "ground": 0},
    "random": {"object": 0, "random": True},
}
"""What is worth seeing first."""


def _mapped(model: Cam, image: Tensor) -> tuple[Tensor, ...]:
    features = model.features(image)
    return model.head(features), model.activation(features), features


def _located(model: OverFeat, image: Tensor) -> tuple[Tensor, ...]:
    return model(image)


_SIDE = Axis("side", 8, 12)
LIVE: dict[str, Live] = {
    "cam": Live({"image": Input((3, SIDE, SIDE), uniform(0, 1))}, ("scores", "maps", "features"), _mapped),
    "overfeat": Live(
        {"image": Input((3, WINDOW, WINDOW), uniform(0, 1), {2: _SIDE, 3: _SIDE})}, ("classes", "boxes"), _located
    ),
}
"""The networks that the page can show, by name."""


def samples() -> Samples:
    """The objects, then the grounds in quarters: what the world puts around an object, with scraps of others."""
    found = data.things("test")
    pictures = [Sample(found.images[place].numpy(), CLASSES[int(found.labels[place])], place) for place in OBJECTS]
    grounds = world.backdrops(GROUNDS, found.images, torch.Generator().manual_seed(_SEED))
    half = SIDE // 2
    for ground in (grounds * 255).round().byte().permute(0, 2, 3, 1).numpy():
        for down in (0, half):
            for across in (0, half):
                quarter = np.ascontiguousarray(ground[down : down + half, across : across + half])
                pictures.append(Sample(quarter, "ground", len(found.labels) + len(pictures)))  # in no set
    return Samples(
        "CIFAR-10, test images, and drawn grounds", "Objects: CIFAR-10, by A. Krizhevsky and others", pictures
    )


def _random() -> list[float]:
    """Weights for the last maps that nothing has taught, rounded."""
    drawn = torch.randn(CAM_WIDTHS[-1], generator=torch.Generator().manual_seed(_SEED))
    return [round(value, 3) for value in drawn.tolist()]


FACTS: dict[str, Any] = {
    "side": SIDE,
    "smallest": int(world.SMALLEST),
    "largest": int(world.LARGEST),
    "objects": len(OBJECTS),
    "grounds": GROUNDS,
    "classes": [word(name) for name in CLASSES],
    "outlines": list(OUTLINES),
    "scales": [rows for rows, __ in nets.SIDES["overfeat"]],
    "merging": {"limit": merge.LIMIT, "least": merge.LEAST, "sure": merge.SURE},
    "threshold": nets.threshold("cam"),
    "random": _random(),
    "worth": WORTH,
}
"""Constants of the demo, exported once, so that no page holds a copy typed by hand."""

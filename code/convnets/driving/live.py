"""What the page shows: street photographs in other light and rain, and two networks that steer on the road world.

``convnets export driving`` writes the networks of :data:`LIVE` as graphs and :data:`FACTS` as JSON.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from convnets.common.export import Live, word
from convnets.common.inputs import Input
from convnets.common.samples import Sample, Samples
from convnets.driving import obstacles, pilot, steering, streets, weather
from convnets.driving.model import Small
from convnets.driving.pilot import Pilot
from convnets.driving.streets import CLASSES, HEIGHT, WIDTH

__all__ = ["FACTS", "LIVE", "SHOWN", "samples"]

SHOWN = (40, 12, 76, 100, 112)
"""Places in the test photographs that the page shows."""


def _scores(model: Small, image: Tensor) -> tuple[Tensor, ...]:
    return (model.coarse(image),)


def _steered(model: Pilot, image: Tensor) -> tuple[Tensor, ...]:
    maps = model.maps(image)
    return model.steered(maps[-1]), pilot.evidence(maps)


_PLANES = {"image": Input((3, pilot.HEIGHT, pilot.WIDTH))}
LIVE: dict[str, Live] = {
    "small": Live({"image": Input((3, HEIGHT, WIDTH))}, ("scores",), _scores),
    "pilot": Live(_PLANES, ("curvature", "evidence"), _steered),
    "pilot-centre": Live(_PLANES, ("curvature", "evidence"), _steered),
}
"""The networks that the page can show; ``scores`` of classes are at half the photograph's size."""


def samples() -> Samples:
    """Test photographs, each followed by its labels, 20 times the class as grey; labels are counted on from them."""
    found, pictures = streets.load("test"), []
    for place in SHOWN:
        labels = np.repeat(20 * found.labels[place].numpy()[:, :, None], 3, 2)
        pictures += [
            Sample(found.images[place].permute(1, 2, 0).numpy(), f"photograph {place}", place),
            Sample(labels, f"labels of photograph {place}", len(found.names) + place),
        ]
    return Samples(
        "CamVid, test photographs, a quarter as wide and high",
        "CamVid: G. Brostow, J. Fauqueur, R. Cipolla; CC BY-NC 4.0",
        pictures,
    )


_ORDER = (
    "Car", "Building", "Tree", "Road", "Pedestrian", "Sky", "Pavement", "Fence", "Sign", "Pole", "Bicyclist",
)  # fmt: skip
"""Of classes in the legend: those after the seventh have a colour again, with another hatching."""

FACTS: dict[str, Any] = {
    "height": HEIGHT,
    "width": WIDTH,
    "classes": [word(name.lower()) for name in CLASSES],
    "order": [CLASSES.index(name) for name in _ORDER],
    "unknown": streets.UNKNOWN,
    "kinds": [CLASSES.index(name) for name in obstacles.KINDS],
    "on": obstacles.ROAD,
    "least": obstacles.LEAST,
    "camera": obstacles.CAMERA._asdict(),
    "shaky": 0.5,
    "weather": weather.CONSTANTS,
    "first": {"view": "street", "sample": 0, "light": 1, "rain": 0, "tilt": 0},
    "road": steering.FACTS,
}
"""Constants of the demo, exported once, so that no page holds a copy typed by hand."""

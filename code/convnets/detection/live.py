"""What the page shows: the detector, stored smears, and what their labels say.

``convnets export detection`` writes the network of :data:`LIVE` as a graph and :data:`FACTS` as JSON.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from convnets.common.export import Live, word
from convnets.common.inputs import Axis, Input, uniform
from convnets.common.samples import Sample, Samples
from convnets.detection import data, nets
from convnets.detection.model import STRIDES, Answer, Fcos
from convnets.detection.studies import labels

__all__ = ["FACTS", "LIVE", "NAMES", "SHOWN", "samples"]

NAMES = ("red cells", "white cells", "platelets")
"""What the page calls the classes of :data:`data.CLASSES`."""
SHOWN = (28, 1, 3, 8, 12, 26, 30, 34)
"""Places in the test part of the smears that the page shows."""


_SIDES = {2: Axis("height", 32, 8), 3: Axis("width", 32, 10)}


def _answers(model: Fcos, image: Tensor) -> tuple[Tensor, ...]:
    """What ``model(image)`` says, written without the number of pictures, which an exported graph leaves open."""
    found: list[tuple[Tensor, ...]] = []
    for level, (stride, seen) in enumerate(zip(STRIDES, model.trunk(image), strict=True)):
        what, where = model.what(seen, level), model.where(seen, level)
        scores, distances, centre = (
            layer(x).flatten(2).transpose(1, 2)
            for layer, x in ((model.scores, what), (model.distances, where), (model.centre, where))
        )
        found.append((scores, (distances * model.scale[level]).clamp(max=5).exp() * stride, centre[:, :, 0]))
    return tuple(torch.cat(parts, 1) for parts in zip(*found, strict=True))


LIVE: dict[str, Live] = {"fcos": Live({"image": Input((3, 64, 96), uniform(0, 1), _SIDES)}, Answer._fields, _answers)}
"""The network that the page can show."""


def samples() -> Samples:
    """Smears of the test part: two whose red cells nobody has labelled, and some others."""
    test = data.load("test")
    pictures = [
        Sample(test.images[place].permute(1, 2, 0).numpy(), data.number(test.names[place]), place) for place in SHOWN
    ]
    return Samples(
        "BCCD, test photographs, half as large", "BCCD, by cosmicad, akshaylamba and S. Cheng, MIT", pictures
    )


FACTS: dict[str, Any] = {
    "height": data.HEIGHT,
    "width": data.WIDTH,
    "strides": STRIDES,
    "classes": [word(name) for name in NAMES],
    "score": nets.SCORE,
    "overlap": nets.OVERLAP,
    "most": nets.MOST,
    "before": nets.BEFORE,
    "enough": 0.5,
    "truth": labels(list(SHOWN))["boxes"],
}
"""Constants of the demo and the labels of its smears, exported once, so that no page holds a copy typed by hand."""

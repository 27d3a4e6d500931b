"""What the page shows of the networks: scores, the evidence of each place, and the transformer's window.

``convnets export signs`` writes the networks of :data:`LIVE` as graphs and :data:`FACTS` as JSON.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from convnets.common.export import Live, word
from convnets.common.inputs import Axis, Input, uniform
from convnets.common.samples import Sample, Samples
from convnets.signs import data, shown, studies
from convnets.signs.data import CLASSES, SIDE, STRANGERS
from convnets.signs.model import Plain, Transformer
from convnets.signs.weather import CONSTANTS

__all__ = ["FACTS", "LIVE", "samples"]

_IMAGE = {"image": Input((3, SIDE, SIDE), uniform(0, 1), {0: Axis("batch")})}


def _read(model: Plain, image: Tensor) -> tuple[Tensor, ...]:
    evidence = model.evidence(image)
    return evidence.sum((2, 3)) + model.fine.bias, evidence


def _looked(model: Transformer, image: Tensor) -> tuple[Tensor, ...]:
    look = model.look(image)
    return *_read(model.reader, look), look, model.theta(image)


LIVE: dict[str, Live] = {
    "best": Live(_IMAGE, ("scores", "evidence", "look", "theta"), _looked),
    "transformer": Live(_IMAGE, ("scores", "evidence", "look", "theta"), _looked),
    "unseen": Live(_IMAGE, ("scores", "evidence"), _read),
}
"""The networks that the page can show, by name."""

TITLES = {
    "best": "our network",
    "transformer": "behind a spatial transformer",
    "unseen": "one that never saw five of the signs",
}
"""What the page calls them."""


def samples() -> Samples:
    """One dark photograph, clear ones, the worst mistakes of our network, and frames of two tracks."""
    test, train = data.load("test"), data.load("train")
    wrong = studies.mistakes()["index"][: shown.MISTAKES]
    before = shown.ERRORS[0] - 1
    places = [shown.DARK, *shown.CLEAR[:before], *wrong, *shown.CLEAR[before:]]
    found = [_sample(test, place) for place in places]
    for label, track in shown.TRACKS:
        of = ((train.labels == label) & (train.tracks == track)).nonzero()[:, 0].tolist()
        found += [_sample(train, place) for place in of[-15::2]]
    return Samples("GTSRB, test and training photographs", "GTSRB, by J. Stallkamp and others", found)


def _sample(signs: data.Signs, place: int) -> Sample:
    return Sample(signs.images[place].permute(1, 2, 0).numpy(), CLASSES[int(signs.labels[place])], place)


FACTS: dict[str, Any] = {
    "side": SIDE,
    "classes": [word(name) for name in CLASSES],
    "nets": {
        net: {"title": word(title), "strangers": STRANGERS if net == "unseen" else [], **doubt}
        for (net, title), doubt in zip(TITLES.items(), studies.doubt().values(), strict=True)
    },
    "strip": shown.STRIP,
    "weather": CONSTANTS,
}
"""Constants of the demo and what was measured of its networks, exported once, so that no page holds a copy."""

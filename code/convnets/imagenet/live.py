"""What the page shows of the contest and its networks, and the four small networks that answer in the browser.

``convnets export imagenet`` writes the networks of :data:`LIVE` as graphs and :data:`FACTS` as JSON.
"""

from __future__ import annotations

import re
from typing import Any

from torch import Tensor

from convnets.common import runs
from convnets.common.export import Live, word
from convnets.common.inputs import Input, uniform
from convnets.common.samples import Sample, Samples
from convnets.imagenet import contest, cost, data
from convnets.imagenet.family import Family
from convnets.imagenet.model import build

__all__ = ["FACTS", "LIVE", "SIDE", "SMALL", "samples"]

SIDE = 32
"""Pixels a side of what the small networks see."""

SMALL = {
    "plain-20": ("plain", 20),
    "plain-56": ("plain", 56),
    "residual-20": ("residual", 20),
    "residual-56": ("residual", 56),
}
"""The small networks that stand side by side: their kind and how many layers they have."""


def _scores(model: Family, image: Tensor) -> tuple[Tensor, ...]:
    return (model(image),)


LIVE: dict[str, Live] = {
    net: Live({"image": Input((3, SIDE, SIDE), uniform(-2, 2))}, ("scores",), _scores) for net in SMALL
}
"""The networks that pages can show, by name."""

SAID = {
    2010: "No network: rules made by hand describe patches of the picture, a linear classifier weighs them.",
    2011: "Still rules made by hand, in larger numbers. The error has hardly moved.",
    2012: "AlexNet: eight layers, all of them learned. With other pictures to learn from, it errs a little less.",
    2013: "Most entries are networks now. The winner's is not published; drawn is ZFNet, from its founder's paper.",
    2014: "VGG has windows of 3 × 3 alone, GoogLeNet almost no fully connected layers.",
    2015: "A shortcut round every three layers, and 152 of them can be taught.",
    2016: "The winner averages networks that were known already. ResNeXt splits its 3 × 3 layers into 32 groups.",
    2017: "Each block learns to weigh its own maps. After this year, the contest in classification ends.",
    2018: "No contest: a leaderboard. These learned first from 940 million pictures with hashtags, and count alone.",
    2019: "Last year's largest network, its end tuned for larger pictures. Nothing else was learned anew.",
}
"""What a year brought, as the demo says it."""

DRAWN = {2013: "zfnet"}
"""Networks that stand for a winner's own, which is not published."""

UNDRAWN = {
    "Trimps-Soushen": "Several networks of others: there is no new one to draw.",
}
"""Why no network is drawn for an entry that has some."""


def _title(landmark: str) -> str:
    """A landmark's name as papers write it."""
    family, rest = re.fullmatch(r"([a-z]+)(.*)", landmark).groups()  # type: ignore[union-attr]
    names = {"vgg": "VGG-", "resnet": "ResNet-", "resnext": "ResNeXt-", "senet": "SENet-"}
    known = {"alexnet": "AlexNet", "zfnet": "ZFNet", "googlenet": "GoogLeNet"}
    return known.get(family) or names[family] + rest.replace("-", " ")


def _network(landmark: str) -> dict[str, Any]:
    """What a landmark costs, and the row of blocks that it is drawn as."""
    model = build(landmark)
    return {
        "title": _title(landmark),
        "parameters": cost.parameters(model),
        "adds": cost.multiply_adds(model),
        "groups": [group._asdict() for group in cost.groups(model)],
    }


def _card(entry: contest.Entry) -> dict[str, Any]:
    """An entry as the demo shows it, with the network that is drawn for it, if any."""
    also = [
        other.top5
        for other in contest.ENTRIES
        if other.place == 1 and other.extra_data and (other.year, entry.place) == (entry.year, 1)
    ]
    return {
        "team": entry.team,
        "network": word(entry.network) if " " in entry.network and not entry.landmark else entry.network,
        "top5": entry.top5,
        "also": also[0] if also else None,  # with other data
        "place": entry.place,
        "networks": entry.networks,
        "convolutional": entry.convolutional,
        "extra": entry.extra_data,
        "drawn": entry.landmark or DRAWN.get(entry.year),
        "undrawn": word(UNDRAWN.get(entry.network, "Nothing to draw: there is no network.")),
    }


def _cards(year: int) -> list[dict[str, Any]]:
    """The entries of a year, the best first; that of a winner with other data is told beside its own."""
    found = [one for one in contest.ENTRIES if one.year == year and not (one.place and one.extra_data)]
    return [_card(entry) for entry in sorted(found, key=lambda entry: entry.top5)]


def _small(net: str) -> dict[str, Any]:
    """A small network's kind and depth, and the errors of the training that is published: the best on validation."""
    kind, layers = SMALL[net]
    records = [runs.read("imagenet", stem) for stem in runs.names("imagenet") if stem.rpartition("-")[0] == net]
    best = min(records, key=lambda record: (record["metrics"]["validation"]["error"], record["seed"]))
    errors = {split: round(best["metrics"][split]["error"], 6) for split in ("train", "test")}
    return {"kind": word(kind), "layers": layers, **errors}


def samples() -> Samples:
    """The first two test images of each class, which the chapter shows."""
    test = data.load("test")
    places = [int((test.labels == label).nonzero()[rank, 0]) for rank in range(2) for label in range(len(data.CLASSES))]
    pictures = [
        Sample(test.images[place].permute(1, 2, 0).numpy(), data.CLASSES[int(test.labels[place])], place)
        for place in places
    ]
    return Samples("CIFAR-10, test images", "CIFAR-10, by A. Krizhevsky", pictures)


_CARDS = {year: _cards(year) for year in SAID}
_KEYS = sorted(
    {card["drawn"] for cards in _CARDS.values() for card in cards if card["drawn"]}
    | {one.landmark for one in contest.SINGLE}
)

FACTS: dict[str, Any] = {
    "side": SIDE,
    "mean": data.MEAN,
    "std": data.STD,
    "classes": [word(name) for name in data.CLASSES],
    "human": contest.HUMAN_TOP5,
    "years": [{"year": year, "said": word(said), "cards": _CARDS[year]} for year, said in SAID.items()],
    "networks": {landmark: _network(landmark) for landmark in _KEYS},
    "single": [
        {"landmark": one.landmark, "year": one.year, "top5": one.top5, "extra": one.extra_data, "crops": one.crops}
        for one in contest.SINGLE
    ],
    "small": {net: _small(net) for net in SMALL},
}
"""Constants, tables and measurements of the demo, exported once, so that no page holds a copy typed by hand."""

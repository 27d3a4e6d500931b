"""Measurements beyond mean average precision: counts, lists, forgotten cells, lost labels, what a threshold can do.

Those that are recorded are loaded if they are stored for this code and these weights, else computed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from convnets.common import stats
from convnets.common.boxes import Found, Matched, Truth, average_precision, curve, iou, matched, mean_precision
from convnets.common.recorded import recorded
from convnets.detection import classical, data, nets

__all__ = [
    "ENOUGH",
    "baseline",
    "counts",
    "curves",
    "edges",
    "labels",
    "lost",
    "missing",
    "precisions",
    "suppression",
    "threshold",
]

Result = dict[str, Any]

ENOUGH = 0.5
"""Overlap with a label from which a box is right."""
ALONE = 0.3
"""A box that overlaps no label of any class by so much has found what nobody marked, or nothing."""
SHARES = (0.0, 0.1, 0.2, 0.3, 0.5)
"""Of test labels, taken away in :func:`lost`."""
_DRAWS = 5
_RIM = 2.0  # pixels from the picture's edge within which a box touches it
_POINTS = 60  # of a curve
_EVERY = 6  # of so many validation pictures one chooses the baseline's settings
_SIDES = ("left", "top", "right", "bottom")


@recorded("detection")
def labels(places: list[int], *, device: str) -> Result:  # noqa: ARG001
    """``boxes``: of the test pictures at ``places``, the labelled ones, in pixels of the network's picture."""
    truth = data.load("test").truth
    return {"boxes": [_told(truth[place]) for place in places]}


def _told(truth: Truth) -> list[dict[str, float]]:
    return [
        {**{side: round(end, 1) for side, end in zip(_SIDES, box, strict=True)}, "label": label}
        for box, label in zip(truth.boxes.tolist(), truth.labels.tolist(), strict=True)
    ]


def _found(net: str, split: str, device: str) -> tuple[list[Found], list[Truth]]:
    pictures = data.load(split)
    return nets.detect(nets.load(net).to(device), pictures.images), pictures.truth


def _matched(found: list[Found], truth: list[Truth]) -> list[Matched]:
    return [matched(one, other, (ENOUGH,)) for one, other in zip(found, truth, strict=True)]


def _map(found: list[Found], truth: list[Truth]) -> float:
    return float(np.mean([one[0] for one in mean_precision(_matched(found, truth)).values()]))


@recorded("detection")
def threshold(net: str = "fcos", *, device: str) -> Result:
    """The score above which boxes are counted: where, on *validation* pictures, counts are least in error.

    ``score``, and ``error``: by how many cells a picture's count is off, all classes together, in the mean.
    """
    found, truth = _found(net, "validation", device)
    errors = {score: float(np.mean([_off(one, other, score) for one, other in zip(found, truth, strict=True)]))
              for score in np.arange(0.2, 0.81, 0.02).round(2).tolist()}  # fmt: skip
    best = min(errors, key=lambda score: errors[score])
    return {"score": best, "error": round(errors[best], 3)}


def _off(found: Found, truth: Truth, score: float) -> int:
    each = zip(_count(found.labels[found.scores > score]), _count(truth.labels), strict=True)
    return sum(abs(mine - marked) for mine, marked in each)


def _count(kinds: torch.Tensor) -> list[int]:
    counted: list[int] = torch.bincount(kinds, minlength=len(data.CLASSES)).tolist()
    return counted


@recorded("detection")
def counts(net: str = "fcos", *, device: str) -> Result:
    """Cells of each class in each test picture, as counted above :data:`nets.SCORE` and as labelled.

    ``off`` is the mean over pictures of the difference without its sign, ``more`` with it.
    """
    found, truth = _found(net, "test", device)
    mine = np.array([_count(one.labels[one.scores > nets.SCORE]) for one in found])
    marked = np.array([_count(one.labels) for one in truth])
    return {
        name: {
            "found": mine[:, kind].tolist(),
            "labelled": marked[:, kind].tolist(),
            "off": round(float(np.abs(mine - marked)[:, kind].mean()), 3),
            "more": round(float((mine - marked)[:, kind].mean()), 3),
        }
        for kind, name in enumerate(data.CLASSES)
    }


@recorded("detection")
def curves(net: str = "fcos", *, device: str) -> Result:
    """Recall and precision of each class down the list of its boxes in the test pictures, and average precision."""
    pictures = _matched(*_found(net, "test", device))
    result = {}
    for kind, name in enumerate(data.CLASSES):
        recall, precision, _scores = curve(pictures, kind)
        some = np.unique(np.linspace(0, max(0, len(recall) - 1), min(_POINTS, len(recall))).round().astype(int))
        result[name] = {
            "recall": recall[some].round(4).tolist(),
            "precision": precision[some].round(4).tolist(),
            "ap": average_precision(recall, precision),
        }
    return result


@recorded("detection")
def missing(net: str = "fcos", count: int = 24, *, device: str) -> Result:
    """The surest test boxes that no label of any class overlaps by :data:`ALONE`, and what they do to the figure.

    ``boxes``: the first ``count``, each with its picture's place. ``alone``: how many are above :data:`nets.SCORE`, of
    ``shown`` boxes. ``map50`` as measured, and ``forgiven``, if those above it are no mistakes: they are left out.
    """
    found, truth = _found(net, "test", device)
    some, kept, alone, shown = [], [], 0, 0
    for place, (one, other) in enumerate(zip(found, truth, strict=True)):
        near = torch.cat([iou(one.boxes, other.boxes), torch.zeros(len(one.boxes), 1)], 1).amax(1)
        counted = one.scores > nets.SCORE
        lonely = (near < ALONE) & counted
        shown, alone = shown + int(counted.sum()), alone + int(lonely.sum())
        kept.append(one.take(~lonely))
        for box, score, kind in zip(*(values[near < ALONE].tolist() for values in one), strict=True):
            rounded = [round(end, 1) for end in box]
            some.append({"index": place, "box": rounded, "score": round(score, 3), "label": kind})
    some.sort(key=lambda box: -box["score"])
    return {
        "boxes": some[:count],
        "alone": alone,
        "shown": shown,
        "map50": _map(found, truth),
        "forgiven": _map(kept, truth),
    }


@recorded("detection")
def edges(net: str = "fcos", *, device: str) -> Result:
    """Red cells that are found in the test pictures, at the pictures' edges and inside: how many have no label near.

    ``found`` boxes are above :data:`nets.SCORE`; of these ``alone`` are overlapped by no label by :data:`ALONE`.
    """
    found, truth = _found(net, "test", device)
    counted = {"edge": [0, 0], "inside": [0, 0]}
    size = torch.tensor([data.WIDTH, data.HEIGHT])
    for one, other in zip(found, truth, strict=True):
        some = one.take((one.scores > nets.SCORE) & (one.labels == 0))
        near = torch.cat([iou(some.boxes, other.boxes), torch.zeros(len(some.boxes), 1)], 1).amax(1)
        cut = ((some.boxes[:, :2] < _RIM) | (some.boxes[:, 2:] > size - _RIM)).any(1)
        for name, which in (("edge", cut), ("inside", ~cut)):
            counted[name][0] += int(which.sum())
            counted[name][1] += int((which & (near < ALONE)).sum())
    return {name: {"found": every, "alone": alone} for name, (every, alone) in counted.items()}


@recorded("detection")
def lost(net: str = "fcos", *, device: str) -> Result:
    """What the measure becomes if a share of the *test* labels is taken away by chance: [share, mean over draws]."""
    found, truth = _found(net, "test", device)
    draw = torch.Generator().manual_seed(0)
    values = []
    for share in SHARES:
        each = [
            _map(found, [one.take(torch.rand(len(one.labels), generator=draw) >= share) for one in truth])
            for _ in range(_DRAWS if share else 1)
        ]
        values.append([share, round(float(np.mean(each)), 4)])
    return {"test": values}


@recorded("detection")
def suppression(net: str = "fcos", *, device: str) -> Result:
    """``curve``: mean average precision on test pictures by the overlap above which a box goes: [overlap, mAP]."""
    pictures = data.load("test")
    model = nets.load(net).to(device)
    tried = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
    answers = [nets.detect(model, pictures.images, overlap=overlap) for overlap in tried]
    values = [round(_map(found, pictures.truth), 4) for found in answers]
    return {"curve": [list(pair) for pair in zip(tried, values, strict=True)]}


@recorded("detection")
def baseline(*, device: str) -> Result:  # noqa: ARG001
    """Average precision on test pictures, and its mean, of cells that are found by a threshold and colour.

    The settings are those with the highest mean on some *validation* pictures, chosen one after the other.
    """
    held = data.load("validation")
    images, truth = held.images[::_EVERY], held.truth[::_EVERY]
    best, settings = -1.0, classical.Settings()
    for name, values in _CHOICES.items():
        for value in values:
            tried = replace(settings, **{name: value})
            reached = _map([classical.find(picture, tried) for picture in images], truth)
            if reached > best:
                best, settings = reached, tried
    test = data.load("test")
    return _by_class(_matched([classical.find(picture, settings) for picture in test.images], test.truth))


_CHOICES: dict[str, tuple[Any, ...]] = {"rim": (6, 10, 14), "purple": (10.0, 20.0, 30.0)}
"""Tried for :class:`classical.Settings`."""


def precisions(net: str = "fcos") -> Result:
    """Average precision on test pictures, and its mean, of ``net`` and of :func:`baseline`."""
    own = {name: one["ap"] for name, one in curves(net).items()}
    plain = {name: one["value"] for name, one in baseline().items()}
    mine = {"mean": float(np.mean(list(own.values()))), **own}
    return {"our network": mine, "a threshold and colour": plain}


def _by_class(pictures: list[Matched]) -> Result:
    def mean(drawn: np.ndarray, kinds: tuple[int, ...]) -> float:
        each = mean_precision([pictures[place] for place in drawn])
        return float(np.mean([each[kind][0] for kind in kinds if kind in each]))

    every, whole = tuple(range(len(data.CLASSES))), np.arange(len(pictures))
    parts = {"mean": every, **{name: (kind,) for kind, name in enumerate(data.CLASSES)}}
    return {
        name: {
            "value": mean(whole, kinds),
            "interval": list(
                stats.bootstrap(lambda drawn, kinds=kinds: mean(drawn, kinds), whole.tolist(), draws=100)  # type: ignore[misc]
            ),
        }
        for name, kinds in parts.items()
    }

"""The published networks by name: load, detect, measure, evaluate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from convnets.common import published, stats
from convnets.common.boxes import COCO, Found, Matched, Truth, clipped, matched, mean_precision, nms
from convnets.common.errors import ConvnetsError
from convnets.detection import data as smears
from convnets.detection import pedestrians, yolo
from convnets.detection.data import Pictures
from convnets.detection.losses import anchors, boxes_of, moved
from convnets.detection.model import Anchored, Answer, Fcos, Moved, places
from convnets.detection.yolo import Yolo

__all__ = [
    "BEFORE", "BUILDERS", "LEAST", "MOST", "NETS", "OVERLAP", "SCORE", "candidates", "decode", "detect", "evaluate",
    "load", "measured", "planes",
]  # fmt: skip

BUILDERS: dict[str, Callable[[], nn.Module]] = {
    "fcos": Fcos,
    "pedestrians": partial(Fcos, 1),
    "anchors": Anchored,
    "yolo": Yolo,
}
"""All networks by name, and what builds each."""
NETS = {name: BUILDERS[name] for name in ("fcos",)}
"""The published ones; of the others what was measured is kept."""
LEAST, OVERLAP, MOST, BEFORE = 0.05, 0.5, 100, 500
"""Boxes with a score up to the first are not looked at; of two of one class that overlap by more than the second, the
surer stays; and at most so many boxes of a picture, of so many that are compared."""
SCORE = 0.56
"""The score above which a box is shown and counted, chosen on validation pictures."""


def planes(images: Tensor) -> Tensor:
    """Bytes (N, 3, H, W) -> numbers from 0 to 1."""
    return images.float() / 255


def candidates(answer: Answer | Moved | Tensor, height: int, width: int, centre: bool = True) -> tuple[Tensor, Tensor]:
    """Every box (N, P, 4) that a network's answer holds, and its score (N, P, C) for each class.

    FCOS's score is the root of the probabilities of class and centre-ness multiplied, YOLO's their product.
    """
    if isinstance(answer, Answer):
        scores = answer.scores.sigmoid()
        if centre:
            scores = (scores * answer.centre.sigmoid()[:, :, None]).sqrt()
        return boxes_of(places(height, width).to(scores), answer.distances), scores
    if isinstance(answer, Moved):
        return moved(anchors(height, width).to(answer.scores), answer.offsets), answer.scores.sigmoid()
    grid = Yolo.grid(answer)
    scores = grid.sure.clamp(0, 1)[..., None] * grid.classes.clamp(0, 1)[:, :, :, None]
    return yolo.boxes_of(grid, height, width).flatten(1, 3), scores.flatten(1, 3)


def decode(
    answer: Answer | Moved | Tensor,
    height: int,
    width: int,
    score: float = LEAST,
    overlap: float = OVERLAP,
    most: int = MOST,
    centre: bool = True,
) -> list[Found]:
    """The boxes that an answer holds, the surest first: class by class those that none beside them beats."""
    every, scores = candidates(answer, height, width, centre)
    every = clipped(every, width, height)
    found = []
    for boxes, given in zip(every.cpu(), scores.cpu(), strict=True):
        place, label = (given > score).nonzero().unbind(1)
        surest = given[place, label].argsort(descending=True, stable=True)[:BEFORE]
        place, label = place[surest], label[surest]
        kept = nms(boxes[place], given[place, label], overlap, label)[:most]
        found.append(Found(boxes[place[kept]], given[place[kept], label[kept]], label[kept]))
    return found


@torch.inference_mode()
def detect(
    model: nn.Module,
    images: Tensor,
    score: float = LEAST,
    overlap: float = OVERLAP,
    most: int = MOST,
    centre: bool = True,
    batch_size: int = 12,
) -> list[Found]:
    """What ``model`` finds in uint8 ``images`` (N, 3, H, W), as :func:`decode` says."""
    device, (height, width) = next(model.parameters()).device, images.shape[2:]
    model.eval()
    found: list[Found] = []
    for batch in images.split(batch_size):
        found += decode(model(planes(batch.to(device))), height, width, score, overlap, most, centre)
    return found


# Measures


def measured(found: Sequence[Found], truth: Sequence[Truth], quick: bool = False) -> list[stats.Measured]:
    """``map50``, ``map50_95`` and for three classes ``map50`` of each; ``quick``: the first alone, without interval.

    Intervals are bootstrapped over pictures.
    """
    if quick:
        return [stats.Measured("map50", _map([matched(*pair) for pair in zip(found, truth, strict=True)], (0,)))]
    pictures = [matched(one, other, COCO) for one, other in zip(found, truth, strict=True)]
    measures: dict[str, Callable[[Sequence[Matched]], float]] = {
        "map50": partial(_map, levels=(0,)),
        "map50_95": partial(_map, levels=tuple(range(len(COCO)))),
    }
    marked = sorted({int(label) for one in truth for label in one.labels})
    if len(marked) > 1:
        for label in marked:
            measures[f"map50_{smears.CLASSES[label].lower()}"] = partial(_map, levels=(0,), only=label)
    return [_measure(name, measure, pictures) for name, measure in measures.items()]


def _measure(name: str, measure: Callable[[Sequence[Matched]], float], pictures: list[Matched]) -> stats.Measured:
    def of(drawn: np.ndarray) -> float:
        return measure([pictures[place] for place in drawn])

    interval = stats.bootstrap(of, range(len(pictures)), draws=200) if len(pictures) > 1 else None
    return stats.Measured(name, measure(pictures), interval, tolerance=0.005)


def _map(pictures: Sequence[Matched], levels: Sequence[int], only: int | None = None) -> float:
    some = [one._replace(hits=one.hits[list(levels)]) for one in pictures]
    each = mean_precision(some)
    if only is not None:
        return float(each[only].mean()) if only in each else 0.0
    return float(np.mean(list(each.values()))) if each else 0.0


# The published networks


def load(net: str = "fcos") -> nn.Module:
    """The published network ``net``, with its weights, ready to detect.

    Raises:
        ConvnetsError: unknown name, or weights that are missing or damaged.
    """
    return published.load("detection", NETS, net)


def evaluate(net: str = "fcos", data: str | None = None, split: str = "test", device: str = "cpu") -> dict[str, Any]:
    """Measure the published ``net`` on the folder ``data``: the evaluation contract's dictionary.

    ``pedestrians`` is measured on Penn-Fudan, the other on BCCD.

    Raises:
        ConvnetsError: unknown net or split, missing or damaged data.
    """
    model = load(net).to(device)
    names = published.splits(split)
    if net == "pedestrians":
        parts = [pedestrians.load(name, data) for name in names]
        seen, dataset = len(pedestrians.split(data).train.names) if split == "all" else 0, pedestrians.NAME
    else:
        parts = [smears.load(name, data) for name in (["train", "validation", "test"] if split == "all" else names)]
        seen, dataset = len(parts[0].names) if split == "all" else 0, smears.NAME
    if not (count := sum(len(part.names) for part in parts)):
        raise ConvnetsError(f"The {split} split holds no picture: point --data at the whole data set.")
    known = all(part.digest_known for part in parts)
    on = published.On(dataset, split, count, seen if known else 0, known)
    found = [one for part in parts for one in detect(model, part.images)]
    return published.contract("detection", net, on, measured(found, _truth(parts)), device)


def _truth(parts: Sequence[Pictures]) -> list[Truth]:
    return [one for part in parts for one in part.truth]

"""Boxes: how much two overlap, which of many on one object stays, and how good a detector is.

A box is (left, top, right, bottom) in pixels, the right and bottom ends not in it: its width is right - left.

Sources:
    - Everingham, Van Gool, Williams, Winn, Zisserman: "The Pascal visual object classes (VOC) challenge", International
      Journal of Computer Vision 88, 2010, section 4.2: overlap, average precision.
    - Lin et al.: "Microsoft COCO: common objects in context", ECCV 2014, and its evaluation code: which box is whose,
      101 levels of recall, the mean over overlaps of 0.5 to 0.95.
    - Rezatofighi et al.: "Generalized intersection over union", CVPR 2019: :func:`generalised`.
    - Felzenszwalb, Girshick, McAllester, Ramanan: "Object detection with discriminatively trained part-based models",
      IEEE Transactions on Pattern Analysis and Machine Intelligence 32, 2010, section 3.5: :func:`nms`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from convnets.common.errors import ConvnetsError

__all__ = [
    "COCO", "Found", "Matched", "Truth", "area", "average_precision", "checked", "clipped", "curve", "generalised",
    "iou", "matched", "mean_precision", "nms", "overlap",
]  # fmt: skip

COCO = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
"""Overlaps over which COCO takes the mean."""
_LEAST = 1e-9  # pixels squared: what a ratio of areas is divided by at least


class Found(NamedTuple):
    """What a detector found in one picture: N boxes."""

    boxes: Tensor  # (N, 4) pixels
    scores: Tensor  # (N,)
    labels: Tensor  # (N,) int64

    def take(self, indices: Tensor) -> Found:
        """The boxes at ``indices``, in that order, or where they are true."""
        return Found(self.boxes[indices], self.scores[indices], self.labels[indices])


class Truth(NamedTuple):
    """What people marked in one picture: M boxes."""

    boxes: Tensor  # (M, 4) pixels
    labels: Tensor  # (M,) int64

    def take(self, indices: Tensor) -> Truth:
        """The boxes at ``indices``, in that order, or where they are true."""
        return Truth(self.boxes[indices], self.labels[indices])


class Matched(NamedTuple):
    """The boxes found in one picture, highest score first, and which of them are right."""

    scores: np.ndarray  # (N,)
    labels: np.ndarray  # (N,)
    hits: np.ndarray  # (T, N) at T overlaps: the marked box that this one found, or -1
    truth: np.ndarray  # (M,) labels of the marked boxes


# Geometry


def checked(boxes: Tensor, name: str = "boxes") -> Tensor:
    """``boxes`` (N, 4) as they are, if each has finite ends in their order; a side may be zero.

    Raises:
        ConvnetsError: another shape, or an end that is not finite, or ends that are exchanged.
    """
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ConvnetsError(f"{name} have the shape {tuple(boxes.shape)}: give (N, 4), left, top, right, bottom.")
    if not boxes.isfinite().all():
        raise ConvnetsError(f"{name} hold an end that is not a finite number: leave such boxes out.")
    wrong = (boxes[:, 2:] < boxes[:, :2]).any(1).nonzero()[:, 0].tolist()
    if wrong:
        raise ConvnetsError(
            f"{name} {wrong[0]} is {boxes[wrong[0]].tolist()}, which ends before it begins: give left, top, right, "
            "bottom, in pixels."
        )
    return boxes


def area(boxes: Tensor) -> Tensor:
    """Pixels squared (...) of boxes (..., 4); 0 for one whose ends are exchanged."""
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(-1)


def clipped(boxes: Tensor, width: float, height: float) -> Tensor:
    """The part of each box (..., 4) inside a picture; of zero area where a box lies outside."""
    ends = torch.tensor([width, height, width, height], dtype=boxes.dtype, device=boxes.device)
    return torch.minimum(boxes.clamp(min=0), ends)


def overlap(first: Tensor, second: Tensor) -> Tensor:
    """Intersection over union (...) of boxes (..., 4) that stand opposite; 0 where neither has an area.

    Shapes are broadcast: ``overlap(a[:, None], b)`` is every one of ``a`` with every one of ``b``.
    """
    shared, union = _shared_and_union(first, second)
    return shared / union.clamp(min=_LEAST)


def iou(first: Tensor, second: Tensor) -> Tensor:
    """Intersection over union (N, M) of each of ``first`` (N, 4) with each of ``second`` (M, 4)."""
    return overlap(first[:, None], second[None])


def generalised(first: Tensor, second: Tensor) -> Tensor:
    """Generalised overlap (...), from -1 to 1, of boxes (..., 4) that stand opposite.

    From the overlap it takes that share of the smallest box around both which neither fills, and so it still tells
    boxes that do not touch how far apart they are.
    """
    shared, union = _shared_and_union(first, second)
    low, high = torch.minimum(first[..., :2], second[..., :2]), torch.maximum(first[..., 2:], second[..., 2:])
    around = (high - low).clamp(min=0).prod(-1)
    return shared / union.clamp(min=_LEAST) - (around - union) / around.clamp(min=_LEAST)


def _shared_and_union(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    low, high = torch.maximum(first[..., :2], second[..., :2]), torch.minimum(first[..., 2:], second[..., 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    return shared, area(first) + area(second) - shared


def nms(boxes: Tensor, scores: Tensor, threshold: float = 0.5, labels: Tensor | None = None) -> Tensor:
    """Indices kept by greedy non-maximum suppression, highest score first.

    A box (N, 4) goes if one with a higher score overlaps it by more than ``threshold``; where ``labels`` (N,) are
    given, only one of its own class can do that. Of equal scores the first box wins.
    """
    order = scores.argsort(descending=True, stable=True)
    rivals = iou(boxes[order], boxes[order]) > threshold
    if labels is not None:
        rivals &= labels[order, None] == labels[None, order]
    gone, kept = np.zeros(len(order), bool), []
    for place, beats in enumerate(rivals.cpu().numpy()):
        if not gone[place]:
            kept.append(place)
            gone |= beats
    return order[torch.tensor(kept, dtype=torch.int64, device=order.device)]


# Average precision


def matched(found: Found, truth: Truth, thresholds: Sequence[float] = (0.5,), most: int = 100) -> Matched:
    """Which boxes of one picture are right at each of the overlaps ``thresholds``.

    From the highest score down, a box takes the marked box of its class that it overlaps most, of those that are still
    free and overlapped by the threshold at least. Of each class, the ``most`` boxes with the highest scores count.

    Raises:
        ConvnetsError: boxes, scores and labels are not equally many, or a box is none (:func:`checked`).
    """
    counts = (len(found.boxes), len(found.scores), len(found.labels))
    if len(set(counts)) > 1 or len(truth.boxes) != len(truth.labels):
        raise ConvnetsError(
            f"{counts[0]} boxes, {counts[1]} scores and {counts[2]} labels were found, {len(truth.boxes)} boxes and "
            f"{len(truth.labels)} labels marked: give each box its own."
        )
    checked(found.boxes, "found boxes")
    checked(truth.boxes, "marked boxes")
    order = found.scores.argsort(descending=True, stable=True)
    labels = found.labels[order]
    kept = torch.ones(len(order), dtype=torch.bool)
    for label in labels.unique():
        own = labels == label
        kept[own] = own[own].cumsum(0) <= most
    order, labels = order[kept], labels[kept]
    same = labels[:, None] == truth.labels[None]
    overlaps = iou(found.boxes[order].double(), truth.boxes.double()).masked_fill(~same, -1).numpy()
    hits = np.full((len(thresholds), len(order)), -1)
    for level, threshold in enumerate(thresholds):
        free = overlaps.copy()
        for place in range(len(order) if len(truth.labels) else 0):
            last = free.shape[1] - 1 - int(free[place, ::-1].argmax())  # of equal ones the last, as COCO's code does
            if free[place, last] >= min(threshold, 1 - 1e-10):
                hits[level, place] = last
                free[:, last] = -1
    return Matched(found.scores[order].double().numpy(), labels.numpy(), hits, truth.labels.numpy())


def curve(pictures: Sequence[Matched], label: int, level: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(recall, precision, score) down the list of all boxes of one class, at the overlap number ``level``."""
    own = [one.labels == label for one in pictures]
    scores = np.concatenate([one.scores[mine] for one, mine in zip(pictures, own, strict=True)] or [np.zeros(0)])
    right = [one.hits[level][mine] >= 0 for one, mine in zip(pictures, own, strict=True)]
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(np.concatenate(right or [np.zeros(0, bool)])[order])
    marked = sum(int((one.truth == label).sum()) for one in pictures)
    return hits / max(marked, 1), hits / np.arange(1, len(hits) + 1), scores[order]


def average_precision(recall: np.ndarray, precision: np.ndarray, points: int | None = 101) -> float:
    """The mean of precision over recall: at ``points`` equally far levels, or over all (None).

    At each level of recall counts the best precision at that recall or a higher one; beyond the largest recall, 0.
    COCO has 101 points, VOC had 11 until 2009, and takes all since 2010.
    """
    best = np.maximum.accumulate(precision[::-1])[::-1]
    if points is None:
        return float(np.sum(np.diff(recall, prepend=0.0) * best))
    places = np.searchsorted(recall, np.linspace(0, 1, points), side="left")
    return float(np.append(best, 0.0)[places].mean())


def mean_precision(pictures: Sequence[Matched], points: int | None = 101) -> dict[int, np.ndarray]:
    """Average precision (T,) of each class that is marked in one picture or more, by label, at each overlap."""
    levels = len(pictures[0].hits) if pictures else 0
    classes = sorted({int(label) for one in pictures for label in one.truth})
    return {
        label: np.array(
            [average_precision(*curve(pictures, label, level)[:2], points=points) for level in range(levels)]
        )
        for label in classes
    }

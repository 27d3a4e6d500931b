"""How well classes of pixels are told: the overlap of each class, their mean, the share of pixels that are right."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from convnets.common import masks, stats
from convnets.common.errors import ConvnetsError
from convnets.common.stats import Measured
from convnets.driving.streets import CLASSES, UNKNOWN

__all__ = ["metric_of", "miou", "of_streets", "tables"]


def tables(found: Tensor, labels: Tensor) -> Tensor:
    """The confusions of each picture, true class by row: (N, H, W) twice -> (N, K, K); unlabelled pixels are left out.

    Raises:
        ConvnetsError: a map has another size than its picture's labels.
    """
    if found.shape != labels.shape:
        raise ConvnetsError(f"Answers of {tuple(found.shape)} cannot be judged by labels of {tuple(labels.shape)}.")
    truth = torch.where(labels == UNKNOWN, -1, labels.long())
    each = [masks.confusion(mine[None], real[None], len(CLASSES)) for mine, real in zip(found, truth, strict=True)]
    return torch.stack(each)


def miou(table: Tensor) -> float:
    """The mean of intersection over union of a table (K, K) of all pixels, over the classes that are anywhere in it."""
    return float(masks.scores(table).iou.nanmean())


def metric_of(name: str) -> str:
    """What the IoU of a class is called as a metric."""
    return f"iou_{name.lower()}"


def of_streets(each: Tensor, blocks: list[str]) -> list[Measured]:
    """mIoU, share of right pixels, mean recall and IoU of each class of pictures with confusions ``each`` (N, K, K).

    Intervals draw ``blocks`` of neighbouring frames. Where there is one block alone, nothing is known: 0 to 1.

    Raises:
        ConvnetsError: there is no picture.
    """
    if not len(each):
        raise ConvnetsError("No picture is there, so nothing can be measured: give one with labels.")

    def values(table: Tensor) -> np.ndarray:
        found = masks.scores(table)
        return np.array(
            [float(found.iou.nanmean()), found.accuracy, float(found.recall.nanmean()), *found.iou.tolist()]
        )

    names = ["miou", "accuracy", "accuracy_class", *(metric_of(name) for name in CLASSES)]
    now = values(each.sum(0))
    drawn: list[np.ndarray] = []

    def note(chosen: np.ndarray) -> float:
        drawn.append(values(each[torch.from_numpy(chosen)].sum(0)))
        return 0.0

    if len(set(blocks)) > 1:
        stats.bootstrap(note, blocks, draws=500)
    result = []
    for place, name in enumerate(names):
        if np.isnan(now[place]):
            continue
        ends = np.nanquantile([one[place] for one in drawn], [0.025, 0.975]) if drawn else (0.0, 1.0)
        result.append(Measured(name, float(now[place]), (float(ends[0]), float(ends[1])), 1e-3))
    return result

"""What is reported of answers: of membranes, of lesions, of pictures in which nothing is.

- Membranes: the share of pixels that are wrong, and the adapted Rand error of the cells as pieces.
- Lesions: Dice and IoU, a mean over pictures; how many were missed; how far the outline is off; how many normal
  pictures raised an alarm; and calibration: how far probabilities are from shares (expected calibration error).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from convnets.common import masks, stats
from convnets.common.errors import ConvnetsError
from convnets.common.stats import Measured

__all__ = [
    "ALARM", "BINS", "HIT", "THRESHOLDS", "Lesions", "best_threshold", "calibration", "lesions", "of_cells",
    "of_lesions", "rand_errors",
]  # fmt: skip

THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))
"""Probabilities from which a pixel may count."""
ALARM = 20
"""So many pixels of a normal picture called lesion are a false alarm."""
HIT = 0.1
"""IoU from which a lesion counts as found."""
BINS = 10
"""Groups of probabilities, each as wide, whose shares are compared."""
_BLOCK = 128  # pixels a side of what is drawn for the interval of a pixel error


# Membranes


def rand_errors(probability: Tensor, cells: Tensor, threshold: float) -> list[float]:
    """Adapted Rand error of each slice (N, H, W): pieces of what is cell with at least ``threshold``."""
    return [
        masks.adapted_rand_error(masks.pieces(truth.numpy()), masks.pieces(found.numpy())).error
        for truth, found in zip(cells, probability >= threshold, strict=True)
    ]


def best_threshold(probability: Tensor, cells: Tensor, rand: bool = False) -> float:
    """The one of :data:`THRESHOLDS` with the lowest pixel error, or the lowest adapted Rand error."""

    def error(threshold: float) -> float:
        if rand:
            return float(np.mean(rand_errors(probability, cells, threshold)))
        return float(masks.pixel_error(probability >= threshold, cells).mean())

    return min(THRESHOLDS, key=error)


def of_cells(probability: Tensor, cells: Tensor, threshold: float, rand_threshold: float) -> list[Measured]:
    """Pixel error and adapted Rand error of slices (N, H, W); intervals over blocks of 128 pixels, and over slices."""
    wrong = ((probability >= threshold) != cells).double()
    blocks = torch.nn.functional.avg_pool2d(wrong[:, None], min(_BLOCK, *wrong.shape[1:])).flatten().numpy()
    rand = np.array(rand_errors(probability, cells, rand_threshold))
    return [
        Measured("error", float(wrong.mean()), _interval(blocks), 1e-3),
        Measured("error_rand", float(rand.mean()), _interval(rand), 5e-3),
    ]


# Lesions


class Lesions(NamedTuple):
    """What was found in each of N pictures."""

    kinds: np.ndarray  # (N,) 0 benign, 1 malignant, 2 normal
    dice: np.ndarray  # (N,) 1 where both masks are empty
    iou: np.ndarray  # (N,)
    border: np.ndarray  # (N,) pixels; -1 where there is no outline to compare
    area: np.ndarray  # (N,) pixels that were called lesion
    bins: np.ndarray  # (N, BINS, 3) pixels, sum of their probabilities, how many are lesion


def lesions(probability: Tensor, truth: Tensor, inside: Tensor, kinds: Tensor, threshold: float = 0.5) -> Lesions:
    """Judge ``probability`` (N, H, W) against masks ``truth``, where ``inside`` holds picture.

    Raises:
        ConvnetsError: a mask has another size than its picture.
    """
    if probability.shape != truth.shape:
        raise ConvnetsError(f"Answers of {tuple(probability.shape)} cannot be judged by masks {tuple(truth.shape)}.")
    found = (probability >= threshold) & inside
    border = masks.border_distance(found, truth).nan_to_num(-1)
    bins = np.zeros((len(truth), BINS, 3))
    group = (probability * BINS).long().clamp(0, BINS - 1)
    for number in range(BINS):
        here = (group == number) & inside
        for column, value in enumerate((torch.ones_like(probability), probability, truth.float())):
            bins[:, number, column] = (value * here).double().sum((1, 2)).numpy()
    values = (kinds, masks.dice(found, truth), masks.iou(found, truth), border, found.sum((1, 2)))
    kinds_, dice, iou, far, area = (value.numpy() for value in values)
    return Lesions(kinds_, dice, iou, far, area, bins)


def of_lesions(found: Lesions) -> list[Measured]:
    """The metrics of ``found``, as far as there is something to measure: names as ``book/tumours.md`` explains them.

    Raises:
        ConvnetsError: there is no lesion to find.
    """
    there = found.kinds < 2
    if not there.any():
        raise ConvnetsError("No picture here shows a lesion, so no outline can be judged: give one that does.")
    result = [_mean("dice", found.dice[there])]
    benign, malignant = found.kinds == 0, found.kinds == 1
    if benign.any() and malignant.any():
        result += [_mean("dice_benign", found.dice[benign]), _mean("dice_malignant", found.dice[malignant])]
    result += [
        _mean("iou", found.iou[there]),
        stats.share("accuracy_found", int((found.iou[there] >= HIT).sum()), int(there.sum())),
    ]
    if (outlined := there & (found.border >= 0)).any():
        result.append(_mean("border", found.border[outlined], 0.05))
    if not there.all():
        alarms = found.area[~there] >= ALARM
        result.append(stats.share("error_alarm", int(alarms.sum()), len(alarms))._replace(tolerance=1e-3))
    drawn = (0.0, 1.0)
    if len(found.bins) > 1:
        drawn = stats.bootstrap(lambda chosen: calibration(found.bins[chosen]), range(len(found.bins)), draws=500)
    return [*result, Measured("calibration", calibration(found.bins), drawn, 1e-3)]


def calibration(bins: np.ndarray) -> float:
    """Expected calibration error: |share - mean probability| of each group of pixels, weighted by its size."""
    count, probability, truth = bins.sum(0).T
    return float(np.abs(truth - probability).sum() / count.sum())


def _mean(name: str, values: np.ndarray, tolerance: float = 2e-3) -> Measured:
    return Measured(name, float(values.mean()), _interval(values), tolerance)


def _interval(values: np.ndarray) -> tuple[float, float]:
    if len(values) < 2:
        return (0.0, 1.0)
    return stats.bootstrap(lambda drawn: float(values[drawn].mean()), range(len(values)))

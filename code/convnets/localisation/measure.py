"""How well things are found: overlap, ILSVRC's localisation error, the pointing game, and a box that never looks.

Sources:
    - Russakovsky et al., "ImageNet large scale visual recognition challenge", IJCV 115(3), 2015, section 4.2: an answer
      is right if its class is, and its box overlaps the marked one by half at least. There, five guesses are allowed;
      here one.
    - Zhang, Lin, Brandt, Shen, Sclaroff, "Top-down neural attention by excitation backprop", ECCV 2016, section 4.1:
      the pointing game. A hit is a point within :data:`TOLERANCE` of the thing; there 15 pixels of photographs some
      eight times larger, and the mean over classes, here over pictures.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from convnets.common import stats
from convnets.common.boxes import overlap
from convnets.common.errors import ConvnetsError

__all__ = ["ENOUGH", "TOLERANCE", "Answers", "centred", "hits", "localised", "measured"]

ENOUGH = 0.5
"""Overlap from which a box is right."""
TOLERANCE = 2
"""Pixels that a point may lie beside the thing."""


class Answers(NamedTuple):
    """What is said of N pictures."""

    classes: Tensor  # (N,) one guess; the last class is nothing
    boxes: Tensor  # (N, 4) of that class
    known: Tensor  # (N, 4) when the class is told
    points: Tensor  # (N, 2) x, y when the class is told


def localised(boxes: Tensor, truth: Tensor) -> Tensor:
    """Which of ``boxes`` (N, 4) overlap their ``truth`` (N, 4) by half at least: (N,) bool. A box without area never.

    Raises:
        ConvnetsError: they are not equally many.
    """
    if boxes.shape != truth.shape:
        raise ConvnetsError(f"{len(boxes)} boxes stand against {len(truth)} marked ones: give one for each picture.")
    return overlap(boxes.double(), truth.double()) >= ENOUGH - 1e-9


def hits(points: Tensor, masks: Tensor, tolerance: float = TOLERANCE) -> Tensor:
    """Which ``points`` (N, 2), x and y, lie within ``tolerance`` pixels of one of ``masks`` (N, H, W): (N,) bool."""
    height, width = masks.shape[1:]
    x, y = torch.arange(width) + 0.5, torch.arange(height) + 0.5
    near = torch.hypot(x - points[:, 0, None, None], y[:, None] - points[:, 1, None, None]) <= tolerance
    return (near & masks).any((1, 2))


def centred(boxes: Tensor, height: int, width: int) -> Tensor:
    """The one box (4,) around the picture's middle that overlaps most of ``boxes`` (N, 4) by half at least.

    It never looks at a picture, so a data set on which it does well asks for little.

    Raises:
        ConvnetsError: there is no box to choose it by.
    """
    if not len(boxes):
        raise ConvnetsError("A centred box is chosen by marked boxes, and there is none: give one or more.")
    tall, wide = torch.meshgrid(torch.linspace(0.1, 1, 46), torch.linspace(0.1, 1, 46), indexing="ij")
    tall, wide = tall.flatten() * height, wide.flatten() * width
    every = torch.stack([width - wide, height - tall, width + wide, height + tall], 1) / 2
    right = localised(every[:, None].expand(-1, len(boxes), -1), boxes[None].expand(len(every), -1, -1))
    return every[right.sum(1).argmax()]


def measured(found: Answers, labels: Tensor, boxes: Tensor, masks: Tensor, middle: Tensor) -> list[stats.Measured]:
    """What is reported of pictures with ``labels`` (N,), ``boxes`` (N, 4) and ``masks`` (N, H, W), by their names.

    ``accuracy_box``: the share of boxes that are right when the class is told; ``error``: ILSVRC's, the share whose
    class or box is wrong; ``iou``: mean overlap, the class told; ``accuracy_pointing``; ``accuracy`` of the class;
    ``accuracy_centred``: the share that the box ``middle`` gets. Where some pictures show nothing, all these are of the
    others, and ``accuracy_none`` says how many of these were seen to show nothing.
    """
    there = boxes.any(1)
    if not there.any():
        raise ConvnetsError("No picture here shows a thing, and so nothing can be localised: give one that does.")
    classes, truth = found.classes[there], labels[there]
    right = localised(found.known[there], boxes[there])
    both = (classes == truth) & localised(found.boxes[there], boxes[there])
    overlaps = overlap(found.known[there].double(), boxes[there].double()).numpy()
    count = len(truth)
    result = [
        stats.share("accuracy_box", int(right.sum()), count),
        stats.share("error", count - int(both.sum()), count),
        stats.Measured("iou", float(overlaps.mean()), _interval(overlaps), tolerance=1e-3),
        stats.share("accuracy_pointing", int(hits(found.points[there], masks[there]).sum()), count),
        stats.share("accuracy", int((classes == truth).sum()), count),
        stats.share("accuracy_centred", int(localised(middle.expand(count, 4), boxes[there]).sum()), count),
    ]
    if not there.all():
        empty = found.classes[~there] == labels[~there]
        result.append(stats.share("accuracy_none", int(empty.sum()), len(empty)))
    return result


def _interval(values: np.ndarray) -> tuple[float, float]:
    if len(values) < 2:
        return (0.0, 1.0)
    return stats.bootstrap(lambda drawn: float(values[drawn].mean()), range(len(values)))

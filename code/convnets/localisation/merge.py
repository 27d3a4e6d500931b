"""Many windows, one box: what :class:`convnets.localisation.model.OverFeat` says at several sizes, accumulated.

Sermanet et al., "OverFeat", ICLR 2014, section 4.3: boxes are not suppressed but merged, two by two, as long as the two
that match best match well enough; the confidence of a merged box is the sum of those it is made of.

Deviations:
    - Two boxes match by their intersection over union (paper: distance of centres and area of intersection), and a
      merged box is a mean weighted by confidence (paper: plain).
    - Boxes are merged whatever the class, by how sure a window is to show a thing; the classes' probabilities of the
      windows that went into the best box are then added. The paper merges the boxes of its likeliest classes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.common.boxes import clipped

__all__ = ["LEAST", "LIMIT", "SURE", "Located", "Merged", "Windows", "locate", "look", "merged"]

LIMIT = 0.6
"""Overlap from which two boxes are merged."""
LEAST = 0.5
"""How sure a window must be to show a thing, to have a say; if none is, the surest alone has."""
SURE = 0.75
"""How sure the surest window must be for the picture to show a thing at all."""


class Windows(NamedTuple):
    """All windows of N pictures, at all sizes, one after the other: row by row."""

    classes: Tensor  # (N, W, K) probabilities; the last is nothing
    boxes: Tensor  # (N, W, 4) left, top, right, bottom in pixels of the picture itself

    @property
    def sure(self) -> Tensor:
        """How sure each window is to show a thing: (N, W)."""
        return 1 - self.classes[:, :, -1]


class Merged(NamedTuple):
    """The boxes that are left of one picture, the most confident first."""

    boxes: np.ndarray  # (M, 4)
    confidence: np.ndarray  # (M,) sums of what the windows were sure of
    members: np.ndarray  # (M, W) bool: the windows each is made of


class Located(NamedTuple):
    """The answer for N pictures."""

    classes: Tensor  # (N,) the likeliest; the last is nothing
    scores: Tensor  # (N,) from 0 to 1: how sure the surest window was
    boxes: Tensor  # (N, 4) pixels, inside the picture; also where the class is nothing


@torch.no_grad()
def look(model: nn.Module, pictures: Tensor, sides: tuple[tuple[int, int], ...]) -> Windows:
    """All windows of ``pictures`` (N, 3, H, W) from 0 to 1, made as large as each of ``sides`` (rows, columns)."""
    height, width = pictures.shape[2:]
    classes, boxes = [], []
    for rows, columns in sides:
        resized = pictures
        if (rows, columns) != (height, width):
            resized = F.interpolate(pictures, (rows, columns), mode="bilinear", align_corners=False)
        answer = model(resized)
        back = torch.tensor([width / columns, height / rows] * 2, device=pictures.device)
        classes.append(answer.classes.softmax(1).flatten(2).transpose(1, 2))
        boxes.append(answer.boxes.flatten(2).transpose(1, 2) * back)
    return Windows(torch.cat(classes, 1).cpu(), torch.cat(boxes, 1).cpu())


def merged(boxes: np.ndarray, sure: np.ndarray, limit: float = LIMIT, least: float = LEAST) -> Merged:
    """Merge the boxes (W, 4) of one picture's windows, which are ``sure`` (W,) to show a thing."""
    chosen = np.flatnonzero(sure >= least) if (sure >= least).any() else np.array([sure.argmax()])
    found, total = boxes[chosen].astype(np.float64), sure[chosen].astype(np.float64)
    members = np.zeros((len(chosen), len(sure)), bool)
    members[np.arange(len(chosen)), chosen] = True
    overlaps = _overlaps(found, found)
    np.fill_diagonal(overlaps, -1)
    while len(found) > 1:
        first, second = np.unravel_index(overlaps.argmax(), overlaps.shape)  # first < second: of equals the first
        if overlaps[first, second] < limit:
            break
        both = total[first] + total[second]
        found[first] = (total[first] * found[first] + total[second] * found[second]) / both
        total[first] = both
        members[first] |= members[second]
        left = np.arange(len(found)) != second
        found, total, members, overlaps = found[left], total[left], members[left], overlaps[left][:, left]
        overlaps[first] = overlaps[:, first] = _overlaps(found[first : first + 1], found)[0]
        overlaps[first, first] = -1
    order = np.argsort(-total, kind="stable")
    return Merged(found[order], total[order], members[order])


def _overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    low, high = np.maximum(first[:, None, :2], second[:, :2]), np.minimum(first[:, None, 2:], second[:, 2:])
    shared = (high - low).clip(0).prod(2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).clip(0).prod(1) for boxes in (first, second)]
    return shared / np.maximum(areas[0][:, None] + areas[1] - shared, 1e-9)


def locate(windows: Windows, height: int, width: int, limit: float = LIMIT) -> Located:
    """One class and one box for each picture of ``height`` x ``width`` pixels."""
    classes, scores, boxes = [], [], []
    for probabilities, each, sure in zip(windows.classes, windows.boxes, windows.sure, strict=True):
        best = merged(each.numpy(), sure.numpy(), limit)
        added = probabilities[torch.from_numpy(best.members[0])].sum(0)[:-1]
        nothing = probabilities.shape[1] - 1
        classes.append(int(added.argmax()) if sure.max() >= SURE else nothing)
        scores.append(float(sure.max()))
        boxes.append(torch.from_numpy(best.boxes[0]).float())
    found = torch.stack(boxes) if boxes else torch.zeros(0, 4)
    return Located(torch.tensor(classes, dtype=torch.int64), torch.tensor(scores), clipped(found, width, height))

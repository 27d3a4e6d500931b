"""Labels for each pixel, compared: overlap of each class, pixel error, pieces, Rand error, distance of outlines.

A *map of labels* is (N, H, W) int64, a *mask* (N, H, W) bool.

Sources:
    - Dice, "Measures of the amount of ecologic association between species", 1945; Jaccard, 1901.
    - Arganda-Carreras et al., "Crowdsourcing the creation of image segmentation algorithms for connectomics", Frontiers
      in Neuroanatomy 9, 2015: the adapted Rand error, one minus the F score of pairs of pixels.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from convnets.common.errors import ConvnetsError

__all__ = [
    "Rand", "Scores", "adapted_rand_error", "border_distance", "confusion", "dice", "iou", "pieces", "pixel_error",
    "scores",
]  # fmt: skip


class Scores(NamedTuple):
    """What a table of confusions says of each of K classes; NaN where a class is nowhere."""

    iou: Tensor  # (K,) intersection over union
    dice: Tensor  # (K,)
    recall: Tensor  # (K,) share of its true pixels that were found
    accuracy: float  # of all pixels


class Rand(NamedTuple):
    """How two divisions into pieces differ."""

    error: float  # one minus the F score
    precision: float  # of pixel pairs that are together in the guess, those that belong together
    recall: float


def confusion(found: Tensor, truth: Tensor, classes: int) -> Tensor:
    """How often a pixel of true class k (row) was called j (column): (K, K) int64. True labels below 0 do not count.

    Raises:
        ConvnetsError: the maps differ in size, or a label is no class.
    """
    _same(found, truth)
    counted = truth >= 0
    mine, theirs = found[counted].long(), truth[counted].long()
    if len(mine) and (min(int(mine.min()), 0) < 0 or max(int(mine.max()), int(theirs.max())) >= classes):
        raise ConvnetsError(
            f"Labels run from {int(mine.min())} to {max(int(mine.max()), int(theirs.max()))}, but there are {classes} "
            f"classes: give labels from 0 to {classes - 1}, and a true label below 0 where nobody knows."
        )
    return torch.bincount(theirs * classes + mine, minlength=classes * classes).reshape(classes, classes)


def scores(table: Tensor) -> Scores:
    """IoU, Dice and recall of each class of a table of confusions (K, K), and the accuracy of all pixels."""
    right, real, said = table.diag().double(), table.sum(1).double(), table.sum(0).double()
    there = real + said > 0
    empty = torch.full_like(right, torch.nan)
    return Scores(
        torch.where(there, right / (real + said - right), empty),
        torch.where(there, 2 * right / (real + said), empty),
        torch.where(real > 0, right / real, empty),
        float(right.sum() / table.sum()) if table.sum() else float("nan"),
    )


def iou(found: Tensor, truth: Tensor) -> Tensor:
    """Intersection over union of each pair of masks (N, H, W): (N,) double. Two empty masks agree: 1."""
    shared, mine, theirs = _areas(found, truth)
    return torch.where(mine + theirs > 0, shared / (mine + theirs - shared).clamp(min=1), 1.0)


def dice(found: Tensor, truth: Tensor) -> Tensor:
    """Twice what is shared, by the sum of both areas, of each pair of masks: (N,) double. Two empty masks agree: 1."""
    shared, mine, theirs = _areas(found, truth)
    return torch.where(mine + theirs > 0, 2 * shared / (mine + theirs).clamp(min=1), 1.0)


def pixel_error(found: Tensor, truth: Tensor) -> Tensor:
    """The share of pixels whose labels differ, of each pair of maps (N, H, W): (N,) double."""
    _same(found, truth)
    return (found != truth).double().mean((1, 2))


def _areas(found: Tensor, truth: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    _same(found, truth)
    one, other = found.bool(), truth.bool()
    return (one & other).sum((1, 2)).double(), one.sum((1, 2)).double(), other.sum((1, 2)).double()


def _same(found: Tensor, truth: Tensor) -> None:
    if found.shape != truth.shape or found.ndim != 3:
        raise ConvnetsError(
            f"Masks of shape {tuple(found.shape)} cannot be compared with some of {tuple(truth.shape)}: give both as "
            "(N, height, width) of the same pictures."
        )


# Pieces


def pieces(mask: np.ndarray) -> np.ndarray:
    """Each piece of a mask (H, W), pixels joined by their sides, gets a number from 1 on, in reading order; the rest 0.

    Runs of pixels in a row are joined to those they touch in the row above (union-find).
    """
    mask = np.asarray(mask, bool)
    if mask.ndim != 2:
        raise ConvnetsError(f"A mask of shape {mask.shape} has no rows and columns alone: give (height, width).")
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, start = np.nonzero(edges == 1)
    end = np.nonzero(edges == -1)[1]
    parent = np.arange(len(row))

    def root(run: int) -> int:
        while parent[run] != run:
            parent[run] = parent[parent[run]]
            run = int(parent[run])
        return run

    first = np.searchsorted(row, np.arange(mask.shape[0] + 1))
    for line in range(1, mask.shape[0]):
        above, here = first[line - 1], first[line]
        while above < first[line] and here < first[line + 1]:
            if start[above] < end[here] and start[here] < end[above]:
                one, other = root(int(above)), root(int(here))
                parent[max(one, other)] = min(one, other)
            if end[above] < end[here]:
                above += 1
            else:
                here += 1
    roots = np.array([root(run) for run in range(len(row))], dtype=np.int64)
    names = np.unique(roots, return_inverse=True)[1] + 1 if len(row) else roots
    result = np.zeros(mask.shape, dtype=np.int64)
    for at, left, right, name in zip(row, start, end, names, strict=True):
        result[at, left:right] = name
    return result


def adapted_rand_error(truth: np.ndarray, found: np.ndarray) -> Rand:
    """How two maps of pieces (H, W) differ, counted by pairs of pixels; pixels that are 0 in ``truth`` do not count.

    With p_ij the share of pixels in piece i of the truth and j of the guess: precision is the sum of squares of p_ij by
    that of the guess's shares, recall the same by the truth's; the error is one minus their harmonic mean.

    Raises:
        ConvnetsError: the maps differ in size, or the truth holds no piece.
    """
    truth, found = np.asarray(truth), np.asarray(found)
    if truth.shape != found.shape:
        raise ConvnetsError(f"Maps of {truth.shape} and {found.shape} cannot be compared: give both of one picture.")
    counted = truth > 0
    if not counted.any():
        raise ConvnetsError("The truth holds no piece, so no pair of pixels belongs together: give one that does.")
    real, guess = truth[counted].astype(np.int64), found[counted].astype(np.int64)
    pairs = np.unique(real * (int(guess.max()) + 1) + guess, return_counts=True)[1].astype(float)
    both = float((pairs**2).sum() - len(real))
    sums = [float((np.bincount(each).astype(float) ** 2).sum() - len(real)) for each in (guess, real)]
    precision, recall = (both / one if one else 1.0 for one in sums)
    error = 0.0 if precision + recall == 0 else 1 - 2 * precision * recall / (precision + recall)
    return Rand(error, precision, recall)


# Outlines


def border_distance(found: Tensor, truth: Tensor) -> Tensor:
    """How far two outlines are apart, in pixels, of each pair of masks (N, H, W): (N,) double.

    The mean distance of a pixel of one outline from the nearest of the other, both ways. An outline is the pixels of a
    mask that have a neighbour outside it. NaN where one mask is empty.
    """
    _same(found, truth)
    result = torch.full((len(found),), torch.nan, dtype=torch.float64)
    for place, (one, other) in enumerate(zip(_outline(found), _outline(truth), strict=True)):
        mine, theirs = one.nonzero().double(), other.nonzero().double()
        if len(mine) and len(theirs):
            apart = torch.cdist(mine, theirs)
            result[place] = (apart.amin(1).sum() + apart.amin(0).sum()) / (len(mine) + len(theirs))
    return result


def _outline(masks: Tensor) -> Tensor:
    inside = torch.nn.functional.pad(masks.bool(), (1, 1, 1, 1))
    around = inside[:, :-2, 1:-1] & inside[:, 2:, 1:-1] & inside[:, 1:-1, :-2] & inside[:, 1:-1, 2:]
    return inside[:, 1:-1, 1:-1] & ~around

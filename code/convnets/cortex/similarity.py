"""How alike two systems are: correlations between their answers, and representational similarity analysis.

Kriegeskorte, Mur, Bandettini: "Representational similarity analysis", Frontiers in Systems Neuroscience 2:4, 2008: two
systems are alike if they find the same pairs of images alike, however many units each has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from convnets.common.errors import ConvnetsError

__all__ = ["Likeness", "correlations", "likeness", "rdm", "spearman"]


def correlations(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Pearson's correlation of each row of x (N, D) with each of y (M, D): (N, M); 0 where a row does not vary.

    Raises:
        ConvnetsError: rows of different lengths, or values that are no numbers.
    """
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise ConvnetsError(f"Shapes {x.shape} and {y.shape} cannot be correlated: give rows of one length, (N, D).")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ConvnetsError("Answers that hold NaN or infinity cannot be correlated: look at what gave them.")
    units = []
    for rows in (x, y):
        centred = rows.astype(float) - rows.mean(1, keepdims=True, dtype=float)
        length = np.linalg.norm(centred, axis=1, keepdims=True)
        units.append(np.divide(centred, length, out=np.zeros_like(centred), where=length > 1e-9))
    return units[0] @ units[1].T


def rdm(x: np.ndarray) -> np.ndarray:
    """Representational dissimilarity matrix of answers (N, D): (N, N), 1 - Pearson's correlation."""
    return 1 - correlations(x, x)


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Rank correlation of two vectors (N,); ties share their mean rank.

    Raises:
        ConvnetsError: their lengths differ, or a value is no number.
    """
    if x.shape != y.shape or x.ndim != 1 or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ConvnetsError(f"Shapes {x.shape} and {y.shape} cannot be ranked: give two finite vectors of one length.")
    return float(correlations(_ranks(x)[None], _ranks(y)[None])[0, 0])


def _ranks(x: np.ndarray) -> np.ndarray:
    _, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    ends = counts.cumsum()
    return (ends - (counts - 1) / 2)[inverse]


class Likeness(NamedTuple):
    """Rank correlations between the dissimilarities of several systems, and bootstrap intervals."""

    names: tuple[str, ...]
    values: np.ndarray  # (K, K)
    low: np.ndarray  # (K, K), 95 % interval over the choice of images
    high: np.ndarray


def likeness(systems: Mapping[str, np.ndarray], resamples: int = 100, seed: int = 0) -> Likeness:
    """How alike the ``systems`` are, each given by its answers (N, D) to the same N images, or by an (N, N) matrix.

    The images are drawn anew, with replacement, ``resamples`` times; a pair of an image with itself is left out.
    """
    matrices = [x if x.shape[0] == x.shape[1] and np.allclose(np.diag(x), 0) else rdm(x) for x in systems.values()]
    count = len(matrices[0])
    if count < 4 or any(len(matrix) != count for matrix in matrices):
        raise ConvnetsError("Systems are compared over the same four images or more: give each the same images.")
    generator = np.random.default_rng(seed)
    upper = np.triu_indices(count, 1)
    values = _between([matrix[upper] for matrix in matrices])
    drawn = []
    for _ in range(resamples):
        chosen = generator.integers(count, size=count)
        rows, columns = chosen[upper[0]], chosen[upper[1]]
        apart = rows != columns
        drawn.append(_between([matrix[rows[apart], columns[apart]] for matrix in matrices]))
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return Likeness(tuple(systems), values, low, high)


def _between(vectors: Sequence[np.ndarray]) -> np.ndarray:
    ranks = np.stack([_ranks(vector) for vector in vectors])
    return correlations(ranks, ranks)

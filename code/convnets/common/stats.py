"""What was measured, with its interval; and whether two networks differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Measured", "Paired", "bootstrap", "mcnemar", "mean_interval", "share", "wilson"]

ONE_IN_TEN_THOUSAND = 1e-4

_Z95 = 1.959963984540054
# Two-sided 95 % quantiles of Student's t for 1..10 degrees of freedom; beyond, Cornish-Fisher is exact to 1e-3.
_T95 = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)


class Measured(NamedTuple):
    """A metric: its name, its value, and what is known of how exact that is."""

    name: str  # error, accuracy, miou, map50, dice, nats_per_char, bleu4 ...
    value: float  # a share as a fraction of one
    interval: tuple[float, float] | None = None  # both ends of its 95 % interval
    tolerance: float = ONE_IN_TEN_THOUSAND  # how far another processor's rounding may move it


def share(name: str, hits: int, count: int) -> Measured:
    """``hits`` of ``count`` as a metric with Wilson's interval; one example in ten thousand may differ elsewhere."""
    return Measured(name, hits / count, wilson(hits, count))


def wilson(hits: int, count: int) -> tuple[float, float]:
    """95 % Wilson score interval of a proportion (Wilson 1927): ``hits`` of ``count``, both ends in [0, 1]."""
    if not 0 <= hits <= count or count == 0:
        raise ValueError(f"{hits} hits of {count} is no proportion")
    share, z2 = hits / count, _Z95**2
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = _Z95 / (1 + z2 / count) * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def mean_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean of at least two independent ``values`` and its 95 % t-interval: (mean, low, high)."""
    count = len(values)
    if count < 2:
        raise ValueError("a t-interval needs at least two values")
    mean = sum(values) / count
    variance = sum((value - mean) ** 2 for value in values) / (count - 1)
    half = _t95(count - 1) * math.sqrt(variance / count)
    return mean, mean - half, mean + half


def bootstrap(
    statistic: Callable[[np.ndarray], float], groups: Sequence[Hashable], draws: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """95 % bootstrap interval (Efron 1979, percentiles) of ``statistic(indices)``, a number made of some examples.

    ``groups`` says of each example what it belongs to (its photograph, speaker or track): groups are drawn with
    replacement, for what comes from one group is alike. Examples of their own: ``range(count)``.
    """
    import numpy as np

    members: dict[Hashable, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    if len(members) < 2:
        raise ValueError(f"{len(members)} groups say nothing of how much one differs from another")
    held, generator = [np.array(indices) for indices in members.values()], np.random.default_rng(seed)
    found = [
        statistic(np.concatenate([held[drawn] for drawn in generator.integers(len(held), size=len(held))]))
        for _ in range(draws)
    ]
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


class Paired(NamedTuple):
    """Two classifiers on the same examples: those that only one of them got right, and how likely that is by chance."""

    only_first: int
    only_second: int
    p: float  # two-sided


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> Paired:
    """McNemar's exact test (1947): whether two classifiers that were ``first`` and ``second`` right differ.

    Of the examples on which they disagree, each wins half if neither is better; so a binomial tells how likely the
    division found, or one more uneven, would be. Overlapping intervals are no such test: they forget that both saw the
    same examples. For means over seeds, see :func:`mean_interval` of the seeds' differences.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} answers are no pairs")
    pairs = [(bool(one), bool(other)) for one, other in zip(first, second, strict=True)]
    only_first, only_second = pairs.count((True, False)), pairs.count((False, True))
    count = only_first + only_second
    tail, term = 0, 1
    for hits in range(min(only_first, only_second) + 1):
        tail += term
        term = term * (count - hits) // (hits + 1)
    return Paired(only_first, only_second, min(1.0, 2 * tail / 2**count))


def _t95(degrees: int) -> float:
    if degrees <= len(_T95):
        return _T95[degrees - 1]
    z = _Z95
    return z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)

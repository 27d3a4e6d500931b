"""What was measured, with its interval; and whether two networks differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Measured", "mean_interval", "share", "wilson"]

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


def _t95(degrees: int) -> float:
    if degrees <= len(_T95):
        return _T95[degrees - 1]
    z = _Z95
    return z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)

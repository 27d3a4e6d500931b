"""Spikes by chance, at a rate that is known: an inhomogeneous Poisson process.

The number of spikes in any stretch of time is Poisson distributed with the integral of the rate as its mean, so its
variance equals its mean. Real cells vary rather more from trial to trial (Tolhurst, Movshon & Dean 1983) and cannot
fire again at once (the option ``refractory``).
"""

from __future__ import annotations

import numpy as np

from convnets.common.errors import ConvnetsError
from convnets.hubelwiesel.model import STEP

__all__ = ["spike_counts", "spike_times"]


def spike_counts(rates: np.ndarray, seed: int, step: float = STEP) -> np.ndarray:
    """Spikes in every step of ``step`` seconds, for ``rates`` in spikes per second, of any shape.

    Raises:
        ConvnetsError: a rate is negative or no number.
    """
    return np.random.default_rng(seed).poisson(_checked(rates) * step)


def spike_times(rates: np.ndarray, seed: int, step: float = STEP, refractory: float = 0.0) -> np.ndarray:
    """Sorted times in seconds of the spikes of one trial with ``rates`` (T,), each for a step.

    By thinning (Lewis & Shedler 1979): a Poisson process of the largest rate, each of whose points is kept with the
    probability rate / largest rate. With ``refractory`` seconds above zero, a spike that follows the last one sooner
    is dropped.

    Raises:
        ConvnetsError: a rate is negative or no number.
    """
    rates = _checked(rates)
    random = np.random.default_rng(seed)
    largest = rates.max(initial=0.0)
    length = len(rates) * step
    times = np.sort(random.uniform(0, length, random.poisson(largest * length)))
    place = np.minimum((times / step).astype(int), len(rates) - 1)
    times = times[random.uniform(0, largest, len(times)) < rates[place]]
    if refractory <= 0:
        return times
    kept, last = [], -np.inf
    for time in times:
        if time - last >= refractory:
            kept.append(time)
            last = time
    return np.array(kept)


def _checked(rates: np.ndarray) -> np.ndarray:
    rates = np.asarray(rates, dtype=float)
    if not np.isfinite(rates).all() or (rates < 0).any():
        raise ConvnetsError("A rate is negative or no number: spikes need rates of zero or more per second.")
    return rates

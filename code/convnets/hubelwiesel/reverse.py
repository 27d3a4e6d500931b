"""Reverse correlation: show noise, and ask what was on the screen before each spike.

The mean picture before a spike, the *spike-triggered average*, is the linear part of a cell (de Boer & Kuyper 1968);
Jones & Palmer 1987 mapped simple cells in this way. For a cell that answers light and shade alike the average
cancels; the pictures' *covariance* still shows the fields whose squares it adds (de Ruyter van Steveninck & Bialek
1988; Touryan, Lau & Dan 2002).

The noise here is binary: every *element* of the screen, a square or a bar, is brighter or darker than the background
by the same contrast, by chance and independently of the others. Jones & Palmer showed small spots one after the other
instead.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from convnets.common.errors import ConvnetsError
from convnets.hubelwiesel.model import Neuron, Unit
from convnets.hubelwiesel.spikes import spike_counts
from convnets.hubelwiesel.stimuli import SIZE, across, grid

__all__ = ["Recording", "agreement", "average", "bars", "covariance", "record", "squares", "true_fields"]

HOLD = 5  # steps, so 50 ms, that a frame of noise stays on the screen
LAGS = 6  # frames before a spike that are looked at


class Recording(NamedTuple):
    """Frames of noise (T, D) of -1 and 1, the spikes (T,) during each, and each pixel's element (SIZE, SIZE)."""

    noise: np.ndarray
    spikes: np.ndarray
    elements: np.ndarray


def squares(pixels: int = 4) -> np.ndarray:
    """The screen as squares of ``pixels`` x ``pixels``: which element each pixel belongs to, (SIZE, SIZE).

    Raises:
        ConvnetsError: squares that do not fill the screen.
    """
    if pixels not in (1, 2, 4, 8, 16):
        raise ConvnetsError(f"Squares of {pixels} pixels do not fill {SIZE} pixels evenly: choose 1, 2, 4, 8 or 16.")
    ticks = np.arange(SIZE) // pixels
    return ticks[:, None] * (SIZE // pixels) + ticks[None]


def bars(unit: Unit, width: float = 0.5, count: int = 12) -> np.ndarray:
    """Bars ``width`` degrees wide along the unit's orientation, across its field; the outer two reach to the border.

    Raises:
        ConvnetsError: no width, or fewer than two bars.
    """
    if not 0 < width < math.inf or count < 2:
        raise ConvnetsError(f"{count} bars {width} degrees wide cannot be shown: give two or more, wider than zero.")
    x, y = grid()
    _, v = across(unit.angle, x - unit.x, y - unit.y)
    return np.clip(np.floor(v / width + count / 2), 0, count - 1).astype(int)


def record(unit: Unit, elements: np.ndarray, frames: int, contrast: float = 1.0, seed: int = 0) -> Recording:
    """Show ``frames`` frames of noise, 50 ms each, and count spikes.

    Raises:
        ConvnetsError: too few frames, or a contrast that no screen can show.
    """
    if not 0 < contrast <= 1:
        raise ConvnetsError(f"Noise of contrast {contrast} cannot be shown: choose one above 0 and up to 1.")
    if frames <= LAGS:
        raise ConvnetsError(f"{frames} frames are too few for reverse correlation: show more than {LAGS}.")
    noise = np.random.default_rng(seed).integers(0, 2, (frames, elements.max() + 1), dtype=np.int8) * 2 - 1
    neuron = Neuron(unit)
    fields = _sums(neuron.kernels, elements)
    shown = contrast * noise.astype(np.float32)
    pools = np.full(frames, 2 * contrast**2 * neuron.pool_weights.sum())  # both signs have the same square
    rates = neuron.film(np.repeat(np.column_stack([shown @ fields.T, pools]), HOLD, axis=0))
    spikes = spike_counts(rates, seed + 1).reshape(frames, HOLD).sum(1)
    return Recording(noise, spikes, elements)


def _sums(pictures: np.ndarray, elements: np.ndarray) -> np.ndarray:
    """Sums of (K, SIZE, SIZE) over every element, (K, D)."""
    return np.stack([np.bincount(elements.ravel(), each.ravel()) for each in pictures])


def average(recording: Recording, lag: int | None = None) -> tuple[np.ndarray, int]:
    """The spike-triggered average (D,) and its lag in frames: where it is strongest, unless given.

    Raises:
        ConvnetsError: there was no spike, or the lag is longer than the recording.
    """
    _check(recording, lag or 0)
    lags = range(LAGS) if lag is None else (lag,)
    found = {each: _average_at(recording, each) for each in lags}
    best = max(found, key=lambda each: float((found[each] ** 2).sum()))
    return found[best], best


def _check(recording: Recording, lag: int) -> None:
    if not 0 <= lag < len(recording.spikes):
        raise ConvnetsError(
            f"A lag of {lag} frames cannot be looked at in {len(recording.spikes)}: choose one from 0 to {LAGS - 1}."
        )
    if not recording.spikes[lag:].any():
        raise ConvnetsError("There was no spike to average over: show more frames, or more contrast.")


def _average_at(recording: Recording, lag: int) -> np.ndarray:
    noise, spikes = recording.noise[: len(recording.noise) - lag], recording.spikes[lag:]
    return spikes.astype(np.float32) @ noise.astype(np.float32) / max(spikes.sum(), 1)


def covariance(recording: Recording, lag: int, count: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """The ``count`` patterns (count, D) along which frames before spikes vary most, and all eigenvalues, falling.

    They belong to the covariance of the frames ``lag`` before a spike, less that of all frames. For Gaussian noise, an
    eigenvalue of 0 is a pattern that does not matter to the cell. For this binary noise every element has the variance
    1 before a spike as at any time, so that the eigenvalues add up to next to nothing: those above zero are paid for by
    others below it, which is no sign of inhibition.

    Raises:
        ConvnetsError: there was no spike, or the lag is longer than the recording.
    """
    _check(recording, lag)
    noise = recording.noise[: len(recording.noise) - lag].astype(np.float32)
    spikes = recording.spikes[lag:].astype(np.float32)
    mean = spikes @ noise / spikes.sum()
    change = (noise * spikes[:, None]).T @ noise / spikes.sum() - np.outer(mean, mean) - noise.T @ noise / len(noise)
    values, vectors = np.linalg.eigh(change.astype(float))
    return vectors[:, ::-1][:, :count].T, values[::-1]


def true_fields(unit: Unit, elements: np.ndarray) -> np.ndarray:
    """The unit's fields as the noise meets them, (K, D)."""
    return _sums(Neuron(unit).kernels, elements)


def agreement(found: np.ndarray, truth: np.ndarray) -> float:
    """How much of ``found`` (K, D) or (D,) lies in the span of ``truth``, from 0 to 1.

    Raises:
        ConvnetsError: nothing was found, every number is zero.
    """
    if not np.any(found):
        raise ConvnetsError("A field of zeros agrees with nothing: show more frames.")
    basis, _ = np.linalg.qr(np.atleast_2d(truth).T)
    rows = np.atleast_2d(found)
    return math.sqrt(float(((rows @ basis) ** 2).sum() / (rows**2).sum()))

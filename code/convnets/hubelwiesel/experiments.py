"""What an experimenter measures: tuning curves, modulation by a drifting grating, and a map drawn by hand.

Rates here are the model's own, without the chance of spikes, except in :func:`hand_map`, which hears spikes as Hubel
and Wiesel did.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from convnets.common.errors import ConvnetsError
from convnets.hubelwiesel.model import BEST_FREQUENCY, STEP, Neuron, Unit, respond
from convnets.hubelwiesel.spikes import spike_counts
from convnets.hubelwiesel.stimuli import HALF, SIZE, Stimulus, grating, sweep

__all__ = [
    "Curve", "Mark", "contrast_tuning", "direction_index", "frequency_tuning", "grating_response", "half_width",
    "hand_map", "length_tuning", "modulation", "naka_rushton", "orientation_tuning", "width_tuning",
]  # fmt: skip

SPEED = 4.0  # degrees per second, of a swept bar
SECONDS = 1.2  # that a sweep takes


class Curve(NamedTuple):
    """Rates (spikes per second) against the values of what was varied."""

    values: np.ndarray
    rates: np.ndarray

    @property
    def best(self) -> float:
        """The value with the highest rate."""
        return float(self.values[self.rates.argmax()])


class Mark(NamedTuple):
    """A place on the screen, and what light did there: ``on`` and ``off`` are rates above the resting one."""

    x: float
    y: float
    on: float
    off: float
    sign: int  # 1: a cross, -1: a triangle, 0: neither, 2: both


def grating_response(
    unit: Unit,
    angle: float | None = None,
    frequency: float | None = None,
    contrast: float = 1.0,
    hertz: float = BEST_FREQUENCY,
    cycles: int = 4,
    direction: int = 1,
) -> np.ndarray:
    """Rates (T,) to the last ``cycles`` cycles of a grating drifting over the whole screen, towards ``angle`` + 90.

    Angle and frequency are the unit's own unless given; ``direction`` -1 turns the movement round. T is the number of
    steps that comes nearest to the cycles' time. A moving grating is a mixture of two that stand still, so only two
    pictures have to be summed.

    Raises:
        ConvnetsError: fewer than one cycle, a frequency that steps of STEP cannot show, or as :func:`grating`.
    """
    if cycles < 1 or not 0 < hertz <= 0.5 / STEP:
        raise ConvnetsError(
            f"{cycles} cycles at {hertz} Hz cannot be shown: give one or more, at a rate above 0 and up to "
            f"{0.5 / STEP:g} Hz."
        )
    angle = unit.angle if angle is None else angle
    frequency = unit.frequency if frequency is None else frequency
    neuron = Neuron(unit)
    parts = np.stack([grating(angle, frequency, phase, contrast) for phase in (0.0, -math.pi / 2)]).reshape(2, -1)
    fields, weights = neuron.kernels.reshape(-1, SIZE**2), neuron.pool_weights.ravel()
    sums, squares = parts @ fields.T, (parts[:, None] * parts[None]) @ weights
    count = round(cycles / hertz / STEP)
    turns = (
        direction * 2 * math.pi * hertz * np.arange(-2 * count, count) * STEP
    )  # the first two thirds settle the filters
    mix = np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    pools = 2 * np.einsum("ti,ij,tj->t", mix, squares, mix)
    return neuron.film(np.column_stack([mix @ sums, pools]))[2 * count :]


def modulation(rates: np.ndarray, cycles: int = 4) -> tuple[float, float]:
    """(F0, F1): mean of the rates to ``cycles`` cycles of a grating, and amplitude at the grating's frequency.

    F1 / F0 is the measure of Skottun and others 1991: above 1 for simple, below 1 for complex cells. The resting rate
    is not taken off; of a cell that rests, it belongs to F0.
    """
    turns = np.exp(-2j * math.pi * cycles * np.arange(len(rates)) / len(rates))
    return float(rates.mean()), float(2 * abs((rates * turns).mean()))


def orientation_tuning(unit: Unit, bar: Stimulus | None = None, step: float = 15.0) -> Curve:
    """Mean rate to a sweep against its *direction*, its angle + 90; the unit's best bar unless given.

    Hubel and Wiesel moved bars, not gratings. A bar's orientation is its direction less 90 degrees; :func:`fold` takes
    the better of an orientation's two directions.

    Raises:
        ConvnetsError: a step that does not divide 180 degrees.
    """
    if not (step > 0 and (180 / step).is_integer()):
        raise ConvnetsError(f"Steps of {step} degrees do not divide 180: choose a step such as 5, 10 or 15.")
    bar = bar or best_bar(unit)
    angles = np.arange(0.0, 360.0, step)
    rates = [mean_rate(unit, replace(bar, angle=float(angle))) for angle in angles]
    return Curve((angles + 90) % 360, np.array(rates))


def best_bar(unit: Unit) -> Stimulus:
    """The bar that suits the unit: over its middle, half a cycle wide, or one degree, and light or dark."""
    width = 0.5 / unit.frequency if unit.oriented else 1.0
    dark = unit.kind == "off" or (unit.kind == "simple" and math.cos(math.radians(unit.phase)) < -1e-9)
    length = 2.4 * unit.length if unit.kind == "endstopped" else 4 * unit.length
    return Stimulus("bar", unit.x, unit.y, unit.angle, width=width, length=length, contrast=-1.0 if dark else 1.0)


def mean_rate(unit: Unit, stimulus: Stimulus) -> float:
    """Mean rate while the stimulus is swept across the unit's field."""
    return float(respond(unit, [*sweep(stimulus, SPEED, SECONDS, STEP)]).mean())


def width_tuning(unit: Unit, widths: Sequence[float] = tuple(np.arange(0.2, 3.01, 0.2))) -> Curve:
    """Highest rate to a bar that lights up for half a second against its width in degrees."""
    bars = [replace(best_bar(unit), width=float(width)) for width in widths]
    return Curve(np.asarray(widths), np.array([respond(unit, [bar] * 50).max() for bar in bars]))


def length_tuning(unit: Unit, lengths: Sequence[float] = tuple(np.arange(0.25, 6.01, 0.25))) -> Curve:
    """Mean rate to a swept bar against its length in degrees."""
    rates = [mean_rate(unit, replace(best_bar(unit), length=float(length))) for length in lengths]
    return Curve(np.asarray(lengths), np.array(rates))


def frequency_tuning(unit: Unit, frequencies: Sequence[float] = tuple(np.geomspace(0.1, 2.0, 15))) -> Curve:
    """Mean rate (complex) or amplitude (the others) against a grating's spatial frequency in cycles per degree."""
    part = 0 if unit.kind == "complex" else 1
    rates = [modulation(grating_response(unit, frequency=float(value)))[part] for value in frequencies]
    return Curve(np.asarray(frequencies), np.array(rates))


def contrast_tuning(unit: Unit, contrasts: Sequence[float] = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0)) -> Curve:
    """Mean rate above the resting one against the contrast of a drifting grating."""
    rates = [modulation(grating_response(unit, contrast=float(value)))[0] - unit.spontaneous for value in contrasts]
    return Curve(np.asarray(contrasts), np.array(rates))


def naka_rushton(contrast: np.ndarray, top: float, half: float, exponent: float) -> np.ndarray:
    """top c^n / (half^n + c^n): half of ``top`` where the contrast is ``half``."""
    return top * contrast**exponent / (half**exponent + contrast**exponent)


def half_width(curve: Curve, resting: float = 0.0, period: float = 180.0) -> float:
    """Half the width of the tuning at half its height above ``resting``, in the units of ``curve.values``.

    The curve is cyclic with ``period``; between its points it is taken as straight.

    Raises:
        ConvnetsError: the curve does not fall to half its height on both sides.
    """
    order = np.argsort(curve.values % period)
    values, rates = (curve.values % period)[order], curve.rates[order] - resting
    values = np.concatenate([values - period, values, values + period])
    rates = np.tile(rates, 3)
    peak = len(order) + int(rates[: len(order)].argmax())
    sides = []
    for walk in (1, -1):
        for index in range(peak, peak + walk * len(order), walk):
            low, high = rates[index + walk], rates[index]
            if low <= rates[peak] / 2 < high:
                share = (high - rates[peak] / 2) / (high - low)
                sides.append(abs(values[index] + share * (values[index + walk] - values[index]) - values[peak]))
                break
    if len(sides) < 2:
        raise ConvnetsError("The tuning curve never falls to half of its height: this cell prefers no orientation.")
    return float(np.mean(sides))


def direction_index(curve: Curve, resting: float = 0.0) -> float:
    """1 - null / preferred of a curve over 360 degrees, above ``resting``: 0 for both alike, 1 for only one.

    Raises:
        ConvnetsError: no rate lies above ``resting``.
    """
    if not curve.rates.max(initial=-math.inf) > resting:
        raise ConvnetsError(f"No rate lies above the resting {resting:g} per second: there is no preferred direction.")
    preferred = curve.best
    null = curve.rates[np.argmin(abs((curve.values - preferred - 180 + 180) % 360 - 180))]
    return float(1 - max(null - resting, 0) / (curve.rates.max() - resting))


def fold(curve: Curve) -> Curve:
    """A curve over 360 degrees of direction as one over 180 degrees of *orientation*: the better of both directions."""
    half = len(curve.values) // 2
    orientations = (curve.values - 90) % 180
    rates = np.maximum(curve.rates[:half], curve.rates[half:])
    order = np.argsort(orientations[:half])
    return Curve(orientations[:half][order], rates[order])


def hand_map(
    unit: Unit, spacing: float = 0.5, diameter: float = 1.0, reach: float = 2.5, flashes: int = 30, seed: int = 0
) -> list[Mark]:
    """Flash a spot at every place of a grid and listen, as in 1959: half a second of light, half a second without.

    Spikes of the first 0.3 seconds count. A place gets a cross if the cell fires more than at rest when the light
    goes on, a triangle if it fires more when the light goes off or is silenced by it: by more than three times the
    standard deviation that chance gives, and by more than three spikes, over all ``flashes``. Where both are so, it
    gets both.

    Raises:
        ConvnetsError: no flash, or no distance between the places.
    """
    if flashes < 1 or not spacing > 0 or not 0 <= reach < math.inf:
        raise ConvnetsError(
            f"{flashes} flashes on places {spacing} degrees apart, up to {reach} away, give no map: flash once or "
            "more, with a spacing above zero."
        )
    heard, marks = 30, []  # steps after each change in which spikes are counted
    ticks = np.arange(-reach, reach + 1e-9, spacing)
    seconds = flashes * heard * STEP
    resting = unit.spontaneous * seconds
    threshold = max(3 * math.sqrt(resting), 3.0)
    places = [(float(unit.x + x), float(unit.y - y)) for y in ticks for x in ticks]
    for number, (x, y) in enumerate(places):
        if max(abs(x), abs(y)) > HALF:
            continue
        spot = Stimulus("spot", x, y, diameter=diameter)
        rates = respond(unit, [spot] * 50 + [None] * 50)
        counts = spike_counts(np.tile(rates, (flashes, 1)), seed * 10_000 + number).sum(0)
        on, off = counts[:heard].sum() - resting, counts[50 : 50 + heard].sum() - resting
        excites, silences = on > threshold, off > threshold or on < -threshold
        sign = 2 if excites and off > threshold else 1 if excites else -1 if silences else 0
        marks.append(Mark(x, y, on / seconds, off / seconds, sign))
    return marks

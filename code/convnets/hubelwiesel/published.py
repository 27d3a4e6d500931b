"""What physiologists measured, with its source, and the same measured on the cells of the book.

The papers could not be opened when this was written; ``seen`` says through what each value was read
(more in ``assets/hubelwiesel/SOURCES.md``). Where several kinds of animal were studied, the one is named.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from convnets.common.tables import Table, Value, span, table
from convnets.hubelwiesel import experiments
from convnets.hubelwiesel.cells import CELLS
from convnets.hubelwiesel.model import Unit, kernels
from convnets.hubelwiesel.stimuli import PIXELS_PER_DEGREE, grating

__all__ = ["PUBLISHED", "Published", "bandwidth", "beside", "comparison", "cut_off", "half_contrast"]


class Published(NamedTuple):
    """A range of values that was reported."""

    quantity: str
    unit: str
    low: float
    high: float
    animal: str
    source: str
    seen: str


PUBLISHED = {
    "bandwidth": Published(
        "orientation tuning, full width at half height", "degrees", 6, 360, "macaque, median near 40",
        "De Valois, Yund & Hepler 1982", "abstract",
    ),
    "cut_off": Published(
        "spatial frequency where sensitivity has fallen to a tenth", "cycles/degree", 0.18, 3.8, "cat",
        "Campbell, Cooper & Enroth-Cugell 1969", "abstract",
    ),
    "simple": Published(
        "F1/F0 of simple cells", "", 1, 2, "cat, macaque", "Skottun and others 1991",
        "its rule as quoted by Mechler & Ringach 2002 and others; 2 is the most that rates can reach",
    ),
    "complex": Published(
        "F1/F0 of complex cells", "", 0, 1, "cat, macaque", "Skottun and others 1991", "as above",
    ),
    "contrast": Published(
        "contrast at half of the largest answer", "", 0.0, 0.5,
        "cat, our reading", "Dean 1981", "abstract: about linear up to 0.3, then saturating; it has no such bounds",
    ),
    "aspect": Published(
        "Gabor function of simple cells: standard deviation across over along", "", 0.23, 0.92,
        "cat; attribution recalled", "Jones & Palmer 1987",
        "the range: code of several models of the cortex; that it is this paper's: recalled",
    ),
    "shape": Published(
        "Gabor function: standard deviation times frequency, across and along", "cycles", 0.0, 1.0,
        "macaque, cat; recalled", "Ringach 2002", "recalled, not verified",
    ),
}  # fmt: skip
"""By the names that :func:`comparison` uses."""


def cut_off(unit: Unit) -> float:
    """Cycles per degree, above the best, at which the unit's field sums a grating to a tenth of the best."""
    frequencies = np.linspace(0.1, PIXELS_PER_DEGREE / 2, 100)
    field = kernels(unit)[0].ravel()
    waves = [grating(unit.angle, f, np.array([0.0, math.pi / 2])).reshape(2, -1) @ field for f in frequencies]
    amplitudes = np.hypot(*np.transpose(waves))
    best = int(amplitudes.argmax())
    return float(frequencies[best + np.argmax(amplitudes[best:] < amplitudes[best] / 10)])


def half_contrast(unit: Unit) -> float:
    """Contrast at which the answer to a grating is half of that to full contrast, between measured points."""
    curve = experiments.contrast_tuning(unit)
    return float(np.interp(0.5, curve.rates / curve.rates[-1], curve.values))


def bandwidth(unit: Unit, step: float = 5.0) -> float:
    """Full width at half height, in degrees, of the tuning to bars swept in the preferred sense, ``step`` apart."""
    angles = np.arange(0.0, 180.0, step)
    bars = [replace(experiments.best_bar(unit), angle=unit.angle + float(away)) for away in angles - 90]
    curve = experiments.Curve(angles, np.array([experiments.mean_rate(unit, bar) for bar in bars]))
    return 2 * experiments.half_width(curve, unit.spontaneous)


def _measured(unit: Unit) -> Iterator[tuple[str, float]]:
    """(name, value) of all that can be measured on the unit."""
    if unit.kind == "endstopped":
        return
    zero, first = experiments.modulation(experiments.grating_response(unit))
    if unit.oriented:
        yield "bandwidth", bandwidth(unit)
        yield "shape", unit.sigma * unit.frequency
        yield "shape", unit.length * unit.frequency
        yield unit.kind, first / zero
        yield "contrast", half_contrast(unit)
    if unit.kind == "simple":
        yield "aspect", unit.sigma / unit.length
    yield "cut_off", cut_off(unit)


def comparison(cells: tuple[Unit, ...] = CELLS) -> dict[str, list[float]]:
    """By the names of :data:`PUBLISHED`, the same measured on ``cells``, in their order.

    A cell whose field full-screen gratings silence, the end-stopped one, is left out.
    """
    found: dict[str, list[float]] = {name: [] for name in PUBLISHED}
    for unit in cells:
        for name, value in _measured(unit):
            found[name].append(value)
    return found


def beside(measured: dict[str, list[float]]) -> Table:
    """A line a quantity: what was published, of which animal and by whom, and what :func:`comparison` measured."""
    lines: list[list[str | int | Value]] = []
    for name, known in PUBLISHED.items():
        values = measured[name]
        low, high = min(values), max(values)
        ours = span(low, high, 0 if low >= 10 else 2)
        reported = Value("number", f"{known.low:g}–{known.high:g}")
        quantity = f"{known.quantity}, {known.unit}" if known.unit else known.quantity
        lines.append([quantity, reported, known.source, known.animal, ours, len(values)])
    return table(["quantity", "published", "by", "in", "our cells", "values"], lines)

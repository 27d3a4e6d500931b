"""Charts of what cells answer: spikes to bars, tuning curves, and answers to drifting gratings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Rectangle

from convnets.common.plot import FAINT, INK, MUTED, PALETTE, figure
from convnets.hubelwiesel import experiments
from convnets.hubelwiesel.model import STEP, Unit, respond
from convnets.hubelwiesel.spikes import spike_times
from convnets.hubelwiesel.stimuli import Stimulus

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["contrast_curves", "gratings", "length_curves", "orientation_curves", "turned_bar"]


def turned_bar(unit: Unit, bar: Stimulus, angles: Sequence[float], seed: int = 0) -> Figure:
    """Spikes to a bar that lights up for a second at each of the angles, one line an angle, in degrees at the left."""
    result, axes = figure(width=5.4, height=0.36 * len(angles) + 0.5)
    for line, angle in enumerate(angles):
        rates = respond(unit, [None] * 50 + [replace(bar, angle=float(angle))] * 100 + [None] * 100)
        times = spike_times(rates, seed + line, refractory=0.002) - 0.5
        axes.vlines(times, line - 0.36, line + 0.36, color=INK, linewidth=0.9)
        along = 0.3 * np.array([-math.cos(math.radians(angle)), math.cos(math.radians(angle))])
        up = 0.38 * np.array([math.sin(math.radians(angle)), -math.sin(math.radians(angle))])
        axes.plot(-0.85 + along / 3.4, line + up, color=PALETTE[1], linewidth=3.5, solid_capstyle="butt")
    axes.add_patch(Rectangle((0, -0.7), 1, len(angles) + 0.4, facecolor=FAINT, alpha=0.5, edgecolor="none", zorder=0))
    axes.set(xlim=(-1.0, 2), ylim=(len(angles) - 0.4, -0.7), xlabel="seconds since the light went on")
    axes.set_yticks(range(len(angles)), [f"{angle:g}°" for angle in angles])
    axes.tick_params(axis="y", length=0)
    axes.set_xticks([-0.5, 0, 0.5, 1, 1.5, 2])
    axes.spines["left"].set_visible(False)
    return result


def orientation_curves(units: Sequence[Unit]) -> Figure:
    """Mean rate to a swept bar against its orientation, the better of both directions, about the unit's own."""
    result, axes = figure(width=5.4, height=3.2)
    for unit, colour, marker in zip(units, PALETTE, "os^Dv", strict=False):
        curve = experiments.fold(experiments.orientation_tuning(unit))
        away = (curve.values - unit.angle + 90) % 180 - 90
        order = np.argsort(away)
        axes.plot(away[order], curve.rates[order], marker=marker, color=colour, markersize=4, label=unit.name)
    axes.set(xlabel="degrees from the preferred orientation", ylabel="spikes per second", xticks=range(-90, 91, 30))
    _finish(axes)
    return result


def width_and_direction_curves(units: Sequence[Unit]) -> Figure:
    """Highest rate to a bar that lights up against its width, and mean rate to a swept one against its direction."""
    result, (left, right) = figure(1, 2, width=6.6, height=3.2)
    for unit, colour, marker in zip(units, PALETTE, "os^Dv", strict=False):
        curve = experiments.width_tuning(unit)
        left.plot(curve.values, curve.rates, marker=marker, color=colour, markersize=4, label=unit.name)
        curve = experiments.orientation_tuning(unit, step=5)
        away = (curve.values - unit.angle - 90 + 180) % 360 - 180
        order = np.argsort(away)
        right.plot(away[order], curve.rates[order], color=colour)
    left.set(xlabel="width of the bar, degrees", ylabel="spikes per second")
    right.set(xlabel="degrees from the preferred direction", xticks=range(-180, 181, 90))
    for axes in (left, right):
        axes.set_ylim(bottom=0)
        axes.grid(True, axis="y")
    left.legend(fontsize=9)
    return result


def length_curves(units: Sequence[Unit]) -> Figure:
    """Mean rate to a swept bar against its length, as a part of each unit's largest."""
    result, axes = figure(width=5.4, height=3.0)
    for unit, colour, marker in zip(units, PALETTE, "os^Dv", strict=False):
        curve = experiments.length_tuning(unit)
        axes.plot(
            curve.values, curve.rates / curve.rates.max(), marker=marker, color=colour, markersize=4, label=unit.name
        )
    axes.set(xlabel="length of the bar, degrees", ylabel="rate / largest rate", ylim=(0, 1.05))
    _finish(axes)
    return result


def _finish(axes: Axes) -> None:
    axes.set_ylim(bottom=0)
    axes.grid(True, axis="y")
    axes.legend(fontsize=9)


def gratings(units: Sequence[Unit]) -> Figure:
    """Rates to two cycles of the best drifting grating, with F1/F0 (dotted: F0)."""
    result, axes = figure(1, len(units), width=1.85 * len(units), height=2.3, squeeze=False)
    answers = [experiments.grating_response(unit) for unit in units]
    for place, unit, rates in zip(axes.flat, units, answers, strict=True):
        zero, first = experiments.modulation(rates)
        half = len(rates) // 2
        place.plot(np.arange(half) * STEP, rates[:half], color=PALETTE[0])
        place.axhline(zero, color=MUTED, linestyle=":", linewidth=1.2)
        place.set(title=f"{unit.name}\nF1/F0 = {first / zero:.2f}", xlabel="seconds", xticks=[0, 0.3, 0.6])
        place.set_ylim(0, 1.08 * max(map(np.max, answers)))
        place.title.set_fontsize(9)
        if place is not axes[0, 0]:
            place.set_yticklabels([])
    axes[0, 0].set_ylabel("spikes per second")
    return result


def contrast_curves(unit: Unit, aside: float = 20.0) -> Figure:
    """Answers to gratings of rising contrast at the best orientation and ``aside`` degrees off; lines: Naka-Rushton."""
    result, axes = figure(width=5.0, height=3.0)
    contrasts = np.array([0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0])
    smooth = np.geomspace(0.02, 1, 60)
    for angle, colour, marker in ((0.0, PALETTE[0], "o"), (aside, PALETTE[1], "s")):
        answers = [
            experiments.grating_response(unit, angle=unit.angle + angle, contrast=float(each)) for each in contrasts
        ]
        rates = np.mean(answers, axis=1) - unit.spontaneous
        shape = experiments.naka_rushton(smooth, 1, unit.half, unit.exponent)
        axes.plot(contrasts, rates, marker, color=colour, label=f"{angle:.0f} degrees from the best")
        axes.plot(smooth, shape * rates[-1] / shape[-1], color=colour, linewidth=1.2)
    axes.set(xscale="log", xlabel="contrast", ylabel="spikes per second above rest")
    axes.set_xticks([0.02, 0.05, 0.1, 0.2, 0.5, 1], ["0.02", "0.05", "0.1", "0.2", "0.5", "1"])
    axes.minorticks_off()
    _finish(axes)
    return result

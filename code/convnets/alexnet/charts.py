"""Charts of what was measured: drawn from run records and from the results of :mod:`convnets.alexnet.studies`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from convnets.alexnet import data, studies
from convnets.common import runs
from convnets.common.plot import FAINT, INK, MUTED, PALETTE, figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ablations", "confusion", "race"]


def race() -> Figure:
    """Training error of four layers by epoch, with ReLU and with tanh, until a quarter is wrong; thin: seeds."""
    result, axes = figure(width=5.4, height=3.0)
    axes.axhline(100 * studies.TARGET, color=FAINT, linewidth=1.5, zorder=0)
    for recipe, label, colour, line in (("four", "ReLU", PALETTE[0], "-"), ("four-tanh", "tanh", PALETTE[1], "--")):
        stems = [stem for stem in runs.names("alexnet") if stem.rpartition("-")[0] == recipe]
        curves = [runs.read("alexnet", stem)["curves"]["train_error"] for stem in stems]
        for curve in curves:
            axes.plot(range(1, len(curve) + 1), [100 * e for e in curve], line, color=colour, linewidth=0.7, alpha=0.4)
        shortest = min(map(len, curves))
        mean = 100 * np.mean([curve[:shortest] for curve in curves], axis=0)
        axes.plot(range(1, shortest + 1), mean, line, color=colour, label=label)
    axes.set(xlabel="epoch", ylabel="training error, %", ylim=(0, None))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(loc="upper right")
    return result


def ablations() -> Figure:
    """By how much each change moves the test error, seed by seed: mean and 95 % interval."""
    found = sorted(studies.changes().items(), key=lambda each: -each[1].mean)
    result, axes = figure(width=5.6, height=0.8 + 0.42 * len(found))
    axes.axvline(0, color=FAINT, linewidth=1.5, zorder=0)
    for place, (_, summary) in enumerate(found):
        beyond = summary.low > 0 or summary.high < 0
        colour = PALETTE[0] if beyond else MUTED
        axes.plot([100 * summary.low, 100 * summary.high], [place, place], color=colour, linewidth=2)
        axes.plot(100 * summary.mean, place, "o", color=colour, markersize=7)
        axes.plot([100 * value for value in summary.values], [place] * len(summary.values), ".", color=INK, alpha=0.5)
    axes.set_yticks(range(len(found)), [studies.CHANGES[part][1] for part, _ in found], color=INK)
    axes.set(xlabel="test error, difference in points", ylim=(len(found) - 0.4, -0.6))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    return result


def confusion(misread: Mapping[str, Any]) -> Figure:
    """How often each label got each wrong answer, from ``studies.mistakes``; the area grows with the count."""
    count = len(data.CLASSES)
    table = np.zeros((count, count), int)
    np.add.at(table, (misread["label"], misread["answer"]), 1)
    result, axes = figure(width=5.2, height=4.6)
    for label, answer in zip(*table.nonzero(), strict=True):
        hits = table[label, answer]
        axes.scatter(answer, label, s=16 * hits, color=PALETTE[0], alpha=0.55, linewidths=0)
        axes.text(answer, label, hits, ha="center", va="center", fontsize=8, color=INK)
    _classes(axes, count)
    return result


def _classes(axes: Axes, count: int) -> None:
    axes.set_xticks(range(count), data.CLASSES, rotation=45, ha="right")
    axes.set_yticks(range(count), data.CLASSES)
    axes.set(xlim=(-0.6, count - 0.4), ylim=(count - 0.4, -0.6), xlabel="answer", ylabel="label", aspect="equal")
    axes.tick_params(length=0)
    axes.grid(True)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)

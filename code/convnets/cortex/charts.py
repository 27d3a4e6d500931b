"""Charts of what was measured: fields, tolerance, selectivity, resemblance, readouts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from convnets.common import runs, seeds
from convnets.common.plot import FAINT, INK, MUTED, PALETTE, figure
from convnets.cortex.measure import STAGES, Selectivity, Tolerance
from convnets.cortex.physiology import AREAS, fields
from convnets.cortex.similarity import Likeness

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["displaced", "field_sizes", "likeness_matrix", "readouts", "selectivity_chart", "tolerance_curves"]

SHOWN = ("retina", "v1", "c1", "c2", "c2b", "s4")
LABELS = {name: name.upper().replace("B", "b") for name in {*STAGES, *fields()}}
LABELS |= {"retina": "retina", "v1": "V1 energy"}
COLOURS = dict(zip(SHOWN, (MUTED, *PALETTE), strict=False))
MARKERS = dict(zip(SHOWN, "vs^oDP", strict=True))

READ = {
    "majority": "always “animal”",
    "pixels": "pixels",
    "c1": "C1, every unit",
    "c2": "C2",
    "c3": "C3",
    "c2b": "C2b",
    "s4": "S4",
}
"""What is read out, from least to most processed, as the chart names it."""


def field_sizes(side: int = 256) -> Figure:
    """Receptive fields of the areas as measured (grey) and of the model's stages on an image of ``side`` pixels."""
    result, axes = figure(width=5.6, height=3.6)
    spans = fields()
    for place, area in enumerate(AREAS):
        if area.high:
            axes.plot([area.low, area.high], [place, place], color=FAINT, linewidth=13, solid_capstyle="butt")
        else:  # only the order is known: between the areas before and after it
            ends = AREAS[place - 1], AREAS[place + 1]
            between = [math.sqrt(ends[0].low * ends[1].low), math.sqrt(ends[0].high * ends[1].high)]
            axes.plot(between, [place, place], color=FAINT, linewidth=3, linestyle=(0, (1, 1)))
        for row, stage in enumerate(area.stages):
            low, high = spans[stage].degrees(side)
            height = place + 0.18 * (row - (len(area.stages) - 1) / 2)
            colour = PALETTE[0] if stage[0] == "s" else PALETTE[1] if stage[0] == "c" else PALETTE[2]
            axes.plot([low, high], [height, height], "o-", color=colour, markersize=4, linewidth=2)
            at, far, anchor = (low, -6, "right") if len(area.stages) > 2 and low < high else (high, 6, "left")
            axes.annotate(LABELS[stage], (at, height), (far, 0),
                          textcoords="offset points", ha=anchor, va="center", color=INK, fontsize=8)  # fmt: skip
    axes.set_yticks(range(len(AREAS)), [area.name for area in AREAS], color=INK)
    axes.set(
        xscale="log", xlabel="diameter of receptive field, degrees", ylim=(len(AREAS) - 0.5, -0.6), xlim=(0.04, 40)
    )
    axes.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
    axes.minorticks_off()
    axes.tick_params(axis="y", length=0)
    axes.grid(True, axis="x")
    return result


def tolerance_curves(shift: Tolerance, size: Tolerance, shown: tuple[str, ...] = SHOWN) -> Figure:
    """Likeness to the unmoved object against shift and size: 1 = as before, 0 = as a different object."""
    result, panels = figure(1, 2, width=6.6, height=3.6)
    for axes, found, label in zip(panels, (shift, size), ("shift, degrees", "size, times"), strict=True):
        for name in shown:
            values = (found.same[name] - found.other[name]) / (1 - found.other[name])
            axes.plot(
                found.amounts, values, color=COLOURS[name], marker=MARKERS[name], markersize=4, label=LABELS[name]
            )
        axes.axhline(0.5, color=MUTED, linewidth=1, linestyle=(0, (2, 3)))
        axes.axhline(0, color=FAINT, linewidth=1)
        axes.set(xlabel=label, ylim=(-0.45, 1.05))
    panels[0].set_ylabel("likeness to the unmoved object")
    result.legend(*panels[0].get_legend_handles_labels(), fontsize=9, loc="outside lower center", ncols=len(shown))
    return result


def selectivity_chart(found: Mapping[str, Selectivity], shift: Tolerance) -> Figure:
    """Each stage by how far it tolerates a shift and how different its answers to two objects are."""
    result, axes = figure(width=4.8, height=3.4)
    longest = max(shift.amounts)
    for name in STAGES:
        width = shift.half_width(name)
        beyond = np.isnan(width)
        x, y = (longest if beyond else width), found[name].difference
        colour = COLOURS.get(name, PALETTE[5])
        axes.plot(x, y, ">" if beyond else "o", color=colour, markersize=8)
        place = (7, -9) if name in ("lgn", "c3", "c2") else (7, 5)
        axes.annotate(LABELS[name], (x, y), place, textcoords="offset points", color=INK, fontsize=9)
    axes.set(xlabel="tolerated shift, degrees", ylabel="difference between two objects", xlim=(0, longest * 1.2))
    axes.margins(y=0.2)
    axes.grid(True)
    return result


def likeness_matrix(found: Likeness) -> Figure:
    """Rank correlations between the dissimilarities of all systems."""
    result, axes = figure(width=6.4, height=5.4)
    picture = axes.imshow(found.values, cmap="Purples", vmin=0, vmax=1, interpolation="nearest")
    for row in range(len(found.names)):
        for column in range(len(found.names)):
            value = found.values[row, column]
            colour = "#ffffff" if value > 0.55 else "#000000"
            axes.text(column, row, f"{100 * value:.0f}", ha="center", va="center", fontsize=7, color=colour)
    axes.set_yticks(range(len(found.names)), found.names, color=INK, fontsize=8)
    axes.set_xticks(range(len(found.names)), found.names, color=INK, fontsize=8, rotation=60, ha="right")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    result.colorbar(picture, ax=axes, shrink=0.6).outline.set_edgecolor(FAINT)
    return result


def readouts(recipe: str = "hmax", other: str = "hmax-shuffled") -> Figure:
    """Test accuracy of a linear readout from each stage: mean of the seeds, and every seed; ``other`` drawn hollow."""
    result, axes = figure(width=5.4, height=3.2)
    for place, name in enumerate(READ):
        _dots(axes, place, recipe, name, PALETTE[0])
        if name in ("c2", "c3", "c2b", "s4"):
            _dots(axes, place + 0.28, other, name, PALETTE[1])
    axes.set_yticks(range(len(READ)), list(READ.values()), color=INK)
    axes.set(xlabel="test images on the right side, %", ylim=(len(READ) - 0.4, -0.6))
    axes.tick_params(axis="y", length=0)
    axes.grid(True, axis="x")
    axes.plot([], [], "o", color=PALETTE[0], label="imprinted from photographs")
    axes.plot([], [], "o", color=PALETTE[1], label="the same numbers, shuffled")
    axes.legend(fontsize=8, loc="lower left")
    return result


def displaced(found: Mapping[str, Any]) -> Figure:
    """Test accuracy against how far the images were moved, for what ``studies.displaced`` found."""
    result, axes = figure(width=4.8, height=3.2)
    colours = dict(zip(("pixels", "c1", "c2b", "s4"), (MUTED, PALETTE[1], *PALETTE[3:]), strict=False))
    for (name, colour), marker in zip(colours.items(), "vsoD", strict=True):
        shares = [100 * share for share in found["accuracy"][name]]
        axes.plot(found["pixels"], shares, color=colour, marker=marker, markersize=5, label=LABELS.get(name, name))
    axes.set(xlabel="moved by, pixels of 64", ylabel="test images on the right side, %", xticks=found["pixels"])
    axes.legend(fontsize=9, loc="lower left")
    axes.grid(True)
    return result


def _dots(axes: Axes, place: float, recipe: str, name: str, colour: str) -> None:
    if not any(stem.rpartition("-")[0] == recipe for stem in runs.names("cortex")):
        return
    found = seeds.summary("cortex", recipe, "accuracy", name)
    axes.plot([100 * found.low, 100 * found.high], [place, place], color=colour, linewidth=2, alpha=0.5)
    axes.plot([100 * value for value in found.values], [place] * len(found.values), ".", color=colour, alpha=0.6)
    axes.plot(100 * found.mean, place, "o", color=colour, markersize=7)

"""Pictures of receptive fields, of maps drawn by hand, of recovered fields and of the cortex's columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from convnets.common.plot import FAINT, INK, MUTED, PALETTE, figure, show_image
from convnets.hubelwiesel import experiments, fields, maps, reverse
from convnets.hubelwiesel.model import EDGE, Unit, kernels
from convnets.hubelwiesel.stimuli import HALF, PIXEL, SIZE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["columns", "covariance", "field_pictures", "hand_maps", "penetration", "recovered", "row_construction"]

EXTENT = (-HALF, HALF, -HALF, HALF)
EXCITES, SILENCES = PALETTE[1], PALETTE[6]  # the two ends of the map PuOr


def field_pictures(units: Sequence[Unit]) -> Figure:
    """The field of each unit: orange where light excites, violet where it silences; of complex ones, both fields."""
    shown = [(unit, number) for unit in units for number in range(2 if unit.kind == "complex" else 1)]
    result, axes = figure(1, len(shown), width=1.1 * len(shown), height=1.4, squeeze=False)
    for place, (unit, number) in zip(axes.flat, shown, strict=True):
        picture = kernels(unit)[number]
        place.imshow(-picture, cmap="PuOr", vmin=-abs(picture).max(), vmax=abs(picture).max(), extent=EXTENT)
        _frame(place)
        place.set_title(unit.name if not number else "its other half", fontsize=9)
    return result


def _frame(axes: Axes) -> None:
    axes.set(xticks=[], yticks=[], xlim=(-HALF, HALF), ylim=(-HALF, HALF), aspect="equal")
    for spine in axes.spines.values():
        spine.set(visible=True, color=FAINT, linewidth=0.8)


def hand_maps(units: Sequence[Unit], marks: Sequence[list[experiments.Mark]]) -> Figure:
    """Crosses and triangles as drawn beside the electrode, over the outlines of the regions (see :func:`_regions`)."""
    rows = -(-len(units) // 2)
    result, axes = figure(rows, 2, width=5.0, height=2.6 * rows, squeeze=False)
    ticks = (np.arange(SIZE) + 0.5) * PIXEL - HALF
    for place, unit, found in zip(axes.flat, units, marks, strict=False):
        picture, level = _regions(unit)
        lines = {-level: SILENCES, level: EXCITES}
        if picture.min() > -level:
            del lines[-level]
        place.contour(ticks, -ticks, picture, [*lines], colors=[*lines.values()], linewidths=1, linestyles="-")
        for mark in found:
            colour = {1: EXCITES, -1: SILENCES, 2: INK, 0: FAINT}[mark.sign]
            if mark.sign in (1, 2):
                place.plot(mark.x, mark.y, "x", color=colour, markersize=6, markeredgewidth=1.5)
            if mark.sign in (-1, 2):
                place.plot(mark.x, mark.y, "^", color=colour, markersize=6, markerfacecolor="none")
            if mark.sign == 0:
                place.plot(mark.x, mark.y, ".", color=colour, markersize=2)
        _frame(place)
        place.set(title=unit.name, xlim=(unit.x - 2.8, unit.x + 2.8), ylim=(unit.y - 2.8, unit.y + 2.8))
    return result


def _regions(unit: Unit) -> tuple[np.ndarray, float]:
    """What light does everywhere, (SIZE, SIZE), and from which value on it counts: as in ``sign_at``."""
    if not unit.oriented:
        picture = kernels(unit)[0]
        return picture, EDGE / 5 * abs(picture).max()
    even, odd = kernels(unit)[:2]
    hill = np.hypot(even, odd)
    return hill if unit.kind == "complex" else even, EDGE * hill.max()


def row_construction(unit: Unit, count: int = 4, spacing: float = 0.6) -> Figure:
    """Hubel and Wiesel's row of on-centre cells, the same with rows of off-centre ones, and the Gabor function."""
    common = (unit.x, unit.y, unit.angle, 0.4, 3.0, 0.85, count, spacing)
    row = fields.row_of_cells(*common)
    flanked = fields.row_of_cells(*common, flanks=0.5 / unit.frequency)
    gabor = kernels(unit)[0]
    pictures = {"on-centre row": row, "with off-centre rows": flanked, "Gabor function": gabor}
    result, grid = figure(2, 2, width=5.0, height=4.8)
    axes = grid.ravel()
    for place, (name, picture) in zip(axes, pictures.items(), strict=False):
        limit = abs(picture).max()
        place.imshow(-picture, cmap="PuOr", vmin=-limit, vmax=limit, extent=EXTENT)
        _frame(place)
        likeness = float(np.corrcoef(picture.ravel(), gabor.ravel())[0, 1])
        place.set_title(name if picture is gabor else f"{name}\nr = {likeness:.2f}", fontsize=9)
    for (_, picture), colour in zip(pictures.items(), PALETTE, strict=False):
        places, profile = profile_across(unit, picture)
        axes[3].plot(places, profile / profile.max(), color=colour, linewidth=1.6)
    axes[3].axhline(0, color=FAINT, linewidth=0.8, zorder=0)
    axes[3].set(title="across the middle", xlabel="degrees", yticks=[])
    axes[3].title.set_fontsize(9)
    return result


def profile_across(unit: Unit, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(degrees, values) of a picture along a line through the unit's middle across its orientation."""
    places = np.linspace(-2.5, 2.5, 81)
    turn = math.radians(unit.angle + 90)
    across = (unit.x + places * math.cos(turn) + HALF) / PIXEL - 0.5
    down = (HALF - unit.y - places * math.sin(turn)) / PIXEL - 0.5
    column, row = (np.floor(each).astype(int).clip(0, SIZE - 2) for each in (across, down))
    right, low = across - column, down - row
    upper = (1 - right) * picture[row, column] + right * picture[row, column + 1]
    lower = (1 - right) * picture[row + 1, column] + right * picture[row + 1, column + 1]
    return places, (1 - low) * upper + low * lower


def recovered(unit: Unit, recording: reverse.Recording, shares: Sequence[float] = (0.03, 0.1, 0.3, 1.0)) -> Figure:
    """The spike-triggered average of four growing parts of a recording, the true field, and their correlation."""
    truth = reverse.true_fields(unit, recording.elements)[0]
    _, lag = reverse.average(recording)
    result, grid = figure(2, 3, width=5.4, height=3.8)
    axes = grid.ravel()
    counts, likeness = [], []
    for place, share in zip(axes, shares, strict=False):
        part = recording._replace(
            noise=recording.noise[: round(share * len(recording.noise))],
            spikes=recording.spikes[: round(share * len(recording.noise))],
        )
        found, _ = reverse.average(part, lag)
        counts.append(int(part.spikes.sum()))
        likeness.append(float(np.corrcoef(found, truth)[0, 1]))
        _elements(place, recording, found, f"{counts[-1]:,} spikes")
    _elements(axes[-2], recording, truth, "the truth")
    axes[-1].plot(counts, likeness, "o-", color=PALETTE[0], markersize=4)
    axes[-1].set(xscale="log", ylim=(0, 1.02), xlabel="spikes", title="correlation")
    axes[-1].set_xticks(counts[::3], [f"{count:,}" for count in counts[::3]])
    axes[-1].minorticks_off()
    axes[-1].title.set_fontsize(9)
    return result


def _elements(axes: Axes, recording: reverse.Recording, values: np.ndarray, title: str) -> None:
    show_image(axes, -values[recording.elements], limit=float(abs(values).max()))
    axes.set_title(title, fontsize=9)


def covariance(unit: Unit, recording: reverse.Recording, lag: int = 1) -> Figure:
    """A complex cell's spike-triggered average and covariance: eigenvalues, and the two largest patterns."""
    truth = reverse.true_fields(unit, recording.elements)
    mean, _ = reverse.average(recording, lag)
    patterns, values = reverse.covariance(recording, lag)
    places = np.arange(truth.shape[1])
    result, axes = figure(3, 1, width=5.2, height=6.0)
    axes[0].plot(places, mean, "o-", color=MUTED, markersize=4, linewidth=1.2)
    axes[0].set(title="average", xlabel="bar", ylim=(-0.3, 0.3))
    axes[1].plot(np.arange(1, len(values) + 1), values, "o", color=MUTED, markersize=4)
    axes[1].plot([1, 2], values[:2], "o", color=PALETTE[1], markersize=6)
    axes[1].set(title="eigenvalues of the covariance", xlabel="rank")
    basis, _ = np.linalg.qr(truth.T)
    for pattern, colour in zip(patterns, (PALETTE[1], PALETTE[0]), strict=True):
        axes[2].plot(places, pattern, "o", color=colour, markersize=5)
        axes[2].plot(places, basis @ (basis.T @ pattern), color=colour, linewidth=1.2)
    axes[2].set(title="the two patterns", xlabel="bar")
    for place in axes:
        place.axhline(0, color=FAINT, linewidth=0.8, zorder=0)
    return result


def columns(sheet: maps.Sheet, angle: float = 10.0, length: int = 60) -> Figure:
    """Orientation in colour, pinwheels as discs, borders between the eyes' regions, and an electrode's track."""
    result, (left, right) = figure(1, 2, width=5.6, height=3.4)
    picture = left.imshow(sheet.orientation, cmap="twilight_shifted", vmin=0, vmax=180, interpolation="nearest")
    turns = maps.pinwheels(sheet.orientation)
    for sign, face, edge in ((1, "white", "black"), (-1, "black", "white")):
        rows, places = np.nonzero(turns == sign)
        left.plot(places + 0.5, rows + 0.5, "o", color=face, markeredgecolor=edge, markersize=4.5)
    shade = right.imshow(sheet.eye, cmap="gray", interpolation="nearest")
    result.colorbar(shade, ax=right, location="bottom", fraction=0.05, ticks=[])
    right.contour(sheet.eye, levels=[0], colors=[PALETTE[1]], linewidths=1.5)
    result.colorbar(picture, ax=left, location="bottom", fraction=0.05, ticks=[0, 45, 90, 135, 180])
    rows, places = maps.track(sheet, angle, length)
    left.plot(places, rows, color="white", linewidth=3)
    left.plot(places, rows, color="black", linewidth=1.5)
    for place, title in ((left, "orientation, degrees"), (right, "eye")):
        place.set(xticks=[], yticks=[], title=title)
    return result


def penetration(sheet: maps.Sheet, angle: float = 10.0, length: int = 60) -> Figure:
    """Preferred orientation along the electrode's track through the sheet."""
    orientations = maps.penetration(sheet, angle, length)
    result, axes = figure(width=5.2, height=2.8)
    axes.plot(orientations, "o-", color=PALETTE[0], markersize=3.5, linewidth=1)
    axes.set(xlabel="points of the sheet along the track", ylabel="preferred orientation, degrees")
    low, high = math.floor(orientations.min() / 90) * 90, math.ceil(orientations.max() / 90) * 90
    axes.set_yticks(np.arange(low, high + 1, 90), [str(int(value) % 180) for value in np.arange(low, high + 1, 90)])
    axes.grid(True, axis="y")
    return result

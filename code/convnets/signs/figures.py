"""The chapter's figures: stored photographs, and what the studies measured.

Photographs are those of ``samples.webp`` (see :func:`convnets.signs.live.samples`), at most fifty in all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from convnets.common import runs, samples
from convnets.common.plot import FAINT, PALETTE, figure
from convnets.signs import nets
from convnets.signs.shown import ERRORS, FRAMES, SHOWN, WINDOWS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["calibration", "classes", "frames", "robust", "size", "windows", "worst"]

KINDS = {"fog": "fog", "blur": "blur, pixels", "glare": "glare", "cover": "share covered", "tape": "strips of tape"}
NAMES = {"best": "our network", "small": "small", "transformer": "spatial transformer"}


def _bare(axes: Axes, picture: np.ndarray) -> None:
    axes.imshow(picture, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def _stored(places: range | tuple[int, ...]) -> list[samples.Sample]:
    found = samples.read("signs").pictures
    return [found[place] for place in places]


def classes() -> Figure:
    """Four signs of each of the six kinds."""
    shown = _stored(SHOWN)
    result, axes = figure(2, len(shown) // 2, width=7.2, height=1.4, squeeze=False)
    for place, sample in zip(axes.flat, shown, strict=True):
        _bare(place, sample.picture)
    return result


def frames() -> Figure:
    """Frames of two tracks, one a row."""
    shown = _stored(FRAMES)
    result, axes = figure(2, len(shown) // 2, width=7.2, height=1.95, squeeze=False)
    for place, sample in zip(axes.flat, shown, strict=True):
        _bare(place, sample.picture)
    return result


def windows() -> Figure:
    """What the spatial transformer chooses from some stored signs, and what it hands on."""
    shown, model = _stored(WINDOWS), nets.load("transformer")
    images = torch.from_numpy(np.stack([sample.picture for sample in shown])).permute(0, 3, 1, 2) / 255
    with torch.inference_mode():
        theta, seen = model.theta(images), model.look(images)  # type: ignore[operator]
    side, corners = images.shape[-1], torch.tensor([[-1.0, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1], [-1, -1, 1]])
    result, axes = figure(2, len(shown), width=7.2, height=2.6, squeeze=False)
    for column, sample in enumerate(shown):
        _bare(axes[0, column], sample.picture)
        x, y = ((corners @ theta[column].T + 1) * side / 2 - 0.5).T
        axes[0, column].plot(x, y, color="white", linewidth=3)
        axes[0, column].plot(x, y, color=PALETTE[1], linewidth=1.5)
        axes[0, column].set(xlim=(-3, side + 2), ylim=(side + 2, -3))
        _bare(axes[1, column], seen[column].permute(1, 2, 0).clamp(0, 1).numpy())
    return result


def worst(found: dict[str, Any]) -> Figure:
    """The mistakes of ``studies.mistakes`` of which the network was most certain, numbered; below, its evidence."""
    shown, model = _stored(ERRORS), nets.load("best")
    images = torch.from_numpy(np.stack([sample.picture for sample in shown])).permute(0, 3, 1, 2) / 255
    with torch.inference_mode():
        looks = model.look(images)  # type: ignore[operator]
        evidence = model.reader.evidence(looks)  # type: ignore[operator, union-attr]
    result, axes = figure(2, len(shown), width=7.2, height=2.2, squeeze=False)
    for column, (sample, answer) in enumerate(zip(shown, found["answer"], strict=False)):
        _bare(axes[0, column], sample.picture)
        axes[0, column].set_title(str(column + 1), fontsize=9)
        _under(axes[1, column], looks[column].permute(1, 2, 0).numpy(), evidence[column, answer].numpy())
    return result


def _under(axes: Axes, picture: np.ndarray, evidence: np.ndarray) -> None:
    """A picture in grey under a map of evidence: violet for the answer, brown against it."""
    grey, limit = picture.mean(2), float(np.abs(evidence).max())
    side = len(grey)
    axes.imshow(grey, cmap="gray", vmin=grey.min(), vmax=grey.max(), interpolation="nearest")
    frame = (-0.5, side - 0.5, side - 0.5, -0.5)
    axes.imshow(evidence, cmap="PuOr", vmin=-limit, vmax=limit, alpha=0.6, extent=frame, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def robust(found: dict[str, Any]) -> Figure:
    """Share of test pictures that are read right, by the strength of each disturbance (``studies.robustness``)."""
    result, axes = figure(1, len(KINDS), width=7.4, height=2.4, squeeze=False)
    for place, (kind, name) in zip(axes[0], KINDS.items(), strict=True):
        for number, (net, right) in enumerate(found[kind]["accuracy"].items()):
            strengths = found[kind]["strengths"]
            place.plot(
                strengths, [100 * one for one in right], "o-", color=PALETTE[number], markersize=3, label=NAMES[net]
            )
        place.set(ylim=(0, 103), xlabel=name)
        place.set_yticks([0, 50, 100], ["0", "50", "100"] if place is axes[0, 0] else ["", "", ""])
        place.grid(axis="y")
    axes[0, 0].set_ylabel("read right, %")
    result.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=len(NAMES), fontsize=9)
    return result


def calibration(found: dict[str, Any]) -> Figure:
    """How often answers are right by how sure they are, before and after the temperature (``studies.calibration``)."""
    result, axes = figure(width=4.6, height=3.2)
    axes.plot([0, 100], [0, 100], color=FAINT, linewidth=1)
    for number, (when, name) in enumerate({"before": "as trained", "after": "with a temperature"}.items()):
        bins = found[when]["bins"]
        sizes = [8 * np.log10(1 + count) for _, _, count in bins]
        sure, right = ([100 * one[place] for one in bins] for place in (0, 1))
        axes.plot(sure, right, color=PALETTE[number], linewidth=1.2)
        axes.scatter(sure, right, sizes, color=PALETTE[number], label=name)
    axes.set(xlabel="says, %", ylabel="is right, %", xlim=(0, 102), ylim=(0, 103))
    axes.legend(loc="upper left", fontsize=9)
    return result


def size() -> Figure:
    """Share of test pictures that the small network reads wrong, by the share of the training tracks that it saw."""
    found: dict[float, list[float]] = {}
    for stem in runs.names("signs"):
        record = runs.read("signs", stem)
        if record["recipe"].partition("-")[0] == "small":
            found.setdefault(record["settings"]["share"], []).append(100 * (1 - record["metrics"]["test"]["accuracy"]))
    shares = sorted(found)
    result, axes = figure(width=4.6, height=2.8)
    axes.plot([100 * share for share in shares], [float(np.mean(found[share])) for share in shares], "o-")
    axes.set(xscale="log", yscale="log", xlabel="training tracks, %", ylabel="read wrong, %")
    axes.set_xticks([100 * share for share in shares], [f"{100 * share:.0f}" for share in shares], minor=False)
    axes.set_yticks([2, 3, 5, 10, 20], ["2", "3", "5", "10", "20"])
    axes.minorticks_off()
    return result

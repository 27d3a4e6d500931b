"""The chapter's figures: photographs and what is said of their pixels, weather, distances, and where cars drift."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from convnets.common.plot import MUTED, PALETTE, figure
from convnets.driving import obstacles, steering, studies
from convnets.driving.obstacles import CAMERA
from convnets.driving.streets import CLASSES, UNKNOWN

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "drifting", "errors", "painted", "seen", "streets", "weathers"]

BLUE, ORANGE = PALETTE[0], PALETTE[1]
COLOURS = (
    (134, 190, 232), (160, 95, 60), (235, 225, 90), (105, 105, 115), (205, 170, 200), (70, 140, 60), (0, 90, 200),
    (190, 140, 70), (200, 30, 60), (255, 140, 0), (130, 0, 190), (0, 0, 0),
)  # fmt: skip
"""Red, green and blue of each class, and of what nobody labelled."""


def painted(labels: np.ndarray) -> np.ndarray:
    """A map of classes (H, W) as a picture (H, W, 3) uint8."""
    return np.array(COLOURS, np.uint8)[labels]


def _bare(axes: Axes, picture: np.ndarray, **how: Any) -> None:
    axes.imshow(picture, interpolation="nearest", **how)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def streets(found: dict[str, Any]) -> Figure:
    """Photographs, their labels, and the network's answers, the best first (``studies.street_pictures``)."""
    count = len(found["pictures"])
    result, axes = figure(3, count, width=7.4, height=4.7, squeeze=False)
    for column in range(count):
        _bare(axes[0, column], studies.unpacked(found["pictures"][column]))
        truth = studies.unpacked(found["truth"][column])
        _bare(axes[1, column], painted(truth))
        _bare(axes[2, column], painted(np.where(truth == UNKNOWN, UNKNOWN, studies.unpacked(found["answer"][column]))))
    used = np.unique(np.stack([studies.unpacked(one) for one in found["truth"]]))
    from matplotlib.patches import Patch

    handles = [
        Patch(color="#{:02x}{:02x}{:02x}".format(*COLOURS[k]), label=CLASSES[k].lower()) for k in used if k < UNKNOWN
    ]
    result.legend(handles=handles, loc="outside lower center", ncols=6, frameon=False)
    return result


def weathers() -> Figure:
    """mIoU on test photographs in other light, and in rain; the road's IoU beside it (``studies.in_weather``)."""
    found = studies.in_weather()
    result, axes = figure(1, 2, width=7.0, height=2.8, squeeze=False)
    for place, name, label in zip(axes[0], ("light", "rain"), ("light, as a factor", "rain"), strict=True):
        rows = found[name]
        x, value = [row["value"] for row in rows], 100 * np.array([row["miou"] for row in rows])
        low, high = 100 * np.array([row["interval"] for row in rows]).T
        place.errorbar(x, value, [np.maximum(value - low, 0), np.maximum(high - value, 0)], fmt="o-", color=BLUE,
                       capsize=3, label="all classes")  # fmt: skip
        place.plot(x, 100 * np.array([row["road"] for row in rows]), "s--", color=ORANGE, label="road alone")
        place.set(xlabel=label, ylabel="IoU, %", ylim=(0, 100))
        place.grid(axis="y")
    axes[0, 1].legend(frameon=False)
    return result


def errors() -> Figure:
    """How far off a distance is told, by distance, for a tilted camera and a row more or less."""
    far = np.linspace(3, 60, 100)
    result, axes = figure(width=5.2, height=2.9)
    kinds: dict[str, dict[str, float]] = {
        "tilt of half a degree": {"tilt": math.radians(0.5)},
        "tilt of a quarter degree": {"tilt": math.radians(0.25)},
        "one row off": {"rows": -1.0},
    }
    for (label, how), colour, line in zip(kinds.items(), PALETTE, ("-", "--", ":"), strict=False):
        off = [abs(obstacles.foot_error(CAMERA, one, **how)) for one in far]
        axes.plot(far, off, line, color=colour, label=label)
    axes.set(xlabel="distance, m", ylabel="error, m", ylim=(0, 30), xlim=(0, 60))
    axes.grid()
    axes.legend(frameon=False)
    return result


def drifting() -> Figure:
    """Metres beside the middle of the lane while gusts blow on the first test road (``studies.drift``)."""
    found = studies.drift()
    result, axes = figure(width=7.0, height=2.6)
    names = {"pilot": "with recovery pictures", "pilot-centre": "without them"}
    for (net, label), colour in zip(names.items(), (BLUE, ORANGE), strict=True):
        offsets = np.array(found[net]["offsets"], float)
        axes.plot(np.arange(len(offsets)) / 2, offsets, color=colour, label=label)
        taken = found[net]["taken"]
        axes.plot(taken, [steering.LIMIT] * len(taken), "v", color=colour)
    for limit in (-steering.LIMIT, steering.LIMIT):
        axes.axhline(limit, color=MUTED, linestyle=":")
    axes.set(xlabel="seconds", ylabel="metres to the right", ylim=(-1.5, 1.5))
    axes.legend(frameon=False, loc="upper right", ncols=2)
    return result


def seen() -> Figure:
    """Test roads, and the evidence of the network that steers laid over them (``studies.looked_at``)."""
    found = studies.looked_at()
    count = len(found["pictures"])
    result, axes = figure(2, count, width=7.4, height=1.9, squeeze=False)
    for column in range(count):
        picture = studies.unpacked(found["pictures"][column])
        _bare(axes[0, column], picture)
        _bare(axes[1, column], picture)
        share = studies.unpacked(found["evidence"][column]) / 255
        cloth = np.zeros((*share.shape, 4))
        cloth[..., 0], cloth[..., 1], cloth[..., 3] = 1, 0.25, np.minimum(0.9, 1.35 * share)
        axes[1, column].imshow(cloth, interpolation="nearest")
    return result

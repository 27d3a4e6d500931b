"""The chapter's figures: the contest from its table, networks from their code, experiments from run records."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from convnets.common import runs, samples, stats
from convnets.common.plot import FAINT, INK, MUTED, PALETTE, figure
from convnets.imagenet import contest, cost
from convnets.imagenet.data import CLASSES
from convnets.imagenet.model import build
from convnets.imagenet.nets import RESOLUTIONS
from convnets.imagenet.train import RECIPES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from torch import Tensor

__all__ = [
    "DRAWN",
    "decade",
    "degradation",
    "drawings",
    "error_and_cost",
    "final_errors",
    "hardest",
    "pictures",
    "resolutions",
]

CONVOLUTIONAL, OTHER, EXTRA = PALETTE[0], MUTED, PALETTE[1]
COLOURS = {"plain": PALETTE[1], "residual": PALETTE[0]}
FAMILIES = {"vgg": PALETTE[1], "resnet": PALETTE[0], "resnext": PALETTE[2], "senet": PALETTE[3]}
TITLES = {"vgg": "VGG", "resnet": "ResNet", "resnext": "ResNeXt", "senet": "SENet-154"}
ALONE = ("alexnet", "zfnet", "googlenet")
"""Networks without a family, by name on the chart."""
DRAWN = ("alexnet", "zfnet", "vgg16", "googlenet", "resnet50", "resnet152", "senet154")
"""Landmarks that :func:`drawings` shows, top to bottom."""
NAMES = {
    "alexnet": "AlexNet", "zfnet": "ZFNet", "vgg16": "VGG-16", "googlenet": "GoogLeNet", "resnet50": "ResNet-50",
    "resnet152": "ResNet-152", "senet154": "SENet-154",
}  # fmt: skip


def decade() -> Figure:
    """Top-5 error of the contest's winners by year, and of single networks on its leaderboard after it."""
    result, axes = figure(width=7.2, height=3.6)
    for entry in contest.winners():
        colour = CONVOLUTIONAL if entry.convolutional else OTHER
        axes.bar(entry.year, entry.top5, 0.7, color=colour)
        axes.text(entry.year, entry.top5 + 0.4, f"{entry.top5:.3g}", ha="center", va="bottom", fontsize=9)
    for entry in contest.ENTRIES:
        if entry.place == 1 and entry.extra_data:
            axes.plot(entry.year, entry.top5, "_", color=EXTRA, markersize=20, markeredgewidth=3)
        elif entry.place == 2:
            axes.plot(entry.year + 0.44, entry.top5, "o", color=INK, markersize=5)
        elif entry.place is None:
            axes.plot(entry.year, entry.top5, "D", color=EXTRA, markersize=6)
    axes.axhline(contest.HUMAN_TOP5, color=MUTED, linestyle=":", linewidth=1.2)
    axes.text(
        2019.6, contest.HUMAN_TOP5 + 0.4, "one practised person", ha="right", va="bottom", fontsize=9, color=MUTED
    )
    marks = [
        Rectangle((0, 0), 1, 1, color=OTHER), Rectangle((0, 0), 1, 1, color=CONVOLUTIONAL),
        _mark("o", INK), _mark("_", EXTRA, 14), _mark("D", EXTRA),
    ]  # fmt: skip
    words = [
        "winner, not convolutional", "winner, convolutional", "second place", "winner, with other data",
        "after the contest: one network, other data",
    ]  # fmt: skip
    axes.legend(marks, words, fontsize=9, loc="upper right")
    axes.set(ylabel="top-5 error, %", xlim=(2009.4, 2019.7), ylim=(0, 30))
    names = {entry.year: entry.network for entry in contest.ENTRIES if entry.place in (1, None)}
    words = [f"{year}\n" + name.replace(" ", "\n").replace("-", "-\n") for year, name in names.items()]
    axes.set_xticks(list(names), words, fontsize=8)
    axes.tick_params(axis="x", length=0)
    return result


def _mark(marker: str, colour: str, size: float = 6) -> Line2D:
    return Line2D([], [], color=colour, marker=marker, linestyle="", markersize=size, markeredgewidth=2)


def error_and_cost() -> Figure:
    """Top-5 error of single networks against multiply-adds and parameters, both counted from the code."""
    result, axes = figure(1, 2, width=7.2, height=3.6)
    points = [(one, build(one.landmark)) for one in contest.SINGLE]
    for place, axis, count in (
        (axes[0], "multiply-adds, thousand millions", cost.multiply_adds),
        (axes[1], "parameters, millions", cost.parameters),
    ):
        unit = 1e9 if count is cost.multiply_adds else 1e6
        for family, colour in FAMILIES.items():
            for extra in (False, True):
                found = [
                    (count(model) / unit, one.top5)
                    for one, model in points
                    if _family(one.landmark) == family and one.extra_data == extra
                ]
                if found:
                    place.plot(
                        *zip(*found, strict=True), marker="D" if extra else "o", color=colour, linewidth=1.4,
                        linestyle="--" if extra else "-", markersize=5,
                    )  # fmt: skip
        for one, model in points:
            if one.landmark in ALONE:
                x, face = count(model) / unit, INK if one.crops == 1 else "none"
                place.plot(x, one.top5, "o", color=INK, markerfacecolor=face, markersize=5)
                apart = (7, -3) if one.crops > 1 else (-40, -14)  # points; below GoogLeNet no line passes
                place.annotate(NAMES[one.landmark], (x, one.top5), apart, textcoords="offset points", fontsize=8.5)
        place.set(xscale="log", xlabel=axis, xlim=(0.4, 220) if unit == 1e9 else (2, 1200), ylim=(0, 20))
        place.set_yticks(range(0, 21, 5))
        ticks = (1, 2, 5, 10, 20, 50, 100) if unit == 1e9 else (10, 20, 50, 100, 200, 500)
        place.set_xticks(ticks, ticks)
        place.minorticks_off()
        place.grid(axis="y")
    axes[0].set_ylabel("top-5 error, %")
    tens = Line2D([], [], color=INK, marker="o", linestyle="", markersize=6, markerfacecolor="none")
    marks = [_mark("o", colour) for colour in FAMILIES.values()] + [_mark("D", MUTED), tens]
    words = [*TITLES.values(), "with other data", "mean of ten crops"]
    result.legend(marks, words, fontsize=9, loc="outside upper center", ncols=len(words) // 2)
    return result


def _family(landmark: str) -> str:
    found = re.match("[a-z]+", landmark)
    return found[0] if found else landmark


def degradation() -> Figure:
    """Errors while plain and residual networks learn: on training pictures, thin; on validation pictures, thick."""
    result, axes = figure(1, 2, width=7.2, height=3.2, squeeze=True)
    for place, kind in zip(axes, COLOURS, strict=True):
        for layers, style in ((20, "--"), (56, "-")):
            for curve, width in (("train_error", 1.2), ("validation_error", 2.4)):
                found = np.array([record["curves"][curve] for record in _records(f"{kind}-{layers}")])
                if not found.size:
                    continue
                epochs = np.arange(1, found.shape[1] + 1)
                place.plot(epochs, 100 * found.mean(0), style, color=COLOURS[kind], linewidth=width)
                place.fill_between(epochs, *(100 * np.array([found.min(0), found.max(0)])), color=FAINT, alpha=0.5)
        place.set(title=kind, xlabel="epoch", ylim=(20, 95))
        place.grid(axis="y")
    axes[0].set_ylabel("error, %")
    lines = [
        Line2D([], [], color=MUTED, linestyle="--", linewidth=2.4),
        Line2D([], [], color=MUTED, linewidth=2.4),
        Line2D([], [], color=MUTED, linewidth=1.2),
    ]
    axes[1].legend(lines, ["20 layers", "56 layers", "training pictures"], fontsize=9, loc="upper right")
    return result


def final_errors(split: str = "train") -> Figure:
    """Error of each member of the family on ``split``, a dot a seed, and the mean's 95 % interval."""
    result, axes = figure(width=5.0, height=2.4)
    nets = ("plain-20", "plain-56", "residual-20", "residual-56")
    for row, net in enumerate(nets):
        values = [100 * record["metrics"][split]["error"] for record in _records(net)]
        colour = COLOURS[net.partition("-")[0]]
        axes.plot(values, [row] * len(values), "o", color=colour, markersize=5)
        if len(values) > 1:
            mean, low, high = stats.mean_interval(values)
            axes.errorbar(mean, row + 0.25, xerr=[[mean - low], [high - mean]], fmt="|", color=INK, capsize=3)
    axes.set_yticks(range(len(nets)), nets)
    axes.set(xlabel="error, %", ylim=(len(nets) - 0.4, -0.6))
    axes.grid(axis="x")
    return result


def resolutions(tuned: bool = True) -> Figure:
    """Test error of ``crops`` by the pictures' size: as it was trained, and after tuning its end for each size."""
    result, axes = figure(width=5.6, height=3.2)
    sizes = np.array(RESOLUTIONS)
    splits = {"test": ("as trained", PALETTE[0]), "tuned": ("end tuned for the size", PALETTE[2])}
    for split, (label, colour) in list(splits.items())[: 2 if tuned else 1]:
        found = 100 * np.array(
            [[record["metrics"][split][f"error_{size}"] for size in RESOLUTIONS] for record in _records("crops")]
        )
        if not found.size:
            continue
        axes.plot(sizes, found.mean(0), "o-", color=colour, label=label)
        axes.fill_between(sizes, found.min(0), found.max(0), color=colour, alpha=0.15, linewidth=0)
    axes.axvline(RECIPES["crops"].size, color=MUTED, linestyle=":", linewidth=1.2)
    axes.set(xlabel="pixels a side of the test pictures", ylabel="error, %")
    axes.set_xticks(sizes, sizes)
    axes.grid(axis="y")
    axes.legend(fontsize=9)
    return result


def _records(recipe: str) -> list[dict[str, Any]]:
    """Run records of ``recipe``, one a seed."""
    stems = [stem for stem in runs.names("imagenet") if stem.rpartition("-")[0] == recipe]
    return [runs.read("imagenet", stem) for stem in stems]


def drawings(names: tuple[str, ...] = DRAWN) -> Figure:
    """Each landmark as a row of blocks, one for each size of maps: as high as the maps, as wide as there are layers."""
    result, axes = figure(len(names), 1, width=7.2, height=1.05 * len(names), squeeze=False)
    rows = {name: cost.groups(build(name)) for name in names}
    widest = max(sum(_width(group) + _GAP for group in groups) for groups in rows.values())
    for place, (name, groups) in zip(axes[:, 0], rows.items(), strict=True):
        _row(place, name, groups, widest)
    return result


_GAP = 2.2


def _width(group: cost.Group) -> float:
    return 1.2 + 0.35 * group.layers**0.8


def _row(axes: Axes, name: str, groups: list[cost.Group], widest: float) -> None:
    left = 0.0
    for group in groups:
        width = _width(group)
        height = 0.25 + 0.35 * math.log2(group.size) if group.size > 1 else 1.2
        colour = CONVOLUTIONAL if group.kind == "convolution" else PALETTE[1]
        axes.add_patch(Rectangle((left, -height / 2), width, height, facecolor=colour, edgecolor="none"))
        maps = f"{group.maps}\n{group.size}²" if group.size > 1 else str(group.maps)
        centre = left + width / 2
        axes.text(centre, 1.55, f"×{group.layers}", ha="center", va="bottom", fontsize=8, color=INK)
        axes.text(centre, -1.55, maps, ha="center", va="top", fontsize=7, color=MUTED)
        left += width + _GAP
    axes.set(xlim=(-6.5, widest), ylim=(-3.6, 2.6))
    axes.text(-0.8, 0, NAMES.get(name, name), ha="right", va="center", fontsize=9, color=INK)
    axes.axis("off")


def pictures() -> Figure:
    """The stored test pictures, two of each class; one column a class."""
    found = samples.read("imagenet").pictures
    result, axes = figure(2, len(found) // 2, width=7.2, height=1.9, squeeze=False)
    for place, sample in zip(axes.flat, found, strict=True):
        place.imshow(sample.picture)
        place.set(xticks=[], yticks=[])
        place.spines[:].set_visible(False)
    for place, sample in zip(axes[0], found, strict=False):
        place.set_title(sample.label, fontsize=8)
    return result


def hardest(found: dict[str, Any], images: Tensor, count: int = 10) -> Figure:
    """The mistakes of ``studies.mistakes`` of which the network was most certain, with label and answer."""
    result, axes = figure(2, count // 2, width=7.2, height=3.4, squeeze=False)
    for place, index, label, answer in zip(axes.flat, found["index"], found["label"], found["answer"], strict=False):
        place.imshow(images[index].permute(1, 2, 0).numpy())
        place.set(xticks=[], yticks=[])
        place.spines[:].set_visible(False)
        place.set_title(CLASSES[label], fontsize=9)
        place.set_xlabel(CLASSES[answer], fontsize=9, color=PALETTE[1])
    return result

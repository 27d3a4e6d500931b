"""Charts of what was measured: drawn from run records and from the results of :mod:`convnets.lenet.studies`.

A recipe without stored runs is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import Rectangle

from convnets.common import runs, seeds
from convnets.common.plot import FAINT, INK, MUTED, PALETTE, figure
from convnets.lenet.figures import digit_grid
from convnets.lenet.row import RUBBISH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from torch import Tensor

    from convnets.lenet.row import Reading

__all__ = [
    "ABLATIONS", "LABELS", "ablations", "confusion", "curves", "error_vs_training_size", "hardest", "robustness",
    "row_reading", "throughput",
]  # fmt: skip

LABELS = {
    "zipcode": "1989 network",
    "lenet1": "LeNet-1",
    "lenet5-plain": "LeNet-5, plain",
    "lenet5": "LeNet-5, distortions",
    "modern": "modern variant",
    "modern-plain": "modern variant, plain",
    "mlp": "fully connected",
    "mlp-plain": "fully connected, plain",
}
"""Recipes of the headline table, as charts name them."""

COLOURS = {
    "zipcode": MUTED,
    "lenet1": PALETTE[2],
    "lenet5-plain": PALETTE[1],
    "lenet5": PALETTE[0],
    **dict.fromkeys(("modern", "modern-plain"), PALETTE[3]),
    **dict.fromkeys(("mlp", "mlp-plain"), INK),
}
MARKERS = dict(zip(LABELS, "vs^oDDPP", strict=True))
LINES = dict.fromkeys(("modern-plain", "mlp-plain"), "--")
"""Where two networks share a colour: dashed without distortions."""

LADDER = tuple(step * 10.0**power for power in range(-3, 3) for step in (1, 2, 5))
"""Where a logarithmic axis has its ticks."""

ABLATIONS = {
    "lenet5-short": "as the book trains it",
    "lenet5-short-softmax": "no constant j (softmax)",
    "lenet5-short-distance": "equation 8: distance alone",
    "lenet5-short-sharp": "distances not divided by T",
    "lenet5-short-sgd": "SGD with momentum",
    "lenet5-short-noaverage": "no averaging of weights",
    "lenet5-short-batch256": "batches of 256",
}
"""One change each against the first; see ``RECIPES``."""


def _records(recipe: str) -> list[dict[str, Any]]:
    return [runs.read("lenet", stem) for stem in runs.names("lenet") if stem.rpartition("-")[0] == recipe]


def curves(recipes: tuple[str, ...] = ("zipcode", "lenet1", "lenet5-plain", "lenet5", "modern", "mlp")) -> Figure:
    """Loss (of those trained with equation 9) and validation error by epoch; thin lines are seeds, thick their mean."""
    result, (top, bottom) = figure(2, 1, width=5.2, height=5.6)
    for recipe in recipes:
        records = _records(recipe)
        if records and records[0]["settings"]["loss"] == "map":
            _bundle(top, [record["curves"]["loss"] for record in records], recipe)
        if records:
            _bundle(bottom, [[100 * e for e in record["curves"]["validation_error"]] for record in records], recipe)
    top.set(yscale="log", ylabel="training loss, equation 9")
    bottom.set(yscale="log", ylabel="validation error, %", xlabel="epoch")
    _plain_ticks(top.yaxis, LADDER)
    _plain_ticks(bottom.yaxis, LADDER)
    for axes in (top, bottom):
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(True, axis="y")
    top.legend(*bottom.get_legend_handles_labels(), fontsize=9, loc="upper right")
    return result


def _bundle(axes: Axes, series: list[list[float]], recipe: str) -> None:
    for values in series:
        axes.plot(range(1, len(values) + 1), values, color=COLOURS[recipe], linewidth=0.7, alpha=0.35)
    length = min(map(len, series))
    mean = np.mean([values[:length] for values in series], axis=0)
    axes.plot(range(1, length + 1), mean, color=COLOURS[recipe], label=LABELS[recipe])


def error_vs_training_size() -> Figure:
    """Test error of LeNet-5 without distortions against the number of training images, both axes logarithmic."""
    result, axes = figure(width=5.2, height=3.4)
    points: dict[int, list[float]] = {}
    for stem in runs.names("lenet"):
        recipe = stem.rpartition("-")[0]
        if recipe == "lenet5-plain" or recipe.startswith("lenet5-n"):
            record = runs.read("lenet", stem)
            size = record["data"]["splits"]["train"]
            points.setdefault(size, []).append(100 * record["metrics"]["test"]["error"])
    sizes = sorted(points)
    for size in sizes:
        axes.plot([size] * len(points[size]), points[size], "o", color=PALETTE[1], alpha=0.45, markersize=4)
    means = [float(np.mean(points[size])) for size in sizes]
    axes.plot(sizes, means, color=PALETTE[1])
    for size, mean in zip(sizes, means, strict=True):
        axes.annotate(f"{mean:.2g}", (size, mean), (4, 5), textcoords="offset points", fontsize=10, color=INK)
    axes.set(xscale="log", yscale="log", xlabel="training images", ylabel="test error, %")
    _plain_ticks(axes.xaxis, [size for size in sizes if not any(size < other < 2 * size for other in sizes)])
    _plain_ticks(axes.yaxis, LADDER)
    axes.margins(x=0.1, y=0.12)
    axes.grid(True)
    return result


def ablations() -> Figure:
    """Test error of the short recipe and of its single changes, mean and 95 % interval over the seeds."""
    found = [name for name in ABLATIONS if _records(name)]
    result, axes = figure(width=5.4, height=0.8 + 0.42 * max(len(found), 1))
    for place, name in enumerate(found):
        summary = seeds.summary("lenet", name, "error")
        colour = MUTED if place == 0 else PALETTE[0]
        axes.plot([100 * summary.low, 100 * summary.high], [place, place], color=colour, linewidth=2)
        axes.plot(100 * summary.mean, place, "o", color=colour, markersize=7)
        if place == 0:
            axes.axvline(100 * summary.mean, color=FAINT, linewidth=1.5, zorder=0)
    axes.set_yticks(range(len(found)), [ABLATIONS[name] for name in found], color=INK)
    axes.set(xlabel="test error, %", ylim=(len(found) - 0.4, -0.6))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    return result


def robustness(result: Mapping[str, Any]) -> Figure:
    """Error against shift, rotation and noise, one line a network; ``result`` is that of `studies.robustness`."""
    panels = {
        "shift_pixels": "shift, pixels",
        "rotation_degrees": "rotation, degrees",
        "noise": "noise, standard deviation in units of ink",
    }
    drawing, axes = figure(3, 1, width=5.2, height=7.4)
    for place, (name, label) in zip(axes, panels.items(), strict=True):
        for net, errors in result[name]["errors"].items():
            place.plot(
                result[name]["amounts"],
                [100 * error for error in errors],
                LINES.get(net, "-"),
                color=COLOURS[net],
                marker=MARKERS[net],
                markersize=5,
                label=LABELS[net],
            )
        place.set(xlabel=label, ylabel="test error, %", yscale="log")
        _plain_ticks(place.yaxis, LADDER)
        place.grid(True, axis="y")
    axes[0].legend(fontsize=9)
    return drawing


def confusion(result: Mapping[str, Any]) -> Figure:
    """Misread test images by label (rows) and answer (columns); the correct ones are left out."""
    counts = np.array(result["confusion"])
    drawing, axes = figure(width=4.6, height=4.4)
    largest = max(int((counts - np.diag(np.diag(counts))).max()), 1)
    for label in range(10):
        for answer in range(10):
            count = int(counts[label, answer])
            if label == answer:
                axes.plot(answer, label, ".", color=FAINT)
            elif count:
                axes.scatter(answer, label, s=120 + 260 * count / largest, color=PALETTE[0], alpha=0.35, linewidths=0)
                axes.text(answer, label, str(count), ha="center", va="center", color=INK, fontsize=10)
    axes.set(xlim=(-0.6, 9.6), ylim=(9.6, -0.6), aspect="equal", xlabel="answer", ylabel="label")
    axes.set(xticks=range(10), yticks=range(10))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return drawing


def hardest(result: Mapping[str, Any], images: Tensor, count: int = 21) -> Figure:
    """The mistakes of which the network was most certain: label, arrow, answer."""
    chosen = result["mistakes"][:count]
    titles = [f"{mistake['label']} → {mistake['answer']}" for mistake in chosen]
    return digit_grid([images[mistake["index"]].numpy() for mistake in chosen], titles)


def row_reading(image: Tensor, reading: Reading) -> Figure:
    """A wide ``image`` (1, 1, 32, W), the digits read from it, and every column's probabilities below it."""
    picture, probabilities = image[0, 0].numpy(), reading.log_probabilities.exp().numpy().T
    (height, width), (classes, columns) = picture.shape, probabilities.shape
    top, line = height + 4, 5  # where the chart begins, and the height of one class, in pixels of the image
    drawing, axes = figure(width=5.0, height=5.0 * (top + classes * line + 16) / width)
    axes.imshow(picture, cmap="gray_r", interpolation="nearest", extent=(0, width, height, 0))
    edges = (14, 4 * columns + 14, top + classes * line, top)  # an answer is drawn four pixels wide, at its middle
    axes.imshow(probabilities, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest", extent=edges)
    for place in ((0, 0, width, height), (14, top, 4 * columns, classes * line)):
        axes.add_patch(Rectangle(place[:2], place[2], place[3], facecolor="none", edgecolor=FAINT))
    for digit, position in zip(reading.digits, reading.positions, strict=True):
        axes.text(4 * position + 16, -2, str(digit), ha="center", va="bottom", color=INK, weight="bold")
    for index in range(classes):
        label = "×" if index == RUBBISH else str(index)
        axes.text(11, top + (index + 0.5) * line, label, ha="right", va="center", color=MUTED, fontsize=9)
    axes.set(xlim=(-1, width + 1), ylim=(top + classes * line + 1, -11))
    axes.axis("off")
    return drawing


def throughput(result: Mapping[str, Any]) -> Figure:
    """Training images a second against batch size."""
    rates = {int(size): rate for size, rate in result["images_per_second"].items()}
    drawing, axes = figure(width=5.2, height=3.2)
    axes.plot(list(rates), list(rates.values()), "o-", color=PALETTE[0])
    axes.set(xscale="log", yscale="log", xlabel="images in a batch", ylabel="images a second")
    _plain_ticks(axes.xaxis, list(rates)[::2])
    axes.grid(True)
    return drawing


def _plain_ticks(axis: Any, values: Any) -> None:
    """Label exactly ``values`` on a logarithmic ``axis``, as plain numbers."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axis.set_major_locator(FixedLocator(list(values)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.12g}"))

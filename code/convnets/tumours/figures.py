"""The chapter's figures: phantoms, membranes and ultrasound with outlines, and what the studies measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from convnets.common.plot import MUTED, PALETTE, figure
from convnets.tumours import borders, nets, phantom, studies, warp

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["bent", "calibrated", "counts", "lesions", "membrane", "phantoms", "weights"]

BLUE, ORANGE = PALETTE[0], PALETTE[1]


def _bare(axes: Axes, picture: np.ndarray, **how: Any) -> None:
    style: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 255, "interpolation": "nearest"} | how
    axes.imshow(picture, **style)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def _outline(axes: Axes, mask: np.ndarray, colour: str, dashed: bool = False) -> None:
    if mask.any() and not mask.all():
        style = "dashed" if dashed else "solid"
        axes.contour(mask.astype(float), [0.5], colors=["black"], linewidths=2.4, linestyles=style)
        axes.contour(mask.astype(float), [0.5], colors=[colour], linewidths=1.4, linestyles=style)


def phantoms(count: int = 8) -> Figure:
    """Test phantoms; below, with the true outline dashed and that of the network."""
    found = phantom.split("test", count)
    answers = nets.probability(nets.load("phantom"), found.images) >= 0.5
    result, axes = figure(2, count, width=7.4, height=2.0, squeeze=False)
    for column, (image, truth, answer) in enumerate(zip(found.images, found.masks, answers, strict=True)):
        for row in range(2):
            _bare(axes[row, column], image.numpy())
        _outline(axes[1, column], answer.numpy(), BLUE)
        _outline(axes[1, column], truth.numpy(), "white", dashed=True)
    return result


def bent(count: int = 5) -> Figure:
    """A phantom with a grid over it, as it is and bent by random displacements."""
    ground = phantom.split("test", 6)
    image, mask = ground.images[1].float() / 255, ground.masks[1].float()
    lines = torch.zeros_like(image)
    lines[::8] = lines[:, ::8] = 1
    planes = torch.stack([image, mask, lines]).expand(count, -1, -1, -1)
    field = warp.displacements(count, 64, 64, 5.0, torch.Generator().manual_seed(3))
    field[0] = 0
    shown = warp.warped(planes, field)
    result, axes = figure(1, count, width=7.4, height=1.6, squeeze=False)
    for place, (picture, outline, grid) in zip(axes[0], shown, strict=True):
        _bare(place, torch.maximum(picture, 0.6 * grid).numpy(), vmax=1)
        _outline(place, outline.numpy() >= 0.5, "white")
    return result


def weights() -> Figure:
    """Three cells drawn by hand, and how much each pixel counts."""
    y, x = np.mgrid[:72, :120]
    cells = [((x - 30) / 24) ** 2 + ((y - 36) / 26) ** 2 <= 1, ((x - 76) / 20) ** 2 + ((y - 24) / 17) ** 2 <= 1,
             ((x - 92) / 20) ** 2 + ((y - 58) / 11) ** 2 <= 1]  # fmt: skip
    mask = np.any(cells, axis=0)
    found = borders.weights(torch.from_numpy(mask)[None])[0].numpy()
    result, axes = figure(1, 2, width=6.4, height=2.2, squeeze=False)
    _bare(axes[0, 0], mask * 255)
    _bare(axes[0, 1], found, cmap="cividis", vmin=0, vmax=found.max())
    return result


def membrane(found: dict[str, Any]) -> Figure:
    """A corner of the first test slice, its labels, and what the network labels (``studies.membrane``)."""
    result, axes = figure(1, 3, width=7.4, height=2.6, squeeze=False)
    for place, packed in zip(axes[0], found["pictures"], strict=False):
        _bare(place, studies.unpacked(packed))
    return result


def lesions(found: dict[str, Any]) -> Figure:
    """Ultrasound pictures with true and found outlines, best and worst (``studies.ultrasound_pictures``)."""
    count = len(found["pictures"])
    result, axes = figure(2, count // 2, width=7.4, height=4.0, squeeze=False)
    rows = zip(axes.flat, found["pictures"], found["truth"], found["answer"], found["dice"], strict=True)
    for place, picture, truth, answer, _dice in rows:
        _bare(place, studies.unpacked(picture))
        _outline(place, studies.unpacked(answer) > 0, BLUE)
        _outline(place, studies.unpacked(truth) > 0, "white", dashed=True)
    return result


def counts() -> Figure:
    """Dice on test phantoms by how many were learned from (``studies.by_count``)."""
    found = studies.by_count()
    low, high = 100 * np.array(found["interval"]).T
    value = 100 * np.array(found["dice"])
    result, axes = figure(width=5.2, height=2.8)
    axes.errorbar(found["count"], value, [value - low, high - value], fmt="o-", color=BLUE, capsize=3)
    axes.set(xscale="log", xlabel="phantoms learned from", ylabel="Dice, %", ylim=(0, 100), xticks=found["count"])
    axes.set_xticklabels([str(count) for count in found["count"]])
    axes.minorticks_off()
    axes.grid(axis="y")
    return result


def calibrated() -> Figure:
    """Of pixels with some probability, the share that is lesion (``studies.reliability``)."""
    found = studies.reliability()
    result, axes = figure(width=3.6, height=3.2)
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle=":")
    axes.plot(found["probability"], found["share"], "o-", color=BLUE)
    axes.set(xlabel="probability said", ylabel="share that is lesion", xlim=(0, 1), ylim=(0, 1))
    axes.grid()
    return result

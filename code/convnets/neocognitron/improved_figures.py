"""Pictures of the neocognitron of 2003: layers, what cells have learned, what is misread, rules compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common import seeds
from convnets.common.plot import FAINT, INK, MUTED, PALETTE, figure
from convnets.common.recorded import recorded
from convnets.lenet.figures import digit_grid
from convnets.neocognitron import nets
from convnets.neocognitron.data import Digits, load
from convnets.neocognitron.improved import SIZES, ImprovedNeocognitron, retina

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["RULES", "hardest", "layers", "misread", "rules", "seen_by"]

RULES = {
    "fukushima2003-n3000": "this network, 3,000 digits",
    "fukushima2003-n3000-uncorrected": "no correction: the rule of 2003 alone",
    "fukushima2003-n3000-nocontrast": "no contrast-extracting layer",
    "fukushima2003-n3000-onethreshold": "learning threshold as in recognition",
    "fukushima2003-n3000-nosurround": "no inhibitory surround",
}
"""Recipes that differ from the first by one rule, and how the chart names them."""
_SHOWN = 16
"""Cell-planes of a layer that are drawn, those that answer most."""


@torch.inference_mode()
def layers(model: ImprovedNeocognitron, image: Tensor) -> Figure:
    """Every layer's answer to one uint8 digit (28, 28), a row a layer, at most 16 planes, those that answer most."""
    x = retina(image[None], model.design.scale)
    found = dict(zip(SIZES, (x, *model.stages(x)), strict=True))
    names = {"u0": "U0", "contrast": "UG", "s1": "US1", "c1": "UC1", "s2": "US2", "c2": "UC2", "s3": "US3", "c3": "UC3"}
    result, axes = figure(len(names) + 1, 1, width=6.4, height=6.6)
    for place, (key, name) in zip(axes, names.items(), strict=False):
        maps = found[key][0].numpy()
        loudest = np.sort(np.argsort(-maps.max((1, 2)), kind="stable")[:_SHOWN])
        _row(place, name, maps[loudest])
    scores = found["c4"][0].numpy()
    axes[-1].bar(range(10), scores, color=[PALETTE[1] if k == scores.argmax() else MUTED for k in range(10)])
    axes[-1].set(xticks=range(10), yticks=[], ylim=(0, 1))
    axes[-1].set_ylabel("UC4", rotation=0, ha="right", va="center", color=INK)
    axes[-1].spines["left"].set_visible(False)
    return result


def _row(place: Axes, name: str, maps: np.ndarray) -> None:
    """Maps (K, H, W) side by side, on one scale, the row as wide as sixteen."""
    count, height, width = maps.shape
    picture = np.full((height, _SHOWN * (width + 1)), np.nan)
    for index, one in enumerate(maps):
        picture[:, index * (width + 1) :][:, :width] = one
    place.imshow(picture, cmap="gray_r", vmin=0, vmax=max(float(maps.max()), 1e-9), interpolation="nearest")
    for index in range(count):
        left = index * (width + 1) - 0.5
        place.plot(
            [left, left + width, left + width, left, left], [-0.5, -0.5, height - 0.5, height - 0.5, -0.5],
            color=FAINT, linewidth=0.7,
        )  # fmt: skip
    place.set(xticks=[], yticks=[], xlim=(-1, picture.shape[1]), ylim=(height, -1))
    place.set_ylabel(name, rotation=0, ha="right", va="center", color=INK)
    place.spines[:].set_visible(False)


def seen_by(model: ImprovedNeocognitron, digits: Digits, stage: int, count: int = 200) -> Figure:
    """What the planes of US2 or US3 (``stage``) answer to: the mean of U0 around each plane's strongest cell.

    One cell a plane and digit, weighted by its answer, over the first ``count`` of ``digits``.
    """
    pictures = _seen(model, digits.images[:count], stage)
    columns = 16
    rows = -(-len(pictures) // columns)
    result, axes = figure(rows, columns, width=7.0, height=0.5 * rows, squeeze=False)
    for index, place in enumerate(axes.flat):
        place.axis("off")
        if index < len(pictures):
            place.axis("on")
            place.imshow(pictures[index], cmap="gray_r", interpolation="nearest")
            place.set(xticks=[], yticks=[])
            place.spines[:].set(visible=True, color=FAINT, linewidth=0.7)
    return result


@torch.inference_mode()
def _seen(model: ImprovedNeocognitron, images: Tensor, stage: int) -> np.ndarray:
    """(planes, side, side) mean patches of U0; cells of US2 lie two pixels apart, of US3 four, about the middle."""
    side, step, layer = {2: (21, 2, model.s2), 3: (37, 4, model.s3)}[stage]
    total = torch.zeros(len(layer.weights), side, side)
    for batch in images.split(50):
        x = retina(batch, model.design.scale)
        answers = layer(model.below(x, stage - 1))
        width = answers.shape[3]
        best, place = answers.flatten(2).max(2)  # (N, K)
        padded = F.pad(x[:, 0], (side // 2,) * 4)
        for image, strongest, where in zip(padded, best, place, strict=True):
            for plane in (strongest > 0).nonzero()[:, 0].tolist():
                row, column = (
                    round(SIZES["u0"] / 2 + (index - (width - 1) / 2) * step - 0.5)
                    for index in divmod(int(where[plane]), width)
                )
                row, column = (min(max(index, 0), SIZES["u0"] - 1) for index in (row, column))
                total[plane] += strongest[plane] * image[row : row + side, column : column + side]
    return total.numpy()


@recorded("neocognitron")
def misread(*, device: str) -> dict[str, Any]:
    """Which of MNIST's test digits the published network misreads: index, label, answer, and by how much it led."""
    digits = load("test")
    scores = nets.answers(nets.load("fukushima2003").to(device), digits.images)
    answers = scores.argmax(1)  # of a silent network, that of a 0: `silent` counts them
    lead = scores.max(1).values - scores.gather(1, digits.labels[:, None])[:, 0]
    listed = [
        {
            "index": index,
            "label": int(digits.labels[index]),
            "answer": int(answers[index]),
            "lead": round(float(lead[index]), 4),
        }
        for index in lead.argsort(descending=True).tolist()
        if answers[index] != digits.labels[index]
    ]  # fmt: skip
    return {"mistakes": listed, "silent": int((scores.max(1).values == 0).sum())}


def hardest(result: Mapping[str, Any], images: Tensor, count: int = 21) -> Figure:
    """The mistakes with the largest lead: label, arrow, answer."""
    chosen = result["mistakes"][:count]
    titles = [f"{mistake['label']} → {mistake['answer']}" for mistake in chosen]
    return digit_grid([images[mistake["index"]].numpy() for mistake in chosen], titles)


def rules() -> Figure:
    """Test error at 3,000 digits with one rule changed at a time: mean and 95 % interval over the seeds."""
    result, axes = figure(width=5.6, height=2.7)
    for place, name in enumerate(RULES):
        found = seeds.summary("neocognitron", name, "error")
        colour = MUTED if place == 0 else PALETTE[0]
        axes.plot([100 * found.low, 100 * found.high], [place, place], color=colour)
        axes.plot(100 * found.mean, place, "o", color=colour, markersize=7)
        if place == 0:
            axes.axvline(100 * found.mean, color=FAINT, linewidth=1.5, zorder=0)
    axes.set_yticks(range(len(RULES)), list(RULES.values()), color=INK)
    axes.set(xlabel="test error, %", ylim=(len(RULES) - 0.4, -0.6), xlim=(0, None))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    return result

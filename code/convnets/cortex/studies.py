"""Measurements beyond the test accuracy: which photographs the model gets wrong, and what moving them does.

A recorded function: its result is loaded if it is stored for this code and these weights, else computed.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common import stats
from convnets.common.recorded import recorded
from convnets.cortex.data import animal, prepare, split
from convnets.cortex.model import READOUTS, Hmax
from convnets.cortex.nets import load
from convnets.cortex.readout import fit
from convnets.cortex.train import RECIPES, fast_c1

__all__ = ["SHIFTS_PIXELS", "displaced", "moved"]

Result = dict[str, Any]

SHIFTS_PIXELS = (0, 4, 8, 12, 16)
"""Of the 64 pixels that the model sees of a photograph."""

BASELINES = ("pixels", "c1")
WORST = 12
"""So many mistakes are named."""


@recorded("cortex")
def displaced(*, device: str) -> Result:
    """Share of test images that each readout puts right when they are moved by so many pixels, in turn four ways.

    The model's readouts are the published ones. Those of the baselines, the grey levels and every C1 unit, are fitted
    anew to as many training images, none of them moved. ``pairs`` compares C1 with C2b, image by image; ``classes`` has
    S4's accuracy by class, unmoved, and ``worst`` the places in the test set where its score is farthest on the wrong
    side. All is computed on the processor, whatever ``device`` is.
    """
    model, data = load(), split()
    count = RECIPES["hmax"].train_count
    used = data.train.take(torch.randperm(len(data.train.labels), generator=torch.Generator().manual_seed(0))[:count])
    seen, held = (_baselines(part.images, 0) for part in (used, data.validation))
    fitted = {name: fit(seen[name], used.labels, held[name], data.validation.labels)[:2] for name in BASELINES}
    labels, answers = data.test.labels, []
    for pixels in SHIFTS_PIXELS:
        found = _baselines(data.test.images, pixels, model)
        scores = {name: found[name] @ weights + bias for name, (weights, bias) in fitted.items()}
        answers.append(scores | dict(zip(READOUTS, found["scores"].T, strict=True)))
    right = {name: [(each[name] > 0) == animal(labels) for each in answers] for name in answers[0]}
    margin = torch.where(animal(labels), 1, -1) * answers[0]["s4"]
    return {
        "pixels": list(SHIFTS_PIXELS),
        "accuracy": {name: [float(one.float().mean()) for one in each] for name, each in right.items()},
        "pairs": [
            stats.mcnemar(one.tolist(), two.tolist())._asdict()
            for one, two in zip(right["c1"], right["c2b"], strict=True)
        ],
        "classes": [float(right["s4"][0][labels == label].float().mean()) for label in range(10)],
        "worst": margin.argsort()[:WORST].tolist(),
    }


def moved(x: Tensor, pixels: int) -> Tensor:
    """(N, 1, H, W) moved by whole ``pixels``: image 0 right, 1 down, 2 left, 3 up, and so on.

    What would be empty is filled with the mirror image of what lies beside it, so that no new edge appears.
    """
    if not pixels:
        return x
    height, width = x.shape[2:]
    padded, result = F.pad(x, (pixels,) * 4, mode="reflect"), torch.empty_like(x)
    corners = [(pixels, 0), (0, pixels), (pixels, 2 * pixels), (2 * pixels, pixels)]  # row, column of the window
    for turn, (row, column) in enumerate(corners):
        result[turn::4] = padded[turn::4, :, row : row + height, column : column + width]
    return result


@torch.inference_mode()
def _baselines(images: Tensor, pixels: int, model: Hmax | None = None, batch_size: int = 40) -> dict[str, Tensor]:
    """Grey levels and C1 of colour bytes (N, 32, 32, 3), moved; with a ``model`` also its scores (N, 4)."""
    found: dict[str, list[Tensor]] = {}
    for batch in images.split(batch_size):
        seen = moved(prepare(batch), pixels)
        maps = fast_c1(seen)
        parts = {"pixels": F.avg_pool2d(seen, 2).flatten(1), "c1": torch.cat([one.flatten(1) for one in maps], 1)}
        if model is not None:
            parts["scores"] = model.from_c1(maps).scores
        for name, part in parts.items():
            found.setdefault(name, []).append(part)
    return {name: torch.cat(rows) for name, rows in found.items()}

"""Sliding windows: a network that names one digit, asked at every place and size, becomes a detector.

Source: Rowley, Baluja, Kanade: "Neural network-based face detection", IEEE Transactions on Pattern Analysis and Machine
Intelligence 20, 1998: a window over a pyramid of ever smaller pictures, and overlapping answers made one. The network
is LeNet-5 of the chapter on LeNet, in the version that learned to say "no digit here" (``lenet5-row``).

A digit's box is the square that MNIST fits its ink into, 20 of the window's 32 pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.common.boxes import Found, Truth, matched, mean_precision, nms
from convnets.common.errors import ConvnetsError
from convnets.common.recorded import recorded
from convnets.lenet.data import normalise
from convnets.lenet.row import RUBBISH, column_log_probabilities

__all__ = ["SCALES", "WINDOW", "count", "find", "scene", "slid"]

WINDOW, STEP, INK = 32, 4, 20
"""Pixels of the window, from one window to the next, and of the digit's box within it."""
SCALES = (1.0, 0.75, 0.5, 0.35)
"""Sizes of the pyramid's pictures: the smaller, the larger the digits that fit the window."""


def scene(digits: Tensor, seed: int, height: int = 128, width: int = 192) -> tuple[Tensor, Truth]:
    """Digits (k, 28, 28) uint8 of 20 to 56 pixels somewhere on paper, (H, W) uint8, ink light, and their boxes.

    None touches another; one for which fifty places were tried in vain is left out. All labels are 0.

    Raises:
        ConvnetsError: the paper is too small for any digit.
    """
    if min(height, width) < 80:
        raise ConvnetsError(f"A scene of {height}x{width} pixels has no room for large digits: give 80 or more.")
    draw = torch.Generator().manual_seed(seed)
    paper, boxes = torch.zeros(height, width), torch.zeros(0, 4)
    for digit in digits:
        side = int(torch.randint(28, 79, (), generator=draw))
        rim = side * 4 / 28
        for _ in range(50):
            top, left = (int(torch.randint(length - side + 1, (), generator=draw)) for length in (height, width))
            box = torch.tensor([[left + rim, top + rim, left + side - rim, top + side - rim]])
            apart = (box[0, :2] > boxes[:, 2:] + 4) | (box[0, 2:] < boxes[:, :2] - 4)
            if bool(apart.any(1).all()):
                ink = F.interpolate(digit[None, None].float(), (side, side), mode="bilinear", antialias=True)[0, 0]
                here = paper[top : top + side, left : left + side]
                here.copy_(torch.maximum(here, ink))
                boxes = torch.cat([boxes, box])
                break
    return paper.round().to(torch.uint8), Truth(boxes, torch.zeros(len(boxes), dtype=torch.int64))


def _sizes(height: int, width: int, scales: Sequence[float]) -> list[tuple[int, int]]:
    sizes = [(round(height * scale), round(width * scale)) for scale in scales]
    return [size for size in sizes if min(size) >= WINDOW]


def count(height: int, width: int, scales: Sequence[float] = SCALES) -> int:
    """How many windows of a picture are looked at."""
    return sum(
        ((tall - WINDOW) // STEP + 1) * ((wide - WINDOW) // STEP + 1) for tall, wide in _sizes(height, width, scales)
    )


@torch.inference_mode()
def find(
    model: nn.Module, picture: Tensor, scales: Sequence[float] = SCALES, least: float = 0.3, overlap: float = 0.3
) -> tuple[Found, Tensor]:
    """The digits in a picture (H, W) uint8, and what each is (N,): boxes have label 0, their scores are probabilities.

    Raises:
        ConvnetsError: it is no grey picture of bytes, or smaller than a window.
    """
    if picture.ndim != 2 or picture.dtype != torch.uint8 or min(picture.shape) < WINDOW:
        raise ConvnetsError(
            f"This picture is {picture.dtype} of shape {tuple(picture.shape)}: give bytes (H, W), at least {WINDOW} "
            "pixels a side."
        )
    boxes, scores, values = [], [], []
    for size in _sizes(*picture.shape, scales):  # type: ignore[call-arg]
        x = F.interpolate(picture[None, None].float(), size, mode="bilinear", antialias=True).round()
        windows = F.unfold(x, WINDOW, stride=STEP)[0].T.reshape(-1, 1, WINDOW, WINDOW)
        found = torch.cat([model.eval()(normalise(part)) for part in windows.split(500)])
        log_p = column_log_probabilities(found, 60.0, 10.0)[:, :RUBBISH]
        score, value = log_p.exp().max(1)
        across = (size[1] - WINDOW) // STEP + 1
        place = torch.arange(len(score))
        middle = torch.stack([place % across, place // across], 1) * STEP + WINDOW / 2
        box = torch.cat([middle - INK / 2, middle + INK / 2], 1) * (picture.shape[1] / size[1])
        there = score > least
        boxes.append(box[there])
        scores.append(score[there])
        values.append(value[there])
    every, given = torch.cat(boxes), torch.cat(scores)
    kept = nms(every, given, overlap)
    labels = torch.zeros(len(kept), dtype=torch.int64)
    return Found(every[kept], given[kept], labels), torch.cat(values)[kept]


@recorded("detection")
def slid(scenes: int = 20, digits: int = 6, *, device: str) -> dict[str, Any]:
    """LeNet slid over scenes of test digits: windows of each, mean average precision of "digit" at 0.5 and 0.3."""
    from convnets.lenet import data, nets

    held, model = data.load("test"), nets.load("lenet5-row")
    pictures = []
    for seed in range(scenes):
        picture, truth = scene(held.images[seed * digits : (seed + 1) * digits], seed)
        pictures.append(matched(find(model, picture)[0], truth, (0.5, 0.3)))
    precision = mean_precision(pictures)[0]
    return {"windows": count(128, 192), "map50": float(precision[0]), "map30": float(precision[1]), "scenes": scenes}

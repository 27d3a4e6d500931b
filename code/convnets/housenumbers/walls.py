"""Pictures without a number: what stands beside the numbers in SVHN's photographs, and rendered walls.

``svhn_colour_256.zip`` holds 256 photographs of SVHN's training part, at most 96 pixels high, with a box for each
digit. Windows beside the digits show bricks, doors, letter boxes and leaves. A photograph is on one side of the
splits. Some hold letters, or digits that nobody boxed: then "no number" is wrong, which nobody has checked.
"""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from convnets.common import data as files
from convnets.common.errors import ConvnetsError
from convnets.common.sets import Labelled
from convnets.housenumbers.data import HEIGHT, LONGEST, WIDTH, Sets, framed
from convnets.housenumbers.world import wall

__all__ = ["DIGEST", "load", "of", "rendered", "windows", "without"]

DIGEST = "2424375d4169f0578b0b6a42dc3ee7f6a56e320438c18ce8a0dd0ddc70742892"
"""SHA-256 of the archive's boxes, which name its photographs."""
_PER_PHOTOGRAPH = 6  # windows, at most
_TRIES = 40
_MARGIN = 3  # pixels kept between a window and a digit's box


def load(split: str = "train", folder: str | Path | None = None) -> Labelled:
    """Windows without digits (N, 32, 64) of ``train``, ``validation`` or ``test``, labels (N, 6) of length 0.

    Of eight photographs, one is for validation and two are for the test.

    Raises:
        ConvnetsError: unknown split, or the archive is missing, damaged, or lacks a photograph.
    """
    sides = {"train": (3, 4, 5, 6, 7), "validation": (0,), "test": (1, 2)}
    if split not in sides:
        raise ConvnetsError(f"There is no split {split!r} of these photographs: choose {', '.join(sides)}.")
    file = files.find(["SVHN-grey/svhn_colour_256.zip", "svhn_colour_256.zip"], folder)
    if file is None:
        raise ConvnetsError(
            "The photographs (SVHN-grey/svhn_colour_256.zip) lie in none of "
            f"{', '.join(map(str, files.candidates(folder)))}: set CONVNETS_DATA to a folder that holds them."
        )
    held = files.members(file, lambda name: name.endswith((".jpg", "boxes.json")))
    with files.whole(file, TypeError, AttributeError, IndexError, OverflowError):
        content = held["boxes.json"]
        told = [one for one in json.loads(content) if int(one["id"]) % 8 in sides[split]]
        pictures = [window for one in told for window in windows(_grey(held[f"{one['id']}.jpg"]), one)]
    return without(pictures, hashlib.sha256(content).hexdigest() == DIGEST)


def rendered(count: int, seed: int) -> Labelled:
    """``count`` rendered walls (N, 32, 64), labels (N, 6) of length 0."""
    draw = np.random.default_rng(seed)
    return without([wall(draw) for _ in range(count)], True)


def of(data: Sets, split: str) -> Labelled:
    """Windows without digits of ``split``: of official photographs, if ``data`` are those, or of ours."""
    return data.walls(split) if hasattr(data, "walls") else load(split, data.folder)


def without(pictures: list[np.ndarray], known: bool) -> Labelled:
    """Pictures (h, w) without a number as images (N, 32, 64), labels (N, 6) of length 0."""
    labels = torch.full((len(pictures), 1 + LONGEST), -1)
    labels[:, 0] = 0
    frames = np.array([framed(picture) for picture in pictures], np.uint8).reshape(-1, HEIGHT, WIDTH)
    return Labelled(torch.from_numpy(frames), labels, known)


def _grey(content: bytes) -> np.ndarray:
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(content)).convert("L"))


def windows(picture: np.ndarray, told: dict[str, Any]) -> list[np.ndarray]:
    """Windows of a grey photograph (h, w) that touch none of its ``digits``, drawn by its ``id``."""
    boxes = np.array([digit[1:] for digit in told["digits"]], np.float64)
    left, top = boxes[:, :2].min(0) - _MARGIN
    right, bottom = boxes[:, 2:].max(0) + _MARGIN
    draw, found = np.random.default_rng(int(told["id"])), []
    for _ in range(_TRIES):
        h = int(draw.integers(12, max(13, picture.shape[0] * 2 // 3)))
        w = int(h * draw.uniform(0.5, 2.2))
        if w >= picture.shape[1]:
            continue
        y, x = int(draw.integers(picture.shape[0] - h + 1)), int(draw.integers(picture.shape[1] - w + 1))
        if x + w <= left or x >= right or y + h <= top or y >= bottom:
            found.append(picture[y : y + h, x : x + w])
        if len(found) == _PER_PHOTOGRAPH:
            break
    return found

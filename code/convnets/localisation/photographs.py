"""House numbers as they were photographed: 256 colour photographs of SVHN's training part, for the centred box alone.

Data: Netzer and others, "Reading digits in natural images with unsupervised feature learning", NIPS Workshop, 2011
(SVHN). Where a number is, is the smallest box around its digits. Those who take photographs put things in the middle:
here that is measured. Too few to learn from.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import Tensor

from convnets.common import data as files
from convnets.common.errors import ConvnetsError

__all__ = ["numbers"]


def numbers(folder: str | Path | None = None) -> Tensor:
    """Boxes (N, 4) of whole numbers, ends in shares of the photograph's sides; a box without area is left out.

    Raises:
        ConvnetsError: the archive is missing or damaged.
    """
    file = files.find(["SVHN-grey/svhn_colour_256.zip", "svhn_colour_256.zip"], folder)
    if file is None:
        raise ConvnetsError(
            "The photographs of house numbers (SVHN-grey/svhn_colour_256.zip) lie in none of "
            f"{', '.join(map(str, files.candidates(folder)))}: set CONVNETS_DATA to a folder that holds them."
        )
    held = files.members(file, lambda name: name.endswith("boxes.json"))
    if not held:
        raise ConvnetsError(f"The archive {file} holds no boxes.json: fetch it again.")
    with files.whole(Path(f"{file}/boxes.json"), TypeError, IndexError):
        found = [_around(one["size"], one["digits"]) for one in json.loads(next(iter(held.values())))]
    boxes = torch.tensor(found).reshape(-1, 4).clamp(0, 1)
    return boxes[((boxes[:, 2:] - boxes[:, :2]) > 0).all(1)]


def _around(size: list[float], digits: list[list[float]]) -> list[float]:
    width, height = size
    ends = list(zip(*digits, strict=True))[1:]
    return [min(ends[0]) / width, min(ends[1]) / height, max(ends[2]) / width, max(ends[3]) / height]

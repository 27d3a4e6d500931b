"""Pedestrians in streets: the Penn-Fudan photographs, learned from and measured on, never shown.

Data: Wang, Shi, Song, Shen: "Object detection combining recognition and segmentation", ACCV 2007. Its readme leaves all
rights with the authors, so the book shows none of them. 127 photographs to learn from and 21 to test with, longest side
224 pixels; of the former, a fifth is kept to choose by, whole blocks of neighbours together, for these show one scene.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch

from convnets.common import data as files
from convnets.common.errors import ConvnetsError
from convnets.detection.data import Marked, Parts, Pictures, opened, pictures, with_area

__all__ = ["NAME", "SIDE", "load", "split"]

NAME = "Penn-Fudan"
SIDE = 224  # pixels that the network sees, either way
_ARCHIVE = ["PennFudan/pennfudan.zip", "pennfudan.zip"]
_BLOCK = 8  # photographs that stay on one side
_FOLDS = 5  # blocks of which one is kept to choose by


def split(folder: str | None = None) -> Parts:
    """Training, validation and test photographs; errors as :func:`load`."""
    train = load("train", folder)
    kept = torch.tensor([place // _BLOCK % _FOLDS == _FOLDS - 1 for place in range(len(train.names))], dtype=torch.bool)
    return Parts(train.take((~kept).nonzero()[:, 0]), train.take(kept.nonzero()[:, 0]), load("test", folder))


def load(split: str = "train", folder: str | Path | None = None) -> Pictures:
    """The ``train`` or ``test`` photographs, label 0 for every pedestrian.

    Raises:
        ConvnetsError: unknown split; the archive is missing or damaged, or lacks a picture.
    """
    if split not in ("train", "test"):
        raise ConvnetsError(f"There is no split {split!r} of Penn-Fudan: choose `train` or `test`.")
    file = files.find(_ARCHIVE, folder)
    if file is None:
        raise ConvnetsError(
            f"Penn-Fudan (PennFudan/pennfudan.zip) lies in none of {', '.join(map(str, files.candidates(folder)))}: "
            "set CONVNETS_DATA to a folder that holds it."
        )
    held = files.members(file, lambda name: name.endswith((".jpg", "boxes.json")))
    with files.whole(file, TypeError, AttributeError, IndexError):
        told = [one for one in json.loads(held["boxes.json"]) if one["part"] == split]
        found = [_marked(one["file"], held[f"{one['file']}.jpg"], one["boxes"], file) for one in told]
    return pictures(found, False, SIDE, SIDE)


def _marked(name: str, content: bytes, ends: list[list[float]], file: Path) -> Marked:
    boxes = torch.tensor(ends, dtype=torch.float32).reshape(-1, 4)
    return with_area(
        Marked(name, opened(content, f"{file}/{name}.jpg"), boxes, torch.zeros(len(boxes), dtype=torch.int64))
    )

"""GTSRB as its authors publish it and ``torchvision.datasets.GTSRB`` keeps it: folders of PPM files and CSV tables.

``gtsrb/GTSRB/Training/00014/00003_00029.ppm`` is frame 29 of track 3 of class 14; the labels of the test photographs
``gtsrb/GTSRB/Final_Test/Images/00000.ppm`` stand in ``gtsrb/GT-final_test.csv``. All frames are read.

Deviations:
    - Photographs are brought to 32x32 pixels by bilinear interpolation without smoothing, as those of the archives
      were; the authors' own sizes are from 15x15 to 250x250.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common import data as files
from convnets.common.errors import ConvnetsError

__all__ = ["read"]

_FRAME = re.compile(r"(\d+)_(\d+)\.ppm")


def read(folder: Path, split: str, side: int) -> tuple[Tensor, Tensor, Tensor] | None:
    """Images (N, 3, side, side) uint8, labels (N,) and tracks (N,) of the ``train`` or ``test`` split; None: not there.

    Raises:
        ConvnetsError: a photograph or a table is damaged, or a name is none of GTSRB's.
    """
    base = folder / "gtsrb"
    there = base / "GTSRB" / "Training" if split == "train" else base / "GT-final_test.csv"
    try:
        if not there.exists():
            return None
    except OSError as error:
        raise ConvnetsError(f"The data folder {folder} cannot be read ({error}): choose another.") from error
    rows = _frames(folder) if split == "train" else _table(folder, there)
    if not rows:
        raise ConvnetsError(f"{there} names no photograph: fetch GTSRB again.")
    images = torch.stack([_picture(file, side) for file, _, _ in rows])
    labels, tracks = (torch.tensor([row[column] for row in rows]) for column in (1, 2))
    return images, labels, tracks


def _samples(folder: Path, split: str) -> list[tuple[str, int]]:
    """What ``torchvision.datasets.GTSRB`` finds: files with their classes."""
    from convnets.common.vision import torchvision

    return torchvision.datasets.GTSRB(str(folder), split=split, download=False)._samples


def _frames(folder: Path) -> list[tuple[Path, int, int]]:
    with files.whole(folder / "gtsrb" / "GTSRB" / "Training"):
        found = [Path(name) for name, _ in _samples(folder, "train")]
    rows = []
    for file in found:
        frame = _FRAME.fullmatch(file.name)
        if frame is None or not file.parent.name.isdigit():
            raise ConvnetsError(
                f"{file} is not called as GTSRB's frames are (00014/00003_00029.ppm is frame 29 of track 3 of class "
                "14): take it out, or fetch the set again."
            )
        rows.append((file, int(file.parent.name), int(frame[1])))
    return rows


def _table(folder: Path, table: Path) -> list[tuple[Path, int, int]]:
    with files.whole(table, csv.Error):
        return [(Path(name), label, -1) for name, label in _samples(folder, "test")]


def _picture(file: Path, side: int) -> Tensor:
    from PIL import Image

    with files.whole(file, Image.DecompressionBombError):
        pixels = np.asarray(Image.open(file).convert("RGB"))
    x = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float()
    x = F.interpolate(x, (side, side), mode="bilinear", align_corners=False)
    return x[0].round().clamp(0, 255).to(torch.uint8)

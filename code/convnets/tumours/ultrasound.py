"""Ultrasound pictures of the breast with outlines of what is in them: benign or malignant lesions, or nothing.

Data: BUSI (W. Al-Dhabyani and others, 2020), 119 of its 780 pictures: 39 benign, 40 malignant, 40 normal, made smaller.
There is no official division and no number of a patient, so one woman may be in two folds. Pictures with neighbouring
numbers are often near copies (correlations of 0.97 and more); so folds are blocks of ten numbers, and a picture's fold
depends on its name alone.

Each picture is made to fit 96x96 pixels, its longer side filled, the rest black.
"""

from __future__ import annotations

import hashlib
import io
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common import data as files
from convnets.common import sets
from convnets.common.errors import ConvnetsError

__all__ = ["DIGEST", "FOLDS", "KINDS", "NAME", "SIDE", "Pictures", "digest", "fitted", "fold", "load"]

NAME = "breast ultrasound of BUSI, 119 of 780 pictures"
KINDS = ("benign", "malignant", "normal")
NORMAL = 2
FOLDS = 5
SIDE = 96
"""Pixels a side of the square that a picture is made to fit."""
DIGEST = "0ba64f61a27aceaef949a48e3f791d3ae6cc8503f890295c5e62bbe661269883"
"""SHA-256 of all files' names and contents."""
_NAME = re.compile(r"(?:.*/)?((benign|malignant|normal)[^/]*)\.(?:jpg|jpeg|png)")


class Pictures(NamedTuple):
    """N pictures."""

    images: Tensor  # (N, 96, 96) uint8
    masks: Tensor  # (N, 96, 96) bool
    inside: Tensor  # (N, 96, 96) bool, where the square holds picture
    kinds: Tensor  # (N,) of KINDS
    names: tuple[str, ...]
    digest_known: bool

    @property
    def folds(self) -> Tensor:
        """The fold of each, (N,)."""
        return torch.tensor([fold(name) for name in self.names], dtype=torch.long)

    def take(self, chosen: Tensor) -> Pictures:
        """Those at ``chosen``, numbers or a mask (N,)."""
        places = chosen.nonzero()[:, 0] if chosen.dtype == torch.bool else chosen
        images, masks, inside, kinds = (part[places] for part in self[:4])
        names = tuple(self.names[place] for place in places.tolist())
        return Pictures(images, masks, inside, kinds, names, self.digest_known)


def fold(name: str) -> int:
    """The fold of a picture: pictures whose numbers have the same tens are together; without a number, a hash."""
    numbers = re.findall(r"\d+", name)
    return int(numbers[-1]) // 10 % FOLDS if numbers else sets.fold(name, FOLDS)


def load(folder: str | Path | None = None) -> Pictures:
    """All pictures that are there.

    Raises:
        ConvnetsError: the archive is missing or damaged, a picture has no mask, or one of another size, or with other
            colours than two, or an empty one though it shows a lesion.
    """
    file = files.find(["BUSI-150/busi.zip", "busi.zip"], folder)
    if file is None:
        raise ConvnetsError(
            f"The ultrasound pictures (BUSI-150/busi.zip) lie in none of "
            f"{', '.join(map(str, files.candidates(folder)))}: set CONVNETS_DATA to a folder that holds them."
        )
    return _read(file)


def digest(folder: str | Path | None = None) -> str:
    """Digest of all pictures and masks; errors as :func:`load`."""
    found = load(folder)
    if found.digest_known:
        return DIGEST
    return hashlib.sha256(found.images.numpy().tobytes() + found.masks.numpy().tobytes()).hexdigest()


@lru_cache(maxsize=2)
def _read(file: Path) -> Pictures:
    held = files.members(file, lambda name: bool(_NAME.fullmatch(name)))
    hashed, parts = hashlib.sha256(), []
    for member, content in held.items():
        hashed.update(member.encode() + b"\0" + content)
        known = _NAME.fullmatch(member)
        if known is None or known[1].endswith("_mask"):
            continue
        mask = member[: member.rindex(".")] + "_mask.png"
        if mask not in held:
            raise ConvnetsError(f"The archive {file} holds {member} and no {mask}: fetch it again.")
        image, outline = _grey(content, f"{file}/{member}"), _two(held[mask], f"{file}/{mask}")
        if image.shape != outline.shape:
            raise ConvnetsError(
                f"{file}/{mask} has {outline.shape} pixels and its picture {image.shape}: give both the same size."
            )
        kind = KINDS.index(known[2])
        if kind != NORMAL and not outline.any():
            raise ConvnetsError(f"{file}/{mask} is empty, but {member} shows a lesion: draw it, or call it normal.")
        parts.append((*fitted(image, outline), kind, known[1]))
    if not parts:
        raise ConvnetsError(f"The archive {file} holds no picture called benign, malignant or normal: fetch it again.")
    images, masks, inside, kinds, names = zip(*parts, strict=True)
    stacked = torch.stack(images), torch.stack(masks), torch.stack(inside), torch.tensor(kinds)
    return Pictures(*stacked, names, hashed.hexdigest() == DIGEST)


def _grey(content: bytes, where: str) -> Tensor:
    return torch.from_numpy(_opened(content, where, "L"))


def _two(content: bytes, where: str) -> Tensor:
    found = _opened(content, where, "L")
    values = np.unique(found).tolist()
    if not set(values) <= {0, 255}:
        raise ConvnetsError(f"{where} holds the greys {values[:6]}: a mask has two, black and white.")
    return torch.from_numpy(found == 255)


def _opened(content: bytes, where: str, mode: str) -> np.ndarray:
    from PIL import Image

    with files.whole(Path(where), Image.DecompressionBombError):
        return np.asarray(Image.open(io.BytesIO(content)).convert(mode)).copy()


def fitted(image: Tensor, mask: Tensor, side: int = SIDE) -> tuple[Tensor, Tensor, Tensor]:
    """A picture (H, W) uint8 and its mask, made to fit a square; and where the square holds picture."""
    height, width = image.shape
    scale = side / max(height, width)
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    both = torch.stack([image.float(), mask.float()])[None]
    small = F.interpolate(both, (rows, columns), mode="bilinear", antialias=True, align_corners=False)[0]
    top, left = (side - rows) // 2, (side - columns) // 2
    edges = (left, side - columns - left, top, side - rows - top)
    square = F.pad(small, edges)
    inside = F.pad(torch.ones(rows, columns), edges) > 0
    return square[0].round().clamp(0, 255).byte(), square[1] >= 0.5, inside

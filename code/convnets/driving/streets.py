"""CamVid: photographs from a car that drives through Cambridge, and a class for each of their pixels.

Data: G. Brostow, J. Fauqueur, R. Cipolla: "Semantic object classes in video", Pattern Recognition Letters 30, 2009; in
the eleven classes and the division of V. Badrinarayanan, A. Kendall, R. Cipolla (SegNet): 367 photographs to learn
from, 101 to choose by, 233 to test with. Neighbours are frames of one film, often a second apart, and alike.

Deviations:
    - Photographs have 240x180 pixels, where the papers' have 480x360: poles are one pixel wide, or none.
    - The first half of each of the two test films is at hand, 117 photographs: *half of the test images*.
    - An interval draws blocks of ten neighbouring frames, which share most of what they show; single frames, drawn as
      if each told something new, would give a narrower one.
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

from convnets.common import data as files
from convnets.common.errors import ConvnetsError

__all__ = ["CLASSES", "DIGESTS", "HEIGHT", "NAME", "UNKNOWN", "WIDTH", "Streets", "digest", "load"]

NAME = "street photographs of CamVid, half of the test set"
HEIGHT, WIDTH = 180, 240  # pixels
CLASSES = (
    "Sky", "Building", "Pole", "Road", "Pavement", "Tree", "Sign", "Fence", "Car", "Pedestrian", "Bicyclist",
)  # fmt: skip
"""What a pixel may show, by label."""
UNKNOWN = 11
"""The label of pixels that nobody labelled: they count neither for the loss nor for a measure."""
DIGESTS = {
    "train": "3b15ffaf804d938845ca263c9c3a4d626896d25fcecbc944315b905b66fc11c1",
    "validation": "4458c7beeb2fe623d618212ae1faa32dc3e648d738ca1ce059e5bad1227daa88",
    "test": "f467e617eb1331a061a2476798b10b27d778c1495228bbdea3fe705a843b3785",
}
"""SHA-256 of the names, photographs and labels of each split."""
BLOCK = 10
"""Neighbouring frames that an interval draws together."""
_FILE = "camvid_240x180.zip"
_FOLDERS = {"train": "train", "validation": "val", "test": "test"}


class Streets(NamedTuple):
    """N photographs of one split, in the order of their names."""

    images: Tensor  # (N, 3, 180, 240) uint8, red first
    labels: Tensor  # (N, 180, 240) uint8, of CLASSES, or UNKNOWN
    names: tuple[str, ...]
    digest_known: bool

    @property
    def blocks(self) -> list[str]:
        """Of each photograph its film and the ten neighbours that it is one of."""
        films = [re.split(r"[_.]", name)[0] for name in self.names]
        return [f"{film}/{films[:place].count(film) // BLOCK}" for place, film in enumerate(films)]

    def take(self, indices: Tensor) -> Streets:
        """The photographs at ``indices``, in that order."""
        names = tuple(self.names[place] for place in indices.tolist())
        return Streets(self.images[indices], self.labels[indices], names, self.digest_known)


def load(split: str = "train", folder: str | Path | None = None) -> Streets:
    """The photographs of a split: ``train``, ``validation`` or ``test``.

    Raises:
        ConvnetsError: unknown split; the archive is missing or damaged, or holds no photograph of it; a label map is
            missing, of another size, without a labelled pixel, or with a value that is no class.
    """
    if split not in _FOLDERS:
        raise ConvnetsError(f"There is no split {split!r} of CamVid: choose {', '.join(_FOLDERS)}.")
    file = files.find([f"CamVid/{_FILE}", _FILE], folder)
    if file is None:
        raise ConvnetsError(
            f"The street photographs (CamVid/{_FILE}) lie in none of {', '.join(map(str, files.candidates(folder)))}: "
            "set CONVNETS_DATA to a folder that holds them."
        )
    return _read(file, split)


def digest(folder: str | Path | None = None) -> str:
    """Digest of what is learned from, chosen by and tested with; errors as :func:`load`."""
    parts = []
    for split in _FOLDERS:
        found = load(split, folder)
        parts.append(DIGESTS[split] if found.digest_known else _hashed(found.images, found.labels))
    return hashlib.sha256("".join(parts).encode()).hexdigest()


@lru_cache(maxsize=4)
def _read(file: Path, split: str) -> Streets:
    pictures, maps = f"{_FOLDERS[split]}/", f"{_FOLDERS[split]}annot/"
    held = files.members(file, lambda name: name.startswith((pictures, maps)) and name.endswith((".jpg", ".png")))
    hashed, parts = hashlib.sha256(), []
    for member, content in held.items():
        hashed.update(member.encode() + b"\0" + content)
        if not member.startswith(pictures):
            continue
        name = Path(member).stem
        if (labelled := f"{maps}{name}.png") not in held:
            raise ConvnetsError(f"The archive {file} holds {member} and no {labelled}: fetch it again.")
        image = _opened(content, f"{file}/{member}", "RGB")
        parts.append((image, _labels(held[labelled], f"{file}/{labelled}", image.shape[:2]), name))
    if not parts:
        raise ConvnetsError(f"The archive {file} holds no photograph in {pictures}: fetch it again.")
    images, labels, names = zip(*parts, strict=True)
    pixels = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
    return Streets(pixels, torch.from_numpy(np.stack(labels)), names, hashed.hexdigest() == DIGESTS[split])


def _labels(content: bytes, where: str, size: tuple[int, ...]) -> np.ndarray:
    found = _opened(content, where)
    if found.shape != size or size != (HEIGHT, WIDTH):
        raise ConvnetsError(
            f"{where} has {found.shape} pixels and its photograph {size}: give both {HEIGHT} rows of {WIDTH}."
        )
    values = np.unique(found).tolist()
    if values[-1] > UNKNOWN:
        raise ConvnetsError(f"{where} holds the label {values[-1]}: classes run from 0 to 10, and 11 is unlabelled.")
    if values == [UNKNOWN]:
        raise ConvnetsError(
            f"{where} labels no pixel: nothing can be learned from it or measured with it; leave it out."
        )
    return found


def _opened(content: bytes, where: str, mode: str = "") -> np.ndarray:
    from PIL import Image

    with files.whole(Path(where), Image.DecompressionBombError):
        image = Image.open(io.BytesIO(content))
        if not mode and image.mode not in ("L", "P"):
            raise ValueError(f"colours of mode {image.mode}, where each pixel should be the number of a class")
        return np.asarray(image.convert(mode) if mode else image).copy()


def _hashed(images: Tensor, labels: Tensor) -> str:
    return hashlib.sha256(images.numpy().tobytes() + labels.numpy().tobytes()).hexdigest()

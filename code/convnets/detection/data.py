"""Blood smears under the microscope, red cells, white cells and platelets marked with boxes.

Data: BCCD, photographs and boxes by cosmicad and akshaylamba, in the form of VOC by S. Cheng (MIT). 205 smears to train
on, 87 to choose by and 36 to test with, 640x480 pixels each; tested on is every second photograph of the official list.
Boxes are missing in some of them: no count of labels is a count of cells.

Deviations:
    - The network sees 320x240 pixels; a smear of another size or shape becomes as large as fits, at the top left, the
      rest in its mean colour (:func:`fitted`).
    - A marked box without width or height, or outside its picture, is left out and named (``dropped``); one that
      reaches beyond the edge is cut there.
"""

from __future__ import annotations

import hashlib
import io
import re
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common import data as files
from convnets.common.boxes import Truth, area, clipped
from convnets.common.errors import ConvnetsError

__all__ = [
    "CLASSES", "DIGESTS", "HEIGHT", "NAME", "WIDTH", "Marked", "Pictures", "Sets", "digest_of", "fitted", "load",
    "marked", "number", "opened", "pictures", "split",
]  # fmt: skip

NAME = "BCCD"
HEIGHT, WIDTH = 240, 320  # pixels that the network sees
CLASSES = ("RBC", "WBC", "Platelets")
"""What is marked, by label: red blood cells, white blood cells, platelets."""
DIGESTS = {
    "train": "07d5486b09f290173342cba638a8d4c4749d0b752d36699821a08eddb4372603",
    "validation": "82160e0d36328fbab65d9841862671dcdf92ee019b2826ba6c9631dc21b3d736",
    "test": "88f1859c76730d9781ad75090bf2b0041794be94183ae63f935b42f6cc05f3c4",
}
"""SHA-256 of each part's photographs and boxes."""
_FILES = {"train": "train", "validation": "val", "test": "test"}
_ARCHIVE = ["BCCD/bccd_voc.zip", "bccd_voc.zip"]


class Marked(NamedTuple):
    """A photograph as it was taken, and what is marked in it."""

    name: str  # of its file, without the ending
    picture: np.ndarray  # (H, W, 3) uint8
    boxes: Tensor  # (N, 4) pixels of this photograph
    labels: Tensor  # (N,) int64
    dropped: tuple[str, ...] = ()  # a sentence for each marked box that is none


class Pictures(NamedTuple):
    """Photographs as a network sees them, with boxes in those pixels."""

    images: Tensor  # (N, 3, H, W) uint8
    boxes: list[Tensor]  # of each, (n, 4) pixels
    labels: list[Tensor]  # of each, (n,) int64
    names: list[str]
    dropped: tuple[str, ...]
    digest_known: bool  # whether these are the published files

    @property
    def truth(self) -> list[Truth]:
        """Boxes and labels of each picture."""
        return [Truth(*pair) for pair in zip(self.boxes, self.labels, strict=True)]

    def take(self, indices: Tensor) -> Pictures:
        """The pictures at ``indices``, in that order."""
        places = indices.tolist()
        return self._replace(
            images=self.images[indices],
            boxes=[self.boxes[place] for place in places],
            labels=[self.labels[place] for place in places],
            names=[self.names[place] for place in places],
        )


class Parts(NamedTuple):
    """Training, validation and test pictures."""

    train: Pictures
    validation: Pictures
    test: Pictures


class Sets:
    """Smears, and street scenes with pedestrians; neither is read before it is asked for."""

    def __init__(self, folder: str | None = None) -> None:
        self.folder = folder

    @cached_property
    def cells(self) -> Parts:
        """BCCD."""
        return none_empty(Parts(*(load(name, self.folder) for name in DIGESTS)))

    @cached_property
    def pedestrians(self) -> Parts:
        """Penn-Fudan."""
        from convnets.detection import pedestrians  # which reads its pictures as this module does

        return none_empty(pedestrians.split(self.folder))

    @property
    def digest(self) -> str:
        """That of the smears."""
        return digest_of(self.cells)


def split(folder: str | None = None) -> Sets:
    """Training, validation and test pictures; errors as :func:`marked`."""
    return Sets(folder)


def none_empty(parts: Parts) -> Parts:
    """``parts`` as they are, if there is something to train on, to choose by and to test with.

    Raises:
        ConvnetsError: one of the three holds no picture.
    """
    for name, part in zip(Parts._fields, parts, strict=True):
        if not part.names:
            raise ConvnetsError(f"The {name} set holds no picture: give at least one of each of the three.")
    return parts


def digest_of(parts: Parts) -> str:
    """Digest of pictures, boxes and labels."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part.images.numpy().tobytes())
        for boxes, labels in zip(part.boxes, part.labels, strict=True):
            total.update(boxes.numpy().tobytes() + labels.numpy().tobytes())
    return total.hexdigest()


def load(split: str = "train", folder: str | Path | None = None) -> Pictures:
    """The smears of ``train``, ``validation`` or ``test`` as the networks see them; errors as :func:`marked`."""
    found, known = marked(split, folder)
    return pictures(found, known, HEIGHT, WIDTH)


def number(name: str) -> str:
    """``343`` of the photograph ``BloodImage_00343``; a name without a number as it is."""
    found = re.search(r"\d+$", name)
    return str(int(found[0])) if found else name


def marked(split: str = "train", folder: str | Path | None = None) -> tuple[list[Marked], bool]:
    """The photographs of ``split`` as they were taken, and whether these are the known files.

    Raises:
        ConvnetsError: unknown split; the archive is missing or damaged, lacks a picture or its boxes, or marks a class
            that is none of :data:`CLASSES`.
    """
    if split not in DIGESTS:
        raise ConvnetsError(f"There is no split {split!r} of BCCD: choose {', '.join(DIGESTS)}.")
    file = files.find(_ARCHIVE, folder)
    if file is None:
        raise ConvnetsError(
            f"BCCD (BCCD/bccd_voc.zip) lies in none of {', '.join(map(str, files.candidates(folder)))}: set "
            "CONVNETS_DATA to a folder that holds it."
        )
    listed = f"ImageSets/Main/{_FILES[split]}.txt"
    held = files.members(file, lambda name: name == listed)
    if listed not in held:
        raise ConvnetsError(f"The archive {file} holds no {listed}: fetch it again.")
    with files.whole(file):
        names = held[listed].decode().split()
    wanted = {f"{folder}/{name}.{kind}" for name in names for folder, kind in _KINDS}
    held = files.members(file, lambda name: name in wanted)
    total, found = hashlib.sha256(), []
    for name in names:
        parts = [f"{folder}/{name}.{kind}" for folder, kind in _KINDS]
        for part in parts:
            if part not in held:
                raise ConvnetsError(f"The archive {file} lists {name} and holds no {part}: fetch it again.")
            total.update(held[part])
        picture = opened(held[parts[0]], f"{file}/{parts[0]}")
        found.append(_annotated(name, picture, held[parts[1]], f"{file}/{parts[1]}"))
    return found, total.hexdigest() == DIGESTS[split]


_KINDS = (("JPEGImages", "jpg"), ("Annotations", "xml"))


def opened(content: bytes, name: str) -> np.ndarray:
    """The picture (H, W, 3) uint8 in an image file's ``content``, of whatever kind.

    Raises:
        ConvnetsError: it cannot be read.
    """
    from PIL import Image

    with files.whole(Path(name), Image.DecompressionBombError):
        return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def _annotated(name: str, picture: np.ndarray, content: bytes, where: str) -> Marked:
    ends, labels = [], []
    with files.whole(Path(where), ElementTree.ParseError, AttributeError, TypeError):
        for one in ElementTree.fromstring(content).iter("object"):
            ends.append([float(one.find("bndbox").find(end).text) for end in ("xmin", "ymin", "xmax", "ymax")])  # type: ignore[union-attr,arg-type]
            labels.append(str(one.find("name").text))  # type: ignore[union-attr]
    if strange := sorted(set(labels) - set(CLASSES)):
        raise ConvnetsError(f"{where} marks {strange[0]!r}; the classes of BCCD are {', '.join(CLASSES)}.")
    boxes = torch.tensor(ends).reshape(-1, 4)
    places = torch.tensor([CLASSES.index(label) for label in labels], dtype=torch.int64)
    return with_area(Marked(name, picture, boxes, places))


def with_area(one: Marked) -> Marked:
    """``one`` with its boxes cut at the picture's edges; those of which nothing is left become ``dropped``."""
    inside = clipped(one.boxes, one.picture.shape[1], one.picture.shape[0])
    kept = (area(inside) > 0) & inside.isfinite().all(1)
    dropped = tuple(f"{one.name}: {one.boxes[place].tolist()}" for place in (~kept).nonzero()[:, 0].tolist())
    return one._replace(boxes=inside[kept], labels=one.labels[kept], dropped=dropped)


def pictures(found: list[Marked], known: bool, height: int, width: int) -> Pictures:
    """Photographs as a network sees them, ``height`` x ``width`` pixels, their boxes with them."""
    seen = [fitted(one.picture, height, width) for one in found]
    return Pictures(
        torch.stack([image for image, _ in seen]) if seen else torch.zeros(0, 3, height, width, dtype=torch.uint8),
        [one.boxes * scale for one, (_, scale) in zip(found, seen, strict=True)],
        [one.labels for one in found],
        [one.name for one in found],
        tuple(sentence for one in found for sentence in one.dropped),
        known,
    )


def fitted(picture: np.ndarray, height: int = HEIGHT, width: int = WIDTH) -> tuple[Tensor, float]:
    """A picture as a network sees it, (3, ``height``, ``width``) uint8, and how many of its pixels one of theirs is.

    It keeps its shape and stands at the top left; the rest has its mean colour. Grey pictures (H, W) are taken, too,
    and of four channels the last is left out.

    Raises:
        ConvnetsError: it is no picture of bytes with at least one pixel.
    """
    if picture.ndim == 2:
        picture = picture[:, :, None].repeat(3, 2)
    if picture.ndim != 3 or picture.shape[2] not in (3, 4) or not picture.size or picture.dtype != np.uint8:
        raise ConvnetsError(
            f"This picture is {picture.dtype} of shape {picture.shape}: give bytes (H, W), (H, W, 3) or (H, W, 4)."
        )
    scale = min(height / picture.shape[0], width / picture.shape[1])
    size = [max(1, round(side * scale)) for side in picture.shape[:2]]
    size = [min(size[0], height), min(size[1], width)]
    x = torch.from_numpy(picture[:, :, :3].copy()).permute(2, 0, 1)[None].float()
    x = F.interpolate(x, size, mode="bilinear", antialias=True, align_corners=False)[0]
    whole = x.mean((1, 2), keepdim=True).expand(3, height, width).clone()
    whole[:, : size[0], : size[1]] = x
    return whole.round().clamp(0, 255).to(torch.uint8), scale

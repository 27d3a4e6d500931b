"""White blood cells: photographs of a smear with one white cell in each, and the box that people drew around it.

Data: BCCD (cosmicad, akshaylamba; in VOC form by S. Cheng): 640x480 pixels, boxes of red cells, white cells and
platelets. The test part is half of the official one, every second image.

Deviations: the photographs are made 80x60 pixels; those with no white cell or several, or whose box has no area, are
left out (:attr:`Cells.left_out`). Red cells and platelets are there, unmarked.
"""

from __future__ import annotations

import hashlib
import io
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common import data as files
from convnets.common.boxes import area, clipped
from convnets.common.errors import ConvnetsError
from convnets.localisation.world import Scenes

__all__ = ["CLASSES", "DIGESTS", "HEIGHT", "NAME", "WIDTH", "Cells", "digest", "load", "shrunk"]

NAME = "white blood cells of BCCD, half of the test images"
CLASSES = ("white cell", "nothing")
HEIGHT, WIDTH = 60, 80  # pixels of a picture
DIGESTS = {
    "train": "d8540c54ffdc0ea66c3186810c0e5731137a195958996fea97ab3689d58581c2",
    "validation": "12a9c990054797f8fb410493a8d1f159100fa6485a91b9376a0dd04716aca92f",
    "test": "7f480f6be631be1116e464b6d27c7407cb3ba48b74f1b5c84b5f2e77b2bf56ae",
}
"""SHA-256 of each part's list, and of its annotations and photographs in the list's order."""
_FILES = {"train": "train", "validation": "val", "test": "test"}
_ENDS = ("xmin", "ymin", "xmax", "ymax")


class Cells(NamedTuple):
    """Photographs with exactly one white cell."""

    scenes: Scenes  # images (N, 3, 60, 80); the masks are the boxes, filled
    names: tuple[str, ...]  # of their files
    left_out: int  # photographs with another number of white cells, or without a box
    digest_known: bool


def load(split: str = "train", folder: str | Path | None = None) -> Cells:
    """The ``train``, ``validation`` or ``test`` part.

    Raises:
        ConvnetsError: unknown split, or the archive is missing or damaged, or holds no photograph with one white cell.
    """
    if split not in DIGESTS:
        raise ConvnetsError(f"There is no split {split!r} of these cells: choose {', '.join(DIGESTS)}.")
    file = files.find(["BCCD/bccd_voc.zip", "bccd_voc.zip"], folder)
    if file is None:
        raise ConvnetsError(
            f"The blood cells (BCCD/bccd_voc.zip) lie in none of {', '.join(map(str, files.candidates(folder)))}: set "
            "CONVNETS_DATA to a folder that holds them."
        )
    return _read(file, split)


def digest(folder: str | Path | None = None) -> str:
    """One digest of all three parts; errors as :func:`load`."""
    parts = [load(split, folder) for split in DIGESTS]
    if all(part.digest_known for part in parts):
        return hashlib.sha256("".join(DIGESTS.values()).encode()).hexdigest()
    held = b"".join(part.scenes.images.numpy().tobytes() + part.scenes.boxes.numpy().tobytes() for part in parts)
    return hashlib.sha256(held).hexdigest()


@lru_cache(maxsize=6)
def _read(file: Path, split: str) -> Cells:
    listed = f"ImageSets/Main/{_FILES[split]}.txt"
    held = files.members(file, lambda name: name == listed)
    if listed not in held:
        raise ConvnetsError(f"The archive {file} holds no {listed}: fetch it again.")
    with files.whole(Path(f"{file}/{listed}")):
        names = held[listed].decode().split()
    wanted = {
        f"{folder}/{name}.{kind}" for name in names for folder, kind in (("Annotations", "xml"), ("JPEGImages", "jpg"))
    }
    held |= files.members(file, lambda name: name in wanted)
    hashed, kept = hashlib.sha256(held[listed]), []
    for name in names:
        for member in (f"Annotations/{name}.xml", f"JPEGImages/{name}.jpg"):
            if member not in held:
                raise ConvnetsError(f"The archive {file} holds no {member}, which {listed} names: fetch it again.")
            hashed.update(held[member])
        boxes = _boxes(held[f"Annotations/{name}.xml"], f"{file}/Annotations/{name}.xml")
        picture = _picture(held[f"JPEGImages/{name}.jpg"], f"{file}/JPEGImages/{name}.jpg")
        boxes = clipped(boxes, picture.shape[2], picture.shape[1])
        if len(boxes) == 1 and area(boxes)[0] > 0:
            kept.append((name, *shrunk(picture, boxes[0])))
    if not kept:
        raise ConvnetsError(
            f"None of the {len(names)} photographs of {file}/{listed} has one white cell: fetch it again."
        )
    found, images, ends = zip(*kept, strict=True)
    shown = torch.stack(ends)
    scenes = Scenes(torch.stack(images), torch.zeros(len(kept), dtype=torch.int64), shown, _filled(shown))
    return Cells(scenes, found, len(names) - len(kept), hashed.hexdigest() == DIGESTS[split])


def _boxes(content: bytes, where: str) -> Tensor:
    """Those of white cells (n, 4), as they were drawn, pixels."""
    with files.whole(Path(where), ElementTree.ParseError, AttributeError, TypeError):
        marked = [one for one in ElementTree.fromstring(content).iter("object") if one.findtext("name") == "WBC"]
        ends = [[float(one.find("bndbox").findtext(end)) for end in _ENDS] for one in marked]  # type: ignore[union-attr, arg-type]
    return torch.tensor(ends).reshape(-1, 4)


def _picture(content: bytes, where: str) -> Tensor:
    from PIL import Image

    with files.whole(Path(where), Image.DecompressionBombError):
        return torch.from_numpy(np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).copy()).permute(2, 0, 1)


def shrunk(picture: Tensor, box: Tensor) -> tuple[Tensor, Tensor]:
    """A photograph (3, H, W) uint8 as (3, 60, 80), and its box (4,) there."""
    height, width = picture.shape[1:]
    small = F.interpolate(picture[None].float(), (HEIGHT, WIDTH), mode="bilinear", antialias=True)
    scale = torch.tensor([WIDTH / width, HEIGHT / height] * 2)
    return small[0].round().clamp(0, 255).byte(), box * scale


def _filled(boxes: Tensor) -> Tensor:
    """Masks (N, 60, 80) of the pixels whose centres lie in boxes (N, 4)."""
    x, y = torch.arange(WIDTH) + 0.5, torch.arange(HEIGHT) + 0.5
    left, top, right, bottom = (boxes[:, side, None] for side in range(4))
    return ((y > top) & (y < bottom))[:, :, None] & ((x > left) & (x < right))[:, None]

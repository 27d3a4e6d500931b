"""ImageNet's folders and the pictures in them, whatever their size and colours, as AlexNet wants them.

The layout is that of ``torchvision.datasets.ImageNet``, which unpacks the archives of ILSVRC-2012 into it:
``train/n01440764/*.JPEG`` and ``val/n01440764/*.JPEG``, a folder for each class, named by its number in WordNet.
Classes are counted in the order of these names, as torchvision does.

Krizhevsky and others, 2012, section 2: the shorter side becomes 256 pixels, and the central 256x256 are cut out.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from convnets.common import data as files
from convnets.common.errors import ConvnetsError

__all__ = ["SIDE", "Found", "Pictures", "find", "read", "same_classes", "together"]

SIDE = 256  # pixels of the square that is kept of a picture
CLASSES = 1000  # of ILSVRC-2012
_ARCHIVES = {"train": "ILSVRC2012_img_train.tar", "val": "ILSVRC2012_img_val.tar"}
_ENDINGS = frozenset((".jpeg", ".jpg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"))
_WNID = re.compile(r"n\d{8}")


class Found(NamedTuple):
    """The pictures of one part of ImageNet."""

    classes: tuple[str, ...]  # WordNet numbers, in order
    files: tuple[Path, ...]
    labels: tuple[int, ...]  # of each file

    @property
    def digest(self) -> str:
        """SHA-256 of the names of the files with their folders."""
        names = "\n".join(f"{file.parent.name}/{file.name}" for file in self.files)
        return hashlib.sha256(names.encode()).hexdigest()


def find(root: str | Path, part: str, classes: int = CLASSES) -> Found:
    """The pictures of ``part`` (``train`` or ``val``) of the ImageNet in ``root``, which has so many ``classes``.

    Archives that lie there are unpacked first, by torchvision.

    Raises:
        ConvnetsError: the folder is missing, half unpacked, or holds classes or files that are none of ImageNet's.
    """
    root = Path(root)
    if part not in _ARCHIVES:
        raise ConvnetsError(f"ImageNet has no part {part!r} here: choose `train` or `val`.")
    if not root.is_dir():
        raise ConvnetsError(f"There is no folder {root}: give the one that holds ImageNet's `train` and `val`.")
    folder = root / part
    if not folder.is_dir():
        _unpack(root, part)
    folders = sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))
    if strange := [one.name for one in folders if not _WNID.fullmatch(one.name)]:
        raise ConvnetsError(
            f"{folder} holds {_some(strange)}, no class of ImageNet: its class folders are called like n01440764."
        )
    if packed := sorted(one.name for one in folder.glob("*.tar")):
        raise ConvnetsError(
            f"{folder} is half unpacked, for {_some(packed)} still lies there: unpack it, then delete it."
        )
    if len(folders) != classes:
        raise ConvnetsError(
            f"{folder} holds {len(folders)} class folders, not {classes}: unpack {_ARCHIVES[part]} there again."
        )
    held = {one.name: sorted(file for file in one.iterdir() if file.suffix.lower() in _ENDINGS) for one in folders}
    if empty := [name for name, found in held.items() if not found]:
        raise ConvnetsError(f"{folder} has no picture in {_some(empty)}: unpack {_ARCHIVES[part]} there again.")
    labels = tuple(label for label, found in enumerate(held.values()) for _ in found)
    return Found(tuple(held), tuple(file for found in held.values() for file in found), labels)


def same_classes(train: Found, val: Found) -> None:
    """Whether both parts tell the same classes apart.

    Raises:
        ConvnetsError: they do not.
    """
    for one, other, name in ((val, train, "train"), (train, val, "val")):
        if missing := sorted(set(one.classes) - set(other.classes)):
            raise ConvnetsError(
                f"ImageNet's {name} has no folder {_some(missing)}, which its other part has: unpack both parts again."
            )


def read(file: Path) -> Tensor:
    """The middle square of a picture at 256x256 pixels: bytes (256, 256, 3), red, green and blue.

    Grey, palettes, CMYK and 16 bits become RGB; what is transparent shows white.

    Raises:
        ConvnetsError: the file is no picture, is damaged, or has more pixels than Pillow opens without a warning.
    """
    from PIL import Image, ImageOps

    with files.whole(file, Image.DecompressionBombError, Image.DecompressionBombWarning), warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        picture: Image.Image = Image.open(file)
        picture.draft("RGB", (2 * SIDE, 2 * SIDE))  # lets a large JPEG be decoded at a fraction of its size
        if picture.mode.startswith(("I", "F")):
            levels = np.asarray(picture, dtype=np.float64)
            picture = Image.fromarray((levels / (65535 if levels.max() > 255 else 255) * 255).astype(np.uint8))
        if picture.has_transparency_data:
            picture = picture.convert("RGBA")
            white = Image.new("RGBA", picture.size, "white")
            picture = Image.alpha_composite(white, picture)
        square = ImageOps.fit(picture.convert("RGB"), (SIDE, SIDE), Image.Resampling.BILINEAR)
        return torch.from_numpy(np.array(square))


class Pictures(Dataset[tuple[Tensor, int] | str]):
    """Pictures as bytes (256, 256, 3) with their labels; for one that cannot be read, a sentence that says so."""

    def __init__(self, found: Found) -> None:
        self.found = found

    def __len__(self) -> int:
        return len(self.found.files)

    def __getitem__(self, index: int) -> tuple[Tensor, int] | str:
        try:
            return read(self.found.files[index]), self.found.labels[index]
        except ConvnetsError as error:  # as text, for a loader's process could not hand the error itself on
            return str(error)


def together(batch: list[tuple[Tensor, int] | str]) -> tuple[Tensor, Tensor] | str:
    """A batch of :class:`Pictures`: bytes (N, 256, 256, 3) and labels (N,), or the first sentence among them."""
    pairs = [one for one in batch if not isinstance(one, str)]
    if len(pairs) < len(batch):
        return next(one for one in batch if isinstance(one, str))
    return torch.stack([picture for picture, _ in pairs]), torch.tensor([label for _, label in pairs])


def _unpack(root: Path, part: str) -> None:
    archive = root / _ARCHIVES[part]
    if not archive.is_file():
        raise ConvnetsError(
            f"{root} has neither a folder {part} nor the archive {archive.name}: get ImageNet's ILSVRC-2012 from "
            "https://image-net.org and put it there."
        )
    from convnets.common.vision import torchvision

    if part == "val" and importlib.util.find_spec("scipy") is None:
        raise ConvnetsError(f"torchvision unpacks {archive} with the package scipy: `pip install scipy`.")
    with files.whole(archive):
        if part == "train":
            torchvision.datasets.imagenet.parse_train_archive(root)
        else:
            torchvision.datasets.ImageNet(root, split="val")  # whose labels lie in another archive


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more

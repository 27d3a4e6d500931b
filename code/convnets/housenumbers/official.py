"""SVHN as its authors give it out, in both formats: whole photographs with boxes, and digits of 32x32 pixels.

Format 1 (whole numbers): folders ``train``, ``test`` and, if it is there, ``extra``, each with PNG pictures and
``digitStruct.mat``, a MATLAB 7.3 file, which is HDF5 and read with h5py. Format 2 (digits): ``train_32x32.mat`` and
``test_32x32.mat``, MATLAB 5 files, read here without another package and fetched from the address that
``torchvision.datasets.SVHN`` knows. From a folder that holds ``SVHN/train/digitStruct.mat``, ``convnets train
housenumbers --data DIR`` makes a reader that has learned from the official training part.

Numbers become pictures as those of :mod:`convnets.housenumbers.data`: grey, cut by the number, in their shape. A
thousand training photographs are kept for validation, drawn at random.
"""

from __future__ import annotations

import importlib.util
import struct
import zlib
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from convnets.common import data as files
from convnets.common import sets
from convnets.common.errors import ConvnetsError
from convnets.common.sets import Labelled
from convnets.housenumbers import data as street
from convnets.housenumbers import walls
from convnets.housenumbers.data import Cut, Digit, Parts

__all__ = ["NAME", "Official", "cropped", "is_here", "load", "mat5", "photographs", "structure"]

NAME = "SVHN"
_VALIDATION = 1000  # photographs
_FIELDS = ("label", "left", "top", "width", "height")


class Official(street.Sets):
    """Single digits and whole numbers of the official parts; nothing is read before it is asked for."""

    name = "official"

    @cached_property
    def _cuts(self) -> dict[str, tuple[list[Cut], bool]]:
        root = _root(self.folder)
        parts = ["train"] + ["extra"] * (root / "extra" / "digitStruct.mat").is_file()
        everything = [cut for part in parts for cut in photographs(root / part)]
        order = torch.randperm(len(everything), generator=torch.Generator().manual_seed(2014)).tolist()
        kept = min(_VALIDATION, len(everything) // 5)
        return {
            "train": ([everything[place] for place in order[kept:]], False),
            "validation": ([everything[place] for place in order[:kept]], False),
            "test": (photographs(root / "test"), False),
        }

    @cached_property
    def digits(self) -> Parts:
        """The cropped digits in grey; a thousand training digits are kept for validation."""
        train = cropped("train", self.folder)
        rest, validation = sets.hold_out(train, min(_VALIDATION, len(train.labels) // 5), seed=2014)
        return sets.none_empty(Parts(rest, validation, cropped("test", self.folder)))

    def more(self, whole: bool, seen: float) -> Labelled:
        """Training numbers, or digits; all are wholly seen."""
        return self.numbers.train if whole else self.digits.train

    def walls(self, split: str) -> Labelled:
        """Windows beside the numbers in the same photographs."""
        part = {"train": 0, "validation": 1, "test": 0}[split]
        root = _root(self.folder) / ("test" if split == "test" else "train")
        told = [one for one in structure(root / "digitStruct.mat") if split == "test" or one["id"] % 8 // 7 == part]
        found = [window for one in told[:2000] for window in walls.windows(_read(root / one["name"]), one)]
        return walls.without(found, False)


def load(whole: bool, split: str, folder: str | None = None) -> Labelled:
    """The ``train`` or ``test`` numbers as the reader sees them, or cropped digits."""
    if not whole:
        return cropped(split, folder)
    return street.numbers(photographs(_root(folder) / split), False)


def is_here(folder: str | Path | None) -> bool:
    """Whether ``folder`` holds SVHN's whole photographs, and not our sheets."""
    if files.find(street.SHEETS, folder) is not None:
        return False
    return files.find(_places("train/digitStruct.mat"), folder) is not None


def _places(name: str) -> list[str]:
    return [f"{place}{name}" for place in ("SVHN/", "svhn/", "")]


def _root(folder: str | Path | None) -> Path:
    file = files.find(_places("train/digitStruct.mat"), folder)
    if file is None:
        raise ConvnetsError(
            f"No SVHN/train/digitStruct.mat lies in {', '.join(map(str, files.candidates(folder)))}: unpack "
            "train.tar.gz and test.tar.gz of http://ufldl.stanford.edu/housenumbers there."
        )
    return file.parents[1]


# Format 1


def photographs(folder: Path) -> list[Cut]:
    """The numbers of ``train``, ``test`` or ``extra``, cut from their photographs by the boxes of their digits.

    Raises:
        ConvnetsError: h5py is missing, ``digitStruct.mat`` is damaged, or a picture is missing or damaged.
    """
    return [_cut(_read(folder / one["name"]), one, folder) for one in structure(folder / "digitStruct.mat")]


def structure(file: Path) -> list[dict[str, Any]]:
    """What ``digitStruct.mat`` says: ``id``, ``name`` of the picture and ``digits`` as [digit, x1, y1, x2, y2].

    Raises:
        ConvnetsError: h5py is missing, or the file is missing or damaged.
    """
    if importlib.util.find_spec("h5py") is None:
        raise ConvnetsError(f"{file} is a MATLAB 7.3 file, which the package h5py reads: `pip install h5py`.")
    import h5py

    with files.whole(file, TypeError, AttributeError, IndexError), h5py.File(file, "r") as held:
        told = held["digitStruct"]
        return [
            _told(held, place, held[told["name"][place, 0]], held[told["bbox"][place, 0]])
            for place in range(len(told["name"]))
        ]


def _told(held: Any, place: int, name: Any, boxes: Any) -> dict[str, Any]:
    """One photograph: a field of several digits holds references, one of a single digit holds its value."""
    columns = []
    for field in _FIELDS:
        values = boxes[field]
        columns.append([float(held[one][0, 0]) for one in values[:, 0]] if len(values) > 1 else [float(values[0, 0])])
    digits = [
        [int(label) % 10, left, top, left + width, top + height]  # SVHN writes a nought as 10
        for label, left, top, width, height in zip(*columns, strict=True)
    ]
    return {"id": place + 1, "name": "".join(chr(int(letter)) for letter in name[:, 0]), "digits": digits}


def _read(file: Path) -> np.ndarray:
    from PIL import Image

    with files.whole(file, Image.DecompressionBombError):
        return np.asarray(Image.open(file).convert("L"))


def _cut(picture: np.ndarray, told: dict[str, Any], folder: Path) -> Cut:
    boxes = np.array([digit[1:] for digit in told["digits"]], np.float64)
    left, top = np.floor(boxes[:, :2].min(0)).clip(0).astype(int)
    right, bottom = np.ceil(boxes[:, 2:].max(0)).astype(int)
    cut = picture[top:bottom, left:right]
    if not cut.size:
        raise ConvnetsError(
            f"{folder / told['name']} has {picture.shape[1]}x{picture.shape[0]} pixels, and its number lies outside "
            "them: fetch SVHN again."
        )
    digits = tuple(
        Digit(value, x1 - left, y1 - top, x2 - left, y2 - top, 1.0) for value, x1, y1, x2, y2 in told["digits"]
    )
    return Cut(cut, "".join(str(digit.value) for digit in digits), digits)


# Format 2


def cropped(split: str = "train", folder: str | Path | None = None) -> Labelled:
    """The 73,257 ``train`` or 26,032 ``test`` digits of 32x32 pixels, in grey: images (N, 32, 32), labels (N,).

    Raises:
        ConvnetsError: unknown split, or the file is missing and cannot be fetched, or is damaged.
    """
    if split not in ("train", "test"):
        raise ConvnetsError(f"SVHN's digits have no split {split!r} here: choose `train` or `test`.")
    name = f"{split}_32x32.mat"
    file = files.find(_places(name), folder)
    if file is None and folder is None:
        files.download("SVHN", f"SVHN/{name}", lambda place: _fetch(split, place))
        file = files.find(_places(name))
    if file is None:
        raise ConvnetsError(f"No {name} lies under {folder}: fetch it from http://ufldl.stanford.edu/housenumbers .")
    held = mat5(files.read(file, 1 << 31), file)
    with files.whole(file, TypeError):
        images, labels = held["X"], held["y"].reshape(-1).astype(np.int64) % 10
        if images.shape[:3] != (32, 32, 3) or images.shape[3] != len(labels):
            raise ValueError(f"pictures of shape {images.shape} and {len(labels)} labels")
    grey = np.tensordot(np.array([0.299, 0.587, 0.114]), images.astype(np.float32), (0, 2))
    pictures = np.rint(grey).clip(0, 255).astype(np.uint8).transpose(2, 0, 1).copy()
    return Labelled(torch.from_numpy(pictures), torch.from_numpy(labels), False)


def _fetch(split: str, folder: Path) -> None:
    from convnets.common.vision import torchvision

    url, name, md5 = torchvision.datasets.SVHN.split_list[split]
    torchvision.datasets.utils.download_url(url, str(folder / "SVHN"), name, md5)


_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_MATRIX, _PACKED = 14, 15


def mat5(content: bytes, file: Path) -> dict[str, np.ndarray]:
    """The numeric arrays of a MATLAB 5 file, by name (MathWorks, "MAT-File Format", level 5).

    Raises:
        ConvnetsError: it is no such file, or cut short.
    """
    if len(content) < 128 or content[124:128] not in (b"\x00\x01IM", b"\x01\x00MI"):
        raise ConvnetsError(f"{file} is no MATLAB 5 file: fetch it again.")
    order, found = "<" if content[126:128] == b"IM" else ">", {}
    with files.whole(file, struct.error, IndexError):
        for kind, part in _elements(content[128:], order):
            if kind == _PACKED:
                (kind, part), *_ = _elements(zlib.decompress(part), order)
            if kind == _MATRIX:
                name, array = _array(part, order)
                found[name] = array
    return found


def _elements(content: bytes, order: str) -> list[tuple[int, bytes]]:
    """(type, data) one after the other; data of up to four bytes may stand in the tag itself."""
    found, at = [], 0
    while at + 8 <= len(content):
        kind, size = struct.unpack(f"{order}II", content[at : at + 8])
        if kind >> 16:
            kind, size, begin, step = kind & 0xFFFF, kind >> 16, at + 4, 8
        else:
            begin, step = at + 8, 8 + size + (-size % 8 if kind != _PACKED else 0)
        if begin + size > len(content):
            raise ValueError(f"{begin + size - len(content)} bytes are missing")
        found.append((kind, content[begin : begin + size]))
        at += step
    return found


def _array(content: bytes, order: str) -> tuple[str, np.ndarray]:
    _flags, (_, shape), (_, name), (kind, values), *_imaginary = _elements(content, order)
    sides = struct.unpack(f"{order}{len(shape) // 4}i", shape)
    return name.decode(), np.frombuffer(
        values, np.dtype(_TYPES[kind]).newbyteorder("<" if order == "<" else ">")
    ).reshape(sides, order="F")

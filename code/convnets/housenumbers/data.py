"""House numbers photographed from the street: whole numbers, and their digits one by one.

Data: Netzer, Wang, Coates, Bissacco, Wu, Ng, "Reading digits in natural images with unsupervised feature learning",
NIPS Workshop on Deep Learning, 2011 (SVHN). What is read here is most of SVHN's *test* part, split by us, grey, cut by
the number: 9,068 numbers to train on, 1,000 to choose by, 1,500 to test with. Published results are for colour, and for
73,257 training digits; :mod:`convnets.housenumbers.official` reads the files of those.

``svhn_numbers.zip`` holds three sheets of pictures and a table for each: the number, its place on the sheet, and for
each digit a box in the number's own pixels and ``seen``, the share of the box that lies inside the cut.

Deviations from Goodfellow et al. 2014, section 5.1, where a number becomes 64x64 pixels whatever its shape: ours keep
their shape, 32 pixels high, and stand at the left of 32x64 pixels (:func:`framed`). Digits that were cut away are left
out: tested are digits of which nine tenths are seen, and numbers whose digits are all seen to seven tenths.
"""

from __future__ import annotations

import csv
import hashlib
import io
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from convnets.common import data as files
from convnets.common import sets
from convnets.common.errors import ConvnetsError
from convnets.common.sets import Labelled

__all__ = [
    "DIGESTS", "HEIGHT", "LONGEST", "NAME", "SEEN_DIGIT", "SEEN_NUMBER", "SHEETS", "SIDE", "WIDTH", "Cut", "Digit",
    "Parts", "Sets", "cuts", "digits", "framed", "load", "load_digits", "numbers", "resampled", "split", "spoken",
    "weights",
]  # fmt: skip

NAME = "house numbers of SVHN's test part, split by us, grey, cut by the number"
HEIGHT, WIDTH = 32, 64  # pixels of a whole number as the reader sees it
SIDE = 32  # pixels of a digit
LONGEST = 5  # digits
SEEN_DIGIT, SEEN_NUMBER = 0.9, 0.7  # shares of a digit's box inside the cut: single digits, digits of whole numbers
DIGESTS = {
    "train": "515e8536e6a6cb97c898fec153f8644d088a21a4cdaac5b662fe59cb5991dcfd",
    "validation": "4623f74d8084b1c5c87735aa935175bce30c2352ba5b96fd428c63571c7fdfd5",
    "test": "71e80bb16955be4f52716807a1c12e463e5b2f3d0dd5ac1cb4a5a66d4545397c",
}
"""SHA-256 of each part's sheet and table."""
_FILES = {"train": "train", "validation": "val", "test": "test"}
SHEETS = ["SVHN-grey/svhn_numbers.zip", "svhn_numbers.zip"]
"""Where the archive of sheets may lie."""
_COLUMNS = ("id", "number", "x", "y", "w", "h", "digits")


class Digit(NamedTuple):
    """A digit and its box, pixels of the number's picture."""

    value: int
    left: float
    top: float
    right: float
    bottom: float
    seen: float  # share of the box inside the picture


class Cut(NamedTuple):
    """A number cut from its photograph."""

    picture: np.ndarray  # (h, w) uint8
    number: str  # may begin with 0
    digits: tuple[Digit, ...]

    @property
    def seen(self) -> float:
        """Of the digit that is seen least."""
        return min(digit.seen for digit in self.digits)


class Parts(NamedTuple):
    """Training, validation and test images."""

    train: Labelled
    validation: Labelled
    test: Labelled

    @property
    def digest(self) -> str:
        """That of the published files; for others, a digest of the images and labels themselves."""
        if all(part.digest_known for part in self):
            return hashlib.sha256("".join(DIGESTS.values()).encode()).hexdigest()
        return sets.digest(*self)


class Sets:
    """Single digits and whole numbers; neither is made before it is asked for."""

    name = "data"  # of the module that says what they are called

    def __init__(self, folder: str | None = None) -> None:
        self.folder = folder

    @cached_property
    def _cuts(self) -> dict[str, tuple[list[Cut], bool]]:
        return {part: cuts(part, self.folder) for part in DIGESTS}

    @cached_property
    def digits(self) -> Parts:
        """Digits (N, 32, 32) with labels (N,), nine tenths of each seen."""
        return sets.none_empty(Parts(*(digits(*self._cuts[part]) for part in DIGESTS)))

    @cached_property
    def numbers(self) -> Parts:
        """Numbers (N, 32, 64) with labels (N, 6), as :func:`numbers` gives them."""
        return sets.none_empty(Parts(*(numbers(*self._cuts[part]) for part in DIGESTS)))

    def more(self, whole: bool, seen: float) -> Labelled:
        """Training numbers, or digits, that are seen to ``seen``, a share."""
        return (numbers if whole else digits)(*self._cuts["train"], seen)

    @property
    def digest(self) -> str:
        """Digest of what all recipes learn from."""
        if all(known for _, known in self._cuts.values()):
            return hashlib.sha256("".join(DIGESTS.values()).encode()).hexdigest()
        return self.numbers.digest


def split(folder: str | None = None) -> Sets:
    """Training, validation and test sets of digits and of numbers; errors as :func:`cuts`.

    A folder that holds SVHN's official photographs, and not our sheets, gives those.
    """
    from convnets.housenumbers import official  # which reads its pictures as this module does

    return official.Official(folder) if official.is_here(folder) else Sets(folder)


def load(split: str = "train", folder: str | Path | None = None) -> Labelled:
    """Whole numbers of ``split``, all digits seen to seven tenths; errors as :func:`cuts`."""
    return numbers(*cuts(split, folder))


def load_digits(split: str = "train", folder: str | Path | None = None) -> Labelled:
    """Single digits of ``split``, seen to nine tenths; errors as :func:`cuts`."""
    return digits(*cuts(split, folder))


def cuts(split: str = "train", folder: str | Path | None = None) -> tuple[list[Cut], bool]:
    """All numbers of ``train``, ``validation`` or ``test`` as they were cut, and whether these are the known files.

    Raises:
        ConvnetsError: unknown split, or the archive is missing or damaged, or its sheet and table disagree.
    """
    if split not in DIGESTS:
        raise ConvnetsError(f"There is no split {split!r} of these numbers: choose {', '.join(DIGESTS)}.")
    file = files.find(SHEETS, folder)
    if file is None:
        raise ConvnetsError(
            "The house numbers (SVHN-grey/svhn_numbers.zip) lie in none of "
            f"{', '.join(map(str, files.candidates(folder)))}: set CONVNETS_DATA to a folder that holds them."
        )
    stem = _FILES[split]
    held = files.members(file, lambda name: name in (f"{stem}.jpg", f"{stem}.csv"))
    for name in (f"{stem}.jpg", f"{stem}.csv"):
        if name not in held:
            raise ConvnetsError(f"The archive {file} holds no {name}: fetch it again.")
    known = hashlib.sha256(held[f"{stem}.jpg"] + held[f"{stem}.csv"]).hexdigest() == DIGESTS[split]
    sheet = _sheet(held[f"{stem}.jpg"], f"{file}/{stem}.jpg")
    return _rows(held[f"{stem}.csv"], sheet, f"{file}/{stem}.csv"), known


def _sheet(content: bytes, name: str) -> np.ndarray:
    from PIL import Image

    with files.whole(Path(name), Image.DecompressionBombError):
        return np.asarray(Image.open(io.BytesIO(content)).convert("L"))


def _rows(content: bytes, sheet: np.ndarray, name: str) -> list[Cut]:
    with files.whole(Path(name)):
        reader = csv.DictReader(io.StringIO(content.decode()))
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            raise ConvnetsError(f"The table {name} has not the columns {', '.join(_COLUMNS)}: fetch it again.")
        rows = list(reader)
    return [_cut(row, sheet, f"{name}, line {line}") for line, row in enumerate(rows, start=2)]


def _cut(row: dict[str, str], sheet: np.ndarray, where: str) -> Cut:
    try:
        x, y, w, h = (int(row[name]) for name in "xywh")
        found = tuple(_digit(text) for text in row["digits"].split())
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ConvnetsError(f"{where} cannot be read ({error}): fetch the archive again.") from error
    if min(x, y) < 0 or min(w, h) < 1 or y + h > sheet.shape[0] or x + w > sheet.shape[1]:
        raise ConvnetsError(
            f"{where} places a number at ({x}, {y}), {w}x{h} pixels, outside its sheet of "
            f"{sheet.shape[1]}x{sheet.shape[0]}: fetch the archive again."
        )
    if not found or row["number"] != "".join(str(digit.value) for digit in found):
        raise ConvnetsError(f"{where} says number {row['number']!r} and digits {row['digits']!r}: fetch it again.")
    return Cut(sheet[y : y + h, x : x + w], row["number"], found)


def _digit(text: str) -> Digit:
    value, *rest = text.split(":")
    left, top, right, bottom, seen = map(float, rest)
    if value not in "0123456789" or len(value) != 1 or not (right > left and bottom > top and 0 <= seen <= 1):
        raise ValueError(f"{text!r} is no digit with its box")
    return Digit(int(value), left, top, right, bottom, seen)


def digits(found: list[Cut], known: bool, seen: float = SEEN_DIGIT) -> Labelled:
    """The digits of numbers that are seen to ``seen``: images (N, 32, 32) uint8, labels (N,).

    As in SVHN's cropped form, a digit is a square as long as its box's longer side, around the box's middle, with what
    stands beside it; beyond the cut, its edge pixels go on.
    """
    images, labels = [], []
    for cut in found:
        for digit in cut.digits:
            if digit.seen >= seen:
                side = max(digit.right - digit.left, digit.bottom - digit.top)
                left, top = (digit.left + digit.right - side) / 2, (digit.top + digit.bottom - side) / 2
                images.append(resampled(cut.picture, (left, top, side, side), SIDE, SIDE))
                labels.append(digit.value)
    pictures = np.stack(images) if images else np.zeros((0, SIDE, SIDE), np.uint8)
    return Labelled(torch.from_numpy(pictures), torch.tensor(labels, dtype=torch.int64), known)


def numbers(found: list[Cut], known: bool, seen: float = SEEN_NUMBER) -> Labelled:
    """Numbers whose digits are all seen to ``seen``: images (N, 32, 64) uint8, labels (N, 6).

    Labels are the length and five digits, -1 where there is none; longer numbers are left out.
    """
    kept = [cut for cut in found if cut.seen >= seen and len(cut.number) <= LONGEST]
    pictures = np.stack([framed(cut.picture) for cut in kept]) if kept else np.zeros((0, HEIGHT, WIDTH), np.uint8)
    labels = [[len(cut.number), *map(int, cut.number), *[-1] * (LONGEST - len(cut.number))] for cut in kept]
    return Labelled(torch.from_numpy(pictures), torch.tensor(labels, dtype=torch.int64).reshape(-1, 6), known)


def spoken(label: Tensor) -> str:
    """The number that a label (6,) stands for; nothing where there is none."""
    length, *values = label.tolist()
    return "".join(map(str, values[:length]))


def framed(picture: np.ndarray) -> np.ndarray:
    """A picture (h, w) uint8 in its shape at the left of (32, 64) pixels, the rest in its mean grey.

    It becomes 32 pixels high, or 64 wide if it is wide, and then stands in the middle of the height.

    Raises:
        ConvnetsError: it is no grey picture of bytes with at least one pixel.
    """
    if picture.ndim != 2 or not picture.size or picture.dtype != np.uint8:
        raise ConvnetsError(
            f"A picture of shape {picture.shape} and type {picture.dtype} is no grey one: give (height, width), uint8."
        )
    h, w = picture.shape
    scale = min(HEIGHT / h, WIDTH / w)
    height, width = max(1, round(h * scale)), max(1, round(w * scale))
    frame = np.full((HEIGHT, WIDTH), round(float(picture.mean())), np.uint8)
    top = (HEIGHT - height) // 2
    frame[top : top + height, :width] = resampled(picture, (0, 0, w, h), height, width)
    return frame


def resampled(picture: np.ndarray, box: tuple[float, float, float, float], rows: int, columns: int) -> np.ndarray:
    """The ``box`` (left, top, width, height; pixels) of a picture (h, w) as (rows, columns) uint8, edges going on."""
    left, top, width, height = box
    down = weights(picture.shape[0], top, height, rows)
    along = weights(picture.shape[1], left, width, columns)
    return np.rint(down @ picture.astype(np.float32) @ along.T).clip(0, 255).astype(np.uint8)


def weights(length: int, start: float, extent: float, count: int) -> np.ndarray:
    """(count, length): how ``count`` pixels that divide ``extent`` from ``start`` on are made of a row of ``length``.

    Each is a mean weighted by a triangle, one source pixel wide to each side, or one new pixel where that is wider.
    """
    scale = extent / count
    reach = max(scale, 1.0)
    centres = start + (np.arange(count) + 0.5) * scale
    places = np.arange(int(np.floor(centres[0] - reach)), int(np.ceil(centres[-1] + reach)) + 1)
    found = np.clip(1 - np.abs(places + 0.5 - centres[:, None]) / reach, 0, None)
    found /= found.sum(1, keepdims=True)
    folded = np.zeros((count, length), np.float32)
    for place, column in zip(places.clip(0, length - 1), found.T, strict=True):
        folded[:, place] += column
    return folded

"""Samples of a data set that the book shows: one strip of small pictures for figures and demos, with its credit.

``assets/<system>/samples.webp`` holds the pictures side by side, losslessly; ``samples.json`` says whose they are, and
of each its label and its place in the set. ``convnets export SYSTEM --samples`` writes both, from what the function
``samples()`` of the system's ``live.py`` chooses; figures call :func:`read`, demos ``tools.samples()``.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from convnets.common import assets
from convnets.common.errors import ConvnetsError
from convnets.common.export import word

__all__ = ["MOST", "Sample", "Samples", "packed", "read", "write"]

MOST = 50
"""So many pictures of others' data a system may show."""
PICTURES, TOLD = "samples.webp", "samples.json"


class Sample(NamedTuple):
    """A picture of a data set."""

    picture: np.ndarray  # (H, W) or (H, W, 3), uint8
    label: str  # as readers see it
    place: int  # in the set, counted from 0


class Samples(NamedTuple):
    """Pictures of one size, and to whom they are owed."""

    source: str  # the set and its part, such as "MNIST, test images"
    credit: str  # whose work it is, under which terms
    pictures: Sequence[Sample]


def write(found: Samples, folder: Path) -> list[Path]:
    """Store the samples in ``folder``; the same pictures give the same bytes.

    Raises:
        ConvnetsError: there are none or too many, they differ in size or are no pictures, or nobody is credited.
    """
    from PIL import Image

    shape = _checked(found)
    strip, content = np.concatenate([sample.picture for sample in found.pictures], axis=1), io.BytesIO()
    Image.fromarray(strip).save(content, "WEBP", lossless=True, quality=100, method=6)
    told = {
        "source": word(found.source), "credit": word(found.credit), "shape": shape,
        "samples": [{"label": word(sample.label), "place": sample.place} for sample in found.pictures],
    }  # fmt: skip
    files = [folder / PICTURES, folder / TOLD]
    assets.write_atomic(files[0], content.getvalue())
    assets.write_atomic(files[1], (json.dumps(told, ensure_ascii=False) + "\n").encode())
    return files


def read(system: str) -> Samples:
    """The stored samples of ``system``.

    Raises:
        ConvnetsError: they are not there, damaged, too many, or nobody is credited.
    """
    from PIL import Image, UnidentifiedImageError

    told, content = assets.read_json(system, TOLD), assets.read_bytes(system, PICTURES)
    try:
        height, width, *_colours = shape = [int(side) for side in told["shape"]]
        with Image.open(io.BytesIO(content)) as image:
            strip = np.asarray(image.convert("RGB" if len(shape) == 3 else "L"))
        if strip.shape[:2] != (height, width * len(told["samples"])):
            raise ValueError(f"the strip has {strip.shape[1]} by {strip.shape[0]} pixels")
        pictures = [
            Sample(strip[:, place * width : (place + 1) * width], _text(one["label"]), int(one["place"]))
            for place, one in enumerate(told["samples"])
        ]
        found = Samples(_text(told["source"]), _text(told["credit"]), pictures)
    except (KeyError, TypeError, ValueError, OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise ConvnetsError(_unusable(assets.path(system, TOLD), error)) from error
    _checked(found)
    return found


def packed(folder: Path) -> bytes | None:
    """The samples stored in ``folder`` as a page gets them: what is told of them, with the strip; None without any.

    Raises:
        ConvnetsError: a file is damaged, or one of the two is missing.
    """
    if not (folder / TOLD).is_file():
        return None
    try:
        strip = base64.b64encode((folder / PICTURES).read_bytes()).decode()
        told = json.loads((folder / TOLD).read_text(encoding="utf-8")) | {"strip": f"data:image/webp;base64,{strip}"}
    except (OSError, ValueError, TypeError) as error:
        raise ConvnetsError(_unusable(folder / TOLD, error)) from error
    return json.dumps(told, ensure_ascii=False).encode()


def _unusable(file: Path, error: Exception) -> str:
    return (
        f"The samples {file} and {PICTURES} cannot be used ({error}): restore them from the repository, or run "
        f"`convnets export {file.parent.name} --samples`."
    )


def _text(value: dict[str, str]) -> str:
    return str(value["word"])


def _checked(found: Samples) -> list[int]:
    """The shape of each picture, if all is as it must be."""
    name, count = f"The samples of {found.source.strip() or 'a data set'}", len(found.pictures)
    if not 1 <= count <= MOST:
        raise ConvnetsError(f"{name} are {count}: choose 1 to {MOST}, for the book shows no more of others' data.")
    if not found.source.strip() or not found.credit.strip():
        raise ConvnetsError(f"{name} credit nobody: say in `source` and `credit` which set it is, and whose.")
    shapes = {sample.picture.shape for sample in found.pictures}
    shape: Any = shapes.pop()
    if shapes or any(sample.picture.dtype != np.uint8 for sample in found.pictures):
        raise ConvnetsError(f"{name} differ in size or type: give pictures of one size, uint8.")
    if len(shape) not in (2, 3) or shape[2:] not in ((), (3,)):
        raise ConvnetsError(f"{name} have the shape {shape}: give (height, width) or (height, width, 3).")
    return list(shape)

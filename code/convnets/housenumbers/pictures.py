"""A reader's own photograph of a number, whatever its size and colours."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import torch

from convnets.common import data as files
from convnets.housenumbers.data import framed
from convnets.housenumbers.model import Reader
from convnets.housenumbers.nets import Reading, load, read

__all__ = ["grey", "number"]

_MOST = 1024  # pixels a side that are kept; a number needs 64


def grey(file: str | Path) -> np.ndarray:
    """The picture in ``file`` as grey (h, w) uint8, at most 1,024 pixels a side; what is transparent shows white.

    Raises:
        ConvnetsError: the file is no picture, is damaged, or has more pixels than Pillow opens without a warning.
    """
    from PIL import Image

    file = Path(file)
    with files.whole(file, Image.DecompressionBombError, Image.DecompressionBombWarning), warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(file) as opened:
            opened.draft("RGB", (2 * _MOST, 2 * _MOST))  # lets a large JPEG be decoded at a fraction of its size
            picture: Image.Image = opened
            if picture.mode.startswith(("I", "F")):
                levels = np.asarray(picture, dtype=np.float64)
                picture = Image.fromarray((levels / (65535 if levels.max() > 255 else 255) * 255).astype(np.uint8))
            if picture.has_transparency_data:
                picture = picture.convert("RGBA")
                picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
            picture = picture.convert("L")
            picture.thumbnail((_MOST, _MOST), Image.Resampling.BILINEAR)
            return np.array(picture)


def number(file: str | Path, model: Reader | None = None) -> Reading:
    """What the published reader, or ``model``, says of the picture in ``file``, cut by hand around its number.

    Raises:
        ConvnetsError: as :func:`grey`, or the published weights are missing.
    """
    chosen = load("reader") if model is None else model
    return read(chosen, torch.from_numpy(framed(grey(file)))[None])

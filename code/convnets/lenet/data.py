"""MNIST as LeNet saw it, and the distortions that make more of it.

Data: LeCun, Cortes, Burges: MNIST, 60,000 + 10,000 grey images of 28x28 pixels, a remix of NIST's Special Databases
1 and 3. Placement in a 32x32 field and the values -0.1 (white) and 1.175 (black) follow LeCun et al. 1998, section
II.B; the planar distortions, its section III.A; the elastic ones, Simard, Steinkraus, Platt: "Best Practices for
Convolutional Neural Networks Applied to Visual Document Analysis", ICDAR 2003, section 2.
"""

from __future__ import annotations

import hashlib
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common import data as files
from convnets.common import sets
from convnets.common.errors import ConvnetsError
from convnets.common.sets import Labelled

__all__ = [
    "DIGEST", "Distortion", "Digits", "Sets", "distort", "download", "held_out", "load", "normalise", "prepare",
    "read_idx", "split",
]  # fmt: skip

NAME = "MNIST"
VALIDATION_COUNT = 5000
DIGESTS = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
"""SHA-256 of the four files, unpacked."""
DIGEST = hashlib.sha256("".join(DIGESTS.values()).encode()).hexdigest()
"""One digest for the whole set; part of every run's key."""

BLACK, WHITE = 1.175, -0.1


Digits = Labelled
"""N labelled images of one split: images (N, 28, 28), 0 = background."""


def load(split: str = "train", folder: str | Path | None = None) -> Digits:
    """The ``train`` (60,000) or ``test`` (10,000) images, from ``folder`` or wherever the data is found.

    ``folder`` is laid out like ``shared/data`` (``MNIST/raw/...``), or holds the IDX files itself, gzipped or not.

    Raises:
        ConvnetsError: the split is unknown, or a file is missing, damaged or inconsistent with its pair.
    """
    prefixes = {"train": "train", "test": "t10k"}
    if split not in prefixes:
        raise ConvnetsError(f"MNIST has no split {split!r}: choose `train` or `test`.")
    images, images_known = _read(f"{prefixes[split]}-images-idx3-ubyte", folder, dimensions=3)
    labels, labels_known = _read(f"{prefixes[split]}-labels-idx1-ubyte", folder, dimensions=1)
    if len(images) != len(labels):
        raise ConvnetsError(
            f"MNIST's {split} split has {len(images)} images but {len(labels)} labels: fetch the files again."
        )
    if images.shape[1:] != (28, 28) or (len(labels) and labels.max() > 9):
        raise ConvnetsError(
            f"MNIST's {split} files hold images of {images.shape[1:]} with labels up to {labels.max(initial=0)}, "
            "not 28x28 digits: these are the files of another data set."
        )
    return Digits(torch.from_numpy(images), torch.from_numpy(labels).long(), images_known and labels_known)


class Sets(NamedTuple):
    """Training, validation and test images."""

    train: Digits
    validation: Digits
    test: Digits

    @property
    def digest(self) -> str:
        """:data:`DIGEST` for the published files; for others, a digest of the images and labels themselves."""
        if all(part.digest_known for part in self):
            return DIGEST
        return sets.digest(*self)


def split(folder: str | None = None) -> Sets:
    """The official sets, with 5,000 fixed training images set aside for validation.

    Raises:
        ConvnetsError: as :func:`load`, or a set has no image.
    """
    everything = load("train", folder)
    train, validation = sets.hold_out(everything, held_out(everything), seed=1998)
    return sets.none_empty(Sets(train, validation, load("test", folder)))


def held_out(digits: Digits) -> int:
    """How many of these training images are set aside for validation."""
    return min(VALIDATION_COUNT, len(digits.labels) // 5)


def read_idx(content: bytes, file: Path, dimensions: int) -> np.ndarray:
    """Parse an IDX file of unsigned bytes into an array with ``dimensions`` axes; ``file`` is for messages.

    Raises:
        ConvnetsError: wrong magic number, or a length that its header does not announce.
    """
    header = 4 + 4 * dimensions
    if len(content) < header or content[:4] != bytes([0, 0, 8, dimensions]):
        raise ConvnetsError(f"{file} is not an IDX file of bytes with {dimensions} dimensions: fetch it again.")
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    if len(content) - header != math.prod(shape):
        raise ConvnetsError(
            f"{file} announces {math.prod(shape)} values but holds {len(content) - header}: fetch it again."
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape).copy()


def download() -> None:
    """Fetch MNIST into the user's cache with torchvision's loader."""

    def fetch(folder: Path) -> None:
        from convnets.common.vision import torchvision

        torchvision.datasets.MNIST(folder, download=True)

    files.download("MNIST", "MNIST/raw", fetch)


def _read(name: str, folder: str | Path | None, dimensions: int) -> tuple[np.ndarray, bool]:
    places = [f"{place}{name}{ending}" for place in ("MNIST/raw/", "raw/", "") for ending in ("", ".gz")]
    file = files.find(places, folder)
    if file is None and folder is None:
        download()
        file = files.find(places)
    if file is None:
        raise ConvnetsError(
            f"No {name} (or {name}.gz) lies under {folder}: point --data at the folder that holds MNIST/raw."
        )
    try:
        return _parsed(file, name, dimensions)
    except ConvnetsError:
        packed = file.with_name(f"{name}.gz")  # whole beside a short file, where unpacking was killed
        if file == packed or not packed.is_file():
            raise
        return _parsed(packed, name, dimensions)


def _parsed(file: Path, name: str, dimensions: int) -> tuple[np.ndarray, bool]:
    content = files.read(file)
    return read_idx(content, file, dimensions), hashlib.sha256(content).hexdigest() == DIGESTS[name]


def normalise(images: Tensor) -> Tensor:
    """Grey levels 0..255 (..., H, W) uint8 -> float32 with paper at -0.1 and ink at 1.175."""
    return images.float() * ((BLACK - WHITE) / 255) + WHITE


def prepare(images: Tensor, size: int) -> Tensor:
    """(N, 28, 28) uint8 -> (N, 1, size, size) for a network: 32 pads, 28 keeps, 16 shrinks by area."""
    x = normalise(images)[:, None]
    margin = (size - 28) // 2
    if margin >= 0:
        return F.pad(x, (margin,) * 4, value=WHITE)
    return F.interpolate(x, size=(size, size), mode="bilinear", antialias=True)


@dataclass(frozen=True)
class Distortion:
    """How far training images are bent; every amount is the largest one drawn (uniformly), 0 = not at all."""

    shift_pixels: float = 0.0
    rotation_degrees: float = 0.0
    scaling: float = 0.0  # relative, the same in both axes
    squeezing: float = 0.0  # relative, one axis against the other
    shear: float = 0.0  # horizontal pixels a vertical pixel
    elastic_alpha_pixels: float = 0.0  # strength of the elastic field
    elastic_sigma_pixels: float = 4.0  # its smoothness


def distort(x: Tensor, amount: Distortion, generator: torch.Generator) -> Tensor:
    """A randomly bent copy of each image: (N, 1, H, H) -> the same shape, paper shining in at the edges."""
    count, _, size, _ = x.shape

    def draw(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, device=x.device) * 2 - 1

    angle = draw(count) * math.radians(amount.rotation_degrees)
    scale, squeeze = 1 + draw(count) * amount.scaling, 1 + draw(count) * amount.squeezing
    shear = draw(count) * amount.shear
    shift = draw(count, 2) * (2 * amount.shift_pixels / size)
    cos, sin = angle.cos(), angle.sin()
    rows = torch.stack([cos * scale * squeeze, shear - sin, sin, cos * scale / squeeze], 1).reshape(count, 2, 2)
    grid = F.affine_grid(torch.cat([rows, shift[:, :, None]], 2), list(x.shape), align_corners=False)
    if amount.elastic_alpha_pixels:
        field = draw(count, 2, size, size)
        smooth = _gaussian_matrix(size, amount.elastic_sigma_pixels).to(x.device)
        field = smooth @ field @ smooth.T * (2 * amount.elastic_alpha_pixels / size)
        grid = grid + field.permute(0, 2, 3, 1)
    return F.grid_sample(x - WHITE, grid, align_corners=False) + WHITE


def _gaussian_matrix(size: int, sigma: float) -> Tensor:
    """(size, size) matrix that smooths a row by a Gaussian of ``sigma`` pixels, unit sum, zeros outside."""
    offsets = torch.arange(size)[:, None] - torch.arange(size)
    return torch.exp(-0.5 * (offsets / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))

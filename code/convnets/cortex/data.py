"""What the model looks at: photographs to imprint from, and small photographs of animals and vehicles to tell apart.

Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009: CIFAR-10, 32x32 pixels. Used are the first
20,000 training and the first 1,000 test images of the official order, so that a file of those alone is enough. Six of
its ten classes are animals. Arbelaez, Maire, Fowlkes, Malik, "Contour Detection and Hierarchical Image Segmentation",
IEEE PAMI 33(5), 2011: BSDS500, whose 200 training photographs the prototypes are imprinted from.
"""

from __future__ import annotations

import hashlib
import io
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
from convnets.cortex.model import Hmax

__all__ = [
    "ANIMALS",
    "CLASSES",
    "DIGEST",
    "Pictures",
    "Sets",
    "animal",
    "download",
    "held_out",
    "load",
    "photographs",
    "prepare",
    "split",
]

NAME = "CIFAR-10"
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
ANIMALS = (2, 3, 4, 5, 6, 7)
"""Those of the classes that are animals."""

COUNTS = {"train": 20_000, "test": 1_000}
VALIDATION_COUNT = 2_000
PHOTOGRAPH_SIDE = 140
"""Shorter side of a photograph when prototypes are imprinted, pixels (PAMI 2007 scales its images to that height)."""

DIGESTS = {
    "train": "c48debd7f90e18d54c15a1d2fcc0307a036a0cf2b55e80515b697615cf06d503",
    "test": "3bbdff8a1946fbed0a833aaf37c6ffbb3d391356d3e79d47a8030d5ee93186db",
    "photographs": "4c9e1bb02f1bf9fd7e31924dc5126ba869aa7f14618a3bce8d69194c557d4273",
}
"""SHA-256 of the images followed by the labels, and of the training photographs' files in the order of their names."""
DIGEST = hashlib.sha256("".join(DIGESTS.values()).encode()).hexdigest()
"""One digest for everything that training reads; part of every run's key."""

_BSDS = "https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/resources.html"


Pictures = Labelled
"""N labelled colour images of one split: images (N, 32, 32, 3), labels 0 to 9."""


class Sets(NamedTuple):
    """Training, validation and test images, and the photographs."""

    train: Pictures
    validation: Pictures
    test: Pictures
    photographs: list[Tensor]  # each (1, 1, H, W), grey 0 to 1
    photographs_known: bool

    @property
    def digest(self) -> str:
        """:data:`DIGEST` for the published files; for others, a digest of what they hold."""
        if self.photographs_known and all(part.digest_known for part in self[:3]):
            return DIGEST
        photographs = b"".join(photograph.numpy().tobytes() for photograph in self.photographs)
        return hashlib.sha256(sets.digest(*self[:3]).encode() + photographs).hexdigest()


def animal(labels: Tensor) -> Tensor:
    """Whether each of ``labels`` (N,) is an animal, as booleans."""
    return torch.isin(labels, torch.tensor(ANIMALS))


def held_out(pictures: Pictures) -> int:
    """How many of these training images are set aside for validation."""
    return min(VALIDATION_COUNT, len(pictures.labels) // 5)


def prepare(images: Tensor, size: int = Hmax.image_size) -> Tensor:
    """Colour bytes (N, 32, 32, 3) -> grey (N, 1, size, size) from 0 to 1, enlarged with smooth interpolation."""
    weights = torch.tensor([0.299, 0.587, 0.114], device=images.device)
    grey = (images.float() @ weights)[:, None] / 255
    return F.interpolate(grey, size=(size, size), mode="bilinear", align_corners=False).clamp(0, 1)


def load(split: str = "train", folder: str | Path | None = None) -> Pictures:
    """The ``train`` (20,000) or ``test`` (1,000) images, from ``folder`` or wherever the data is found.

    Taken from ``CIFAR10-subset/cifar10_subset.npz``, or from the whole CIFAR-10 as torchvision unpacks it.

    Raises:
        ConvnetsError: the split is unknown, or a file is missing, damaged or of other shapes.
    """
    if split not in COUNTS:
        raise ConvnetsError(f"There is no split {split!r} of these images: choose `train` or `test`.")
    file = files.find(["CIFAR10-subset/cifar10_subset.npz", "cifar10_subset.npz"], folder)
    images, labels = _subset(file, split) if file else _whole(split, folder)
    if images.dtype != np.uint8 or images.shape[1:] != (32, 32, 3) or len(images) != len(labels):
        raise ConvnetsError(
            f"The {split} images have shape {images.shape} and type {images.dtype} with {len(labels)} labels, not "
            "(N, 32, 32, 3) bytes with a label each: these are the files of another data set."
        )
    if len(labels) and labels.max() > 9:
        raise ConvnetsError(
            f"The {split} labels go up to {labels.max()}, not 9: this is another data set than CIFAR-10."
        )
    known = _digest(images, labels) == DIGESTS[split]
    return Pictures(torch.from_numpy(images), torch.from_numpy(labels.astype(np.int64)), known)


def _digest(images: np.ndarray, labels: np.ndarray) -> str:
    return hashlib.sha256(images.tobytes() + labels.astype(np.uint8).tobytes()).hexdigest()


def _subset(file: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    images, labels = files.arrays(file, [f"{split}_images", f"{split}_labels"])
    return images, labels


def _whole(split: str, folder: str | Path | None) -> tuple[np.ndarray, np.ndarray]:
    batches = [f"cifar-10-batches-py/{name}" for name in ("test_batch", "data_batch_1", "batches.meta")]
    file = files.find(batches, folder)
    if file is None and folder is None:
        download()
        file = files.find(batches)
    if file is None:
        raise ConvnetsError(
            f"Neither CIFAR10-subset/cifar10_subset.npz nor cifar-10-batches-py lies under {folder}: point --data "
            "at the folder that holds one of them."
        )
    from convnets.common.vision import torchvision

    with files.whole(file.parent):
        found = torchvision.datasets.CIFAR10(file.parents[1], train=split == "train")
    count = COUNTS[split]
    return np.ascontiguousarray(found.data[:count]), np.array(found.targets[:count])


def download() -> None:
    """Fetch CIFAR-10 into the user's cache with torchvision's loader."""

    def fetch(folder: Path) -> None:
        from convnets.common.vision import torchvision

        torchvision.datasets.CIFAR10(folder, download=True)

    files.download("CIFAR-10", "cifar-10-batches-py", fetch)


def photographs(folder: str | Path | None = None) -> tuple[list[Tensor], bool]:
    """The training photographs of BSDS500 in grey, (1, 1, H, W) each with a shorter side of 140, and if they are known.

    Raises:
        ConvnetsError: no archive and no folder of them is found, or a file is damaged.
    """
    file = files.find(["BSDS500/bsds500.zip", "bsds500.zip"], folder)
    if file is None:
        raise ConvnetsError(
            f"The photographs (BSDS500/bsds500.zip with train/*.jpg) lie in none of "
            f"{', '.join(map(str, files.candidates(folder)))}: get BSDS500 from {_BSDS} and zip its training images."
        )
    contents = files.members(file, lambda name: name.startswith("train/") and name.endswith(".jpg"))
    if not contents:
        raise ConvnetsError(f"The archive {file} holds no train/*.jpg: it is not the photographs of BSDS500.")
    known = hashlib.sha256(b"".join(contents.values())).hexdigest() == DIGESTS["photographs"]
    return [_grey(content, name) for name, content in contents.items()], known


def _grey(content: bytes, name: str) -> Tensor:
    from PIL import Image

    with files.whole(Path(name), Image.DecompressionBombError):
        picture = Image.open(io.BytesIO(content)).convert("L")
    grey = torch.from_numpy(np.asarray(picture, dtype=np.float32).copy())[None, None] / 255
    scale = PHOTOGRAPH_SIDE / min(grey.shape[2:])
    size = [round(scale * length) for length in grey.shape[2:]]
    return F.interpolate(grey, size=size, mode="bilinear", antialias=True).clamp(0, 1)


def split(folder: str | None = None) -> Sets:
    """The training images with 2,000 fixed ones set aside for validation, the test images, and the photographs.

    Raises:
        ConvnetsError: as :func:`load` and :func:`photographs`, or a set has no image.
    """
    everything = load("train", folder)
    train, validation = sets.hold_out(everything, held_out(everything), seed=2007)
    return sets.none_empty(Sets(train, validation, load("test", folder), *photographs(folder)))

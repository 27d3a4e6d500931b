"""Tiny ImageNet at 32x32 pixels: 100 of its 200 classes, 110 training images each, as mosaics in one archive.

Data: Stanford CS231n's Tiny ImageNet, 64x64 cuttings of ImageNet (Deng and others, CVPR 2009), reduced to 32x32. Its
published results are for 200 classes, 500 images each and 64x64 pixels: ours cannot be compared with them. The test
images are a half of the official validation images, for the official test images have no labels.

``tiny_imagenet_32.zip`` holds ``train_KK_000.jpg``, a mosaic for each class, and ``test_000.jpg``, the test images row
by row in the order of the classes. The images may not be shown.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import torch

from convnets.common import data as files
from convnets.common.errors import ConvnetsError
from convnets.common.sets import Labelled

__all__ = ["CLASSES", "DIGESTS", "NAME", "VALIDATION_COUNT", "held_out", "load"]

NAME = "Tiny ImageNet"
SIDE = 32  # pixels
COUNT = 100  # classes
VALIDATION_COUNT = 1_000
DIGESTS = {
    "train": "650fa49bf67982c3cde2357aa72d92ffcdf9fb5297cbb154358efbfb1dc033ca",
    "test": "84ca9c521b4e461e1ed298a2bd335560c3ce9ed8eb8901c7f5b8fe33627b75cb",
}
"""SHA-256 of the mosaics of each part, in the order of their names."""

CLASSES = (
    "goldfish", "tailed frog", "boa constrictor", "scorpion", "American lobster", "black stork", "king penguin",
    "Yorkshire terrier", "German shepherd", "tabby", "Egyptian cat", "cougar", "lion", "brown bear", "fly",
    "monarch", "sulphur butterfly", "guinea pig", "ox", "bighorn", "gazelle", "orangutan", "baboon",
    "African elephant", "abacus", "academic gown", "backpack", "bannister", "barbershop", "barn", "barrel",
    "beach wagon", "beacon", "bikini", "binoculars", "bucket", "bullet train", "chain", "chest",
    "Christmas stocking", "cliff dwelling", "computer keyboard", "confectionery", "convertible", "crane", "desk",
    "flagpole", "fountain", "freight car", "go-kart", "hourglass", "iPod", "jinrikisha", "kimono", "lampshade",
    "lawn mower", "lifeboat", "magnetic compass", "maypole", "military uniform", "moving van", "obelisk", "oboe",
    "picket fence", "plunger", "pole", "police van", "poncho", "potter's wheel", "projectile", "refrigerator",
    "remote control", "sandal", "snorkel", "spider web", "stopwatch", "syringe", "teapot", "teddy", "tractor",
    "trolleybus", "turnstile", "viaduct", "water jug", "wooden spoon", "plate", "ice cream", "ice lolly",
    "mashed potato", "cauliflower", "bell pepper", "mushroom", "orange", "lemon", "pizza", "potpie", "espresso",
    "cliff", "coral reef", "lakeside",
)  # fmt: skip
"""What is on the images, by label: the first name that WordNet gives."""


def load(split: str = "train", folder: str | Path | None = None) -> Labelled:
    """The ``train`` (11,000) or ``test`` (2,500) images (N, 32, 32, 3), from ``folder`` or where the data is found.

    Raises:
        ConvnetsError: the split is unknown, or the archive is missing, damaged, or holds other images.
    """
    if split not in DIGESTS:
        raise ConvnetsError(f"There is no split {split!r} of these images: choose `train` or `test`.")
    file = files.find(["TinyImageNet-32/tiny_imagenet_32.zip", "tiny_imagenet_32.zip"], folder)
    if file is None:
        raise ConvnetsError(
            "Tiny ImageNet (TinyImageNet-32/tiny_imagenet_32.zip) lies in none of "
            f"{', '.join(map(str, files.candidates(folder)))}: set CONVNETS_DATA to a folder that holds it."
        )
    mosaics = files.members(file, lambda name: name.startswith(f"{split}_") and name.endswith(".jpg"))
    if not mosaics:
        raise ConvnetsError(f"The archive {file} holds no {split}_*.jpg: it is not Tiny ImageNet at 32x32.")
    tiles = [_tiles(content, f"{file}/{name}") for name, content in mosaics.items()]
    images = np.concatenate(tiles)
    if len(images) % COUNT:
        raise ConvnetsError(
            f"The {split} mosaics of {file} hold {len(images)} images, no multiple of the {COUNT} classes: "
            "fetch the archive again."
        )
    labels = torch.arange(COUNT).repeat_interleave(len(images) // COUNT)
    known = hashlib.sha256(b"".join(mosaics.values())).hexdigest() == DIGESTS[split]
    return Labelled(torch.from_numpy(images), labels, known)


def held_out(images: Labelled) -> int:
    """How many of these training images are kept for validation."""
    return min(VALIDATION_COUNT, len(images.labels) // 5)


def _tiles(content: bytes, name: str) -> np.ndarray:
    """The images of a mosaic, row by row: (N, 32, 32, 3)."""
    from PIL import Image

    with files.whole(Path(name), Image.DecompressionBombError):
        mosaic = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    if not mosaic.size or mosaic.shape[0] % SIDE or mosaic.shape[1] % SIDE:
        raise ConvnetsError(
            f"The mosaic {name} has {mosaic.shape[1]}x{mosaic.shape[0]} pixels, no multiple of {SIDE}: fetch it again."
        )
    rows, columns = mosaic.shape[0] // SIDE, mosaic.shape[1] // SIDE
    return mosaic.reshape(rows, SIDE, columns, SIDE, 3).swapaxes(1, 2).reshape(-1, SIDE, SIDE, 3)

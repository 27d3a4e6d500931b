"""Small made-up data for tests."""

from __future__ import annotations

import gzip
import hashlib
import struct
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
NAMES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


def toy_digits(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """``count`` images (28, 28) of LeNet's bitmaps, doubled and shifted a little, and their labels: easy to learn."""
    from convnets.lenet.bitmaps import bitmaps

    random = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.uint8) % 10
    images = np.zeros((count, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        top, left = random.integers(0, 5), random.integers(4, 11)
        ink = np.kron(bitmaps()[label] > 0, np.ones((2, 2)))
        image[top : top + 24, left : left + 14] = ink * random.integers(180, 256)
    return images, labels


def idx(array: np.ndarray) -> bytes:
    """``array`` of unsigned bytes as the content of an IDX file."""
    return struct.pack(f">I{array.ndim}I", 0x800 + array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


def publish(assets: Path, system: str, net: str, weights: bytes, **fields: Any) -> None:
    """Store ``weights`` as the published ones of ``net`` in the store ``assets``, with the record of a run."""
    from convnets.common import runs

    record = {
        "schema": 1, "system": system, "recipe": net, "net": net, "seed": 0, "settings": {}, "data": {"digest": ""},
        "metrics": {"test": {}}, "score": 0.5, "code": {}, "key": "", "device": "cpu: 1 thread",
        "weights": hashlib.sha256(weights).hexdigest(),
    }  # fmt: skip
    runs.publish(record | fields, weights, assets / system)


def write_mnist(folder: Path, train: int = 60, test: int = 20, packed: bool = False) -> Path:
    """Toy digits as MNIST's four files below ``folder``, which is returned; ``packed`` for gzip."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for seed, (part, count) in enumerate({"train": train, "test": test}.items()):
        for name, array in zip(NAMES[part], toy_digits(count, seed), strict=True):
            content = gzip.compress(idx(array), mtime=0) if packed else idx(array)
            (raw / f"{name}{'.gz' if packed else ''}").write_bytes(content)
    return folder

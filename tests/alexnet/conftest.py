"""An ImageNet of a few drawn pictures, in the real one's folders."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from PIL import Image

WNIDS = ("n01440764", "n02119789", "n03000684")
COLOURS = ((200, 60, 60), (60, 180, 60), (70, 70, 200))


class Draw(Protocol):
    def __call__(self, root: Path, train: int = 8, val: int = 4, seed: int = 0) -> Path: ...


@pytest.fixture(scope="session")
def draw() -> Draw:
    return _draw


def _draw(root: Path, train: int = 8, val: int = 4, seed: int = 0) -> Path:
    """So many pictures of each of three classes, whose colours tell them apart; sizes differ. Returns ``root``."""
    random = np.random.default_rng(seed)
    for part, count in {"train": train, "val": val}.items():
        for wnid, colour in zip(WNIDS, COLOURS, strict=True):
            folder = root / part / wnid
            folder.mkdir(parents=True)
            for number in range(count):
                height, width = random.integers(40, 90, 2)
                pixels = np.clip(np.array(colour) + random.integers(-40, 41, (height, width, 3)), 0, 255)
                Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{wnid}_{number}.JPEG", quality=90)
    return root

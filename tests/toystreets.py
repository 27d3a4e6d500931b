"""Small data in the form of CamVid's archive: drawn streets of its size."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from convnets.driving.streets import CLASSES, HEIGHT, UNKNOWN, WIDTH

Change = Callable[[str, bytes], bytes | None]
COLOURS = np.random.default_rng(7).integers(30, 225, (UNKNOWN + 1, 3)).astype(np.uint8)


def png(picture: np.ndarray, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, kind)
    return stream.getvalue()


def street(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A photograph (180, 240, 3) and its classes (180, 240): sky, buildings, road, and a block of each other class."""
    draw = np.random.default_rng(seed)
    labels = np.full((HEIGHT, WIDTH), CLASSES.index("Sky"), np.uint8)
    labels[60:110] = CLASSES.index("Building")
    labels[110:] = CLASSES.index("Road")
    for place, kind in enumerate((2, 4, 5, 6, 7, 8, 9, 10, UNKNOWN)):
        top, left = draw.integers(90, 130), 4 + 26 * place
        labels[top : top + 30, left : left + 18] = kind
    noise = draw.integers(-20, 20, (HEIGHT, WIDTH, 3))
    return (COLOURS[labels].astype(int) + noise).clip(0, 255).astype(np.uint8), labels


def streets(root: Path, each: int = 12, change: Change = lambda name, content: content) -> Path:
    """An archive with ``each`` photographs a split, of two films; ``change`` may spoil or drop a member."""
    members = {}
    for number, split in enumerate(("train", "val", "test")):
        for place in range(each):
            picture, labels = street(100 * number + place)
            name = f"{'Seq05VD_f' if place % 2 else '0001TP_'}{30 * place:05d}"
            members[f"{split}/{name}.jpg"] = png(picture, "JPEG")
            members[f"{split}annot/{name}.png"] = png(labels)
    file = root / "CamVid" / "camvid_240x180.zip"
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            if (changed := change(name, content)) is not None:
                archive.writestr(name, changed)
    return file

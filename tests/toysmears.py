"""Drawn smears in the form of the data set's archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

Change = Callable[[str, bytes], bytes | None]
Box = tuple[str, float, float, float, float]


def drawn(seed: int, height: int = 96, width: int = 128) -> tuple[np.ndarray, list[Box]]:
    """A picture of discs: red cells, a white one, a platelet."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    picture = np.full((height, width, 3), (225.0, 215.0, 210.0))
    found: list[Box] = []
    for name, size, colour in (
        ("RBC", 10, (200, 130, 130)),
        ("RBC", 11, (205, 140, 130)),
        ("WBC", 20, (110, 70, 160)),
        ("Platelets", 4, (140, 90, 170)),
    ):
        column, row = draw.uniform(size, width - size), draw.uniform(size, height - size)
        picture[np.hypot(y - row, x - column) < size] = colour
        found.append((name, *(round(float(end)) for end in (column - size, row - size, column + size, row + size))))  # type: ignore[arg-type]
    return (picture + draw.normal(0, 3, picture.shape)).clip(0, 255).astype(np.uint8), found


def annotation(boxes: list[Box]) -> bytes:
    """VOC's XML."""
    each = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{a}</xmin><ymin>{b}</ymin><xmax>{c}</xmax><ymax>{d}</ymax></bndbox>"
        "</object>"
        for name, a, b, c, d in boxes
    )
    return f"<annotation>{each}</annotation>".encode()


def jpeg(picture: np.ndarray) -> bytes:
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "jpeg", quality=92)
    return content.getvalue()


def archive(root: Path, counts: dict[str, int], change: Change = lambda name, content: content) -> Path:
    file = root / "BCCD" / "bccd_voc.zip"
    file.parent.mkdir(parents=True, exist_ok=True)
    members: dict[str, bytes] = {}
    for seed, (part, count) in enumerate(counts.items()):
        names = [f"BloodImage_{100 * seed + place:05}" for place in range(count)]
        members[f"ImageSets/Main/{part}.txt"] = "\n".join(names).encode()
        for place, name in enumerate(names):
            picture, boxes = drawn(100 * seed + place)
            members[f"JPEGImages/{name}.jpg"] = jpeg(picture)
            members[f"Annotations/{name}.xml"] = annotation(boxes)
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in members.items():
            changed = change(name, content)
            if changed is not None:
                packed.writestr(name, changed)
    return file

"""Small data in the forms of CIFAR-10's subset and of BCCD's archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

Box = tuple[float, float, float, float]
Change = Callable[[str, bytes], bytes | None]


def photographs(count: int, seed: int = 0) -> np.ndarray:
    """Pictures (N, 32, 32, 3) of smooth colours, all different."""
    draw = np.random.default_rng(seed)
    coarse = draw.integers(0, 256, (count, 4, 4, 3), dtype=np.uint8)
    return np.stack([np.asarray(Image.fromarray(one).resize((32, 32), Image.Resampling.BICUBIC)) for one in coarse])


def annotation(boxes: list[tuple[str, Box]]) -> bytes:
    """A VOC annotation of boxes, (class, (left, top, right, bottom))."""
    objects = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax>"
        f"<ymax>{bottom}</ymax></bndbox></object>"
        for name, (left, top, right, bottom) in boxes
    )
    return f"<annotation>{objects}</annotation>".encode()


def smear(box: Box, seed: int) -> bytes:
    """A photograph 160x120 with a dark cell in ``box``, and pale ones."""
    draw = np.random.default_rng(seed)
    picture = Image.new("RGB", (160, 120), (220, 200, 190))
    pen = ImageDraw.Draw(picture)
    for x, y in draw.integers(0, 120, (6, 2)):
        pen.ellipse((int(x), int(y), int(x) + 20, int(y) + 20), (200, 150, 150))
    pen.ellipse(box, (110, 60, 140))
    content = io.BytesIO()
    picture.save(content, "jpeg", quality=90)
    return content.getvalue()


def archive(root: Path, counts: dict[str, int], change: Change = lambda name, content: content) -> Path:
    """``bccd_voc.zip`` with so many photographs a part, one white cell each; ``change`` may spoil or drop a member."""
    file = root / "BCCD" / "bccd_voc.zip"
    file.parent.mkdir(parents=True, exist_ok=True)
    draw, members = np.random.default_rng(7), {}
    for part, count in counts.items():
        names = [f"{part}_{number}" for number in range(count)]
        members[f"ImageSets/Main/{part}.txt"] = "\n".join(names).encode()
        for number, name in enumerate(names):
            left, top = draw.integers(5, 90), draw.integers(5, 60)
            box = (float(left), float(top), float(left + 50), float(top + 45))
            members[f"Annotations/{name}.xml"] = annotation([("RBC", (1, 1, 20, 20)), ("WBC", box)])
            members[f"JPEGImages/{name}.jpg"] = smear(box, number)
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in members.items():
            changed = change(name, content)
            if changed is not None:
                packed.writestr(name, changed)
    return file

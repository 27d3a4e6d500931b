"""Small data in the forms of ISBI's slices and of BUSI's archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

Change = Callable[[str, bytes], bytes | None]


def slices(root: Path, count: int = 22, side: int = 40) -> Path:
    """Drawn slices, cells with walls between them, and their labels."""
    draw = np.random.default_rng(0)
    y, x = np.mgrid[:side, :side]
    labels = np.stack([((x + shift) % 13 > 2) & ((y + 2 * shift) % 17 > 2) for shift in range(count)]).astype(np.uint8)
    images = (60 + 120 * labels + draw.integers(-30, 30, labels.shape)).astype(np.uint8)
    file = root / "isbi_em" / "isbi2012_em.npz"
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(file, images=images, labels=labels, slices=np.arange(count))
    return file


def png(picture: np.ndarray, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, kind)
    return stream.getvalue()


def scans(root: Path, each: int = 12, change: Change = lambda name, content: content) -> Path:
    """Drawn scans of each kind: a dark disc in the lesions; ``change`` may spoil or drop a member."""
    draw, members = np.random.default_rng(1), {}
    y, x = np.mgrid[:48, :64]
    for kind, radius in (("benign", 9), ("malignant", 14), ("normal", 0)):
        for number in range(each):
            across, down = draw.integers(18, 46), draw.integers(16, 32)
            mask = np.hypot(x - across, y - down) < radius
            picture = (150 - 90 * mask + draw.integers(-20, 20, mask.shape)).astype(np.uint8)
            members[f"{kind}_{4 * number:03d}.jpg"] = png(picture, "JPEG")
            members[f"{kind}_{4 * number:03d}_mask.png"] = png((mask * 255).astype(np.uint8))
    file = root / "BUSI-150" / "busi.zip"
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            if (changed := change(name, content)) is not None:
                archive.writestr(name, changed)
    return file

"""A small sheet of drawn numbers in the form of the data set's archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from PIL import Image

from convnets.housenumbers import world
from convnets.housenumbers.data import Cut

Change = Callable[[str, bytes], bytes | None]


def _archive(root: Path, counts: dict[str, int], change: Change = lambda name, content: content) -> Path:
    """``svhn_numbers.zip`` with so many rendered numbers a part; ``change`` may spoil or drop (None) a member."""
    file = root / "SVHN-grey" / "svhn_numbers.zip"
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as packed:
        for seed, (part, count) in enumerate(counts.items()):
            for name, content in _members(part, world.cuts(count, 50 + seed)).items():
                changed = change(name, content)
                if changed is not None:
                    packed.writestr(name, changed)
    return file


def _members(part: str, found: list[Cut]) -> dict[str, bytes]:
    width = max(cut.picture.shape[1] for cut in found)
    sheet, rows = np.zeros((32 * len(found), width), np.uint8), []
    for place, cut in enumerate(found):
        h, w = cut.picture.shape
        sheet[32 * place : 32 * place + h, :w] = cut.picture
        digits = " ".join(
            f"{digit.value}:{digit.left:.1f}:{digit.top:.1f}:{digit.right:.1f}:{digit.bottom:.1f}:{digit.seen:.2f}"
            for digit in cut.digits
        )
        rows.append(f"{place + 1},{cut.number},0,{32 * place},{w},{h},{digits}")
    content = io.BytesIO()
    Image.fromarray(sheet).save(content, "jpeg", quality=95)
    table = "\n".join(["id,number,x,y,w,h,digits", *rows]) + "\n"
    return {f"{part}.jpg": content.getvalue(), f"{part}.csv": table.encode()}


class Archive(Protocol):
    def __call__(self, root: Path, counts: dict[str, int], change: Change = ...) -> Path: ...


@pytest.fixture(scope="session")
def archive() -> Archive:
    return _archive


@pytest.fixture(scope="session")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder laid out like ``shared/data`` with 40, 10 and 12 numbers."""
    root = tmp_path_factory.mktemp("street")
    _archive(root, {"train": 40, "val": 10, "test": 12})
    return root

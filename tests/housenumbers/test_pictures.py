"""A reader's own picture: of one pixel, grey, transparent, of 12,000 pixels, without a number, or none at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convnets import housenumbers
from convnets.common.errors import ConvnetsError
from convnets.housenumbers import pictures, world
from convnets.housenumbers.model import Reader


def saved(folder: Path, picture: Image.Image, name: str = "house.png") -> Path:
    picture.save(folder / name)
    return folder / name


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (Image.new("L", (1, 1), 70), 70),
        (Image.new("RGB", (9, 5), (70, 70, 70)), 70),
        (Image.new("RGBA", (9, 5), (0, 0, 0, 0)), 255),
        (Image.new("LA", (9, 5), (70, 255)), 70),
        (Image.new("1", (9, 5), 1), 255),
        (Image.new("P", (9, 5)), 0),
        (Image.fromarray(np.full((5, 9), 257 * 70, np.uint16)), 70),
        (Image.new("L", (12000, 30), 70), 70),
        (Image.new("L", (30, 12000), 70), 70),
    ],
)
def test_pictures_of_all_kinds_become_grey(tmp_path: Path, picture: Image.Image, expected: int) -> None:
    found = pictures.grey(saved(tmp_path, picture))
    assert found.dtype == np.uint8
    assert found.ndim == 2
    assert max(found.shape) <= 1024
    assert (found == expected).all()
    reading = pictures.number(tmp_path / "house.png", Reader().eval())
    assert len(reading.numbers) == 1
    assert 0 < float(reading.confidence) <= 1


def test_what_is_no_picture_is_told(tmp_path: Path) -> None:
    (tmp_path / "house.png").write_bytes(b"no picture")
    with pytest.raises(ConvnetsError, match=r"house\.png cannot be read"):
        pictures.grey(tmp_path / "house.png")
    with pytest.raises(ConvnetsError, match=r"nowhere\.png cannot be read"):
        pictures.grey(tmp_path / "nowhere.png")
    file = saved(tmp_path, Image.fromarray(np.random.default_rng(0).integers(0, 255, (90, 90), dtype=np.uint8)))
    file.write_bytes(file.read_bytes()[:2000])
    with pytest.raises(ConvnetsError, match=r"house\.png cannot be read"):
        pictures.grey(file)


def test_the_published_reader_reads_a_drawn_number_and_sees_none_on_a_bare_wall(tmp_path: Path) -> None:
    style = world.Look("Liberation Sans Bold", 0.05, 1.0, 0.0, 0.0, 0.0, 0)
    right = 0
    for seed, text in enumerate(("7", "52", "418", "1962")):
        drawn = world.number(np.random.default_rng(seed + 3), text, style)
        right += pictures.number(saved(tmp_path, Image.fromarray(drawn.picture))).numbers == [text]
    assert right >= 3
    wall = pictures.number(saved(tmp_path, Image.new("L", (60, 30), 150)))
    assert wall.numbers == [""]
    assert float(wall.confidence) > 0.8


def test_the_published_networks_load() -> None:
    assert housenumbers.load().eval()
    with pytest.raises(ConvnetsError, match="no network 'lenet'"):
        housenumbers.load("lenet")

"""Pictures of one's own: one pixel, grey, clear, huge, none at all; and a network that may say none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from convnets import signs
from convnets.common.errors import ConvnetsError
from convnets.signs import pictures
from convnets.signs.data import CLASSES


def stored(folder: Path, picture: Image.Image, ending: str = "png") -> Path:
    file = folder / f"picture.{ending}"
    picture.save(file)
    return file


def test_one_pixel_grey_clear_and_paletted_pictures_become_32_by_32(tmp_path: Path) -> None:
    red = pictures.read(stored(tmp_path, Image.new("RGB", (1, 1), (200, 10, 30))))
    assert red.shape == (3, 32, 32) and red.dtype == torch.uint8 and red[:, 31, 0].tolist() == [200, 10, 30]
    grey = pictures.read(stored(tmp_path, Image.new("L", (40, 7), 90)))
    assert (grey == 90).all()
    clear = pictures.read(stored(tmp_path, Image.new("RGBA", (50, 50), (255, 0, 0, 0))))
    assert (clear == 255).all(), "what is clear shows white"
    half = pictures.read(stored(tmp_path, Image.new("RGBA", (50, 50), (255, 0, 0, 255))))
    assert half[:, 0, 0].tolist() == [255, 0, 0]
    paletted = pictures.read(stored(tmp_path, Image.new("RGB", (9, 9), (1, 200, 3)).convert("P"), "gif"))
    assert abs(int(paletted[1, 4, 4]) - 200) < 20
    deep = Image.fromarray(np.full((8, 8), 40_000, np.uint16))
    assert pictures.read(stored(tmp_path, deep)).shape == (3, 32, 32)


def test_a_large_picture_is_averaged_and_one_too_large_refused(tmp_path: Path) -> None:
    board = np.indices((1200, 1200)).sum(0) % 2 * 255
    file = stored(tmp_path, Image.fromarray(board.astype(np.uint8)))
    assert (pictures.read(file).float() - 127.5).abs().max() < 8
    wide = stored(tmp_path, Image.new("L", (12_000, 20), 60), "jpg")
    assert (pictures.read(wide).float() - 60).abs().max() < 3
    with pytest.raises(ConvnetsError, match=r"huge\.png cannot be read"):
        Image.new("1", (12_000, 12_000)).save(tmp_path / "huge.png")
        pictures.read(tmp_path / "huge.png")


def test_a_file_without_a_picture_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConvnetsError, match=r"none\.png cannot be read"):
        pictures.read(tmp_path / "none.png")
    (tmp_path / "text.png").write_text("a sign")
    with pytest.raises(ConvnetsError, match=r"text\.png cannot be read"):
        pictures.read(tmp_path / "text.png")


def test_below_its_threshold_a_network_says_none() -> None:
    model = signs.NETS["unseen"]().eval()
    image = torch.randint(0, 256, (3, 32, 32), dtype=torch.uint8)
    sure = pictures.answer(model, image)
    assert sure.sign in CLASSES and 1 / 43 < sure.share < 1
    assert pictures.answer(model, image, threshold=sure.share + 0.01).sign is None
    assert pictures.answer(model, image, temperature=1e4).share == pytest.approx(1 / 43, abs=1e-3)
    with pytest.raises(ConvnetsError, match=r"has the shape \(3, 30, 32\)"):
        pictures.answer(model, image[:, :30])

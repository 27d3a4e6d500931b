"""ImageNet's folders, whole or not, and pictures of every kind."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from convnets.alexnet import pictures
from convnets.alexnet.pictures import Pictures, find, read, together
from convnets.common.errors import ConvnetsError

WNIDS = ("n01440764", "n02119789", "n03000684")


@pytest.fixture
def root(tmp_path: Path, draw: Callable[..., Path]) -> Path:
    return draw(tmp_path / "imagenet", train=2, val=1)


def test_classes_are_counted_as_torchvision_does(root: Path) -> None:
    from convnets.common.vision import torchvision

    found, theirs = find(root, "train", 3), torchvision.datasets.ImageFolder(root / "train")
    assert list(found.classes) == theirs.classes == sorted(WNIDS)
    assert [(str(file), label) for file, label in zip(found.files, found.labels, strict=True)] == theirs.imgs


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda root: shutil.rmtree(root), "There is no folder .*: give the one that holds ImageNet's"),
        (lambda root: shutil.rmtree(root / "train"), "has neither a folder train nor the archive ILSVRC2012_img_train"),
        (lambda root: shutil.rmtree(root / "train" / WNIDS[0]), "holds 2 class folders, not 3: unpack ILSVRC2012_img"),
        (lambda root: (root / "train" / "cats").mkdir(), "holds cats, no class of ImageNet"),
        (lambda root: (root / "train" / f"{WNIDS[1]}.tar").touch(), "is half unpacked, for n02119789.tar still lies"),
        (lambda root: [file.unlink() for file in (root / "train" / WNIDS[2]).iterdir()], "no picture in n03000684"),
    ],
)
def test_a_folder_that_is_not_whole_is_told(root: Path, spoil: Callable[[Path], object], said: str) -> None:
    spoil(root)
    with pytest.raises(ConvnetsError, match=said):
        find(root, "train", 3)


def test_parts_with_other_classes_are_told(root: Path) -> None:
    (root / "val" / WNIDS[0]).rename(root / "val" / "n09999999")
    with pytest.raises(ConvnetsError, match="ImageNet's train has no folder n09999999, which its other part has"):
        pictures.same_classes(find(root, "train", 3), find(root, "val", 3))


def test_an_archive_that_is_damaged_is_told(tmp_path: Path) -> None:
    (tmp_path / "ILSVRC2012_img_train.tar").write_bytes(b"no tar")
    with pytest.raises(ConvnetsError, match=r"ILSVRC2012_img_train\.tar cannot be read"):
        find(tmp_path, "train")


def test_archives_are_unpacked_by_torchvision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    packed = tmp_path / "packed"
    packed.mkdir()
    with tarfile.open(packed / "ILSVRC2012_img_train.tar", "w") as archive:
        for folder in sorted((root / "train").iterdir()):
            with tarfile.open(tmp_path / f"{folder.name}.tar", "w") as inner:
                for file in folder.iterdir():
                    inner.add(file, file.name)
            archive.add(tmp_path / f"{folder.name}.tar", f"{folder.name}.tar")
    from convnets.common.vision import torchvision

    md5 = hashlib.md5((packed / "ILSVRC2012_img_train.tar").read_bytes(), usedforsecurity=False).hexdigest()
    monkeypatch.setitem(torchvision.datasets.imagenet.ARCHIVE_META, "train", ("ILSVRC2012_img_train.tar", md5))
    found = find(packed, "train", 3)
    assert [file.name for file in found.files] == [file.name for file in find(root, "train", 3).files]
    assert not [*packed.glob("train/*.tar")]


def test_what_unpacks_the_val_part_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ILSVRC2012_img_val.tar").write_bytes(b"")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ConvnetsError, match="with the package scipy: `pip install scipy`"):
        find(tmp_path, "val")


def test_other_parts_are_told(root: Path) -> None:
    with pytest.raises(ConvnetsError, match="no part 'test' here: choose `train` or `val`"):
        find(root, "test", 3)


# Pictures


def saved(folder: Path, picture: Image.Image, ending: str = "png", **options: object) -> Path:
    file = folder / f"picture.{ending}"
    picture.save(file, **options)
    return file


def test_the_middle_square_is_kept_at_256_pixels(tmp_path: Path) -> None:
    wide = np.zeros((300, 900, 3), np.uint8)
    wide[:, 300:600] = (10, 200, 90)
    found = read(saved(tmp_path, Image.fromarray(wide)))
    assert found.shape == (256, 256, 3)
    assert found.dtype == torch.uint8
    assert (found[:, 2:-2] == torch.tensor([10, 200, 90])).all()


@pytest.mark.parametrize(
    ("mode", "colour", "shown"),
    [
        ("RGB", (200, 100, 50), (200, 100, 50)),
        ("L", 120, (120, 120, 120)),
        ("1", 1, (255, 255, 255)),
        ("LA", (120, 0), (255, 255, 255)),
        ("RGBA", (200, 100, 50, 0), (255, 255, 255)),
        ("RGBA", (200, 100, 50, 255), (200, 100, 50)),
        ("I;16", 30_000, (116, 116, 116)),
    ],
)
def test_other_colours_become_red_green_and_blue(
    tmp_path: Path, mode: str, colour: int | tuple[int, ...], shown: tuple[int, ...]
) -> None:
    found = read(saved(tmp_path, Image.new(mode, (40, 30), colour)))
    assert (found.int() - torch.tensor(shown)).abs().max() <= 1


def test_cmyk_and_palettes_with_a_transparent_colour_are_read(tmp_path: Path) -> None:
    red = read(saved(tmp_path, Image.new("CMYK", (40, 30), (0, 255, 255, 0)), "jpg", quality=95))
    assert (red.int() - torch.tensor([255, 0, 0])).abs().max() <= 4
    palette = Image.new("P", (40, 30), 1)
    palette.putpalette([0, 0, 0, 20, 30, 200])
    assert (read(saved(tmp_path, palette)) == torch.tensor([20, 30, 200])).all()
    assert (read(saved(tmp_path, palette, "gif", transparency=1)) == 255).all()


def test_a_picture_of_one_pixel_fills_the_square(tmp_path: Path) -> None:
    found = read(saved(tmp_path, Image.new("RGB", (1, 1), (1, 2, 3))))
    assert (found == torch.tensor([1, 2, 3])).all()


@pytest.mark.parametrize("size", [(1, 5000), (5000, 1)])
def test_a_picture_of_one_row_is_not_blown_up(tmp_path: Path, size: tuple[int, int]) -> None:
    assert read(saved(tmp_path, Image.new("RGB", size, (9, 8, 7)))).shape == (256, 256, 3)


def test_a_picture_of_20_megabytes_is_read_soon(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2700, 2700, 3), np.uint8)
    file = saved(tmp_path, Image.fromarray(noise), "bmp")
    assert file.stat().st_size > 20 << 20
    started = time.process_time()
    found = read(file)
    assert time.process_time() - started < 5
    assert 126 < float(found.float().mean()) < 129


def test_pixels_without_end_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(ConvnetsError, match=r"picture\.png cannot be read \(Image size \(1600 pixels\) exceeds limit"):
        read(saved(tmp_path, Image.new("RGB", (40, 40))))


@pytest.mark.parametrize("content", [b"", b"text", b"\xff\xd8\xff"])
def test_what_is_no_picture_is_told_by_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "n01440764_1.JPEG").write_bytes(content)
    with pytest.raises(ConvnetsError, match=r"n01440764_1\.JPEG cannot be read"):
        read(tmp_path / "n01440764_1.JPEG")


def test_a_picture_cut_short_is_told_even_by_another_process(root: Path) -> None:
    found = find(root, "train", 3)
    found.files[3].write_bytes(found.files[3].read_bytes()[:200])
    held = Pictures(found)
    batch = together([held[index] for index in range(6)])
    assert isinstance(batch, str)
    assert found.files[3].name in batch
    whole = together([held[index] for index in (0, 5)])
    assert not isinstance(whole, str)
    assert whole[0].shape == (2, 256, 256, 3)
    assert whole[1].tolist() == [0, 2]

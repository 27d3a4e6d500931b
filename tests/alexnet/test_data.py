"""Both data sets, their crops and colours, and what is wrong with files told in a sentence."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from convnets.alexnet import data, tiny
from convnets.common import data as files
from convnets.common.errors import ConvnetsError
from convnets.cortex import data as cortex


def archive(folder: Path, **mosaics: np.ndarray) -> Path:
    """An archive of mosaics, without loss."""
    file = folder / "tiny_imagenet_32.zip"
    with zipfile.ZipFile(file, "w") as packed:
        for name, mosaic in mosaics.items():
            content = io.BytesIO()
            Image.fromarray(mosaic).save(content, "png")  # Pillow tells by what is inside
            packed.writestr(f"{name}.jpg", content.getvalue())
    return file


def tiles(rows: int, columns: int) -> np.ndarray:
    """A mosaic whose images are of one grey each: 0, 1, 2 ... row by row."""
    numbers = np.arange(rows * columns, dtype=np.uint8).reshape(rows, columns)
    return np.repeat(np.repeat(numbers, 32, 0), 32, 1)[..., None].repeat(3, 2)


# Tiny ImageNet


def test_mosaics_are_cut_row_by_row_in_the_order_of_their_names(tmp_path: Path) -> None:
    archive(tmp_path, train_01_000=tiles(5, 11) + 100, train_00_000=tiles(5, 9), test_000=tiles(100, 2))
    train = tiny.load("train", tmp_path)
    assert train.images.shape == (100, 32, 32, 3)
    assert train.images[:, 0, 0, 0].tolist() == [*range(45), *range(100, 155)]
    assert (train.images == train.images[:, :1, :1, :1]).all()
    test = tiny.load("test", tmp_path)
    assert test.labels.tolist() == [label for label in range(100) for _ in range(2)]
    assert not test.digest_known
    assert data.Sets(str(tmp_path)).tiny.digest != data.Sets(str(tmp_path)).tiny.published


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: None, "lies in none of .*: set CONVNETS_DATA"),
        (lambda folder: archive(folder, test_000=tiles(1, 1)), r"holds no train_\*\.jpg"),
        (lambda folder: archive(folder, train_00_000=tiles(3, 3)), "hold 9 images, no multiple of the 100 classes"),
        (lambda folder: archive(folder, train_00_000=tiles(3, 3)[:-1]), "has 96x95 pixels, no multiple of 32"),
        (lambda folder: (folder / "tiny_imagenet_32.zip").write_bytes(b"PK no"), "cannot be read .*: delete it"),
    ],
)
def test_what_is_wrong_with_the_archive_is_told(tmp_path: Path, spoil: Callable[[Path], object], said: str) -> None:
    spoil(tmp_path)
    with pytest.raises(ConvnetsError, match=said):
        tiny.load("train", tmp_path)


def test_a_mosaic_cut_short_is_told_by_its_name(tmp_path: Path) -> None:
    file = archive(tmp_path, train_00_000=tiles(10, 10))
    with zipfile.ZipFile(file) as packed:
        content = packed.read("train_00_000.jpg")
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("train_00_000.jpg", content[: len(content) // 2])
    with pytest.raises(ConvnetsError, match=r"train_00_000\.jpg cannot be read"):
        tiny.load("train", tmp_path)


def test_unknown_splits_are_told() -> None:
    with pytest.raises(ConvnetsError, match="no split 'val' of these images: choose `train` or `test`"):
        tiny.load("val")


def test_there_are_a_hundred_names() -> None:
    assert len(tiny.CLASSES) == len(set(tiny.CLASSES)) == tiny.COUNT == 100


def test_the_published_sets_are_known_and_as_large_as_said(absent: Callable[[str], None]) -> None:
    if not files.find(["TinyImageNet-32/tiny_imagenet_32.zip"]):
        absent("Tiny ImageNet is not at hand: set CONVNETS_DATA to a folder that holds TinyImageNet-32")
    parts = data.split().tiny
    assert [len(part.labels) for part in parts[:3]] == [10_000, 1_000, 2_500]
    assert parts.digest == parts.published
    assert torch.bincount(parts.test.labels).tolist() == [25] * 100
    both = torch.cat([parts.train.labels, parts.validation.labels])
    assert torch.bincount(both).tolist() == [110] * 100
    pixels = torch.cat([part.images.reshape(-1, 3) for part in parts[:2]]).double().mean(0) / 255
    assert torch.allclose(pixels, torch.tensor(data.MEANS["tiny"]).double(), atol=1e-3)


def test_cifar_is_the_cortex_chapter_s_with_other_validation_images(absent: Callable[[str], None]) -> None:
    if not files.find(["CIFAR10-subset/cifar10_subset.npz"]):
        absent("CIFAR-10 is not at hand: set CONVNETS_DATA to a folder that holds CIFAR10-subset")
    parts = data.split().cifar
    assert [len(part.labels) for part in parts[:3]] == [18_000, 2_000, 1_000]
    assert parts.digest == parts.published
    assert data.CLASSES == cortex.CLASSES
    everything = data.load("train").images
    assert torch.allclose(
        everything.reshape(-1, 3).double().mean(0) / 255, torch.tensor(data.MEANS["cifar"]).double(), atol=1e-4
    )


def test_no_set_is_opened_before_it_is_asked_for(tmp_path: Path) -> None:
    nothing = data.split(str(tmp_path))
    with pytest.raises(ConvnetsError):
        _ = nothing.tiny
    with pytest.raises(KeyError):
        nothing.of("mnist")


# Crops and colours


def numbered(count: int = 3) -> torch.Tensor:
    """Images in which red is the row, green the column and blue the image."""
    images = torch.zeros(count, 32, 32, 3, dtype=torch.uint8)
    images[..., 0] = torch.arange(32)[:, None]
    images[..., 1] = torch.arange(32)
    images[..., 2] = torch.arange(count)[:, None, None]
    return images


def test_the_ten_crops_are_four_corners_the_centre_and_their_reflections() -> None:
    found = (255 * data.ten(numbered())).round().int()
    assert found.shape == (10, 3, 3, 24, 24)
    corners = [(0, 0), (0, 8), (8, 0), (8, 8), (4, 4)]
    for view, (top, left) in zip(found[:5], corners, strict=True):
        assert view[0, 0, :, 0].tolist() == list(range(top, top + 24))
        assert view[0, 1, 0].tolist() == list(range(left, left + 24))
    assert torch.equal(found[5:], found[:5].flip(-1))
    assert found[0, :, 2, 0, 0].tolist() == [0, 1, 2]


def test_random_crops_stay_inside_keep_their_image_and_are_reflected_half_the_time() -> None:
    images = numbered(400)[:, :, :, :].clone()
    images[..., 2] = (torch.arange(400) % 256)[:, None, None]
    still = data.Colours(torch.eye(3), torch.zeros(3))
    found = (255 * data.augment(images, still, torch.Generator().manual_seed(3))).round().int()
    assert found.shape == (400, 3, 24, 24)
    assert torch.equal(found[:, 2, 0, 0], torch.arange(400, dtype=torch.int32) % 256)
    tops, ends = found[:, 0, 0, 0], found[:, 1, 0, [0, -1]]
    assert torch.equal(found[:, 0, :, 0], tops[:, None] + torch.arange(24))
    assert (ends.diff()[:, 0].abs() == 23).all()
    assert set(tops.tolist()) == set(ends.amin(1).tolist()) == set(range(9))
    assert 150 < int((ends.diff()[:, 0] < 0).sum()) < 250


def test_colour_noise_moves_whole_images_along_the_directions_by_their_variances() -> None:
    of = data.Colours(torch.eye(3), torch.tensor([2.0, 1.0, 0.0]))
    images = torch.full((5000, 32, 32, 3), 100, dtype=torch.uint8)
    moved = data.augment(images, of, torch.Generator().manual_seed(0)) - 100 / 255
    assert torch.allclose(moved, moved[:, :, :1, :1].expand_as(moved), atol=1e-6)
    assert torch.allclose(moved[:, :, 0, 0].std(0), torch.tensor([0.2, 0.1, 0.0]), atol=0.01)
    assert data.NOISE == 0.1


def test_principal_directions_are_those_of_the_covariance() -> None:
    generator = torch.Generator().manual_seed(0)
    mix = torch.tensor([[3.0, 2.9, 2.8], [1.0, 0.0, -1.0], [0.3, -0.6, 0.3]])
    pixels = (128 + 10 * torch.randn(20_000, 3, generator=generator) @ mix).clamp(0, 255)
    images = pixels.to(torch.uint8).reshape(20, 1000, 1, 3)
    directions, variances = data.colours(images)
    assert torch.allclose(directions @ directions.T, torch.eye(3), atol=1e-5)
    covariance = torch.from_numpy(np.cov(images.reshape(-1, 3).numpy().T / 255)).float()
    assert torch.allclose(directions @ covariance @ directions.T, torch.diag(variances), atol=1e-5)
    assert variances.tolist() == sorted(variances.tolist(), reverse=True)
    assert (directions[:, 0] >= 0).all()

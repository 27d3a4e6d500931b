"""MNIST's files, the way digits are laid before a network, and the distortions: as the papers describe them."""

from __future__ import annotations

import gzip
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor
from toys import NAMES, idx, toy_digits

from convnets.common import samples
from convnets.common.errors import ConvnetsError
from convnets.lenet import data, live
from convnets.lenet.data import Distortion, distort, normalise, prepare

Mnist = Callable[..., Path]


@pytest.mark.data
def test_the_stored_samples_are_mnists(real_mnist: str | None) -> None:
    stored, chosen = samples.read("lenet"), live.samples()
    assert [*map(len, (stored.pictures, {sample.label for sample in stored.pictures}))] == [20, 10]
    for one, other in zip(stored.pictures, chosen.pictures, strict=True):
        assert one[1:] == other[1:] and (one.picture == other.picture).all(), "run `convnets export lenet --samples`"


# Files


@pytest.mark.parametrize("packed", [False, True])
def test_idx_files_are_read_packed_or_not(mnist: Mnist, packed: bool) -> None:
    train, test = (data.load(part, mnist(packed=packed)) for part in ("train", "test"))
    images, labels = toy_digits(60)
    assert torch.equal(train.images, torch.from_numpy(images))
    assert train.labels.tolist() == labels.tolist()
    assert (train.labels.dtype, train.digest_known, len(test.labels)) == (torch.long, False, 20)


def test_a_folder_may_hold_the_files_themselves_or_only_the_test_set(mnist: Mnist) -> None:
    folder = mnist() / "MNIST" / "raw"
    for name in NAMES["train"]:
        (folder / name).unlink()
    assert len(data.load("test", folder).labels) == 20
    with pytest.raises(ConvnetsError, match=r"No train-images-idx3-ubyte \(or .*\.gz\) lies under .*--data"):
        data.load("train", folder)


def damage(kind: str, content: bytes) -> bytes:
    half = len(content) // 2
    return {
        "truncated": content[:half],
        "longer": content + b"\0",
        "empty": b"",
        "wrong magic": b"\x08" + content[1:],
        "not bytes": content[:2] + b"\x0d" + content[3:],
        "wrong rank": content[:3] + bytes([content[3] + 1]) + content[4:],
    }[kind]


@pytest.mark.parametrize("part", [0, 1], ids=["images", "labels"])
@pytest.mark.parametrize("kind", ["truncated", "longer", "empty", "wrong magic", "not bytes", "wrong rank"])
def test_a_damaged_file_is_named(mnist: Mnist, kind: str, part: int) -> None:
    folder = mnist()
    file = folder / "MNIST" / "raw" / NAMES["test"][part]
    file.write_bytes(damage(kind, file.read_bytes()))
    with pytest.raises(ConvnetsError, match=f"{file}.*fetch it again"):
        data.load("test", folder)


@pytest.mark.parametrize("keep", [0, 5, 30, -1])
def test_damaged_compression_is_named(mnist: Mnist, keep: int) -> None:
    folder = mnist(packed=True)
    file = folder / "MNIST" / "raw" / f"{NAMES['test'][0]}.gz"
    content = bytearray(file.read_bytes()[:keep])
    if keep == -1:
        content = bytearray(gzip.compress(b"x" * 99)[:-8] + b"\0" * 8)  # a checksum that does not hold
    file.write_bytes(bytes(content))
    with pytest.raises(ConvnetsError, match=f"{file}.*fetch it again"):
        data.load("test", folder)


def test_files_that_do_not_belong_together_are_refused(mnist: Mnist) -> None:
    folder = mnist()
    images, labels = toy_digits(7)
    raw = folder / "MNIST" / "raw"
    (raw / NAMES["test"][1]).write_bytes(idx(labels))
    with pytest.raises(ConvnetsError, match="20 images but 7 labels"):
        data.load("test", folder)
    (raw / NAMES["test"][0]).write_bytes(idx(images[:, :20, :20]))
    with pytest.raises(ConvnetsError, match="files of another data set"):
        data.load("test", folder)
    (raw / NAMES["test"][0]).write_bytes(idx(images))
    (raw / NAMES["test"][1]).write_bytes(idx(labels + 100))
    with pytest.raises(ConvnetsError, match="files of another data set"):
        data.load("test", folder)


def test_a_set_may_be_empty_but_not_where_it_is_trained_on(mnist: Mnist) -> None:
    assert len(data.load("test", mnist(test=0)).labels) == 0
    with pytest.raises(ConvnetsError, match="The test set holds no example"):
        data.split(str(mnist(test=0)))
    with pytest.raises(ConvnetsError, match="The validation set holds no example"):
        data.split(str(mnist(train=4)))


def test_unknown_split_is_told(mnist: Mnist) -> None:
    with pytest.raises(ConvnetsError, match="no split 'validation'"):
        data.load("validation", mnist())


def test_validation_is_set_aside_from_training_images(mnist: Mnist) -> None:
    folder = mnist(train=60)
    sets = data.split(str(folder))
    assert [len(part.labels) for part in sets] == [48, 12, 20]
    everything = data.load("train", folder)
    held = [tuple(image.flatten().tolist()) for part in sets[:2] for image in part.images]
    assert sorted(held) == sorted(tuple(image.flatten().tolist()) for image in everything.images)
    again = data.split(str(folder))
    assert torch.equal(again.validation.images, sets.validation.images)


@pytest.mark.data
def test_the_real_set(real_mnist: str | None) -> None:
    sets = data.split(real_mnist)
    assert [len(part.labels) for part in sets] == [55_000, 5_000, 10_000]
    assert all(part.digest_known for part in sets)
    x = prepare(sets.train.images[:2000], 32)
    assert abs(x.mean().item()) < 0.05, "the paper's values make the mean about zero"


# Before the network


def test_normalisation_has_the_papers_values() -> None:
    grey = normalise(torch.tensor([0, 255], dtype=torch.uint8))
    assert grey.tolist() == pytest.approx([-0.1, 1.175])


@pytest.mark.parametrize(("ink", "mean", "variance"), [(0.08, 0.0, 0.12), (0.2, 0.155, 0.26)])
def test_normalised_mean_and_variance_for_a_share_of_ink(ink: float, mean: float, variance: float) -> None:
    """Two values 1.275 apart: the mean is about zero at MNIST's 8 % of ink, the variance 1.63 ink (1 - ink)."""
    count = 28 * 28 * 50
    image = (torch.arange(count) < ink * count).mul(255).byte()
    x = normalise(image)
    assert x.mean().item() == pytest.approx(mean, abs=0.01)
    assert x.var().item() == pytest.approx(variance, abs=0.01)


def test_prepare_pads_keeps_or_shrinks() -> None:
    images = torch.from_numpy(toy_digits(3)[0])
    wide, same, small = (prepare(images, size) for size in (32, 28, 16))
    assert [tuple(x.shape) for x in (wide, same, small)] == [(3, 1, size, size) for size in (32, 28, 16)]
    assert torch.equal(wide[:, :, 2:-2, 2:-2], same)
    assert torch.equal(same[:, 0], normalise(images))
    border = torch.ones(32, 32, dtype=torch.bool)
    border[2:-2, 2:-2] = False
    assert wide[:, 0, border].unique().tolist() == pytest.approx([-0.1])
    assert small.mean().item() == pytest.approx(same.mean().item(), abs=0.02), "shrinking keeps the share of ink"


# Distortions


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def bars(count: int, length: float = 5, width: float = 1.5) -> Tensor:
    """Upright bars (count, 1, 32, 32) in the middle of the field: a Gaussian of these deviations, in pixels."""
    axis = torch.arange(32) - 15.5
    bar = torch.exp(-0.5 * (axis[:, None] / length) ** 2 - 0.5 * (axis[None] / width) ** 2)
    return (bar * 1.275 - 0.1).expand(count, 1, 32, 32).clone()


def moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Centre of the ink (N, 2) as (column, row) pixels, and its second central moments (N, 2, 2)."""
    ink = (x[:, 0] + 0.1).clamp(min=0)
    mass = ink.sum((1, 2))
    place = torch.stack(torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="xy"), -1)
    centre = (ink[..., None] * place).sum((1, 2)) / mass[:, None]
    away = place - centre[:, None, None]
    return centre, torch.einsum("nhw,nhwi,nhwj->nij", ink, away, away) / mass[:, None, None]


def test_no_amount_of_distortion_changes_nothing() -> None:
    x = prepare(torch.from_numpy(toy_digits(10)[0]), 32)
    assert torch.allclose(distort(x, Distortion(), random()), x, atol=1e-4)


def test_distortion_depends_on_the_generator_alone() -> None:
    x, amount = bars(8), Distortion(2, 12, 0.1, 0.1, 0.2, 34, 4)
    first = distort(x, amount, random())
    torch.manual_seed(5)
    assert torch.equal(distort(x, amount, random()), first)
    assert not torch.equal(distort(x, amount, random(1)), first)
    assert first.shape == x.shape
    assert len({image.sum().item() for image in first}) == 8, "every image is bent in its own way"


def test_blank_paper_stays_blank() -> None:
    blank = torch.full((4, 1, 32, 32), -0.1)
    assert torch.allclose(distort(blank, Distortion(3, 20, 0.2, 0.2, 0.3, 40, 4), random()), blank)


def test_a_shift_moves_the_ink_by_at_most_the_pixels_said() -> None:
    moved, _ = moments(distort(bars(300), Distortion(shift_pixels=3), random()))
    away = moved - 15.5
    assert away.abs().max().item() == pytest.approx(3, abs=0.1)
    assert away.std(0).tolist() == pytest.approx([3 / 3**0.5] * 2, rel=0.1), "drawn uniformly, in both directions"


def test_a_rotation_turns_the_ink_by_at_most_the_degrees_said() -> None:
    centre, spread = moments(distort(bars(300), Distortion(rotation_degrees=10), random()))
    tilt = 0.5 * torch.atan2(2 * spread[:, 0, 1], spread[:, 1, 1] - spread[:, 0, 0])
    assert math.degrees(tilt.abs().max()) == pytest.approx(10, abs=0.5)
    assert (centre - 15.5).abs().max() < 0.1
    assert abs(math.degrees(tilt.mean())) < 1


def test_a_shear_slants_rows_and_keeps_them_level() -> None:
    _, spread = moments(distort(bars(300), Distortion(shear=0.2), random()))
    slant = spread[:, 0, 1] / spread[:, 1, 1]
    assert slant.abs().max().item() == pytest.approx(0.2, abs=0.01)
    assert spread[:, 1, 1].tolist() == pytest.approx([25] * 300, rel=0.05)


def test_scaling_and_squeezing_change_length_and_width() -> None:
    _, upright = moments(bars(1, 4, 3))
    _, scaled = moments(distort(bars(300, 4, 3), Distortion(scaling=0.1), random()))
    length, width = ((scaled[:, i, i] / upright[:, i, i]).sqrt() for i in (1, 0))
    assert (length.min().item(), length.max().item()) == pytest.approx((1 / 1.1, 1 / 0.9), abs=0.02)
    assert torch.allclose(length, width, atol=0.04)
    _, squeezed = moments(distort(bars(300, 4, 3), Distortion(squeezing=0.1), random()))
    length, width = ((squeezed[:, i, i] / upright[:, i, i]).sqrt() for i in (1, 0))
    assert torch.allclose(length * width, torch.ones(300), atol=0.04)
    assert length.max() > 1.08


def test_the_elastic_field_has_the_size_that_its_formula_gives() -> None:
    """Uniform noise of variance 1/3, smoothed by a Gaussian: deviation alpha / sqrt(3) / (2 sqrt(pi) sigma) pixels."""
    column = torch.arange(32.0).expand(200, 1, 32, 32)
    amount = Distortion(elastic_alpha_pixels=34, elastic_sigma_pixels=4)
    inner = (..., slice(12, 20), slice(12, 20))
    fields = [(distort(ramp, amount, random()) - ramp)[inner] for ramp in (column, column.mT.contiguous())]
    expected = 34 / math.sqrt(3) / (2 * math.sqrt(math.pi) * 4)
    for field in fields:
        assert field.std().item() == pytest.approx(expected, rel=0.1)
        assert abs(field.mean().item()) < 0.2
    across, down = (field.flatten() for field in fields)
    assert abs(torch.corrcoef(torch.stack([across, down]))[0, 1].item()) < 0.1, "both directions are drawn apart"

"""Street photographs as they are read, and how they are changed."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from toystreets import png
from toystreets import streets as written

from convnets.common import training
from convnets.common.errors import ConvnetsError
from convnets.driving import augment, data, streets
from convnets.driving.streets import CLASSES, DIGESTS, UNKNOWN


def test_the_published_photographs_are_known_by_their_digests() -> None:
    counts = {"train": 367, "validation": 101, "test": 117}
    try:
        found = {name: streets.load(name) for name in counts}
    except ConvnetsError as error:
        pytest.skip(str(error))
    assert {name: len(part.names) for name, part in found.items()} == counts
    for part in found.values():
        assert part.digest_known and part.images.shape[1:] == (3, 180, 240)
        assert int(part.labels.max()) == UNKNOWN and part.labels.shape[1:] == (180, 240)
    names = [set(part.names) for part in found.values()]
    assert not (names[0] & names[1] | names[0] & names[2] | names[1] & names[2])
    assert len(set(found["test"].blocks)) == 13, "of ten neighbours each, in two films"


def test_labels_stay_with_their_photographs(folder: Path) -> None:
    part = streets.load("test", folder)
    assert list(part.names) == sorted(part.names) and not part.digest_known
    for image, labels in zip(part.images, part.labels, strict=True):
        means = torch.stack([image[:, labels == kind].float().mean(1) for kind in range(UNKNOWN + 1)])
        for kind in (0, 1, 3, 8):
            inside = image[:, labels == kind].float().std(1).max()
            assert inside < 40, f"{kind} has many colours: labels are not in their place"
        assert (means[0] - means[3]).abs().max() > 20


def test_blocks_hold_ten_neighbours_of_one_film(folder: Path) -> None:
    names = tuple(f"A_{n:03d}" for n in range(13)) + ("B_000",)
    part = streets.Streets(torch.zeros(14, 3, 2, 2), torch.zeros(14, 2, 2), names, False)
    assert part.blocks == ["A/0"] * 10 + ["A/1"] * 3 + ["B/0"]
    assert part.take(torch.tensor([13, 0])).names == ("B_000", "A_000")


def test_each_fault_is_named(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(ConvnetsError, match="no split 'most'"):
        streets.load("most", folder)
    with pytest.raises(ConvnetsError, match="CONVNETS_DATA"):
        streets.load("train", tmp_path / "nowhere")
    faults = {
        "no testannot": lambda name, content: None if name.startswith("testannot") else content,
        "give both": lambda name, content: png(np.zeros((90, 120), np.uint8)) if "testannot" in name else content,
        "holds the label 12": lambda name, content: (
            png(np.full((180, 240), 12, np.uint8)) if "testannot" in name else content
        ),
        "labels no pixel": lambda name, content: (
            png(np.full((180, 240), 11, np.uint8)) if "testannot" in name else content
        ),
        "cannot be read": lambda name, content: content[:50] if name.startswith("test/") else content,
        "colours of mode RGB": lambda name, content: (
            png(np.zeros((180, 240, 3), np.uint8)) if "testannot" in name else content
        ),
        "no photograph in test/": lambda name, content: None if name.startswith("test") else content,
    }
    for number, (said, change) in enumerate(faults.items()):
        root = tmp_path / str(number)
        written(root, each=2, change=change)
        with pytest.raises(ConvnetsError, match=said):
            streets.load("test", root)
        assert len(streets.load("train", root).names) == 2, "the other splits are whole"
    file = written(tmp_path / "cut", each=2)
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ConvnetsError, match=str(file)):
        streets.load("test", tmp_path / "cut")


def test_the_digest_of_what_is_learned_from_changes_with_any_split(folder: Path, tmp_path: Path) -> None:
    def change(name: str, content: bytes) -> bytes:
        return png(np.full((180, 240), 3, np.uint8)) if name == "valannot/0001TP_00000.png" else content

    written(tmp_path, change=change)
    assert data.Sets(str(folder)).digest != data.Sets(str(tmp_path)).digest
    assert data.digest("street", data.Sets(str(folder))) == streets.digest(folder)
    assert data.digest("pilot", data.Sets()) == data.digest("pilot", data.Sets("elsewhere"))


def test_an_archive_may_hold_test_photographs_alone(folder: Path, tmp_path: Path) -> None:
    """Half a set that nobody here has seen is measured like any other."""
    whole = zipfile.ZipFile(folder / "CamVid" / "camvid_240x180.zip")
    with zipfile.ZipFile(tmp_path / "camvid_240x180.zip", "w") as archive:
        for name in whole.namelist():
            if name.startswith("test") and "Seq05VD" in name:
                archive.writestr(name, whole.read(name))
    part = streets.load("test", tmp_path)
    assert len(part.names) == 6 and not part.digest_known


# Changes


def test_labels_move_with_what_they_label() -> None:
    """A picture whose colour *is* its label stays one, wherever it goes."""
    draw = np.random.default_rng(0)
    labels = torch.from_numpy(draw.integers(0, 11, (8, 6, 8)).repeat(30, 1).repeat(30, 2).astype(np.uint8))
    images = (20 * labels + 20)[:, None].expand(-1, 3, -1, -1).contiguous()
    x, truth = augment.moved(images, labels, training.generator(1), (0.6, 1.8))
    assert x.shape == (8, 3, 180, 240) and truth.shape == (8, 180, 240)
    told = ((x[:, 0] * 255 - 20) / 20).round()
    inside = truth != UNKNOWN
    assert 0.3 < float(inside.float().mean()) <= 1
    assert float((told == truth)[inside].float().mean()) > 0.93, "edges are mixtures, all else agrees"
    assert float(x[:, 0][~inside].mean()) < 0.02, "beyond the edge it is black"


def test_changes_are_drawn_and_repeatable() -> None:
    labels = torch.zeros(64, 18, 24, dtype=torch.uint8)
    labels[:, :, 12:] = 1
    images = labels[:, None].expand(-1, 3, -1, -1) * 200
    first, where = augment.moved(images, labels, training.generator(3), (0.5, 2.0))
    again, _ = augment.moved(images, labels, training.generator(3), (0.5, 2.0))
    assert torch.equal(first, again)
    share = (where == UNKNOWN).float().mean((1, 2))
    assert float(share.min()) == 0 and 0.6 < float(share.max()) < 0.85, "half the size covers a quarter"
    left = (where[:, :, :12] == 1).float().mean((1, 2)) > (where[:, :, 12:] == 1).float().mean((1, 2))
    assert 0.3 < float(left.float().mean()) < 0.7, "half of them are mirrored"


def test_another_light_keeps_what_is_where() -> None:
    x = torch.rand(32, 3, 12, 16, generator=training.generator(0))
    changed = augment.lit(x, training.generator(1))
    assert changed.shape == x.shape and float(changed.min()) >= 0 and float(changed.max()) <= 1
    means = changed.mean((1, 2, 3))
    assert float(means.std()) > 0.05
    for one, other in zip(x, changed, strict=True):
        both = torch.stack([one.flatten(), other.flatten()])
        assert float(torch.corrcoef(both)[0, 1]) > 0.7
    assert torch.allclose(augment.lit(x, training.generator(1), 0.0), x.clamp(min=1e-4), atol=1e-6)


def test_classes_have_the_names_of_the_eleven() -> None:
    assert len(CLASSES) == UNKNOWN == 11 and len(set(CLASSES)) == 11 and set(DIGESTS) == {"train", "validation", "test"}

"""Slices, scans and phantoms: how they are divided, and what is said of damaged ones."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from toytissue import png, scans, slices

from convnets.common.errors import ConvnetsError
from convnets.tumours import membranes, phantom, threshold, ultrasound
from convnets.tumours.data import Sets, digest


def test_slices_are_divided_in_blocks(folder: Path) -> None:
    parts = {name: membranes.load(name, folder) for name in membranes.BLOCKS}
    assert {name: part.places.tolist() for name, part in parts.items()} == {
        "train": list(range(16)), "validation": [16, 17, 18, 19], "test": [20, 21],
    }  # fmt: skip
    assert parts["test"].images.shape == (2, 40, 40) and parts["test"].labels.dtype == torch.bool
    assert not parts["test"].digest_known


def test_slices_that_nobody_has_seen_are_tested_with(tmp_path: Path) -> None:
    file = slices(tmp_path, 6)
    with np.load(file) as held:
        np.savez(file, images=held["images"], labels=held["labels"], slices=np.arange(24, 30))
    assert membranes.load("test", tmp_path).places.tolist() == list(range(24, 30))
    with pytest.raises(ConvnetsError, match="No slice has a place from 0 on"):
        membranes.load("train", tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"labels": np.full((2, 8, 8), 7, np.uint8)}, "other values than 0"),
        ({"labels": np.zeros((2, 8, 9), np.uint8)}, "a label for each pixel"),
        ({"images": np.zeros((2, 8), np.uint8)}, "a label for each pixel"),
        ({"slices": np.arange(3)}, "a label for each pixel"),
    ],
)
def test_damaged_slices_are_told(tmp_path: Path, change: dict[str, np.ndarray], said: str) -> None:
    whole = {"images": np.zeros((2, 8, 8), np.uint8), "labels": np.zeros((2, 8, 8), np.uint8), "slices": np.arange(2)}
    np.savez(tmp_path / "isbi2012_em.npz", **(whole | change))
    with pytest.raises(ConvnetsError, match=said):
        membranes.load("train", tmp_path)


def test_missing_data_and_unknown_splits_are_told(tmp_path: Path, folder: Path) -> None:
    for read in (membranes.everything, ultrasound.load):
        with pytest.raises(ConvnetsError, match="CONVNETS_DATA"):
            read(tmp_path)
    with pytest.raises(ConvnetsError, match="choose train, validation, test"):
        membranes.load("all", folder)
    with pytest.raises(ConvnetsError, match="no split 'all'"):
        phantom.split("all")


# Ultrasound


def test_scans_are_made_to_fit_a_square(folder: Path) -> None:
    found = ultrasound.load(folder)
    side = ultrasound.SIDE
    assert found.images.shape == found.masks.shape == (36, side, side)
    assert found.inside[0].any(1).sum() == round(48 * side / 64) and found.inside[0].any(0).all()
    assert torch.bincount(found.kinds).tolist() == [12, 12, 12]
    assert found.masks[found.kinds < 2].flatten(1).any(1).all() and not found.masks[found.kinds == 2].any()
    assert (found.images[found.masks].float().mean() < 90) and (found.images[~found.inside] == 0).all()


def test_a_scan_s_fold_depends_on_its_name_alone(tmp_path: Path, folder: Path) -> None:
    whole = ultrasound.load(folder)
    scans(tmp_path, change=lambda name, content: None if "malignant" in name else content)
    fewer = ultrasound.load(tmp_path)
    told = dict(zip(whole.names, whole.folds.tolist(), strict=True))
    assert all(told[name] == fold for name, fold in zip(fewer.names, fewer.folds.tolist(), strict=True))
    assert set(whole.folds.tolist()) == set(range(ultrasound.FOLDS))
    assert [ultrasound.fold(name) for name in ("benign_040", "benign (49)", "normal_050", "normal_9")] == [
        4,
        4,
        0,
        0,
    ]
    assert ultrasound.fold("lesion") in range(ultrasound.FOLDS)


@pytest.mark.parametrize(
    ("spoilt", "content", "said"),
    [
        ("benign_004_mask.png", None, "and no benign_004_mask.png"),
        ("benign_004_mask.png", png(np.zeros((48, 64), np.uint8)), "is empty"),
        ("benign_004_mask.png", png(np.full((48, 60), 255, np.uint8)), "give both the same size"),
        ("benign_004_mask.png", png(np.full((48, 64), 100, np.uint8)), "a mask has two"),
        ("normal_004.jpg", b"no picture", "cannot be read"),
    ],
)
def test_damaged_scans_are_told(tmp_path: Path, spoilt: str, content: bytes | None, said: str) -> None:
    scans(tmp_path, 4, lambda name, whole: content if name == spoilt else whole)
    with pytest.raises(ConvnetsError, match=said):
        ultrasound.load(tmp_path)


def test_an_archive_without_scans_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "busi.zip", "w") as archive:
        archive.writestr("notes.txt", "nothing")
    with pytest.raises(ConvnetsError, match="holds no picture"):
        ultrasound.load(tmp_path)


def test_digests_are_of_the_files_or_say_that_these_are_others(folder: Path) -> None:
    sets = Sets(str(folder))
    assert len({digest(kind, sets) for kind in ("isbi", "busi", "phantom")} | {sets.digest}) == 4
    assert digest("isbi", sets) != membranes.DIGEST and digest("busi", sets) != ultrasound.DIGEST


def test_the_threshold_finds_dark_discs(folder: Path) -> None:
    found = ultrasound.load(folder)
    fitted = threshold.fit(found)
    shown = found.take(found.kinds < 2)
    answer = threshold.outlined(shown.images, shown.inside, fitted)
    overlap = (answer & shown.masks).sum() / (answer | shown.masks).sum()
    assert overlap > 0.8 and fitted.dark in threshold.DARK


# Phantoms


def test_phantoms_are_the_same_however_many_there_are() -> None:
    many, few = phantom.drawn(5, 3), phantom.drawn(2, 3)
    assert torch.equal(many.images[:2], few.images) and torch.equal(many.masks[:2], few.masks)
    assert not torch.equal(phantom.drawn(2, 4).images, few.images)
    with pytest.raises(ConvnetsError, match="one or more"):
        phantom.drawn(0, 1)


def test_lesions_are_darker_and_a_quarter_of_phantoms_has_none() -> None:
    found = phantom.drawn(200, 9)
    empty = ~found.masks.flatten(1).any(1)
    assert 0.15 < empty.double().mean() < 0.35
    shown = [(image[mask].float().mean(), image[~mask].float().mean())
             for image, mask in zip(found.images, found.masks, strict=True) if mask.any()]  # fmt: skip
    assert np.mean([inside < outside for inside, outside in shown]) > 0.95


def test_a_lesion_is_put_in_softly() -> None:
    ground, mask = torch.ones(1, 64, 64), torch.zeros(1, 64, 64, dtype=torch.bool)
    mask[:, 20:40, 20:40] = True
    found = phantom.darkened(ground, mask, 0.6)
    assert found[0, 30, 30].item() == pytest.approx(0.4) and found[0, 10, 10] == 1
    assert found[0, 20, 30].item() == pytest.approx(1 - 0.6 * 2 / 3)
    assert json.dumps(phantom.CONTRAST)

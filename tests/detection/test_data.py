"""The archives of smears and of street scenes, whole and damaged."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from toysmears import Change, annotation, archive, drawn, jpeg

from convnets.common.errors import ConvnetsError
from convnets.detection import data, pedestrians
from convnets.detection.data import CLASSES, HEIGHT, WIDTH, fitted, load, marked

COUNTS = {"train": 2, "val": 1, "test": 1}


def test_smears_as_the_network_sees_them(smears: Path) -> None:
    found = load("train", smears)
    assert found.images.shape == (4, 3, HEIGHT, WIDTH)
    assert [len(boxes) for boxes in found.boxes] == [4] * 4
    assert found.labels[0].tolist() == [0, 0, 1, 2]
    assert not found.digest_known
    assert found.dropped == ()
    expected = torch.tensor([box[1:] for box in drawn(0)[1]]) * 2.5  # 96x128 pixels become 240x320
    assert torch.allclose(found.boxes[0], expected)
    left, top, right, bottom = found.boxes[0][2].int().tolist()
    middle = found.images[0, :, (top + bottom) // 2, (left + right) // 2].int()
    assert middle[2] > middle[1] + 40  # the white cell is purple


def test_the_published_parts_are_known() -> None:
    try:
        whole = {part: load(part) for part in data.DIGESTS}
    except ConvnetsError:
        pytest.skip("BCCD is not at hand")
    assert [len(part.names) for part in whole.values()] == [205, 87, 36]
    assert all(part.digest_known for part in whole.values())
    assert [len(part.dropped) for part in whole.values()] == [1, 1, 0]
    assert "BloodImage_00343" in whole["train"].dropped[0]
    counts = torch.cat(whole["test"].labels).bincount().tolist()
    assert dict(zip(CLASSES, counts, strict=True)) == {"RBC": 406, "WBC": 36, "Platelets": 31}
    assert data.number(whole["train"].names[0]) == "1"


def test_boxes_without_area_and_outside_are_named_and_left_out(tmp_path: Path) -> None:
    def change(name: str, content: bytes) -> bytes:
        boxes = [
            ("RBC", 10.0, 10.0, 10.0, 30.0),
            ("RBC", 200.0, 10.0, 260.0, 30.0),
            ("RBC", 30.0, 30.0, 20.0, 20.0),
            ("WBC", 100.0, 50.0, 400.0, 90.0),
        ]
        return annotation(boxes) if name.endswith("00000.xml") else content

    archive(tmp_path, COUNTS, change)
    found, _ = marked("train", tmp_path)
    assert found[0].boxes.tolist() == [[100, 50, 128, 90]]  # cut at the edge
    assert found[0].labels.tolist() == [1]
    assert len(found[0].dropped) == 3
    assert found[0].dropped[0] == "BloodImage_00000: [10.0, 10.0, 10.0, 30.0]"
    assert len(found[1].boxes) == 4


def test_a_smear_without_a_cell_and_one_with_three_hundred(tmp_path: Path) -> None:
    many = [("RBC", float(x), float(y), x + 5.0, y + 5.0) for x in range(0, 120, 6) for y in range(0, 90, 6)]

    def change(name: str, content: bytes) -> bytes:
        return {"00000.xml": annotation([]), "00001.xml": annotation(many)}.get(name[-9:], content)

    archive(tmp_path, COUNTS, change)
    found = load("train", tmp_path)
    assert [tuple(boxes.shape) for boxes in found.boxes] == [(0, 4), (300, 4)]
    assert [one.labels.dtype for one in found.truth] == [torch.int64] * 2


def without(ending: str) -> Change:
    return lambda name, content: None if name.endswith(ending) else content


def spoilt(ending: str, by: bytes) -> Change:
    return lambda name, content: by if name.endswith(ending) else content


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("train.txt"), "holds no ImageSets/Main/train.txt"),
        (without("00001.jpg"), "lists BloodImage_00001 and holds no JPEGImages/BloodImage_00001.jpg"),
        (without("00001.xml"), "holds no Annotations/BloodImage_00001.xml"),
        (spoilt("00001.jpg", b"no picture"), "BloodImage_00001.jpg cannot be read"),
        (spoilt("00001.xml", b"<annotation><object>"), "BloodImage_00001.xml cannot be read"),
        (spoilt("00001.xml", b"<a><object><name>RBC</name></object></a>"), "BloodImage_00001.xml cannot be read"),
        (spoilt("00001.xml", annotation([("RBC", float("nan"), 0, 1, 1)])), None),
        (spoilt("00001.xml", annotation([("Parasite", 0, 0, 9, 9)])), "marks 'Parasite'; the classes of BCCD are RBC"),
        (spoilt("train.txt", b"\xff\xfe\xff"), "cannot be read"),
    ],
)
def test_damage_is_told_by_name(tmp_path: Path, change: Change, said: str | None) -> None:
    archive(tmp_path, COUNTS, change)
    if said is None:
        assert len(load("train", tmp_path).dropped) == 1
        return
    with pytest.raises(ConvnetsError, match=said):
        load("train", tmp_path)


def test_missing_data_unknown_splits_and_empty_parts(tmp_path: Path) -> None:
    with pytest.raises(ConvnetsError, match="set CONVNETS_DATA"):
        load("train", tmp_path)
    with pytest.raises(ConvnetsError, match="choose train, validation, test"):
        load("dev", tmp_path)
    archive(tmp_path, {"train": 1, "val": 0, "test": 1})
    with pytest.raises(ConvnetsError, match="validation set holds no picture"):
        _ = data.split(str(tmp_path)).cells


@pytest.mark.parametrize(
    "shape", [(480, 640, 3), (1, 1, 3), (10, 3000, 3), (3000, 10, 3), (77, 51), (33, 44, 4), (240, 320, 3), (1, 4, 3)]
)
def test_pictures_of_any_shape_fit(shape: tuple[int, ...]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    seen, scale = fitted(picture)
    assert seen.shape == (3, HEIGHT, WIDTH)
    assert seen.dtype == torch.uint8
    assert shape[0] * scale <= HEIGHT + 1e-9
    assert shape[1] * scale <= WIDTH + 1e-9
    if shape[:2] == (HEIGHT, WIDTH):
        assert np.array_equal(seen.permute(1, 2, 0).numpy(), picture)


@pytest.mark.parametrize(
    "picture",
    [np.zeros((4, 4)), np.zeros((0, 4, 3), np.uint8), np.zeros((4, 4, 2), np.uint8), np.zeros(4, np.uint8)],
)
def test_what_is_no_picture_is_told(picture: np.ndarray) -> None:
    with pytest.raises(ConvnetsError, match=r"give bytes \(H, W\)"):
        fitted(picture)


# Pedestrians


def streets(root: Path, count: int = 50, spoil: bytes | None = None) -> Path:
    """An archive in the form of Penn-Fudan's, 50 photographs to learn from and two to test with."""
    told = [
        {
            "file": f"Street{place:03}",
            "part": "train" if place < count else "test",
            "boxes": [[2.5, 3, 20, 41.5], [9, 9, 9, 9]],
        }
        for place in range(count + 2)
    ]
    (root / "PennFudan").mkdir(parents=True)
    with zipfile.ZipFile(root / "PennFudan" / "pennfudan.zip", "w") as packed:
        packed.writestr("boxes.json", spoil if spoil is not None else json.dumps(told))
        for one in told:
            packed.writestr(f"{one['file']}.jpg", jpeg(drawn(0, 56, 40)[0]))
    return root


def test_streets_are_divided_by_blocks_of_neighbours(tmp_path: Path) -> None:
    parts = pedestrians.split(str(streets(tmp_path)))
    assert [len(part.names) for part in parts] == [42, 8, 2]
    assert parts.validation.names == [f"Street{place:03}" for place in range(32, 40)]
    assert parts.test.images.shape == (2, 3, pedestrians.SIDE, pedestrians.SIDE)
    assert parts.test.boxes[0].tolist() == [[10, 12, 80, 166]]
    assert len(parts.test.dropped) == 2


def test_a_damaged_list_of_streets_is_told(tmp_path: Path) -> None:
    streets(tmp_path, 3, b'[{"file": 3}]')
    with pytest.raises(ConvnetsError, match=r"pennfudan.zip cannot be read"):
        pedestrians.load("train", tmp_path)
    with pytest.raises(ConvnetsError, match="choose `train` or `test`"):
        pedestrians.load("validation", tmp_path)
    with pytest.raises(ConvnetsError, match="set CONVNETS_DATA"):
        pedestrians.load("train", tmp_path / "PennFudan" / "elsewhere")

"""The parts of the world and of the cells: who is in which, and what is said of data that are damaged or strange."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import torch
from toyplaces import Box, annotation, archive, photographs

from convnets.common.errors import ConvnetsError
from convnets.common.sets import Labelled
from convnets.localisation import cells, data
from convnets.localisation import photographs as street
from convnets.localisation.world import NOTHING


def test_each_thing_is_on_one_side(folder: Path) -> None:
    things = data.Sets(str(folder)).things
    assert {name: len(part.labels) for name, part in things.items()} == {"train": 32, "validation": 8, "test": 12}
    seen = [one.numpy().tobytes() for part in things.values() for one in part.images]
    assert len(set(seen)) == len(seen)


def test_a_picture_does_not_depend_on_the_others(folder: Path) -> None:
    held = data.things("test", folder)
    whole, alone = data.made(held), data.made(held.take(torch.tensor([5])))
    assert torch.equal(whole.images[5], alone.images[0])
    assert torch.equal(whole.boxes[5], alone.boxes[0])


def test_some_pictures_show_nothing() -> None:
    held = Labelled(torch.from_numpy(photographs(60)), torch.arange(60) % 2, False)
    found = data.made(held)
    assert torch.equal(found.labels[:60], held.labels)
    assert 1 <= len(found.labels) - 60 <= 15
    assert (found.labels[60:] == NOTHING).all() and not found.boxes[60:].any()


def test_a_set_without_a_picture_is_empty_and_of_the_same_form() -> None:
    held = Labelled(torch.zeros(0, 32, 32, 3, dtype=torch.uint8), torch.zeros(0, dtype=torch.int64), False)
    assert [tuple(part.shape) for part in data.made(held)] == [(0, 3, 64, 64), (0,), (0, 4), (0, 64, 64)]


def test_a_background_may_be_at_home_elsewhere(folder: Path) -> None:
    held = data.things("test", folder)
    home = data.made(held, 1.0)
    away = data.made(held, 1.0, (1 - held.labels).tolist())
    assert torch.equal(home.boxes, away.boxes) and len(home.labels) == len(held.labels)
    outside = ~home.masks[:, None].expand_as(home.images)
    assert (home.images != away.images)[outside].double().mean() > 0.5


def test_unknown_parts_are_told(folder: Path) -> None:
    with pytest.raises(ConvnetsError, match="no split 'dev'"):
        data.things("dev", folder)
    with pytest.raises(ConvnetsError, match="drawn anew"):
        data.load("train", folder)
    with pytest.raises(ConvnetsError, match="no split 'dev'"):
        cells.load("dev", folder)


# Cells


def test_white_cells_and_their_boxes(folder: Path) -> None:
    found = cells.load("test", folder)
    assert found.scenes.images.shape == (4, 3, 60, 80) and not found.digest_known and found.left_out == 0
    for image, box, mask in zip(found.scenes.images, found.scenes.boxes, found.scenes.masks, strict=True):
        left, top, right, bottom = (round(end) for end in box.tolist())
        assert image[:, top + 8 : bottom - 8, left + 8 : right - 8].float().mean() < 130 < image.float().mean()
        assert abs(int(mask.sum()) - (right - left) * (bottom - top)) <= 60
    assert cells.digest(folder) == cells.digest(folder)


def _with(root: Path, boxes: list[tuple[str, Box]]) -> Path:
    def change(name: str, content: bytes) -> bytes:
        return annotation(boxes) if name == "Annotations/test_0.xml" else content

    archive(root, {"test": 2}, change)
    return root


@pytest.mark.parametrize("boxes", [
    [], [("RBC", (1, 1, 9, 9))], [("WBC", (5, 5, 5, 40))], [("WBC", (300, 10, 340, 50))],
    [("WBC", (5, 5, 40, 40)), ("WBC", (60, 60, 90, 90))],
])  # fmt: skip
def test_a_photograph_without_one_box_is_left_out(tmp_path: Path, boxes: list[tuple[str, Box]]) -> None:
    """No cell, another class, no area, outside the picture, two cells."""
    found = cells.load("test", _with(tmp_path, boxes))
    assert (found.names, found.left_out) == (("test_1",), 1)


def test_a_box_that_reaches_out_is_cut_at_the_border(tmp_path: Path) -> None:
    found = cells.load("test", _with(tmp_path, [("WBC", (-20.0, 60.0, 40.0, 900.0))]))
    assert found.scenes.boxes[0].tolist() == [0, 30, 20, 60]


def test_three_hundred_cells_are_no_one(tmp_path: Path) -> None:
    many: list[tuple[str, Box]] = [
        ("WBC", (n % 20 * 8.0, n // 20 * 8.0, n % 20 * 8.0 + 7, n // 20 * 8.0 + 7)) for n in range(300)
    ]
    assert cells.load("test", _with(tmp_path, many)).left_out == 1


@pytest.mark.parametrize("name, content, said", [
    ("ImageSets/Main/test.txt", None, "holds no ImageSets/Main/test.txt"),
    ("JPEGImages/test_1.jpg", None, "holds no JPEGImages/test_1.jpg"),
    ("JPEGImages/test_1.jpg", b"\xff\xd8", "JPEGImages/test_1.jpg cannot be read"),
    ("Annotations/test_1.xml", b"<annotation>", "Annotations/test_1.xml cannot be read"),
    ("Annotations/test_1.xml", b"<a><object><name>WBC</name></object></a>", "test_1.xml cannot be read"),
    ("Annotations/test_1.xml", annotation([("WBC", ("left", 1, 2, 3))]), "test_1.xml cannot be read"),  # type: ignore[list-item]
    ("ImageSets/Main/test.txt", b"", "None of the 0 photographs"),
])  # fmt: skip
def test_damage_is_told_by_name(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    archive(tmp_path, {"test": 2}, lambda member, held: content if member == name else held)
    with pytest.raises(ConvnetsError, match=said):
        cells.load("test", tmp_path)


def test_missing_archives_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConvnetsError, match=r"BCCD/bccd_voc\.zip"):
        cells.load("test", tmp_path)
    with pytest.raises(ConvnetsError, match=r"SVHN-grey/svhn_colour_256\.zip"):
        street.numbers(tmp_path)


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (33, 500)])
def test_a_photograph_of_any_shape_is_shrunk_with_its_box(size: tuple[int, int]) -> None:
    width, height = size
    picture = torch.from_numpy(photographs(1)[0]).permute(2, 0, 1)[:, :1, :1].expand(3, height, width)
    small, box = cells.shrunk(picture, torch.tensor([0.0, 0.0, width / 2, height / 4]))
    assert small.shape == (3, 60, 80) and box.tolist() == pytest.approx([0, 0, 40, 15])


# Photographs of house numbers


def test_a_number_s_box_is_around_its_digits(tmp_path: Path) -> None:
    told = '[{"id": 1, "size": [100, 50], "digits": [[1, 20, 10, 30, 40], [7, 32, 5, 44, 35]]},'
    told += ' {"id": 2, "size": [10, 10], "digits": [[3, 4, 4, 4, 9]]}]'
    with zipfile.ZipFile(tmp_path / "svhn_colour_256.zip", "w") as packed:
        packed.writestr("boxes.json", told)
    assert street.numbers(tmp_path).flatten().tolist() == pytest.approx([0.2, 0.1, 0.44, 0.8])


@pytest.mark.parametrize("told", ["", "[1]", '[{"size": [1, 2]}]', '[{"size": [100, 50], "digits": []}]', "{"])
def test_damaged_boxes_of_numbers_are_told(tmp_path: Path, told: str) -> None:
    with zipfile.ZipFile(tmp_path / "svhn_colour_256.zip", "w") as packed:
        packed.writestr("boxes.json", told)
    with pytest.raises(ConvnetsError, match=r"boxes\.json cannot be read"):
        street.numbers(tmp_path)

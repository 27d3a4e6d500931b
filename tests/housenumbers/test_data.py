"""Numbers and digits from their sheets, how a picture becomes 32x64 pixels, and what is wrong told in a sentence."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from damage import HARM, ask, places, put
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from convnets.common import data as files
from convnets.common.errors import ConvnetsError
from convnets.housenumbers import data, walls

# Sheets and tables


def test_numbers_are_read_from_their_place_on_the_sheet(street: Path) -> None:
    found, known = data.cuts("train", street)
    assert len(found) == 40
    assert not known
    for cut in found:
        assert cut.number == "".join(str(digit.value) for digit in cut.digits)
        assert cut.picture.dtype == np.uint8
        assert cut.picture.shape[0] <= 32
        assert cut.seen == 1.0


def test_labels_are_a_length_and_digits(street: Path) -> None:
    numbers, found = data.load("test", street), data.cuts("test", street)[0]
    assert numbers.images.shape == (12, 32, 64)
    assert [data.spoken(label) for label in numbers.labels] == [cut.number for cut in found]
    assert numbers.labels[:, 0].tolist() == [len(cut.number) for cut in found]
    for label in numbers.labels.tolist():
        assert label[1 + label[0] :] == [-1] * (5 - label[0])
    digits = data.load_digits("test", street)
    assert digits.labels.tolist() == [digit.value for cut in found for digit in cut.digits]


def test_what_is_cut_off_is_left_out() -> None:
    picture = np.zeros((20, 30), np.uint8)
    whole, half = data.Digit(1, 0, 0, 10, 20, 1.0), data.Digit(2, 10, 5, 20, 25, 0.75)
    gone = data.Digit(3, 40, 0, 50, 20, 0.0)
    found = [
        data.Cut(picture, "1", (whole,)),
        data.Cut(picture, "12", (whole, half)),
        data.Cut(picture, "13", (whole, gone)),
    ]
    assert data.digits(found, True).labels.tolist() == [1, 1, 1]
    assert data.digits(found, True, 0.7).labels.tolist() == [1, 1, 2, 1]
    assert [data.spoken(label) for label in data.numbers(found, True).labels] == ["1", "12"]
    six = data.Cut(picture, "111111", (whole,) * 6)
    assert not len(data.numbers([six], True).labels)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda name, content: None if name == "train.csv" else content, "holds no train.csv: fetch it again"),
        (lambda name, content: content[:300] if name == "train.jpg" else content, r"train\.jpg cannot be read"),
        (lambda name, content: b"\xff\xfe" if name == "train.csv" else content, r"train\.csv cannot be read"),
        (lambda name, content: content.replace(b"id,number", b"id,name"), "has not the columns id, number"),
        (lambda name, content: content.replace(b"\n1,", b"\n1,7"), "line 2 says number '7"),
        (lambda name, content: content.replace(b",0,32,", b",0,9999,"), r"line 3 places a number at \(0, 9999\)"),
        (lambda name, content: content.replace(b",0,32,", b",0,-3,"), r"line 3 places a number at \(0, -3\)"),
        (lambda name, content: content.replace(b",0,32,", b",0,there,"), "line 3 cannot be read"),
        (lambda name, content: content.replace(b":1.00", b":1.70"), "is no digit with its box"),
        (lambda name, content: content.replace(b":1.00", b""), "cannot be read"),
    ],
)
def test_damage_is_told_with_its_place(
    tmp_path: Path, change: Callable[[str, bytes], bytes], said: str, archive: Any
) -> None:
    archive(tmp_path, {"train": 4, "val": 2, "test": 2}, change)
    with pytest.raises(ConvnetsError, match=said):
        data.load("train", tmp_path)


@pytest.mark.parametrize("seed", range(12))
def test_bytes_changed_anywhere_give_numbers_or_one_sentence(street: Path, tmp_path: Path, seed: int) -> None:
    draw = np.random.default_rng(seed)
    content = bytearray((street / "SVHN-grey" / "svhn_numbers.zip").read_bytes())
    for place in draw.integers(0, len(content), 1 + seed * 4):
        content[place] = draw.integers(256)
    (tmp_path / "svhn_numbers.zip").write_bytes(content[: None if seed % 3 else draw.integers(len(content))])
    ask(lambda: data.load("train", tmp_path), lambda: data.load_digits("test", tmp_path))


def test_what_is_missing_or_unknown_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConvnetsError, match="set CONVNETS_DATA to a folder that holds them"):
        data.cuts("train", tmp_path)
    with pytest.raises(ConvnetsError, match="no split 'all' of these numbers: choose train, validation, test"):
        data.cuts("all", tmp_path)
    (tmp_path / "svhn_numbers.zip").write_bytes(b"PK no")
    with pytest.raises(ConvnetsError, match="cannot be read"):
        data.cuts("train", tmp_path)


def test_strangers_numbers_have_a_digest_of_their_own(street: Path, tmp_path: Path, archive: Any) -> None:
    archive(tmp_path, {"train": 9, "val": 4, "test": 4})
    one, same, other = data.split(str(street)), data.split(str(street)), data.split(str(tmp_path))
    assert one.digest == same.digest != other.digest
    assert one.digest == one.numbers.digest


def test_the_published_numbers_are_known_and_as_many_as_said(absent: Callable[[str], None]) -> None:
    if not files.find(["SVHN-grey/svhn_numbers.zip"]):
        absent("SVHN is not at hand: set CONVNETS_DATA to a folder that holds SVHN-grey")
    test, known = data.cuts("test")
    assert known
    assert len(test) == 1500
    assert len(data.digits(test, known).labels) == 2250
    assert len(data.numbers(test, known).labels) == 1328
    held = [walls.load(split) for split in ("validation", "test")]
    assert [len(part.labels) for part in held] == [176, 355]
    assert all(part.digest_known for part in held)


# Pictures


def test_a_picture_keeps_its_shape_at_the_left() -> None:
    picture = np.full((16, 20), 200, np.uint8)
    picture[:, :10] = 100
    frame = data.framed(picture)
    assert frame.shape == (32, 64)
    assert (frame[:, :18] == 100).all()
    assert (frame[:, 22:40] == 200).all()
    assert (frame[:, 40:] == 150).all()  # the mean


def test_a_wide_picture_stands_in_the_middle_of_the_height() -> None:
    frame = data.framed(np.tile(np.array([[0, 200]], np.uint8), (10, 50)))
    assert (frame[:13] == 100).all()
    assert (frame[19:] == 100).all()
    assert (frame[13:19] != 100).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 12000), (12000, 1), (12000, 40), (3, 2)])
def test_pictures_of_any_size_are_framed(shape: tuple[int, int]) -> None:
    frame = data.framed(np.full(shape, 77, np.uint8))
    assert frame.shape == (32, 64)
    assert (frame == 77).all()


@pytest.mark.parametrize("picture", [np.zeros((4, 4, 3), np.uint8), np.zeros((0, 4), np.uint8), np.zeros((4, 4))])
def test_what_is_no_grey_picture_is_refused(picture: np.ndarray) -> None:
    with pytest.raises(ConvnetsError, match="is no grey one: give"):
        data.framed(picture)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.floats(-20, 40), st.floats(0.5, 60), st.integers(1, 64))
def test_each_new_pixel_is_a_mean(length: int, start: float, extent: float, count: int) -> None:
    found = data.weights(length, start, extent, count)
    assert found.shape == (count, length)
    assert np.allclose(found.sum(1), 1, atol=1e-5)
    assert (found >= 0).all()


def test_resampling_is_torch_s_with_antialiasing() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (23, 31), dtype=np.uint8)
    for rows, columns in ((32, 40), (9, 12)):
        there = torch.nn.functional.interpolate(
            torch.from_numpy(picture)[None, None].float(), (rows, columns), mode="bilinear", antialias=True
        )[0, 0]
        ours = data.resampled(picture, (0, 0, 31, 23), rows, columns)
        assert np.abs(there.numpy() - ours)[1:-1, 1:-1].max() <= 0.51
    same = data.resampled(picture, (0, 0, 31, 23), 23, 31)
    assert (same == picture).all()


def test_a_digit_is_a_square_around_its_box_its_edge_going_on() -> None:
    picture = np.tile(np.arange(20, dtype=np.uint8) * 10, (32, 1))
    cut = data.Cut(picture, "7", (data.Digit(7, 4, 0, 16, 32, 1.0),))
    image = data.digits([cut], True).images[0]
    assert image.shape == (32, 32)
    assert image[0].tolist() == [0] * 6 + [value * 10 for value in range(20)] + [190] * 6


# Pictures without a number


TOLD = [{"id": n, "size": [150, 60], "digits": [[1, 60, 10, 75, 50], [2, 76, 10, 90, 50]]} for n in range(1, 17)]


def photographs(root: Path, spoil: str = "", told: Any = TOLD) -> None:
    (root / "SVHN-grey").mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(root / "SVHN-grey" / "svhn_colour_256.zip", "w") as packed:
        for one in TOLD:
            picture = np.full((60, 150, 3), 40, np.uint8)
            picture[10:50, 60:90] = 250  # the number
            content = io.BytesIO()
            Image.fromarray(picture).save(content, "png")
            if spoil != f"{one['id']}.jpg":
                packed.writestr(f"{one['id']}.jpg", content.getvalue())
        packed.writestr("boxes.json", "[}" if spoil == "boxes" else json.dumps(told))


def test_windows_touch_no_digit_and_keep_photographs_apart(tmp_path: Path) -> None:
    photographs(tmp_path)
    parts = {split: walls.load(split, tmp_path) for split in ("train", "validation", "test")}
    assert [len(part.labels) for part in parts.values()] == [60, 12, 24]
    for part in parts.values():
        assert (part.images == 40).all()  # no window has a pixel of the number
        assert part.labels[:, 0].eq(0).all()
        assert part.labels[:, 1:].eq(-1).all()
        assert not part.digest_known


def test_damaged_photographs_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConvnetsError, match="set CONVNETS_DATA"):
        walls.load("train", tmp_path)
    with pytest.raises(ConvnetsError, match="no split 'all' of these photographs"):
        walls.load("all", tmp_path)
    for name, spoil in (("a", "boxes"), ("b", "3.jpg")):
        photographs(tmp_path / name, spoil)
        with pytest.raises(ConvnetsError, match="cannot be read"):
            walls.load("train", tmp_path / name)


def test_boxes_that_say_anything_give_windows_or_one_sentence(tmp_path: Path) -> None:
    first = TOLD[2:4]
    for place in places(first):
        for harm in HARM[:: 5 if len(place) > 2 else 2]:
            photographs(tmp_path, told=put(first, place, harm))
            ask(lambda: walls.load("train", tmp_path))

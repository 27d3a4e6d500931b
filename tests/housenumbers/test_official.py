"""SVHN's own formats, on small files made here in the same form."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from convnets.common.errors import ConvnetsError
from convnets.housenumbers import data, nets, official

h5py = pytest.importorskip("h5py")


def element(kind: int, content: bytes, order: str) -> bytes:
    return struct.pack(f"{order}II", kind, len(content)) + content + bytes(-len(content) % 8)


def mat5(arrays: dict[str, np.ndarray], order: str = "<", packed: bool = True) -> bytes:
    """A MATLAB 5 file as MathWorks describes it: a header of 128 bytes, then one matrix after the other."""
    content = b"MATLAB 5.0 MAT-file".ljust(124) + (b"\x00\x01IM" if order == "<" else b"\x01\x00MI")
    for name, array in arrays.items():
        small = struct.pack(f"{order}HH", *((1, len(name)) if order == "<" else (len(name), 1))) + name.encode().ljust(
            4
        )
        kind, number = {"uint8": (9, 2), "float64": (6, 9)}[array.dtype.name]
        parts = [
            element(6, struct.pack(f"{order}II", kind, 0), order),
            element(5, struct.pack(f"{order}{array.ndim}i", *array.shape), order),
            small,
            element(number, array.astype(array.dtype.newbyteorder(order)).tobytes(order="F"), order),
        ]
        matrix = element(14, b"".join(parts), order)
        if packed:
            squeezed = zlib.compress(matrix)
            matrix = struct.pack(f"{order}II", 15, len(squeezed)) + squeezed
        content += matrix
    return content


def digits(count: int) -> dict[str, np.ndarray]:
    """Pictures of one colour each, and labels 1 to 10 as SVHN writes them."""
    images = np.zeros((32, 32, 3, count), np.uint8)
    images[:, :, 0] = np.arange(count) * 10
    images[5, 7] = 200  # one grey pixel tells whether rows are rows
    return {"X": images, "y": (np.arange(count) % 10 + 1).astype(np.uint8)[:, None]}


def photographs(root: Path, part: str, told: list[tuple[np.ndarray, list[list[float]]]]) -> None:
    """``digitStruct.mat`` and its pictures: digits as [label, left, top, width, height]."""
    folder = root / "SVHN" / part
    folder.mkdir(parents=True)
    kind = h5py.special_dtype(ref=h5py.Reference)
    with h5py.File(folder / "digitStruct.mat", "w") as held:
        held.create_group("#refs#")
        names = held.create_dataset("digitStruct/name", (len(told), 1), kind)
        boxes = held.create_dataset("digitStruct/bbox", (len(told), 1), kind)
        for place, (picture, found) in enumerate(told):
            Image.fromarray(picture).save(folder / f"{place + 1}.png")
            name = np.array([[ord(letter)] for letter in f"{place + 1}.png"], np.uint16)
            names[place, 0] = held.create_dataset(f"#refs#/n{place}", data=name).ref
            group = held.create_group(f"#refs#/b{place}")
            boxes[place, 0] = group.ref
            for column, field in enumerate(("label", "left", "top", "width", "height")):
                values = [digit[column] for digit in found]
                if len(values) == 1:
                    group.create_dataset(field, data=np.array([[values[0]]], np.float64))
                    continue
                refs = group.create_dataset(field, (len(values), 1), kind)
                for row, value in enumerate(values):
                    at = held.create_dataset(f"#refs#/{field}{place}x{row}", data=np.array([[value]], np.float64))
                    refs[row, 0] = at.ref


def street(root: Path, count: int = 12) -> None:
    draw = np.random.default_rng(0)
    for part in ("train", "test"):
        told = []
        for place in range(count):
            picture = draw.integers(0, 255, (60, 160, 3), dtype=np.uint8)
            digit = [10.0 if place % 3 == 0 else float(place % 9 + 1), 40.0, 12.0, 14.0, 30.0]
            told.append((picture, [digit, [2.0, 55.0, 14.0, 15.0, 29.0]] if place % 2 else [digit]))
        photographs(root, part, told)
        (root / "SVHN" / f"{part}_32x32.mat").write_bytes(mat5(digits(40)))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("packed", [True, False])
def test_cropped_digits_are_read_in_either_byte_order(tmp_path: Path, order: str, packed: bool) -> None:
    (tmp_path / "train_32x32.mat").write_bytes(mat5(digits(12), order, packed))
    found = official.cropped("train", tmp_path)
    assert found.images.shape == (12, 32, 32)
    assert found.labels.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]  # SVHN's 10 is a nought
    assert found.images[:, 0, 0].tolist() == [round(0.299 * 10 * place) for place in range(12)]
    assert found.images[3, 5, 7] == 200
    assert found.images[3, 7, 5] == round(0.299 * 30)


def test_labels_may_be_doubles_as_scipy_writes_them(tmp_path: Path) -> None:
    told = digits(4) | {"y": np.array([[10.0], [1.0], [2.0], [3.0]])}
    (tmp_path / "test_32x32.mat").write_bytes(mat5(told))
    assert official.cropped("test", tmp_path).labels.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no", "is no MATLAB 5 file: fetch it again"),
        (mat5(digits(4), packed=False)[:4000], "cannot be read .* bytes are missing"),
        (mat5(digits(4))[:-20], "cannot be read"),
        (mat5({"X": digits(3)["X"]}), "cannot be read .*'y'"),
        (mat5(digits(3) | {"y": digits(5)["y"]}), "pictures of shape .* and 5 labels"),
    ],
)
def test_damaged_digits_are_told_in_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "train_32x32.mat").write_bytes(content)
    with pytest.raises(ConvnetsError, match=said):
        official.cropped("train", tmp_path)


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConvnetsError, match=r"No train_32x32\.mat lies under"):
        official.cropped("train", tmp_path)
    with pytest.raises(ConvnetsError, match="no split 'extra' here"):
        official.cropped("extra", tmp_path)
    with pytest.raises(ConvnetsError, match="unpack train"):
        _ = official.Official(str(tmp_path)).numbers


def test_whole_numbers_are_cut_from_their_photographs(tmp_path: Path) -> None:
    picture = np.zeros((50, 100, 3), np.uint8)
    picture[10:40, 20:60] = 90
    photographs(
        tmp_path, "train", [(picture, [[1, 20, 10, 18, 30], [10, 40, 12, 20, 28]]), (picture, [[7, 30, 10, 9, 30]])]
    )
    first, second = official.photographs(tmp_path / "SVHN" / "train")
    assert (first.number, second.number) == ("10", "7")
    assert first.picture.shape == (30, 40)
    assert (first.picture == 90).all()
    assert first.digits[1] == data.Digit(0, 20.0, 2.0, 40.0, 30.0, 1.0)
    assert second.picture.shape == (30, 9)


def test_a_folder_with_official_photographs_is_learned_from(tmp_path: Path) -> None:
    street(tmp_path)
    found = data.split(str(tmp_path))
    assert isinstance(found, official.Official)
    assert found.name == "official"
    assert [len(part.labels) for part in found.numbers] == [10, 2, 12]
    assert [len(part.labels) for part in found.digits] == [32, 8, 40]
    assert len(found.more(True, 0.6).labels) == 10
    assert len(found.more(False, 0.6).labels) == 32
    assert found.walls("test").labels.unique().tolist() == [-1, 0]
    assert len(found.digest) == 64
    assert torch.equal(found.walls("train").images, official.Official(str(tmp_path)).walls("train").images)


def test_damaged_photographs_are_told(tmp_path: Path) -> None:
    street(tmp_path, 6)
    train = tmp_path / "SVHN" / "train"
    content = (train / "2.png").read_bytes()
    (train / "2.png").write_bytes(content[: len(content) // 2])
    with pytest.raises(ConvnetsError, match=r"2\.png cannot be read"):
        official.photographs(train)
    (train / "2.png").unlink()
    with pytest.raises(ConvnetsError, match=r"2\.png cannot be read"):
        official.photographs(train)
    (train / "digitStruct.mat").write_bytes(b"no HDF5")
    with pytest.raises(ConvnetsError, match=r"digitStruct\.mat cannot be read"):
        official.photographs(train)


def test_a_number_outside_its_photograph_is_told(tmp_path: Path) -> None:
    photographs(tmp_path, "train", [(np.zeros((20, 20, 3), np.uint8), [[1, 50, 50, 10, 10]])])
    with pytest.raises(ConvnetsError, match="its number lies outside"):
        official.photographs(tmp_path / "SVHN" / "train")


def test_a_missing_h5py_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConvnetsError, match="pip install h5py"):
        official.structure(tmp_path / "digitStruct.mat")


def test_published_networks_are_measured_on_official_files(tmp_path: Path) -> None:
    street(tmp_path, 6)
    told = nets.evaluate("reader", str(tmp_path))
    assert (told["dataset"], told["count"], told["seen_in_training"]) == ("SVHN", 6, 0)
    assert set(told["metrics"]) == {"accuracy", "accuracy_length", "accuracy_digit", "coverage_98", "accuracy_single"}
    told = nets.evaluate("sermanet", str(tmp_path), "all")
    assert (told["count"], told["digest_known"]) == (80, False)

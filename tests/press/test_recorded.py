"""Recorded functions: loaded, computed, or an error that names both ways out. The accelerator is a fake."""

from __future__ import annotations

import importlib
import json

import pytest

from convnets.common import assets, recorded
from convnets.common.errors import ConvnetsError


class Calls(list):
    """What the recorded function computed."""


@pytest.fixture
def toy(book, importable, monkeypatch):
    """The module `convnets.toy.figures`, imported afresh; no accelerator at hand."""
    monkeypatch.setattr(recorded, "device_at_hand", lambda: None)
    assets.forget()
    recorded.notes()

    def load():
        importable()
        return importlib.import_module("convnets.toy.figures")

    return load


@pytest.fixture
def accelerator(monkeypatch) -> None:
    monkeypatch.setattr(recorded, "device_at_hand", lambda: "fake: 1")


def kept(book) -> dict:
    return json.loads((book.assets / "recorded" / "speed.json").read_text())


def test_missing_with_a_device_is_computed_and_stored(book, toy, accelerator) -> None:
    assert toy().speed(batch=8) == {"images_a_second": 80}
    record = kept(book)
    assert record["device"] == "fake: 1" and record["arguments"] == {"batch": 8}
    assert record.keys() == {"key", "arguments", "result", "device", "seconds", "date", "versions", "assets"}
    assert list(assets.opened()) == ["toy/recorded/speed.json"]


def test_stored_is_loaded_without_a_device(book, toy, accelerator, monkeypatch) -> None:
    toy().speed(batch=8)
    record = kept(book)
    (book.assets / "recorded" / "speed.json").write_text(json.dumps(record | {"result": {"images_a_second": 1}}))
    monkeypatch.setattr(recorded, "device_at_hand", lambda: pytest.fail("asked for a device"))
    recorded.notes()
    assert toy().speed(8) == {"images_a_second": 1}
    assert [note["device"] for note in recorded.notes()] == ["fake: 1"]
    assert recorded.notes() == []


def test_missing_without_a_device_names_both_ways_out(book, toy) -> None:
    with pytest.raises(ConvnetsError, match="on a machine with CUDA, or `press execute toy --device cpu`"):
        toy().speed(batch=8)
    assert not (book.assets / "recorded").exists()


def test_the_processor_computes_by_explicit_choice(book, toy, accelerator, monkeypatch) -> None:
    monkeypatch.setenv("CONVNETS_DEVICE", "cpu")
    assert toy().speed(batch=8) == {"images_a_second": 80}
    assert kept(book)["device"].startswith("cpu")


@pytest.mark.parametrize("change", ["argument", "code"])
def test_other_arguments_and_changed_code_ask_for_a_device_again(book, toy, accelerator, monkeypatch, change) -> None:
    toy().speed(batch=8)
    before = kept(book)
    if change == "code":
        book.replace(book.package / "figures.py", "batch * 10", "batch * 20")
    batch = 9 if change == "argument" else 8
    with monkeypatch.context() as patch:
        patch.setattr(recorded, "device_at_hand", lambda: None)
        with pytest.raises(ConvnetsError, match="No result of `speed` is stored for this code"):
            toy().speed(batch=batch)
    assert kept(book) == before
    toy().speed(batch=batch)
    assert kept(book)["key"] != before["key"]


def test_a_changed_bystander_leaves_it_stored(book, toy, accelerator, monkeypatch) -> None:
    toy().speed(batch=8)
    book.replace(book.package / "figures.py", "[1, 4, 9]", "[1, 4, 8]")
    monkeypatch.setattr(recorded, "device_at_hand", lambda: None)
    assert toy().speed(batch=8) == {"images_a_second": 80}


def test_a_result_ends_with_the_weights_it_was_computed_from(book, toy, accelerator, monkeypatch) -> None:
    (book.assets / "net.safetensors").write_bytes(b"old")
    speed = '{"images_a_second": batch * len(assets.read_bytes("toy", "net.safetensors"))}'
    book.replace(book.package / "figures.py", '{"images_a_second": batch * 10}', speed)
    assert toy().speed(batch=8) == {"images_a_second": 24}
    assert set(assets.opened()) == {"toy/recorded/speed.json", "toy/net.safetensors"}
    (book.assets / "net.safetensors").write_bytes(b"newer")
    assert toy().speed(batch=8) == {"images_a_second": 40}
    monkeypatch.setattr(recorded, "device_at_hand", lambda: None)
    (book.assets / "net.safetensors").unlink()
    with pytest.raises(ConvnetsError, match="--device cpu"):
        toy().speed(batch=8)


@pytest.mark.parametrize("content", [b'{"key": "', b"[1]", b'{"key": "k", "result": {}}', b"\xff"])
def test_a_damaged_result_is_named_and_kept(book, toy, accelerator, content) -> None:
    toy().speed(batch=8)
    file = book.assets / "recorded" / "speed.json"
    file.write_bytes(content)
    with pytest.raises(ConvnetsError, match=r"recorded/speed\.json"):
        toy().speed(batch=8)
    assert file.read_bytes() == content


@pytest.mark.parametrize("result", ["{1, 2}", "float('nan')"])
def test_a_result_that_json_cannot_hold_is_not_stored(book, toy, accelerator, result) -> None:
    book.replace(book.package / "figures.py", '{"images_a_second": batch * 10}', f'{{"speed": {result}}}')
    with pytest.raises(ConvnetsError, match="`speed` returned what JSON cannot hold"):
        toy().speed(batch=8)
    assert not (book.assets / "recorded").exists()

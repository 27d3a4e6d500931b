"""What is stored comes back as it was, or not at all."""

from __future__ import annotations

import base64
import json

import damage
import pytest

from convnets.common.errors import ConvnetsError
from press.outputs import chapters, status, store

WHERE = {"device": "cpu", "seconds": 0.1, "date": "2026-01-31", "versions": {}}
PNG = base64.b64encode(b"\x89PNG not really").decode()


def put(book, *outputs: dict) -> int:
    return store.write("toy", book.root, store.Stored([store.Cell(list(outputs), WHERE)], ["key"], {}, {}))


def test_outputs_come_back_with_their_images(book) -> None:
    book.store("one\n")
    found = store.outputs("toy", chapters.read(book.chapter).sources, book.root)
    assert found[0].outputs[0].text == "one\n"
    assert found[1].outputs[0].data["image/svg+xml"] == "<svg>one\n</svg>"
    assert found[2].provenance["device"] == "cuda: Fake 1"
    assert "convnets.toy" not in str(found[0].outputs)


def test_the_notebook_holds_no_source_and_an_image_once(book) -> None:
    image = {"output_type": "display_data", "metadata": {}, "data": {"image/png": PNG, "text/plain": "<Figure>"}}
    put(book, image, image)
    assert PNG not in book.stored.read_text() and "<Figure>" not in book.stored.read_text()
    assert [file.read_bytes() for file in (book.assets / "outputs").iterdir()] == [b"\x89PNG not really"]
    first = book.stored.read_bytes()
    put(book, image, image)
    assert book.stored.read_bytes() == first


def test_while_a_chapter_is_edited_its_other_cells_keep_their_outputs(book) -> None:
    book.store()
    sources = chapters.read(book.chapter).sources
    found = store.outputs("toy", ["new = 1", sources[2], sources[0] + " ", sources[1]], book.root)
    assert [cell is not None for cell in found] == [False, True, False, True]


def test_nothing_stored_is_no_mistake(book) -> None:
    assert store.read("toy", book.root) is None
    assert store.outputs("toy", ["x"], book.root) == [None]


@pytest.mark.parametrize(
    "damage",
    [
        lambda book: book.stored.write_bytes(book.stored.read_bytes()[:-100]),
        lambda book: book.stored.write_bytes(b""),
        lambda book: book.stored.write_text("[]"),
        lambda book: book.stored.write_bytes(b"\xff\xfe garbled"),
        lambda book: book.replace(book.stored, '"text": "8', '"text": "9'),
        lambda book: book.replace(book.stored, '"schema": 1', '"schema": 0'),
        lambda book: book.replace(book.stored, '"assets"', '"asset"'),
    ],
)
def test_a_damaged_notebook_is_named_and_kept(book, damage) -> None:
    book.store()
    damage(book)
    before = book.stored.read_bytes()
    for read in (book.state, lambda: store.outputs("toy", ["x"], book.root), lambda: execute(book)):
        with pytest.raises(ConvnetsError, match=r"assets/toy/outputs\.ipynb is damaged"):
            read()
    assert book.stored.read_bytes() == before


@pytest.mark.parametrize("content", [b"<svg>8", b"", None])
def test_a_damaged_or_lost_image_is_named_and_kept(book, content) -> None:
    book.store()
    image = book.image()
    image.unlink()
    if content is not None:
        image.write_bytes(content)
    for read in (book.state, lambda: store.outputs("toy", ["x"], book.root), lambda: execute(book)):
        with pytest.raises(ConvnetsError, match=f"{image.name} is damaged"):
            read()
    assert content is None or image.read_bytes() == content


def execute(book) -> None:
    from press.outputs import execute

    execute.execute(book.root, ["toy"])


def test_an_error_among_outputs_is_refused_when_written_and_when_read(book, monkeypatch) -> None:
    error = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": []}
    book.store()
    before = book.stored.read_bytes()
    with pytest.raises(ConvnetsError, match=r"cell 1 of toy put out an error \(ValueError: no\)"):
        put(book, error)
    assert book.stored.read_bytes() == before
    with monkeypatch.context() as patch:
        patch.setattr(store, "_refuse", lambda system, outputs: None)
        put(book, error)
    with pytest.raises(ConvnetsError, match="put out an error"):
        store.outputs("toy", ["x"], book.root)
    with pytest.raises(ConvnetsError, match="put out an error"):
        status.check(book.root)


def test_too_much_output_is_refused_by_its_size(book) -> None:
    book.store()
    before = book.stored.read_bytes()
    with pytest.raises(ConvnetsError, match="outputs of toy take 4.0 MB, and 3 MB are allowed"):
        put(book, {"output_type": "stream", "name": "stdout", "text": "x" * 4_000_000})
    assert book.stored.read_bytes() == before


def test_unused_files_are_known(book) -> None:
    book.store("old\n")
    old = book.image()
    book.store("new\n")
    assert store.unused("toy", book.root) == [old]


def test_any_field_of_a_manifest_may_be_damaged(book) -> None:
    book.store()
    good = json.loads(book.stored.read_bytes())
    sources = chapters.read(book.chapter).sources
    manifest = good["metadata"]["press"]
    for place in damage.places(manifest):
        for harm in damage.HARM:
            good["metadata"]["press"] = damage.put(manifest, place, harm)
            book.stored.write_text(json.dumps(good))
            damage.ask(
                book.state, lambda: store.outputs("toy", sources, book.root), lambda: store.unused("toy", book.root)
            )


@pytest.mark.parametrize("text", ["1" * 5000, "NaN", "[" * 100_000, '{"cells": [], "metadata": {"press": {}}}', "\x00"])
def test_any_notebook_may_be_garbage(book, text: str) -> None:
    book.store()
    book.stored.write_text(text)
    with pytest.raises(ConvnetsError, match=r"outputs\.ipynb is damaged.*press execute toy"):
        book.state()

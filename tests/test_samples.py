"""Samples of data sets: few, credited, one strip; what is stored is what was chosen."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from convnets.common import assets, export, samples
from convnets.common.errors import ConvnetsError
from convnets.common.samples import Sample, Samples

STORED = sorted(file.parent.name for file in assets.root().glob(f"*/{samples.TOLD}"))


def some(count: int = 3, shape: tuple[int, ...] = (4, 5), credit: str = "Ada Toy, CC BY 4.0") -> Samples:
    """Made-up pictures."""
    pictures = np.random.default_rng(0).integers(0, 256, (count, *shape), dtype=np.uint8)
    return Samples("Toys", credit, [Sample(picture, f"toy {i}", 7 * i) for i, picture in enumerate(pictures)])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CONVNETS_ASSETS", str(tmp_path))
    return tmp_path / "toy"


@pytest.mark.parametrize("shape", [(4, 5), (6, 4, 3)])
def test_what_is_read_is_what_was_written(folder: Path, shape: tuple[int, ...]) -> None:
    chosen = some(samples.MOST, shape)
    files = samples.write(chosen, folder)
    first = [file.read_bytes() for file in files]
    found = samples.read("toy")
    assert (found.source, found.credit) == (chosen.source, chosen.credit)
    for one, other in zip(found.pictures, chosen.pictures, strict=True):
        assert (one.label, one.place) == (other.label, other.place) and np.array_equal(one.picture, other.picture)
    assert samples.write(found, folder) == files and [file.read_bytes() for file in files] == first


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (some(51), "The samples of Toys are 51: choose 1 to 50"),
        (some(0), "are 0: choose 1 to 50"),
        (some(credit=" "), "The samples of Toys credit nobody"),
        (some()._replace(source=""), "The samples of a data set credit nobody"),
        (some()._replace(pictures=[*some().pictures, *some(1, (5, 4)).pictures]), "differ in size or type"),
        (some(shape=(4, 5, 2)), r"have the shape \(4, 5, 2\)"),
    ],
)
def test_what_may_not_be_shown_is_not_written(folder: Path, chosen: Samples, said: str) -> None:
    with pytest.raises(ConvnetsError, match=said):
        samples.write(chosen, folder)
    assert not folder.exists()


def test_how_missing_samples_are_made_is_told(folder: Path) -> None:
    with pytest.raises(ConvnetsError, match=r"samples\.json cannot be read .*`convnets export toy --samples`"):
        samples.read("toy")


def test_what_may_not_be_shown_is_not_read_either(folder: Path) -> None:
    samples.write(some(50), folder)
    told = folder / samples.TOLD
    whole = told.read_text()
    told.write_text(whole.replace("Ada Toy, CC BY 4.0", ""))
    with pytest.raises(ConvnetsError, match="credit nobody"):
        samples.read("toy")
    for damage in ("{}", whole.replace("[4, 5]", "[4, 6]"), whole.replace('"place": 7}', '"place": "x"}')):
        told.write_text(damage)
        with pytest.raises(ConvnetsError, match="cannot be used .*: restore them .* `convnets export toy --samples`"):
            samples.read("toy")
    told.write_text(whole)
    (folder / samples.PICTURES).write_bytes(b"RIFF")
    with pytest.raises(ConvnetsError, match="cannot be used"):
        samples.read("toy")


@pytest.mark.parametrize("system", STORED)
def test_stored_samples_may_be_shown(system: str) -> None:
    found = samples.read(system)
    sources = " ".join((assets.path(system, "SOURCES.md")).read_text(encoding="utf-8").split())
    assert samples.PICTURES in sources, "SOURCES.md says where they come from"
    assert len({sample.place for sample in found.pictures}) == len(found.pictures)


def test_a_strip_that_is_gone_is_named(folder: Path) -> None:
    samples.write(some(), folder)
    (folder / samples.PICTURES).unlink()
    with pytest.raises(ConvnetsError, match="samples.webp cannot be used .* `convnets export toy --samples`"):
        samples.packed(folder)


def test_a_system_without_samples_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConvnetsError, match="hubelwiesel shows no samples: write samples"):
        export.export_samples("hubelwiesel", tmp_path)


def test_a_page_gets_them_with_texts_to_translate(folder: Path) -> None:
    assert samples.packed(folder) is None
    samples.write(some(), folder)
    told = json.loads(samples.packed(folder) or b"")
    assert told["credit"] == export.word("Ada Toy, CC BY 4.0") and told["samples"][1]["label"] == export.word("toy 1")
    assert told["strip"].startswith("data:image/webp;base64,UklGR")

"""Weights that lie packed: read as if they were not, told by name when damaged, and never beside the plain ones."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest
import torch
from toys import ROOT, publish

from convnets import cli, lenet, verify
from convnets.common import assets, gzipped, loop, runs
from convnets.common.errors import ConvnetsError
from convnets.lenet.model import ZipCodeNet

PLAIN = random.Random(0).randbytes(3000)
"""What no packing makes smaller."""


def zeros(last: float) -> bytes:
    """Weights of the ZIP-code network that are easily packed: nothing but zeros, and ``last``."""
    model = ZipCodeNet()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.h3.bias[-1] = last
    return loop.stored_bytes(model)


def lying(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if file.is_file())


@pytest.fixture
def packed(store: Path) -> Path:
    """The store with one published network, packed; gives the file."""
    publish(store, "lenet", "zipcode", zeros(1))
    return store / "lenet" / "zipcode.safetensors.gz"


# Reading


def test_both_forms_are_read_and_noted_alike(store: Path, packed: Path) -> None:
    assert lying(packed.parent) == ["zipcode.safetensors.gz"]
    found = []
    for _form in ("packed", "plain"):
        assets.forget()
        content = assets.read_bytes("lenet", "zipcode.safetensors")
        model = lenet.load("zipcode")
        digests = assets.opened()
        assert not any(assets.is_changed(name, digest) for name, digest in digests.items())
        assert runs.published("lenet", "zipcode") and runs.without_run(packed.parent) == []
        assert gzipped.weights(packed.parent) == [packed.with_suffix("")]
        found.append((content, digests, loop.stored_bytes(model)))
        packed.unlink(missing_ok=True)
        packed.with_suffix("").write_bytes(content)
    assert found[0] == found[1]
    assert found[0][1] == {"lenet/zipcode.safetensors": assets.sha256(zeros(1))}


def test_what_is_no_weights_is_never_looked_for_packed(tmp_path: Path) -> None:
    (tmp_path / "facts.json.gz").write_bytes(gzip.compress(b"{}"))
    with pytest.raises(ConvnetsError, match=r"facts\.json cannot be read"):
        assets.read_file(tmp_path / "facts.json")


def test_the_repositorys_weights_lie_there_in_one_form() -> None:
    stored = [file for folder in (ROOT / "assets").glob("*/") for file in gzipped.weights(folder)]
    assert {gzipped.stored(file).suffix for file in stored} == {".gz", ".safetensors"}, "some are packed, some are not"
    for file in stored:
        assert not (file.exists() and gzipped.name(file).exists()), f"{file} lies there in both forms"
        assert assets.read_file(file)


# Damage

CONTENT = b"weights " * 400
WHOLE = gzip.compress(CONTENT, mtime=0)
BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it is cut short"),
    "cut short": (WHOLE[:-1], "it is cut short"),
    "half": (WHOLE[: len(WHOLE) // 2], "it is cut short"),
    "followed": (WHOLE + b"x", "more follows its end"),
    "twice": (WHOLE + WHOLE, "more follows its end"),
    "not packed": (CONTENT, "gzip cannot unpack it"),
    "another sum": (WHOLE[:-8] + bytes(4) + WHOLE[-4:], "gzip cannot unpack it"),
    "another length": (WHOLE[:-4] + bytes(4), "gzip cannot unpack it"),
    "too much": (gzip.compress(bytes(gzipped.MOST + 1)), "it holds more than 67,108,864 bytes"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_damaged_is_told_in_a_sentence_with_its_name(
    store: Path, packed: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    content, words = BROKEN[kind]
    packed.write_bytes(content)
    with pytest.raises(ConvnetsError, match=words) as told:
        lenet.load("zipcode")
    assert str(packed) in str(told.value) and "\n" not in str(told.value)
    assert "restore it from the repository or compute it with `convnets train lenet`" in str(told.value)
    assert runs.without_run(packed.parent) == [packed]
    assert cli.main(["evaluate", "lenet", "--net", "zipcode"]) == 2
    assert words in capsys.readouterr().err


def test_no_flipped_bit_gives_other_weights() -> None:
    for place in range(8 * len(WHOLE)):
        flipped = bytearray(WHOLE)
        flipped[place // 8] ^= 1 << place % 8
        try:
            found = gzipped.unpack(bytes(flipped))
        except ValueError:
            continue
        assert found == CONTENT, f"bit {place}, which is of no account, such as the time"


def test_as_much_as_is_allowed_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gzipped, "MOST", len(CONTENT))
    assert gzipped.unpack(WHOLE) == CONTENT == gzipped.unpack(gzipped.pack(CONTENT) or b"")
    monkeypatch.setattr(gzipped, "MOST", len(CONTENT) - 1)
    assert gzipped.pack(CONTENT) is None, "what could not be read is not written"


# Writing


def test_what_saves_enough_is_packed_to_the_same_bytes() -> None:
    for saved, wanted in ((0.1, False), (0.2, True)):
        content = PLAIN[: int(3000 * (1 - saved))] + bytes(int(3000 * saved))
        assert (gzipped.pack(content) is not None) is wanted
    first = gzipped.pack(CONTENT)
    assert first and first[4:8] == bytes(4), "no time"
    assert first == gzipped.pack(CONTENT)


def test_of_two_forms_only_the_new_one_stays(tmp_path: Path) -> None:
    file = tmp_path / "net.safetensors"
    for content, name in (
        (CONTENT, "net.safetensors.gz"), (PLAIN, "net.safetensors"),
        (CONTENT[8:], "net.safetensors.gz"), (CONTENT, "net.safetensors.gz"),
    ):  # fmt: skip
        assets.write_weights(file, content)
        assert (lying(tmp_path), assets.read_file(file)) == ([name], content)


@pytest.mark.parametrize(("old", "new", "read"), [(PLAIN, CONTENT, PLAIN), (CONTENT, PLAIN, PLAIN)])
def test_a_kill_between_the_two_leaves_whole_weights_and_the_next_run_clears_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bytes, new: bytes, read: bytes
) -> None:
    file = tmp_path / "net.safetensors"
    assets.write_weights(file, old)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "unlink", killed)
        assets.write_weights(file, new)
    assert (lying(tmp_path), assets.read_file(file)) == (["net.safetensors", "net.safetensors.gz"], read)
    assets.write_weights(file, new)
    assert len(lying(tmp_path)) == 1 and assets.read_file(file) == new


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "net.safetensors"
    assets.write_weights(file, PLAIN)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(assets.os, "fsync", full)
    with pytest.raises(ConvnetsError, match=r"net\.safetensors\.gz could not be written \(No space left on device\)"):
        assets.write_weights(file, CONTENT)
    assert (lying(tmp_path), assets.read_file(file)) == (["net.safetensors"], PLAIN)


def test_a_better_seed_replaces_either_form_and_damaged_weights(store: Path, packed: Path) -> None:
    def seed(number: int, score: float, content: bytes) -> list[str]:
        publish(store, "lenet", "zipcode", content, seed=number, score=score)
        return lying(packed.parent)

    assert seed(1, 0.6, PLAIN) == ["zipcode.safetensors.gz"], "a worse one replaces none"
    assert seed(2, 0.4, PLAIN) == ["zipcode.safetensors"]
    assert seed(3, 0.3, zeros(2)) == ["zipcode.safetensors.gz"]
    assert runs.published("lenet", "zipcode")["seed"] == 3
    packed.write_bytes(WHOLE[:-1])
    assert seed(4, 0.7, zeros(3)) == ["zipcode.safetensors.gz"], "what can be loaded nowhere has no rank"
    assert runs.published("lenet", "zipcode")["seed"] == 4


# Those who ask what lies there


def test_verify_finds_packed_weights_and_names_those_of_no_network(
    store: Path, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lenet, "NETS", {"zipcode": lenet.NETS["zipcode"]})
    monkeypatch.setattr(verify, "stamps_file", lambda: None)
    monkeypatch.setattr(lenet, "evaluate", lambda **_: {"metrics": {}, "count": 20, "digest_known": True})
    assert [finding[:3] for finding in verify.look("lenet", everything=True)] == [
        ("zipcode", "as recorded (20 examples)", False)
    ]
    packed.with_name("lenet7.safetensors.gz").write_bytes(WHOLE)
    assert [finding[:3] for finding in verify.look("lenet", everything=True)][1:] == [
        ("lenet7", "lenet has no network of this name: delete lenet7.safetensors.gz", True)
    ]

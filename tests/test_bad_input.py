"""Whatever comes in, what comes out is a result or one clear sentence: never a traceback, never a lost file."""

from __future__ import annotations

import errno
import gzip
import http.client
import io
import json
import os
import pickle
import resource
import signal
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save
from torch import nn
from toys import NAMES, idx, publish, toy_digits, write_mnist

from convnets import cli
from convnets.common import assets, data, loop, runs, seeds
from convnets.common.errors import ConvnetsError
from convnets.lenet import data as lenet_data
from convnets.lenet import train as training
from convnets.lenet.model import ZipCodeNet
from press import cli as press_cli

fuzz = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def sentence(error: BaseException) -> str:
    """The text of a :class:`ConvnetsError`, after checking that it reads as one line."""
    text = str(error)
    assert text
    assert "\n" not in text
    assert "Traceback" not in text
    return text


def one_sentence_or_result(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except ConvnetsError as error:
        return sentence(error)


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """``content`` with some bytes changed, cut, doubled or replaced by others."""
    kind = draw(st.sampled_from(["cut", "flip", "insert", "random", "drop"]))
    place = draw(st.integers(0, len(content) - 1))
    if kind == "cut":
        return content[:place]
    if kind == "flip":
        return content[:place] + bytes([content[place] ^ draw(st.integers(1, 255))]) + content[place + 1 :]
    if kind == "insert":
        return content[:place] + draw(st.binary(min_size=1, max_size=9)) + content[place:]
    if kind == "drop":
        return content[:place] + content[place + draw(st.integers(1, 9)) :]
    return draw(st.binary(max_size=60))


def put(file: Path, content: bytes) -> None:
    """Write without waiting for the disk, as a hundred examples would."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


# Data


IMAGES, LABELS = (idx(array) for array in toy_digits(6))
HEADERS = st.builds(lambda *shape: b"\0\0\x08\x03" + np.array(shape, ">u4").tobytes(), *[st.integers(0, 2**32 - 1)] * 3)


@fuzz
@given(st.one_of(damaged(IMAGES), HEADERS), st.one_of(damaged(LABELS), st.just(LABELS)), st.booleans())
def test_any_bytes_as_idx_files(tmp_path: Path, images: bytes, labels: bytes, packed: bool) -> None:
    for name, content in zip(NAMES["test"], (images, labels), strict=True):
        (tmp_path / name).unlink(missing_ok=True)
        (tmp_path / f"{name}.gz").unlink(missing_ok=True)
        (tmp_path / f"{name}{'.gz' if packed else ''}").write_bytes(gzip.compress(content) if packed else content)
    found = one_sentence_or_result(lambda: lenet_data.load("test", tmp_path))
    assert isinstance(found, str) or len(found.images) == len(found.labels)


def test_an_empty_set_of_the_wrong_shape(tmp_path: Path) -> None:
    (tmp_path / NAMES["test"][0]).write_bytes(idx(np.zeros((0, 5, 5), np.uint8)))
    (tmp_path / NAMES["test"][1]).write_bytes(idx(np.zeros(0, np.uint8)))
    with pytest.raises(ConvnetsError, match="another data set"):
        lenet_data.load("test", tmp_path)


@fuzz
@given(damaged(gzip.compress(LABELS, mtime=0)))
def test_any_bytes_as_gzip(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.gz"
    file.write_bytes(content)
    one_sentence_or_result(lambda: data.read(file))


def archive(content: bytes, kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Two arrays as NumPy stores them."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", kind) as packed:
        for name in ("images", "labels"):
            packed.writestr(f"{name}.npy", content)
    return stream.getvalue()


def stored(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


@fuzz
@given(
    st.one_of(
        damaged(archive(stored(np.arange(60)))),
        damaged(archive(stored(np.arange(60)), zipfile.ZIP_STORED)),
        damaged(stored(np.arange(60))).map(archive),
    )
)
def test_any_bytes_as_an_archive_of_arrays(tmp_path: Path, content: bytes) -> None:
    put(tmp_path / "x.npz", content)
    found = one_sentence_or_result(lambda: data.arrays(tmp_path / "x.npz", ["images", "labels"]))
    assert len(found) == 2 or str(tmp_path / "x.npz") in found
    one_sentence_or_result(lambda: data.members(tmp_path / "x.npz", lambda _: True))


@pytest.mark.parametrize(
    "kind", ["encrypted", "unknown compression", "a stream that is none", "a huge shape", "pickled"]
)
def test_archives_that_zipfile_and_numpy_stumble_over(kind: str, tmp_path: Path) -> None:
    whole = archive(stored(np.arange(60)))
    if kind == "a huge shape":
        whole = archive(stored(np.zeros(60)).replace(b"(60,)", b"(10**12,)".replace(b"10**12", b"999999999999")))
    if kind == "pickled":
        whole = archive(stored(np.array([{}], object)))
    content, start = bytearray(whole), whole.index(b"PK\1\2")
    if kind == "encrypted":
        content[6] |= 1
        content[start + 8] |= 1
    if kind == "unknown compression":
        content[8] = content[start + 10] = 99
    if kind == "a stream that is none":
        content[42:60] = b"\xff" * 18
    put(tmp_path / "x.npz", bytes(content))
    with pytest.raises(ConvnetsError, match=r"x\.npz cannot be read \(.+\): delete it and fetch it again") as caught:
        data.arrays(tmp_path / "x.npz", ["images", "labels"])
    sentence(caught.value)


@pytest.mark.parametrize("packer", ["gzip", "zip"])
def test_what_unpacks_without_end_is_refused(packer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "_CHUNK", 1000)
    file = tmp_path / f"x.{'gz' if packer == 'gzip' else 'npz'}"
    put(file, gzip.compress(bytes(10**6)) if packer == "gzip" else archive(bytes(10**6)))
    with pytest.raises(ConvnetsError, match="unpacks to more than 0 MiB"):
        data.read(file, 99_999) if packer == "gzip" else data.arrays(file, ["images"], 99_999)
    if packer == "gzip":
        assert len(data.read(file)) == 10**6


def test_a_whole_packed_file_stands_in_for_a_short_one_beside_it(mnist: Callable[..., Path]) -> None:
    """As the first download leaves them where unpacking was killed."""
    folder = mnist()
    file = folder / "MNIST" / "raw" / NAMES["test"][0]
    whole = lenet_data.load("test", folder)
    file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
    file.write_bytes(file.read_bytes()[:700])
    assert torch.equal(lenet_data.load("test", folder).images, whole.images)


@pytest.mark.parametrize("error", [http.client.IncompleteRead(b"x"), OSError("cut"), zlib.error("bad"), EOFError()])
def test_a_download_that_fails_is_told_and_leaves_nothing(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def fetch(folder: Path) -> None:
        put(folder / "MNIST" / "raw" / "x", b"half")
        raise error

    with pytest.raises(ConvnetsError, match="MNIST was found in none of .* set CONVNETS_DATA to .* that holds raw"):
        data.download("MNIST", "raw", fetch)
    assert not list((tmp_path / "convnets").iterdir())
    for content in (b"one", b"two"):
        data.download("MNIST", "raw", lambda folder, content=content: put(folder / "MNIST" / "x", content))
        assert (tmp_path / "convnets" / "MNIST" / "x").read_bytes() == content


def test_a_user_without_a_home_still_finds_data_elsewhere(mnist: Callable[..., Path], monkeypatch: Any) -> None:
    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobody)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("CONVNETS_DATA", str(mnist()))
    assert len(lenet_data.load("test").labels) == 20
    with pytest.raises(ConvnetsError, match="no home folder .* set XDG_CACHE_HOME"):
        data.download("MNIST", "raw", put)  # type: ignore[arg-type]


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_file", lambda self: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    with pytest.raises(ConvnetsError, match=f"The data folder {tmp_path} cannot be read"):
        lenet_data.load("test", tmp_path)


def test_a_folder_in_place_of_a_file_and_a_missing_folder(tmp_path: Path) -> None:
    (tmp_path / NAMES["test"][0]).mkdir()
    for folder in (tmp_path, tmp_path / "nowhere", Path("\0")):
        assert isinstance(one_sentence_or_result(lambda folder=folder: lenet_data.load("test", folder)), str)


# Weights


def zipcode() -> ZipCodeNet:
    torch.manual_seed(0)
    return ZipCodeNet()


STORED = loop.stored_bytes(zipcode())


def state(**changes: torch.Tensor) -> bytes:
    tensors = {name: tensor.half().contiguous() for name, tensor in zipcode().state_dict().items()} | changes
    return save(tensors)


WRONG = {
    "other shape": (state(**{"h3.bias": torch.zeros(31).half()}), r"`h3.bias` with shape \(31,\)"),
    "not a number": (state(**{"h3.bias": torch.full((30,), torch.nan).half()}), "`h3.bias`.*not finite"),
    "infinite": (state(**{"h3.bias": torch.full((30,), torch.inf).half()}), "`h3.bias`.*not finite"),
    "unknown tensor": (state(extra=torch.zeros(1)), "unknown tensor `extra`"),
    "missing tensor": (save({"h1": torch.zeros(12, 1, 5, 5)}), "lacks `"),
    "cut": (STORED[:-100], "damaged or cut short"),
    "cut in the header": (STORED[:50], "damaged or cut short"),
    "empty": (b"", "damaged or cut short"),
    "a pickle": (pickle.dumps({"h1": [0.0]}), "a pickle, which is never opened"),
    "a zipped pickle": (b"PK\x03\x04" + b"\0" * 60, "a pickle, which is never opened"),
    "text": (b"<html>404</html>", "damaged or cut short"),
    "integers": (state(**{"h3.bias": torch.ones(30, dtype=torch.int8)}), "`h3.bias` as torch.int8"),
    "truth values": (state(**{"h3.bias": torch.ones(30, dtype=torch.bool)}), "`h3.bias` as torch.bool"),
    "complex numbers": (state(**{"h3.bias": torch.ones(30, dtype=torch.complex64)}), "`h3.bias` as torch.complex64"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_weights_are_told_and_leave_the_model_as_it_was(store: Path, kind: str) -> None:
    content, words = WRONG[kind]
    publish(store, "lenet", "zipcode", content)
    model = zipcode()
    with pytest.raises(ConvnetsError, match=words) as caught:
        runs.load_weights(model, "lenet", "zipcode")
    assert "zipcode.safetensors" in sentence(caught.value)
    assert loop.stored_bytes(model) == STORED


@fuzz
@given(damaged(STORED))
def test_any_bytes_as_weights(store: Path, content: bytes) -> None:
    put(store / "lenet" / "zipcode.safetensors", content)
    file, model = store / "lenet" / "zipcode.safetensors", zipcode()
    one_sentence_or_result(lambda: assets.fill(model, assets.read_tensors(content, file), file))
    assert all(parameter.isfinite().all() for parameter in model.parameters())
    if content != STORED:
        with pytest.raises(ConvnetsError):
            runs.load_weights(model, "lenet", "zipcode")


@fuzz
@given(st.binary(max_size=200))
def test_any_bytes_as_a_checkpoint(tmp_path: Path, content: bytes) -> None:
    model = nn.Linear(2, 1)
    file = tmp_path / "x.safetensors"
    file.write_bytes(content)
    checkpoint = loop.Checkpoint(file, "key")
    found = one_sentence_or_result(lambda: checkpoint.load({"model": model}, torch.optim.AdamW(model.parameters())))
    assert "--fresh" in found


# Run records


RECORD: dict[str, Any] = {
    "schema": 1, "system": "lenet", "recipe": "toy", "net": "lenet5", "seed": 0, "settings": {}, "data": {"digest": ""},
    "metrics": {"test": {"error": 0.01}}, "interval95": {"test": {"error": [0, 1]}}, "code": {}, "key": "k", "score": 0,
    "weights": "w", "device": "cpu: 1 thread", "curves": {},
}  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def read_everything() -> None:
    runs.read("lenet", "toy-0")
    seeds.summary("lenet", "toy", "error")


@fuzz
@given(st.one_of(damaged(json.dumps(RECORD).encode()), JSON.map(lambda value: json.dumps(value).encode())))
def test_any_bytes_as_a_run_record(store: Path, content: bytes) -> None:
    put(store / "lenet" / "runs" / "toy-0.json", content)
    one_sentence_or_result(read_everything)


@fuzz
@given(st.sampled_from(sorted(RECORD)), JSON)
def test_any_value_in_a_run_record(store: Path, field: str, value: Any) -> None:
    put(store / "lenet" / "runs" / "toy-0.json", json.dumps(RECORD | {field: value}).encode())
    put(store / "lenet" / "runs" / "toy-1.json", json.dumps(RECORD | {"seed": 1}).encode())
    one_sentence_or_result(read_everything)


# Command line


WORDS = [
    "list", "train", "evaluate", "verify", "export", "lenet", "lenet5", "skirmish", "common", "--recipe", "--seed",
    "--seeds", "0-4", "4-0", "-1", "--epochs", "0", "1", "99999999999", "--device", "cpu", "cuda", "--threads", "--net",
    "--split", "all", "none", "--json", "--fresh", "--data", "--out", "/dev/null", "/proc/none", "", "--", "é\n",
]  # fmt: skip


@pytest.fixture
def no_training(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No run is started, and no data is found unless it is given."""

    def stub(*_: Any, **__: Any) -> None:
        raise ConvnetsError("Training is not wanted here.")

    monkeypatch.setattr(training, "train", stub)
    monkeypatch.setattr(data, "candidates", lambda given=None: [tmp_path if given is None else Path(given)])
    monkeypatch.setattr(data, "download", stub)


@pytest.mark.usefixtures("store", "no_training")
@fuzz
@given(st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=6)), max_size=7))
def test_any_command_line(capfd: pytest.CaptureFixture[str], words: list[str]) -> None:
    try:
        code = cli.main(words)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 99
    error = capfd.readouterr().err
    assert code in (0, 2)
    assert code == 0 or (error.startswith("convnets") and error.count("\n") == 1), error


LINES = {
    "unknown system": (["train", "skirmish", "--recipe", "x"], "no system 'skirmish'"),
    "unknown recipe": (["train", "lenet", "--recipe", "lenet9"], "no recipe 'lenet9'"),
    "unknown net": (["evaluate", "lenet", "--net", "lenet9"], "no network 'lenet9'"),
    "missing data": (["train", "lenet", "--recipe", "lenet5", "--data", "/nowhere"], "/nowhere"),
    "missing weights": (["evaluate", "lenet", "--net", "lenet5"], "lenet5.safetensors"),
    "missing weights to export": (["export", "lenet", "--net", "lenet5"], "lenet5.safetensors"),
    "no command": ([], "convnets --help"),
    "wrong seeds": (["train", "lenet", "--recipe", "lenet5", "--seeds", "4-0"], "'4-0'"),
    "too many seeds": (["train", "lenet", "--seeds", "0-999999999"], "'0-999999999'"),
    "too many threads": (["train", "lenet", "--threads", "999999"], "'999999'"),
    "facts alone": (["export", "hubelwiesel", "--net", "x"], "hubelwiesel has no network to export"),
    "a seed too large": (["train", "lenet", "--seeds", "99999999999999999999"], "'99999999999999999999'"),
}


@pytest.mark.usefixtures("store", "no_training")
@pytest.mark.parametrize("kind", LINES)
def test_wrong_commands_name_what_is_wrong(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    arguments, words = LINES[kind]
    try:
        assert cli.main(arguments) == 2
    except SystemExit as stop:
        assert stop.code == 2
    error = capfd.readouterr().err
    assert words in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("program", [cli, press_cli])
def test_a_package_that_is_not_installed_is_named(
    program: Any, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacks(*_: object) -> int:
        raise ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn")

    monkeypatch.setattr(program, "_list" if program is cli else "_status", lacks)
    assert program.main(["list" if program is cli else "status"]) == 2
    error = capfd.readouterr().err
    assert "needs the package torch.nn" in error and error.count("\n") == 1


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_a_port_that_is_none_is_refused(port: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        press_cli.main(["serve", f"--port={port}"])
    error = capfd.readouterr().err
    assert f"'{port}' is no port" in error and error.count("\n") == 1


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff"])
def test_a_garbled_record_does_not_stop_the_command_line_with_a_traceback(
    content: bytes, store: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (store / "lenet" / "runs").mkdir(parents=True)
    (store / "lenet" / "runs" / "lenet5-0.json").write_bytes(content)
    write_mnist(tmp_path / "data")
    for arguments in (["list"], ["train", "lenet", "--recipe", "lenet5", "--data", str(tmp_path / "data")]):
        assert cli.main(arguments) == 2
        error = capfd.readouterr().err
        assert "lenet5-0.json" in error
        assert error.count("\n") == 1


# A full disk


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x.json"
    assets.write_atomic(file, b"old")

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for name in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, full)
            with pytest.raises(ConvnetsError, match="x.json could not be written .No space left.*unchanged"):
                assets.write_atomic(file, b"new")
        assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("x.json", b"old")]


def test_a_real_limit_on_file_size(tmp_path: Path) -> None:
    """In a child process, whose files may not grow beyond 64 bytes."""
    file = tmp_path / "x.bin"
    assets.write_atomic(file, b"old")
    if (pid := os.fork()) == 0:
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
            assets.write_atomic(file, b"new" * 100)
        except ConvnetsError:
            os._exit(2)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 2
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("x.bin", b"old")]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConvnetsError, match="could not be written"):
        assets.write_atomic(tmp_path / "file" / "x", b"new")
    with pytest.raises(ConvnetsError, match="could not be written"):
        assets.write_atomic(Path("/proc/none/x"), b"new")

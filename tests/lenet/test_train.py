"""`convnets train`: a kill at any moment loses nothing, and what comes out is the same to the last bit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from lenet import trainer
from toys import ROOT, write_mnist

from convnets import cli
from convnets.common import assets
from convnets.lenet.train import RECIPES

KILLS = [
    "after-checkpoint:1", "in-step:12", "in-checkpoint:2", "in-weights:1", "after-weights:1", "in-record:1",
]  # fmt: skip
NET = "lenet5.safetensors"


def train(folder: Path, *kills: str) -> dict[str, Any]:
    """Train once for each of ``kills`` into a folder of that name; how each process ended.

    In a copy of this process, where PyTorch is loaded; where it sees a GPU, whose threads a copy lacks, in a new one.
    """
    arguments, told, said = [str(folder / "data"), str(folder), *kills], folder / "told.txt", folder / "said.txt"
    with told.open("w") as out, said.open("w") as err:
        if torch.cuda.is_available():
            command = [sys.executable, str(ROOT / "tests" / "lenet" / "trainer.py"), *arguments]
            ended = subprocess.run(command, stdout=out, stderr=err, timeout=500).returncode
        else:
            ended = copied(arguments, out.fileno(), err.fileno())
    assert ended == 0, said.read_text()
    lines = [json.loads(line) for line in told.read_text().splitlines()]
    return {line["kill"]: line["ends"] for line in lines}


def copied(arguments: list[str], out: int, err: int) -> int:
    """Run ``trainer.py`` in a copy of this process that writes into two open files; how it ended."""
    trainer.load()
    if pid := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        os.dup2(out, 1)
        os.dup2(err, 2)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        trainer.main(arguments[0], Path(arguments[1]), arguments[2:])
        sys.stdout.flush()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        raise
    finally:
        os._exit(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("training")
    write_mnist(place / "data", train=90, test=30)
    return place


@pytest.fixture(scope="module")
def ends(folder: Path) -> dict[str, list[int]]:
    return train(folder, "never", *KILLS)


def record(out: Path) -> dict[str, Any]:
    """The run record without what differs from run to run."""
    found = json.loads((out / "lenet" / "runs" / "lenet5-0.json").read_bytes())
    return {name: value for name, value in found.items() if name not in ("seconds", "date")}


def assert_same(out: Path, reference: Path) -> None:
    assert (out / "lenet" / NET).read_bytes() == (reference / "lenet" / NET).read_bytes()
    assert record(out) == record(reference)
    assert record(out)["weights"] == assets.sha256((out / "lenet" / NET).read_bytes())
    assert not list((out / "lenet" / ".checkpoints").glob("*.safetensors")), "nothing is left to resume"


def test_a_run_leaves_weights_and_a_record(ends: dict[str, list[int]], folder: Path) -> None:
    assert ends["never"] == [0]
    assert_same(folder / "never", folder / "never")
    found = record(folder / "never")
    assert (found["recipe"], found["seed"], found["device"]) == ("lenet5", 0, "cpu: 1 thread")
    assert found["data"]["splits"] == {"train": 72, "validation": 18, "test": 30}
    assert len(found["curves"]["loss"]) == 3
    assert len(found["fingerprint"]) == 20


@pytest.mark.parametrize("kill", KILLS)
def test_a_killed_run_goes_on_to_the_same_bits(kill: str, ends: dict[str, list[int]], folder: Path) -> None:
    assert ends[kill] == [-9, 0]
    assert_same(folder / kill.replace(":", "-"), folder / "never")


@pytest.mark.slow
def test_twenty_random_kills(ends: dict[str, list[int]], folder: Path) -> None:
    rounds = train(folder, "random:20")["random:20"]
    assert ends["never"] == [0]
    assert sum(end == -9 for found in rounds for end in found) >= 20
    for number, found in enumerate(rounds):
        assert (set(found[:-1]) <= {-9}, found[-1]) == (True, 0)
        assert_same(folder / "random-20" / str(number), folder / "never")


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough steps for a fingerprint with few images."""
    monkeypatch.setitem(RECIPES, "zipcode", replace(RECIPES["zipcode"], batch_size=9))


def options(folder: Path, out: Path, *more: str) -> list[str]:
    where = ["--data", str(folder / "data"), "--out", str(out), "--device", "cpu", "--threads", "1"]
    return ["train", "lenet", "--recipe", "zipcode", "--epochs", "3", *where, *more]


@pytest.mark.usefixtures("small_batches")
def test_a_finished_run_is_not_trained_again_unless_asked(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(options(folder, tmp_path)) == 0
    net = tmp_path / "lenet" / "zipcode.safetensors"
    first, when = net.read_bytes(), net.stat().st_mtime_ns
    capsys.readouterr()
    assert cli.main(options(folder, tmp_path)) == 0
    assert "already there" in capsys.readouterr().out
    assert net.stat().st_mtime_ns == when
    assert cli.main(options(folder, tmp_path, "--fresh")) == 0
    assert (net.read_bytes(), net.stat().st_mtime_ns > when) == (first, True)


@pytest.mark.usefixtures("small_batches")
def test_a_checkpoint_of_other_settings_is_not_used(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(options(folder, tmp_path)) == 0
    capsys.readouterr()
    assert cli.main(options(folder, tmp_path, "--epochs", "4")) == 2
    assert "--fresh" in capsys.readouterr().err


@pytest.mark.usefixtures("small_batches")
def test_a_damaged_checkpoint_is_named(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "lenet" / ".checkpoints" / "zipcode-0.safetensors"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"\x80\x04 not tensors")
    assert cli.main(options(folder, tmp_path)) == 2
    error = capsys.readouterr().err
    assert str(file) in error
    assert "--fresh" in error
    assert not (tmp_path / "lenet" / "runs").exists()
    assert cli.main(options(folder, tmp_path, "--fresh")) == 0

"""`convnets verify` and `convnets list`: what they compare and print, and that a difference is an error."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from toys import ROOT

from convnets import cli, lenet
from convnets.common import assets, loop

MEASURED = {"metrics": {"error": 0.25}, "count": 20, "digest_known": True}


@pytest.fixture
def stored(store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with one published network and its record; evaluation is a fake that measures an error of 0.25."""
    torch.manual_seed(0)
    weights = loop.stored_bytes(lenet.NETS["zipcode"]())
    assets.write_atomic(store / "lenet" / "zipcode.safetensors", weights)
    recipe = replace(lenet.RECIPES["zipcode"], seed=3)
    record = {
        "schema": 1, "system": "lenet", "recipe": "zipcode", "net": "zipcode", "seed": 3, "settings": asdict(recipe),
        "data": {"digest": ""}, "metrics": {"test": {"error": 0.25}}, "code": {}, "key": "", "device": "cpu",
        "weights": assets.sha256(weights),
    }  # fmt: skip
    file = store / "lenet" / "runs" / "zipcode-3.json"
    assets.write_json(file, record)
    monkeypatch.setattr(lenet, "evaluate", lambda **_: MEASURED)
    return file


def change(file: Path, **fields: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | fields))


def test_what_is_as_recorded_passes(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", "lenet"]) == 0
    assert capsys.readouterr().out == "lenet/zipcode: as recorded (20 examples)\n"


@pytest.mark.parametrize(("error", "code"), [(0.2501, 0), (0.2503, 1)])
def test_one_example_in_ten_thousand_may_differ(stored: Path, error: float, code: int) -> None:
    change(stored, metrics={"test": {"error": error}})
    assert cli.main(["verify"]) == code


def test_weights_of_no_record_are_told(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(stored, weights="0" * 64)
    assert cli.main(["verify", "lenet"]) == 1
    assert "no run record has these weights" in capsys.readouterr().out


def test_other_data_is_no_verification(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lenet, "evaluate", lambda **_: MEASURED | {"digest_known": False})
    assert cli.main(["verify", "lenet"]) == 1


def test_a_recipe_that_changed_since_is_told(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(stored, settings=asdict(replace(lenet.RECIPES["zipcode"], seed=3, epochs=7)))
    assert cli.main(["verify", "lenet"]) == 1
    assert "zipcode-3: its recipe" in capsys.readouterr().out


def test_the_list_names_every_metric(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(stored, metrics={"test": {"error": 0.25, "miou": 0.5}})
    assert cli.main(["list"]) == 0
    out = capsys.readouterr().out
    assert "error 0.2500" in out and "miou 0.5000" in out


@pytest.mark.parametrize("command", [["convnets", "list"], ["press", "status"]])
def test_a_reader_who_has_seen_enough_gets_no_traceback(command: list[str]) -> None:
    program = [sys.executable, "-m", *command]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout and running.stderr
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode == 141

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

from convnets import cli, lenet, verify
from convnets.common import assets, loop

MEASURED = {"metrics": {"error": 0.25}, "count": 20, "digest_known": True}


@pytest.fixture
def evaluated() -> list[str]:
    """Networks that were evaluated, in turn."""
    return []


@pytest.fixture
def stored(store: Path, monkeypatch: pytest.MonkeyPatch, evaluated: list[str]) -> Path:
    """A store with one published network, the only one, and its record; evaluation is a fake that measures 0.25."""
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
    monkeypatch.setattr(lenet, "NETS", {"zipcode": lenet.NETS["zipcode"]})
    monkeypatch.setattr(lenet, "evaluate", lambda net, **_: evaluated.append(net) or MEASURED)
    monkeypatch.setattr(cli, "systems", lambda: ["lenet"])
    monkeypatch.setattr(verify, "stamps_file", lambda: store.parent / "verified.json")
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


def test_what_is_recorded_and_not_measured_is_told(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(stored, metrics={"test": {"error": 0.25, "accuracy_views": 0.9}})
    assert cli.main(["verify"]) == 1
    assert "zipcode: accuracy_views is in the record and was not measured now" in capsys.readouterr().out


def test_what_is_unchanged_is_not_evaluated_again(
    stored: Path, evaluated: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for command, count in ([], 1), ([], 1), (["--all"], 2), (["--data", "elsewhere"], 3), ([], 3):
        assert cli.main(["verify", *command]) == 0
        assert len(evaluated) == count, command
    assert capsys.readouterr().out.endswith("1 published network(s) unchanged since they were measured; "
                                            "--all evaluates them again\n")  # fmt: skip


def test_in_a_fresh_clone_a_fresh_record_vouches_until_something_changes(
    stored: Path, evaluated: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify.runs, "stale", lambda *_: [])
    assert cli.main(["verify"]) == 0 and not evaluated
    monkeypatch.setattr(verify.source, "closure", lambda *_: {"convnets.lenet.nets:evaluate": "another"})
    assert cli.main(["verify"]) == 0 and evaluated == ["zipcode"]


def test_what_has_changed_is_evaluated(stored: Path, evaluated: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    cli.main(["verify"])
    change(stored, metrics={"test": {"error": 0.2501}})
    cli.main(["verify"])
    monkeypatch.setattr(verify.source, "closure", lambda *_: {"convnets.lenet.nets:evaluate": "another"})
    cli.main(["verify"])
    monkeypatch.setattr(verify.metadata, "version", lambda _: "another")
    cli.main(["verify"])
    assert len(evaluated) == 4, "record, code and PyTorch are all in the stamp"


def test_what_failed_is_evaluated_again(stored: Path, evaluated: list[str]) -> None:
    assert cli.main(["verify"]) == 0
    change(stored, metrics={"test": {"error": 0.5}})
    assert [cli.main(["verify"]), cli.main(["verify"])] == [1, 1] and len(evaluated) == 3


@pytest.mark.parametrize("kept", ["", "[]", "{", '{"lenet/zipcode": 7}'])
def test_damaged_stamps_vouch_for_nothing(stored: Path, evaluated: list[str], kept: str) -> None:
    (stored.parents[3] / "verified.json").write_text(kept)
    assert cli.main(["verify"]) == 0 and evaluated == ["zipcode"]


def test_a_network_without_weights_is_told(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stored.parents[1] / "zipcode.safetensors").unlink()
    assert cli.main(["verify"]) == 1
    assert "convnets train lenet --recipe zipcode" in capsys.readouterr().out


def test_an_empty_store_is_no_verified_one(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify"]) == 1
    out = capsys.readouterr().out
    assert all(f"{system}/" in out for system in ("cortex", "lenet", "neocognitron"))


def test_weights_of_no_network_are_told(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stored.parents[1] / "lenet7.safetensors").write_bytes(b"")
    assert cli.main(["verify"]) == 1
    assert "no network of this name: delete lenet7.safetensors" in capsys.readouterr().out


def test_one_bit_flipped_is_told(stored: Path, evaluated: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify"]) == 0
    file = stored.parents[1] / "zipcode.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    assert cli.main(["verify"]) == 1 and len(evaluated) == 1
    assert "no run record has these weights" in capsys.readouterr().out


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

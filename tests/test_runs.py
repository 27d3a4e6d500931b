"""The store of runs: what is published when seeds end together, weights that are believed, files that are damaged."""

from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from damage import HARM, ask, places, put
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toys import publish

from convnets import cli, lenet
from convnets.common import assets, forms, kept, loop, runs, seeds, source
from convnets.common.errors import ConvnetsError
from convnets.lenet.model import ZipCodeNet

RECORD: dict[str, Any] = {
    "schema": 1, "system": "toy", "recipe": "net", "net": "net", "seed": 0,
    "settings": {"name": "net", "rate": 0.5, "parts": {"deep": [1, 2.5, None, True]}},
    "data": {"digest": "d", "name": "Toys", "splits": {"train": 5, "test": 2}}, "date": "2026-01-31",
    "versions": {"python": "3.11"}, "code": {"toy:f": "0" * 16}, "key": "", "seconds": 1.5, "fingerprint": [1, 0.5],
    "metrics": {"test": {"error": 0.01}}, "interval95": {"test": {"error": [0.0, 0.1]}}, "score": 0.5,
    "curves": {"loss": [1.0, 0.5], "planes": [[1, 2], [3, 4]]}, "planes": {"s1": 3}, "device": "cpu: 1 thread",
    "weights": "w",
}  # fmt: skip
KEY = runs.key(RECORD["settings"], "d", RECORD["code"])


# Publishing


def _publish(folder: Path, seed: int, score: float, weights: bytes, barrier: Any) -> None:
    barrier.wait(30)
    record = RECORD | {"seed": seed, "score": score, "weights": assets.sha256(weights)}
    runs.publish(record, weights, folder)


def test_of_seeds_that_end_together_the_best_is_published(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    for trial in range(12):
        folder = tmp_path / str(trial) / "toy"
        scores = (0.1, 0.3, 0.2) if trial % 2 else (0.3, 0.1, 0.2)
        barrier = fork.Barrier(len(scores))
        work = [
            fork.Process(target=_publish, args=(folder, seed, score, b"weights %d" % seed * 50_000, barrier))
            for seed, score in enumerate(scores)
        ]
        for process in work:
            process.start()
        for process in work:
            process.join(60)
            assert process.exitcode == 0
        net = folder / "net.safetensors"
        assert runs.check_weights(net, assets.read_file(net))["seed"] == scores.index(0.1)
        assert len(list((folder / "runs").glob("*.json"))) == 3 and len(list((folder / "code").iterdir())) == 1


def test_a_run_that_was_killed_before_its_weights_leaves_the_old_ones_with_their_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, "toy", "net", b"old")
    write = assets.write_atomic

    def killed(file: Path, content: bytes) -> None:
        if file.suffix == ".safetensors":
            raise KeyboardInterrupt
        write(file, content)

    monkeypatch.setattr(assets, "write_atomic", killed)
    with pytest.raises(KeyboardInterrupt):
        publish(tmp_path, "toy", "net", b"new", seed=1, score=0.1)
    net = tmp_path / "toy" / "net.safetensors"
    assert runs.check_weights(net, net.read_bytes())["seed"] == 0


def test_an_empty_name_of_a_folder_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("train", "export"):
        with pytest.raises(SystemExit) as ended:
            cli.main([command, "lenet", "--out", ""])
        assert ended.value.code == 2
        assert "the name of the folder is empty: is a variable not set?" in capsys.readouterr().err


# Weights


def test_weights_are_loaded_only_as_a_run_recorded_them(store: Path) -> None:
    torch.manual_seed(0)
    content = loop.stored_bytes(ZipCodeNet())
    publish(store, "lenet", "zipcode", content)
    file = store / "lenet" / "zipcode.safetensors"
    lenet.load("zipcode")
    for place in (-1, -1000, len(content) // 2):
        flipped = bytearray(content)
        flipped[place] ^= 1
        file.write_bytes(flipped)
        with pytest.raises(ConvnetsError, match=r"zipcode\.safetensors"):
            lenet.load("zipcode")
    file.write_bytes(content)
    (store / "lenet" / "runs" / "zipcode-0.json").unlink()
    with pytest.raises(ConvnetsError, match="does not hold the weights of any run of zipcode"):
        lenet.load("zipcode")


# What is stored


def test_a_record_keeps_its_code_apart_and_shows_pages_the_rest(store: Path) -> None:
    file = runs.write(RECORD)
    stored = json.loads(file.read_bytes())
    assert stored["code"] == source.digest(RECORD["code"])
    assert kept.read_code(store / "toy", stored["code"]) == RECORD["code"]
    assert runs.read("toy", "net-0").keys() == RECORD.keys() - assets.UNSHOWN
    ((name, then),) = assets.opened().items()
    for field in assets.UNSHOWN - {"schema"}:
        runs.write(RECORD | {field: [1] if field == "fingerprint" else "0" * 16})
        assert not assets.is_changed(name, then)
    for field in ("metrics", "curves", "device", "settings"):
        runs.write(RECORD | {field: {} if field != "device" else "cuda"})
        assert assets.is_changed(name, then), field


@pytest.mark.parametrize("system", [name for name in cli.systems() if runs.names(name)])
def test_the_name_of_the_data_is_in_no_runs_key(system: str) -> None:
    """It may be put in better words, and no run is stale."""
    held = [name.partition(":") for name in runs.code_of(system)]
    assert not [place for place, _, name in held if name == "NAME" and place.startswith(f"convnets.{system}")]


def test_a_run_is_fresh_under_its_own_code_or_what_was_accepted_last(store: Path) -> None:
    runs.write(RECORD | {"key": KEY})
    record = runs.read_file(store / "toy" / "runs" / "net-0.json")
    now = {"toy:f": "1" * 16}
    assert (runs.stale(record, RECORD["code"]), runs.stale(record, now)) == ([], ["toy:f"])
    code = kept.write_code(store / "toy", now)
    kept.accept(store / "toy", kept.Acceptance("2026-02-01", "shorter", code, (KEY,)), [KEY])
    assert (runs.stale(record, RECORD["code"]), runs.stale(record, now)) == (["toy:f"], [])
    other = RECORD | {"seed": 1, "key": runs.key(RECORD["settings"] | {"rate": 1}, "d", RECORD["code"])}
    assert runs.stale(other, RECORD["code"]) == ["the recipe or the data digest of the record itself"]
    then = source.digest(RECORD["code"])
    assert [file.stem for file in runs.unused_code(store / "toy")] == [then], "accepted, it stands for the new code"
    runs.write(other)
    assert runs.unused_code(store / "toy") == [], "another run still stands for the old code"


# Damage


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("place", places(RECORD), ids=lambda place: ".".join(map(str, place)))
def test_any_field_of_a_record_may_be_damaged(place: tuple[Any, ...]) -> None:
    from press.page import results

    file = runs.write(RECORD)
    good = json.loads(file.read_bytes())
    if place[0] == "code" and len(place) > 1:
        return
    for harm in HARM:
        results._summary.cache_clear()
        file.write_text(json.dumps(put(good, place, harm)))
        ask(
            lambda: runs.read("toy", "net-0"),
            lambda: runs.all_stale("toy"),
            lambda: seeds.summary("toy", "net", "error"),
            *(lambda spec=spec: results.text(spec) for spec in (
                "toy/net.error", "toy/net.error:interval", "toy/net-0.settings.rate", "toy/net.seconds", "toy/net:seeds"
            )),
        )  # fmt: skip
    results._summary.cache_clear()


WHOLE = ["1" * 5000, "NaN", "1e999", "[" * 100_000, '{"a": 1e400}', '"\\ud800"', "", "\x00", "{", '"' + "a" * 10**6]


@pytest.mark.parametrize("text", WHOLE, ids=range(len(WHOLE)))
def test_any_stored_file_may_be_garbage(store: Path, text: str) -> None:
    file = runs.write(RECORD | {"key": KEY})
    for harmed in (file, next((store / "toy" / "code").iterdir()), store / "toy" / "accepted.json"):
        before = harmed.read_bytes() if harmed.exists() else None
        harmed.write_text(text)
        with pytest.raises(ConvnetsError, match=harmed.name):
            runs.all_stale("toy")
        harmed.write_bytes(before) if before is not None else harmed.unlink()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
                    max_leaves=8))  # fmt: skip
def test_any_value_has_a_form_or_a_sentence(value: Any) -> None:
    for form in (runs._FORM, kept._FORM, forms.PLAIN, forms.Each(forms.TEXT), [forms.NUMBER]):
        assert isinstance(forms.problem(value, form), str)


def test_a_pipe_in_place_of_a_file_is_not_waited_for(store: Path) -> None:
    runs.write(RECORD)
    file = store / "toy" / "runs" / "net-0.json"
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(ConvnetsError, match="no regular file"):
        runs.read("toy", "net-0")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([1, 2.5], ""),
        ([], ""),
        ([1, True], "`x[1]` is True"),
        ([1, "2"], "`x[1]` is '2'"),
        ([1, float("nan")], "`x[1]` is nan"),
        ([float("inf"), 1], "`x[0]` is inf"),
        ([0, 1, -1], "`x[2]` is -1"),
        ([0, 11], "`x[1]` is 11"),
    ],
)
def test_a_list_of_numbers_is_judged_as_each_of_them(values, told):
    number = forms.Number(0, 10)
    assert forms.problem(values, [number], "x") == forms.problem(values, [forms.Either((number, number))], "x") == told

"""`press accept`: a refactoring is let through with its reason, a change of behaviour is not."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import killing
import pytest
import torch

from convnets.common import assets, kept, runs
from convnets.common.errors import ConvnetsError
from press import cli
from press.outputs import accept, before

PACKAGE = """\
import json
from pathlib import Path

from convnets.common import assets
from convnets.toy import model


def evaluate(net, data=None, split="test"):
    weight = json.loads(assets.read_bytes("toy", f"{net}.safetensors"))
    wrong = sum(model.double(weight) != 2 * weight for _ in range(100))
    return {"metrics": {"error": wrong / 100}}
"""

DATA = """\
from typing import NamedTuple


class Sets(NamedTuple):
    images: list
    digest: str


def split(folder=None):
    return Sets([1.0, 2.0], "d1" if folder is None else folder)
"""

TRAIN = """\
from dataclasses import dataclass

from convnets.toy.model import triple


@dataclass(frozen=True)
class Recipe:
    name: str
    net: str = "net"
    seed: int = 0
    rate: float = 0.5


RECIPES = {"net": Recipe("net"), "small": Recipe("small", rate=0.25)}


def train(recipe, data):
    loss = float(triple(recipe.seed + 1))
    losses = []
    for step in range(20):
        loss = loss * recipe.rate
        losses.append(loss)
    return losses


def fingerprint(recipe, data):
    return train(recipe, data)
"""


@pytest.fixture
def toy(book, importable):
    """A system with three runs; the first one's weights are published."""
    (book.package / "__init__.py").write_text(PACKAGE)
    (book.package / "data.py").write_text(DATA)
    (book.package / "train.py").write_text(TRAIN)
    (book.assets / "net.safetensors").write_text("3")
    training = importlib.import_module("convnets.toy.train")
    for name, seed in (("net", 0), ("net", 1), ("small", 0)):
        recipe = training.Recipe(name, seed=seed, rate=training.RECIPES[name].rate)
        settings, code = vars(recipe), runs.code_of("toy")
        digest = assets.sha256(b"3") if (name, seed) == ("net", 0) else "other"
        record = {
            "schema": 1, "system": "toy", "recipe": name, "net": "net", "seed": seed, "settings": settings,
            "data": {"digest": "d1"}, "metrics": {"test": {"error": 0.0}}, "code": code, "weights": digest,
            "key": runs.key(settings, "d1", code), "device": "cpu: 1 thread", "accepted": [], "curves": {},
            "fingerprint": training.train(recipe, None), "versions": {}, "seconds": 1.0, "date": "2026-01-31",
        }  # fmt: skip
        runs.write(record)
    importable()
    return book


def stored(book) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (book.assets / "runs").iterdir()}


def whole(stem: str) -> dict[str, Any]:
    return runs.read_file(assets.path("toy", "runs", f"{stem}.json"))


def refactor(book) -> None:
    book.replace(book.package / "train.py", "loss = loss * recipe.rate", "loss *= recipe.rate")


def test_fresh_runs_need_nothing(toy, capsys) -> None:
    before = stored(toy)
    accept.accept(toy.root, ["toy"], "no reason")
    assert capsys.readouterr().out == "toy: all 3 runs are fresh, nothing to accept\n"
    assert stored(toy) == before


def test_a_refactoring_is_accepted_with_its_reason(toy, monkeypatch, capsys) -> None:
    refactor(toy)
    toy.store()
    before = stored(toy)
    monkeypatch.chdir(toy.root)
    assert cli.main(["status", "toy"]) == 1
    assert (
        "toy             stale    runs net-0, net-1, small-0: changed convnets.toy.train:train"
        in capsys.readouterr().out
    )
    assert cli.main(["accept", "toy", "--because", "shorter"]) == 0
    assert cli.main(["status", "toy"]) == 0
    assert stored(toy) == before  # a record never changes
    assert runs.all_stale("toy") == {"net-0": [], "net-1": [], "small-0": []}
    (entry,) = kept.read(toy.assets)
    assert (entry.because, len(entry.runs)) == ("shorter", 3)
    assert [file.stem for file in (toy.assets / "code").iterdir()] == [entry.code]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "train.py",
            "loss * recipe.rate",
            "loss * recipe.rate + 1e-3",
            "behaviour of toy/net-0 changed: the loss of training step 1",
        ),
        ("train.py", "range(20)", "range(10)", "the loss of training step 10"),
        ("train.py", "losses.append(loss)", "losses.append(loss if step < 7 else float('nan'))", "training step 8"),
        ("model.py", "x * 3", "x * 4", "the loss of training step 1"),
    ],
)
def test_a_change_of_training_is_refused(toy, file, old, new, message) -> None:
    before = stored(toy)
    toy.replace(toy.package / file, old, new)
    with pytest.raises(ConvnetsError, match=message):
        accept.accept(toy.root, ["toy"], "shorter")
    assert stored(toy) == before


def test_a_change_of_the_published_metrics_is_refused(toy) -> None:
    before = stored(toy)
    refactor(toy)
    toy.replace(toy.package / "model.py", "x * SCALE", "x * SCALE + 1")
    with pytest.raises(
        ConvnetsError, match=r"behaviour of toy/net-0 changed: .* test error of 1.0 where 0.0 is stored"
    ):
        accept.accept(toy.root, ["toy"], "shorter")
    assert stored(toy) == before


def test_one_example_in_ten_thousand_may_differ(toy) -> None:
    refactor(toy)
    for metric, refused in ((1e-4, False), (2e-4, True), (float("nan"), True)):
        text = PACKAGE.replace("wrong / 100", f"float('{metric}')")
        (toy.package / "__init__.py").write_text(text)
        importlib.reload(importlib.import_module("convnets.toy"))
        if refused:
            refactor_again = toy.package / "train.py"
            refactor_again.write_text(refactor_again.read_text().replace("losses = []", "losses = list()"))
            with pytest.raises(ConvnetsError, match="test error"):
                accept.accept(toy.root, ["toy"], "shorter")
        else:
            accept.accept(toy.root, ["toy"], "shorter")


@pytest.mark.parametrize("change", ["recipe", "data"])
def test_another_recipe_or_other_data_is_no_refactoring(toy, change) -> None:
    refactor(toy)
    if change == "recipe":
        toy.replace(toy.package / "train.py", 'Recipe("net")', 'Recipe("net", rate=0.4)')
    with pytest.raises(ConvnetsError, match="toy/net-0 was trained by another recipe or on other data"):
        accept.accept(toy.root, ["toy"], "shorter", "elsewhere" if change == "data" else None)


ROUNDS = """
    state = torch.tensor([0.2 + 0.1 * recipe.seed])  # on a processor that rounds otherwise: 3e-8 more
    losses = []
    for step in range(20):
        state = layer(3.9 * state * (1 - state))
        losses.append(float(state))
    return losses
"""


@pytest.fixture
def rounded(toy) -> Any:
    """A system whose early losses carry on what a processor rounds, and whose records come from another processor."""
    code = (toy.package / "train.py").read_text()
    begin, end = code.index("    loss = float"), code.index("def fingerprint")
    code = "import torch\n" + code[:begin] + "    layer = torch.nn.Identity()" + ROUNDS + "\n\n" + code[end:]
    (toy.package / "train.py").write_text(code)
    for stem in runs.names("toy"):
        record = whole(stem)
        state, losses = torch.tensor([0.2 + 0.1 * record["seed"] + 3e-8]), []
        for _ in range(20):
            state = 3.9 * state * (1 - state)
            losses.append(float(state))
        runs.write(record | {"fingerprint": losses})
    return toy


def test_losses_may_be_off_as_far_as_rounding_leads(rounded, capsys) -> None:
    accept.accept(rounded.root, ["toy"], "a newer machine")
    assert capsys.readouterr().out == "toy: 3 runs accepted\n"
    assert not any(runs.all_stale("toy").values())


@pytest.mark.parametrize("change", ["3.9003 * state", "(3.9 if step < 3 else 3.89) * state"])
def test_what_rounding_does_not_do_is_seen_where_losses_are_rounded_otherwise(rounded, change: str) -> None:
    rounded.replace(rounded.package / "train.py", "3.9 * state", change)
    with pytest.raises(ConvnetsError, match="the loss of training step [1-6] differs"):
        accept.accept(rounded.root, ["toy"], "a newer machine")


@pytest.fixture
def history(rounded) -> Callable[[], None]:
    """``history()`` commits all that lies there; git knows the code of the records, whose machine is another one."""

    def commit() -> None:
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
        for words in (["init", "--quiet"], ["add", "--all"], [*who, "commit", "--quiet", "--message", "a state"]):
            subprocess.run(["git", *words], cwd=rounded.root, check=True)

    for stem in runs.names("toy"):
        record = whole(stem)
        code = kept.write_code(rounded.assets, runs.code_of("toy"))
        runs.write(record | {"code": code, "key": runs.key(record["settings"], "d1", code)})
    commit()
    return commit


@pytest.mark.parametrize("between", [False, True])
def test_old_code_of_the_history_is_asked_on_this_machine(rounded, history, between: bool, monkeypatch) -> None:
    """Also where other code was committed since."""
    monkeypatch.setattr(accept, "CLOSE", 0.0)  # nothing but the old code's own losses will do
    rounded.replace(rounded.package / "train.py", "state = layer(3.9 * state", "state = layer(state * 3.9")
    if between:
        history()
    accept.accept(rounded.root, ["toy"], "a newer machine")
    assert not any(runs.all_stale("toy").values())
    (accepted,) = kept.read(rounded.assets)
    history()
    rounded.replace(rounded.package / "train.py", "losses = []", "losses = list()")
    assert before.losses(whole("net-1")) == importlib.import_module("convnets.toy.train").fingerprint(
        importlib.import_module("convnets.toy.train").Recipe("net", seed=1), None
    )


def test_beside_the_history_a_change_has_no_excuse(rounded, history, monkeypatch) -> None:
    """It is as small as what another machine may do."""
    monkeypatch.setattr(accept, "CLOSE", 1e-6)
    rounded.replace(rounded.package / "train.py", "0.1 * recipe.seed", "0.1 * recipe.seed + 6e-8")
    with pytest.raises(ConvnetsError, match="behaviour of toy/net-0 changed: the loss of training step"):
        accept.accept(rounded.root, ["toy"], "a newer machine")
    shutil.rmtree(rounded.root / ".git")
    accept.accept(rounded.root, ["toy"], "a newer machine")


def test_rounding_is_as_it_was_afterwards() -> None:
    layer, x = torch.nn.Linear(8, 8), torch.rand(4, 8)
    before = layer(x)
    with accept._rounded_otherwise():
        nudged = layer(x)
    assert not torch.equal(nudged, before) and torch.equal(layer(x), before)
    torch.testing.assert_close(nudged, before, rtol=2 * torch.finfo(torch.float32).eps, atol=0)


def test_recipes_may_learn_from_different_data(toy) -> None:
    toy.replace(
        toy.package / "train.py",
        "def fingerprint",
        """def digest(recipe, data):
    return "drawn" if recipe.name == "small" else data.digest


def fingerprint""",
    )
    record = whole("small-0")
    record |= {"data": {"digest": "drawn"}, "key": runs.key(record["settings"], "drawn", record["code"])}
    runs.write(record)
    refactor(toy)
    accept.accept(toy.root, ["toy"], "shorter")
    assert not any(runs.all_stale("toy").values())
    assert whole("small-0")["data"]["digest"] == "drawn"


def test_without_published_weights_nothing_is_accepted(toy) -> None:
    refactor(toy)
    (toy.assets / "net.safetensors").write_text("4")
    with pytest.raises(ConvnetsError, match="No run record of toy belongs to the published weights of net"):
        accept.accept(toy.root, ["toy"], "shorter")


def test_of_a_network_whose_weights_are_not_stored_losses_are_compared_alone(toy, capsys) -> None:
    toy.replace(toy.package / "__init__.py", "def evaluate", "NETS = {}\n\n\ndef evaluate")
    (toy.assets / "net.safetensors").unlink()
    refactor(toy)
    accept.accept(toy.root, ["toy"], "shorter")
    assert "toy: 3 runs accepted" in capsys.readouterr().out


def test_a_damaged_record_is_named_and_kept(toy) -> None:
    refactor(toy)
    file = toy.assets / "runs" / "net-1.json"
    file.write_bytes(file.read_bytes()[:-40])
    before = stored(toy)
    with pytest.raises(ConvnetsError, match=r"runs/net-1\.json"):
        accept.accept(toy.root, ["toy"], "shorter")
    assert stored(toy) == before


def test_a_system_and_a_reason_are_needed(toy) -> None:
    with pytest.raises(ConvnetsError, match="no runs of 'nope'"):
        accept.accept(toy.root, ["nope"], "shorter")
    with pytest.raises(ConvnetsError, match="--because needs a reason"):
        accept.accept(toy.root, ["toy"], "  ")


CELL = "print(figures.doubled(4))"


def trained_on_the_page(toy) -> None:
    """The chapter trains, too: its stored outputs come from what the runs come from."""
    toy.replace(toy.chapter, CELL, f"from convnets.toy import train\nprint(train.fingerprint(1, 2))\n{CELL}")
    toy.store()


def test_outputs_that_reached_only_what_was_accepted_stand(toy, monkeypatch, capsys) -> None:
    trained_on_the_page(toy)
    before = json.loads(toy.stored.read_bytes())
    refactor(toy)
    monkeypatch.chdir(toy.root)
    assert toy.state().reasons == ["changed: convnets.toy.train:train"]
    assert cli.main(["accept", "--all", "--because", "shorter"]) == 0
    assert capsys.readouterr().out == "toy: its stored outputs stand\ntoy: 3 runs accepted\n"
    assert toy.state().state == "fresh"
    now = json.loads(toy.stored.read_bytes())
    assert now["metadata"]["press"].pop("code") != before["metadata"]["press"].pop("code")
    assert now == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("figures.py", "model.double(x) +", "model.double(x) + 0 +"),  # which no run reaches
        ("model.py", "x * SCALE", "SCALE * x"),  # which evaluation reaches, but no training
    ],
)
def test_outputs_that_reached_something_else_do_not(toy, file: str, old: str, new: str) -> None:
    trained_on_the_page(toy)
    refactor(toy)
    toy.replace(toy.package / file, old, new)
    accept.accept(toy.root, ["toy"], "shorter")
    assert not any(runs.all_stale("toy").values()) and toy.state().state == "stale"


def test_outputs_of_other_code_than_the_runs_do_not(toy) -> None:
    refactor(toy)
    trained_on_the_page(toy)
    toy.replace(toy.package / "train.py", "losses = []", "losses = list()")
    accept.accept(toy.root, ["toy"], "shorter")
    assert not any(runs.all_stale("toy").values()) and toy.state().state == "stale"


def test_a_reason_lives_as_long_as_a_run_that_it_concerns(toy) -> None:
    refactor(toy)
    accept.accept(toy.root, ["toy"], "first")
    toy.replace(toy.package / "train.py", "losses = []", "losses = list()")
    accept.accept(toy.root, ["toy"], "second")
    assert [because for _date, because in kept.reasons(toy.assets)] == ["first", "second"]
    code = runs.code_of("toy")
    for stem in runs.names("toy"):
        record = whole(stem)
        runs.write(record | {"code": code, "key": runs.key(record["settings"], "d1", code)})  # trained again
    toy.replace(toy.package / "train.py", "list()", "[]")
    accept.accept(toy.root, ["toy"], "third")
    assert [because for _date, because in kept.reasons(toy.assets)] == ["third"]


def test_systems_are_named_or_all_are_meant(toy, monkeypatch, capsys) -> None:
    monkeypatch.chdir(toy.root)
    for wrong in ([], ["toy", "--all"]):
        assert cli.main(["accept", *wrong, "--because", "x"]) == 2
        assert "names of systems, or --all" in capsys.readouterr().err


@pytest.fixture
def refactored(toy) -> killing.Trial:
    """`press accept` of a refactoring that reaches three runs and a page."""
    before = toy.root / "before"
    trained_on_the_page(toy)
    refactor(toy)
    shutil.copytree(toy.assets, before)

    def prepare() -> None:
        shutil.rmtree(toy.assets)
        shutil.copytree(before, toy.assets)

    return killing.Trial(toy.assets, prepare, lambda: accept.accept(toy.root, ["toy"], "shorter"))


def test_a_killed_acceptance_is_gone_on_with(refactored) -> None:
    refactored.check_few()


@pytest.mark.slow
def test_twenty_killed_acceptances(refactored, seed) -> None:
    refactored.check_twenty(seed)

"""`press new` and `press refresh`: a thin system is laid, works, and nothing that was there is touched."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from toys import ROOT

from convnets import hubelwiesel
from convnets.common import runs
from convnets.common.errors import ConvnetsError
from press import cli as press_cli
from press.outputs import chapters
from press.page import facts, plan
from press.publish import new, refresh
from press.publish.steps import STEPS

TITLE = "Captions: words for pictures"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """What ``press new`` looks at: the lists, and packages by name."""
    for name in ("_toc.yml", plan.FILE, "README.md", "pyproject.toml", "tests/test_contract.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for page in chapters.contents(ROOT):
        if (ROOT / "code" / "convnets" / page).is_dir():
            (tmp_path / "code" / "convnets" / page).mkdir(parents=True)
            (tmp_path / "code" / "convnets" / page / "__init__.py").write_text("")
    (tmp_path / "book" / "locale" / "es" / "LC_MESSAGES").mkdir(parents=True)
    return tmp_path


def content(root: Path) -> dict[str, bytes]:
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def test_the_doors_of_a_system_are_laid_and_two_lists_grow_by_a_line(root: Path) -> None:
    before = content(root)
    told = {file.as_posix() for file in new.new(root, "newcomer", TITLE)}
    after = content(root)
    assert told == {name for name in after if after[name] != before.get(name)}
    assert told & before.keys() == {"_toc.yml", "tests/test_contract.py"}
    for name in told & before.keys():
        was, now = before[name].decode().splitlines(), after[name].decode().splitlines()
        grown = [line.strip() for line in now if line not in was and "newcomer" not in line]
        assert grown in ([], ["- caption: Uses"]), "the part's caption, where it is the first of its part"
    assert chapters.contents(root).index("newcomer") == len(facts.systems(ROOT)) + 1, "after the last system's page"
    found = facts.read(root, "newcomer")
    assert (found.title, found.name, found.part, found.has_demo) == (TITLE, "Captions", "use", True)
    for name in told - before.keys():
        text = after[name].decode()
        assert not re.search(r"press\.publish|@\w+@|\bthin[./_-]|[\"'`/=]thin\b", text), name


def test_a_page_stands_in_its_part_where_the_plan_has_it(root: Path) -> None:
    """Systems that nobody has planned, before and after those of the real plan, however many of these are built."""
    rows = yaml.safe_load((root / plan.FILE).read_text())
    made = {row["part"]: (f"{row['part']}first", f"{row['part']}last") for row in rows}
    for row in rows:
        first, last = made[row["part"]]
        row["systems"] = {first: "First", **row["systems"], last: "Last"}
    (root / plan.FILE).write_text(yaml.safe_dump(rows, sort_keys=False))
    built = chapters.contents(root)
    for part in reversed(made):
        for name in reversed(made[part]):
            new.new(root, name, TITLE, part)
    new.new(root, "novelty", TITLE, "use")
    pages = chapters.contents(root)
    for part in plan.read(root):
        first, last = made[part.name]
        stand = [first, *(name for name in part.systems if name in built), last]
        stand += ["novelty"] if part.name == "use" else []
        assert pages[pages.index(first) :][: len(stand)] == stand
    assert [page for page in pages if page in built] == built
    toc = yaml.safe_load((root / "_toc.yml").read_text())
    captions = [part["caption"] for part in toc["parts"]]
    assert captions[: len(made)] == [part.caption for part in plan.read(root)]


def test_what_is_laid_keeps_the_style_whatever_the_name(root: Path) -> None:
    pytest.importorskip("ruff")
    laid = [str(file) for file in new.new(root, "newcomer", TITLE) if file.suffix == ".py"]
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run([sys.executable, "-m", "ruff", *command, *laid], cwd=root, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_a_system_without_training_has_no_network(root: Path) -> None:
    laid = {file.as_posix() for file in new.new(root, "untaught", "Depth: why layers", "context", training=False)}
    assert not [
        name for name in laid if name.endswith(("_contract.py", "/train.py", "/nets.py", "/convnets/untaught/model.py"))
    ]
    text = (root / "book" / "untaught.md").read_text()
    assert "{results}" not in text and "load()" not in text
    assert facts.read(root, "untaught").part == "context"


@pytest.mark.parametrize(
    ("name", "title", "told"),
    [
        ("lenet", TITLE, "is taken"),
        ("recap", TITLE, "is taken"),
        ("json", TITLE, "is taken"),
        ("2go", TITLE, "no name for a system"),
        ("AlexNet", TITLE, "no name for a system"),
        ("image-net", TITLE, "no name for a system"),
        ("class", TITLE, "no name for a system"),
        ("../x", TITLE, "no name for a system"),
        ("newcomer", " ", "is no title"),
        ("newcomer", 'A "title"', "is no title"),
    ],
)
def test_what_will_not_do_is_refused_and_nothing_written(root: Path, name: str, title: str, told: str) -> None:
    before = content(root)
    with pytest.raises(ConvnetsError, match=told):
        new.new(root, name, title)
    assert content(root) == before


def test_a_door_that_is_there_is_never_written_over(root: Path) -> None:
    (root / "book" / "newcomer.md").write_text("mine")
    before = content(root)
    with pytest.raises(ConvnetsError, match=r"book/newcomer\.md is there already"):
        new.new(root, "newcomer", TITLE)
    assert content(root) == before


def test_every_template_is_a_step_and_every_step_has_its_template() -> None:
    laid = {template for step in STEPS for template in step.files.values()}
    files = [file.relative_to(new.THIN) for file in new.THIN.rglob("*.*") if "__pycache__" not in file.parts]
    assert {file.as_posix() for file in files if file.parts[0] != "untrained"} == laid | {"es.po"}
    assert {file.relative_to("untrained").as_posix() for file in files if file.parts[0] == "untrained"} < laid


def record(recipe: str, seed: int, seconds: float, code: dict[str, str]) -> dict[str, object]:
    settings = {"seed": seed}
    return {
        "schema": 1, "system": "toy", "recipe": recipe, "net": recipe, "seed": seed, "settings": settings,
        "key": runs.key(settings, "", code), "data": {"digest": ""}, "metrics": {}, "weights": "",
        "device": "cpu: 1 thread", "code": code, "seconds": seconds,
    }  # fmt: skip


@dataclass(frozen=True)
class Toy:
    """A recipe."""

    seed: int = 0
    epochs: int = 1


@pytest.fixture
def toy(store: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A system with two recipes, of which one is to have three seeds; its code is chosen by the test."""
    training = SimpleNamespace(RECIPES={name: Toy() for name in ("big", "small")}, SEEDS={"big": 3})
    monkeypatch.setattr(importlib, "import_module", lambda name: training)
    monkeypatch.setattr(runs, "code_of", lambda system: {"toy:f": "now"})
    return training


def test_missing_runs_are_due_and_stale_ones_if_they_are_short(toy: SimpleNamespace, store: Path) -> None:
    def trained(recipe: str, seed: int, seconds: float, code: str = "now") -> None:
        runs.write(record(recipe, seed, seconds, {"toy:f": code}), store)

    assert [tuple(one) for one in refresh.due("toy")[0]] == [
        *(("big", seed, False) for seed in range(3)),
        ("small", 0, False),
    ]
    for recipe, seed, seconds in (("big", 0, 500), ("big", 1, 200), ("big", 2, 1), ("small", 4, 1)):
        trained(recipe, seed, seconds)
    assert refresh.due("toy") == ([], [])
    trained("big", 0, 500, "then")
    assert [tuple(one) for one in refresh.due("toy")[0]] == [("big", 0, True)]
    trained("big", 1, 200, "then")
    found, (told,) = refresh.due("toy")
    assert found == [] and "2 runs of toy are stale" in told and "press accept toy" in told and "--minutes 13" in told
    assert len(refresh.due("toy", minutes=13)[0]) == 2
    toy.RECIPES["small"] = Toy(epochs=2)
    assert len(refresh.due("toy", minutes=13)[0]) == 3, "the recipe is another than that of the record"
    trained("gone", 0, 1, "then")
    found, (told,) = refresh.due("toy", minutes=13)
    assert len(found) == 3 and "runs gone-0 of toy" in told, "what no recipe makes any more is told, not trained"


def test_what_cannot_be_imported_is_told_before_anything_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "figures.py").write_text("from math import nothing_of_the_kind\n")
    monkeypatch.setattr(hubelwiesel, "__path__", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "convnets.hubelwiesel.figures", raising=False)
    monkeypatch.setattr(refresh, "_train", lambda *_: pytest.fail("trained"))
    with pytest.raises(ConvnetsError, match=r"hubelwiesel\.figures cannot be imported \(ImportError: .*of_the_kind"):
        refresh.refresh(ROOT, ["hubelwiesel"])


def test_without_a_name_it_says_what_is_due_and_trains_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of runs to train and to decide about, a stale page, and a training whose recipes cannot be read."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(refresh, "_import_all", lambda _name: pytest.fail("this would go on to train"))
    runs_due = {"lenet": ([refresh.Due("lenet5", 0, False)] * 2, []), "cortex": ([], ["two runs are stale"])}
    stale = {"hubelwiesel": "stale", "neocognitron": "fresh"}
    monkeypatch.setattr(refresh.facts, "systems", lambda _root: ["lenet", "alexnet", *stale, "cortex"])
    monkeypatch.setattr(refresh, "due", lambda name: {}["x"] if name == "alexnet" else runs_due.get(name, ([], [])))
    monkeypatch.setattr(
        refresh.status, "check", lambda _root, name: [refresh.status.PageStatus(name, stale.get(name, "fresh"), [])]
    )
    monkeypatch.setattr(refresh.status, "amiss", lambda *_: [])
    assert press_cli.main(["refresh"]) == 2
    told = capsys.readouterr().err
    assert "lenet (2 runs to train), alexnet, hubelwiesel and cortex: type" in told
    assert "`press refresh lenet alexnet hubelwiesel cortex`, or `press refresh --all`" in told
    monkeypatch.setattr(refresh.facts, "systems", lambda _root: ["neocognitron"])
    assert press_cli.main(["refresh"]) == 2
    assert "nothing is due" in capsys.readouterr().err


def test_every_system_is_refreshed_only_if_that_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    asked: list[list[str]] = []
    monkeypatch.setattr(refresh, "refresh", lambda _root, names, *_: asked.append(names) or 0)
    assert press_cli.main(["refresh", "--all"]) == 0 and asked == [facts.systems(ROOT)]
    assert press_cli.main(["refresh", "lenet"]) == 0 and asked[1:] == [["lenet"]]
    assert press_cli.main(["refresh", "lenet", "--all"]) == 2 and len(asked) == 2
    assert "one of the two" in capsys.readouterr().err


@pytest.mark.slow
def test_a_laid_system_goes_all_the_way(tmp_path: Path) -> None:
    """In a copy of the repository: laid, trained, exported, executed; its own tests and its lint pass."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout: what is tracked cannot be told")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)

    def run(*command: str, code: int = 0) -> str:
        here = os.environ | {"PYTHONPATH": str(tmp_path / "code"), "CONVNETS_ASSETS": str(tmp_path / "assets")}
        done = subprocess.run([sys.executable, "-m", *command], cwd=tmp_path, env=here, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    run("press", "new", "newcomer", "--title", TITLE)
    said = run("press", "refresh", "newcomer", "--device", "cpu", code=1)
    left = [line for line in said.splitlines() if line.startswith("left for you:")]
    assert len(left) == 1 and "one message" in left[0], "the Spanish of the title alone is left to do"
    assert "fresh" in run("press", "status", "newcomer")
    assert run("press", "refresh", "newcomer", code=1).count("already there") == 0, "nothing is done twice"
    run("mypy")
    run("pytest", "-q", "tests/newcomer/test_model.py", "tests/test_contract.py", "tests/test_layout.py")
    assert json.loads(run("convnets", "evaluate", "newcomer", "--json"))["metrics"]["error"] < 0.1

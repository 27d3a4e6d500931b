"""GitHub's workflows: well formed, least rights, tags for versions; each step's commands do here what they do there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from toys import ROOT

from press import cli
from press.publish import launch

FOLDER = ROOT / ".github" / "workflows"
NAMES = ["execute", "nightly", "publish", "test"]
GH = """#!/usr/bin/env bash
if [ "$1 $2" = "run download" ]; then
  [ "$3 $4" = "7 --name" ] && cp "$STORE"/* "${7:-.}"
else
  printf "%s\\n" "$@" > "$TOLD"
fi
"""
"""Stands for the program ``gh`` and for the press: gives what was uploaded in run 7, and notes what else it is told."""


def workflow(name: str) -> dict[str, Any]:
    # YAML 1.1 reads the key `on` as true
    return yaml.safe_load((FOLDER / f"{name}.yml").read_text().replace("\non:", '\n"on":'))


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in workflow(name)["jobs"].values() for step in job["steps"]]


def script(name: str, step: str) -> str:
    return next(found["run"] for found in steps(name) if found.get("name") == step)


def git(folder: Path, *arguments: str) -> str:
    said = subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True)
    return said.stdout.strip()


def bash(folder: Path, text: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step as GitHub does: ``bash -e`` in the checkout."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        ["bash", "-e", "-c", text], cwd=folder, env=plain | environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of a repository with one commit, and its remote beside it."""
    remote, folder = tmp_path / "remote.git", tmp_path / "checkout"
    subprocess.run(["git", "init", "--quiet", "--bare", str(remote)], check=True)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(folder)], check=True)
    (folder / "assets").mkdir()
    (folder / "assets" / "old.json").write_text("{}")
    (folder / ".gitignore").write_text("_build/\n")
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", "First")
    git(folder, "remote", "add", "origin", str(remote))
    git(folder, "push", "--quiet", "origin", "main")
    return folder


def test_these_are_all_the_workflows() -> None:
    assert sorted(file.stem for file in FOLDER.iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_is_well_formed(name: str) -> None:
    whole = workflow(name)
    assert whole["name"] == name and whole["on"] and "permissions" in whole
    for job in whole["jobs"].values():
        assert job["runs-on"] and 0 < job["timeout-minutes"] <= 720
    for step in steps(name):
        assert ("uses" in step) != ("run" in step)
        if "uses" in step:
            assert re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]), f"{step['uses']} names no version by its tag"


@pytest.mark.parametrize("name", NAMES)
def test_its_commands_are_bash(name: str) -> None:
    for step in steps(name):
        if "run" in step:
            checked = subprocess.run(["bash", "-n"], input=step["run"], capture_output=True, text=True, check=False)
            assert checked.returncode == 0, checked.stderr
            assert "${{" not in step["run"], "what others may write reaches commands through the environment alone"


@pytest.mark.parametrize("name", NAMES)
def test_its_commands_exist(name: str) -> None:
    """Makefile targets, commands of the press and paths that the steps name."""
    said = "\n".join(step["run"] for step in steps(name) if "run" in step)
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\bmake (\S+)", said):
        assert f"\n{target.replace('.venv', '$(VENV)')}:" in makefile
    for command in re.findall(r"\bpress (\w+)", said):
        assert f'add("{command}"' in (ROOT / "code" / "press" / "cli.py").read_text()
    assert all((ROOT / path).exists() for path in re.findall(r"\bbash (\S+)", said))


def test_what_is_published_passed_the_gate() -> None:
    runs = [step.get("run", "") for step in steps("publish")]
    assert runs.index(".venv/bin/press status") < runs.index(".venv/bin/press build")
    uploaded = next(step for step in steps("publish") if step.get("uses", "").startswith("actions/upload-pages-"))
    assert uploaded["with"]["path"] == "_build/html"
    assert workflow("publish")["jobs"]["deploy"]["permissions"] == {"pages": "write", "id-token": "write"}


@pytest.fixture
def gh(tmp_path: Path) -> dict[str, str]:
    """Variables with which ``gh`` is found, and a folder ``STORE`` of what was uploaded."""
    for folder in ("bin", "store"):
        (tmp_path / folder).mkdir()
    (tmp_path / "bin" / "gh").write_text(GH)
    (tmp_path / "bin" / "gh").chmod(0o755)
    here = {"TOLD": str(tmp_path / "told"), "STORE": str(tmp_path / "store"), "GITHUB_RUN_ID": "7"}
    return here | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}


@pytest.mark.parametrize("name", NAMES)
def test_what_may_write_runs_nothing_that_was_installed(name: str) -> None:
    """Packages come from elsewhere: their code gets no right but to read, and no token on the disk."""
    whole = workflow(name)
    assert whole["permissions"] == {"contents": "read"}
    for job in whole["jobs"].values():
        said = "\n".join(step.get("run", "") for step in job["steps"])
        installs = re.search(r"\.venv|\bmake\b|\bpip\b|\bnpm\b|\.ci/run|python", said)
        writes = "write" in job.get("permissions", {}).values()
        assert not (installs and writes)
        checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        assert all(step.get("with", {}).get("persist-credentials") is False for step in checkouts) or not installs


def test_colab_finds_the_notebooks_that_were_published(checkout: Path, tmp_path: Path, gh: dict[str, str]) -> None:
    site = tmp_path / "printed"
    for folder in ("_notebooks", "es/_notebooks", "es/book"):
        (site / folder).mkdir(parents=True)
    (site / "_notebooks" / "lenet.ipynb").write_text("{}")
    (site / "_notebooks" / "secret.ipynb").symlink_to("/etc/hostname")
    (site / "es" / "_notebooks" / "lenet.ipynb").write_text('{"es": 1}')
    (site / "es" / "book" / "lenet.html").write_text("page")
    subprocess.run(["tar", "-cf", f"{gh['STORE']}/artifact.tar", "-C", str(site), "."], check=True)
    done = bash(checkout, script("publish", "Take what was printed"), **gh)
    assert done.returncode == 0, done.stderr
    text = script("publish", "Put the notebooks on their branch")
    for _twice in range(2):
        done = bash(checkout, text)
        assert done.returncode == 0, done.stderr
    remote = checkout.parent / "remote.git"
    assert git(remote, "ls-tree", "-r", "--name-only", launch.BRANCH).split() == ["es/lenet.ipynb", "lenet.ipynb"]
    assert git(remote, "show", f"{launch.BRANCH}:es/lenet.ipynb") == '{"es": 1}'
    assert git(remote, "rev-list", "--count", launch.BRANCH) == "1", "no history piles up"
    assert git(checkout, "status", "--porcelain") == "" and git(checkout, "rev-parse", "HEAD") == git(
        remote, "rev-parse", "main"
    )


def test_new_outputs_become_a_pull_request(checkout: Path, tmp_path: Path, gh: dict[str, str]) -> None:
    told, patch = tmp_path / "told", Path(gh["STORE"], "outputs.patch")
    here = gh | {"BRANCH": "outputs-1", "GITHUB_REF_NAME": "main"}
    runner = tmp_path / "runner"
    git(tmp_path, "clone", "--quiet", "--branch", "main", str(checkout.parent / "remote.git"), str(runner))
    assert bash(runner, script("execute", "Gather what was computed")).returncode == 0
    shutil.copy(runner / "outputs.patch", patch)
    fresh = bash(checkout, script("execute", "Propose what was computed"), **here)
    assert fresh.returncode == 0 and "fresh" in fresh.stdout and not told.exists()
    (runner / "assets" / "new.json").write_text(json.dumps({"a": 1}))
    (runner / "assets" / "weights").write_bytes(bytes(range(256)))
    (runner / "assets" / "old.json").unlink()
    (runner / "stray.txt").write_text("not an output")
    assert bash(runner, script("execute", "Gather what was computed")).returncode == 0
    shutil.copy(runner / "outputs.patch", patch)
    done = bash(checkout, script("execute", "Propose what was computed"), **here)
    assert done.returncode == 0, done.stderr
    tree = git(checkout.parent / "remote.git", "ls-tree", "-r", "--name-only", "outputs-1").split()
    assert tree == [".gitignore", "assets/new.json", "assets/weights"]
    assert told.read_text().split()[:6] == ["pr", "create", "--base", "main", "--head", "outputs-1"]


@pytest.mark.parametrize(
    ("chapters", "expected"), [("", []), ("lenet go", ["lenet", "go"]), ("--force x", ["--force", "x"])]
)
def test_chapters_are_chosen_by_name(tmp_path: Path, chapters: str, expected: list[str]) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    press = tmp_path / ".venv" / "bin" / "press"
    press.write_text(GH)
    press.chmod(0o755)
    for step, first in (("Execute stale chapters", ["execute", "--gc"]), ("Nothing may be stale now", ["status"])):
        done = bash(tmp_path, script("execute", step), CHAPTERS=chapters, TOLD=str(tmp_path / "told"))
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "told").read_text().split() == [*first, "--", *expected]


def test_a_chapter_that_looks_like_an_option_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["status", "--", "--help"]) == 2 and "no chapter '--help'" in capsys.readouterr().err
    assert cli.main(["execute", "--gc", "--", "glossary"]) == 0


def test_tests_take_the_small_pytorch(tmp_path: Path) -> None:
    text = script("test", "Take PyTorch for the processor alone, as Binder does")
    done = bash(ROOT, text, GITHUB_ENV=str(tmp_path / "env"))
    assert done.returncode == 0
    requirements = (ROOT / "binder" / "requirements.txt").read_text()
    index = re.search(r"^--extra-index-url (\S+)$", requirements, re.MULTILINE)
    assert index and (tmp_path / "env").read_text() == f"PIP_EXTRA_INDEX_URL={index[1]}\n"

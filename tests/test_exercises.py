"""Every exercise of the book: its solution passes its check, its starter runs and does not pass.

The convention, for authors: the exercise holds one ``python`` block, the starter; the solution holds ``python`` blocks
of which the last begins with ``# check``. Blocks run in order in one namespace, the check after the starter or after
the rest of the solution. An exercise of class ``needs-mnist`` or ``needs-weights`` is skipped where these are missing,
unless CONVNETS_STRICT=1.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from convnets.common import assets, data, gzipped

BOOK = Path(__file__).resolve().parents[1] / "book"
SECONDS = 15.0
"""Of one processor, so that a busy machine does not fail a test."""

FEWEST = 4
"""Exercises of a chapter: one to predict, one to derive, one to change code, one to measure."""

_BLOCK = re.compile(
    r"^(?P<fence>`{4,}|:{3,})\{(?P<kind>exercise|solution)\} *(?P<title>[^\n]*)\n(?P<body>.*?)^(?P=fence)[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
_PYTHON = re.compile(r"^```python\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)
_OPTION = re.compile(r"^:(\w+): *(.*)$", re.MULTILINE)


class Exercise(NamedTuple):
    chapter: str
    label: str
    needs: list[str]
    starter: str
    solution: str
    check: str


def read(chapter: Path) -> list[Exercise]:
    """The exercises of a chapter, each with its solution."""
    starters: dict[str, tuple[list[str], list[str]]] = {}
    solutions: dict[str, list[str]] = {}
    for match in _BLOCK.finditer(chapter.read_text(encoding="utf-8")):
        options, blocks = dict(_OPTION.findall(match["body"])), _PYTHON.findall(match["body"])
        if match["kind"] == "exercise":
            needs = [word for word in options.get("class", "").split() if word.startswith("needs-")]
            starters[options["label"]] = (needs, blocks)
        else:
            solutions[match["title"].strip()] = blocks
    odd = ", ".join(sorted(starters.keys() ^ solutions.keys()))
    assert not odd, f"{chapter.name}: {odd} has an exercise without a solution, or the reverse"
    found = []
    for label, (needs, blocks) in starters.items():
        *solution, check = solutions[label]
        assert len(blocks) == 1 and solution, f"{chapter.name}: {label} needs one starter and a solution"
        assert check.startswith("# check"), f"{chapter.name}: the last block of {label}'s solution is no check"
        found.append(Exercise(chapter.stem, label, needs, blocks[0], "\n".join(solution), check))
    return found


EXERCISES = [exercise for chapter in sorted(BOOK.glob("*.md")) for exercise in read(chapter)]


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    torch = pytest.importorskip("torch")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)


def run(blocks: list[str], label: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": label}
    for block in blocks:
        exec(compile(block, label, "exec"), namespace)
    return namespace


def require(exercise: Exercise) -> None:
    """Skip (or fail, where nothing may be missing) without the data or weights that the exercise needs."""
    missing = []
    if "needs-mnist" in exercise.needs:
        names = [f"MNIST/raw/t10k-images-idx3-ubyte{ending}" for ending in ("", ".gz")]
        missing += [] if data.find(names) else ["MNIST"]
    if "needs-weights" in exercise.needs:
        missing += [] if gzipped.weights(assets.path(exercise.chapter)) else ["the published weights"]
    if missing:
        report = pytest.fail if os.environ.get("CONVNETS_STRICT") == "1" else pytest.skip
        report(f"{exercise.label} needs {' and '.join(missing)}, which is not here")


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.label)
def test_solution_passes(exercise: Exercise) -> None:
    require(exercise)
    started = time.process_time()
    run([exercise.solution, exercise.check], exercise.label)
    assert time.process_time() - started < SECONDS


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # an unsolved starter may well divide by zero
@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.label)
def test_starter_runs_and_fails(exercise: Exercise) -> None:
    require(exercise)
    namespace = run([exercise.starter], exercise.label)
    with pytest.raises(AssertionError):
        exec(compile(exercise.check, exercise.label, "exec"), namespace)


WIDEST = 79
"""Letters of a line of code, which a page's column has room for."""


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.label)
def test_no_line_is_cut_at_the_right(exercise: Exercise) -> None:
    lines = "\n".join((exercise.starter, exercise.solution, exercise.check)).splitlines()
    assert not [line for line in lines if len(line) > WIDEST], f"break these lines of {exercise.label}"


@pytest.mark.parametrize("chapter", sorted({exercise.chapter for exercise in EXERCISES}))
def test_a_chapter_with_exercises_has_enough(chapter: str) -> None:
    count = sum(exercise.chapter == chapter for exercise in EXERCISES)
    assert count >= FEWEST, f"book/{chapter}.md has {count} exercises: write at least {FEWEST}"

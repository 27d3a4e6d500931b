"""The ladder that ``make test`` prints: whose test is whose, what is counted, and that a system's bounds hold."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import browsing
import ladder
import pytest
import torch


@pytest.mark.parametrize(
    ("nodeid", "whose"),
    [
        ("tests/lenet/test_model.py::test_shapes", "lenet"),
        ("tests/lenet/test_demo.py::test_it[cortex]", "lenet"),
        ("tests/test_browser.py::test_page[book/cortex]", "cortex"),
        ("tests/test_browser.py::test_page[book/glossary]@test_browser.py pages", "pages"),
        ("tests/test_contract.py::test_shapes[neocognitron/fukushima2003]", "neocognitron"),
        ("tests/live/test_parity.py::test_answers[lenet-lenet5-row]", "lenet"),
        ("tests/live/test_spanish.py::test_it[search]", "live"),
        ("tests/press/test_build.py::test_it", "press"),
        ("tests/test_layout.py::test_files", "house"),
    ],
)
def test_every_test_has_its_part(nodeid: str, whose: str) -> None:
    assert ladder.part(nodeid) == whose


def test_what_shares_a_page_or_a_file_is_of_one_group() -> None:
    asked = (
        "tests/lenet/test_demo.py::test_drawn", "tests/test_browser.py::test_page[book/lenet]",
        "tests/live/test_drawing.py::test_it[lenet]", "tests/test_shape.py::test_it[lenet]",
    )  # fmt: skip
    assert {ladder.group(nodeid) for nodeid in asked} == {"lenet in the browser"}
    assert ladder.group("tests/lenet/test_model.py::test_shapes") == "tests/lenet/test_model.py lenet"
    assert ladder.group("tests/test_exercises.py::test_it[lenet-a]") != ladder.group("tests/test_exercises.py::test_it")
    assert ladder.group("tests/test_browser.py::test_page[book/glossary]") == "tests/test_browser.py pages"


def test_a_group_runs_on_one_worker(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    for name in ("one", "two"):
        (tmp_path / "tests" / f"test_{name}.py").write_text(
            "import os, time, pathlib, pytest\n"
            "@pytest.mark.parametrize('number', range(8))\n"
            "def test_it(number):\n"
            "    time.sleep(0.02)\n"
            f"    pathlib.Path('{name}-' + os.environ['PYTEST_XDIST_WORKER']).write_text('')\n"
        )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "ladder", "-n", "2", "--dist", "loadscope", "tests"]
    environment = {**os.environ, "PYTHONPATH": str(ladder.TESTS)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert "16 passed" in done.stdout, done.stdout + done.stderr
    assert len(list(tmp_path.glob("one-*"))) == len(list(tmp_path.glob("two-*"))) == 1


def test_one_system_is_tested_with_its_page_and_the_house() -> None:
    asked = {
        "tests/lenet/test_model.py::test_shapes": True,
        "tests/test_browser.py::test_page[book/lenet]": True,
        "tests/test_exercises.py::test_solution[lenet-shifts]": True,
        "tests/test_layout.py::test_files": True,
        "tests/cortex/test_model.py::test_shapes": False,
        "tests/press/test_build.py::test_it": False,
    }
    assert {nodeid: ladder._is_of("lenet", nodeid) for nodeid in asked} == asked
    assert ladder._is_of("glossary", "tests/test_browser.py::test_page[book/glossary]")


def costs_of(**counts: int) -> Any:
    """What is held against ``lenet``, after a report of a test that cost so much and one of a slow test."""
    costs = ladder.Ladder(SimpleNamespace(getoption=lambda _: False))  # type: ignore[arg-type]
    costs.expect(["tests/lenet/test_demo.py::a", "tests/lenet/test_demo.py::b"])
    counted = [(name.replace("_", " "), count) for name, count in counts.items()]
    for name, keywords in (("a", {}), ("b", {"slow": 1})):
        said = {"nodeid": f"tests/lenet/test_demo.py::{name}", "when": "teardown", "duration": 1.5, "failed": False}
        report = SimpleNamespace(**said, user_properties=counted, keywords=keywords)
        costs.pytest_runtest_logreport(report)  # type: ignore[arg-type]
    return costs


def test_costs_are_added_up_and_a_system_that_takes_too_much_is_named() -> None:
    most = ladder.BOUNDS["page loads"]
    within, beyond = costs_of(page_loads=most), costs_of(page_loads=most + 1)
    assert within.costs["lenet"] == Counter({"seconds": 3.0, "tests": 2, "page loads": 2 * most})
    assert within.beyond() == [], "slow tests are not held against it"
    assert len(beyond.beyond()) == 1 and f"lenet takes {most + 1} page loads" in beyond.beyond()[0]
    session = SimpleNamespace(exitstatus=pytest.ExitCode.OK)
    within.pytest_sessionfinish(session)
    assert session.exitstatus == pytest.ExitCode.OK
    beyond.pytest_sessionfinish(session)
    assert session.exitstatus == pytest.ExitCode.TESTS_FAILED


def test_a_training_step_is_counted() -> None:
    before = ladder._steps
    torch.ones(2, requires_grad=True).sum().backward()
    assert ladder._steps == before + 1


def test_seconds_of_processors_are_those_of_children_too() -> None:
    before = ladder.processor_seconds()
    busy = "import time\nwhile time.process_time() < 0.3: pass\ninput()"
    with subprocess.Popen([sys.executable, "-c", busy], stdin=subprocess.PIPE) as child:
        while ladder.processor_seconds() < before + 0.3:
            assert child.poll() is None, "a child that has not ended counts"
        child.communicate(b"\n")
    assert ladder.processor_seconds() >= before + 0.3, "and one that has"


def test_a_page_load_is_counted_and_the_clock_is_moved(chromium: Any, serve: browsing.Serve, tmp_path: Any) -> None:
    (tmp_path / "page.html").write_text(
        "<p>never</p><script>setTimeout(() => { document.body.textContent = 'ten' }, 1e4)</script>"
    )
    before = browsing.Visit.loads
    with browsing.Visit(chromium, f"{serve(tmp_path)}/page.html") as visit:
        assert visit.page.inner_text("body") == "never"
        visit.forward(10)
        assert visit.page.inner_text("body") == "ten"
        visit.page.reload()
    assert browsing.Visit.loads == before + 2

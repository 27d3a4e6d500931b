"""What each system costs: its tests, their seconds, the pages they load, the steps they train, on any number of cores.

With ``--ladder`` (``make test``) progress and a table are printed part by part. A *part* is a system, with all that is
parametrised by its name, or one of the other folders. A system's costs are bounded by counts, which are the same on
every machine. Seconds are told, and bound nothing: those that passed, and those of processors, the browser's included,
which say something on a busy machine, too. ``--only lenet`` runs one part and what concerns the whole house.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter, defaultdict
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import browsing
import pytest

TESTS = Path(__file__).resolve().parent
SYSTEMS = {folder.name for folder in TESTS.iterdir() if folder.is_dir()} - {"press", "live", "__pycache__"}
BOUNDS = {"page loads": 11, "training steps": 1600}
"""Of one system in ``make test``: what forty seconds of two cores have room for."""

SHARING = (
    "test_browser.py", "test_drawing.py", "test_demo.py", "test_own_demo.py",
    "test_shape.py", "test_phone.py", "test_spanish.py",
)  # fmt: skip
"""They ask the same page one after another, in this order, as far as their tests want ``pages``."""

BROWSES = re.compile(r"^from (browsing|demos) import", re.MULTILINE)

PROCESSOR, COLLECTING = "processor s", "collecting"

WHOLE_HOUSE = ("test_layout.py", "test_workflows.py")
"""Also run with ``--only``."""

_steps = 0
_used = _collecting = 0.0


def part(nodeid: str) -> str:
    """The system whose test this is, else ``press``, ``live``, ``pages`` or ``house``."""
    path, _, name = nodeid.partition("::")
    folder = path.split("/")[1] if path.count("/") > 1 else ""
    if folder in SYSTEMS:
        return folder
    words = _words(name)
    named = [word for word in words if word in SYSTEMS]
    if named:
        return named[0]
    return folder or ("pages" if path.endswith("test_browser.py") else "house")


def _words(name: str) -> list[str]:
    """The words of a test's parameters."""
    inside = re.search(r"\[(.*)\]", name)
    return re.split(r"[^a-z0-9]+", inside[1]) if inside else []


def processor_seconds() -> float:
    """What this process has used, and all that it started: the browser's processes, too, where /proc tells of them."""
    if not os.path.isdir("/proc/self"):
        return sum(os.times()[:4])
    own: dict[int, int] = {}
    children: defaultdict[int, list[int]] = defaultdict(list)
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
            told = file.read().rpartition(b")")[2].split()
            own[int(name)] = sum(map(int, told[11:15]))
            children[int(told[1])].append(int(name))
    ticks, left = 0, [os.getpid()]
    while left:
        process = left.pop()
        ticks += own.get(process, 0)
        left += children[process]
    return ticks / os.sysconf("SC_CLK_TCK")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--ladder", action="store_true", help="print progress and costs system by system")
    parser.addoption("--only", metavar="NAME", help="the tests of one system, page or folder, and the house's")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose with ``--only``. The longest first; of those that share a page, what every page is asked."""
    if chosen := config.getoption("only"):
        kept = [item for item in items if _is_of(chosen, item.nodeid)]
        if all(item.path.name in WHOLE_HOUSE for item in kept):
            raise pytest.UsageError(f"--only {chosen}: no test is of this name; choose a system, a page or a folder")
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept
    items.sort(key=lambda item: (not _browses(item.path), part(item.nodeid), _rank(item)))


def _rank(item: pytest.Item) -> int:
    """A test's place among those that share a page; one that opens its own comes after them."""
    name, shares = item.path.name, "pages" in getattr(item, "fixturenames", ())
    return SHARING.index(name) if shares and name in SHARING else len(SHARING)


@cache
def _browses(path: Path) -> bool:
    return path.is_file() and bool(BROWSES.search(path.read_text(encoding="utf-8")))


def group(nodeid: str) -> str:
    """Tests of a group run on one worker: those of a system that share its opened pages, or a file."""
    path, name = nodeid.partition("::")[0], part(nodeid)
    return f"{name} in the browser" if name in SYSTEMS and _browses(TESTS.parent / path) else f"{path} {name}"


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With ``--dist loadscope``, groups stay together. (The marks of xdist 3.8 do nothing with pytest 9.2.)"""
    if config.getoption("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    config.option.loadscopereorder = False
    return Groups(config, log)


def _is_of(chosen: str, nodeid: str) -> bool:
    path, _, name = nodeid.partition("::")
    return part(nodeid) == chosen or chosen in _words(name) or Path(path).name in WHOLE_HOUSE


def pytest_collection_finish(session: pytest.Session) -> None:
    """Count every backward pass from now on: a training step has one. What was imported so far is no part's."""
    global _used, _collecting
    if session.config.getoption("ladder"):
        _used = _collecting = processor_seconds()
    if (torch := sys.modules.get("torch")) and not hasattr(torch.autograd.backward, "counts"):
        backward = torch.autograd.backward

        def counted(*arguments: Any, **options: Any) -> None:
            global _steps
            _steps += 1
            backward(*arguments, **options)

        counted.counts = True  # type: ignore[attr-defined]
        torch.autograd.backward = counted


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Any:
    """Say with the last report of a test what was counted since the one before it."""
    global _steps, _used, _collecting
    try:
        return (yield)
    finally:
        if item.config.getoption("ladder"):
            before, _used = _used, processor_seconds()
            item.user_properties.append((PROCESSOR, max(0.0, _used - before)))  # processes end, with what they used
            item.user_properties.append((COLLECTING, _collecting))
            _collecting = 0.0
        item.user_properties += [("page loads", browsing.Visit.loads), ("training steps", _steps)]
        browsing.Visit.loads = _steps = 0


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Ladder(config), "ladder-costs")


class Ladder:
    """Adds up the reports of all workers."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.shows = config.getoption("ladder")
        self.waiting: Counter[str] = Counter()  # tests that have not ended, by part
        self.costs: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.bounded: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.done = self.all = 0

    def expect(self, nodeids: list[str]) -> None:
        if not self.all:
            self.waiting = Counter(part(nodeid) for nodeid in nodeids)
            self.all = len(nodeids)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.expect([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self.expect(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = part(report.nodeid)
        costs = self.costs[name]
        costs["seconds"] += report.duration  # type: ignore[assignment]
        if report.failed and self.shows:
            self.say(f"FAILED {report.nodeid}")
        if report.when != "teardown":
            return
        counted = {key: value for key, value in report.user_properties if key in BOUNDS}
        costs.update({"tests": 1} | counted)
        told = dict(report.user_properties)
        costs[PROCESSOR] += told.get(PROCESSOR, 0)  # type: ignore[assignment]
        if told.get(COLLECTING):
            self.costs[COLLECTING][PROCESSOR] += told[COLLECTING]  # type: ignore[assignment]
        if "slow" not in report.keywords:
            self.bounded[name].update(counted)
        self.waiting[name] -= 1
        self.done += 1
        if self.shows and not self.waiting[name]:
            self.say(f"[{100 * self.done // self.all:3d} %] {name}: {costs['tests']} tests, {costs['seconds']:.0f} s")

    def say(self, line: str) -> None:
        self.config.get_terminal_writer().line(line, flush=True)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Lines instead of dots."""
        if not self.shows or getattr(report, "when", None) not in ("setup", "call", "teardown"):
            return None
        if report.when == "call" or not report.passed:
            return ("error" if report.failed and report.when != "call" else report.outcome), "", ""
        return None

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.shows:
            columns = ("tests", "seconds", PROCESSOR, *BOUNDS)
            terminalreporter.section("what each part costs (seconds of one worker)")
            terminalreporter.line(f"{'':16}" + "".join(f"{column:>16}" for column in columns))
            for name in sorted(self.costs, key=lambda name: (name not in SYSTEMS, name)):
                terminalreporter.line(f"{name:16}" + "".join(f"{self.costs[name][key]:16.0f}" for key in columns))
        for line in self.beyond():
            terminalreporter.line(line, red=True)

    def beyond(self) -> list[str]:
        """A sentence for each bound that a system breaks."""
        return [
            f"{name} takes {self.bounded[name][key]} {key}, {most} are allowed: share a page or a trained network "
            f"between its tests, or mark one slow (tests/ladder.py)"
            for name in sorted(SYSTEMS & self.bounded.keys())
            for key, most in BOUNDS.items()
            if self.bounded[name][key] > most
        ]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.beyond() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

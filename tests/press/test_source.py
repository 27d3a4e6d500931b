"""The closure: what a change touches, and what it does not."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from convnets.common import memory, source, syntax
from convnets.common.errors import ConvnetsError

FILES = {
    "__init__.py": '__version__ = "1"\n',
    "toy/__init__.py": "from . import parts\nfrom .net import Net, build as make\n",
    "toy/parts.py": """\
import math
from math import tanh as squash

LIMIT = 3
TABLE = {}
TABLE["a"] = LIMIT


def used(x):
    \"\"\"What it does.\"\"\"
    total = squash(x)  # a comment
    return total + LIMIT


def other(used):
    return used + math.pi


def recursive(n):
    return recursive(n - 1) if n else TABLE


def nested(x):
    global LIMIT
    LIMIT = sorted(x, key=lambda used: used)
    return [other for other in x] + [used(1)]
""",
    "toy/net.py": """\
from __future__ import annotations

from typing import TYPE_CHECKING

from convnets.toy.parts import used

if TYPE_CHECKING:
    from convnets.toy.shapes import Shape


class Base:
    pass


class Net(Base):
    def forward(self, x: Shape):
        return used(x)


def build():
    return [Net() for used in range(2)]


def late():
    from convnets.toy import parts

    return parts.other(1)
""",
    "toy/shapes.py": "from .parts import *\n\n\nclass Shape:\n    pass\n",
    "toy/effects.py": "import toolbox\n\ntoolbox.settings['ink'] = 1\n\n\ndef draw():\n    return 1\n",
}


@pytest.fixture
def code(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        file = tmp_path / "convnets" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def names(code: Path, *roots: str) -> set[str]:
    return {name.removeprefix("convnets.toy.") for name in source.closure(roots, code)}


def changed(code: Path, root: str, file: str, old: str, new: str) -> list[str]:
    before = source.closure([root], code)
    path = code / "convnets" / "toy" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    return source.differences(before, source.closure([root], code))


def test_a_function_reaches_what_it_reads(code: Path) -> None:
    assert names(code, "convnets.toy.parts:used") == {"parts:used", "parts:LIMIT"}
    assert names(code, "convnets.toy.parts:recursive") == {"parts:recursive", "parts:TABLE", "parts:LIMIT"}


def test_a_name_that_a_function_binds_is_its_own(code: Path) -> None:
    assert names(code, "convnets.toy.parts:other") == {"parts:other"}
    assert names(code, "convnets.toy.parts:nested") == {"parts:nested", "parts:used", "parts:LIMIT"}


def test_classes_reach_bases_and_annotations_and_comprehensions_keep_their_names(code: Path) -> None:
    reached = names(code, "convnets.toy.net:build")
    assert {"net:build", "net:Net", "net:Base", "parts:used", "shapes:Shape"} <= reached


def test_imports_inside_functions_and_reexports_are_followed(code: Path) -> None:
    assert names(code, "convnets.toy.net:late") == {"net:late", "parts:other"}
    assert names(code, "convnets.toy:make") == names(code, "convnets.toy.net:build")
    assert names(code, "convnets:toy.parts.used") == names(code, "convnets.toy.parts:used")


def test_star_import_bare_module_and_unknown_name_stand_for_the_whole_module(code: Path) -> None:
    everything = {f"parts:{name}" for name in ("LIMIT", "TABLE", "used", "other", "recursive", "nested")}
    assert names(code, "convnets.toy.parts") == everything
    assert names(code, "convnets.toy.parts:nowhere") == everything
    assert everything <= names(code, "convnets.toy.shapes:Shape")


def test_statements_without_a_name_belong_to_the_whole_module(code: Path) -> None:
    assert names(code, "convnets.toy.effects:draw") == {"effects:draw", "effects:*"}


def test_a_missing_module_is_part_of_the_closure(code: Path) -> None:
    assert source.closure(["convnets.gone:f"], code) == {"convnets.gone:": "missing"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  # a comment", "  # another"),
        ("What it does.", "What it did."),
        ("    total = squash(x)", "    total = squash(\n\n        x\n    )"),
        ("math.pi", "math.e"),
        ("\n\n\ndef recursive", "\n\n\ndef added():\n    pass\n\n\ndef recursive"),
    ],
)
def test_a_change_that_does_not_concern_it(code: Path, old: str, new: str) -> None:
    assert changed(code, "convnets.toy.parts:used", "parts.py", old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("total + LIMIT", "total - LIMIT", "used"),
        ("LIMIT = 3", "LIMIT = 4", "LIMIT"),
        ("import tanh as", "import sinh as", "used"),
        ("def used(x)", "@staticmethod\ndef used(x)", "used"),
        ("def used(x)", "def used(x=1)", "used"),
    ],
)
def test_a_change_that_concerns_it_is_named(code: Path, old: str, new: str, name: str) -> None:
    assert changed(code, "convnets.toy.parts:used", "parts.py", old, new) == [f"convnets.toy.parts:{name}"]


def test_a_changed_item_of_a_table_is_a_change_of_the_table(code: Path) -> None:
    found = changed(code, "convnets.toy.parts:recursive", "parts.py", 'TABLE["a"]', 'TABLE["b"]')
    assert found == ["convnets.toy.parts:TABLE"]


def test_roots_of_a_chapter() -> None:
    cells = [
        "%matplotlib inline\nfrom convnets import lenet\nimport numpy as np",
        "net = lenet.model.LeNet5()\nnp.sum(net)",
        "import convnets.lenet.data as data\nfor data_set in [data.load()]: print(lenet.load)",
    ]
    roots = ["convnets.lenet.data:load", "convnets:lenet.load", "convnets:lenet.model.LeNet5"]
    assert source.uses(cells) == roots
    assert source.uses(["from convnets.lenet import *\nimport convnets.toy\nconvnets.toy.x"]) == [
        "convnets.lenet",
        "convnets:toy.x",
    ]


def test_digests_are_the_same_under_every_python() -> None:
    text = """\
@decorate(1.5, *a, **b)
async def f(x: int = 0, /, *y, k=None, **z) -> "str":
    async with x as q: await q
    match x:
        case [1, *rest] if rest: return f"{x!r:>{k}} {x=} " "é\\n"
    return [i async for i in y if i][::2], {**z}, lambda n: (yield n), 1_000, 1e400, b"\\0", ...
"""
    scan = syntax.Scan(source._parse(text, "here"))
    assert source._hash(scan.text) == "b960cc544b247fda"


def test_what_is_not_python_is_named(code: Path) -> None:
    (code / "convnets" / "toy" / "parts.py").write_text("def (")
    with pytest.raises(ConvnetsError, match=r"parts\.py is not valid Python"):
        source.closure(["convnets.toy.parts:used"], code)
    with pytest.raises(ConvnetsError, match="The chapter's code is not valid Python"):
        source.uses(["x ="])


def test_what_was_parsed_is_remembered_by_its_text_until_it_changes(code: Path, tmp_path: Path, monkeypatch) -> None:
    file, root = tmp_path / "parsed.json", "convnets.toy.parts:used"

    def remembered() -> dict[str, str]:
        monkeypatch.setattr(memory, "_known", {})
        source._read.cache_clear()
        with memory.remembered(file):
            return source.closure([root], code)

    first = remembered()
    with monkeypatch.context() as patch:
        patch.setattr(source, "_parse", lambda text, place: pytest.fail("parsed again"))
        assert remembered() == first
    parts = code / "convnets" / "toy" / "parts.py"
    parts.write_text(parts.read_text().replace("LIMIT = 3", "LIMIT = 4"))
    assert source.differences(first, remembered()) == ["convnets.toy.parts:LIMIT"]
    for garbled in ("{", "[1]", '{"a": '):
        file.write_text(garbled)
        assert remembered().keys() == first.keys()


def test_what_another_version_of_a_parser_found_is_not_believed(tmp_path: Path, monkeypatch) -> None:
    file, asked = tmp_path / "known.json", []

    def remembered(version: str) -> None:
        folder = tmp_path / version
        (folder / f"parser-{version}.dist-info").mkdir(parents=True, exist_ok=True)
        with monkeypatch.context() as patch:
            patch.setattr(memory, "_known", {})
            patch.syspath_prepend(folder)
            with memory.remembered(file):
                memory.recall("what", b"content", lambda: asked.append(version))

    for version in ("1.0", "1.0", "1.1", "1.1"):
        remembered(version)
    assert asked == ["1.0", "1.1"]
    monkeypatch.setattr(sys, "version", "4.0")
    memory._installed.cache_clear()
    remembered("1.1")
    memory._installed.cache_clear()
    assert asked == ["1.0", "1.1", "1.1"], "nor what another Python found"


TOLD = """\
from convnets.common import telling
from convnets.common.errors import ConvnetsError
from convnets.toy.parts import LIMIT, other


def check(x):
    if x > 1:
        raise ConvnetsError(f"{x} is more than {LIMIT}: take less.")
    return x


def walk(items):
    return sum(item for item in telling.bar(items, "things"))


def bar(items, rate):
    return items * rate


def own(items):
    return bar(items, 2)
"""


@pytest.mark.parametrize(
    ("root", "old", "new", "counts"),
    [
        ("check", "take less", "take one", False),
        ("check", "{LIMIT}", "{other}", False),
        ("check", "raise ConvnetsError(", "raise ValueError(", True),
        ("check", "x > 1", "x > 2", True),
        ("walk", '"things"', '"numbers"', False),
        ("walk", '"things"', 'f"{len(items)} things"', False),
        ("walk", '"things"', "items.pop()", True),
        ("walk", 'telling.bar(items, "things")', "items", False),
        ("walk", "telling.bar(items", "telling.bar(items[1:]", True),
        ("own", "bar(items, 2)", "bar(items, 3)", True),
    ],
)
def test_what_is_only_told_is_in_no_runs_key_but_in_a_pages(
    code: Path, root: str, old: str, new: str, counts: bool
) -> None:
    file = code / "convnets" / "toy" / "told.py"
    file.write_text(TOLD)
    before = [source.closure([f"convnets.toy.told:{root}"], code, telling) for telling in (False, True)]
    assert old in TOLD
    file.write_text(TOLD.replace(old, new))
    run, page = (source.closure([f"convnets.toy.told:{root}"], code, telling) for telling in (False, True))
    assert bool(source.differences(before[0], run)) == counts
    assert counts <= bool(source.differences(before[1], page))
    assert new == "items" or source.differences(before[1], page)


def test_plumbing_reaches_nothing_else_and_each_of_it_is_there() -> None:
    kept = set(source.closure(["convnets.common.tables:table"]))  # who writes a table has made it: it is in that key
    for target in source.PLUMBING:
        search = source._Search(source.CODE, without=frozenset())
        search.follow(target if ":" in target else f"{target}:")
        assert search.found and "missing" not in search.found.values(), f"{target} is gone: take it from PLUMBING"
        strangers = {name for name in search.found if not source.PLUMBING & {name, name.partition(":")[0]}} - kept
        assert not strangers, f"{target} is in no key, but reaches {', '.join(strangers)}"


@pytest.mark.parametrize(
    ("file", "old", "new", "stale"),
    [
        ("telling.py", "threads > 1", "threads >= 2", False),
        ("assets.py", "os.fsync(stream.fileno())", "os.fsync(stream)", False),
        ("runs.py", '"metrics": Each', '"measures": Each', False),
        ("loop.py", "tensor.half().float()", "tensor.half().double()", True),
        ("loop.py", "torch.set_num_threads(1)", "torch.set_num_threads(2)", True),
        ("stats.py", "_Z95 = ", "_Z95 = 2 * ", True),
    ],
)
def test_a_change_of_common_code_makes_stale_what_it_can_change(
    tmp_path: Path, file: str, old: str, new: str, stale: bool
) -> None:
    shutil.copytree(source.CODE / "convnets", tmp_path / "convnets", ignore=shutil.ignore_patterns("__pycache__"))
    roots = [f"convnets.{system}.train:train" for system in ("lenet", "neocognitron", "cortex")]
    before = source.closure(roots, tmp_path, telling=False)
    path = tmp_path / "convnets" / "common" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert bool(source.differences(before, source.closure(roots, tmp_path, telling=False))) == stale

"""What a piece of the project is made of: the definitions that it reaches, and a digest of each.

The closure is static: files are parsed, nothing is imported. A *definition* is a function, a class or another
name that a module binds; it reaches the definitions whose names it reads, through imports, re-exports and
attributes of modules. Its digest changes with what Python would run, not with comments, docstrings or the
breaking of lines, and is the same under every Python from 3.11 on. A module used as a bare object, a name that
cannot be found in it and a star import stand for the whole module.

A module of the package itself, such as ``convnets.lineage``, gathers the modules of its name that systems have.

Limits: computed attribute names, patched modules, and methods of objects whose class is named nowhere (an
annotation is enough) are not followed.

What cannot change a number is in no run's key. :data:`PLUMBING` carries results and makes none; what definitions only
*tell* (messages of errors, see :mod:`convnets.common.syntax`) counts for pages, which may print it, and for no run.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from convnets.common import memory, syntax
from convnets.common.errors import ConvnetsError
from convnets.common.syntax import IMPORTS, STAR, Scan, bound, is_check, is_docstring, join

__all__ = ["CODE", "PLUMBING", "closure", "differences", "digest", "untold", "uses"]

CODE = Path(__file__).resolve().parents[2]
"""The folder that holds the ``convnets`` package."""

PLUMBING = frozenset(
    f"convnets.common.{name}"
    for name in (
        "assets",
        "errors",
        "forms",
        "gzipped",
        "kept",
        "loop:Checkpoint",
        "memory",
        "recorded",
        "runs",
        "source",
        "syntax",
        "tables:_POWER",
        "tables:_flush",
        "tables:_is_numeric",
        "tables:_shown",
        "tables:html",
        "tables:text",
        "telling",
    )
)
"""Modules and definitions in no key: they store, read, check, name and announce. All that they reach is among them."""

_EFFECTS = "*"  # stands for statements that bind nothing; they belong to whatever is used of their module


def closure(roots: Iterable[str], code: Path | None = None, telling: bool = True) -> dict[str, str]:
    """Digests of every project definition that ``roots`` reach.

    Args:
        roots: ``"convnets.lenet.train:train"`` (a name), ``"convnets:lenet.train.train"`` (the same by
            attributes) or ``"convnets.lenet.figures"`` (a whole module).
        code: folder that holds the package; None means the one that is running.
        telling: whether to take in what definitions tell, too.

    Returns:
        ``{"module:name": 16 hexadecimal digits}``, sorted; a module that is not there is ``"missing"``. What a
        definition tells stands after a ``+``, unless it is left out (``telling``).

    Raises:
        ConvnetsError: a file is not Python.
    """
    search = _Search(code or CODE, telling)
    for root in roots:
        search.follow(root)
    return dict(sorted(search.found.items()))


def uses(cells: Iterable[str]) -> list[str]:
    """The roots that a chapter's code cells read, in the form that :func:`closure` takes.

    Raises:
        ConvnetsError: a cell is not Python.
    """
    lines = [line for cell in cells for line in cell.splitlines() if not line.startswith(("%", "!"))]
    scan = Scan(_parse("\n".join(lines), "The chapter's code"))
    targets = [*scan.targets(scan.imports), *scan.targets(scan.imports, told=True)]
    return sorted({target.rstrip(":") for target in targets if _in_project(target)})


def untold(digest: str | None) -> str | None:
    """A definition's digest without what it tells, as runs' keys know it."""
    return digest.partition("+")[0] if digest else digest


def differences(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Names whose digests differ, sorted."""
    return sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))


def digest(mapping: Mapping[str, Any]) -> str:
    """16 hexadecimal digits that stand for a JSON-able mapping."""
    return _hash(json.dumps(mapping, sort_keys=True))


class _Search:
    """A walk over definitions, from roots to everything that they reach."""

    def __init__(self, code: Path, telling: bool = True, without: frozenset[str] | None = None) -> None:
        self.code, self.telling = code, telling
        self.without = PLUMBING if without is None else without
        self.found: dict[str, str] = {}
        self.whole: set[str] = set()
        self.modules: dict[str, _Module | None] = {}

    def follow(self, target: str) -> None:
        """Take in what ``target`` names: walk attributes through packages until a definition is met."""
        place, _, path = target.partition(":")
        name, *rest = path.split(".")
        if not _in_project(place) or self.without & {place, f"{place}:{name}"}:
            return
        module = self.module(place)
        if module is None:
            self.found[f"{place}:"] = "missing"
        elif name in module.definitions:
            self.take(place, module, name)
        elif name in module.imports:
            self.follow(join(module.imports[name], rest))
        elif name and self.module(f"{place}.{name}"):
            self.follow(join(f"{place}.{name}:", rest))
        elif place not in self.whole:
            self.take_all(place, module)

    def take_all(self, place: str, module: _Module) -> None:
        self.whole.add(place)
        for name in module.definitions:
            self.take(place, module, name)
        for name, target in module.imports.items():
            if module.is_package or name.startswith(STAR):  # what it hands on to others
                self.follow(target)

    def take(self, place: str, module: _Module, name: str) -> None:
        key = f"{place}:{name}"
        if key not in self.found and key not in self.without:
            made, targets, told, more = module.definitions[name]
            self.found[key] = f"{made}+{told}" if told and self.telling else made
            for target in [*targets, *(more if self.telling else []), *self.gathered(place)]:
                self.follow(target)

    def gathered(self, place: str) -> list[str]:
        """What a module such as ``convnets.lineage`` imports by name when it runs: that module of each system."""
        package, _, name = place.partition(".")
        files = self.code.joinpath(package).glob(f"*/{name}.py") if name and "." not in name else ()
        return [f"{package}.{file.parent.name}.{name}:" for file in sorted(files) if file.parent.name != "common"]

    def module(self, name: str) -> _Module | None:
        if name not in self.modules:
            base = self.code.joinpath(*name.split("."))
            files = [file for file in (base / "__init__.py", base.with_suffix(".py")) if file.is_file()]
            self.modules[name] = _read(name, files[0], files[0].stat().st_mtime_ns) if files else None
        return self.modules[name]


class _Module(NamedTuple):
    """What a file binds: digest and targets of each definition, both twice, and the targets of its imports."""

    is_package: bool
    definitions: dict[str, tuple[str, list[str], str, list[str]]]  # what it does, then what it tells
    imports: dict[str, str]


@cache
def _read(name: str, file: Path, mtime_ns: int) -> _Module:
    """The module in ``file``; the time is there so that an edited file is read again."""
    content = file.read_bytes()

    def index() -> list[Any]:
        return list(_index(_parse(content.decode(), str(file)), name, file.name == "__init__.py"))

    return _Module(*memory.recall(f"module {name}", content, index, __file__, syntax.__file__))


def _index(tree: ast.Module, name: str, is_package: bool) -> _Module:
    package = name if is_package else name.rpartition(".")[0]
    statements: dict[str, list[ast.stmt]] = {}
    imports: dict[str, str] = {}
    for statement in tree.body:
        if isinstance(statement, IMPORTS) or is_check(statement, "TYPE_CHECKING"):
            imports |= Scan(statement, package).imports
        elif not is_docstring(statement) and not is_check(statement, "__name__"):
            for bound_name in bound(statement) - imports.keys() or [_EFFECTS]:
                statements.setdefault(bound_name, []).append(statement)
    definitions = {}
    for own, parts in statements.items():
        scan = Scan(ast.Module(parts, []), package, imports)
        entry: list[Any] = []
        for told, text, reads in ((False, scan.text, scan.reads), (True, scan.told, scan.told_reads)):
            targets = scan.targets(imports | scan.imports, told)
            foreign = [target for target in targets if not _in_project(target)]
            beside = ({path[0] for path in reads} | {_EFFECTS}) & statements.keys()
            within = [target for target in targets if _in_project(target)]
            within += [f"{name}:{other}" for other in sorted(beside)]
            entry += [_hash(text + ascii(foreign)) if text or not told else "", within if text or not told else []]
        definitions[own] = tuple(entry)
    return _Module(is_package, definitions, imports)


def _in_project(target: str) -> bool:
    return target.startswith(("convnets.", "convnets:")) or target == "convnets"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _parse(text: str, place: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise ConvnetsError(f"{place} is not valid Python ({error}): mend it first.") from error

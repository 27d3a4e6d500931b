"""Python's syntax as :mod:`convnets.common.source` needs it: what a piece of code says, reads and binds.

A *target* is where a name comes from: ``"module:path.of.name"``, or ``"module:"`` for the module itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["IMPORTS", "STAR", "Scan", "bound", "is_check", "is_docstring", "join"]

IMPORTS = (ast.Import, ast.ImportFrom)
STAR = "*"
"""With the module after it: the name under which a star import is kept."""

_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_SCOPES = (*_FUNCTIONS, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_OUTSIDE = ("args", "decorator_list", "returns")  # the parts of a function that its surroundings evaluate
_NO_CODE = ("ctx", "kind", "type_comment")


class Scan:
    """One pass over syntax: a text that stands for it, the dotted names that it reads, its imports as targets."""

    def __init__(self, node: ast.AST, package: str = "") -> None:
        self.package = package
        self.imports: dict[str, str] = {}
        self.reads: set[tuple[str, ...]] = set()
        self._local: set[str] = set()  # names that the scope at hand binds
        self._shared: set[str] = set()  # those of them that it declares global
        self._pieces: list[str] = []
        self._visit(node)
        self.text = "\n".join(self._pieces)

    def targets(self, imports: Mapping[str, str]) -> list[str]:
        """Where the names that are read come from, by ``imports``; a star may bring any."""
        stars = [target for name, target in imports.items() if name.startswith(STAR)]
        return [join(imports[head], rest) for head, *rest in sorted(self.reads) if head in imports] + stars

    def _visit(self, node: Any) -> None:
        if isinstance(node, list):
            self._pieces.append(str(len(node)))
            for item in node:
                self._visit(item)
        elif not isinstance(node, ast.AST):
            self._pieces.append(ascii(node))
        elif path := _dotted(node):
            self._pieces.append(".".join(path))
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                self._local.add(node.id)
            else:
                self.reads.add(path)
        elif isinstance(node, _SCOPES):
            self._visit_scope(node)
        elif not is_docstring(node):
            if isinstance(node, IMPORTS):
                self._bind(node)
            elif isinstance(node, ast.Global):
                self._shared.update(node.names)
            self._visit_fields(node)

    def _visit_fields(self, node: ast.AST, without: Iterable[str] = ()) -> None:
        self._pieces.append(type(node).__name__)
        for field in node._fields:
            value = getattr(node, field, None)
            if value and isinstance(node, ast.JoinedStr):  # some Pythons put empty strings between its parts
                value = [part for part in value if not (isinstance(part, ast.Constant) and part.value == "")]
            # An empty field says nothing, and newer Pythons have fields that older ones lack.
            if value is not None and value != [] and field not in _NO_CODE and field not in without:
                self._pieces.append(field)
                self._visit(value)

    def _visit_scope(self, node: ast.AST) -> None:
        """A function or comprehension: the names that it binds hide those of the module."""
        outside = _OUTSIDE if isinstance(node, _FUNCTIONS) else ()
        for field in outside:
            self._visit(getattr(node, field, None))
        around = self.reads, self._local, self._shared
        given = ast.walk(node.args) if isinstance(node, _FUNCTIONS) else ()
        arguments = {part.arg for part in given if isinstance(part, ast.arg)}
        self.reads, self._local, self._shared = set(), arguments, set()
        self._visit_fields(node, without=outside)
        seen = {path for path in self.reads if path[0] not in self._local - self._shared}
        self.reads, self._local, self._shared = around
        self.reads |= seen

    def _bind(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                self.imports[alias.asname or top] = f"{alias.name if alias.asname else top}:"
            return
        above = self.package.rsplit(".", node.level - 1)[0] if node.level else ""
        module = ".".join(part for part in (above, node.module) if part)
        for alias in node.names:
            if alias.name == "*":
                self.imports[STAR + module] = f"{module}:"
            else:  # `from . import x` in a package's own file can only mean its sub-module x
                inside = module == self.package
                self.imports[alias.asname or alias.name] = (
                    f"{module}.{alias.name}:" if inside else f"{module}:{alias.name}"
                )


def bound(statement: ast.stmt) -> set[str]:
    """Names that a top-level statement binds or changes in place; a block binds whatever stands in it."""
    if isinstance(statement, _NAMED):
        return {statement.name}
    names: set[str] = set()
    for part in ast.walk(statement):
        if isinstance(part, IMPORTS):
            names |= {alias.asname or alias.name.split(".")[0] for alias in part.names}
        elif isinstance(part, _NAMED):
            names.add(part.name)
        elif isinstance(getattr(part, "ctx", None), ast.Store):  # x = 1, x[0] = 1, x.y = 1
            names |= {name.id for name in ast.walk(part) if isinstance(name, ast.Name)}
    return names


def join(target: str, rest: Iterable[str]) -> str:
    """The target of an attribute: ``"a:"`` and ``["b", "c"]`` -> ``"a:b.c"``."""
    return ".".join([target, *rest]).replace(":.", ":")


def is_docstring(node: ast.AST) -> bool:
    """A string that stands alone does nothing."""
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def is_check(node: ast.AST, name: str) -> bool:
    """An ``if`` on ``TYPE_CHECKING`` or ``__name__``."""
    return isinstance(node, ast.If) and any(name in _dotted(part) for part in ast.walk(node.test))


def _dotted(node: ast.AST) -> tuple[str, ...]:
    """``a.b.c`` as a tuple; empty when it does not start from a name."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return (node.id, *reversed(names)) if isinstance(node, ast.Name) else ()

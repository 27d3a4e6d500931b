"""Python's syntax as :mod:`convnets.common.source` needs it: what a piece of code says, reads and binds.

A *target* is where a name comes from: ``"module:path.of.name"``, or ``"module:"`` for the module itself.

What a piece of code only *tells* is kept apart, for no number can depend on it: the message of a ``ConvnetsError`` that
it raises, and all of ``telling.bar(items, ...)`` but the items. Both names are followed through imports, so that
nothing else that is called so passes for them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard

__all__ = ["IMPORTS", "STAR", "Scan", "bound", "is_check", "is_docstring", "join"]

IMPORTS = (ast.Import, ast.ImportFrom)
STAR = "*"
"""With the module after it: the name under which a star import is kept."""

_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_SCOPES = (*_FUNCTIONS, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_OUTSIDE = ("args", "decorator_list", "returns")  # the parts of a function that its surroundings evaluate
_NO_CODE = ("ctx", "kind", "type_comment")
_ERROR = "convnets.common.errors:ConvnetsError"
_BAR = "convnets.common.telling:bar"
_SIMPLE = {"float", "int", "len", "max", "min", "round", "str", "sum"}

Path = tuple[str, ...]


class Scan:
    """One pass over syntax: a text that stands for it, the dotted names that it reads, its imports as targets.

    ``told`` and ``told_reads`` are the same for what it only tells. ``around`` are the imports of its module.
    """

    def __init__(self, node: ast.AST, package: str = "", around: Mapping[str, str] | None = None) -> None:
        self.package = package
        self.imports: dict[str, str] = {}
        self.reads: set[Path] = set()
        self.told_reads: set[Path] = set()
        self._around = around or {}
        self._local: set[str] = set()  # names that the scope at hand binds
        self._shared: set[str] = set()  # those of them that it declares global
        self._pieces: list[str] = []
        self._told: list[str] = []
        self._visit(node)
        self.text, self.told = "\n".join(self._pieces), "\n".join(self._told)

    def targets(self, imports: Mapping[str, str], told: bool = False) -> list[str]:
        """Where the names that are read (to be ``told``) come from, by ``imports``; a star may bring any."""
        stars = [target for name, target in imports.items() if name.startswith(STAR)]
        reads = sorted(self.told_reads if told else self.reads)
        return [join(imports[head], rest) for head, *rest in reads if head in imports] + stars

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
        elif isinstance(node, ast.Raise) and self._is_call(node.exc, _ERROR):
            self._pieces.append("Raise")
            self._tell([node.exc.args, node.exc.keywords])
            self._visit([node.exc.func, node.cause])
        elif self._is_call(node, _BAR) and node.args and _is_idle([*node.args[1:], *node.keywords]):
            self._tell([node.args[1:], node.keywords])
            self._visit(node.args[0])
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

    def _is_call(self, node: Any, target: str) -> TypeGuard[ast.Call]:
        """Whether ``node`` calls the function that ``target`` names, under whatever name it was imported."""
        head, *rest = (isinstance(node, ast.Call) and _dotted(node.func)) or ("",)
        found = self.imports.get(head) or self._around.get(head)
        return found is not None and head not in self._local and _plain(join(found, rest)) == _plain(target)

    def _tell(self, nodes: list[Any]) -> None:
        around = self.reads, self._pieces
        self.reads, self._pieces = self.told_reads, self._told
        self._visit(nodes)
        self.reads, self._pieces = around

    def _visit_scope(self, node: ast.AST) -> None:
        """A function or comprehension: the names that it binds hide those of the module."""
        outside = _OUTSIDE if isinstance(node, _FUNCTIONS) else ()
        for field in outside:
            self._visit(getattr(node, field, None))
        around = self.reads, self.told_reads, self._local, self._shared
        given = ast.walk(node.args) if isinstance(node, _FUNCTIONS) else ()
        arguments = {part.arg for part in given if isinstance(part, ast.arg)}
        self.reads, self.told_reads, self._local, self._shared = set(), set(), arguments, set()
        self._visit_fields(node, without=outside)
        own = self._local - self._shared
        seen, told = ({path for path in found if path[0] not in own} for found in (self.reads, self.told_reads))
        self.reads, self.told_reads, self._local, self._shared = around
        self.reads |= seen
        self.told_reads |= told

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


def _is_idle(nodes: Iterable[ast.AST]) -> bool:
    """Whether expressions do nothing but give a value: no name is bound, and only the simplest functions are called."""
    for node in (part for whole in nodes for part in ast.walk(whole)):
        if isinstance(node, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom):
            return False
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in _SIMPLE):
            return False
    return True


def _plain(target: str) -> str:
    return target.replace(":", ".")


def _dotted(node: ast.AST) -> tuple[str, ...]:
    """``a.b.c`` as a tuple; empty when it does not start from a name."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return (node.id, *reversed(names)) if isinstance(node, ast.Name) else ()

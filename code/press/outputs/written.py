"""The one door for what people write by hand: text files, and YAML in them or in a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from convnets.common import forms
from convnets.common.errors import ConvnetsError

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OPENERS = re.compile(r"[\[{]|[-?:]\s")
_DEEPEST = 60


def text(file: Path, remedy: str = "save it as UTF-8 text") -> str:
    """What ``file`` says.

    Raises:
        ConvnetsError: there is no such file, it is none (a pipe would make us wait for ever), or no UTF-8.
    """
    try:
        if file.exists() and not file.is_file():
            raise OSError(0, "it is no regular file")
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:  # ValueError: the name holds a zero, or the text is not UTF-8
        why = getattr(error, "strerror", None) or error
        raise ConvnetsError(f"{file} cannot be read ({why}): {remedy}.") from error


def read_yaml(said: str, place: str) -> Any:
    """The value of some YAML; ``place`` begins the message.

    Raises:
        ConvnetsError: it is no YAML, or holds what no value can be made of, such as a 99th of May.
    """
    try:
        if len(_OPENERS.findall(said)) > _DEEPEST and _depth(said) > _DEEPEST:  # a reader in C would end us
            raise ConvnetsError(f"{place} is not valid YAML: it is nested too deeply.")
        return yaml.load(said, _Loader)  # a safe loader
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, RecursionError) as error:
        problem = " ".join(str(getattr(error, "problem", None) or error).split()) or "it cannot be read"
        raise ConvnetsError(f"{place} is not valid YAML: {problem[:200]}.") from error


def _depth(said: str) -> int:
    """How deep the deepest value lies."""
    depth = deepest = 0
    for event in yaml.parse(said, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            deepest = max(deepest, depth)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if deepest > _DEEPEST:
            break
    return deepest


def mapping(said: str, place: str) -> dict[str, Any]:
    """The ``name: value`` lines of some YAML, none if it is empty.

    Raises:
        ConvnetsError: it is something else.
    """
    value = read_yaml(said, place)
    if not isinstance(value, dict | None) or not all(isinstance(name, str) for name in value or {}):
        raise ConvnetsError(f"{place} is not a list of `name: value` lines: mend it.")
    return value or {}


def settings(file: Path, form: Any) -> dict[str, Any]:
    """The ``name: value`` lines of a file of settings that has this form.

    Raises:
        ConvnetsError: it cannot be read, or has another form.
    """
    found = mapping(text(file), str(file))
    if wrong := forms.problem(found, form):
        raise ConvnetsError(f"{file} cannot be used: {wrong}; mend it.")
    return found

"""The forms of stored JSON files, and the one check that holds a file against its form, whole.

A form is a type (``str``, ``bool``), a pattern, a :class:`Number`, ``[form]`` for a list, ``(form, form)`` for a list
of that length, ``{name: form}`` for fields (a name that ends in ``?`` may be absent, others may stand beside them),
:class:`Each` for a mapping whose values have one form, or :class:`Either`.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any, NamedTuple

from convnets.common.errors import ConvnetsError

__all__ = [
    "COUNT",
    "DATE",
    "DIGEST",
    "NAME",
    "NUMBER",
    "PLAIN",
    "TEXT",
    "Each",
    "Either",
    "Number",
    "check",
    "parse",
    "problem",
]

_LARGEST = 2**63
_DEPTH = 40


class Number(NamedTuple):
    """A finite number between two limits; ``whole`` for one without a fraction."""

    low: float = -1e300
    high: float = 1e300
    whole: bool = False


class Each(NamedTuple):
    """A mapping from any names to values of one form."""

    form: Any


class Either(NamedTuple):
    """One of several forms."""

    forms: tuple[Any, ...]


class _Plain:
    """Anything that JSON holds, as far as all its numbers are of a size that can be printed."""


NUMBER = Number()
COUNT = Number(0, 2**53, whole=True)
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,99}")
DIGEST = re.compile(r"[0-9a-f]{16,64}")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
PLAIN = _Plain()
TEXT = re.compile(r"[^\0]{0,2000}")


def parse(content: bytes, file: Path, remedy: str = "restore it from the repository") -> Any:
    """The JSON in ``content``; ``file`` and ``remedy`` are for the message.

    Raises:
        ConvnetsError: it is no JSON, or holds a number that is none or larger than any use of it.
    """
    try:
        value = json.loads(content, parse_constant=_refuse, parse_int=_bounded)
        if b"\\ud" in content.lower():  # half a character, written as an escape, could not be printed
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise ConvnetsError(f"{file} is damaged, no valid JSON ({why}): {remedy}.") from error


def check(value: Any, form: Any, file: Path, remedy: str = "restore it from the repository") -> Any:
    """``value`` as it is, if it has the form.

    Raises:
        ConvnetsError: it has not; the message names ``file`` and the first place that is wrong.
    """
    if wrong := problem(value, form):
        raise ConvnetsError(f"{file} is damaged ({wrong}): {remedy}.")
    return value


def problem(value: Any, form: Any, place: str = "") -> str:
    """What is wrong with ``value``, empty if nothing."""
    if isinstance(form, Number):  # first, as curves hold thousands
        return "" if _is_number(value, form) else f"{_named(place)} is {_shown(value)}"
    if isinstance(form, dict | Each):
        return _of_mapping(value, form, place)
    if isinstance(form, list | tuple) and not isinstance(form, Either):
        return _of_list(value, form, place)
    if isinstance(form, Either):
        wrong = ""
        for one in form.forms:
            if not (wrong := problem(value, one, place)):
                break
        return wrong
    if isinstance(form, _Plain):
        return "" if _is_plain(value) else f"{_named(place)} is nested too deeply or holds a number that is too large"
    if isinstance(form, re.Pattern):
        good = isinstance(value, str) and form.fullmatch(value) is not None
    else:
        good = isinstance(value, form)
    return "" if good else f"{_named(place)} is {_shown(value)}"


def _of_mapping(value: Any, form: dict[str, Any] | Each, place: str) -> str:
    if not isinstance(value, dict):
        return f"{_named(place)} is {_shown(value)}, no mapping"
    fields = dict.fromkeys(value, form.form) if isinstance(form, Each) else form
    for name, inner in fields.items():
        bare = name if isinstance(form, Each) else name.removesuffix("?")
        if bare not in value:
            if bare == name:
                return f"{_named(place)} has no {bare!r}"
        elif wrong := problem(value[bare], inner, f"{place}.{bare}" if place else bare):
            return wrong
    return ""


def _of_list(value: Any, form: list[Any] | tuple[Any, ...], place: str) -> str:
    if not isinstance(value, list):
        return f"{_named(place)} is {_shown(value)}, no list"
    if isinstance(form, list):
        likely = form[0].forms[0] if isinstance(form[0], Either) else form[0]
        if isinstance(likely, Number) and _are_numbers(value, likely):
            return ""
    forms = form if isinstance(form, tuple) else form * len(value)
    if len(forms) != len(value):
        return f"{_named(place)} has {len(value)} parts instead of {len(forms)}"
    for index, pair in enumerate(zip(value, forms, strict=True)):
        if problem(*pair):
            return problem(*pair, f"{place}[{index}]")
    return ""


def _is_number(value: Any, form: Number) -> bool:
    if isinstance(value, bool) or not isinstance(value, int if form.whole else int | float):
        return False
    return math.isfinite(value) and form.low <= value <= form.high


def _are_numbers(values: list[Any], form: Number) -> bool:
    """Whether all are numbers of one form, as :func:`_is_number` says it one by one: curves hold thousands."""
    if not values or not set(map(type, values)) <= ({int} if form.whole else {int, float}):
        return False
    return all(map(math.isfinite, values)) and form.low <= min(values) and max(values) <= form.high


def _is_plain(value: Any, depth: int = 0) -> bool:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return depth < _DEPTH and all(_is_plain(part, depth + 1) for part in inner)
    return isinstance(value, str | bool | None) or _is_number(value, NUMBER)


def _named(place: str) -> str:
    return f"`{place[:60]}`" if place else "the whole"


def _shown(value: Any) -> str:
    text = ascii(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no number")


def _bounded(digits: str) -> int:
    if len(digits) > 20 or abs(number := int(digits)) >= _LARGEST:
        raise ValueError(f"a number has {len(digits)} digits")
    return number

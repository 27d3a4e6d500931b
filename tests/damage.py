"""Damage done to stored JSON, place by place, and what is asked of those who read it then."""

from __future__ import annotations

import json
from typing import Any

from convnets.common.errors import ConvnetsError


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in ``value``, as the way to it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(place for name, part in inner for place in places(part, (*path, name)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    copy = json.loads(json.dumps(value))
    spot = copy
    for name in path[:-1]:
        spot = spot[name]
    if new is GONE:
        del spot[path[-1]]
    else:
        spot[path[-1]] = new
    return copy


GONE = object()
HARM = [GONE, None, True, -1, 1.5, 10**18, "x", "\0", [], [None], {}, {"a": None}, [[[]]]]


def ask(*questions: Any) -> None:
    """Each gives an answer or one sentence, and nothing else."""
    for question in questions:
        try:
            question()
        except ConvnetsError as error:
            assert 20 < len(str(error)) < 900 and "\n" not in str(error)

"""What was worked out of a content once and need not be again, in this process or in another: by digest, never by time.

Each answer has a name, for which the last one is kept, with the digest of what it was made from, of the code that made
it, and of the versions of Python and of all packages that are installed beside it, whose parsers it used. The file may
be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from convnets.common import assets
from convnets.common.errors import ConvnetsError

Answer = TypeVar("Answer")

_known: dict[str, list[Any]] = {}  # by name: digest of what it was made from, and the answer
_new: set[str] = set()


def recall(name: str, content: bytes, make: Callable[[], Answer], *code: str) -> Answer:
    """What ``make`` gives, which JSON can hold and nobody changes; ``content`` and the files ``code`` determine it.

    What ``make`` raises is not remembered.
    """
    stamp = hashlib.sha256(content + "".join([*map(_digest, code), _installed(*sys.path)]).encode()).hexdigest()[:32]
    entry = _known.get(name)
    if entry is None or entry[0] != stamp:
        entry = _known[name] = [stamp, make()]
        _new.add(name)
    answer: Answer = entry[1]
    return answer


@cache
def _digest(file: str) -> str:
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


@cache
def _installed(*folders: str) -> str:
    """Python's version and, by the names of what describes them, those of the packages in ``folders``."""
    found = {file.name for folder in folders if folder for file in Path(folder).glob("*.dist-info")}
    return "".join([sys.version, *sorted(found)])


@contextmanager
def remembered(file: Path) -> Iterator[None]:
    """Within it, what ``file`` holds is known; then the file holds what was found out, too."""
    load(file)
    yield
    save(file)


def load(file: Path) -> None:
    """Know what ``file`` holds; nothing, where it is garbled."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        for name, (stamp, answer) in json.loads(file.read_bytes()).items():
            _known.setdefault(name, [stamp, answer])


def save(file: Path) -> None:
    """Have ``file`` hold what is known, if that is more than before."""
    if _new:
        with suppress(ConvnetsError):  # where nothing can be written, nothing is remembered
            assets.write_atomic(file, json.dumps(_known).encode())
        _new.clear()

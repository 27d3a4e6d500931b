"""``press translate``: the catalogues of translations follow the pages; ``press build`` asks first what they lack."""

from __future__ import annotations

from pathlib import Path

from convnets.common import memory
from convnets.common.errors import ConvnetsError
from press.editions import catalogues, flaws, merging
from press.outputs import status
from press.publish.messages import known, messages


def translate(root: Path, check: bool = False) -> int:
    """Bring the catalogues up to date, unless asked only to ``check``; returns 1 where something is left to translate.

    Raises:
        ConvnetsError: the book has one language, or a page cannot be read.
    """
    root = root.resolve()
    _source, *others = catalogues.languages(root)
    if not others:
        raise ConvnetsError(f"The book has one language: make {catalogues.LOCALE}/es/LC_MESSAGES for another.")
    said = messages(root)
    for language in [] if check else others:
        _update(root, language, said)
    left = _left(root, said)
    print(*left, sep="\n", end="\n" if left else "")
    total = sum(map(len, said.values()))
    print(f"{total} messages, {len(left)} to do." if left else f"All of {total} messages are translated.")
    return 1 if left else 0


def _update(root: Path, language: str, said: dict[str, list[str]]) -> None:
    elsewhere = merging.agreed(root, language)
    for domain, texts in said.items():
        for message in merging.merge(root, language, domain, texts, elsewhere):
            name = catalogues.path(root, language, domain).relative_to(root)
            print(f"{name}: “{message}” is filled in as another catalogue has it: look whether it fits.")
    merging.drop(root, language, said)


def left(root: Path) -> list[str]:
    """What keeps the editions from being printed, a sentence each, as far as it is known without reading pages.

    What has changed since it was read the editions read, and judge.

    Raises:
        ConvnetsError: a catalogue cannot be read.
    """
    if not catalogues.languages(root)[1:]:
        return []
    with memory.remembered(root / status.KNOWN):
        return _left(root, known(root))


def _left(root: Path, said: dict[str, list[str]]) -> list[str]:
    return [
        problem
        for language in catalogues.languages(root)[1:]
        for domain, texts in said.items()
        for problem in flaws.problems(root, language, domain, texts)
    ]

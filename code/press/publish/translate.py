"""``press translate``: the catalogues of translations follow the pages; ``press build`` asks first what they lack."""

from __future__ import annotations

from pathlib import Path

from convnets.common.errors import ConvnetsError
from press.editions import catalogues, flaws, merging
from press.publish.messages import late, messages


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


def left(root: Path, most: int | None = None) -> list[str]:
    """What keeps the editions from being printed, a sentence each; a page that cannot be read is not judged.

    Where more than ``most`` pages would have to be read for it, nothing is asked: the editions say it, too.

    Raises:
        ConvnetsError: a catalogue cannot be read.
    """
    root = root.resolve()
    if not catalogues.languages(root)[1:] or (most is not None and len(late(root)) > most):
        return []
    return _left(root, messages(root, strict=False))


def _left(root: Path, said: dict[str, list[str]]) -> list[str]:
    return [
        problem
        for language in catalogues.languages(root)[1:]
        for domain, texts in said.items()
        for problem in flaws.problems(root, language, domain, texts)
    ]

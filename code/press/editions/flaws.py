"""What is wrong with a catalogue: messages without a translation, and translations that say less, or more, than asked.

A translation keeps the markup of its message and adds none: what a page may do is decided where it is written. Numbers
are written as its language writes them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog

from convnets.common import memory
from press.editions import catalogues
from press.editions.catalogues import (
    ADDRESS,
    CODE,
    MATH,
    ROLE,
    SAME,
    TAG,
    bare,
    load,
    needs_translation,
    path,
    same,
)
from press.outputs import written
from press.page import folds
from press.page.folds import LONG_WAY
from press.page.words import SOURCE

_FIELD = re.compile(r"\{\w*\}|%\(\w+\)s|%[sd]")
_TEXT_ROLES = {"term", "abbr", "sub", "sup", "kbd", "index"}  # what they hold is prose
_ATTRIBUTE = re.compile(r"""[\s/]([\w:-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>]+))?""")
_FETCHING = {"href", "src", "srcset", "data", "poster", "action", "style"}  # attributes whose value counts, too
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,.]*\d)")
_ENGLISH_NUMBER = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+)(?![\d,.]*\d)")


def problems(root: Path, language: str, domain: str, messages: Iterable[str]) -> list[str]:
    """What keeps the catalogue ``domain`` from being complete for ``messages``, a sentence each."""
    file = path(root, language, domain)
    said, allowed = list(dict.fromkeys(messages)), same(root)
    content = json.dumps([written.text(file, "mend it") if file.exists() else "", said, sorted(allowed)]).encode()
    asked = partial(_problems, root, language, file, said, allowed)
    return memory.recall(f"flaws {file}", content, asked, __file__, catalogues.__file__, folds.__file__)


def _problems(root: Path, language: str, file: Path, said: list[str], allowed: set[str]) -> list[str]:
    name, wanted = file.relative_to(root), dict.fromkeys(filter(needs_translation, said))
    if not file.exists():
        return [f"{name} is missing: run `press translate`."] if wanted else []
    catalogue, found = load(file), []
    for text in wanted:
        entry = catalogue.get(text)
        place = f"{name}:{entry.lineno}" if entry else name
        found += [f"{place}: {wrong}" for wrong in _wrong(catalogue, text, allowed, language)]
        if entry and entry.string and (wrong := _begins_otherwise(text, str(entry.string), language)):
            found.append(f"{place}: {wrong}")
    unused = [entry for entry in catalogue if entry.id and str(entry.id) not in wanted]
    return found + [
        f"{name}:{entry.lineno}: “{entry.id}” is said nowhere any more: run `press translate`." for entry in unused
    ]


def _wrong(catalogue: Catalog, message: str, allowed: set[str], language: str) -> Iterator[str]:
    entry = catalogue.get(message)
    if entry is None:
        yield f"“{message}” is not in it: run `press translate` and translate it."
    elif not entry.string:
        yield f"“{message}” is not translated: write its msgstr."
    elif entry.fuzzy:
        old = ", whose old form stands in the lines that begin with `#|`" if entry.previous_id else ""
        drop = "`#, fuzzy` and `#|`" if entry.previous_id else "`#, fuzzy`"
        yield f"“{message}” is marked fuzzy: adapt its msgstr to the message{old}, then remove the lines {drop}."
    elif entry.string == message:
        if message not in allowed:
            yield f"“{message}” is left in English: translate it, or add it to {SAME.as_posix()}."
    else:
        yield from _changed(message, str(entry.string), allowed, language)


def _begins_otherwise(message: str, translation: str, language: str) -> str | None:
    """What to say of the heading of a folded section that does not begin as they all do."""
    begins = LONG_WAY.get(language, "")
    if message.startswith(LONG_WAY[SOURCE]) and not translation.startswith(begins):
        return f"the translation of “{message}” begins otherwise than those of its kind: begin it with “{begins}”."
    return None


def _changed(message: str, translation: str, allowed: set[str], language: str) -> Iterator[str]:
    if gone := lost(message, translation):
        yield f"the translation of “{message}” has lost {', '.join(gone)}: put it back."
    if more := added(message, translation):
        yield f"the translation of “{message}” adds {', '.join(more)}: take it out, or write it in the English first."
    for number, said in english_numbers(message, translation, allowed, language):
        yield (
            f"the translation of “{message}” writes {number} as English does: write {said}; if it is part of a name, "
            f"add the name with its number to {SAME.as_posix()}."
        )


# Markup


def lost(message: str, translation: str) -> list[str]:
    """Markup of ``message`` that its translation lacks: roles and targets, formulas, code, links, tags, fields."""
    return sorted((_marks(message) - _marks(translation)).elements())


def added(message: str, translation: str) -> list[str]:
    """Markup that the translation has and ``message`` does not."""
    more = _marks(translation) - _marks(message)
    return sorted(more.elements())


def _marks(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for role, content in ROLE.findall(text):
        target = re.sub(r".*<(.+)>$", r"\1", content, flags=re.DOTALL)
        found[f"{{{role}}}" if role in _TEXT_ROLES else f"{{{role}}}`{target}`"] += 1
    text = ROLE.sub("", text)
    found.update(f"`{_plain(code)}`" for _ticks, code in CODE.findall(text))
    text = CODE.sub("", text)
    found.update(f"${_plain(formula)}$" for formula in MATH.findall(text) if r"\text" not in formula)
    text = MATH.sub("", text)
    found.update(target for pair in ADDRESS.findall(text) for target in pair if target)
    found.update(_FIELD.findall(text))
    for tag in TAG.findall(text):
        found.update(_parts(tag))
    return found


def _parts(tag: str) -> Iterator[str]:
    """The tag's name, its attributes, and the values of those that fetch or do something."""
    opened = re.match(r"</?\w+", tag)
    assert opened
    yield opened[0].lower()
    for name, value in _ATTRIBUTE.findall(tag[opened.end() :]):
        name = name.lower()
        yield f"{name}={value}" if name in _FETCHING or name.startswith("on") else name


def _plain(formula: str) -> str:
    """A formula without what languages write differently: the decimal sign, spaces."""
    return re.sub(r"\s", "", formula).replace("{,}", ",").replace(r"\,", "").replace(",", ".")


# Numbers


def english_numbers(message: str, translation: str, allowed: Iterable[str], language: str) -> list[tuple[str, str]]:
    """Numbers in a translation's prose that are written as in English where its language has a decimal comma.

    Each comes with what should be written. Words of ``allowed`` that hold a number (a licence, a version) stay.
    """
    if Locale.parse(language).number_symbols["latn"]["decimal"] != ",":
        return []
    prose, original = (TAG.sub("", bare(text)) for text in (translation, message))
    for name in allowed:
        if any(character.isdigit() for character in name):
            prose = prose.replace(name, "")
    thousands = set(_THOUSANDS.findall(original))
    found = []
    for number in _ENGLISH_NUMBER.findall(prose):
        grouped = next((text for text in (number, number.replace(".", ",")) if text in thousands), None)
        if grouped or "." in number:  # 1,125 alone may be a decimal number of this language
            found.append((number, _written(grouped or number)))
    return found


def _written(number: str) -> str:
    """``60,000`` and ``1.16`` with a decimal comma: ``60 000`` and ``1,16``; four digits stay together."""
    return number.replace(",", "" if len(number) == 5 else "\u202f").replace(".", ",")

"""Bringing a catalogue up to date: translations stay by message, and what was translated once is not asked for again.

A message that has changed gets the translation of the one that it replaces, marked fuzzy, with the old message beside
it (``#|``), so that a translator sees what to adapt. A message that other catalogues of the language translate, all in
the same way, gets that translation.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import normalize, write_po

from convnets.common import assets
from press.editions import catalogues
from press.editions.catalogues import load, needs_translation, path

WIDTH = 110
ALIKE = 0.5
"""Share of words that two messages have in common, in order, if the one counts as the other changed."""

_TOKEN = re.compile(r"\w+|[^\w\s]")
_HEADER = """\
# {domain} in another language: write msgstr; `press translate` keeps the messages up to date.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def merge(
    root: Path, language: str, domain: str, messages: Iterable[str], elsewhere: dict[str, str] | None = None
) -> list[str]:
    """Write the catalogue with exactly the messages that need it, in their order.

    ``elsewhere`` is what :func:`agreed` gives; returns the messages that it translated.
    """
    file = path(root, language, domain)
    old, new = load(file), Catalog()
    wanted = [message for message in dict.fromkeys(messages) if needs_translation(message)]
    open_ = [message for message in wanted if not _said(old, message)]
    filled = {message: elsewhere[message] for message in open_ if elsewhere and message in elsewhere}
    dropped = [entry for entry in old if entry.id and entry.string and str(entry.id) not in set(wanted)]
    gone = {_translated(entry): str(entry.id) for entry in dropped}
    pairs = replaced(gone, [message for message in open_ if message not in filled])
    before = {message: gone[translated] for message, translated in pairs.items()}
    for message in wanted:
        new.add(message, **_entry(old, message, filled, before))
    if len(new):
        assets.write_atomic(file, content(domain, language, new))
    return list(filled)


def _said(catalogue: Catalog, message: str) -> bool:
    return bool((entry := catalogue.get(message)) and entry.string)


def _entry(old: Catalog, message: str, filled: dict[str, str], before: dict[str, str]) -> dict[str, Any]:
    """What the new catalogue holds for a message, as arguments of ``Catalog.add``."""
    known = old.get(message)
    comments = list(known.user_comments) if known else []
    if not (known and known.string):
        if message in filled:
            return {"string": filled[message], "user_comments": comments}
        if message not in before:
            return {"string": "", "user_comments": comments}
        known = old.get(before[message])
    assert known
    of = _translated(known)
    entry = {"string": known.string, "user_comments": comments or list(known.user_comments)}
    if message == of:
        marked = known.fuzzy and not known.previous_id  # by a person
        return entry | ({"flags": {"fuzzy"}} if marked else {})
    return entry | {"flags": {"fuzzy"}, "previous_id": [of]}


def _translated(entry: Message) -> str:
    """The message that an entry's translation is of: of one that has changed, the one before."""
    return str(entry.previous_id[0] if entry.fuzzy and entry.previous_id else entry.id)


def replaced(gone: Collection[str], fresh: Collection[str]) -> dict[str, str]:
    """Which message that is gone each fresh one replaces: the likeliest pairs first, every message once."""
    pairs = []
    for i, new in enumerate(fresh):
        matcher = SequenceMatcher(None, b=_TOKEN.findall(new), autojunk=False)
        for j, old in enumerate(gone):
            matcher.set_seq1(_TOKEN.findall(old))
            if matcher.quick_ratio() >= ALIKE and (ratio := matcher.ratio()) >= ALIKE:
                pairs.append((-ratio, abs(i - j), new, old))
    found: dict[str, str] = {}
    taken: set[str] = set()
    for _ratio, _distance, new, old in sorted(pairs):
        if new not in found and old not in taken:
            found[new] = old
            taken.add(old)
    return found


def agreed(root: Path, language: str) -> dict[str, str]:
    """Messages that catalogues of the language translate, if all that have them translate them alike."""
    folder = root / catalogues.LOCALE / language / "LC_MESSAGES"
    said: dict[str, set[str]] = defaultdict(set)
    for file in sorted(folder.rglob("*.po")):
        domain = file.relative_to(folder).with_suffix("").as_posix()
        for message, translation in catalogues.translations(root, language, domain).items():
            said[message].add(translation)
    return {message: next(iter(found)) for message, found in said.items() if len(found) == 1}


def content(domain: str, language: str, catalogue: Catalog) -> bytes:
    """The bytes of a ``.po`` file, the same for the same messages."""
    body = io.BytesIO()
    write_po(body, catalogue, width=WIDTH, omit_header=True)
    text = body.getvalue().decode().lstrip()
    for entry in catalogue:
        if entry.id and entry.previous_id:  # Babel would wrap these lines as prose, and break their strings
            start = f"msgid {normalize(str(entry.id), width=WIDTH)}\n"
            previous = f"msgid {normalize(str(entry.previous_id[0]), width=WIDTH)}\n"
            text = text.replace(f"\n{start}", "".join(f"\n#| {line}" for line in previous.splitlines()) + f"\n{start}")
    return (_HEADER.format(domain=domain, language=language) + text).encode()


def drop(root: Path, language: str, domains: Iterable[str]) -> None:
    """Delete the catalogues of pages that are gone."""
    folder = root / catalogues.LOCALE / language / "LC_MESSAGES"
    kept = {path(root, language, domain) for domain in domains}
    for file in set(folder.rglob("*.po")) - kept:
        file.unlink()

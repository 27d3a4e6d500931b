"""``press translate``: the catalogues of translations follow the pages."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from convnets.common.errors import ConvnetsError
from press.editions import catalogues
from press.publish import build


def translate(root: Path, check: bool = False) -> int:
    """Bring the catalogues up to date, unless asked only to ``check``; returns 1 where something is left to translate.

    Raises:
        ConvnetsError: the book has one language, or a page cannot be read.
    """
    _source, *others = catalogues.languages(root)
    if not others:
        raise ConvnetsError(f"The book has one language: make {catalogues.LOCALE}/es/LC_MESSAGES for another.")
    said = messages(root)
    left = []
    for language in others:
        for domain, texts in said.items():
            if not check:
                catalogues.merge(root, language, domain, texts)
            left += catalogues.problems(root, language, domain, texts)
        if not check:
            catalogues.drop(root, language, said)
    print(*left, sep="\n", end="\n" if left else "")
    total = sum(map(len, said.values()))
    print(f"{total} messages, {len(left)} things to do." if left else f"All of {total} messages are translated.")
    return 1 if left else 0


def messages(root: Path) -> dict[str, list[str]]:
    """All that is to be translated, by domain: page for page, then the words of the press, the demos, the theme.

    Raises:
        ConvnetsError: a page cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder, "messages.json")
        settings = {"press_messages": str(notes), "press_live": False, "press_draft": True}
        if build.run_sphinx(root, Path(folder, "gettext", "out"), "gettext", settings) != 0 or not notes.is_file():
            raise ConvnetsError("The pages cannot be read: mend what the warnings above name.")
        pages: dict[str, list[str]] = json.loads(notes.read_text(encoding="utf-8"))
    return pages | catalogues.words(root)

"""What would run in a reader's browser: scripts and handlers in a piece of HTML, whoever wrote it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_EMBEDS = {"base", "embed", "frame", "iframe", "object", "portal", "template"}  # tags that bring, or turn, other pages
_CODE = re.compile(r"[\x00-\x20]*(?:j\s*a\s*v\s*a|v\s*b)\s*s\s*c\s*r\s*i\s*p\s*t\s*:", re.IGNORECASE)
_RUNS = re.compile(r"|module|importmap|speculationrules|.*(?:java|ecma|j|live)script.*")  # other types are data
_MAYBE = re.compile(rf"script|[\s/\"']on\w|&|http-equiv|<(?:{'|'.join(sorted(_EMBEDS))})", re.IGNORECASE)


class Scripts(HTMLParser):
    """The inline scripts and event handlers of a piece of HTML, and in ``other`` what runs in another way."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self.other: list[str] = []
        self._inside = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note what the tag does."""
        given = {name: value or "" for name, value in attributes}
        if tag == "script" and _RUNS.fullmatch(given.get("type", "").strip().lower()):
            self._inside = "src" not in given
            self.scripts += [""] if self._inside else []
            self.other += [] if self._inside else ["<script src>"]
        elif tag in _EMBEDS or (tag == "meta" and "http-equiv" in given):
            self.other.append(f"<{tag}>")
        self.handlers += [value for name, value in given.items() if name.startswith("on")]
        self.other += [f"{name}={value[:40]}" for name, value in given.items() if _CODE.match(value)]

    def handle_data(self, data: str) -> None:
        """Take a script's text."""
        if self._inside:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        """Leave a script."""
        self._inside = self._inside and tag != "script"


def found(text: str) -> str:
    """The first thing in ``text``, a piece of HTML or a drawing, that runs code; empty if nothing does."""
    if not _MAYBE.search(text):
        return ""
    seen = Scripts(text)
    told = ["<script>"] * len(seen.scripts) + seen.other + [f"a handler: {code[:40]}" for code in seen.handlers]
    return told[0] if told else ""

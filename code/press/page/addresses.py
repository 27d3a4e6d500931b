"""What a built page leads to, and what a browser fetches for it unasked, read as a browser reads it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

from convnets.common import assets

_PASSIVE = {"alternate", "author", "bookmark", "canonical", "help", "license", "me", "next", "prev"}  # rel of a `link`
_LISTS = {"srcset", "imagesrcset"}
_FETCHED = {"src", "poster", "background", "action", "formaction", "ping", "attributionsrc", "manifest"}
_TOLD = re.compile(r"alt|title|content|value|placeholder|(aria|data)-.*")  # attributes that hold prose, or nothing
_CANDIDATE = re.compile(r"([^\s,]\S*?)(?:,+(?=\s|$)|\s+[^,]*(?:,|$)|$)")
_CSS = re.compile(r"""(?:url|src|image-set)\(\s*("[^"]*"|'[^']*'|[^)\s]*)|@import\s+("[^"]*"|'[^']*')""", re.IGNORECASE)
_CSS_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)")
_REFRESH = re.compile(r"""[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?["']?([^"']*)""", re.IGNORECASE)


class Page(HTMLParser):
    """A page's anchors, and its addresses, each with ``load`` for what is fetched unasked, else ``link``."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.found: set[tuple[str, str]] = set()
        self._tag = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note what the tag names and asks for."""
        self._tag = tag
        given = {name: value or "" for name, value in reversed(attributes)}  # the first of two counts
        for name, value in given.items():
            if name in ("id", "name"):
                self.anchors.add(value)
            self.found |= {(kind, _as_read(address)) for kind, address in self._asked(tag, name, value, given)}

    def handle_data(self, data: str) -> None:
        """Note what a style block asks for."""
        if self._tag == "style":
            self.found |= {("load", _as_read(address)) for address in _of_css(data)}

    def handle_endtag(self, tag: str) -> None:
        """Leave the block."""
        self._tag = ""

    def _asked(self, tag: str, name: str, value: str, given: dict[str, str]) -> Iterator[tuple[str, str]]:
        if name in ("href", "xlink:href"):
            links = tag in ("a", "area") or (tag == "link" and set(given.get("rel", "").lower().split()) <= _PASSIVE)
            yield "link" if links else "load", value
        elif name in _FETCHED or (name, tag) == ("data", "object"):
            yield "load", value
        elif name in _LISTS:
            yield from (("load", address) for address in _CANDIDATE.findall(value))
        elif name == "srcdoc":
            yield from Page(value).found
        elif name == "content" and given.get("http-equiv", "").lower() == "refresh":
            if match := _REFRESH.match(value.strip()):
                yield "load", match[1]
        elif "(" in value and not _TOLD.fullmatch(name):
            yield from (("load", address) for address in _of_css(value))


class Read(NamedTuple):
    """What a :class:`Page` was found to hold."""

    anchors: set[str]
    found: set[tuple[str, str]]


def read(files: Iterable[Path], known: Iterable[Path] = ()) -> dict[Path, Read]:
    """What pages hold; those whose content is in one of the files ``known``, which :func:`keep` wrote, are not read."""
    kept: dict[str, Any] = {}
    for file in known:
        with suppress(OSError, ValueError, TypeError):
            kept |= json.loads(file.read_bytes())
    found = {}
    for file in files:
        content = file.read_bytes()
        if entry := kept.get(hashlib.sha256(content).hexdigest()):
            found[file] = Read(set(entry["anchors"]), {(kind, address) for kind, address in entry["found"]})
        else:
            page = Page(content.decode())
            found[file] = Read(page.anchors, page.found)
    return found


def keep(folder: Path, file: Path) -> None:
    """Write into ``file``, by content, what the pages under ``folder`` hold."""
    pages = {
        hashlib.sha256(page.read_bytes()).hexdigest(): {"anchors": sorted(held.anchors), "found": sorted(held.found)}
        for page, held in read(pages_in(folder), [file]).items()
    }
    assets.write_atomic(file, json.dumps(pages).encode())


def pages_in(folder: Path) -> list[Path]:
    """The pages of a site, without what its theme brings along."""
    return [page for page in sorted(folder.rglob("*.html")) if "_static" not in page.relative_to(folder).parts]


def _of_css(text: str) -> Iterator[str]:
    """What a style sheet asks for."""
    if "(" in text or "@" in text or "\\" in text:
        text = _CSS_ESCAPE.sub(lambda found: chr(min(int(found[1], 16), 0x10FFFF)) if found[1] else found[2], text)
        yield from ((called or imported).strip("\"'") for called, imported in _CSS.findall(text))


def _as_read(address: str) -> str:
    """An address without what a browser passes over, and with its slashes."""
    bare = re.sub(r"[\t\n\r]", "", address.strip(" \t\n\r\f"))
    return re.sub(r"^[^?#]*", lambda path: path[0].replace("\\", "/"), bare)

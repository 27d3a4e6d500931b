"""Translated messages, parsed at less cost than Sphinx and MyST-Parser do, with the same result.

MyST-Parser makes a parser for every message; here the messages of a page share one. Sphinx parses each message twice,
first in case it is a title, then to put it in its place; here the first time's nodes serve the second time.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

from docutils import nodes
from markdown_it import MarkdownIt
from myst_parser.config.main import MdParserConfig
from myst_parser.mdit_to_docutils.sphinx_ import SphinxRenderer
from myst_parser.parsers import mdit, sphinx_
from sphinx.application import Sphinx
from sphinx.transforms import i18n

_parse_message = i18n.publish_msgstr
_Parsed = dict[tuple[str, str, int | None], nodes.Element]


class _Known:
    """A configuration, known by its identity: it holds lists."""

    def __init__(self, config: MdParserConfig) -> None:
        self.config = config

    def __hash__(self) -> int:
        return id(self.config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and self.config is other.config


@lru_cache(maxsize=1)
def _parser(known: _Known) -> MarkdownIt:
    return mdit.create_md_parser(known.config, SphinxRenderer)


def create_md_parser(config: MdParserConfig, renderer: Any) -> MarkdownIt:
    """What replaces MyST-Parser's function of this name for pages without code cells, and for messages."""
    return _parser(_Known(config))


def publish_message(
    parsed: _Parsed, app: Sphinx, source: str, path: str, line: int | None, *rest: Any
) -> nodes.Element:
    """What replaces ``sphinx.transforms.i18n.publish_msgstr``; ``parsed`` holds the page's messages."""
    key = (source, path, line)
    found = parsed.get(key)
    if found is None or not _is_whole(found):
        found = parsed[key] = _parse_message(app, source, path, line, *rest)  # type: ignore[arg-type]
    return found


def _is_whole(parsed: nodes.Element) -> bool:
    """Whether none of the message's nodes was put into a page."""
    return all(child.parent is node for node in parsed.findall(nodes.Element) for child in node.children)


def setup(app: Sphinx) -> None:
    """Take the long ways' places."""
    parsed: _Parsed = {}
    sphinx_.create_md_parser = create_md_parser
    i18n.publish_msgstr = partial(publish_message, parsed)  # type: ignore[assignment]
    app.connect("doctree-read", lambda app, tree: parsed.clear())

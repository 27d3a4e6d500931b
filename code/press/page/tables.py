"""Tables that cells put out become tables of the page: in its language, with a caption and a number.

A table is stored once, as typed values (:mod:`convnets.common.tables`). Its words are translated by the catalogue of
the page's figures, its numbers are written by rule, as in figures. Its caption is that of the cell's head.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from sphinx.locale import get_translation
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from convnets.common import tables
from press.outputs import store
from press.page import figures, words

logger = logging.getLogger(__name__)

_MARK = "<!-- press: a table -->"


def messages(root: Path, system: str) -> Iterator[str]:
    """What the stored tables of a chapter say that another language says otherwise.

    Raises:
        ConvnetsError: what is stored cannot be read.
    """
    stored = store.read(system, root)
    for cell in stored.cells if stored else []:
        for output in cell.outputs:
            if (found := output.get("data", {}).get(tables.MIME)) is not None:
                table = tables.restored(found)
                for value in [*table.headings, *(value for row in table.rows for value in row)]:
                    said = value.unit if value.kind == "number" else value.text if value.kind == "word" else ""
                    yield from figures.asked(said)


def printed(output: Any, docname: str, language: str) -> Any:
    """An output as a page gets it: a table as HTML in its language, all else as it is."""
    found = output.get("data", {}).get(tables.MIME)
    if found is None:
        return output
    said = get_translation(figures.domain(docname))

    def say(text: str) -> str:
        return figures.label(text, lambda message: str(said(message)), language) if language != words.SOURCE else text

    body = tables.html(tables.restored(found), say, lambda number: words.marked(number, language))
    shown = {"text/html": _MARK + body, "text/plain": " "}  # the second for a reader of messages
    return nbformat.from_dict(output | {"data": shown})  # type: ignore[no-untyped-call]


class Captions(SphinxTransform):
    """Make tables of the figures that hold one, so that they bear tables' captions and are counted among them."""

    default_priority = 30  # after the caption was translated, before Sphinx numbers figures and tables

    def apply(self, **kwargs: Any) -> None:
        for bundle in list(self.document.findall(_is_table)):
            body = next(raw for raw in bundle.findall(nodes.raw) if raw.astext().startswith(_MARK))
            table = nodes.table()
            table.source, table.line = self.document["source"], body.line or bundle.line
            figure = bundle.parent
            caption = next((each for each in figure.children if isinstance(each, nodes.caption)), None)
            if not isinstance(figure, nodes.figure) or caption is None:
                told = "The table has no caption: write one into the cell's head, mystnb: {figure: {caption: ...}}."
                logger.warning("%s", told, location=bundle, type="press", subtype="table")
                figure = bundle
            else:
                table["ids"], table["names"] = figure["ids"], figure["names"]
                self.document.ids |= dict.fromkeys(table["ids"], table)
                table += nodes.title(caption.rawsource, "", *caption.children)
                table[0].source, table[0].line = caption.source, caption.line
            table += nodes.raw("", body.astext().removeprefix(_MARK), format="html")
            figure.parent.replace(figure, nodes.container("", table, classes=["press-table"]))


def _is_table(node: nodes.Node) -> bool:
    return (
        isinstance(node, nodes.container)
        and node.get("nb_element") == "mime_bundle"
        and any(raw.astext().startswith(_MARK) for raw in node.findall(nodes.raw))
    )


def setup(app: Any) -> None:
    """Follow the reading of pages."""
    app.add_transform(Captions)

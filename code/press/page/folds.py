"""What a page folds: side studies under a heading that begins with "The long way:", and the code of cells.

    ### The long way: the gradient by hand

A section whose English heading begins so, at level 3 or below, is closed on the page, cells included, and open on
paper and in the PDF. It keeps its place in the contents, its labels and its numbers. A link into it and what a search
finds there open it (``static/folds.js``); without scripts a click does.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

from press.page.words import SOURCE
from press.page.words import translate as _

LONG_WAY = {SOURCE: "The long way:", "es": "A fondo:"}
"""How the heading of a folded section begins, by language."""

_MARK = "press-long-way"
_OPENING, _BETWEEN, _CLOSING = '<details class="press-fold">\n<summary>\n', "</summary>\n", "</details>\n"


class Mark(SphinxTransform):
    """Mark sections by their English headings, before Sphinx translates those."""

    default_priority = 15  # Sphinx's own transform has 20

    def apply(self, **kwargs: Any) -> None:
        for section in self.document.findall(nodes.section):
            title = section.next_node(nodes.title)
            inner = isinstance(section.parent, nodes.section)
            if inner and title is not None and title.parent is section and title.astext().startswith(LONG_WAY[SOURCE]):
                section["classes"].append(_MARK)


def fold(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put each marked section of a page into a fold, with its heading as what is seen of it."""
    if app.builder.format != "html":
        return
    for section in list(doctree.findall(_is_long_way)):
        place = next(index for index, child in enumerate(section) if isinstance(child, nodes.title))
        section.insert(place + 1, _raw(_BETWEEN))
        section.insert(place, _raw(_OPENING))
        section.append(_raw(_CLOSING))


def _is_long_way(node: nodes.Node) -> bool:
    return isinstance(node, nodes.section) and _MARK in node["classes"]


def _raw(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def name_code(app: Sphinx, config: Config) -> None:
    """What stands over the folded code of a cell, in the page's language."""
    config.nb_code_prompt_show, config.nb_code_prompt_hide = str(_("Show the code")), str(_("Hide the code"))


def visit_code(self: HTML5Translator, node: HideCodeCellNode) -> None:
    """Open the fold of a cell; MyST-NB's own gives it an English name beside the words that are seen."""
    shown, hidden = (self.encode(node[prompt]) for prompt in ("prompt_show", "prompt_hide"))
    self.body.append(
        self.starttag(node, "details", CLASS="admonition hide")
        + f'<summary>\n<p class="collapsed admonition-title">{shown}</p>\n'
        + f'<p class="expanded admonition-title">{hidden}</p>\n</summary>\n'
    )


def add_script(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the script that opens folds where there is one, and nowhere else."""
    if doctree is not None and next(doctree.findall(_is_long_way), None) is not None:
        app.add_js_file("folds.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Follow a page from its reading to its writing."""
    app.add_transform(Mark)
    app.add_node(HideCodeCellNode, override=True, html=(visit_code, depart_HideCellInput))
    app.connect("config-inited", name_code, priority=200)  # when the language is known
    app.connect("doctree-resolved", fold, priority=900)
    app.connect("html-page-context", add_script)

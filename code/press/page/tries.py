"""The role ``{try}``: a link in the text that sets the page's demo.

    {try}`Draw a seven <{"sample": 7}>`

What stands between ``<`` and ``>`` are options of the demo as in ``:options:``; those that are not named stay as they
are. Without scripts it leads to the demo; in notebooks it is plain text.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole
from sphinx.writers.html5 import HTML5Translator

from convnets.common.errors import ConvnetsError
from press.page import live

logger = logging.getLogger(__name__)

_PARTS = re.compile(r"(?P<text>[^<]*[^<\s])\s*<(?P<options>.*)>", re.DOTALL)


class attempt(nodes.inline):
    """What the reader may try: text, and the demo's options in ``set``."""


class TryRole(SphinxRole):
    """A link that sets the demo."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        try:
            text, options = parts(self.text)
        except ConvnetsError as error:
            logger.warning("%s", error, location=self.get_location(), type="press", subtype="live")
            return [nodes.Text(self.text)], []
        return [attempt(self.rawtext, text, set=options)], []


def parts(said: str) -> tuple[str, dict[str, Any]]:
    """The text and the options of a role.

    Raises:
        ConvnetsError: there is no text, or there are no options.
    """
    found = _PARTS.fullmatch(said.strip())
    if not found:
        raise ConvnetsError(f'`{said}` tries nothing: write {{try}}`Draw a seven <{{"sample": 7}}>`.')
    options = live.read_options(found["options"], f"of {{try}}`{found['text']}`")
    if not options:
        raise ConvnetsError(f"{{try}}`{said}` sets nothing: name at least one option of the demo.")
    return found["text"], options


def check_demo(app: Sphinx, doctree: nodes.document) -> None:
    """Tell each link which demo it sets, the first of its page that is not small; warn where there is none."""
    found = [place for place in doctree.findall(live.live) if place["ids"]]
    for link in doctree.findall(attempt):
        if found:
            link["demo"] = found[0]["ids"][0]
        elif app.config.press_live:
            message = "This page has no demo that {try} could set: add a {live} fence that is not small."
            logger.warning("%s", message, location=link, type="press", subtype="live")


def visit(self: HTML5Translator, node: attempt) -> None:
    """A link where the page has its demo, else plain text."""
    if self.builder.config.press_live and "demo" in node:
        options = html.escape(json.dumps(node["set"], ensure_ascii=False))
        self.body.append(f'<a class="live-try" href="#{node["demo"]}" data-try="{options}">')
        self.context.append("</a>")
    else:
        self.context.append("")


def depart(self: HTML5Translator, node: attempt) -> None:
    """Close it."""
    self.body.append(self.context.pop())


def _pass(self: Any, node: attempt) -> None:
    """Other builders print the text alone."""


def setup(app: Sphinx) -> None:
    """Register the role."""
    handlers: dict[str, Any] = dict.fromkeys(("html", "singlehtml"), (visit, depart))
    handlers |= dict.fromkeys(("latex", "text", "texinfo", "man"), (_pass, _pass))
    app.add_node(attempt, **handlers)
    app.add_role("try", TryRole())
    app.connect("doctree-read", check_demo)

"""What must not be torn at the end of a line: a number and its per cent sign, and in Spanish the groups of a number.

Authors and translators type plain spaces, ``0.54 %`` and ``12 630``; the page gets no-break ones. Code, formulas and
raw HTML stay as they are.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from press.page.words import GROUPS, NBSP

_VERBATIM = (nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw, nodes.comment)
_GROUP = re.compile(r"(?<![\d,.])(?<!\d )\d{1,3}(?: \d{3})+(?![\d,.]\d|\d)")


def bound(text: str, language: str) -> str:
    """``text`` with no-break spaces where a line must not end."""
    if language in GROUPS:
        text = _GROUP.sub(lambda found: found[0].replace(" ", GROUPS[language]), text)
    return re.sub(r"(?<=\d) (?=%)", NBSP, text)


class Bind(SphinxPostTransform):
    """Put no-break spaces into the text of a page."""

    default_priority = 900  # when references and results are text
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        for text in list(self.document.findall(nodes.Text)):
            parent = text.parent
            if parent is None or isinstance(parent, _VERBATIM):
                continue
            changed = bound(text.astext(), self.config.language)
            if changed != text.astext():
                parent.replace(text, nodes.Text(changed))


def setup(app: Sphinx) -> None:
    """Bind when a page is written."""
    app.add_post_transform(Bind)

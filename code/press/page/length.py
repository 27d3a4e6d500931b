"""How long a chapter is: the words of its main line, and the minutes that stand under its title.

Counted is English prose: headings, paragraphs, lists, the text of notes and of quizzes, where a formula, a citation or
a piece of code is one word. Apart stand code cells with their captions, tables, demos, exercises and sources; what is
folded under "The long way" is counted for itself. Both editions show the minutes of the English text.

The rate is a little under the 238 words a minute at which adults read English non-fiction in silence (M. Brysbaert,
"How many words do we read per minute?", Journal of Memory and Language 109, 2019), as there are formulas between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from docutils import nodes
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from sphinx.application import Sphinx

from press.outputs import chapters
from press.page.folds import LONG_WAY
from press.page.words import SOURCE
from press.page.words import translate as _

WORDS_A_MINUTE = 225
MOST = {"context": 4500, "history": 4500, "use": 3000}
"""Words of a chapter's main line, by its part."""
MOST_FOLDED = 2500

_APART = ("Exercises", "Sources")
_NOTES = re.compile(r"\{(?:note|tip|hint|important|warning|caution|admonition|margin|sidebar|seealso|quiz)\}")
_OPTION = re.compile(r"^:[\w-]+:.*$", re.MULTILINE)
_ROLE = re.compile(r"\{([\w:+-]+)\}`([^`]*)`")
_TARGET = re.compile(r"\s*<[^>]*>$")
_AS_WRITTEN = ("term", "try", "abbr", "ref", "doc")  # roles whose text is read
_ONE_WORD = re.compile(r"`[^`]*`|\$[^$]*\$")
_LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")
_WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")


class Length(NamedTuple):
    """Words of a chapter."""

    main: int
    folded: int

    @property
    def minutes(self) -> int:
        """How long the main line takes to read."""
        return max(1, round(self.main / WORDS_A_MINUTE))


def of(text: str) -> Length:
    """The length of a page, given its MyST source."""
    counted = {"main": 0, "folded": 0, "": 0}
    for kind, prose in _prose(text):
        counted[kind] += words(prose)
    return Length(counted["main"], counted["folded"])


def read(path: Path) -> Length:
    """The length of the page in ``path``.

    Raises:
        ConvnetsError: it cannot be read.
    """
    return of(chapters.front_matter(path)[1])


def words(prose: str) -> int:
    """How many words a paragraph of MyST has."""
    prose = _ROLE.sub(lambda role: _TARGET.sub("", role[2]) if role[1] in _AS_WRITTEN else "word", prose)
    prose = _LINK.sub(r"\1", _ONE_WORD.sub("word", prose))
    return len(_WORD.findall(prose))


def _prose(text: str) -> Iterator[tuple[str, str]]:
    """Each piece of prose, and whether it is of the ``main`` line, ``folded`` or, for neither, ``""``."""
    kind, depth, heading = "main", 0, False  # `depth` is that of the heading under which all is of this kind
    for token in _parser().parse(text):
        if token.type == "heading_open":
            heading, level = True, int(token.tag[1:])
            kind = "main" if level <= depth else kind
        elif token.type == "inline" and heading:
            heading = False
            if kind == "main" and (found := _kind(token.content, level)) != "main":
                kind, depth = found, level
            yield kind, token.content
        elif token.type == "inline":
            yield kind, token.content
        elif token.type in ("fence", "colon_fence") and _NOTES.match(token.info):
            yield from ((kind, prose) for _inner, prose in _prose(_OPTION.sub("", token.content)))


def _kind(heading: str, level: int) -> str:
    if heading in _APART:
        return ""
    return "folded" if level > 2 and heading.startswith(LONG_WAY[SOURCE]) else "main"


class _Reader:
    """Parses prose, without what stands in tables."""

    def __init__(self) -> None:
        parser = MarkdownIt("commonmark").enable("table").use(front_matter_plugin).use(colon_fence_plugin)
        self.parser = parser.use(deflist_plugin).use(dollarmath_plugin).use(myst_block_plugin)
        self.parser.core.ruler.disable("inline")

    def parse(self, text: str) -> Iterator[Token]:
        within = 0
        for token in self.parser.parse(text):
            within += token.nesting if token.type.startswith("table_") else 0
            if not within:
                yield token


@cache
def _parser() -> _Reader:
    return _Reader()


# On the page


def tell(app: Sphinx, doctree: nodes.document) -> None:
    """Say under the title of a chapter how long it takes to read, and lead to its demo."""
    path = Path(app.env.doc2path(app.env.docname))
    if not (title := next(iter(doctree.findall(nodes.title)), None)) or not path.is_file():
        return
    matter, text = chapters.front_matter(path)
    if "book" not in matter:
        return
    told = str(_("{minutes} min read")).format(minutes=of(text).minutes)
    line = nodes.paragraph("", told, classes=["press-length"], translatable=False)
    if demo := app.env.metadata[app.env.docname].get("press_live", {}).get("main"):
        name = str(_("demo"))
        line += [nodes.Text(" · "), nodes.reference("", name, refid=demo, internal=True)]
    title.parent.insert(title.parent.index(title) + 1, line)


def setup(app: Sphinx) -> None:
    """Follow the reading of pages."""
    app.connect("doctree-read", tell, priority=300)  # before the stamp, which stands above it

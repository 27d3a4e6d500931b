"""What each system says of itself, once, and the directive ``{systems}``, which prints it on pages that tell of all.

A chapter's front matter holds ``book:`` with its ``part`` (context, history or use), its ``question``, the label of
its ``picture`` and the keys of the ``papers`` that it builds; its title is its first heading; a row of its
``{results}`` with a ``claim`` is a row of the recapitulation. The order is that of ``_toc.yml``.

``{systems} claims`` is the table of what was claimed and measured; ``{systems} lecture`` is the lecture slide by
slide, whose body is a YAML list of rows with ``slide``, ``says`` and ``systems`` (or ``page``, one that exists in any
case), and says of each system where the book has it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.locale import get_translation
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from convnets.common import assets, memory
from convnets.common.errors import ConvnetsError
from press.outputs import chapters, written
from press.page import results, words
from press.page.sphinx_outputs import ASKED, depends_on, depends_on_answer
from press.page.words import translate as _

logger = logging.getLogger(__name__)

PARTS = ("context", "history", "use")
"""Kinds of chapter: the shorter ones are on a use."""

_RESULTS = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{results\} *(?P<system>\w+)\n(?P<body>.*?)^(?P=fence)[ \t]*$", re.M | re.S
)
_OPTION = re.compile(r":\w+:")
_PROSE = {"claims": (0, 4), "lecture": (1, 3)}
"""Columns of the tables that hold prose."""


class Facts(NamedTuple):
    """What a chapter says of its system."""

    system: str
    title: str  # of the page
    part: str  # one of PARTS
    question: str  # which the chapter answers, in one sentence
    picture: str  # label of the figure that stands for it, or of its demo
    papers: list[str]  # keys in references.bib of what is built
    has_demo: bool
    claims: list[dict[str, Any]]  # rows of {results} with a claim

    @property
    def name(self) -> str:
        """The title as far as its colon: ``LeNet``."""
        return self.title.partition(":")[0]


def systems(root: Path) -> list[str]:
    """The systems of the book, which have a package, in the order of its table of contents."""
    return [page for page in chapters.contents(root) if (root / "code" / "convnets" / page / "__init__.py").is_file()]


def read(root: Path, system: str) -> Facts:
    """The facts of a system, checked.

    Raises:
        ConvnetsError: the chapter does not say them, or says them in another form.
    """
    path = root / "book" / f"{system}.md"
    matter, text = chapters.front_matter(path)
    said = matter.get("book")
    if not isinstance(said, dict) or said.keys() != {"part", "question", "picture", "papers"}:
        raise ConvnetsError(
            f"The front matter of {path} needs `book:` with part, question, picture and papers: README's table and the "
            "pages that tell of all systems are made of it; another chapter shows how."
        )
    if said["part"] not in PARTS or not isinstance(said["papers"], list):
        raise ConvnetsError(f"In the front matter of {path}, part must be one of {', '.join(PARTS)} and papers a list.")
    title = re.search(r"^# (.+)$", text, re.M)
    if not title:
        raise ConvnetsError(f"{path} has no title: begin it with `# Name: what it is`.")
    question = " ".join(str(said["question"]).split())
    flat = " ".join(text.split())
    if f"**{question}**" not in flat:
        raise ConvnetsError(
            f"{path} asks another question than its front matter: “{question}” must stand there in bold."
        )
    if f"({said['picture']})=" not in text and not re.search(rf"\bname: *{re.escape(str(said['picture']))}\b", text):
        raise ConvnetsError(f"{path} has no figure with the label {said['picture']}, which its front matter names.")
    claims = [{"system": system, **row} for row in _result_rows(text) if "claim" in row]
    return Facts(system, title[1].strip(), said["part"], question, str(said["picture"]), [*map(str, said["papers"])],
                 f"({system}-live)=" in text, claims)  # fmt: skip


class Card(NamedTuple):
    """What a page says of itself to those who have not opened it."""

    title: str
    question: str
    picture: str
    has_demo: bool
    text: str  # its source


def card(root: Path, page: str) -> Card:
    """The card of a page: of a chapter, or of another whose front matter has a question.

    Raises:
        ConvnetsError: the page does not say it.
    """
    matter, text = chapters.front_matter(root / "book" / f"{page}.md")
    told = matter.get("book")
    title = re.search(r"^# (.+)$", text, re.M)
    if not isinstance(told, dict) or "question" not in told or not title:
        raise ConvnetsError(f"book/{page}.md has no card: it needs a title, and `book: {{question: ...}}` at its top.")
    question = " ".join(str(told["question"]).split())
    return Card(title[1].strip(), question, str(told.get("picture", "")), f"({page}-live)=" in text, text)


def questions(root: Path) -> list[str]:
    """The questions of all pages that have a card: front matter is no part of a page's own messages."""
    found = []
    for file in sorted((root / "book").glob("*.md")):
        told = chapters.front_matter(file)[0].get("book")
        if isinstance(told, dict) and "question" in told:
            found.append(card(root, file.stem).question)
    return found


def said(env: BuildEnvironment, domain: str, text: str) -> str:
    """A text of the catalogue ``domain``, such as a chapter's own, in the language of the page that is being read."""
    for folder in env.config.locale_dirs if env.config.language != words.SOURCE else []:
        env.note_dependency(str(Path(folder, env.config.language, "LC_MESSAGES", f"{domain}.po")))
    return translated(domain, text)


def translated(domain: str, text: str) -> str:
    """The same where no page depends on it."""
    return str(get_translation(domain)(text))


def digest(root: Path) -> str:
    """Of the facts of all systems: pages that tell of all are read again when it changes, not with each chapter."""
    try:
        return assets.sha256("".join(_told(root, system) for system in systems(root)).encode())
    except ConvnetsError as error:  # the page that is read says so
        return str(error)


def _told(root: Path, system: str) -> str:
    path = root / "book" / f"{system}.md"
    content = written.text(path).encode()
    return memory.recall(f"facts {path}", content, lambda: repr(read(root, system)), __file__, results.__file__)


ASKED["systems"] = digest


def _result_rows(text: str) -> list[dict[str, Any]]:
    bodies = [match["body"].splitlines() for match in _RESULTS.finditer(text)]
    return [row for body in bodies for row in results.rows("\n".join(line for line in body if not _OPTION.match(line)))]


class Systems(SphinxDirective):
    """A list or table of all systems, made of what their chapters say."""

    required_arguments = 1
    has_content = True
    option_spec = {"class": directives.class_option}

    def run(self) -> list[nodes.Node]:
        kinds = {"claims": self._claims, "lecture": self._lecture}
        root = Path(self.env.srcdir)
        self.env.note_dependency(str(root / "_toc.yml"))
        kind = self.arguments[0]
        try:
            if kind not in kinds:
                raise ConvnetsError(f"There is no `{{systems}} {kind}`: choose one of {', '.join(kinds)}.")
            lines = kinds[kind](root)
        except ConvnetsError as error:
            logger.warning("%s", error, location=self.get_location(), type="press", subtype="systems")
            return []
        box = nodes.container(classes=["press-systems", *self.options.get("class", [])])
        self.state.nested_parse(StringList(lines, self.env.docname), self.content_offset, box)
        for body in box.findall(nodes.tbody):
            for row in body:
                for column in _PROSE[kind]:  # which is translated: Sphinx must know its place
                    self.set_source_info(row[column][0])
        return [box]

    def _facts(self, root: Path) -> list[Facts]:
        depends_on_answer(self.env, "systems")
        return [read(root, system) for system in systems(root)]

    def _claims(self, root: Path) -> list[str]:
        rows = []
        for claim in (claim for facts in self._facts(root) for claim in facts.claims):
            depends_on(self.env, claim["system"])
            result = f"{claim['system']}/{claim['recipe']}.{claim['metric']}"
            cited = f" {{cite}}`{claim['cite']}`" if claim.get("cite") else ""
            says = words.quoted(str(claim.get("paper", "–")), self.config.language) + cited
            ours = (f"{{result}}`{result}`", f"{{result}}`{result}:interval`")
            rows.append((claim["claim"], says, *ours, claim["comparable"]))
        heads = (_("Network"), _("The paper reports"), _("We measure"), _("Interval"), _("Are they comparable?"))
        return results.table(heads, rows)

    def _lecture(self, root: Path) -> list[str]:
        there = {facts.system: facts for facts in self._facts(root)}
        rows = []
        for row in _slides("\n".join(self.content)):
            names = row.get("systems", [])
            places = [_place(there[name]) if name in there else _LATER for name in names]
            told = row["page"] if "page" in row else "; ".join(dict.fromkeys(places))
            slide = ", ".join(map(str, row["slide"] if isinstance(row["slide"], list) else [row["slide"]]))
            rows.append(
                (slide, f"[{row['says']}]{{.language-es}}", ", ".join(f"`{name}`" for name in names) or "–", told)
            )
        return results.table((_("Slide"), _("The lecture"), _("System"), _("In the book")), rows)


_LATER = "in preparation"


def _place(facts: Facts) -> str:
    demo = f"; {{ref}}`{facts.system}-live`" if facts.has_demo else ""
    return f"{{ref}}`{facts.system}`{demo}"


def _slides(body: str) -> list[dict[str, Any]]:
    rows = written.read_yaml(body, "The body of `{systems} lecture`")
    for row in rows if isinstance(rows, list) else [None]:
        if not isinstance(row, dict) or not {"slide", "says"} <= row.keys() <= {"slide", "says", "systems", "page"}:
            raise ConvnetsError(
                f"A row of `{{systems}} lecture` needs slide, says, and systems or page: {row} does not."
            )
    return rows


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("systems", Systems)

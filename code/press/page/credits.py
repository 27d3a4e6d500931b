"""The directive ``{credits}``: what each system's ``assets/<system>/SOURCES.md`` says, on one page.

``{credits}`` prints a section for each system with its data, weights and pictures; ``{credits} claims`` one with the
claims that were read through a copy, which a sources file keeps under a heading that begins with *Claims*. The files
are English and shown as they are, in another language marked as such.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from convnets.common.errors import ConvnetsError
from press.outputs import chapters, written
from press.page import facts
from press.page.words import SOURCE
from press.page.words import translate as _

logger = logging.getLogger(__name__)

_CLAIMS = "Claims"


class Part(NamedTuple):
    """What stands below one heading of a sources file; ``line`` is the number of its first line, from 0."""

    title: str
    line: int
    text: list[str]


def parts(file: Path) -> tuple[str, list[Part]]:
    """The system's name as its sources file writes it, before the colon of its title, and the file's parts.

    Raises:
        ConvnetsError: there is no such file, or it lacks what it must have.
    """
    if not file.is_file():
        raise ConvnetsError(f"{file} is missing: say there whose data, weights and pictures the system uses.")
    lines = written.text(file).splitlines()
    heads = [number for number, line in enumerate(lines) if line.startswith("## ")]
    if not lines or not lines[0].startswith("# ") or not heads:
        raise ConvnetsError(f"{file} has no title or no parts: begin it with `# Name: ...`, and each part with `## `.")
    ends = [*heads[1:], len(lines)]
    found = [Part(lines[a][3:].strip(), a + 1, lines[a + 1 : b]) for a, b in zip(heads, ends, strict=True)]
    return lines[0][2:].partition(":")[0].strip(), found


def systems(root: Path) -> list[str]:
    """Those with a folder of assets, in the order of the book's table of contents; its front page is no system."""
    root_page, *pages = chapters.contents(root)
    return [page for page in pages if (root / "assets" / page).is_dir()]


class Credits(SphinxDirective):
    """Whose data, weights and pictures the book uses; or what it knows of a source through a copy alone."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        kind = self.arguments[0] if self.arguments else "sources"
        try:
            if kind not in ("sources", "claims"):
                raise ConvnetsError(f"`{kind}` is no kind of credits: write `{{credits}}` or `{{credits}} claims`.")
            sections = [self._section(system, kind) for system in systems(Path(self.env.srcdir))]
        except ConvnetsError as error:
            logger.warning("%s", error, location=self.get_location(), type="press", subtype="credits")
            return []
        return [section for section in sections if section is not None]

    def _section(self, system: str, kind: str) -> nodes.section | None:
        """The section of a system, below the page's present one; None where it has nothing to say."""
        file = Path(self.env.srcdir, "assets", system, "SOURCES.md")
        self.env.note_dependency(str(file))
        name, found = parts(file)
        chosen = [part for part in found if part.title.startswith(_CLAIMS) == (kind == "claims")]
        if not chosen:
            return None
        label = f"{'credits' if kind == 'sources' else kind}-{system}"
        name = self._named(system, name)
        section = nodes.section("", nodes.title(name, name, translatable=False), ids=[label], names=[label])
        for part in chosen:
            if kind == "sources":
                title = _title(part.title)
                section += nodes.rubric(title, title, translatable=False, classes=["press-credits-part"])
            section += self._body(file, part)
        return section

    def _named(self, system: str, name: str) -> str:
        """The system's name in the page's language, as its chapter's title has it before the colon."""
        if self.config.language == SOURCE:
            return name
        _matter, text = chapters.front_matter(Path(self.env.srcdir, "book", f"{system}.md"))
        title = re.search(r"^# (.+)$", text, re.M)
        return facts.said(self.env, f"book/{system}", title[1].strip()).partition(":")[0] if title else name

    def _body(self, file: Path, part: Part) -> nodes.container:
        """A part's text; no message for translators, as it is shown as it is."""
        body = nodes.container(classes=["press-credits"])
        if self.config.language != "en":
            body["classes"].append("language-en")  # docutils writes it as lang="en"
        self.state.nested_parse(StringList(part.text, str(file)), part.line, body)
        for text in body.findall(nodes.TextElement):
            text["translatable"] = False
        return body


def _title(title: str) -> str:
    known = {"Data": _("Data"), "Weights": _("Weights"), "Pictures": _("Pictures")}
    return str(known.get(title, title))


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("credits", Credits)

"""How to cite a chapter: a small block at its end, as text and as BibTeX, made from ``CITATION.cff``.

That file is the single source of title, authors, version and date. A book without one has no such block.
"""

from __future__ import annotations

import html
import re
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from pybtex.database import BibliographyDataError, parse_string
from pybtex.exceptions import PybtexError
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from convnets.common import forms
from convnets.common.errors import ConvnetsError
from press.outputs import written
from press.page import words
from press.page.words import translate as _

logger = logging.getLogger(__name__)

FILE = "CITATION.cff"
_PERSON = {"given-names": forms.TEXT, "family-names": forms.TEXT}
_FORM = {
    "title": forms.TEXT,
    "authors": [forms.Either((_PERSON, {"name": forms.TEXT}))],
    "version": forms.Either((forms.TEXT, forms.NUMBER)),
    "date-released": forms.Either((forms.DATE, date)),
}
_TEX = {character: f"\\{character}" for character in "&%#_$"}


class Work(NamedTuple):
    """What ``CITATION.cff`` says of the book."""

    title: str
    authors: list[dict[str, str]]
    version: str
    released: date


def read(root: Path) -> Work:
    """The book's own entry.

    Raises:
        ConvnetsError: the file is no YAML, or says too little.
    """
    path = root / FILE
    found = written.settings(path, _FORM)
    day = found["date-released"]
    try:
        released = day if isinstance(day, date) else date.fromisoformat(day)
    except ValueError as error:
        raise ConvnetsError(f"{path} cannot be used: date-released is {day}, no day; mend it.") from error
    return Work(found["title"], found["authors"], str(found["version"]), released)


def names(work: Work) -> str:
    """Its authors, as one line, a group of people in the page's language."""
    return ", ".join(
        str(_(one["name"])) if "name" in one else f"{one['given-names']} {one['family-names']}" for one in work.authors
    )


def _tex_name(author: dict[str, str]) -> str:
    if "name" in author:
        return f"{{{_tex(author['name'])}}}"  # braces: no person, not to be taken apart
    return _tex(f"{author['family-names']}, {author['given-names']}")


def text(work: Work, page: str, address: str = "") -> str:
    """A citation of a page for a list of references, in the page's language."""
    said = _("{authors}: “{page}”. In: {title}, version {version}, {date}.").format(
        authors=names(work),
        page=page,
        title=work.title,
        version=work.version,
        date=work.released.isoformat(),
    )
    return f"{said} {address}".rstrip()


def bibtex(work: Work, name: str, page: str, address: str = "") -> str:
    """The same for BibTeX, under a key made from the page's ``name``."""
    fields = {
        "author": " and ".join(map(_tex_name, work.authors)),
        "title": f"{{{_tex(page)}}}",
        "booktitle": f"{{{_tex(work.title)}}}",
        "year": str(work.released.year),
        "note": f"Version {work.version}",
        **({"url": address} if address else {}),
    }
    lines = "".join(f"  {field:9} = {{{value}}},\n" for field, value in fields.items())
    return f"@incollection{{convnets-{name},\n{lines}}}"


def _tex(said: str) -> str:
    return "".join(_TEX.get(character, character) for character in said)


def block(work: Work, name: str, page: str, address: str = "") -> str:
    """The block's HTML. The classes are those of Sphinx's code blocks, so that each part gets its copy button."""
    copied = "".join(
        f'<p class="press-cite-kind">{html.escape(kind)}</p>\n<div class="highlight-{language} notranslate">'
        f'<div class="highlight"><pre>{html.escape(content)}\n</pre></div></div>\n'
        for kind, language, content in (
            (str(_("As text")), "text", text(work, page, address)),
            ("BibTeX", "bibtex", bibtex(work, name, page, address)),
        )
    )
    summary = html.escape(_("Cite this page"))
    return f'<details class="press-cite"><summary>{summary}</summary>\n{copied}</details>\n'


def add_block(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the block below the text of each page that tells a system."""
    root, name = Path(app.srcdir), Path(pagename).name
    if doctree is None or app.builder.name != "html" or not (root / "assets" / name).is_dir():
        return
    if not (root / FILE).is_file():
        return
    try:
        work = read(root)
    except ConvnetsError as error:
        logger.warning("%s", error, type="press", subtype="cite")
        return
    work = work._replace(title=words.translate(work.title))
    page = html.unescape(re.sub(r"<[^>]+>", "", context.get("title") or name))
    context["body"] += block(work, name, page, context.get("pageurl") or "")


def read_sources(app: Sphinx, config: Config) -> None:
    """Have a bibliography that is no bibliography told in a sentence, before its extension stumbles over it.

    Raises:
        ConvnetsError: a file is missing, no text or no BibTeX.
    """
    for name in getattr(config, "bibtex_bibfiles", None) or []:
        file = Path(app.srcdir, name)
        try:
            parse_string(written.text(file, "mend it, or take it out of _config.yml"), "bibtex")
        except BibliographyDataError:  # a doubled entry: the extension warns of it
            continue
        except (PybtexError, RecursionError) as error:
            raise ConvnetsError(f"{file} is no BibTeX ({' '.join(str(error).split())[:200]}): mend it.") from error


class VersionRole(SphinxRole):
    """``{version}`CITATION.cff` ``: the version of the book, as that file says it."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        root = Path(self.env.srcdir)
        self.env.note_dependency(str(root / FILE))
        return [nodes.Text(read(root).version)], []


def setup(app: Sphinx) -> None:
    """Register the role, and follow the writing of pages."""
    app.add_role("version", VersionRole())
    app.connect("config-inited", read_sources)
    app.connect("html-page-context", add_block)

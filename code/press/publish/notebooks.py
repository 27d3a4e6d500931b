"""Each chapter also as a notebook: made from its MyST source at build, without outputs, with a download button.

In another language than the source its prose is translated with the page's catalogue. Where ``_config.yml`` says at
which address the repository lies, a first cell installs the library, so that the notebook runs on a bare machine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from convnets.common.errors import ConvnetsError
from press.editions import catalogues
from press.page import results, solutions
from press.page.words import translate as _

FOLDER = "_notebooks"  # inside the built site

_RESULT = re.compile(r"\{result\}`([^`]+)`")
_TRY = re.compile(r"\{try\}`([^`<]*[^`<\s])\s*<[^`]*>`")

_INSTALL = """\
# {comment}
import importlib.util

if importlib.util.find_spec("convnets") is None:
    %pip install --quiet "convnets-in-context[train] @ git+{address}@{branch}"
"""
# What may stand before a message in a line of MyST: nothing, or marks one after the other.
_MARK = re.compile(r"(?:[-*+]|\d+[.)]|#{1,6}|>|:caption:|(?:`{3,}|:{3,})\{[\w-]+\})[ \t]+")
_INDENT = re.compile(r"[ \t]*")
_QUOTED = re.compile(r"[ \t]*>")
# Where a message stands within a line: a cell of a table, a text in quotes in a row of ``{results}``.
_CELL = re.compile(r"\|[ \t]+"), re.compile(r"[ \t]+\|")
_TEXT = re.compile(r'(?:label|note): "'), re.compile('"')
_NOTED = re.compile(r"(.+) \[(.+)\]\{\.press-note\}")  # how a row of {results} puts its label and note together


def notebook(executed: str, language: str = "en", said: dict[str, str] | None = None, install: str = "") -> str | None:
    """The JSON of a chapter's notebook, from the one that MyST-NB wrote; None where there is no code to run.

    Outputs are left out. Prose keeps its MyST markup, which Jupyter shows readably; ``{result}`` becomes its number and
    ``{try}`` its text.
    ``said`` translates it; ``install`` is the source of a first cell.
    """
    cells = json.loads(executed)["cells"]
    if not any(cell["cell_type"] == "code" for cell in cells):
        return None
    if install:
        cells.insert(0, {"cell_type": "code", "source": install, "metadata": {"tags": ["install"]}})
    translate = translator(said or {})
    for index, cell in enumerate(cells):
        cell["id"] = f"cell-{index}"  # MyST-NB draws them at random: each build would differ
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        else:
            text = _TRY.sub(r"\1", translate("".join(cell["source"])))
            cell["source"] = _RESULT.sub(lambda match: _number(match.group(1), language), text)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    book = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def translator(said: dict[str, str]) -> Callable[[str], str]:
    """A function that replaces, in MyST source, what is a message of ``said`` and fills a block of text.

    That is a paragraph, a heading, an item of a list, a cell of a table, a label or a note of ``{results}``.
    """
    known = {" ".join(message.split()): translation for message, translation in said.items()}
    for message, translation in list(known.items()):
        parts, others = _NOTED.fullmatch(message), _NOTED.fullmatch(translation)
        if parts and others:
            known |= dict(zip(parts.groups(), others.groups(), strict=True))
    firsts = {message.partition(" ")[0] for message in known}

    def translate(text: str) -> str:
        return _within(_within(_blocks(text, known, firsts), *_CELL, known), *_TEXT, known) if known else text

    return translate


def _blocks(text: str, said: dict[str, str], firsts: set[str]) -> str:
    """The text with messages replaced that fill lines, apart from marks before them; the longest is chosen."""
    lines, written, index = text.split("\n"), [], 0
    while index < len(lines):
        line, last = lines[index], index
        for start in _starts(line):
            block = [line[start:]]
            if not block[0].strip() or block[0].split(maxsplit=1)[0] not in firsts:
                continue
            for following in lines[index + 1 :]:
                if not (rest := _QUOTED.sub("", following, count=1) if _QUOTED.match(following) else following).strip():
                    break
                block.append(rest)
            if found := _longest(block, said):
                count, translation = found
                last = index + count - 1
                end = lines[last]
                line = line[:start] + translation + end[len(end.rstrip(" \t")) :]
                break
        written.append(line)
        index = last + 1
    return "\n".join(written)


def _starts(line: str) -> list[int]:
    """Where a message may begin in a line, behind all marks first."""
    indent = _INDENT.match(line)
    starts = [indent.end() if indent else 0]
    while mark := _MARK.match(line, starts[-1]):
        starts.append(mark.end())
    return starts[::-1]


def _longest(block: list[str], said: dict[str, str]) -> tuple[int, str] | None:
    """How many of the lines, from the first on, make a message, and its translation."""
    for count in range(len(block), 0, -1):
        if translation := said.get(" ".join(" ".join(block[:count]).split())):
            return count, translation
    return None


def _within(text: str, before: re.Pattern[str], behind: re.Pattern[str], said: dict[str, str]) -> str:
    """The text with messages replaced that stand in a line between two marks, the longest that does."""
    written, place = [], 0
    while opening := before.search(text, place):
        start, end = opening.end(), text.find("\n", opening.end())
        ends = [found.start() for found in behind.finditer(text, start, end if end >= 0 else len(text))]
        written.append(text[place:start])
        place = start
        for end in reversed(ends):
            if translation := said.get(" ".join(text[start:end].split())):
                written.append(translation)
                place = end
                break
    return "".join(written) + text[place:]


def install_source(repository: str, branch: str = "main") -> str:
    """A cell that installs the library with its weights where it is missing; nothing while there is no address."""
    if not repository:
        return ""
    comment = _("Installs the book's library, with its weights, where it is missing; on Colab, for example.")
    return _INSTALL.format(comment=comment, address=repository.removesuffix(".git"), branch=branch or "main")


def _number(spec: str, language: str) -> str:
    try:
        return results.text(spec.strip(), language)
    except ConvnetsError:  # the page itself has said so
        return f"`{spec}`"


def add_notebook(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Write the page's notebook into the site and offer it among the page's downloads."""
    executed = Path(app.env.mystnb_config.output_folder, f"{pagename}.ipynb")  # type: ignore[attr-defined]
    if doctree is None or app.builder.name != "html" or not executed.is_file():
        return
    language, options = app.config.language, app.config.html_theme_options
    said = catalogues.translations(Path(app.srcdir), language, pagename)
    install = install_source(options.get("repository_url", ""), options.get("repository_branch", ""))
    content = notebook(solutions.allowed(app, executed.read_text(encoding="utf-8")), language, said, install)
    if content is None:
        return
    name = f"{FOLDER}/{Path(pagename).name}.ipynb"
    file = Path(app.outdir, name)
    file.parent.mkdir(exist_ok=True)
    file.write_text(content, encoding="utf-8")
    button = {
        "type": "link",
        "url": context["pathto"](name, 1),
        "text": ".ipynb",
        "icon": "fas fa-code",
        "tooltip": _("Download notebook file"),
        "label": "download-notebook-button",
    }
    for group in context.get("header_buttons", []):
        if group.get("label") == "download-buttons":
            group["buttons"].insert(0, button)


def setup(app: Sphinx) -> None:
    """Follow the writing of pages, after the theme has made its buttons."""
    app.connect("html-page-context", add_notebook, priority=600)

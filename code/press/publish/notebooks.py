"""Each chapter also as a notebook: made from its MyST source at build, without outputs, with a download button.

In another language than the source its prose is translated with the page's catalogue. Where ``_config.yml`` says at
which address the repository lies, a first cell installs the library, so that the notebook runs on a bare machine.
"""

from __future__ import annotations

import json
import re
from functools import cache
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


_INSTALL = """\
# {comment}
import importlib.util

if importlib.util.find_spec("convnets") is None:
    %pip install --quiet "convnets-in-context[train] @ git+{address}@{branch}"
"""
# What may stand before a message in a line of MyST, and what may stand between two of its words.
_LEAD = r"^[ \t]*(?:(?:[-*+]|\d+[.)]|#{1,6}|>|:caption:|(?:`{3,}|:{3,})\{[\w-]+\})[ \t]+)*"
_GAP = r"(?:[ \t]+|[ \t]*\n[ \t]*(?:>[ \t]*)?)"
_NOTED = re.compile(r"(.+) \[(.+)\]\{\.press-note\}")  # how a row of {results} puts its label and note together


def notebook(executed: str, language: str = "en", said: dict[str, str] | None = None, install: str = "") -> str | None:
    """The JSON of a chapter's notebook, from the one that MyST-NB wrote; None where there is no code to run.

    Outputs are left out. Prose keeps its MyST markup, which Jupyter shows readably; ``{result}`` becomes its number.
    ``said`` translates it; ``install`` is the source of a first cell.
    """
    cells = json.loads(executed)["cells"]
    if not any(cell["cell_type"] == "code" for cell in cells):
        return None
    if install:
        cells.insert(0, {"cell_type": "code", "source": install, "metadata": {"tags": ["install"]}})
    for index, cell in enumerate(cells):
        cell["id"] = f"cell-{index}"  # MyST-NB draws them at random: each build would differ
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        else:
            text = translated("".join(cell["source"]), said or {})
            cell["source"] = _RESULT.sub(lambda match: _number(match.group(1), language), text)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    book = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def translated(text: str, said: dict[str, str]) -> str:
    """MyST source with each paragraph, heading, list item and table cell that is a message of ``said`` replaced."""
    said = {" ".join(message.split()): translation for message, translation in said.items()}
    for message, translation in list(said.items()):
        parts, others = _NOTED.fullmatch(message), _NOTED.fullmatch(translation)
        if parts and others:
            said |= dict(zip(parts.groups(), others.groups(), strict=True))
    if not said:
        return text
    for pattern in _patterns(tuple(said)):
        text = pattern.sub(lambda found: found[1] + said[" ".join(re.sub(r"\n[ \t]*>", " ", found[2]).split())], text)
    return text


@cache
def _patterns(messages: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Messages where they fill a block, a cell of a table, or a text in quotes in a row of ``{results}``."""
    longest = sorted(messages, key=len, reverse=True)
    one = "(" + "|".join(_GAP.join(map(re.escape, message.split())) for message in longest) + ")"
    return (
        re.compile(f"({_LEAD}){one}(?=[ \\t]*$)", re.MULTILINE),
        re.compile(rf"(\|[ \t]+){one}(?=[ \t]+\|)"),
        re.compile(rf'((?:label|note): "){one}(?=")'),
    )


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

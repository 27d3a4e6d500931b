"""Each chapter also as a notebook: made from its MyST source at build, without outputs, with a download button."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from convnets.common.errors import ConvnetsError
from press import results
from press.words import translate as _

FOLDER = "_notebooks"  # inside the built site

_RESULT = re.compile(r"\{result\}`([^`]+)`")


def notebook(executed: str, language: str = "en") -> str | None:
    """The JSON of a chapter's notebook, from the one that MyST-NB wrote; None where there is no code to run.

    Outputs are left out. Prose keeps its MyST markup, which Jupyter shows readably; ``{result}`` becomes its number.
    """
    cells = json.loads(executed)["cells"]
    if not any(cell["cell_type"] == "code" for cell in cells):
        return None
    for index, cell in enumerate(cells):
        cell["id"] = f"cell-{index}"  # MyST-NB draws them at random: each build would differ
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        else:
            text = "".join(cell["source"])
            cell["source"] = _RESULT.sub(lambda match: _number(match.group(1), language), text)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    book = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


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
    content = notebook(executed.read_text(encoding="utf-8"), app.config.language)
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

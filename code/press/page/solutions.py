"""One setting for the solutions of all exercises: ``press_solutions: shown | folded | hidden`` in ``_config.yml``.

``folded`` (the default): a solution opens when it is asked for. ``shown``: it stands open. ``hidden``: the exercise
stays and its solution is not printed, nor is it in the site's search index, notebooks and copies of the sources.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from convnets.common.errors import ConvnetsError

SETTINGS = ("shown", "folded", "hidden")
_FENCE = re.compile(r"^(?P<fence>(?P<mark>[`:~])(?P=mark){2,})\{solution\}.*?^(?P=fence)(?P=mark)*[ ]*\n*", re.M | re.S)


def without(text: str) -> str:
    """MyST text without its solutions."""
    return _FENCE.sub("", text)


def allowed(app: Sphinx, executed: str) -> str:
    """The JSON of a notebook, without its solutions where they are hidden."""
    if app.config.press_solutions != "hidden":
        return executed
    book = json.loads(executed)
    for cell in book["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = without("".join(cell["source"]))
    return json.dumps(book)


def configure(app: Sphinx, config: Config) -> None:
    """Check the setting; ``hidden`` is sphinx-exercise's own word for it."""
    if config.press_solutions not in SETTINGS:
        raise ConvnetsError(f"press_solutions is {config.press_solutions!r}: write shown, folded or hidden.")
    if config.press_solutions == "hidden":
        config.hide_solutions = True


def fold(app: Sphinx, doctree: nodes.document) -> None:
    """Make each solution of a page a fold, or none, whatever class it was given."""
    for solution in doctree.findall(_is_solution):
        kept = [name for name in solution["classes"] if name != "dropdown"]
        solution["classes"] = kept + (["dropdown"] if app.config.press_solutions == "folded" else [])


def _is_solution(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Element) and node.get("type") == "solution"


def clear_sources(app: Sphinx, error: Exception | None) -> None:
    """Take hidden solutions out of the sources that the site offers for download."""
    if error or app.config.press_solutions != "hidden":
        return
    for file in (copy for copy in Path(app.outdir, "_sources").rglob("*.*") if copy.suffix in (".md", ".txt")):
        text = file.read_text(encoding="utf-8")
        if (kept := without(text)) != text:
            file.write_text(kept, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register the setting and follow it."""
    app.add_config_value("press_solutions", "folded", "env", types=(str,))
    app.connect("config-inited", configure)
    app.connect("doctree-read", fold)
    app.connect("build-finished", clear_sources)

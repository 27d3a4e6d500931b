"""What the site brings along: the press's style sheet, and MathJax, so that no page asks another host for it."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from convnets.common.errors import ConvnetsError

_MATHJAX_PARTS = ("tex-chtml.js", "input/tex/extensions", "output/chtml", "a11y")


def add_style(app: Sphinx, config: Config) -> None:
    """Have the press's own static files copied into the site."""
    own = str(Path(__file__).parent / "static")
    config.html_static_path = [*config.html_static_path, own]  # a new list: Sphinx shares the default one


def add_mathjax(app: Sphinx, error: Exception | None) -> None:
    """Copy MathJax from its PyPI wheel into the finished site, once."""
    target = Path(app.outdir) / "_static" / "mathjax"
    if error or app.builder.format != "html" or (target / _MATHJAX_PARTS[-1]).exists():
        return
    package = importlib.util.find_spec("sphinx-mathjax-offline")
    if package is None or package.origin is None:
        raise ConvnetsError("MathJax is not installed: `pip install .[book]` brings it (sphinx-mathjax-offline).")
    source = Path(package.origin).parent / "static" / "mathjax"
    for part in _MATHJAX_PARTS:
        copy = shutil.copytree if (source / part).is_dir() else shutil.copy2
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        copy(source / part, target / part)


def setup(app: Sphinx) -> None:
    """Add the style sheet and MathJax."""
    app.connect("config-inited", add_style)
    app.add_css_file("press.css")
    app.connect("build-finished", add_mathjax)

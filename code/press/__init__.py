"""The press: prints the book from stored outputs, and refuses to print what is out of date.

As a Sphinx extension (``extra_extensions: [press]`` in ``_config.yml``) it works in plain ``jupyter-book build .`` too.
The commands ``press status | execute | accept | build | serve`` are in :mod:`press.cli`.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_NAMES = """
editions.languages editions.parsing editions.search editions.spanish
page.shortcuts page.folds page.spaces page.sphinx_outputs page.figures page.tables page.again page.results page.facts
page.gallery page.lineage page.live page.tries page.length page.quiz page.solutions page.credits page.cite page.checks
publish.messages publish.notebooks publish.site publish.head publish.launch
"""
PARTS = [f"press.{name}" for name in _NAMES.split()]
"""Modules that extend Sphinx."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the press with Sphinx."""
    # An installed wheel has run records of its own; the page shows those of the checkout that it lies in.
    os.environ.setdefault("CONVNETS_ASSETS", str(Path(app.srcdir) / "assets"))
    for part in PARTS:
        import_module(part).setup(app)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}

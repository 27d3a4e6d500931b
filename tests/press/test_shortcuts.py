"""Short ways give the answers of the long ways, on a page of each kind."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
import toybook
from sphinx.domains.std import StandardDomain
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors.toctree import TocTreeCollector

import press
from press.page import shortcuts
from press.publish import build

NUMBERED = """
(second)=
## Second part

```{figure} drawing.svg
:name: fig-drawn
:alt: A drawing.
Drawn.
```

```{code-block} python
:name: code-one
:caption: A line of code.
x = 1
```

```{exercise} Count
:label: toy-exercise
How many?
```

See {numref}`fig-drawn`, {numref}`code-one`, {numref}`fig-curve`, {numref}`results-toy` and {ref}`toy-exercise`.
"""

OTHER = """# Others

## Of another page

See {numref}`fig-curve` and {numref}`fig-drawn` there.
"""


def write_book(root: Path) -> Path:
    toybook.write_book(root)
    book = root / "book"
    (book / "drawing.svg").write_text(toybook.DRAWING)
    (book / "toy.md").write_text(toybook.CHAPTER + NUMBERED)
    (book / "other.md").write_text(OTHER)
    (book / "inner.md").write_text("# Inner\n\n## Below\n\nText.\n")
    (root / "_toc.yml").write_text(toybook.TOC + "  - file: book/other\n    sections:\n      - file: book/inner\n")
    return root


def printed(root: Path) -> dict[str, bytes]:
    assert build._sphinx(root, draft=False) == 0
    site = build._folder(root, "en")
    return {page.name: page.read_bytes() for page in site.rglob("*.html")}


def test_pages_are_the_same_and_no_page_is_read_back_for_a_number(tmp_path, monkeypatch):
    root = write_book(tmp_path)
    monkeypatch.setenv("CONVNETS_ASSETS", str(root / "assets"))
    with monkeypatch.context() as long_way:
        long_way.setattr(press, "PARTS", [part for part in press.PARTS if part != "press.page.shortcuts"])
        long_way.setattr(TocTreeCollector, "assign_figure_numbers", shortcuts._assign_figure_numbers)
        expected = printed(root)
    (root / "book" / "other.md").write_text(OTHER + "\nMore.\n")
    assert printed(root) != expected

    read: list[str] = []
    get_doctree = BuildEnvironment.get_doctree
    monkeypatch.setattr(BuildEnvironment, "get_doctree", lambda env, name: read.append(name) or get_doctree(env, name))
    for file in (root / "book").glob("*.md"):
        file.write_text(file.read_text().replace("\nMore.\n", ""))
    assert printed(root) == expected
    assert "book/toy" not in read, "of which others name a figure"


def test_a_label_of_no_figure_has_no_number(tmp_path, monkeypatch, capfd):
    root = write_book(tmp_path)
    monkeypatch.setenv("CONVNETS_ASSETS", str(root / "assets"))
    page = root / "book" / "other.md"
    page.write_text("(here)=\nA paragraph.\n\n" + OTHER + "\nSee {numref}`here`.\n")
    assert build._sphinx(root, draft=False) == 1
    assert "here" in capfd.readouterr().err


def test_a_document_of_myst_parser_has_the_settings_that_it_would_give():
    from myst_parser.mdit_to_docutils import base

    source = inspect.getsource(base)
    assert "settings = get_default_settings(parser_cls)" in source, "see make_document"
    one, two = shortcuts.make_document("a"), shortcuts.make_document("b")
    assert one.settings is not two.settings and vars(one.settings) == vars(two.settings) and one["source"] == "a"


@pytest.mark.parametrize("name", ["_resolve_numref_xref"])
def test_what_is_private_to_sphinx_is_still_there(name):
    assert callable(getattr(StandardDomain, name))

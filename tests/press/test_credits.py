"""Credits collected from the systems' sources files, and how to cite a page."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
import toybook

from convnets.common import gzipped
from convnets.common.errors import ConvnetsError
from press.page import cite, credits
from press.publish import build

SOURCES = """# Toys: data, weights

## Data

- **Toy digits**, by *Ada Toy*, 5.0 % of them ours.

## Pictures

All by us.

## Claims whose source could not be opened here

| claim | seen through |
|---|---|
| 12.5 % | a letter |
"""

PAGE = "# Credits\n\n## All\n\n```{credits}\n```\n\n## Claims\n\n```{credits} claims\n```\n"

CITATION = """title: On & about toys
authors: [{family-names: Toy, given-names: Ada}, {name: The others}]
version: 1.2.0
date-released: 2026-11-23
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A small book with credits and CITATION.cff, built."""
    root = tmp_path_factory.mktemp("book")
    toybook.write_book(root)
    (root / "assets" / "toy" / "SOURCES.md").write_text(SOURCES)
    (root / "book" / "credits.md").write_text(PAGE)
    (root / "CITATION.cff").write_text(CITATION)
    (root / "_toc.yml").write_text(toybook.TOC + "  - file: book/credits\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVNETS_ASSETS", str(root / "assets"))
        assert build.build(root) == 0
    return root / build.SITE


def test_a_system_has_its_section(site):
    text = (site / "book" / "credits.html").read_text()
    sources = re.search(r'<section id="credits-toy">(.*?)</section>', text, re.DOTALL).group(1)
    assert "<h3>Toys" in sources and "<strong>Toy digits</strong>, by <em>Ada Toy</em>" in sources
    assert re.findall(r'class="[^"]*\brubric\b[^"]*">([^<]+)', sources) == ["Data", "Pictures"]
    assert "12.5" not in sources
    claims = re.search(r'<section id="claims-toy">(.*?)</section>', text, re.DOTALL).group(1)
    assert "<p>12.5\u00a0%</p>" in claims and "Toy digits" not in claims


@pytest.mark.parametrize("text", [None, "", "# Toys\n\nNothing.\n", "## Data\n"])
def test_a_sources_file_that_is_none_is_named(tmp_path, text):
    file = tmp_path / "SOURCES.md"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ConvnetsError, match=r"SOURCES\.md (is missing|has no title or no parts).*: "):
        credits.parts(file)


def test_the_books_own_sources_can_be_read():
    folder = toybook.REPOSITORY / "assets"
    for system in credits.systems(toybook.REPOSITORY):
        name, parts = credits.parts(toybook.REPOSITORY / "assets" / system / "SOURCES.md")
        said = {"Data", "Pictures"} | ({"Weights"} if gzipped.weights(folder / system) else set())
        assert name and {part.title for part in parts} >= said, system


def test_a_chapter_says_how_to_cite_it(site):
    text = (site / "book" / "toy.html").read_text()
    said = html.unescape(re.search(r'<details class="press-cite">(.*?)</details>', text, re.DOTALL).group(1))
    assert "Ada Toy, The others: “Toys”. In: On & about toys, version 1.2.0, 2026-11-23." in said
    assert "author    = {Toy, Ada and {The others}}," in said and r"booktitle = {{On \& about toys}}," in said
    assert said.count('<div class="highlight"><pre>') == 2, "which is what gets a copy button"
    for page in ("index", "credits"):
        assert "press-cite" not in (site / "book" / f"{page}.html").read_text(), "no chapter"


def test_an_address_is_cited_where_there_is_one():
    work = cite.Work("Toys", [{"name": "We"}], "1", date(2026, 11, 23))
    assert cite.text(work, "A", "https://example.org/a.html").endswith(" https://example.org/a.html")
    assert "url       = {https://example.org/a.html}," in cite.bibtex(work, "a", "A", "https://example.org/a.html")
    assert "url" not in cite.bibtex(work, "a", "A")


@pytest.mark.parametrize("text", ["", "title: [", "title: A\nauthors: [{}]\nversion: 1\ndate-released: 2026-11-23\n"])
def test_a_citation_file_that_says_too_little_is_named(tmp_path, text):
    (tmp_path / "CITATION.cff").write_text(text)
    with pytest.raises(ConvnetsError, match=r"CITATION\.cff (cannot be used: .* has no|is not valid YAML)"):
        cite.read(tmp_path)


def test_the_book_is_cited_with_its_own_version():
    project = (toybook.REPOSITORY / "pyproject.toml").read_text()
    assert f'version = "{cite.read(toybook.REPOSITORY).version}"' in project

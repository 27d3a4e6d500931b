"""The long way, folded on the page; links that set a demo; the folded code of cells."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
import toybook
import toylive
from bs4 import BeautifulSoup

from press.page import tries
from press.publish import build, notebooks

FOLDED = """
## Method

Short, and {try}`black <{"grey": 1}>` is worth a look.

(toy-long)=
### The long way: by hand

Step by step.

```{code-cell} ipython3
:tags: [hide-input]

print("slow")
```

#### A detail

Smaller.

## After

Open again.
"""
LINK = "{try}`black <{grey: 1}>` and {try}`<{}>` and {try}`nothing <{}>` and {try}`no object <7>`"
BAD = (
    "The options of {try}`black` are not JSON",
    "`<{}>` tries nothing: write {try}`Draw a seven <",
    "{try}`nothing <{}>` sets nothing: name at least one option of the demo.",
    "The options of {try}`no object` are no object",
)


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    toybook.write_book(tmp_path)
    toylive.write_live(tmp_path)
    monkeypatch.setenv("CONVNETS_ASSETS", str(tmp_path / "assets"))
    return tmp_path


def printed(root: Path, text: str, draft: bool = True, live: bool = True) -> BeautifulSoup:
    with (root / "book" / "toy.md").open("a") as chapter:
        chapter.write(text)
    assert build.build(root, draft=draft, live=live) == 0
    return BeautifulSoup((root / build.SITE / "book" / "toy.html").read_text(), "html.parser")


def test_the_long_way_is_folded_with_all_that_belongs_to_it(book: Path) -> None:
    page = printed(book, FOLDED)
    fold = page.select_one("details.press-fold")
    assert fold and not fold.has_attr("open")
    section = fold.parent
    assert section and section["id"] == "the-long-way-by-hand" and section.select_one("#toy-long")
    assert [part.name for part in section.find_all(recursive=False) if part.name != "span"] == ["details"]
    summary = fold.select_one("summary")
    assert summary and "The long way: by hand" in summary.get_text()
    assert "Step by step." in fold.get_text() and "Smaller." in fold.get_text() and fold.select_one("div.cell")
    assert "Open again." not in fold.get_text() and "Short" not in fold.get_text()
    assert page.select_one('nav a[href="#the-long-way-by-hand"]'), "it keeps its place in the contents"
    assert page.select_one('script[src*="folds.js"]')
    index = (book / build.SITE / "book" / "index.html").read_text()
    assert "folds.js" not in index, "no page without folds loads the script"
    code = page.select_one("details.hide summary")
    assert code and not code.has_attr("aria-label")
    assert [line.get_text() for line in code.select("p")] == ["Show the code", "Hide the code"]


def test_a_link_sets_the_first_demo_that_is_not_small(book: Path) -> None:
    small = '\n```{live} toy\n:small:\n:options: {"grey": 0}\n\nSmall.\n```\n'
    page = printed(book, FOLDED + small)
    places = page.select(".live[data-live]")
    assert [place.get("id") for place in places] == ["toy-demo", None]
    assert [json.loads(str(place["data-options"])) for place in places] == [
        {"net": "lenet1"},
        {"grey": 0, "small": True},
    ]
    assert len(page.select("script.live-words")) == 1, "the second mount says nothing that the first did not"
    link = page.select_one("a.live-try")
    assert link and link["href"] == "#toy-demo" and link.get_text() == "black"
    assert json.loads(str(link["data-try"])) == {"grey": 1}
    without = printed(book, "", live=False)
    assert not without.select("a.live-try") and "and black is worth" in without.get_text()


def test_in_a_notebook_a_link_is_plain_text() -> None:
    cell = {"cell_type": "markdown", "metadata": {}, "source": 'See {try}`a\nseven <{"sample": 7}>`, {ref}`x <y>`.'}
    code = {"cell_type": "code", "metadata": {}, "source": "1"}
    made = notebooks.notebook(json.dumps({"cells": [cell, code]}))
    assert made and json.loads(made)["cells"][0]["source"] == "See a\nseven, {ref}`x <y>`."


def test_wrong_links_are_named_with_their_remedy(book: Path, capfd: pytest.CaptureFixture[str]) -> None:
    chapter = book / "book" / "toy.md"
    chapter.write_text(f"{chapter.read_text()}\n{LINK}\n")
    (book / "book" / "index.md").write_text(toybook.INDEX + '\n{try}`black <{"grey": 1}>`\n')
    assert build._sphinx(book, draft=False) == 1
    said = " ".join(html.unescape(capfd.readouterr().err).split())
    for message in (*BAD, "This page has no demo that {try} could set"):
        assert message in said
    assert re.search(r"book/toy\.md:\d+: WARNING: The options of", said)


def test_parts_of_a_link() -> None:
    assert tries.parts('Draw a\nseven <{"sample": 7}>') == ("Draw a\nseven", {"sample": 7})
    assert tries.parts('a > b <{"a": "<"}>') == ("a > b", {"a": "<"})

"""How long chapters are: what is counted, what stands under the title, and the bounds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import toybook
import toylive
from bs4 import BeautifulSoup

from press.outputs import chapters
from press.page import facts, length
from press.publish import build

ROOT = Path(__file__).resolve().parents[2]

OVER = {"neocognitron": 4902}
"""Chapters that are too long still, with the words that they may have until they are shortened."""

PAGE = """---
book: {part: use}
---

(toys)=
# Two words

One, two and $x = 1$ or `some code here`; see {cite:t}`toy1998` or {ref}`five more words <toys>`.

- Three [short words](https://example.org/no-word) here.

| a table | of words |
|---|---|
| is not | counted |

```{code-cell} python
print("not counted")
```

```{quiz} choice
:answer: 1

What now?

1. This.
```

:::{note}
A note counts.
:::

### The long way: four words

Five words are folded here.

#### Deeper

## Open again

{try}`Try it <{"size": 7}>`.

## Exercises

Not counted.

### Nor this

## Sources

```{bibliography}
```
"""


def test_what_is_counted() -> None:
    assert length.words("One, two and $x = 1$ or `some code here`; see {cite:t}`toy1998`") == 8
    assert length.words("{ref}`five more words <toys>` and 1,000 well-known don't") == 7
    assert length.of(PAGE) == length.Length(main=2 + 12 + 4 + 3 + 3 + 2 + 2, folded=5 + 5 + 1)


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (225, 1), (4500, 20), (3000, 13)])
def test_minutes(words: int, minutes: int) -> None:
    assert length.Length(words, 0).minutes == minutes


@pytest.mark.parametrize("name", facts.systems(ROOT))
def test_a_chapter_keeps_within_its_bounds(name: str) -> None:
    path = ROOT / "book" / f"{name}.md"
    part, found = chapters.front_matter(path)[0]["book"]["part"], length.read(path)
    most = max(length.MOST[part], OVER.get(name, 0))
    assert found.main <= most, f"{path.name} has {found.main} words in its main line, {most} are allowed: cut or fold"
    assert found.folded <= length.MOST_FOLDED, f"{path.name} folds {found.folded} words: cut what is said twice"


def test_a_page_says_how_long_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toybook.write_book(tmp_path)
    toylive.write_live(tmp_path)
    monkeypatch.setenv("CONVNETS_ASSETS", str(tmp_path / "assets"))
    chapter = tmp_path / "book" / "toy.md"
    text = chapter.read_text().replace("file_format:", f"book: {json.dumps({'part': 'use'})}\nfile_format:", 1)
    chapter.write_text(text + "\n" + "word " * 500)
    assert build.build(tmp_path, draft=True) == 0
    page = BeautifulSoup((tmp_path / build.SITE / "book" / "toy.html").read_text(), "html.parser")
    title = page.select_one("article h1")
    line = title and title.find_next_sibling()
    assert line and line.get_text() == f"{length.read(chapter).minutes} min read · demo"
    link = line.select_one("a")
    assert link and link["href"] == "#toy-demo" and page.select_one("#toy-demo")
    index = (tmp_path / build.SITE / "book" / "index.html").read_text()
    assert "press-length" not in index, "a page that is no chapter has no such line"

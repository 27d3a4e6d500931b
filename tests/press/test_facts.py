"""What systems say of themselves, and the pages and README's table that are made of it."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
import toybook

from convnets.common.errors import ConvnetsError
from press.page import facts, plan, sphinx_outputs
from press.publish import build, readme

FACTS = """book:
  part: use
  question: >-
    Can toys
    be read?
  picture: fig-curve
  papers: [toy1998]
---
"""
STEPS = ["1. Begin."]
ALL = """# All

```{gallery}
```

```{systems} claims
```

```{systems} lecture
- {slide: [1, 2], says: "Juguetes", systems: [toy, later]}
- {slide: 3, says: "Resumen", page: "{ref}`toy`"}
```
"""


PLAN = """- part: use
  caption: Uses
  systems: {toy: "Toys", later: "Later: what is to come"}
"""


def write(root: Path) -> None:
    """The small book, whose chapter says its facts, and a page that tells of all systems."""
    toybook.write_book(root)
    (root / plan.FILE).write_text(PLAN)
    chapter = root / "book" / "toy.md"
    text = chapter.read_text().replace(
        "---\n\n# Toys", FACTS + "\n(toy)=\n# Toys: what they do\n\n**Can toys be read?**"
    )
    row = 'cite: toy1998, claim: "The net of toys", comparable: "nearly"}'
    chapter.write_text(text.replace("cite: toy1998}", row, 1) + "\n(toy-live)=\n## Play\n")
    (root / "book" / "all.md").write_text(ALL)
    (root / "_toc.yml").write_text(toybook.TOC + "  - file: book/all\n")
    (root / "code" / "convnets" / "toy").mkdir(parents=True)
    (root / "code" / "convnets" / "toy" / "__init__.py").write_text("")
    (root / "README.md").write_text(
        "# Toys\n\n<!-- chapters -->\nold\n<!-- /chapters -->\n\n<!-- steps -->\n<!-- /steps -->\nEnd.\n"
    )
    toybook.write_outputs(root, "fast")


def test_a_chapter_says_its_facts(tmp_path: Path) -> None:
    write(tmp_path)
    assert facts.systems(tmp_path) == ["toy"]
    found = facts.read(tmp_path, "toy")
    assert (found.name, found.part, found.question, found.papers) == ("Toys", "use", "Can toys be read?", ["toy1998"])
    assert found.has_demo and [claim["claim"] for claim in found.claims] == ["The net of toys"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("book:\n", "other:\n", "needs `book:` with part, question, picture and papers"),
        ("part: use", "part: end", "part must be one of context, history, use"),
        ("be read?", "be written?", "must stand there in bold"),
        ("picture: fig-curve", "picture: fig-none", "no figure with the label fig-none"),
        (', comparable: "nearly"', "", "claim with comparable"),
    ],
)
def test_what_is_amiss_is_one_sentence(tmp_path: Path, old: str, new: str, told: str) -> None:
    write(tmp_path)
    chapter = tmp_path / "book" / "toy.md"
    chapter.write_text(chapter.read_text().replace(old, new, 1))
    with pytest.raises(ConvnetsError, match=re.escape(told)):
        facts.read(tmp_path, "toy")


def test_a_page_tells_of_all_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    monkeypatch.setenv("CONVNETS_ASSETS", str(tmp_path / "assets"))
    assert build.build(tmp_path) == 0
    page = (tmp_path / build.SITE / "book" / "all.html").read_text()
    cells = [html.unescape(re.sub("<.*?>", "", cell)).strip() for cell in re.findall(r"<td>.*?</td>", page, re.DOTALL)]
    assert cells[:5] == ["The net of toys", "0.95\u00a0% [Toy, 1998]", "0.60\u00a0%", "0.35–0.85\u00a0%", "nearly"]
    assert cells[5:9] == ["1, 2", "Juguetes", "toy, later", "Toys: what they do; Play; in preparation"]
    assert cells[9:] == ["3", "Resumen", "–", "Toys: what they do"]
    for shown in ("<h2>Uses<", ">what they do<", ">Can toys be read?<", ">1 min read<", 'href="toy.html#toy-live"'):
        assert shown in page, "a card is made of the front matter, the title, the words and the demo"
    assert ">In preparation<" in page and ">Later: what is to come<" in page
    assert re.search(r'<img alt="[^"]+" class="only-light"[^>]* src="../_images/[0-9a-f]{24}\.svg"', page), (
        "and the picture"
    )


def test_a_page_that_tells_of_all_systems_is_read_again_for_their_facts_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path)
    monkeypatch.setenv("CONVNETS_ASSETS", str(tmp_path / "assets"))
    read: list[str] = []
    make = sphinx_outputs.note_sources
    monkeypatch.setattr(
        sphinx_outputs, "note_sources", lambda app, env, names: [read.extend(sorted(names)), make(app, env, names)][1]
    )
    assert build._sphinx(tmp_path, draft=False) == 0
    read.clear()
    chapter = tmp_path / "book" / "toy.md"
    chapter.write_text(chapter.read_text() + "\nA paragraph was added.\n")
    assert build._sphinx(tmp_path, draft=False) == 0 and read == ["book/toy"]
    read.clear()
    chapter.write_text(chapter.read_text().replace("an toys", "an nets").replace("Can toys\n", "Can nets\n"))
    assert build._sphinx(tmp_path, draft=False) == 0 and read == ["book/all", "book/toy"]
    assert "Can nets be read?" in (build._folder(tmp_path, "en") / "book" / "all.html").read_text()


def test_readmes_table_is_made_of_the_facts(tmp_path: Path) -> None:
    write(tmp_path)
    assert not readme.is_fresh(tmp_path, STEPS) and readme.update(tmp_path, STEPS)
    assert readme.is_fresh(tmp_path, STEPS) and not readme.update(tmp_path, STEPS)
    text = (tmp_path / "README.md").read_text()
    doors = "| [`convnets.toy`](code/convnets/toy) | [`tests/toy`](tests/toy) |"
    row = f"| [Toys](book/toy.md) {doors} Toy, Journal of Toys, 1998 |"
    assert row in text and "old" not in text and text.endswith("<!-- steps -->\n1. Begin.\n<!-- /steps -->\nEnd.\n")
    (tmp_path / "README.md").write_text("# Toys\n")
    with pytest.raises(ConvnetsError, match="no place for chapters"):
        readme.update(tmp_path, STEPS)

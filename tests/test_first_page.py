"""What the first page and the head of every page are made of, in each edition: the plan, and chapters' front matter."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
import yaml
from browsing import ADDRESSES, ROOT
from PIL import Image

from press.editions import catalogues
from press.outputs import chapters
from press.page import facts, plan, stills

SYSTEMS = [
    "depth",
    "hierarchy",
    "cortex",
    "hubelwiesel",
    "neocognitron",
    "lenet",
    "alexnet",
    "imagenet",
    "signs",
    "housenumbers",
    "detection",
    "localisation",
    "captions",
    "tumours",
    "driving",
    "colour",
    "foley",
    "sentences",
    "speech",
    "voiceface",
    "shakespeare",
    "style",
    "faces",
    "landscapes",
    "go",
    "skirmish",
    "recap",
]
"""Of the lecture, in the book's order."""


def test_the_plan_has_every_system_where_its_chapter_and_the_contents_have_it() -> None:
    parts = plan.read(ROOT)
    assert [system for part in parts for system in part.systems] == SYSTEMS
    homes = {system: part.name for part in parts for system in part.systems}
    for system in facts.systems(ROOT):
        assert homes[system] == facts.read(ROOT, system).part, system
        title = next(part.systems[system] for part in parts if system in part.systems)
        assert title == facts.read(ROOT, system).title, f"{plan.FILE} has another title for {system}"
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text())["parts"]
    for part in parts:
        pages = [
            Path(page["file"]).name for each in contents if each["caption"] == part.caption for page in each["chapters"]
        ]
        assert pages == [system for system in part.systems if system in chapters.contents(ROOT)], part.caption


def head(page: Path) -> dict[str, str]:
    """What the page's head says, by the name of the tag."""
    text = page.read_text(encoding="utf-8").partition("</head>")[0]
    found = re.findall(r'<meta (?:name|property)="([\w:]+)" content="([^"]*)"', text)
    found += re.findall(r'<link rel="(icon)" href="([^"?]*)', text)
    return {name: html.unescape(value) for name, value in found}


@pytest.mark.parametrize("language", catalogues.languages(ROOT))
def test_every_page_says_what_it_is_and_shows_its_icon(site: Path, language: str) -> None:
    said = catalogues.translations(ROOT, language, "press")
    folder = site if language == "en" else site / language
    for address in [*ADDRESSES, "search", "genindex"]:
        page = folder / f"{address}.html"
        told = head(page)
        assert told["description"] == told["og:description"] and told["og:title"], page
        for place in ("icon", "og:image"):
            assert (page.parent / told[place]).resolve().is_file(), f"{page}: {told[place]}"
        with Image.open(page.parent / told["og:image"]) as shown:
            assert shown.format in ("PNG", "JPEG"), "what shows links reads no other"
            assert shown.size == (int(told["og:image:width"]), int(told["og:image:height"])), page
        assert told["og:image:alt"] and told["twitter:card"] == "summary_large_image"
    cards = set()
    for system in facts.systems(ROOT):
        question, told = facts.read(ROOT, system).question, head(folder / "book" / f"{system}.html")
        assert told["description"] == said.get(question, question)
        assert told["og:image:width"] == "1200", f"{system} has no card of its own: `press stills {system}`"
        assert (folder / "book" / told["og:image"]).stat().st_size <= stills.PREVIEW_BYTES
        cards.add(told["og:image"])
    assert len(cards) == len(facts.systems(ROOT))


@pytest.mark.parametrize("language", catalogues.languages(ROOT))
def test_every_chapter_has_its_card_in_the_language_of_the_edition(site: Path, language: str) -> None:
    said = catalogues.translations(ROOT, language, "press")
    folder = site if language == "en" else site / language
    page = html.unescape((folder / "index.html").read_text(encoding="utf-8"))
    for system in facts.systems(ROOT):
        question = facts.read(ROOT, system).question
        assert f">{said.get(question, question)}</p>" in page
        assert f'href="book/{system}.html#{system}-live"' in page and f'href="book/{system}.html#{system}"' in page
    later = [
        title for part in plan.read(ROOT) for name, title in part.systems.items() if name not in chapters.contents(ROOT)
    ]
    for title in later:
        assert f"<p>{said.get(title, title)}</p>" in page
    assert "cell_input" not in page, "no code is seen on the first page"

"""A demo's place before it runs: its height, a still of it, how much is on its way; nothing moves when it comes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import toybook
import toylive
from browsing import Serve, Visit
from PIL import Image

from convnets.common.errors import ConvnetsError
from press.page import stills as page_stills
from press.publish import build, stills

PLACE = "[data-live=toy]"


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small book whose demo has been taken: a small mount in a fold, too."""
    root = tmp_path_factory.mktemp("stills")
    toybook.write_book(root)
    toylive.write_live(root)
    chapter = root / "book" / "toy.md"
    long = "Long.\n\n" * 60
    small = '## More\n\n### The long way: more\n\n```{live} toy\n:small:\n:options: {"grey": 0}\n\nSmall.\n```\n'
    chapter.write_text(chapter.read_text().replace("```{live}", long + "```{live}") + f"\n{long}\n{small}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVNETS_ASSETS", str(root / "assets"))
        assert build.build(root, draft=True) == 0
        with pytest.raises(ConvnetsError, match="The built page 'index' has no demo: there are toy"):
            stills.write(root, ["index"])
        yield root


@pytest.fixture(scope="module")
def printed(taken: Path, chromium: Any) -> Path:
    """Its site with the stills."""
    assert stills.pages(taken) == ["toy"]
    stills.take(taken, chromium, "toy")
    assert build.build(taken, draft=True) == 0
    return taken / build.SITE


def test_heights_of_all_demos_and_pictures_of_the_main_one_are_stored(taken: Path, printed: Path) -> None:
    folder = page_stills.folder(taken, "toy")
    heights = json.loads((folder / page_stills.HEIGHTS).read_text())["en"]
    assert all(len(heights[width]) == 2 and min(heights[width]) > 100 for width in page_stills.WIDTHS)
    names = {f"{width}-{theme}-en.webp" for width in page_stills.WIDTHS for theme in page_stills.THEMES}
    assert {file.name for file in folder.glob("*.webp")} == names
    text = (printed / "book" / "toy.html").read_text()
    with Image.open(folder / page_stills.preview("en")) as card:
        assert (card.format, card.size) == ("JPEG", page_stills.PREVIEW)
    assert re.search(r'og:image" content="\.\./_static/stills/toy-preview-en-\w+\.jpg"', text)
    assert text.count("live-kept") == 2 and text.count('class="live-still"') == 1
    assert text.count(f"--live-narrow:{heights['narrow'][1]:g}px") >= 1


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_when_the_demo_comes(chromium: Any, printed: Path, serve: Serve, width: int) -> None:
    with Visit(chromium, f"{serve(printed)}/book/toy.html", width=width) as visit:
        page, place = visit.page, visit.page.locator(PLACE).first
        held: list[Any] = []
        page.route("**/net-*", lambda route: held.append(route))
        height, behind = place.bounding_box()["height"], "document.querySelector('#more').getBoundingClientRect().y"
        place.scroll_into_view_if_needed()
        page.locator(f"{PLACE}[data-live-state=loading]").wait_for()
        assert place.get_attribute("aria-busy") == "true"
        progress = place.get_by_role("progressbar", name="Loaded")
        visit.until("document.querySelector('progress').value > 4e6")
        assert progress.evaluate("bar => bar.value < bar.max"), "the network is still on its way"
        assert re.match(r"Loading [45]\.\d MB", place.locator(".live-note").inner_text())
        picture = place.locator(".live-still img:visible")
        assert picture.count() == 1 and picture.get_attribute("alt") == "The demo, as it begins."
        assert not place.locator(".live-fallback").is_visible()
        assert place.bounding_box()["height"] == height
        before = page.evaluate(behind)
        held[0].continue_()
        page.locator(f"{PLACE}[data-live-state=ready]").first.wait_for()
        assert place.get_attribute("aria-busy") is None and not place.locator(".live-still").is_visible()
        assert abs(place.bounding_box()["height"] - height) <= 1
        assert abs(page.evaluate(behind) - before) <= 1


def test_without_scripts_the_still_stays(chromium: Any, printed: Path, serve: Serve) -> None:
    with Visit(chromium, f"{serve(printed)}/book/toy.html", java_script_enabled=False) as visit:
        place = visit.page.locator(PLACE).first
        assert place.locator(".live-still img:visible").count() == 1
        assert place.locator(".live-fallback").is_visible()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("net-toy-lenet1-", "net-toy-lenet1-new-"),  # the page has the former table, whose files are gone
        ("__liveFresh=", "__liveFresh=1+"),  # the page has the former loader
    ],
)
def test_a_page_opened_before_a_new_publication_says_so_and_loads_again(
    chromium: Any, printed: Path, serve: Serve, old: str, new: str
) -> None:
    with Visit(chromium, f"{serve(printed)}/book/toy.html") as visit:
        page, asked = visit.page, []
        table = (printed / "_static" / "live" / "toy.js").read_text()
        assert table.count(old) == 1

        def answer(route: Any) -> None:
            asked.append(route.request.url)
            is_former = old.startswith("net") == (len(asked) == 1)
            route.fulfill(body=table if is_former else table.replace(old, new))

        page.route("**/toy.js*", answer)
        page.route("**/net-*", lambda route: route.fulfill(status=404))
        page.locator(PLACE).first.scroll_into_view_if_needed()
        page.locator(f"{PLACE}[data-live-state=failed]").first.wait_for()
        note = page.locator(".live-note").first
        assert "published anew since this page was opened" in note.inner_text()
        page.unroute("**/toy.js*")
        page.unroute("**/net-*")
        with page.expect_navigation():
            note.get_by_role("button", name="Load the page again").click()
        page.locator(PLACE).first.scroll_into_view_if_needed()
        page.locator(f"{PLACE}[data-live-state=ready]").first.wait_for()
        assert not visit.errors

"""What a chapter's text does with its page: folded sections open for links, searches and paper; links set the demo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import toybook
import toylive
from browsing import SHIFTS, WORST, Axe, Serve, Visit

from press.publish import build

TEXT = """

{{try}}`Black <{{"grey": 1}}>` is worth a look.

{long}

## Method

(toy-long)=
### The long way: by hand

A rare word: quokka.

#### Deeper

{long}

{{try}}`White <{{"grey": 0}}>`.
"""
BLOCKED = """for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, {
  configurable: true, get() { throw new DOMException("blocked", "SecurityError") } });"""
INK = "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor].join()"
FOLD = "details.press-fold"
IS_OPEN = f"document.querySelector('{FOLD}').open"
SEEN = "id => { const box = document.getElementById(id).getBoundingClientRect(); return box.top >= 0 && box.top < 300 }"


@pytest.fixture(scope="module")
def folded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site of a small book whose demo stands above a long text with a fold."""
    root = tmp_path_factory.mktemp("frame")
    toybook.write_book(root)
    toylive.write_live(root)
    chapter = root / "book" / "toy.md"
    chapter.write_text(chapter.read_text() + TEXT.format(long="Long.\n\n" * 60))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVNETS_ASSETS", str(root / "assets"))
        assert build.build(root, draft=True) == 0
    return root / build.SITE


@pytest.fixture
def visit(chromium: Any, folded: Path, serve: Serve) -> Iterator[Visit]:
    with Visit(chromium, f"{serve(folded)}/book/toy.html") as visit:
        yield visit
        visit.check()


def test_a_link_or_a_search_that_leads_into_a_fold_opens_it(visit: Visit, axe: Axe) -> None:
    page = visit.page
    assert not page.evaluate(IS_OPEN) and not page.get_by_text("quokka").is_visible()
    assert not axe(page, FOLD)
    page.locator('.bd-sidebar-secondary a[href="#the-long-way-by-hand"]').click()
    visit.until(IS_OPEN)
    visit.until(f"({SEEN})('the-long-way-by-hand')")
    page.get_by_text("quokka").wait_for()  # a page that waits for its formulas shows nothing yet
    for place in ("#deeper", "#toy-long"):
        visit.away()
        page.goto(f"{visit.own}book/toy.html{place}")
        visit.until(IS_OPEN)
    for word, found in (("reports", False), ("quokka", True)):
        page.goto(f"{visit.own}search.html?q={word}")
        page.locator('#search-results a[href*="toy.html"]').first.click()
        visit.until(f"!!document.querySelector('article .highlighted') && {IS_OPEN} === {str(found).lower()}")


def test_a_jump_to_a_folded_heading_moves_nothing_in_sight(chromium: Any, folded: Path, serve: Serve) -> None:
    with Visit(chromium, f"{serve(folded)}/book/toy.html", script=SHIFTS) as visit:
        visit.page.evaluate("() => { shifts.length = 0; location.hash = 'the-long-way-by-hand' }")
        visit.until(f"{IS_OPEN} && ({SEEN})('the-long-way-by-hand')")
        visit.until("!document.documentElement.classList.contains('press-opening')")
        visit.page.wait_for_timeout(200)
        assert visit.page.evaluate(WORST) <= 0.05


def test_paper_shows_what_is_folded(visit: Visit) -> None:
    page = visit.page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(IS_OPEN)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not page.evaluate(IS_OPEN)
    page.emulate_media(media="print")
    page.get_by_text("quokka").wait_for()


def test_a_dark_page_is_printed_in_the_light_theme(visit: Visit) -> None:
    light = visit.page.evaluate(INK)
    visit.look("dark", 1280)
    dark = visit.page.evaluate(INK)
    assert dark != light
    visit.page.emulate_media(media="print", color_scheme="dark")
    visit.until(f"{INK} === '{light}'")
    visit.page.emulate_media(media="screen", color_scheme="dark")
    visit.until(f"{INK} === '{dark}'")


def test_a_table_that_scrolls_shows_its_caption_whole(visit: Visit) -> None:
    visit.look("light", 390)
    words = visit.page.locator(".press-results caption .caption-text")
    box, place = words.bounding_box(), visit.page.locator(".press-results").bounding_box()
    assert visit.page.locator(".press-results table").evaluate("table => table.offsetWidth") > place["width"]
    assert box["x"] + box["width"] <= place["x"] + place["width"] + 1


def test_where_a_browser_keeps_nothing_search_and_theme_work(chromium: Any, folded: Path, serve: Serve) -> None:
    with Visit(chromium, f"{serve(folded)}/search.html?q=quokka", script=BLOCKED) as visit:
        visit.page.locator('#search-results a[href*="toy.html"]').first.wait_for()
        before = visit.page.evaluate("document.documentElement.dataset.mode")
        visit.page.locator(".theme-switch-button:visible").first.click()
        visit.until(f"document.documentElement.dataset.mode !== '{before}'")
        visit.check()


def test_without_scripts_a_fold_opens_and_a_link_leads_to_the_demo(chromium: Any, folded: Path, serve: Serve) -> None:
    with Visit(chromium, f"{serve(folded)}/book/toy.html", java_script_enabled=False) as visit:
        visit.page.locator(f"{FOLD} > summary").click()
        visit.page.get_by_text("quokka").wait_for()
        visit.page.get_by_role("link", name="White").click()
        assert visit.page.url.endswith("#toy-demo")


def test_a_link_sets_the_demo_and_leads_to_it_where_it_is_out_of_sight(visit: Visit) -> None:
    page, image = visit.page, "Live.state.toy?.image?.data[0]"
    page.get_by_role("link", name="Black").click()
    visit.until(f"{image} === 1")
    assert page.locator("[data-live=toy] input").input_value() == "1"
    here = page.url
    page.locator("[data-live=toy]").scroll_into_view_if_needed()
    page.get_by_role("button", name="Half grey").click()
    visit.until(f"{image} === 0.5")
    assert page.url == here
    page.locator(f"{FOLD} > summary").click()
    link = page.get_by_role("link", name="White")
    link.scroll_into_view_if_needed()
    link.click()
    visit.until(f"{image} === 0 && ({SEEN})('toy-demo')")
    page.go_back()
    inside = "({ top, bottom }) => top >= 0 && bottom <= innerHeight"
    links = "document.querySelectorAll('a.live-try')"
    visit.until(f"({inside})([...{links}].at(-1).getBoundingClientRect())")

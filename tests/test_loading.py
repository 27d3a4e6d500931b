"""Opening a page far down: what stands there is shown in its place, once the formulas above it have their sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browsing import ROOT, SHIFTS, WORST, Visit

from press.page import facts

ONE = "imagenet"
"""What the theme's script does is the same on every page; what differs is what their formulas move."""
CHAPTERS = [ONE, *(name for name in facts.systems(ROOT) if name != ONE)]
LARGEST_SHIFT = 0.05
SECTION = re.compile(r'<section id="([\w-]+)">')
TOP = "id => document.getElementById(id).getBoundingClientRect().top"
SEEN = "getComputedStyle(document.querySelector('.bd-article')).visibility === 'visible'"
LATE = f"{SEEN} && !!document.querySelector('mjx-container')"
PATIENT = "{ const after = setTimeout; setTimeout = (work, time) => after(work, time === 3000 ? 1e9 : time) }"


def places(site: Path, name: str) -> list[str]:
    """Sections far down on a page: at three quarters of it, and the last one."""
    found = SECTION.findall((site / "book" / f"{name}.html").read_text(encoding="utf-8"))
    return [found[3 * len(found) // 4], found[-1]]


def look(visit: Visit, place: str) -> None:
    """The place came to the top of the window, or the page's end to its bottom, and nothing moved afterwards."""
    visit.until(LATE)
    visit.forward(1)
    assert visit.page.evaluate(WORST) <= LARGEST_SHIFT
    is_end = visit.page.evaluate("innerHeight + scrollY >= document.documentElement.scrollHeight - 2")
    assert is_end or 0 <= visit.page.evaluate(TOP, place) < 120
    visit.check()


@pytest.mark.parametrize(
    ("name", "width"),
    [(ONE, 1280), (ONE, 390)]
    + [pytest.param(name, width, marks=pytest.mark.slow) for name in CHAPTERS[1:] for width in (1280, 390)],
)
def test_a_page_opened_far_down_shows_its_place_and_nothing_moves(
    chromium: Any, address: str, site: Path, name: str, width: int
) -> None:
    """``live/test_restless.py`` opens the other chapters so, 1280 pixels wide and from disk."""
    base, place = (address, places(site, name)[0]) if width == 1280 else (site.as_uri(), places(site, name)[1])
    with Visit(chromium, f"{base}/book/{name}.html#{place}", width=width, script=SHIFTS + PATIENT) as visit:
        look(visit, place)


@contextmanager
def without_formulas(chromium: Any, url: str, script: str = "", width: int = 1280) -> Iterator[tuple[Visit, Any]]:
    """A page whose text is there and whose formulas are not; these come when what is given with it is called."""
    other = f"{url.partition('/book/')[0]}/book/references.html"
    with Visit(chromium, other, script=script, width=width) as visit:
        held: list[Any] = []
        visit.page.route("**/tex-chtml.js*", lambda route: held.append(route))
        visit.page.goto(url, wait_until="commit")
        visit.until("document.readyState === 'interactive' && !!document.querySelector('footer')")
        yield visit, lambda: held[0].continue_()


@pytest.mark.parametrize("name", [ONE, *(pytest.param(name, marks=pytest.mark.slow) for name in CHAPTERS[1:])])
@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.slow), 390])
def test_a_jump_before_the_formulas_are_there_leads_there(
    chromium: Any, address: str, site: Path, name: str, width: int
) -> None:
    place = places(site, name)[0]
    with without_formulas(chromium, f"{address}/book/{name}.html", SHIFTS + PATIENT, width) as (visit, release):
        assert visit.page.evaluate(SEEN), "the page's beginning waits for nothing"
        visit.page.evaluate("place => { location.hash = place }", place)
        visit.until(f"!({SEEN})")
        visit.page.wait_for_timeout(100)
        visit.page.evaluate("shifts.length = 0")  # the reader asked for the jump itself
        release()
        look(visit, place)


def test_formulas_that_do_not_come_keep_no_page_back(chromium: Any, address: str) -> None:
    with without_formulas(chromium, f"{address}/book/lenet.html#sources") as (visit, release):
        visit.until(SEEN, step=0.5)
        assert not visit.page.evaluate("!!document.querySelector('mjx-container')")
        release()


def test_a_reader_who_scrolls_is_let_go(chromium: Any, address: str) -> None:
    with without_formulas(chromium, f"{address}/book/lenet.html#sources", PATIENT) as (visit, release):
        assert not visit.page.evaluate(SEEN)
        visit.page.mouse.move(200, 450)
        visit.page.mouse.wheel(0, -500)
        visit.until(SEEN)
        release()
        visit.until(LATE)
        assert visit.page.evaluate(TOP, "sources") > 200, "nobody pulls the reader back"

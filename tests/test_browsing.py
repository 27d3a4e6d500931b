"""What browser tests share: which requests have failed, and that a page is opened once for all who ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsing import Pages, Serve, Visit

ASK = "() => { globalThis.give = new AbortController(); fetch('late.txt', { signal: give.signal }).catch(() => 0) }"


@pytest.fixture
def site_of_two(tmp_path: Path, serve: Serve) -> str:
    for name in ("one", "two"):
        (tmp_path / f"{name}.html").write_text(f"<p>{name}</p><a href='two.html'>on</a>")
    return serve(tmp_path)


def ask(visit: Visit) -> None:
    """The page asks for a file that does not come."""
    held: list[Any] = []
    visit.page.route("**/late.txt", lambda route: held.append(route))
    visit.page.evaluate(ASK)
    wait_for(visit, held)


def wait_for(visit: Visit, told: list[Any]) -> None:
    for _ in range(500):
        if told:
            return
        visit.page.wait_for_timeout(10)


def test_what_a_page_still_asked_for_when_it_was_left_has_not_failed(chromium: Any, site_of_two: str) -> None:
    with Visit(chromium, f"{site_of_two}/one.html") as visit:
        page = visit.page
        for leave in (page.reload, lambda: page.click("a"), lambda: page.goto(f"{site_of_two}/one.html")):
            ask(visit)
            leave()
            page.wait_for_load_state()
            visit.check()


def test_what_a_page_gives_up_while_it_is_shown_has_failed(chromium: Any, site_of_two: str) -> None:
    with Visit(chromium, f"{site_of_two}/one.html") as visit:
        visit.page.reload()
        ask(visit)
        visit.page.evaluate("() => { location.hash = 'here'; give.abort() }")
        wait_for(visit, visit.failed)
        with pytest.raises(AssertionError, match="late.txt: net::ERR_ABORTED"):
            visit.check()


def test_a_page_is_opened_once_until_another_is_asked_for(chromium: Any, site_of_two: str) -> None:
    pages, before = Pages(chromium, site_of_two), Visit.loads
    first = pages("one")
    first.visit.look("dark", 390)
    assert pages("one") is first and Visit.loads == before + 1
    assert first.visit.page.viewport_size["width"] == 1280, "as it was at first"
    phone = pages("one", is_narrow=True)
    assert phone.visit.page.evaluate("innerWidth") == 390 and first.visit.page.is_closed()
    with Visit(chromium, f"{site_of_two}/two.html"):
        assert phone.visit.page.is_closed(), "nothing works beside what is tested"
    assert pages("one", is_narrow=True) is not phone
    Visit.leave()

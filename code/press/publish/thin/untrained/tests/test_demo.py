"""The demo as a reader uses it."""

from __future__ import annotations

from typing import Any

from browsing import Visit

READY = "[data-live=thin][data-live-state=ready]"


def test_the_bar_follows_the_reader(chromium: Any, address: str) -> None:
    with Visit(chromium, f"{address}/book/thin.html") as visit:
        place = visit.page.locator("[data-live=thin]")
        place.scroll_into_view_if_needed()
        visit.page.locator(READY).wait_for(timeout=30_000)
        place.get_by_label("Bar").select_option(label="level")
        visit.until("Live.state.thin.image.data[3 * 16 + 10] === 1")
        assert "The bar is level." in place.get_by_role("status").inner_text()
        visit.page.get_by_role("link", name="Without noise").click()
        visit.until("Live.state.thin.image.data[0] === 0")
        visit.check()

"""The cortex's demo on a phone, on the page that tests share."""

from __future__ import annotations

from browsing import Pages
from cortex.test_demo import Demo


def test_nothing_that_is_said_moves_the_field(pages: Pages) -> None:
    """In Spanish, whose sentences are longer."""
    visit = pages("es/book/cortex", is_narrow=True).visit
    visit.page.emulate_media(reduced_motion="reduce")
    demo, tops = Demo(visit), set()

    def look() -> None:
        demo.at_rest()
        corner = demo.place.bounding_box()
        tops.add(round(demo.field.bounding_box()["y"] - corner["y"]))

    demo.until("s.sweeps.shift?.length > 0")
    look()
    assert demo.place.bounding_box()["height"] <= 900
    demo.unfold()
    pen = demo.place.locator(".cortex-objects .live-tools button").first
    pen.click()
    look()
    demo.stroke((0.3, 0.3), (0.6, 0.7))
    look()
    pen.click()
    for key in ("ArrowRight", "+", "."):
        demo.field.press(key)
        look()
    demo.place.locator("button[value=star]").first.click()
    demo.place.locator(".cortex-compare button").click()
    look()
    demo.slide("Contraste", 0)
    look()
    assert len(tops) == 1, tops
    visit.page.emulate_media(reduced_motion="no-preference")
    visit.check()

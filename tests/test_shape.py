"""The shape of a chapter in a browser: the demo comes first, is compact, and nothing moves when it comes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from browsing import ROOT, SHIFTS, WORST, Visit

from press.page import facts, stills

SHAPED = facts.systems(ROOT)
TALLEST = {1280: 720, 390: 900}
"""Of a demo's first state, in pixels, by width of the window."""
SCREEN, FIRST = 800, 1.6
"""How far down a demo may begin: so many screens of so many pixels."""
LARGEST_SHIFT, MARGIN = 0.05, 24
DEMO = "[data-live][id]"
TRAPS = """margin => [...document.querySelectorAll("[data-live][id] *")].filter((element) => {
  const { left, right, width } = element.getBoundingClientRect();
  const traps = ["none", "pan-x"].includes(getComputedStyle(element).touchAction);
  return traps && width && (left < margin || right > innerWidth - margin);
}).map((element) => element.className || element.tagName)"""


def reach(visit: Visit, how: str) -> None:
    """Go to the demo as a reader does, with the wheel or by a link, and wait until it runs."""
    page, top = visit.page, f"document.querySelector('{DEMO}').getBoundingClientRect().top"
    if how == "wheel":
        page.mouse.move(200, 450)
        for _ in range(100):
            if page.evaluate(top) < 200:
                break
            page.mouse.wheel(0, 150)
            page.wait_for_timeout(30)
    else:
        page.evaluate(f"location.hash = document.querySelector('{DEMO}').id")
    page.locator(f"{DEMO}[data-live-state=ready]").wait_for(timeout=60_000)
    visit.rest()


def look(visit: Visit, name: str, width: int) -> None:
    """What holds of a demo that has come to rest in its first state."""
    shift = visit.page.evaluate(WORST)
    assert shift <= LARGEST_SHIFT, f"things move by {shift:.3f} when the demo comes: `press stills {name}` and build"
    height = visit.page.locator(f"{DEMO} > .live-demo").evaluate("demo => demo.offsetHeight")
    assert height <= TALLEST[width], f"the demo is {height} px high in a window of {width}: fold what is not first"


@pytest.mark.parametrize("name", SHAPED)
def test_the_demo_comes_first_and_nothing_moves(chromium: Any, address: str, name: str) -> None:
    url = f"{address}/book/{name}.html"
    with Visit(chromium, url, script=SHIFTS) as visit:
        visit.settle()
        top = visit.page.locator(DEMO).evaluate("place => place.getBoundingClientRect().top + scrollY")
        assert top <= FIRST * SCREEN, f"the demo begins {top:.0f} px down: it stands right after the question"
        reach(visit, "wheel")
        look(visit, name, 1280)
        tries = visit.page.locator(f"{DEMO} .live-try-this [data-try]:visible")
        assert tries.count() == 3, "three buttons say what to try first"
        for button in [*tries.all(), *visit.page.locator("a.live-try:visible").all()]:
            button.click()
            visit.rest()
        assert visit.page.locator(f"{DEMO}[data-live-state=ready]").count()
        visit.check()
    with Visit(chromium, url, width=390, script=SHIFTS, has_touch=True) as visit:
        visit.settle()
        reach(visit, "jump")
        look(visit, name, 390)
        traps = visit.page.evaluate(TRAPS, MARGIN)
        assert not traps, f"a finger beside {traps} must be able to scroll the page: leave {MARGIN} px on each side"
        swipe(visit)
        visit.check()


def swipe(visit: Visit) -> None:
    """A finger that goes up beside the demo scrolls the page."""
    before, touch = visit.page.evaluate("scrollY"), visit.context.new_cdp_session(visit.page)
    box = visit.page.locator(DEMO).bounding_box()
    y = min(800, max(500, box["y"] + box["height"] / 2))
    for kind, up in (("touchStart", 0), *(("touchMove", up) for up in range(40, 321, 40)), ("touchEnd", None)):
        points = [] if up is None else [{"x": MARGIN / 2, "y": y - up}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    visit.until(f"scrollY > {before} + 100")


@pytest.mark.slow
@pytest.mark.parametrize("name", SHAPED)
@pytest.mark.parametrize(("width", "how"), [(1280, "jump"), (390, "wheel")])
def test_nothing_moves_in_the_other_way_either(chromium: Any, address: str, name: str, width: int, how: str) -> None:
    with Visit(chromium, f"{address}/book/{name}.html", width=width, script=SHIFTS) as visit:
        visit.settle()
        reach(visit, how)
        look(visit, name, width)


@pytest.mark.parametrize("name", SHAPED)
def test_a_demo_is_compact_in_every_language(name: str) -> None:
    """By its stored heights, in whose place it stands from the first paint."""
    stored = json.loads((stills.folder(ROOT, name) / stills.HEIGHTS).read_text())
    for language, heights in stored.items():
        for width, pixels in stills.WIDTHS.items():
            assert heights[width][0] <= TALLEST[pixels], f"{name}'s demo is too high: {language}, {pixels} px wide"

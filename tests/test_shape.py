"""The shape of a chapter in a browser: the demo comes first, is compact, and nothing moves when it comes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from browsing import DEMO, ROOT, SHIFTS, WORST, Arrival, Pages, Visit

from press.page import facts, stills

SHAPED = facts.systems(ROOT)
TALLEST = {1280: 720, 390: 900}
"""Of a demo's first state, in pixels, by width of the window."""
SCREEN, FIRST = 800, 1.6
"""How far down a demo may begin: so many screens of so many pixels."""
LARGEST_SHIFT, MARGIN = 0.05, 24
TRAPS = """margin => [...document.querySelectorAll("[data-live][id] *")].filter((element) => {
  const { left, right, width } = element.getBoundingClientRect();
  const traps = ["none", "pan-x"].includes(getComputedStyle(element).touchAction);
  return traps && width && (left < margin || right > innerWidth - margin);
}).map((element) => element.className || element.tagName)"""

BEYOND = """() => [...document.querySelectorAll("[data-live][id] .live-frame")].flatMap((frame) => {
  const { right } = frame.getBoundingClientRect(), edge = right - parseFloat(getComputedStyle(frame).paddingRight) + 1;
  const held = (each) => each !== frame && (getComputedStyle(each).overflowX !== "visible" || held(each.parentElement));
  return [...frame.querySelectorAll("button, canvas, p, table, input, img, select")]
    .filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > edge && !held(each.parentElement))
    .map((each) => each.className || each.textContent || each.tagName);
})"""


def check(arrival: Arrival, name: str, width: int) -> None:
    """What holds of a demo that has come to rest in its first state."""
    shift = arrival.shift
    assert shift <= LARGEST_SHIFT, f"things move by {shift:.3f} when the demo comes: `press stills {name}` and build"
    height = arrival.height
    assert height <= TALLEST[width], f"the demo is {height} px high in a window of {width}: fold what is not first"


@pytest.mark.parametrize("name", SHAPED)
def test_the_demo_comes_first_and_nothing_moves(pages: Pages, name: str) -> None:
    arrival = pages(f"book/{name}")
    visit = arrival.visit
    assert arrival.top <= FIRST * SCREEN, (
        f"the demo begins {arrival.top:.0f} px down: it stands right after the question"
    )
    check(arrival, name, 1280)
    tries = visit.page.locator(f"{DEMO} .live-try-this [data-try]:visible")
    assert tries.count() == 3, "three buttons say what to try first"
    for button in [*tries.all(), *visit.page.locator("a.live-try:visible").all()]:
        button.click()
        visit.rest()
    assert visit.page.locator(f"{DEMO}[data-live-state=ready]").count()
    visit.check()


@pytest.mark.parametrize("name", SHAPED)
def test_on_a_phone_nothing_moves_either_and_a_finger_scrolls_the_page(pages: Pages, name: str) -> None:
    """In Spanish, whose words are longer."""
    arrival = pages(f"es/book/{name}", is_narrow=True)
    check(arrival, name, 390)
    traps = arrival.visit.page.evaluate(TRAPS, MARGIN)
    assert not traps, f"a finger beside {traps} must be able to scroll the page: leave {MARGIN} px on each side"
    beyond = arrival.visit.page.evaluate(BEYOND)
    assert not beyond, f"{beyond} stick out of the demo: let what is in a grid shrink (min-width: 0), or say less"
    swipe(arrival.visit)
    arrival.visit.check()


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
@pytest.mark.parametrize(
    ("language", "width", "how"),
    [
        ("", 1280, "jump"), ("", 390, "wheel"), ("", 390, "jump"),
        ("es/", 1280, "wheel"), ("es/", 1280, "jump"), ("es/", 390, "wheel"),
    ],
)  # fmt: skip
def test_nothing_moves_in_the_other_ways_either(
    chromium: Any, address: str, name: str, language: str, width: int, how: str
) -> None:
    with Visit(chromium, f"{address}/{language}book/{name}.html", width=width, script=SHIFTS) as visit:
        visit.settle()
        visit.reach(how)
        height = visit.page.locator(f"{DEMO} > .live-demo").evaluate("demo => demo.offsetHeight")
        check(Arrival(visit, shift=visit.page.evaluate(WORST), height=height), name, width)


@pytest.mark.parametrize("name", SHAPED)
def test_a_demo_is_compact_in_every_language(name: str) -> None:
    """By its stored heights, in whose place it stands from the first paint."""
    stored = json.loads((stills.folder(ROOT, name) / stills.HEIGHTS).read_text())
    for language, heights in stored.items():
        for width, pixels in stills.WIDTHS.items():
            assert heights[width][0] <= TALLEST[pixels], f"{name}'s demo is too high: {language}, {pixels} px wide"

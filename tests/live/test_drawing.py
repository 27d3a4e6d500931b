"""Every pad of the book under hands that are no mouse's: two fingers, a pointer that slips off, an odd browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browsing import Pages, Visit

ODD = """() => {
  const { getCoalescedEvents } = PointerEvent.prototype, { quadraticCurveTo } = CanvasRenderingContext2D.prototype;
  globalThis.curves = 0;
  PointerEvent.prototype.getCoalescedEvents = () => [];
  CanvasRenderingContext2D.prototype.quadraticCurveTo = function (...all) {
    curves++;
    return quadraticCurveTo.apply(this, all);
  };
  globalThis.asBefore = () => {
    Object.assign(PointerEvent.prototype, { getCoalescedEvents });
    Object.assign(CanvasRenderingContext2D.prototype, { quadraticCurveTo });
  };
}"""
"""As Firefox on Android, which knows the method and tells nothing; and pieces of drawn lines are counted."""

PADS = {
    "lenet": ("[role=application][aria-label^='Pad to draw a digit']", "Live.state.lenet.strokes", "One digit", None),
    "cortex": (".cortex-field", "Live.state.cortex.image.data", None, "Draw"),
    "neocognitron": (
        "[role=application][aria-label^='Pad of 16']",
        "Live.state.neocognitron.stored.pixels",
        "The net of 1980",
        None,
    ),
}
"""The pad, what tells of a drawing on it, and the buttons that lead to it and begin it."""
SETTLED = {
    "lenet": "true",
    "cortex": "Live.state.cortex.pending === false",
    "neocognitron": "Live.state.neocognitron.panel === 'stored'",
}


class Paper:
    """A demo's pad, wiped."""

    def __init__(self, visit: Visit, name: str) -> None:
        self.visit, self.page, self.name = visit, visit.page, name
        place = self.page.locator(f"[data-live={name}]").first
        place.scroll_into_view_if_needed()
        self.page.locator(f"[data-live={name}][data-live-state=ready]").first.wait_for()
        selector, self.state, view, draw = PADS[name]
        if view:
            place.get_by_role("button", name=view, exact=True).click()
        self.pad = place.locator(selector).first
        if draw:
            place.get_by_role("button", name=draw, exact=True).click()
        else:
            place.get_by_role("button", name="Clear", exact=True).first.click()
        self.pad.evaluate("element => element.scrollIntoView({ block: 'center' })")
        self.box = self.pad.bounding_box()
        self.touch = self.visit.context.new_cdp_session(self.page)
        self.page.evaluate(ODD)

    def close(self) -> None:
        """The browser is again as it was."""
        self.page.evaluate("() => asBefore()")
        self.touch.detach()
        self.visit.check()

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.box["x"] + self.box["width"] * x, self.box["y"] + self.box["height"] * y

    def fingers(self, kind: str, *places: tuple[float, float]) -> None:
        points = [dict(zip("xy", self.at(*place), strict=True)) | {"id": i} for i, place in enumerate(places)]
        self.touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def drawn(self) -> Any:
        """What the demo makes of the drawing, once it has come to rest: twice the same, some frames apart."""
        read = f"() => JSON.parse(JSON.stringify({self.state}, (_, v) => (ArrayBuffer.isView(v) ? [...v] : v)))"
        before, now = None, []
        while now != before:
            before = now
            self.page.wait_for_timeout(150)
            self.visit.rest(0.2)
            self.visit.until(SETTLED[self.name])
            now = self.page.evaluate(read)
        return now


@pytest.fixture(params=PADS)
def paper(request: pytest.FixtureRequest, pages: Pages) -> Iterator[Paper]:
    paper = Paper(pages(f"book/{request.param}").visit, request.param)
    yield paper
    paper.close()


def wipe(paper: Paper) -> None:
    paper.pad.focus()
    for _ in range(3):
        paper.page.keyboard.press("Backspace")


def test_one_pointer_draws_and_stays_on_the_paper(paper: Paper) -> None:
    paper.fingers("touchStart", (0.5, 0.2))
    for y in (0.3, 0.5, 0.8):
        paper.fingers("touchMove", (0.5, y))
    paper.fingers("touchEnd")
    alone = paper.drawn()
    wipe(paper)
    paper.fingers("touchStart", (0.5, 0.2))
    paper.fingers("touchStart", (0.5, 0.2), (0.9, 0.9))
    for y in (0.3, 0.5, 0.8):
        paper.fingers("touchMove", (0.5, y), (0.9, 0.9 - y / 10))
    paper.fingers("touchEnd")
    assert paper.drawn() == alone, "the hand that lies on the paper draws nothing"

    wipe(paper)
    edge = [(0.5, 0.5), (0.999, 0.5), (0.999, 0.7)]
    for places in (edge, [(0.5, 0.5), (1.3, 0.5), (1.3, 0.7)]):
        paper.page.mouse.move(*paper.at(*places[0]))
        paper.page.mouse.down()
        for place in places[1:]:
            paper.page.mouse.move(*paper.at(*place))
        paper.page.mouse.up()
        found = paper.drawn()
        if places is edge:
            inside = found
            wipe(paper)
    if paper.name == "lenet":
        assert all(0 <= x <= 1 and 0 <= y <= 1 for stroke in found for x, y in stroke)
        assert [len(stroke) for stroke in found] == [len(stroke) for stroke in inside] == [3]
    elif paper.name == "neocognitron":
        assert found == inside and sum(found) > 8
    else:
        assert max(abs(a - b) for a, b in zip(found, inside, strict=True)) < 0.2, "ink at the edge, not beyond it"


@pytest.mark.parametrize("paper", ["lenet"], indirect=True)
def test_a_long_drawing_is_not_drawn_again_for_each_point(paper: Paper) -> None:
    mouse = paper.page.mouse
    mouse.move(*paper.at(0.1, 0.1))
    mouse.down()
    paper.page.evaluate("() => { curves = 0 }")
    for step in range(30):
        mouse.move(*paper.at(0.1 + 0.8 * (step % 2), 0.1 + 0.8 * step / 30))
    (stroke,) = paper.drawn()
    pieces = paper.page.evaluate("curves")
    assert 20 < len(stroke) <= pieces + 3 and pieces < 2 * len(stroke)
    mouse.up()

"""The first page as a reader uses it: a digit is drawn, and every row of the lineage answers as Python does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import Visit

from convnets import lineage
from convnets.lenet.strokes import SAMPLES

READY = "[data-live=index][data-live-state=ready]"
STATE = """() => JSON.stringify(Live.state.index.rows,
  (_, value) => (ArrayBuffer.isView(value) ? [...value] : value))"""
ROWS = [row for row in ("hubelwiesel", "neocognitron", "lenet", "cortex") if lineage.is_in(row)]
PARITY = {"neocognitron": 2e-2}
"""Of the largest answer of a layer; the page's neocognitron learns anew, Python's has the stored weights, rounded."""
SHIFTS = """globalThis.shifts = 0;
new PerformanceObserver((list) => list.getEntries().forEach((each) => { shifts += each.value }))
  .observe({ type: "layout-shift", buffered: true });"""
LIGHT, HEAVY = 1_300_000, ("engine-", "net-")
"""Bytes of the page before the first stroke, at most; names of files that must not be among them."""


class Page:
    """The opened first page."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.page = visit, visit.page
        self.place = self.page.locator("[data-live=index]")
        self.place.scroll_into_view_if_needed()
        self.page.locator(READY).wait_for(timeout=60_000)
        self.pad = self.place.get_by_role("application")

    def draw(self, drawing: list[list[list[float]]]) -> None:
        """Draw with the mouse; points are shares of the pad."""
        self.pad.scroll_into_view_if_needed()
        box = self.pad.bounding_box()
        for stroke in drawing:
            for index, (x, y) in enumerate(stroke):
                self.page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
                if not index:
                    self.page.mouse.down()
            self.page.mouse.up()

    def rows(self) -> dict[str, Any]:
        """What all rows answer, once they have."""
        self.visit.until(f"Object.keys(Live.state.index.rows).length === {len(ROWS)}", 60)
        self.visit.rest()
        self.visit.until(
            "Object.values(Live.state.index.rows).every((row) => row.strokes === Live.state.index.strokes)"
        )
        found: dict[str, Any] = json.loads(self.page.evaluate(STATE))
        return found

    def said(self, system: str) -> str:
        """The sentence of a row."""
        text: str = self.place.locator(f"[data-row={system}] .lineage-says").first.inner_text()
        return text


def hand(digit: int) -> list[list[list[float]]]:
    strokes = next(sample["strokes"] for sample in SAMPLES if sample["digit"] == digit)
    return [[[x / 100, y / 100] for x, y in stroke] for stroke in strokes]


def check(found: dict[str, Any], system: str) -> None:
    """The page's answers are those of Python to the very strokes that were drawn."""
    expected = lineage.row(system, found["strokes"])
    assert (found["says"], found["values"]) == (expected.says, expected.values), system
    assert len(found["layers"]) == len(expected.layers)
    for layer, maps in zip(found["layers"], expected.layers, strict=True):
        data = np.array(layer["data"]).reshape(layer["maps"], layer["height"], layer["width"])
        np.testing.assert_allclose(
            data, maps, rtol=0, atol=PARITY.get(system, 2e-3) * max(1.0, float(maps.max())), err_msg=system
        )


@pytest.fixture(scope="module")
def opened(chromium: Any, address: str) -> Iterator[Page]:
    with Visit(chromium, f"{address}/index.html") as visit:
        yield Page(visit)


def test_every_row_answers_as_python_does(opened: Page, seed: int) -> None:
    random = np.random.default_rng(seed)
    for _ in range(2):
        drawing = [[[x + random.normal(0, 0.004), y + random.normal(0, 0.004)] for x, y in s] for s in hand(7)]
        opened.place.get_by_role("button", name="Clear").click()
        opened.draw(drawing)
        found = opened.rows()
        assert set(found) == set(ROWS)
        for system, row in found.items():
            check(row, system)
        assert opened.said("lenet") == "It reads: 7."
    opened.place.get_by_role("button", name="The first 4").click()
    opened.rows()
    opened.visit.until("Live.state.index.rows.lenet.values.digit === 4")
    assert opened.said("neocognitron") == "It takes this for its 4."
    opened.visit.check()


def test_the_first_stroke_is_drawn_on_empty_paper_and_keys_draw_too(chromium: Any, site: Path) -> None:
    with Visit(chromium, f"{site.as_uri()}/es/index.html") as visit:
        page = Page(visit)
        assert page.said("lenet") == "Lee: 4.", "the still speaks before anything is loaded"
        page.pad.focus()
        for key in (" ", *["ArrowDown"] * 12, " "):
            page.page.keyboard.press(key)
        strokes = page.rows()["lenet"]["strokes"]
        assert len(strokes) == 1 and len({x for x, _y in strokes[0]}) == 1
        assert page.said("lenet") == "Lee: 1."
        visit.check()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_jumps_and_nothing_heavy_comes_before_the_first_stroke(chromium: Any, address: str, width: int) -> None:
    sizes: dict[str, int] = {}
    with Visit(chromium, "about:blank", width=width, script=SHIFTS) as visit:
        visit.own = f"{address}/"
        visit.page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}))
        visit.page.goto(f"{address}/index.html")
        page = Page(visit)
        visit.until("document.fonts.status === 'loaded'")
        names = [name.rpartition("/")[2] for name in sizes]
        assert not [name for name in names if name.startswith(HEAVY)], "what is heavy waits for the reader"
        assert sum(sizes.values()) < LIGHT
        page.draw(hand(3))
        assert set(page.rows()) == set(ROWS)
        visit.page.mouse.wheel(0, 2000)
        visit.rest()
        assert visit.page.evaluate("shifts") <= 0.05
        visit.check()

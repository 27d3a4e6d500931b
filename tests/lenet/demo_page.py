"""What the tests of LeNet's demo share: the demo on an opened page."""

from __future__ import annotations

import json
from typing import Any

from browsing import Visit

READY = "#lenet-demo[data-live-state=ready]"
STATE = """() => JSON.stringify(Live.state.lenet,
  (_, value) => (value instanceof Float32Array ? [...value] : value))"""
UNFOLD = "e => { while ((e = e.parentElement.closest('details'))) e.open = true; }"


class Demo:
    """The demo on an opened page."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.page = visit, visit.page
        self.place = self.page.locator("#lenet-demo")
        self.place.scroll_into_view_if_needed()
        self.page.locator(READY).wait_for()
        self.pad = self.place.get_by_role("application", name="Pad to draw")

    def button(self, name: str) -> Any:
        return self.place.get_by_role("button", name=name, exact=True)

    def unfold(self, label: str) -> None:
        """Open one of the parts below the demo, and those around it."""
        self.place.get_by_text(label, exact=True).first.evaluate(UNFOLD)

    def choose(self, net: str) -> None:
        self.unfold("Other networks and sliders")
        self.place.get_by_label("Network", exact=True).select_option(net)

    def draw(self, drawing: list[list[list[float]]], width: float = 1.0) -> None:
        """Draw with the mouse; points are shares of the pad's height, ``width`` the pad's width in heights."""
        self.pad.scroll_into_view_if_needed()
        box = self.pad.bounding_box()
        for stroke in drawing:
            for index, (x, y) in enumerate(stroke):
                self.page.mouse.move(box["x"] + box["width"] * x / width, box["y"] + box["height"] * y)
                if not index:
                    self.page.mouse.down()
            self.page.mouse.up()

    def state(self) -> dict[str, Any]:
        """What the demo shows once it has come to rest."""
        self.visit.rest()
        self.visit.rest(0.2)  # the ribbons are asked a little after the answer
        return json.loads(self.page.evaluate(STATE))

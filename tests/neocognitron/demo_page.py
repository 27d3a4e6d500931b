"""What the tests of the neocognitron's demo share: the demo on a page, strokes to draw there, and Python's answers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from browsing import Visit

from convnets.neocognitron import learning, patterns
from convnets.neocognitron.model import SIZE, Neocognitron

READY = "#neocognitron-demo[data-live-state=ready]"
PARITY = 1e-4
LAYERS = ("s1", "c1", "s2", "c2", "s3", "c3")


def organised(images: torch.Tensor, plan: list[list[int]]) -> tuple[Neocognitron, list[Any]]:
    """Python's network after ``plan``, [[image, down, right], ...], and the winners of every presentation."""
    model, winners = Neocognitron(), []
    for index, down, right in plan:
        step = learning.present(model, images[index].roll((down, right), (0, 1)))
        winners.append([[list(cell) for cell in layer] for layer in step.winners])
    return model, winners


class Demo:
    """The demo on an opened page."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.page = visit, visit.page
        self.place = self.page.locator("#neocognitron-demo")
        self.place.scroll_into_view_if_needed()
        self.page.locator(READY).wait_for()

    def button(self, name: str) -> Any:
        return self.place.get_by_role("button", name=name, exact=True)

    @property
    def pad(self) -> Any:
        return self.place.get_by_role("application", name="Pad of 16 by 16 cells")

    def open(self, panel: str) -> None:
        names = {"stored": "The net of 1980", "lesson": "Let it learn yours", "digits": "Handwriting"}
        self.button(names[panel]).click()
        self.place.get_by_role("application", name="Pad ").wait_for()
        self.visit.until(f"Live.state.neocognitron.panel === '{panel}'")

    def unfold(self, text: str) -> None:
        """Open the fold of this name, if it is closed; what is in it is drawn when the page has heard of it."""
        fold = self.place.locator("details").filter(has_text=text).first
        if fold.get_attribute("open") is None:
            fold.locator("summary").click()
            self.settle()
            self.page.wait_for_function("fold => fold.clientHeight > 60", arg=fold.element_handle())

    def draw(self, strokes: Any) -> None:
        """Drag the mouse through cells (row, column)."""
        self.pad.scroll_into_view_if_needed()
        box = self.pad.bounding_box()
        for stroke in strokes:
            for index, (row, column) in enumerate(stroke):
                self.page.mouse.move(
                    box["x"] + box["width"] * (column + 0.5) / SIZE, box["y"] + box["height"] * (row + 0.5) / SIZE
                )
                if not index:
                    self.page.mouse.down()
            self.page.mouse.up()

    def state(self, panel: str) -> dict[str, Any]:
        script = """panel => JSON.stringify(Live.state.neocognitron[panel],
          (_, value) => (ArrayBuffer.isView(value) ? [...value] : value))"""
        self.settle()
        return json.loads(self.page.evaluate(script, panel))

    def settle(self) -> None:
        """The net follows the pad once a frame: let two go by."""
        self.visit.forward(0.05)

    def note(self) -> str:
        return self.place.locator(".neo-note").inner_text()

    def verdict(self) -> str:
        self.settle()
        return self.place.locator(".neo-verdict").inner_text()

    def shot(self, name: str) -> None:
        self.visit.shot(f"demo-neocognitron-{name}", self.place)


def strokes(digit: int, down: int = 0, right: int = 0) -> list[list[tuple[int, int]]]:
    """A pattern's strokes as cells of the pad, in the middle or shifted."""
    drawn = patterns.STROKES[patterns.NAMES[digit]]
    points = np.concatenate([np.array(stroke) for stroke in drawn])
    top, left = ((SIZE - 1 - np.ptp(points, axis=0)) // 2 - points.min(0)).astype(int)
    return [[(int(y) + top + down, int(x) + left + right) for y, x in stroke] for stroke in drawn]


def check_parity(state: dict[str, Any], model: Neocognitron) -> None:
    """Every plane that the page shows is Python's answer to the very pixels on the pad."""
    image = torch.tensor(state["pixels"], dtype=torch.float64).reshape(1, SIZE, SIZE)
    for name, theirs, ours in zip(LAYERS, state["planes"], model.responses(image), strict=True):
        np.testing.assert_allclose(theirs["data"], ours.flatten(), atol=PARITY, err_msg=name)

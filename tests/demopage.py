"""What tests of demos share: a demo on an opened page, what it shows, and a picture of the reader's own."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
from browsing import Visit
from PIL import Image

STATE = (
    """name => JSON.stringify(Live.state[name], (_, value) => (value instanceof Float32Array ? [...value] : value))"""
)
DROP = """(element, bytes) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], "own.png", { type: "image/png" }));
  element.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


class Demo:
    """The demo ``name`` on an opened page, ready."""

    def __init__(self, visit: Visit, name: str) -> None:
        self.visit, self.page, self.name = visit, visit.page, name
        self.place = self.page.locator(f"#{name}-demo")
        self.place.scroll_into_view_if_needed()
        self.page.locator(f"#{name}-demo[data-live-state=ready]").wait_for()

    def press(self, name: str) -> None:
        self.place.get_by_role("button", name=name, exact=True).click()

    def state(self) -> dict[str, Any]:
        """What the demo shows once it has come to rest."""
        self.visit.rest()
        found: dict[str, Any] = json.loads(self.page.evaluate(STATE, self.name))
        return found

    def drop(self, seed: int) -> np.ndarray:
        """A picture of 32x32 pixels, drawn by ``seed``, dropped as the file ``own.png``: its bytes (32, 32, 3)."""
        pixels = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8).repeat(4, 0).repeat(4, 1)
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, "PNG")
        self.place.locator("summary").filter(has_text="Your own picture").click()
        own = self.place.get_by_role("group", name="Your own picture")
        own.evaluate(DROP, base64.b64encode(stream.getvalue()).decode())
        self.visit.until(f"Live.state.{self.name}.sample === undefined")
        return pixels

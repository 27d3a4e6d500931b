"""A chapter's demo on its page, as a reader has it: its buttons, what it shows at rest, and a file dropped on it."""

from __future__ import annotations

import base64
import io
import json
import re
from typing import Any

import numpy as np
import torch
from browsing import Visit
from PIL import Image

STATE = (
    "system => JSON.stringify(Live.state[system], (_, value) => (value instanceof Float32Array ? [...value] : value))"
)
DROP = """(element, [name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type: "image/png" }));
  element.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


class Demo:
    """The demo of a system on an opened page, once it runs. The fixture ``shared_demo`` gives that of one's folder."""

    def __init__(self, visit: Visit, system: str) -> None:
        self.visit, self.page, self.system = visit, visit.page, system
        self.place = self.page.locator(f"#{system}-demo")
        self.place.scroll_into_view_if_needed()
        self.page.locator(f"#{system}-demo[data-live-state=ready]").wait_for()

    def press(self, name: str) -> None:
        self.place.get_by_role("button", name=name, exact=True).click()

    def unfold(self, name: str) -> None:
        """Open the fold whose name begins so, if it is closed."""
        summary = self.place.locator("summary").filter(has_text=re.compile(rf"^\s*{re.escape(name)}")).first
        if not summary.evaluate("summary => summary.parentElement.open"):
            summary.click()

    def slide(self, name: str, value: float) -> None:
        """Move a slider; an input event follows, as when a reader lets go."""
        self.place.get_by_label(name, exact=True).fill(str(value))

    def state(self) -> dict[str, Any]:
        """What the demo shows once it has come to rest."""
        self.visit.rest()
        found: dict[str, Any] = json.loads(self.page.evaluate(STATE, self.system))
        return found

    def drop(self, picture: np.ndarray | Image.Image, name: str = "own.png") -> None:
        """Drop a picture, (H, W, 3) or (H, W) uint8, on the place for the reader's own one, and wait for its answer."""
        stream = io.BytesIO()
        image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        image.save(stream, "PNG")
        own = self.place.locator(".live-picture")
        own.locator(".live-picture-told").evaluate("told => { told.textContent = '' }")
        own.evaluate(DROP, [name, base64.b64encode(stream.getvalue()).decode()])
        where = f"#{self.system}-demo .live-picture"
        self.visit.until(
            f"document.querySelector('{where}-told').textContent !== '' && "
            f"!document.querySelector('{where}').hasAttribute('aria-busy')"
        )


def tensor(told: dict[str, Any]) -> torch.Tensor:
    """What the page tells as ``{dims, data}``."""
    return torch.tensor(told["data"]).reshape(told["dims"])


def blocks(seed: int) -> np.ndarray:
    """A picture (32, 32, 3) of 8 x 8 squares in colours that ``seed`` draws."""
    return np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8).repeat(4, 0).repeat(4, 1)


def plain(text: str) -> str:
    """With spaces that a line break may replace."""
    return text.replace("\u00a0", " ")

"""The page on which ``tests/live/parts.js`` shows the parts that wait for their first demos."""

from __future__ import annotations

import base64
import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import toybook
import toylive
from browsing import Visit
from PIL import Image

from press.page import bundle
from press.publish import build

READY = "[data-live=toy][data-live-state=ready]"
PATH = "book/toy.html"
STATE = """() => JSON.stringify(Live.state.toy, (name, value) => ["wave", "own"].includes(name) ? undefined
  : value instanceof Float32Array ? [...value] : value)"""
DROP = """(element, files) => {
  const data = new DataTransfer();
  for (const { name, type, bytes } of files)
    data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type }));
  element.dispatchEvent(new DragEvent("dragover", { dataTransfer: data, bubbles: true, cancelable: true }));
  element.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


class Demo:
    """The page of parts."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.page = visit, visit.page
        self.place = self.page.locator("[data-live=toy]")
        self.place.scroll_into_view_if_needed()
        self.page.locator(READY).wait_for()
        self.picture = self.place.get_by_role("group", name="Your picture")
        self.told = self.picture.locator(".live-picture-told")

    def state(self) -> dict[str, Any]:
        return json.loads(self.page.evaluate(STATE))

    def drop(self, *files: tuple[str, bytes], kind: str = "") -> str:
        """Drop files on the part; what it says then."""
        self.told.evaluate("e => { e.textContent = '' }")
        sent = [{"name": name, "type": kind, "bytes": base64.b64encode(content).decode()} for name, content in files]
        self.picture.evaluate(DROP, sent)
        self.visit.until("document.querySelector('.live-picture-told').textContent !== ''")
        return self.told.inner_text()

    def image(self) -> np.ndarray:
        found = self.state()["image"]
        return np.array(found["data"]).reshape(found["dims"])


def write_site(root: Path) -> Path:
    """A small book's site with the demo of parts, below ``root``."""
    toybook.write_book(root)
    toylive.write_live(root)
    demo = Path(__file__).with_name("live") / "parts.js"
    shutil.copy(demo, root / bundle.SOURCES / "src" / "demos" / "toy.js")
    assert build.build(root) == 0
    return root / build.SITE


def scene(height: int = 90, width: int = 140, seed: int = 0) -> Image.Image:
    """A colourful picture without two like places."""
    y, x = np.mgrid[:height, :width]
    noise = np.random.default_rng(seed).integers(0, 60, (height, width))
    pixels = np.stack([x * 190 // width + noise, y * 190 // height + noise, (x * y) % 200 + noise], -1)
    return Image.fromarray(pixels.astype(np.uint8))


def packed(image: Image.Image, kind: str, **more: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **more)
    return stream.getvalue()

"""LeNet's demo with a picture of the reader's own, and where its verdict comes from."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
import torch
from browsing import Axe, Visit
from PIL import Image, ImageDraw

from convnets import lenet
from convnets.lenet.live import FACTS

STATE = """() => JSON.stringify(Live.state.lenet,
  (_, value) => (value instanceof Float32Array ? [...value] : value))"""
DROP = """(element, [name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
  element.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def photograph(digit: int) -> str:
    """A digit written on shaded paper, as a PNG in base64."""
    width, height = 400, 300
    image = Image.fromarray(np.linspace(235, 150, width).astype(np.uint8)[None].repeat(height, 0))
    strokes = next(sample["strokes"] for sample in FACTS["samples"] if sample["digit"] == digit)
    for stroke in strokes:
        places = [(80 + 2 * x, 40 + 2 * y) for x, y in stroke]
        ImageDraw.Draw(image).line(places, fill=40, width=12, joint="curve")
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


def test_an_own_picture_is_read_and_what_the_verdict_hangs_on_is_shown(chromium: Any, address: str, axe: Axe) -> None:
    with Visit(chromium, f"{address}/book/lenet.html") as visit:
        place = visit.page.locator("#lenet-demo")
        place.scroll_into_view_if_needed()
        visit.page.locator("#lenet-demo[data-live-state=ready]").wait_for()
        draw_over_samples(visit, place)
        place.get_by_text("More to do with this digit", exact=True).click()
        read_own_pictures(visit, place)
        compare_evidence(visit, place)
        for theme, width in (("dark", 390), ("light", 1280)):
            visit.look(theme, width)
            assert place.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
            visit.shot(f"demo-lenet-own-{theme}-{width}", place)
            told = axe(visit.page, "#lenet-demo")
            assert not told, "\n".join(told)
        place.get_by_role("button", name="Sample 4", exact=True).click()
        found = state(visit)
        assert found["verdict"] == 4 and found["strokes"], "the pad takes its place back"
        visit.check()


def draw_over_samples(visit: Visit, place: Any) -> None:
    """The page's own first digit makes room for the reader's; one that the reader has chosen can be drawn over."""
    pad, mouse = place.get_by_role("application", name="Pad to draw"), visit.page.mouse
    lent = state(visit)["strokes"]

    def draw(share: float) -> Any:
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        x, y = (box[side] + box[length] * share for side, length in (("x", "width"), ("y", "height")))
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + 40, y)
        mouse.up()
        return state(visit)["strokes"]

    own = draw(0.3)
    assert lent and len(own) == 1 and own[0] not in lent
    assert draw(0.6)[:1] == own, "the second stroke is added to the first"
    place.get_by_role("button", name="Sample 4", exact=True).click()
    chosen = state(visit)["strokes"]
    assert draw(0.3)[:-1] == chosen


def state(visit: Visit) -> dict[str, Any]:
    """What the demo shows once it has come to rest."""
    visit.rest(0.5)
    return json.loads(visit.page.evaluate(STATE))


def read_own_pictures(visit: Visit, place: Any) -> None:
    """Photographs of a 3, then of an 8, are read as such."""
    place.get_by_text("Your own picture of a digit").first.click()
    part = place.locator(".live-picture")
    for digit in (3, 8):
        part.evaluate(DROP, [f"{digit}.png", photograph(digit)])
        visit.until(f"document.querySelector('.live-picture-told').textContent.includes('{digit}.png')")
        found = state(visit)
        assert found["verdict"] == digit and found["strokes"] == []


def compare_evidence(visit: Visit, place: Any) -> None:
    """Each value of the heat map is what PyTorch says of the picture with that place covered."""
    place.get_by_text("What the verdict hangs on", exact=True).click()
    visit.until("Live.state.lenet.evidence?.digit === 8")
    found = state(visit)
    x = torch.tensor(found["image"]["data"]).reshape(1, 1, 32, 32)
    covered = x.repeat(64, 1, 1, 1)
    for cell in range(64):
        row, column = 4 * (cell // 8) - 1, 4 * (cell % 8) - 1
        covered[cell, :, max(0, row) : row + 6, max(0, column) : column + 6] = FACTS["white"]
    with torch.inference_mode():
        whole, scores = lenet.load("lenet5")(x), lenet.load("lenet5")(covered)
    others = [other for other in range(10) if other != 8]
    lost = whole[0, 8] - whole[0, others].max() - scores[:, 8] + scores[:, others].amax(1)
    np.testing.assert_allclose(list(found["evidence"]["lost"]), lost, atol=0.01)
    place.locator(".live-over-picture").hover()
    assert place.locator(".live-over .live-readout").inner_text().startswith("With this place covered")

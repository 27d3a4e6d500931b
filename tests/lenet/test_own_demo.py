"""LeNet's demo with a picture of the reader's own, and where its verdict comes from."""

from __future__ import annotations

import base64
import io

import numpy as np
import torch
from browsing import COLOURS, RULES, Axe
from lenet.demo_page import Demo
from PIL import Image, ImageDraw

from convnets import lenet
from convnets.lenet.live import FACTS

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


def test_an_own_picture_is_read_and_what_the_verdict_hangs_on_is_shown(demo: Demo, axe: Axe) -> None:
    visit, place = demo.visit, demo.place
    read_own_pictures(demo)
    compare_evidence(demo)
    for theme, width in (("dark", 390), ("light", 1280)):
        visit.look(theme, width)
        assert place.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
        visit.shot(f"demo-lenet-own-{theme}-{width}", place)
        told = axe(visit.page, "#lenet-demo", COLOURS if theme == "dark" else RULES)
        assert not told, "\n".join(told)
    demo.button("Sample 4").click()
    found = demo.state()
    assert found["verdict"] == 4 and found["strokes"], "the pad takes its place back"


def read_own_pictures(demo: Demo) -> None:
    """Photographs of a 3, then of an 8, are read as such."""
    visit = demo.visit
    demo.unfold("Your own picture of a digit")
    part = demo.place.locator(".live-picture")
    for digit in (3, 8):
        part.evaluate(DROP, [f"{digit}.png", photograph(digit)])
        visit.until(f"document.querySelector('.live-picture-told').textContent.includes('{digit}.png')")
        found = demo.state()
        assert found["verdict"] == digit and found["strokes"] == []


def compare_evidence(demo: Demo) -> None:
    """Each value of the heat map is what PyTorch says of the picture with that place covered."""
    demo.unfold("What the verdict hangs on")
    demo.visit.until("Live.state.lenet.evidence?.digit === 8")
    found = demo.state()
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
    demo.place.locator(".live-over-picture").hover()
    assert demo.place.locator(".live-over .live-readout").inner_text().startswith("With this place covered")

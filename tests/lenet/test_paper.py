"""The page's paper.js: photographs of digits, made here from the stored drawings, become what the networks read."""

from __future__ import annotations

from typing import Any

import node
import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFilter
from toys import ROOT

from convnets import lenet
from convnets.lenet.data import BLACK, WHITE
from convnets.lenet.strokes import RADIUS, SAMPLES

PAPER = (ROOT / "code/live/src/demos/lenet/paper.js").as_uri()
SCRIPT = f"""import {{ photo, photoImage }} from "{PAPER}";
output(input.cases.map((grey) => {{
  const found = photo(grey, input.pen);
  return found && [...photoImage(found, {{ ...input.pen, size: 32, ...input.bend }}).data];
}}));"""
PEN = {"radius": RADIUS, "white": WHITE, "black": BLACK}


def photograph(strokes: Any, random: np.random.Generator, pen: float, chalk: bool = False) -> dict[str, Any]:
    """A digit in ink on paper: uneven light, grain, the paper's edge in a corner, anywhere in the picture."""
    height, width = int(random.integers(120, 160)), 160
    image, zoom = Image.new("L", (width, height), 0), float(random.uniform(0.5, 0.9))
    places = [[(20 + zoom * x, 15 + zoom * y) for x, y in stroke] for stroke in strokes]
    draw = ImageDraw.Draw(image)
    for stroke in places:
        draw.line(stroke, fill=255, width=round(2 * pen), joint="curve")
        for x, y in (stroke[0], stroke[-1]):
            draw.ellipse([x - pen, y - pen, x + pen, y + pen], fill=255)
    ink = np.asarray(image.filter(ImageFilter.GaussianBlur(0.7))) / 255
    y, x = np.mgrid[:height, :width]
    light = 0.85 - 0.3 * x / width - 0.1 * y / height
    light[(width - x) + (height - y) < 25] = 0.2  # the table below the paper
    grey = light * (1 - 0.7 * ink) + random.normal(0, 0.01, ink.shape)
    return {"height": height, "width": width, "data": np.clip(1 - grey if chalk else grey, 0, 1).flatten().tolist()}


def inputs(cases: list[dict[str, Any]], **bend: float) -> list[Any]:
    return node.run(SCRIPT, {"cases": cases, "pen": PEN, "bend": bend})


@pytest.mark.parametrize(("pen", "chalk"), [(2.0, False), (5.0, False), (4.0, True)])
def test_photographs_of_digits_are_read(pen: float, chalk: bool) -> None:
    random, samples = np.random.default_rng(0), SAMPLES[10:] if chalk else SAMPLES[:10]  # each digit once
    assert [sample["digit"] for sample in samples] == list(range(10))
    found = inputs([photograph(sample["strokes"], random, pen, chalk) for sample in samples])
    x = torch.tensor(found).reshape(-1, 1, 32, 32)
    with torch.inference_mode():
        read = lenet.load("lenet5")(x).argmax(1)
    right = [int(digit) == sample["digit"] for digit, sample in zip(read, samples, strict=True)]
    assert np.mean(right) >= 0.9, right


def test_the_digit_lies_in_the_field_as_mnist_has_it() -> None:
    random = np.random.default_rng(1)
    case = photograph(SAMPLES[0]["strokes"], random, 4.0)
    plain, moved = (
        (np.array(inputs([case], **bend)[0]).reshape(32, 32) - WHITE) / (BLACK - WHITE) for bend in ({}, {"shiftX": 3})
    )
    rows, columns = np.nonzero(plain > 0.5)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == pytest.approx(20, abs=1)
    centre = [(plain * (place + 0.5)).sum() / plain.sum() for place in np.mgrid[:32, :32]]
    assert centre == pytest.approx([16.5, 16.5], abs=0.1)
    np.testing.assert_allclose(moved[:, 3:], plain[:, :-3], atol=1e-6)


def test_empty_paper_is_no_digit() -> None:
    shade = np.linspace(0.9, 0.5, 100)[None].repeat(80, 0)
    assert inputs([{"height": 80, "width": 100, "data": shade.flatten().tolist()}]) == [None]

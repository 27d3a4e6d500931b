"""Samples on a page: a demo gets the pictures that Python stored, pixel for pixel, and their credit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import toybook
import toylive
from browsing import Visit

from convnets.common import samples
from convnets.common.samples import Sample, Samples
from press.page import bundle
from press.publish import build

DEMO = """
globalThis.Live.register("toy", async (element, options, tools) => {
  const { credit, source, samples } = await tools.samples();
  tools.state.told = { credit, source };
  tools.state.samples = samples.map(({ picture, ...told }) => ({
    ...told, data: [...picture.getContext("2d").getImageData(0, 0, picture.width, picture.height).data] }));
  element.append(...samples.map(({ picture }) => picture));
});
"""


@pytest.mark.parametrize("shape", [(5, 4), (3, 6, 3)])
def test_a_demo_gets_the_stored_pictures(
    chromium: Any, tmp_path: Path, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    toybook.write_book(tmp_path)
    toylive.write_live(tmp_path)
    monkeypatch.setenv("CONVNETS_ASSETS", str(tmp_path / "assets"))
    (tmp_path / bundle.SOURCES / "src" / "demos" / "toy.js").write_text(DEMO)
    pictures = np.random.default_rng(0).integers(0, 256, (4, *shape), dtype=np.uint8)
    chosen = Samples("Toys", "Ada Toy", [Sample(picture, f"toy {i}", i * i) for i, picture in enumerate(pictures)])
    samples.write(chosen, tmp_path / "assets" / "toy")
    assert build.build(tmp_path) == 0
    with Visit(chromium, (tmp_path / build.SITE / "book" / "toy.html").as_uri()) as visit:
        visit.page.locator("[data-live]").scroll_into_view_if_needed()
        visit.page.locator("[data-live-state=ready]").wait_for()
        found = visit.page.evaluate("Live.state.toy")
        visit.check()
    assert found["told"] == {"credit": "Ada Toy", "source": "Toys"}
    for one, sample in zip(found["samples"], chosen.pictures, strict=True):
        assert (one["label"], one["place"]) == (sample.label, sample.place)
        shown = np.array(one["data"], dtype=np.uint8).reshape(*shape[:2], 4)[..., :3]
        assert np.array_equal(shown, sample.picture if len(shape) == 3 else np.repeat(sample.picture[..., None], 3, 2))

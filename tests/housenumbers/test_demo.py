"""The demo as a reader uses it: what the page shows is what PyTorch answers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from browsing import Visit

from convnets import housenumbers
from convnets.housenumbers.live import LIVE

READY = "[data-live=housenumbers][data-live-state=ready]"
STATE = (
    "() => JSON.stringify(Live.state.housenumbers, (_, value) => (value instanceof Float32Array ? [...value] : value))"
)


def test_the_page_answers_as_pytorch_does_and_follows_the_keys(chromium: Any, address: str) -> None:
    with Visit(chromium, f"{address}/book/housenumbers.html") as visit:
        place = visit.page.locator("[data-live=housenumbers]")
        place.scroll_into_view_if_needed()
        visit.page.locator(READY).wait_for(timeout=30_000)
        first = check(visit)
        place.get_by_label("Noise").focus()
        visit.page.keyboard.press("End")
        visit.until(
            "Math.max(...Live.state.housenumbers.image.data) === 1 && Live.state.housenumbers.image.data[0] > 0.0001"
        )
        place.get_by_role("button", name="A level bar, no noise").click()
        visit.until("Live.state.housenumbers.image.data[0] === 0")
        check(visit)
        place.get_by_label("Bar").select_option(label="upright")
        visit.until("Live.state.housenumbers.image.data[10 * 16 + 3] === 1")
        second = check(visit)
        visit.page.get_by_role("link", name="an upright bar under that noise").click()
        visit.until("Live.state.housenumbers.image.data[0] > 0.0001")
        check(visit)
        assert first["image"] != second["image"]
        assert "The network says" in place.get_by_role("status").inner_text()
        visit.check()


def check(visit: Visit) -> dict[str, Any]:
    """The demo's state, whose every stage is PyTorch's answer to the very image that the page made."""
    state: dict[str, Any] = json.loads(visit.page.evaluate(STATE))
    x = torch.tensor(state["image"]["data"], dtype=torch.float32).reshape(state["image"]["dims"])
    live = LIVE["housenumbers"]
    with torch.inference_mode():
        answers = live.forward(housenumbers.load(), x)
    for name, answer in zip(live.outputs, answers, strict=True):
        found = np.array(state["outputs"][name]["data"], np.float32)
        np.testing.assert_allclose(found, answer.flatten(), rtol=0, atol=1e-4, err_msg=name)
    return state

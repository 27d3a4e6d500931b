"""ImageNet's demo as a reader uses it: the years, the costs, four networks on one picture; what it says is Python's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from demos import Demo, blocks, plain, tensor

from convnets import imagenet
from convnets.common import samples
from convnets.imagenet import contest, cost, data
from convnets.imagenet.live import FACTS, SMALL
from convnets.imagenet.model import build


@pytest.fixture
def demo(shared_demo: Demo) -> Iterator[Demo]:
    """The shared demo in its first year."""
    shared_demo.press("Ten years")
    shared_demo.press("2010: no network")
    assert shared_demo.state()["year"] == 2010
    yield shared_demo
    shared_demo.visit.check()


def answers(state: dict[str, Any], picture: np.ndarray) -> dict[str, int]:
    """The input is Python's of ``picture`` (32, 32, 3), the answers PyTorch's; gives each network's class."""
    image = tensor(state["image"])
    expected = data.prepare(torch.from_numpy(picture.copy()).permute(2, 0, 1)[None])
    np.testing.assert_allclose(image, expected, rtol=0, atol=1e-5)
    with torch.inference_mode():
        scores = {net: imagenet.load(net)(image)[0] for net in SMALL}
    found = np.array(state["outputs"]["scores"]["data"], np.float32)
    np.testing.assert_allclose(found, scores[state["net"]], rtol=0, atol=2e-4)
    classes = {net: int(one.argmax()) for net, one in scores.items()}
    assert state["answers"] == classes
    return classes


def test_every_year_shows_its_entries_and_networks(demo: Demo) -> None:
    """By keyboard: the slider goes through the years."""
    year = demo.place.get_by_label("Year", exact=True)
    for told in FACTS["years"]:
        assert demo.state()["year"] == told["year"] and year.get_attribute("aria-valuetext") == str(told["year"])
        text = plain(demo.place.locator(".imagenet-cards").inner_text())
        best = contest.winners()[told["year"] - 2010] if told["year"] < 2018 else None
        assert best is None or f"{best.top5:.{2 if best.top5 < 4 else 1}f} % wrong" in text
        drawn = [card["drawn"] for card in told["cards"] if card["drawn"]]
        assert demo.place.locator(".imagenet-blocks").count() == len(drawn)
        for landmark in drawn:
            millions = cost.parameters(build(landmark)) / 1e6
            assert f"{millions:.{1 if millions < 100 else 0}f} million parameters" in text
        year.press("ArrowRight")
    assert demo.state()["year"] == 2019


def test_the_machine_plays_by_itself_and_costs_are_the_codes(demo: Demo) -> None:
    with demo.visit.standing():
        demo.press("Play")
        demo.visit.forward(2 * 1.8 + 0.1)
        assert demo.state()["year"] == 2012
        demo.press("Stop")
    demo.visit.forward(5)
    assert demo.state()["year"] == 2012
    demo.press("multiply-adds")
    said = plain(str(demo.place.locator(".imagenet-chart").get_attribute("aria-label")))
    for one in contest.SINGLE:
        billions = cost.multiply_adds(build(one.landmark)) / 1e9
        assert f": {billions:.{1 if billions < 100 else 0}f} billion, {one.top5:.{2 if one.top5 < 4 else 1}f} %" in said
    assert demo.place.locator(".imagenet-chart .now.second").count() == 1  # AlexNet, with ten crops


def test_four_networks_answer_as_pytorch_does(demo: Demo, seed: int) -> None:
    demo.press("Deeper is worse")
    state, shown = demo.state(), samples.read("imagenet").pictures
    sample = shown[state["sample"]]
    label = data.CLASSES.index(sample.label)
    classes = answers(state, sample.picture)
    assert state["right"] == label == classes["residual-20"] == classes["residual-56"] != classes["plain-56"]
    cards = demo.place.locator(".imagenet-net")
    marks = [text[0] for text in cards.locator(".imagenet-guess").all_inner_texts()]
    assert marks == ["✓" if classes[net] == label else "✗" for net in SMALL]
    for place, net in enumerate(SMALL):
        assert f"{100 * FACTS['small'][net]['test']:.1f} % of test pictures" in plain(cards.nth(place).inner_text())

    demo.unfold("Your own picture")
    demo.drop(pixels := blocks(seed))
    state = demo.state()
    answers(state, pixels)
    assert state["right"] == -1 and demo.place.locator(".imagenet-label").inner_text() == "own.png"

"""The demo as a reader uses it: boxes, sliders, counts, boxes drawn, own picture; it says what Python says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from demos import Demo, plain, tensor

from convnets import detection
from convnets.common import boxes, samples
from convnets.detection import data, live, model, nets

SIDES = ("left", "top", "right", "bottom")


@pytest.fixture
def demo(shared_demo: Demo) -> Iterator[Demo]:
    """The shared demo with its second smear, its sliders as in the beginning."""
    shared_demo.press("Believe everything")
    shared_demo.slide("Score of at least", nets.SCORE)
    yield shared_demo
    shared_demo.visit.check()


def checked(demo: Demo) -> dict[str, Any]:
    """The demo's state: answers, boxes and matches are PyTorch's and the library's on the picture that it shows."""
    state = demo.state()
    with torch.inference_mode():
        answer = detection.load("fcos")(tensor(state["image"]))
    for name, expected in answer._asdict().items():
        np.testing.assert_allclose(
            state["outputs"][name]["data"], expected.flatten(), rtol=2e-3, atol=5e-3, err_msg=name
        )
    # of the page's own answers, so that a score at the slider's edge is the same for both
    told = model.Answer(*(tensor(state["outputs"][name]) for name in model.Answer._fields))
    found = nets.decode(told, data.HEIGHT, data.WIDTH, state["score"], state["overlap"], nets.MOST)[0]
    assert len(state["found"]) == len(found.boxes)
    ours = [[one[side] for side in SIDES] for one in state["found"]]
    np.testing.assert_allclose(np.reshape(ours, (-1, 4)), found.boxes, rtol=0, atol=1e-3)
    np.testing.assert_allclose([one["score"] for one in state["found"]], found.scores, rtol=0, atol=1e-5)
    assert [one["label"] for one in state["found"]] == found.labels.tolist()
    if state["truth"] is not None:
        marked = [[one[side] for side in SIDES] for one in state["truth"]]
        truth = boxes.Truth(
            torch.tensor(marked).reshape(-1, 4), torch.tensor([one["label"] for one in state["truth"]]).long()
        )
        assert state["hits"] == boxes.matched(found, truth, (0.5,), nets.MOST).hits[0].tolist()
        for label, count in enumerate(state["counts"]):
            assert count["found"] == int((found.labels == label).sum())
            assert count["labelled"] == int((truth.labels == label).sum())
    return state


def test_the_first_smear_has_cells_that_its_labels_forgot(demo: Demo) -> None:
    demo.press("What the labels say")
    state = checked(demo)
    red = state["counts"][0]
    assert red["labelled"] == 0 and red["found"] > 5
    assert demo.place.locator(".live-box.label").count() == len(state["truth"])


def test_sliders_choose_boxes_as_python_does(demo: Demo) -> None:
    before = checked(demo)
    demo.slide("Score of at least", nets.SCORE + 0.08)
    fewer = checked(demo)
    assert 0 < len(fewer["found"]) < len(before["found"])
    demo.slide("Score of at least", 0.1)
    more = checked(demo)
    assert len(more["found"]) > len(before["found"])
    demo.slide("Overlap allowed (IoU)", 0.05)
    assert len(checked(demo)["found"]) < len(more["found"])
    demo.press("Without suppression")
    assert len(checked(demo)["found"]) > len(before["found"])
    demo.press("places")
    assert demo.place.locator(".live-box").count() == 0
    demo.press("network")
    assert demo.place.locator(".live-box.found").count() == len(demo.state()["found"])


def test_a_box_that_the_reader_draws_is_compared_with_the_nearest(demo: Demo) -> None:
    state = demo.state()
    best = state["found"][0]
    area = demo.place.locator(".live-boxes-picture").bounding_box()
    zoom = area["width"] / live.FACTS["width"]
    drawn = [best["left"] + 3, best["top"] + 3, best["right"] + 2, best["bottom"] + 2]
    demo.page.mouse.move(area["x"] + zoom * drawn[0], area["y"] + zoom * drawn[1])
    demo.page.mouse.down()
    demo.page.mouse.move(area["x"] + zoom * drawn[2], area["y"] + zoom * drawn[3], steps=4)
    demo.page.mouse.up()
    (own,) = demo.state()["own"]
    box = torch.tensor([[own["left"], own["top"], own["left"] + own["width"], own["top"] + own["height"]]])
    found = torch.tensor([[one[side] for side in SIDES] for one in state["found"]])
    share = float(boxes.iou(box, found).max())
    assert share > 0.7
    assert plain(demo.place.locator(".live-readout").inner_text()).endswith(f": {share:.2f}.")
    demo.place.locator(".live-boxes-picture").press("Delete")
    assert demo.state()["own"] == []


def test_stored_smears_reach_the_network_as_they_are(demo: Demo) -> None:
    shown = samples.read("detection").pictures
    for place in (0, len(shown) - 1):
        demo.place.get_by_role("button", name=f"Smear {place + 1}", exact=True).click()
        state = checked(demo)
        expected = shown[place].picture.transpose(2, 0, 1).astype(np.float32) / 255
        np.testing.assert_allclose(state["image"]["data"], expected.flatten(), rtol=0, atol=1e-6)


def test_an_own_picture_of_any_size_has_boxes_but_no_labels(demo: Demo, seed: int) -> None:
    demo.unfold("Your own picture")
    generator = np.random.default_rng(seed)
    for height, width in ((1, 1), (70, 300), (480, 640)):
        demo.drop(generator.integers(0, 256, (height, width, 3), np.uint8))
        state = checked(demo)
        assert state["truth"] is None and state["counts"][0]["labelled"] is None
    assert demo.place.get_by_role("button", name="labels", exact=True).is_disabled()
    demo.place.get_by_role("button", name="Smear 2", exact=True).click()
    assert checked(demo)["truth"]

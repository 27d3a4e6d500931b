"""The house-number demo as a reader uses it: wall, photographs, own picture; what it says is PyTorch's answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from demos import Demo, tensor

from convnets import housenumbers
from convnets.common import samples
from convnets.housenumbers import data, model, studies


@pytest.fixture
def demo(shared_demo: Demo) -> Iterator[Demo]:
    """The shared demo with a bare wall."""
    shared_demo.press("A house front")
    shared_demo.press("No number at all")
    shared_demo.visit.until("Live.state.housenumbers.wall === ''")
    yield shared_demo
    shared_demo.visit.check()


def checked(demo: Demo) -> dict[str, Any]:
    """The demo's state: its heads are PyTorch's on the picture that it shows, and so are number and probability."""
    state = demo.state()
    image = tensor(state["image"])
    with torch.inference_mode():
        answer = housenumbers.load("reader")(image)
    for name, expected in answer._asdict().items():
        np.testing.assert_allclose(state["outputs"][name]["data"], expected.flatten(), rtol=0, atol=2e-3, err_msg=name)
    (number,), log = model.decode(answer)
    assert state["number"] == number and state["share"] == pytest.approx(float(log.exp()), abs=1e-3)
    assert demo.place.locator(".housenumbers-number").inner_text() == (number or "no number")
    return state


def middle_of(demo: Demo) -> tuple[float, float]:
    """Where on the screen a number hangs on the wall."""
    box = demo.place.locator(".housenumbers-wall").bounding_box()
    return box["x"] + 436 / 720 * box["width"], box["y"] + 218 / 480 * box["height"]


def test_typed_digits_are_read_and_covered_patches_tell_where(demo: Demo) -> None:
    assert checked(demo)["number"] == ""
    wall = demo.place.get_by_role("application")
    for key in "417":
        wall.press(key)
    wall.press("Backspace")
    state = checked(demo)
    assert state["wall"] == "41" and state["number"] == "41"
    image = tensor(state["image"])
    falls = studies.evidence(housenumbers.load("reader"), image[0]).flatten(1).T
    np.testing.assert_allclose(state["falls"], falls, rtol=0, atol=5e-3)
    marks = demo.place.locator(".housenumbers-mark")
    lean = [digit for digit, fall in zip("41", falls.T[1:], strict=False) if fall.max() > 0.05]
    assert marks.all_inner_texts() == lean  # none on a digit so clear that no patch matters
    places = [one.bounding_box()["x"] for one in marks.all()]
    assert places == sorted(places)


def test_a_digit_is_pressed_dragged_and_turned(demo: Demo) -> None:
    tray = demo.place.get_by_role("group", name="Put a digit on the wall")
    tray.get_by_role("button", name="6", exact=True).click()
    before = checked(demo)["image"]["data"]
    middle = middle_of(demo)
    demo.page.mouse.move(*middle)
    demo.page.mouse.down()
    demo.page.mouse.move(middle[0] + 20, middle[1] + 12, steps=3)
    demo.page.mouse.up()
    assert checked(demo)["wall"] == "6"
    demo.unfold("More")
    demo.slide("Turn the chosen digit", 180)
    after = checked(demo)["image"]["data"]
    assert np.abs(np.array(after) - before).max() > 0.1
    middle = middle_of(demo)  # the page may have moved
    five = tray.get_by_role("button", name="5", exact=True).bounding_box()
    demo.page.mouse.move(five["x"] + 5, five["y"] + 5)
    demo.page.mouse.down()
    demo.page.mouse.move(middle[0] - 80, middle[1], steps=3)
    demo.page.mouse.up()
    assert checked(demo)["wall"] == "56"


def test_a_photograph_is_read_and_its_label_told(demo: Demo) -> None:
    shown = samples.read("housenumbers").pictures
    demo.press("Photographs")
    for place in (0, len(shown) - 1):
        demo.place.get_by_role("button", name=f"House number {place + 1}", exact=True).click()
        state = checked(demo)
        assert state["sample"] == place
        expected = shown[place].picture.astype(np.float32).flatten() / 255
        np.testing.assert_allclose(state["image"]["data"], expected, rtol=0, atol=1e-6)
        mark = "✓" if state["number"] == shown[place].label else "✗"
        assert demo.place.locator(".housenumbers-label").inner_text() == f"{mark} Labelled {shown[place].label}."


def test_an_own_picture_is_framed_as_python_does_and_can_be_cut(demo: Demo, seed: int) -> None:
    demo.press("Photographs")
    demo.unfold("Your own picture")
    for height, width in ((20, 33), (1, 1)):
        grey = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
        demo.drop(grey)
        found = np.array(checked(demo)["image"]["data"]).reshape(data.HEIGHT, data.WIDTH)
        np.testing.assert_allclose(found, data.framed(grey) / 255, rtol=0, atol=1.01 / 255)
    grey = np.random.default_rng(seed).integers(0, 256, (50, 100), np.uint8)
    demo.drop(grey)
    frame = demo.place.get_by_role("application")
    for _ in range(10):
        frame.press("Shift+ArrowLeft")
    frame.press("ArrowRight")
    found = np.array(checked(demo)["image"]["data"]).reshape(data.HEIGHT, data.WIDTH)
    np.testing.assert_allclose(found, data.framed(grey[:, 2:82]) / 255, rtol=0, atol=1.01 / 255)

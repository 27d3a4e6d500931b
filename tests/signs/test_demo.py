"""The demo as a reader uses it: samples, tape, weather, built signs, own pictures; it shows PyTorch's answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from demos import Demo, blocks, plain, tensor

from convnets import signs
from convnets.common import samples
from convnets.signs import data, weather
from convnets.signs.live import FACTS, LIVE

SIDE = data.SIDE


@pytest.fixture
def demo(shared_demo: Demo) -> Iterator[Demo]:
    """The shared demo with our network, in clear weather, before the second sample."""
    shared_demo.place.locator(".signs-samples button").nth(1).click()
    assert shared_demo.state()["sample"] == 1
    yield shared_demo
    shared_demo.visit.check()


def check(state: dict[str, Any], base: torch.Tensor | None = None) -> torch.Tensor:
    """The input is Python's weather on what was chosen, the answer PyTorch's; gives the shares (43,)."""
    chosen, image = tensor(state["base"]), tensor(state["image"])
    if base is not None:
        np.testing.assert_allclose(chosen, base, rtol=0, atol=1e-5)
    seen = chosen
    if state["mask"] is not None:
        mask = torch.tensor(state["mask"]).reshape(1, SIDE, SIDE)
        assert float(mask.min()) >= 0 and 0.9 < float(mask.max()) <= 1 + 1e-6
        seen = (1 - mask) * seen + mask * FACTS["weather"]["tape"][state["tape"]]
    amounts = state["weather"]
    seen = weather.blur(weather.cover(seen, amounts["cover"]), amounts["blur"])
    seen = weather.fog(weather.glare(seen, amounts["glare"]), amounts["fog"])
    np.testing.assert_allclose(image, seen, rtol=0, atol=1e-5)
    told = FACTS["nets"][state["net"]]
    with torch.inference_mode():
        answers = LIVE[state["net"]].forward(signs.load(state["net"]), image)
    for name, answer in zip(LIVE[state["net"]].outputs, answers, strict=True):
        np.testing.assert_allclose(tensor(state["outputs"][name]), answer, rtol=0, atol=2e-3, err_msg=name)
    shares = (answers[0][0] / told["temperature"]).softmax(0)
    np.testing.assert_allclose(state["shares"], shares, rtol=0, atol=1e-3)
    assert state["sure"] == bool(shares.max() >= told["threshold"])
    return shares


def sample(place: int) -> tuple[torch.Tensor, int]:
    shown = samples.read("signs").pictures[place]
    return torch.from_numpy(shown.picture.copy()).permute(2, 0, 1)[None] / 255, data.CLASSES.index(shown.label)


def test_a_sample_is_read_and_its_evidence_adds_up(demo: Demo) -> None:
    image, label = sample(1)
    state = demo.state()
    shares = check(state, image)
    assert state["right"] == label == int(shares.argmax()), "the second sample is a clear one"
    rows = demo.place.locator(".signs-guesses button")
    names = [data.CLASSES[place] for place in shares.topk(5).indices]
    assert [name.removeprefix("✓ ") for name in rows.locator(".signs-name").all_inner_texts()] == names
    rows.nth(1).click()
    state = demo.state()
    assert state["chosen"] == int(shares.topk(2).indices[1])
    heat = demo.place.get_by_role("application", name="What speaks for the class, place by place")
    heat.focus()
    demo.page.keyboard.press("ArrowRight")
    assert names[1] in demo.place.locator(".live-over .live-readout").inner_text()


def test_weather_is_pythons(demo: Demo) -> None:
    for name, value in (("Fog", 0.4), ("Blur", 1.3), ("Glare", 0.7), ("Covered", 0.2)):
        demo.slide(name, value)
    state = demo.state()
    assert state["weather"] == {"fog": 0.4, "blur": 1.3, "glare": 0.7, "cover": 0.2}
    check(state, sample(1)[0])


def test_tape_is_drawn_by_mouse_and_keys_and_taken_off(demo: Demo) -> None:
    sign = demo.place.get_by_role("application", name="The sign, to stick tape on")
    sign.scroll_into_view_if_needed()
    box = sign.bounding_box()
    demo.page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.4 * box["height"])
    demo.page.mouse.down()
    demo.page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.4 * box["height"], steps=5)
    demo.page.mouse.up()
    state = demo.state()
    mask = np.array(state["mask"]).reshape(SIDE, SIDE)
    assert mask[12, 8:24].min() > 0.9 and mask[24:].max() == 0, "the strip lies where it was drawn"
    check(state)
    demo.press("white")
    sign.focus()
    for key in (" ", "ArrowRight", "ArrowRight", " "):
        demo.page.keyboard.press(key)
    assert np.array(demo.state()["mask"]).reshape(SIDE, SIDE)[16, 17] > 0.9
    demo.page.keyboard.press("Backspace")
    state = demo.state()
    np.testing.assert_allclose(np.array(state["mask"]), mask.ravel(), atol=1e-6)
    assert float(tensor(state["image"])[0, 0, 12, 16]) == pytest.approx(FACTS["weather"]["tape"]["white"], abs=1e-6)
    check(state)
    demo.press("Take the tape off")
    assert demo.state()["mask"] is None
    demo.press("black")


def test_what_to_try_first_is_as_the_chapter_says(demo: Demo) -> None:
    """One strip of tape makes another sign of a stop sign, and a low sun of a dark one; a stranger is not noticed."""
    demo.press("A strip of tape")
    state = demo.state()
    check(state)
    assert (state["right"], state["best"]) == (data.CLASSES.index("Stop"), data.CLASSES.index("No entry"))
    assert state["sure"] and "sure" in demo.place.locator(".signs-doubt").inner_text()
    demo.press("A low sun")
    state = demo.state()
    check(state, sample(0)[0])
    assert state["best"] != state["right"]
    demo.press("A sign it never saw")
    state = demo.state()
    assert state["right"] is None and data.CLASSES[state["best"]].startswith("Speed limit")


def test_a_built_sign_is_known_or_told_to_be_a_stranger(demo: Demo) -> None:
    demo.unfold("Build a sign")
    demo.place.get_by_label("Shape", exact=True).select_option("octagon")
    demo.place.get_by_label("On it", exact=True).select_option("STOP")
    state = demo.state()
    check(state)
    assert state["sign"] == {"shape": "octagon", "text": "STOP"} and state["right"] == data.CLASSES.index("Stop")
    demo.place.get_by_label("Shape", exact=True).select_option("ring")
    demo.slide("Number", 40)
    state = demo.state()
    check(state)
    assert state["right"] is None
    assert "none of the 43" in plain(demo.place.locator(".signs-doubt").inner_text())
    demo.place.get_by_label("Shape", exact=True).select_option("bar")
    assert demo.state()["right"] == data.CLASSES.index("No entry")
    assert demo.place.get_by_label("On it", exact=True).is_disabled(), "on a bar stands nothing"


def test_another_network_answers(demo: Demo) -> None:
    demo.unfold("Another network")
    chosen = demo.place.get_by_label("Network", exact=True)
    for net in FACTS["nets"]:
        chosen.select_option(net)
        demo.visit.until(f"Live.state.signs.net === '{net}'")
        check(demo.state(), sample(1)[0])
    chosen.select_option("best")


def test_a_picture_of_ones_own_of_any_kind_and_nearer(demo: Demo, seed: int) -> None:
    demo.unfold("Your own picture")
    demo.drop(pixels := blocks(seed))
    demo.visit.until("Live.state.signs.sample === undefined")
    check(demo.state(), torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None] / 255)
    demo.drop(np.full((1, 1), 200, np.uint8), "grey.png")
    check(demo.state(), torch.full((1, 3, SIDE, SIDE), 200 / 255))
    large = np.zeros((900, 1200, 3), np.uint8)
    large[425:475, 575:625] = 255
    demo.drop(large, "large.png")
    assert float(tensor(demo.state()["image"]).mean()) < 0.01
    demo.slide("Zoom into the middle", 8)
    state = demo.state()
    check(state)
    assert float(tensor(state["image"]).mean()) > 0.1

"""AlexNet's demo as a reader uses it: crops, units, parts, an own picture; what it shows is PyTorch's answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from demos import Demo, blocks, tensor

from convnets import alexnet
from convnets.alexnet import data, nets, studies
from convnets.alexnet.live import FACTS, LIVE
from convnets.common import samples


def one_crop(demo: Demo, place: int) -> Any:
    """The button of one crop."""
    return demo.place.locator(".alexnet-each button").nth(place)


@pytest.fixture
def demo(shared_demo: Demo) -> Iterator[Demo]:
    """The shared demo with its first picture, all ten crops together."""
    shared_demo.press("A picture")
    shared_demo.place.get_by_label("Network", exact=True).select_option("cifar")
    shared_demo.place.locator(".live-tries button").first.click()
    shared_demo.state()
    yield shared_demo
    shared_demo.visit.check()


def check_parity(state: dict[str, Any], picture: np.ndarray) -> torch.Tensor:
    """The input is Python's ten crops of ``picture`` (32, 32, 3), and every stage PyTorch's answer; gives the mean."""
    image = tensor(state["image"])
    expected = data.ten(torch.from_numpy(picture.copy())[None])[:, 0]
    np.testing.assert_allclose(image, expected, rtol=0, atol=1e-6)
    live, net = LIVE[state["net"]], alexnet.load(state["net"])
    with torch.inference_mode():
        answers = live.forward(net, image)
    for name, answer in zip(live.outputs, answers, strict=True):
        found = np.array(state["outputs"][name]["data"], np.float32)
        scale = 1 + 0.01 * float(answer.abs().max())
        np.testing.assert_allclose(found, answer.flatten(), rtol=0, atol=1e-4 * scale, err_msg=name)
    mean = nets.probabilities(net, torch.from_numpy(picture.copy())[None]).mean(0)[0]
    np.testing.assert_allclose(state["all"], mean, rtol=0, atol=1e-4)
    return mean


def test_one_crop_is_wrong_and_all_ten_are_right_as_pytorch_says(demo: Demo) -> None:
    demo.press("One crop is wrong")
    state, shown = demo.state(), samples.read("alexnet").pictures
    sample = shown[state["sample"]]
    check_parity(state, sample.picture)
    label = data.CLASSES.index(sample.label)
    assert state["crop"] == 4 and state["best"] != label and state["right"] == label
    assert (
        "wrong" in str(one_crop(demo, 4).get_attribute("aria-label"))
        and demo.place.locator(".live-window").first.is_visible()
    )
    demo.place.locator(".alexnet-ten > button").click()
    assert demo.state()["best"] == label
    assert demo.place.locator(".alexnet-guesses li").first.inner_text().startswith("✓")
    demo.press("All ten are wrong")
    state = demo.state()
    wrong = data.CLASSES.index(shown[state["sample"]].label)
    assert state["crop"] == -1 and all(np.argmax(share) != wrong for share in state["shares"])


def test_a_hundred_classes_answer_to_a_picture_of_ones_own(demo: Demo, seed: int) -> None:
    demo.place.get_by_label("Network", exact=True).select_option("tiny")
    demo.unfold("Your own picture")
    demo.drop(pixels := blocks(seed))
    demo.visit.until("Live.state.alexnet.net === 'tiny'")
    state = demo.state()
    mean = check_parity(state, pixels)
    guesses = demo.place.locator(".alexnet-guesses li .alexnet-name").all_inner_texts()
    assert guesses == [FACTS["nets"]["tiny"]["classes"][place]["word"] for place in mean.topk(5).indices]
    assert state["right"] == -1 and demo.place.locator(".alexnet-label").inner_text() == "own.png"


def test_every_unit_is_what_the_page_says_it_adds_up(demo: Demo, seed: int) -> None:
    """By keyboard: each layer's strip takes the focus, and arrow keys choose a unit."""
    demo.unfold("What the other layers answer, and what a unit adds up")
    random = np.random.default_rng(seed)
    for index, layer in enumerate(FACTS["nets"]["cifar"]["layers"]):
        strip = demo.place.locator(".live-strip").nth(index)
        strip.focus()
        for key in random.choice(["ArrowRight", "PageDown", "ArrowDown"], 4):
            demo.page.keyboard.press(str(key))
        unit = demo.state()["unit"]
        assert unit["layer"] == layer["name"]
        assert unit["value"] == pytest.approx(unit["stored"], abs=1e-4 * (1 + abs(unit["stored"])))


def test_parts_show_the_measured_errors(demo: Demo) -> None:
    demo.press("tanh for ReLU")
    assert demo.state()["part"] == "tanh"
    for key, (_, name) in studies.CHANGES.items():
        demo.place.get_by_role("group", name="Change one part").get_by_role("button", name=name, exact=True).click()
        told = demo.place.get_by_role("status").filter(has_text="Wrong on test pictures").inner_text()
        assert demo.state()["part"] == key
        facts = FACTS["parts"]["changed"][key]
        assert f"{100 * FACTS['parts']['all']['error']:.1f} %" in told and f"{100 * facts['error']:.1f} %" in told
        low, high = facts["difference"]
        assert ("The change harms" in told, "The change helps" in told) == (low > 0, high < 0)
    charts = demo.place.locator(".alexnet-chart")
    assert charts.count() == 2 and "all parts but dropout" in str(charts.first.get_attribute("aria-label"))

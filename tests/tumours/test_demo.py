"""The demo as a reader uses it: a lesion painted, membranes, connections shut, all as the library has it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import node
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from browsing import ROOT, Visit
from demos import Demo, plain, tensor

from convnets import tumours
from convnets.common import masks, samples
from convnets.tumours import phantom
from convnets.tumours.live import FACTS, FIRST, LIVE, PIECE
from convnets.tumours.model import cropped

SOURCES = ROOT / "code/live/src/demos/tumours"
SIDE = FACTS["side"]


@pytest.fixture(scope="module")
def opened(chromium: Any, address: str) -> Iterator[Demo]:
    with Visit(chromium, f"{address}/book/tumours.html") as visit:
        yield Demo(visit, "tumours")


@pytest.fixture
def demo(opened: Demo) -> Iterator[Demo]:
    """The shared demo with the first lesion, its finest connection shut."""
    opened.press("phantom")
    opened.press("Clear")
    opened.press("The finest skip shut")
    state = opened.state()
    assert state["scene"]["gates"] == [0, 1, 1] and state["lesion"] == FIRST
    yield opened
    opened.visit.check()


def painted(discs: list[list[float]]) -> torch.Tensor:
    """The pixels whose centres lie in one of ``discs``: (1, 64, 64) bool."""
    at = torch.arange(SIDE, dtype=torch.float64) + 0.5
    found = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    for x, y, radius in discs:
        found |= torch.hypot(at[None] - x, at[:, None] - y) <= radius
    return found[None]


def ground(place: int) -> torch.Tensor:
    packed = base64.b64decode(FACTS["grounds"][place])
    return torch.frombuffer(bytearray(packed), dtype=torch.uint8).reshape(1, SIDE, SIDE).float()


def checked(demo: Demo) -> dict[str, Any]:
    """The demo's state: its picture, its answer and what it says of both are the library's."""
    state = demo.state()
    scene, image, gates = state["scene"], tensor(state["image"]), tensor(state["gates"])
    net = scene["view"]
    if state["own"]:
        truth, expected = None, image[0]
    elif net == "phantom":
        truth = painted(state["lesion"])
        expected = phantom.darkened(ground(scene["ground"]), truth, scene["contrast"]).round() / 255
    else:
        pieces = samples.read("tumours").pictures[2 * scene["sample"] :][:2]
        expected, truth = (torch.from_numpy(one.picture.copy())[None] for one in pieces)
        expected, truth = expected.float() / 255, truth < 128
    if truth is not None:
        assert torch.equal(torch.tensor(state["mask"]).reshape(truth.shape).bool(), truth)
    assert (image[0] - expected).abs().max() < 1.01 / 255 and (image[0] - expected).abs().mean() < 0.05 / 255
    with torch.inference_mode():
        (sure,) = LIVE[net].forward(tumours.load(net), image, gates)
    np.testing.assert_allclose(tensor(state["outputs"]["probability"]), sure, rtol=0, atol=2e-3)
    said, limit = tensor(state["outputs"]["probability"]), FACTS["threshold"][net]
    answer = said >= limit if net == "phantom" else said < limit
    if truth is None:
        assert state["mask"] is None and state["dice"] is None, "nobody has outlined it"
        labels = torch.tensor(state["labels"]).reshape(answer.shape)
        assert (labels != torch.where(answer, 0, 255)).double().mean() < 2e-3
        return state
    inner = cropped(truth[None], *answer.shape[1:])[0]
    assert state["dice"] == pytest.approx(masks.dice(answer, inner).item(), abs=2e-3)
    expected_labels = torch.where(inner, torch.where(answer, 0, 1), torch.where(answer, 2, 255))
    assert (torch.tensor(state["labels"]).reshape(inner.shape) != expected_labels).double().mean() < 2e-3
    assert [state["there"], state["missed"]] == [int(inner.sum()), state["labels"].count(1)]
    return state


def test_painting_is_the_librarys(seed: int) -> None:
    """In Node, on random discs: nothing of the page is needed."""
    draw = np.random.default_rng(seed)
    discs = [[*draw.uniform(-4, SIDE + 4, 2).round(2).tolist(), round(float(draw.uniform(1, 9)), 2)] for _ in range(9)]
    grey, answer = draw.integers(0, 256, SIDE * SIDE).tolist(), draw.integers(0, 2, SIDE * SIDE).tolist()
    script = f"""import {{ maskOf, darkened, compared, middle }} from "{SOURCES.as_uri()}/lesion.js";
const mask = maskOf(input.discs, {SIDE});
output([[...mask], [...darkened(Uint8Array.from(input.grey), mask, 0.37, {SIDE})], compared(input.answer, mask).dice,
  middle(input.grey, {SIDE}, 20), compared([0, 0], [0, 0]).dice]);"""
    mask, image, dice, inner, nothing = node.run(script, {"discs": discs, "grey": grey, "answer": answer})
    truth = painted(discs)
    assert mask == truth.flatten().int().tolist()
    expected = phantom.darkened(torch.tensor(grey).reshape(1, SIDE, SIDE).float(), truth, 0.37)
    np.testing.assert_allclose(np.array(image) * 255, expected.flatten(), rtol=0, atol=0.51)
    found = torch.tensor(answer).reshape(1, SIDE, SIDE)
    assert dice == pytest.approx(masks.dice(found, truth).item()) and nothing == 1
    assert inner == cropped(torch.tensor(grey).reshape(1, 1, SIDE, SIDE), 20, 20).flatten().tolist()


def test_a_lesion_is_painted_undone_and_cleared(demo: Demo) -> None:
    demo.press("Clear")
    assert checked(demo)["lesion"] == []
    canvas = demo.place.locator(".tumours-stage canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    unit = box["width"] / SIDE
    demo.page.mouse.move(box["x"] + 20 * unit, box["y"] + 20 * unit)
    demo.page.mouse.down()
    demo.page.mouse.move(box["x"] + 40 * unit, box["y"] + 24 * unit, steps=5)
    demo.page.mouse.up()
    state = checked(demo)
    across = [disc[0] for disc in state["lesion"]]
    assert min(across) == pytest.approx(20, abs=1) and max(across) == pytest.approx(40, abs=1.5)
    assert max(np.diff(sorted(across))) < 1.6, "no gaps between discs"
    demo.press("The coarsest skip shut")
    tried = checked(demo)
    assert tried["scene"]["gates"] == [1, 1, 0] and tried["lesion"] == state["lesion"], (
        "it is the reader's that is tried"
    )
    canvas.focus()
    for key in ("ArrowLeft", "Space", "Shift+ArrowDown", "Space"):
        canvas.press(key)
    assert len(checked(demo)["lesion"]) > len(state["lesion"])
    demo.press("Undo")
    assert checked(demo)["lesion"] == state["lesion"]
    canvas.press("Backspace")
    assert checked(demo)["lesion"] == []


def test_connections_are_shut_one_by_one(demo: Demo) -> None:
    """As the chapter's quiz says of a large lesion: without the finest connection it is found, its edge is off."""
    dice = [checked(demo)["dice"]]
    demo.press("finest")
    whole = checked(demo)
    assert whole["scene"]["gates"] == [1, 1, 1] and whole["lesion"] == FIRST
    demo.press("coarsest")
    demo.press("in between")
    demo.press("finest")
    assert checked(demo)["scene"]["gates"] == [0, 0, 0]
    demo.press("The coarsest skip shut")
    dice.append(checked(demo)["dice"])
    assert dice[1] < dice[0] < whole["dice"], "and the coarsest is missed more, as the chapter says"
    said = plain(demo.place.locator(".tumours-verdict").inner_text())
    assert said.startswith(f"Dice {dice[1]:.2f}; pixels missed: ") or said.startswith("Nothing")


def test_membranes_are_labelled_in_the_frame(demo: Demo) -> None:
    demo.press("Membranes")
    for place in range(len(samples.read("tumours").pictures) // 2):
        demo.place.get_by_role("group", name="Pieces of slices").get_by_role("button").nth(place).click()
        state = checked(demo)
        assert state["scene"]["sample"] == place and state["net"] == "isbi"
        assert len(state["labels"]) == FACTS["given"] ** 2
    frame = demo.place.locator(".tumours-frame")
    assert frame.is_visible()
    assert "tissue" in demo.place.locator(".live-key").filter(has_text="Slices").inner_text()
    demo.press("phantom")
    assert checked(demo)["net"] == "phantom" and not frame.is_visible()


def test_probability_ground_and_contrast(demo: Demo) -> None:
    demo.press("finest")
    demo.press("probability")
    demo.slide("Contrast of the lesion", 0.75)
    clear = checked(demo)
    demo.place.get_by_role("button", name="Phantom 3", exact=True).click()
    state = checked(demo)
    assert state["scene"]["ground"] == 2 and state["scene"]["contrast"] == 0.75
    assert demo.place.locator(".live-heat").is_visible()
    demo.slide("Contrast of the lesion", 0)
    assert checked(demo)["dice"] < clear["dice"]
    demo.press("labels")
    assert checked(demo)["scene"]["show"] == "labels" and demo.place.locator(".live-masks").is_visible()


def test_a_picture_of_ones_own_is_asked_of_either_network(demo: Demo, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (PIECE, PIECE), np.uint8)
    demo.unfold("Your own picture")
    assert "any other kind" in demo.place.locator(".live-fold").inner_text(), "that it was trained on others is said"
    demo.drop(pixels)
    state = checked(demo)
    assert state["own"] == "own.png" and state["scene"]["view"] == "phantom"
    grey = torch.from_numpy(pixels)[None, None].double() / 255
    shrunk = F.adaptive_avg_pool2d(grey.repeat_interleave(16, 2).repeat_interleave(16, 3), SIDE)  # 188 * 16 = 64 * 47
    np.testing.assert_allclose(tensor(state["image"]), shrunk, rtol=0, atol=1e-5)
    said = demo.place.locator(".tumours-verdict")
    assert said.inner_text().startswith(f"Called so: {100 * state['said'] / SIDE**2:.1f} %")
    canvas = demo.place.locator(".tumours-stage canvas")
    assert (canvas.get_attribute("role"), canvas.get_attribute("aria-label")) == ("img", "Your own picture")
    canvas.click()
    assert demo.state()["own"] == "own.png", "nobody paints on it"
    demo.place.get_by_role("group", name="Look for").get_by_role("button", name="membranes").click()
    demo.press("coarsest")
    state = checked(demo)
    assert state["own"] == "own.png" and state["scene"]["view"] == "isbi" and state["scene"]["gates"][2] == 0
    np.testing.assert_allclose(tensor(state["image"]), grey, rtol=0, atol=1e-5)
    assert not demo.place.locator(".live-tries [aria-pressed=true]").count()
    demo.drop(pixels[:, :1], "line.png")
    assert checked(demo)["own"] == "line.png"
    demo.place.get_by_role("group", name="Picture").get_by_role("button", name="phantom").click()
    assert checked(demo)["own"] is None
    assert canvas.get_attribute("role") == "application"


def test_a_link_in_the_text_sets_the_demo(demo: Demo) -> None:
    demo.page.get_by_role("link", name="Membranes", exact=True).click()
    state = checked(demo)
    assert state["scene"]["gates"] == [1, 1, 1], "what was shut is open again: the link shows the network at its best"
    assert state["scene"]["view"] == "isbi" and state["scene"]["sample"] == 1

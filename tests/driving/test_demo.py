"""The demo as a reader uses it: light, rain and tilt over a street, a network at the wheel; all is the library's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import node
import numpy as np
import pytest
import torch
from browsing import ROOT, Visit
from demos import Demo, plain, tensor
from torch.nn import functional as F

from convnets import driving
from convnets.common import samples
from convnets.driving import measure, obstacles, pilot, weather
from convnets.driving.live import FACTS, LIVE
from convnets.driving.obstacles import CAMERA
from convnets.driving.streets import CLASSES, UNKNOWN

SCENE = (ROOT / "code/live/src/demos/driving/scene.js").as_uri()


@pytest.fixture(scope="module")
def opened(chromium: Any, address: str) -> Iterator[Demo]:
    with Visit(chromium, f"{address}/book/driving.html") as visit:
        yield Demo(visit, "driving")


@pytest.fixture
def demo(opened: Demo) -> Iterator[Demo]:
    """The shared demo with the first street at dusk."""
    opened.press("At dusk, in rain")
    assert opened.state()["scene"]["light"] == 0.25
    yield opened
    opened.visit.check()


def photograph(place: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A stored photograph (1, 3, H, W), 0 to 1, and its labels (H, W)."""
    picture, labels = (one.picture for one in samples.read("driving").pictures[2 * place :][:2])
    return torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 255, torch.from_numpy(labels[..., 0] // 20)


def checked(demo: Demo) -> dict[str, Any]:
    """The demo's state of a street: its picture, classes, obstacles and shares are the library's."""
    state = demo.state()
    scene = state["scene"]
    stored, labels = photograph(scene["sample"])
    image = tensor(state["image"])
    expected = weather.changed(stored, scene["light"], scene["rain"])
    assert (image - expected).abs().max() < 1e-5
    with torch.inference_mode():
        (scores,) = LIVE["small"].forward(driving.load(), image)
    np.testing.assert_allclose(tensor(state["outputs"]["scores"]), scores, rtol=0, atol=5e-3)
    grown = F.interpolate(tensor(state["outputs"]["scores"]), labels.shape, mode="bilinear")
    found = torch.tensor(state["found"]).reshape(labels.shape)
    assert (found == grown[0].argmax(0)).double().mean() > 0.9999
    table = measure.tables(found[None].byte(), labels[None]).sum(0)
    assert state["right"]["overlap"] == pytest.approx(measure.miou(table), abs=1e-9)
    assert state["right"]["share"] == pytest.approx(int(table.diag().sum()) / int(table.sum()))
    shown = labels if scene["show"] == "labels" else found
    camera = CAMERA.moved(math.radians(scene["tilt"]))
    ahead = obstacles.find(shown.numpy(), camera, math.radians(FACTS["shaky"]))
    assert [CLASSES[one["kind"]] for one in state["obstacles"]] == [one.kind for one in ahead]
    for mine, real in zip(state["obstacles"], ahead, strict=True):
        assert [mine[name] for name in ("top", "foot", "left", "right", "area")] == list(real[1:6])
        assert mine["isOnRoad"] == real.is_on_road
        for name in ("distance", "nearest", "farthest"):  # JSON has no infinity
            value = getattr(real, name)
            assert mine[name] is None if math.isinf(value) else mine[name] == pytest.approx(value)
    return state


def test_arithmetic_is_the_librarys(seed: int) -> None:
    """In Node, on drawn pictures, scores and maps of classes: nothing of the page is needed."""
    draw = np.random.default_rng(seed)
    picture, scores = draw.random((1, 3, 20, 28)), draw.normal(size=(1, 11, 6, 7)).round(3)
    maps = draw.choice([3, 8, 9, 0, 11], (10, 12), p=[0.4, 0.25, 0.15, 0.15, 0.05])
    truth = draw.integers(0, 12, (10, 12))
    script = f"""import {{ agreement, distanceOf, obstacles, rowOf, told, weathered }} from "{SCENE}";
const facts = {{ ...input.facts, height: 10, width: 12, least: 2 }}, camera = {{ ...input.facts.camera, tilt: 0.03 }};
output([[...weathered(Float32Array.from(input.picture), {{ ...input.facts, height: 20, width: 28 }}, 0.4, 0.7)],
  [...told({{ dims: [1, 11, 6, 7], data: input.scores }}, 11, 14)],
  obstacles(Uint8Array.from(input.maps), facts, camera, 0.01),
  agreement(Uint8Array.from(input.maps.map((one) => one % 11)), Uint8Array.from(input.truth), 11, {UNKNOWN}),
  [2, 9, 70].map((far) => distanceOf(camera, rowOf(camera, far)))]);"""
    given = {"picture": picture.ravel().tolist(), "scores": scores.ravel().tolist(), "facts": FACTS,
             "maps": maps.ravel().tolist(), "truth": truth.ravel().tolist()}  # fmt: skip
    rainy, best, found, right, far = node.run(script, given)
    np.testing.assert_allclose(rainy, weather.changed(torch.from_numpy(picture), 0.4, 0.7).flatten(), rtol=0, atol=1e-6)
    grown = F.interpolate(torch.from_numpy(scores), (11, 14), mode="bilinear").argmax(1)
    assert best == grown.flatten().tolist()
    ahead = obstacles.find(maps, CAMERA.moved(0.03), 0.01, least=2)
    assert sorted([CLASSES[one["kind"]], one["foot"], one["left"], one["area"]] for one in found) == sorted(
        [one.kind, one.foot, one.left, one.area] for one in ahead
    )
    table = measure.tables(torch.from_numpy(maps % 11)[None], torch.from_numpy(truth)[None]).sum(0)
    assert right["overlap"] == pytest.approx(measure.miou(table))
    assert far == pytest.approx([2, 9, 70])


def test_light_and_rain_change_what_is_seen(demo: Demo) -> None:
    dusk = checked(demo)
    assert dusk["scene"]["rain"] == 0.6
    demo.slide("Light", 1)
    demo.slide("Rain", 0)
    day = checked(demo)
    assert day["right"]["share"] > dusk["right"]["share"]
    said = plain(demo.place.locator(".driving-verdict").inner_text())
    assert said.startswith(f"{100 * day['right']['share']:.0f} % of the pixels right")
    for place in range(len(samples.read("driving").pictures) // 2):
        demo.place.get_by_role("button", name=f"Photograph {place + 1}", exact=True).click()
        assert checked(demo)["scene"]["sample"] == place
    assert "CC BY-NC" in demo.place.locator(".live-key").last.inner_text()


def test_a_tilt_moves_distances_and_no_pixel(demo: Demo) -> None:
    before = checked(demo)
    demo.press("Tilt the camera by one degree")
    level = checked(demo)
    demo.slide("The camera's tilt, in degrees", 0)
    flat = checked(demo)
    assert level["found"] == flat["found"] != before["found"]
    pairs = [(a["distance"], b["distance"]) for a, b in zip(flat["obstacles"], level["obstacles"], strict=True)]
    assert pairs and all(down < far for far, down in pairs if far and down), "tilted down, the same row is nearer"


def test_labels_can_be_shown_in_place_of_answers(demo: Demo) -> None:
    demo.press("labels")
    state = checked(demo)
    assert state["scene"]["show"] == "labels"
    legend = demo.place.get_by_role("group", name="Classes; press one to hide or show it")
    assert legend.get_by_role("button").count() == len(CLASSES)
    demo.press("network")
    assert checked(demo)["scene"]["show"] == "found"


def test_a_network_drives_and_a_reader_takes_over(demo: Demo) -> None:
    demo.press("Let the network drive")
    demo.visit.until("Live.state.driving.scene.ticks > 8")
    demo.press("Stop")
    state = demo.state()
    assert state["net"] == "pilot" and state["scene"]["who"] == "pilot" and state["scene"]["taken"] == 0
    image = tensor(state["image"])
    with torch.inference_mode():
        curvature, evidence = LIVE["pilot"].forward(driving.load("pilot"), image)
    assert state["outputs"]["curvature"]["data"] == pytest.approx(curvature.tolist(), abs=1e-5)
    np.testing.assert_allclose(tensor(state["outputs"]["evidence"]), evidence, rtol=0, atol=5e-3)
    assert image.shape == (1, 3, pilot.HEIGHT, pilot.WIDTH)
    demo.press("network, without them")
    assert demo.state()["net"] == "pilot-centre"
    demo.press("Push it right")
    assert demo.state()["scene"]["place"]["offset"] == pytest.approx(
        state["scene"]["place"]["offset"] + FACTS["road"]["gust"], abs=1e-6
    )
    canvas = demo.place.locator(".driving-stage canvas").first
    canvas.focus()
    canvas.press("ArrowLeft")
    after = demo.state()["scene"]
    assert after["who"] == "reader" and not after["running"]
    demo.press("a street")
    assert checked(demo)["net"] == "small"


def test_a_link_in_the_text_sets_the_demo(demo: Demo) -> None:
    demo.page.get_by_role("link", name="let the network drive", exact=True).click()
    demo.visit.until("Live.state.driving.scene.ticks > 2")
    demo.press("Stop")
    assert demo.state()["scene"]["who"] == "pilot"
    demo.page.get_by_role("link", name="Tilt the camera by one degree", exact=True).click()
    assert checked(demo)["scene"]["tilt"] == 1

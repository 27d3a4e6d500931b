"""The demo as a reader uses it: an object moved about, two at once, none, an own picture, all as the library has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import node
import numpy as np
import pytest
import torch
from browsing import ROOT, Visit
from demos import Demo

from convnets import localisation
from convnets.common import samples
from convnets.common.boxes import overlap
from convnets.localisation import maps, merge, nets, world
from convnets.localisation.live import FACTS, LIVE
from convnets.localisation.world import CLASSES, SIDE

SOURCES = ROOT / "code/live/src/demos/localisation"


@pytest.fixture(scope="module")
def opened(chromium: Any, address: str) -> Iterator[Demo]:
    with Visit(chromium, f"{address}/book/localisation.html") as visit:
        yield Demo(visit, "localisation")


@pytest.fixture
def demo(opened: Demo) -> Iterator[Demo]:
    """The shared demo with the first object alone."""
    opened.place.get_by_role("group", name="Objects").get_by_role("button").first.click()
    scene = opened.state()["scene"]
    assert (scene["object"], scene["second"], scene["random"], scene["name"]) == (0, None, False, None)
    yield opened
    opened.visit.check()


def tensor(told: dict[str, Any]) -> torch.Tensor:
    return torch.tensor(told["data"]).reshape(told["dims"])


def edges(box: dict[str, float] | None) -> list[float]:
    return (
        [0.0] * 4 if box is None else [box["left"], box["top"], box["left"] + box["width"], box["top"] + box["height"]]
    )


def outline(cut: dict[str, Any], x: float, y: float, size: float) -> world.Outlines:
    half = size / 2 / max(cut["axes"])
    every = ([[x, y]], [half], [cut["axes"]], [cut["turn"]], [cut["waves"]], [cut["phases"]])
    return world.Outlines(*(torch.tensor(one, dtype=torch.float32) for one in every))


def ground(place: int) -> torch.Tensor:
    quarters = [one.picture for one in samples.read("localisation").pictures[FACTS["objects"] + 4 * place :][:4]]
    return torch.from_numpy(np.vstack([np.hstack(quarters[:2]), np.hstack(quarters[2:])]))


def pasted(scene: dict[str, Any]) -> tuple[torch.Tensor, torch.Tensor]:
    """What the library makes of a scene of the demo: (1, 3, 64, 64) from 0 to 1, and the object's mask."""
    picture, mask = ground(scene["ground"]), torch.zeros(SIDE, SIDE, dtype=torch.bool)
    for one in (scene["second"], scene):
        if one and one["object"] >= 0:
            photograph = torch.from_numpy(samples.read("localisation").pictures[one["object"]].picture.copy())
            cut = FACTS["outlines"][one.get("outline", scene["outline"])]
            picture, mask = world.paste(picture, photograph, outline(cut, one["x"], one["y"], one["size"]))
    return picture.permute(2, 0, 1)[None] / 255, mask


def checked(demo: Demo) -> dict[str, Any]:
    """The demo's state: picture, answers, heat and boxes are the library's."""
    state = demo.state()
    image, scene = tensor(state["image"]), state["scene"]
    if state["own"] is None:
        expected, mask = pasted(scene)
        np.testing.assert_allclose(image, expected, rtol=0, atol=1.01 / 255)
        assert (image - expected).abs().mean() < 0.1 / 255
        if scene["object"] >= 0:
            assert (torch.tensor(state["mask"]).reshape(SIDE, SIDE).bool() != mask).sum() <= 1
            assert (
                edges(state["truth"])
                == world.boxes_of(torch.tensor(state["mask"]).reshape(1, SIDE, SIDE) > 0)[0].tolist()
            )
    with torch.inference_mode():
        answers = LIVE["cam"].forward(localisation.load("cam"), image)
    for name, answer in zip(LIVE["cam"].outputs, answers, strict=True):
        np.testing.assert_allclose(tensor(state["outputs"][name]), answer, rtol=0, atol=5e-3, err_msg=name)
    every = (answers[2] * torch.tensor(FACTS["random"])[:, None, None]).sum(1) if scene["random"] else None
    chosen = torch.tensor([state["chosen"]])
    heat = maps.heat(maps.of_class(answers[1], chosen) if every is None else every, SIDE)
    np.testing.assert_allclose(state["heat"], heat.flatten(), rtol=0, atol=2e-2)
    own = torch.tensor(state["heat"]).reshape(1, SIDE, SIDE)
    assert edges(state["guess"]) == maps.box(own, scene["threshold"])[0].tolist()
    with torch.inference_mode():
        found = merge.look(localisation.load("overfeat"), image, nets.SIDES["overfeat"])
    located = merge.locate(found, SIDE, SIDE)
    np.testing.assert_allclose(edges(state["found"]["box"]), located.boxes[0], rtol=0, atol=0.05)
    assert state["found"]["label"] == int(located.classes[0])
    assert state["found"]["sure"] == pytest.approx(float(located.scores[0]), abs=1e-3)
    return state


def test_pasting_and_boxes_are_the_librarys(seed: int) -> None:
    """In Node, on random outlines and heat: nothing of the page is needed."""
    draw = torch.Generator().manual_seed(seed)
    shapes, rng = world.outlines(6, draw, inside=False), np.random.default_rng(seed)
    picture, photograph = rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8), rng.integers(0, 256, (32, 32, 3), np.uint8)
    heat = maps.heat(torch.randn(6, 16, 16, generator=draw), SIDE)
    script = f"""import {{ pasted }} from "{SOURCES.as_uri()}/world.js";
import {{ boxAround, enlarged }} from "{SOURCES.as_uri()}/decode.js";
const of = (side, bytes) => ({{ side, data: bytes.map((value) => value / 255) }});
output(input.shapes.map(({{ place, ...outline }}) => {{
  const {{ picture, mask }} = pasted(of({SIDE}, input.picture), of(32, input.photograph), outline, place);
  return [[...picture.data], [...mask]];
}}).concat(input.heat.map((data) => boxAround({{ width: {SIDE}, data }}, 0.3)),
  [[...enlarged(input.map, {SIDE}).data]]));"""
    told = [
        {
            "place": dict(zip("xy", shapes.centres[i].tolist(), strict=True)) | {"half": float(shapes.halves[i])},
            "axes": shapes.axes[i].tolist(), "turn": float(shapes.turns[i]),
            "waves": shapes.waves[i].tolist(), "phases": shapes.phases[i].tolist(),
        }
        for i in range(6)
    ]  # fmt: skip
    small = torch.randn(1, 16, 16, generator=draw)
    payload = {
        "shapes": told, "picture": picture.flatten().tolist(), "photograph": photograph.flatten().tolist(),
        "heat": heat.flatten(1).tolist(), "map": {"height": 16, "width": 16, "data": small.flatten().tolist()},
    }  # fmt: skip
    *found, whole = node.run(script, payload)
    for place, (data, mask) in enumerate(found[:6]):
        shape = world.Outlines(*(part[place : place + 1] for part in shapes))
        expected, cut = world.paste(torch.from_numpy(picture), torch.from_numpy(photograph), shape)
        np.testing.assert_allclose(np.array(data) * 255, expected.flatten(), rtol=0, atol=1.01)
        assert (np.array(mask).reshape(SIDE, SIDE).astype(bool) != cut.numpy()).sum() <= 1
    for box, expected in zip(found[6:], maps.box(heat, 0.3), strict=True):
        assert edges(box) == expected.tolist()
    np.testing.assert_allclose(whole, maps.heat(small, SIDE).flatten(), rtol=0, atol=1e-5)


def test_windows_are_merged_as_the_library_does(seed: int) -> None:
    draw = torch.Generator().manual_seed(seed)
    views = [
        {"classes": torch.randn(1, len(CLASSES), n, n, generator=draw) * 2, "boxes": _windows(n, draw)}
        for n in (1, 3, 5)
    ]
    script = f"""import {{ located }} from "{SOURCES.as_uri()}/decode.js";
const facts = {json.dumps({name: FACTS[name] for name in ("side", "scales", "merging")})};
output(input.map((views) => located(views, facts)));"""
    told = [{name: {"dims": list(x.shape), "data": x.flatten().tolist()} for name, x in view.items()} for view in views]
    (found,) = node.run(script, [told])
    classes = torch.cat([view["classes"].softmax(1).flatten(2).transpose(1, 2) for view in views], 1)
    back = [SIDE / side for side in FACTS["scales"]]
    boxes = torch.cat([view["boxes"].flatten(2).transpose(1, 2) * by for view, by in zip(views, back, strict=True)], 1)
    expected = merge.locate(merge.Windows(classes, boxes), SIDE, SIDE)
    np.testing.assert_allclose(edges(found["box"]), expected.boxes[0], rtol=0, atol=1e-2)
    assert found["label"] == int(expected.classes[0]) and found["sure"] == pytest.approx(
        float(expected.scores[0]), abs=1e-4
    )


def _windows(n: int, draw: torch.Generator) -> torch.Tensor:
    middle = 8 + 40 * torch.rand(1, 2, n, n, generator=draw)
    half = 6 + 14 * torch.rand(1, 2, n, n, generator=draw)
    return torch.cat([middle - half, middle + half], 1)


def test_an_object_is_dragged_and_moved_by_keys(demo: Demo) -> None:
    stage = demo.place.get_by_role("application").first
    stage.scroll_into_view_if_needed()
    before = checked(demo)["scene"]
    box = stage.bounding_box()
    unit = box["width"] / SIDE
    demo.page.mouse.move(box["x"] + before["x"] * unit, box["y"] + before["y"] * unit)
    demo.page.mouse.down()
    demo.page.mouse.move(box["x"] + 24 * unit, box["y"] + 40 * unit, steps=4)
    demo.page.mouse.up()
    state = checked(demo)
    assert (state["scene"]["x"], state["scene"]["y"]) == pytest.approx((24, 40), abs=1.5)
    stage.press("ArrowRight")
    stage.press("Shift+ArrowUp")
    stage.press("+")
    after = checked(demo)["scene"]
    assert after["x"] == pytest.approx(state["scene"]["x"] + 1) and after["y"] == pytest.approx(state["scene"]["y"] - 4)
    assert after["size"] == state["scene"]["size"] + 1
    demo.slide("Size", 30)
    assert checked(demo)["scene"]["size"] == 30


def test_what_to_try_first_is_as_the_chapter_says(demo: Demo) -> None:
    """Each of two objects has a map of its own; nothing is seen as nothing; random weights still make a map."""
    demo.press("Two at once")
    state = checked(demo)
    second, first = state["scene"]["second"], state["scene"]
    hottest = {}
    for one in (first, second):
        label = samples.read("localisation").pictures[one["object"]].label
        demo.place.locator(".localisation-names button").filter(has_text=label).click()
        state = checked(demo)
        assert CLASSES[state["chosen"]] == label
        hottest[label] = int(np.argmax(state["heat"])) % SIDE
        assert abs(hottest[label] - one["x"]) < one["size"] / 2 + 2
    demo.press("Nothing there")
    state = checked(demo)
    assert state["truth"] is None and CLASSES[state["ranks"][0]] == CLASSES[state["found"]["label"]] == "nothing"
    demo.press("Weights at random")
    assert checked(demo)["scene"]["random"] is True


def verdicts(demo: Demo, state: dict[str, Any]) -> list[str]:
    """What is said of both answers, each as the chapter counts: wrong if its name or its box is."""
    said: list[str] = demo.place.locator(".localisation-verdict").all_inner_texts()[1:]
    names = [CLASSES[state["chosen"]], CLASSES[state["found"]["label"]]]
    truth = torch.tensor([edges(state["truth"])])
    for text, name, box in zip(said, names, (state["guess"], state["found"]["box"]), strict=True):
        if name == "nothing":
            assert text.startswith("✗ nothing") and "IoU" not in text, "no box is shown, and none is judged"
            continue
        shared = float(overlap(truth, torch.tensor([edges(box)]))[0])
        right = shared >= 0.5 and name == state["label"]
        assert text.startswith("✓" if right else "✗") and text.endswith(f"{shared:.2f}")
    return said


def test_verdicts_are_by_the_name_and_the_overlap_with_the_truth(demo: Demo) -> None:
    verdicts(demo, checked(demo))
    demo.press("Two at once")
    state, names = checked(demo), demo.place.locator(".localisation-names button")
    for place in range(names.count()):
        names.nth(place).click()
        verdicts(demo, state := checked(demo))
    assert CLASSES[state["chosen"]] == "nothing", "the least likely name was among them"
    demo.press("Weights at random")
    assert demo.state()["scene"]["random"]
    said = demo.place.locator(".localisation-verdict").nth(1).inner_text()
    assert "at random" in said and "%" not in said, "the share is that of a name"


def test_ground_outline_and_threshold_change_the_picture_and_the_box(demo: Demo) -> None:
    before = checked(demo)
    demo.place.locator("summary").filter(has_text="Ground, outline").click()
    demo.place.get_by_role("button", name="Ground 3", exact=True).click()
    demo.press("Another outline")
    state = checked(demo)
    assert state["scene"]["ground"] == 2 and state["scene"]["outline"] == 1
    assert state["image"]["data"] != before["image"]["data"]
    demo.slide("The box holds what is above this share of the maximum", 0.8)
    narrow = checked(demo)["guess"]
    demo.slide("The box holds what is above this share of the maximum", FACTS["threshold"])
    assert narrow["width"] * narrow["height"] < checked(demo)["guess"]["width"] * state["guess"]["height"]
    demo.place.get_by_role("button", name="Ground 1", exact=True).click()
    demo.place.locator("summary").filter(has_text="Ground, outline").click()


def test_a_picture_of_ones_own_is_answered_without_a_truth(demo: Demo, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    demo.place.locator("summary").filter(has_text="Your own picture").click()
    demo.drop(pixels)
    state = checked(demo)
    np.testing.assert_allclose(tensor(state["image"])[0].permute(1, 2, 0) * 255, pixels, rtol=0, atol=1e-3)
    assert state["truth"] is None and state["own"] == "own.png"
    demo.drop(np.full((1, 3), 200, np.uint8), "grey.png")
    grey = checked(demo)
    assert float(tensor(grey["image"]).std()) < 1e-6
    demo.place.locator(".localisation-names button").last.click()
    demo.unfold("Ground, outline")
    demo.press("Last weights at random")
    demo.slide("The box holds what is above this share of the maximum", 0.5)
    state = checked(demo)
    assert state["own"] == "grey.png" and state["image"]["data"] == grey["image"]["data"], "asked in another way"
    assert state["scene"]["random"] and state["scene"]["threshold"] == 0.5
    demo.slide("The box holds what is above this share of the maximum", FACTS["threshold"])
    demo.place.locator("summary").filter(has_text="Ground, outline").click()
    demo.slide("Size", 28)
    assert checked(demo)["own"] is None, "and an object is back"

"""The cortex's demo as a reader uses it: dragged, swept, drawn in, by keyboard alone, over http and from disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from browsing import COLOURS, RULES, Axe, Pages, Visit

from convnets import cortex
from convnets.cortex.live import FACTS, LIVE
from convnets.cortex.model import S2_COUNT
from convnets.cortex.shapes import SHAPES, picture, pictures
from convnets.cortex.similarity import correlations

MAIN, SMALL = "#cortex-demo", "[data-live=cortex]:not([id])"
STATE = """([name, whole]) => JSON.stringify(Live.state[name],
  (key, value) => (key === "outputs" && !whole ? undefined : value instanceof Float32Array ? [...value] : value))"""
"""The answers of all areas, 100,000 numbers, are read only where they are compared."""
STEPS = 17
"""Of a sweep."""
PARITY = 1e-4
COARSER = {"lgn": 5, "scores": 10}
"""How much coarser two outputs are compared: the LGN divides by what is almost nothing where the field is empty, and
readouts add up hundreds of differences with large weights."""
AREAS = {
    "retina": ("retina",),
    "LGN": ("lgn",),
    "V1": tuple(f"c1_{band}" for band in range(8)),
    "V2": ("s2",),
    "V4": tuple(f"c2_{pair}" for pair in range(4)),
    "PIT": ("c2b", "c3"),
    "AIT": ("s4",),
}
"""The outputs whose units make up each area's answer."""


class Demo:
    """The demo on an opened page, or the small one beside a passage."""

    def __init__(self, visit: Visit, where: str = MAIN, name: str = "cortex") -> None:
        self.visit, self.page, self.name = visit, visit.page, name
        self.place = self.page.locator(where)
        self.place.scroll_into_view_if_needed()
        self.page.locator(f"{where}[data-live-state=ready]").wait_for()
        self.field = self.place.locator(".cortex-field")
        self.field.scroll_into_view_if_needed()  # when it is seen it is swept
        self.verdict = self.place.locator(".cortex-verdict")

    def unfold(self) -> None:
        self.place.locator("details").evaluate("e => { e.open = true }")

    def button(self, name: str) -> Any:
        return self.place.get_by_role("button", name=name, exact=True)

    def slide(self, name: str, value: float) -> None:
        slider = self.place.get_by_role("slider", name=name, exact=True)
        slider.evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input')) }", value)

    def stroke(self, *points: tuple[float, float]) -> None:
        """Drag with the mouse through points, in shares of the field's side."""
        self.field.scroll_into_view_if_needed()
        box = self.field.bounding_box()
        for index, (x, y) in enumerate(points):
            self.page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
            if not index:
                self.page.mouse.down()
        self.page.mouse.up()

    def area(self, name: str) -> Any:
        return self.place.get_by_role("application", name=f"{name}, ")

    def until(self, condition: str) -> None:
        """Wait for a ``condition`` of the demo's state, called ``s``."""
        self.visit.until(f"(s => {condition})(Live.state[{self.name!r}])")

    def state(self, whole: bool = False) -> dict[str, Any]:
        """What the demo shows once it has come to rest; the ``whole`` of it with the answers of every area."""
        self.until("s.pending === false")
        return json.loads(self.page.evaluate(STATE, [self.name, whole]))

    def pose(self) -> dict[str, float]:
        """Where the object is at this moment."""
        return json.loads(self.page.evaluate("name => JSON.stringify(Live.state[name].pose)", self.name))

    def at_rest(self) -> dict[str, Any]:
        """What it shows when a sweep has ended, too."""
        self.until("s.running === false && s.pending === false")
        return self.state()

    def swept(self, name: str) -> list[dict[str, Any]]:
        self.button(f"▶ {name}").click()
        return self.at_rest()["sweeps"][name.lower()]


def tensor(image: dict[str, Any]) -> torch.Tensor:
    return torch.tensor(image["data"]).reshape(image["dims"])


@torch.inference_mode()
def answered(image: torch.Tensor) -> dict[str, torch.Tensor]:
    """PyTorch's answer to an image, by output."""
    live = LIVE["hmax"]
    return dict(zip(live.outputs, live.forward(cortex.load(), image), strict=True))


@cache
def answered_drawings() -> dict[str, torch.Tensor]:
    """PyTorch's answers to the ten drawings, which every area has stored."""
    return answered(pictures())


def population(answers: dict[str, torch.Tensor], area: str) -> np.ndarray:
    return torch.cat([answers[name].flatten(1) for name in AREAS[area]], 1).numpy()


def similarities(image: torch.Tensor, remembered: torch.Tensor) -> list[float]:
    """How alike each area's answers to two images are, as Python measures it."""
    one, two = answered(image), answered(remembered)
    return [float(correlations(population(one, area), population(two, area))[0, 0]) for area in AREAS]


def named(image: torch.Tensor, apart: float = 0.03) -> list[set[str]]:
    """What each area may take an image for: the objects whose stored answers are most like its answer, or nearly.

    The page has stored its answers to its own drawings, whose edges are smoother than Python's.
    """
    one, stored = answered(image), answered_drawings()
    found = [correlations(population(one, area), population(stored, area))[0] for area in AREAS]
    return [{name for name, alike in zip(SHAPES, row, strict=True) if alike > max(row) - apart} for row in found]


def rightly(points: list[dict[str, Any]], name: str) -> dict[str, int]:
    """At how many steps of a sweep each area named the object."""
    return {area: sum(point["names"][index] == name for point in points) for index, area in enumerate(AREAS)}


def check_parity(demo: Demo) -> None:
    """Answers, similarities and names on the page are Python's for the very images that the page made."""
    state = demo.state(whole=True)
    image = tensor(state["image"])
    for name, answer in answered(image).items():
        found = np.array(state["outputs"][name]["data"], np.float32)
        np.testing.assert_allclose(found, answer.flatten(), rtol=0, atol=PARITY * COARSER.get(name, 1), err_msg=name)
    assert state["areas"] == list(AREAS)
    expected = similarities(image, tensor(state["remembered"]["image"]))
    np.testing.assert_allclose(state["same"], expected, atol=1e-3)
    assert all(name in right for name, right in zip(state["names"], named(image), strict=True))


def check_moving(demo: Demo, random: np.random.Generator) -> None:
    """Drag a thing with the mouse: it is where Python draws it, and every number is Python's."""
    name = str(random.choice(list(SHAPES)))
    demo.button(name).click()
    assert demo.state()["same"] == pytest.approx([1.0] * len(AREAS)), "a new thing is remembered at once"
    x, y = 0.5 + random.uniform(0.04, 0.14), 0.5 + random.uniform(-0.1, 0.1)
    demo.stroke((0.5, 0.5), ((0.5 + x) / 2, (0.5 + y) / 2), (x, y))
    state = demo.state()
    pose = state["pose"]
    assert pose["x"] == pytest.approx((x - 0.5) * FACTS["field"]["degrees"], abs=0.03) and pose["size"] == 1
    drawn = picture(name, pose["x"], pose["y"])
    apart = (drawn - tensor(state["image"])).abs()
    assert float(apart.mean()) < 0.003 and float(apart.max()) < 0.35, "one draws edges in samples, the other smoothly"
    check_parity(demo)
    assert state["same"][0] < state["same"][-1], "the eye notices a move that the last area does not"
    assert "to the retina" in demo.verdict.inner_text()


@pytest.fixture
def demo(pages: Pages) -> Iterator[Demo]:
    """The demo of the page that tests share, with the bird in the middle, to be compared with the house."""
    demo = Demo(pages("book/cortex").visit)
    demo.unfold()
    demo.button("bird").click()
    other = demo.place.get_by_label("Compare with")
    if demo.state() and other.input_value() != "house":
        other.select_option("house")
        demo.state()
    yield demo
    demo.page.emulate_media(reduced_motion="no-preference")
    demo.visit.check()


def test_a_thing_is_dragged_over_http_and_every_area_answers_as_pytorch(demo: Demo, seed: int) -> None:
    check_moving(demo, np.random.default_rng(seed))


def check_new(visit: Visit, seed: int) -> None:
    """A page that was just opened, from disk and with less motion: ``tests/live/test_restless.py`` has one."""
    demo = Demo(visit)
    check_opening(demo)
    demo.unfold()
    check_moving(demo, np.random.default_rng(seed))
    demo.button("Put back").click()
    before = demo.state()["pose"]
    demo.button("▶ Shift").click()
    demo.until("s.sweeps.shift?.length > 2")
    assert demo.pose() == before, "who wants no motion sees none"


def check_opening(demo: Demo) -> None:
    """It opens on a bird that every area names, and sweeps it once by itself, in a small space."""
    demo.until("s.sweeps.shift?.length > 0")
    state = demo.at_rest()
    assert state["names"] == ["bird"] * len(AREAS) and "Swept" in demo.verdict.inner_text()
    found = rightly(state["sweeps"]["shift"], "bird")
    assert found["retina"] < found["V1"] < found["PIT"] <= found["AIT"] == STEPS
    for width, height in ((1280, 720), (390, 900)):
        demo.visit.look("light", width)
        assert demo.place.bounding_box()["height"] <= height
    demo.visit.look("light", 1280)


def test_buttons_and_links_in_the_text_show_what_is_worth_seeing(demo: Demo) -> None:
    """With less motion, where a sweep takes less: what it finds is the same."""
    demo.page.emulate_media(reduced_motion="reduce")
    demo.button("Turn the fish").click()
    found = rightly(demo.at_rest()["sweeps"]["turn"], "fish")
    assert min(found, key=found.__getitem__) == "AIT", "as the quiz says"
    demo.page.get_by_role("link", name="a face that slides").click()
    state = demo.at_rest()
    assert state["object"] == "face" and rightly(state["sweeps"]["shift"], "face")["AIT"] < STEPS / 2


def test_a_small_one_shows_three_areas_and_a_change_of_size(demo: Demo) -> None:
    small = Demo(demo.visit, SMALL, "cortex/1")
    small.until("s.sweeps?.size?.length > 0")
    state = small.at_rest()
    assert state["areas"] == ["retina", "V1", "AIT"] and state["object"] == "spiral"
    expected = similarities(picture("spiral", size=0.5), picture("spiral"))
    np.testing.assert_allclose(state["sweeps"]["size"][0]["same"], [expected[0], expected[2], expected[6]], atol=0.05)


def test_a_sweep_shows_that_late_areas_tolerate_a_shift_and_still_tell_things_apart(demo: Demo, axe: Axe) -> None:
    points = demo.swept("Shift")
    remembered = picture("bird")
    for point in (points[0], points[len(points) // 2 + 2]):
        expected = similarities(picture("bird", x=point["place"]), remembered)
        np.testing.assert_allclose(point["same"], expected, atol=0.05)
        expected = similarities(picture("house", x=point["place"]), remembered)
        np.testing.assert_allclose(point["other"], expected, atol=0.05)
    at_end = np.array(points[0]["same"])
    assert at_end[:2].max() < 0.3 and at_end[-2:].min() > 0.8
    assert points[len(points) // 2]["same"] == pytest.approx([1.0] * len(AREAS))
    assert max(point["other"][-1] for point in points) < 1
    counts = demo.place.locator(".cortex-count").all_inner_texts()
    assert counts == [f"{count}/{STEPS}" for count in rightly(points, "bird").values()]
    assert f"at {counts[0].partition('/')[0]}" in demo.verdict.inner_text()
    curve = demo.place.get_by_role("group", name="AIT", exact=True).get_by_role("img")
    assert "at least" in curve.get_attribute("aria-label")
    check_look(demo, axe)


def test_a_key_stops_a_sweep(demo: Demo) -> None:
    demo.button("▶ Size").click()
    demo.until("s.sweeps.size?.length > 1")
    demo.field.press("ArrowLeft")
    stopped = demo.state()["sweeps"]["size"]
    assert stopped[0]["place"] == -1
    expected = similarities(picture("bird", size=0.5), picture("bird"))
    np.testing.assert_allclose(stopped[0]["same"], expected, atol=0.05)
    demo.visit.rest(0.4)
    assert len(demo.state()["sweeps"]["size"]) == len(stopped) < STEPS


def test_sliders_change_the_pose_as_python_does(demo: Demo, seed: int) -> None:
    random = np.random.default_rng(seed)
    size, turn, contrast = (round(float(value), 2) for value in random.uniform((0.7, -80, 0.3), (1.6, 80, 0.9)))
    demo.slide("Size", size)
    demo.slide("Turn", round(turn))
    demo.slide("Contrast", contrast)
    state = demo.state()
    apart = (picture("bird", size=size, turn=round(turn), contrast=contrast) - tensor(state["image"])).abs()
    assert float(apart.mean()) < 0.003
    check_parity(demo)


def test_what_has_no_contrast_is_said(demo: Demo) -> None:
    demo.slide("Contrast", 0)
    state = demo.state()
    assert state["flat"] and "no contrast" in demo.verdict.inner_text()
    assert set(demo.place.locator(".cortex-number").all_inner_texts()) == {"–"}
    demo.button("Remember this").click()
    demo.slide("Contrast", 1)
    demo.state()
    assert "empty field is remembered" in demo.verdict.inner_text()


def test_another_thing_is_put_in_its_place_and_remembered(demo: Demo) -> None:
    demo.button("Show it instead").click()
    state = demo.state()
    check_parity(demo)
    assert state["same"][-1] < 0.9 and "other object" in demo.verdict.inner_text()
    demo.button("Remember this").click()
    assert demo.state()["same"] == pytest.approx([1.0] * len(AREAS))
    assert demo.place.get_by_label("Compare with").input_value() == "bird"


def inside(seen: dict[str, float]) -> np.ndarray:
    """Which pixels (side, side) a field {x, y, width, height} in degrees covers."""
    side, degrees = FACTS["field"]["side"], FACTS["field"]["degrees"]
    place = (np.arange(side) + 0.5) * degrees / side - degrees / 2
    rows = abs(place - seen["y"]) < seen["height"] / 2
    return rows[:, None] & (abs(place - seen["x"]) < seen["width"] / 2)[None]


@pytest.mark.parametrize(("area", "outputs"), [("V1", ("v1", *AREAS["V1"])), ("V2", ("s2",)), ("V4", ("c2_0",))])
def test_a_unit_sees_what_is_outlined_and_nothing_else(demo: Demo, seed: int, area: str, outputs: tuple) -> None:
    random = np.random.default_rng(seed)
    box = demo.area(area)
    box.scroll_into_view_if_needed()
    corner = box.bounding_box()
    for _ in range(40):  # a click may fall between two maps
        x, y = random.uniform(0.02, 0.98, 2)
        demo.page.mouse.click(corner["x"] + corner["width"] * x, corner["y"] + corner["height"] * y)
        unit = demo.state()["unit"]
        if unit and unit["area"] == area:
            break
    assert unit["area"] == area and area in demo.place.locator(".cortex-unit").inner_text()
    place = (0, unit["map"], unit["row"], unit["column"])
    noise = torch.from_numpy(random.uniform(0, 1, (1, 1, 96, 96))).float()
    covered = torch.from_numpy(inside(unit["seen"]))
    outside = torch.where(covered, torch.full((), 0.5), torch.rand(1, 1, 96, 96))
    both = torch.where(covered, noise, torch.full((), 0.5)), torch.where(covered, noise, outside)
    name = outputs[unit["part"]]
    one, two = (float(answered(image)[name][place]) for image in both)
    assert one == pytest.approx(two, abs=1e-5), "what lies outside the field is not seen"


def test_a_field_is_not_outlined_larger_than_it_is(demo: Demo) -> None:
    """Changing the outermost pixels of a unit's field, a row or column at a time, can change its answer."""
    demo.area("V2").focus()
    demo.page.keyboard.press("ArrowRight")
    unit = demo.state()["unit"]
    covered = inside(unit["seen"])
    rows, columns = np.flatnonzero(covered.any(1)), np.flatnonzero(covered.any(0))
    place = (0, unit["map"], unit["row"], unit["column"])
    image = torch.rand(24, 1, 96, 96, generator=torch.Generator().manual_seed(0))  # an edge rarely decides a maximum
    before = answered(image)["s2"][:, place[1], place[2], place[3]]
    for edge in (
        (rows[0], slice(None)),
        (rows[-1], slice(None)),
        (slice(None), columns[0]),
        (slice(None), columns[-1]),
    ):
        changed = image.clone()
        changed[:, :, edge[0], edge[1]] = 1 - changed[:, :, edge[0], edge[1]]
        assert not torch.equal(before, answered(changed)["s2"][:, place[1], place[2], place[3]])


def test_a_drawing_is_remembered_and_moved(demo: Demo) -> None:
    demo.button("Draw").click()
    assert "no contrast" in demo.verdict.inner_text() or demo.state()["flat"]
    demo.stroke((0.3, 0.3), (0.5, 0.5), (0.7, 0.3))
    demo.stroke((0.5, 0.5), (0.5, 0.8))
    demo.button("Done").click()
    state = demo.state()
    assert not state["flat"] and state["same"] == pytest.approx([1.0] * len(AREAS))
    demo.stroke((0.5, 0.5), (0.6, 0.5))
    state = demo.state()
    check_parity(demo)
    assert state["same"][0] < 0.5


def test_a_photograph_is_opened_here_and_a_wrong_file_is_refused(demo: Demo, tmp_path: Path) -> None:
    from PIL import Image

    rows, columns = np.mgrid[:120, :160]
    grey = (127 + 90 * np.sin(columns / 9) * np.cos(rows / 7)).astype(np.uint8)
    Image.fromarray(np.stack([grey, grey, 255 - grey], 2)).save(tmp_path / "own.png")
    (tmp_path / "bad.jpg").write_text("no picture")
    chooser = demo.place.locator("input[type=file]")
    chooser.set_input_files(tmp_path / "own.png")
    demo.until("s.object === 'photograph'")
    state = demo.state()
    assert not state["flat"]
    check_parity(demo)
    chooser.set_input_files(tmp_path / "bad.jpg")
    complaint = demo.place.get_by_role("alert")
    complaint.get_by_text("bad.jpg is no picture").wait_for()
    demo.button("cup").click()
    demo.state()
    assert complaint.inner_text() == ""


def test_everything_is_done_with_the_keyboard_alone(demo: Demo) -> None:
    press = demo.page.keyboard.press
    demo.button("Put back").focus()
    while not demo.field.evaluate("e => e === document.activeElement"):
        press("Shift+Tab")
    assert demo.place.get_by_text("Arrow keys move the object").is_visible()
    outline = demo.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "the focus is visible"
    for key in ("ArrowRight", "Shift+ArrowDown", "+", "."):
        press(key)
    pose = demo.state()["pose"]
    step = 0.02 * FACTS["field"]["degrees"]
    assert (pose["x"], pose["y"]) == pytest.approx((step, 4 * step)) and pose["size"] > 1 and pose["turn"] == 5
    demo.visit.forward(0.9)
    assert "to the retina" in demo.place.locator("[role=status]").inner_text(), "the live region says it"
    press("Home")
    assert demo.state()["same"] == pytest.approx([1.0] * len(AREAS))
    for _ in range(60):
        press("Tab")
        if demo.area("V4").evaluate("e => e === document.activeElement"):
            break
    before = demo.state()["unit"]
    further = 1 if before["map"] < S2_COUNT - 1 else -1
    press("PageDown" if further == 1 else "PageUp")
    right = 1 if before["column"] == 0 else -1
    press("ArrowRight" if right == 1 else "ArrowLeft")
    unit = demo.state()["unit"]
    assert unit["area"] == "V4"
    assert (unit["map"], unit["column"]) == (before["map"] + further, before["column"] + right)
    demo.button("Draw").focus()
    press("Enter")
    for key in ("Space", *["ArrowDown"] * 6, "Space"):
        press(key)
    assert not demo.state()["flat"]
    press("Backspace")
    assert demo.state()["flat"]


def check_look(demo: Demo, axe: Axe) -> None:
    """It fits the page and is accessible: swept, with a unit looked into."""
    for theme, width in (("light", 390), ("dark", 1280), ("light", 1280)):
        demo.visit.look(theme, width)
        demo.area("V4").focus()
        demo.page.keyboard.press("ArrowRight")
        demo.state()
        assert (overflow := demo.visit.overflow(MAIN)) <= 0, f"{overflow} px too wide"
        demo.visit.shot(f"demo-cortex-{theme}-{width}", demo.place)
        if width == 1280:
            told = axe(demo.page, MAIN, RULES if theme == "light" else COLOURS)
            assert not told, "\n".join((theme, *told))

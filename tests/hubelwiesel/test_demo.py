"""Hubel and Wiesel's experiment as a reader does it: with the mouse, by keyboard alone, with and without sound."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import COLOURS, RULES, Axe, Pages, Visit

from convnets.hubelwiesel import model
from convnets.hubelwiesel.model import Unit
from convnets.hubelwiesel.stimuli import HALF, Stimulus

READY = "[data-live=hubelwiesel][data-live-state=ready]"
PARITY = 1e-4

OPTIONS = """document.addEventListener("readystatechange", () => {
  const place = document.querySelector("[data-live=hubelwiesel]");
  if (place) place.dataset.options = '{"seed": 7, "cell": 9}';
});"""
"""Cell 9 of the cells that seed 7 draws is the first."""

COUNT_AUDIO = """globalThis.audios = 0;
globalThis.AudioContext = class extends AudioContext { constructor() { super(); audios++ } };"""
NO_AUDIO = "globalThis.AudioContext = class { constructor() { throw new Error('no audio device') } };"


def unit_of(cell: dict[str, Any]) -> Unit:
    return Unit(**{name: value for name, value in cell.items() if name != "gain"})


class Demo:
    """The demo on an opened page."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.page = visit, visit.page
        self.place = self.page.locator("[data-live=hubelwiesel]").first
        self.place.scroll_into_view_if_needed()
        self.page.locator(READY).first.wait_for()
        self.screen = self.place.get_by_role("application", name="Projection screen")

    def button(self, name: str) -> Any:
        return self.place.get_by_role("button", name=name, exact=True).first

    def move(self, x: float, y: float, click: bool = False) -> None:
        """Move the mouse to a place on the screen, in degrees."""
        self.screen.scroll_into_view_if_needed()
        box = self.screen.bounding_box()
        at = (box["x"] + box["width"] * (0.5 + x / 2 / HALF), box["y"] + box["height"] * (0.5 - y / 2 / HALF))
        self.page.mouse.click(*at) if click else self.page.mouse.move(*at)

    def slide(self, name: str, value: float) -> None:
        slider = self.place.get_by_role("slider", name=name, exact=True)
        slider.evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input')) }", value)

    def state(self) -> dict[str, Any]:
        return json.loads(self.page.evaluate("() => JSON.stringify(Live.state.hubelwiesel)"))

    def film(self) -> tuple[list[dict[str, Any] | None], float]:
        """What was on the screen in the last steps, and the rate after them, read at one moment."""
        read = "() => JSON.stringify([Live.state.hubelwiesel.film().slice(-150), Live.state.hubelwiesel.rate])"
        film, rate = json.loads(self.page.evaluate(read))
        return film, rate

    def until(self, expression: str, seconds: float = 60) -> None:
        self.visit.until(f"(state => {expression})(Live.state.hubelwiesel)", seconds, step=0.25)

    def wait(self, seconds: float) -> None:
        """Let so much time of the experiment pass."""
        self.until(f"state.now > {self.state()['now'] + seconds}")

    def until_said(self, text: str) -> None:
        """Let time pass until the demo's sentence holds ``text``."""
        self.visit.until(f"document.querySelector('.hw-said').textContent.includes('{text}')", step=0.25)

    def said(self) -> str:
        return self.place.locator(".hw-said").inner_text()

    def unfold(self) -> None:
        """Open all that is folded away below the screen."""
        self.place.evaluate("e => e.querySelectorAll('details').forEach(each => (each.open = true))")

    def shot(self, name: str) -> None:
        self.visit.shot(f"demo-hubelwiesel-{name}", self.place)


@pytest.fixture
def demo(pages: Pages) -> Iterator[Demo]:
    """The shared page's demo with a cell that nobody has looked at yet, and the projector as it was at first."""
    opened = Demo(pages("book/hubelwiesel").visit)
    opened.unfold()
    for name in ("Next cell", "Bar", "Bright", "× excites"):
        opened.button(name).click()
    for name, value in {"Contrast": 100, "Width": 0.5, "Length": 2, "Orientation": 45}.items():
        opened.slide(name, value)
    opened.place.get_by_label("Movement").select_option("hand")
    opened.button("On").click()
    yield opened
    opened.visit.check()


def check_parity(demo: Demo) -> None:
    """The rate in the page is Python's for the very film that was on the screen."""
    film, rate = demo.film()
    names = Stimulus.__dataclass_fields__
    shown = [
        Stimulus(**{name: value for name, value in each.items() if name in names}) if each else None for each in film
    ]
    assert model.respond(unit_of(demo.state()["cell"]), shown)[-1] == pytest.approx(rate, abs=PARITY)


def symmetric_marks(unit: Unit, random: np.random.Generator) -> list[tuple[int, float, float]]:
    """Eight places in the unit's field with their signs, as many on either side of its middle."""
    found: list[tuple[int, float, float]] = []
    while len(found) < 8:
        dx, dy = random.uniform(-1.5, 1.5, 2)
        pair = [(model.sign_at(unit, x, y), x, y) for x, y in ((unit.x + dx, unit.y + dy), (unit.x - dx, unit.y - dy))]
        found += pair if all(sign for sign, _, _ in pair) else []
    return found


def map_by_mouse(demo: Demo, marks: list[tuple[int, float, float]]) -> None:
    for sign, x, y in sorted(marks):
        demo.button("× excites" if sign > 0 else "△ inhibits").click()
        demo.move(x, y, click=True)


def holds(unit: Unit, mark: dict[str, Any]) -> bool:
    """Whether a mark is true; where light going on and going off both excite, either mark is."""
    sign = model.sign_at(unit, mark["x"], mark["y"])
    return sign == mark["sign"] or (unit.kind in ("complex", "endstopped") and sign == 1)


def judge(demo: Demo, kind: str, angle: float) -> None:
    demo.place.locator(f"input[type=radio][value={kind}]").check()
    if kind not in ("on", "off"):
        demo.slide("Preferred orientation", round(angle))


def test_the_first_cell_shows_what_it_wants_before_anything_is_touched(chromium: Any, address: str) -> None:
    """A bar that sweeps by itself makes it fire; the three buttons show what does not, or when."""
    with Visit(chromium, f"{address}/book/hubelwiesel.html") as visit:
        demo = Demo(visit)

        def counted(seconds: float = 8) -> int:
            before = demo.state()["spikes"]
            demo.wait(seconds)
            return demo.state()["spikes"] - before

        assert demo.state()["showing"] == "sweep" and demo.state()["cell"]["kind"] == "simple"
        swept = counted()
        demo.button("Turn it by 90°").click()
        turned = counted()
        demo.button("A small spot").click()
        spot = counted()
        demo.button("Let it blink").click()
        visit.until("document.querySelector('.hw-advice').textContent.includes('although the light stays')", step=0.25)
        blinked = counted()
        assert blinked > swept / 2 and swept > 4 * turned and swept > 2 * spot, (swept, turned, spot, blinked)
        demo.button("Let it blink").click()
        assert demo.state()["showing"] == "sweep", "the same button goes back"
        unit = unit_of(demo.state()["cell"])
        demo.move(unit.x - 1, unit.y + 1)
        state = demo.state()
        assert state["showing"] is None and state["movement"] == "hand", "the reader takes the light"
        for step in range(-4, 5):
            demo.move(unit.x + step / 4, unit.y - step / 4)
            visit.forward(0.06)
        assert demo.state()["expected"] - state["expected"] >= 5, (
            "one movement of the mouse over the middle, and it fires"
        )
        visit.check()


def test_the_coach_says_where_to_go_after_a_while(demo: Demo) -> None:
    hint = demo.place.locator(".hw-hint")
    with demo.visit.standing():
        demo.button("Next cell").click()
        demo.wait(10)
        assert not hint.inner_text()
        demo.wait(6)
    assert hint.inner_text().startswith("look ") and demo.state()["hints"] == 0
    demo.button("Hint").click()
    assert hint.inner_text().startswith("Hint 1 of 3: look ")


def test_the_rate_is_pythons_for_what_is_on_the_screen(demo: Demo, seed: int) -> None:
    random = np.random.default_rng(seed)
    unit = unit_of(demo.state()["cell"])
    for x, y in random.normal((unit.x, unit.y), 0.7, (12, 2)).clip(-HALF, HALF):
        demo.move(x, y)
        demo.visit.forward(0.06)
    check_parity(demo)
    for shape in ("Spot", "Edge", "Bar"):
        demo.button(shape).click()
        demo.button(("Bright", "Dark")[random.integers(2)]).click()
        demo.slide("Contrast", int(random.integers(30, 100)))
        if shape != "Spot":
            demo.slide("Orientation", int(random.integers(180)))
        demo.button("On and off").click()
        demo.wait(1.2)
        check_parity(demo)
    demo.button("On").click()
    demo.place.get_by_label("Movement").select_option(("forth", "back", "both")[random.integers(3)])
    demo.slide("Speed", 3)
    demo.wait(2.5)
    check_parity(demo)
    state = demo.state()
    assert abs(state["spikes"] - state["expected"]) < 5 * math.sqrt(state["expected"]) + 3, "spikes follow the rate"


def test_a_cell_is_mapped_judged_and_revealed(demo: Demo, seed: int) -> None:
    random = np.random.default_rng(seed)
    unit = unit_of(demo.state()["cell"])
    marks = symmetric_marks(unit, random)
    map_by_mouse(demo, marks)
    found = demo.state()["marks"]
    assert [mark["sign"] for mark in found] == [sign for sign, _, _ in sorted(marks)]
    np.testing.assert_allclose([(m["x"], m["y"]) for m in found], [place for _, *place in sorted(marks)], atol=0.02)
    demo.button("Undo").click()
    assert len(demo.state()["marks"]) == len(marks) - 1
    last_sign, x, y = sorted(marks)[-1]
    demo.button("eraser").click()
    _, x0, y0 = sorted(marks)[0]
    demo.move(x0, y0, click=True)
    assert len(demo.state()["marks"]) == len(marks) - 2
    map_by_mouse(demo, [sorted(marks)[0], (last_sign, x, y)])
    judge(demo, unit.kind, unit.angle)
    demo.button("Reveal").click()
    score = demo.state()["score"]
    assert score["right"] == sum(holds(unit, mark) for mark in demo.state()["marks"])
    assert score["total"] >= 95 and score["distance"] < 0.1 and score["points"]["kind"] == 25
    assert f"{score['total']} of 100 points" in demo.place.locator(".hw-result").inner_text()
    demo.move(0, 0, click=True)
    assert len(demo.state()["marks"]) == len(marks), "the notebook is closed"
    pens = [demo.button(name) for name in ("Mark here", "Undo", "Clear", "eraser")]
    assert not any(pen.is_enabled() for pen in pens), "and looks so"
    demo.button("Next cell").click()
    assert all(pen.is_enabled() for pen in pens)
    state = demo.state()
    assert state["marks"] == [] and state["score"] is None and not demo.place.locator(".hw-result").is_visible()


def test_a_wrong_verdict_is_told_so(demo: Demo) -> None:
    unit = unit_of(demo.state()["cell"])
    far = -3.5 if unit.x > 0 else 3.5
    demo.move(far, far, click=True)
    other = "complex" if unit.kind != "complex" else "simple"
    judge(demo, other, (unit.angle + 90) % 180)
    for which in (1, 2, 3):
        demo.button("Hint").click()
        assert f"Hint {which} of 3" in demo.place.locator(".hw-hint").inner_text()
    demo.button("Reveal").click()
    score = demo.state()["score"]
    assert score["total"] <= 1 and score["right"] == 0
    assert "Hints taken: 3" in demo.place.locator(".hw-result").inner_text()


def test_the_light_stays_where_it_stood_while_the_mouse_is_elsewhere(demo: Demo) -> None:
    demo.move(1, 1)
    demo.visit.forward(0.5)
    box = demo.screen.bounding_box()
    demo.page.mouse.move(box["x"] + box["width"] + 9, box["y"] + 0.3 * box["height"], steps=8)
    place = demo.state()["stimulus"]
    assert (place["x"], place["y"]) == (pytest.approx(1, abs=0.02), pytest.approx(1, abs=0.02))
    demo.move(-1, 2)
    demo.visit.forward(0.5)
    demo.button("Dark").hover()
    assert demo.state()["stimulus"]["x"] == pytest.approx(-1, abs=0.02), "also if it leaves in one leap"
    demo.page.evaluate("() => { globalThis.wheels = 0; addEventListener('wheel', () => wheels++, true) }")
    for is_focused, angle in ((False, 45), (True, 40)):
        demo.move(0, 0, click=is_focused)
        demo.page.mouse.wheel(0, 10)
        demo.visit.until(f"wheels === {1 + is_focused}")
        assert demo.state()["stimulus"]["angle"] == angle, "the wheel scrolls the page until the screen has the focus"


def test_turning_the_bar_counts_spikes_at_every_orientation(demo: Demo) -> None:
    while demo.state()["cell"]["kind"] != "complex":
        demo.button("Next cell").click()
        demo.visit.forward(0.1)
    unit = unit_of(demo.state()["cell"])
    demo.move(unit.x, unit.y, click=True)
    demo.slide("Length", 5)
    demo.place.get_by_label("Movement").select_option("both")
    demo.button("Turn it through 180° for me").click()
    demo.until("state.tuning", 120)
    curves = demo.state()["tuning"]
    assert len(curves) == 2 and all([degrees for degrees, _ in c["rates"]] == list(range(0, 180, 10)) for c in curves)
    turn = np.radians([2 * degrees for degrees, _ in curves[0]["rates"]])
    rates = np.array([[rate for _, rate in curve["rates"]] for curve in curves]).sum(0)
    peak = math.degrees(np.angle((rates * np.exp(1j * turn)).sum())) / 2
    assert abs((peak - unit.angle + 90) % 180 - 90) < 15, "the counted spikes betray the preferred orientation"
    told = demo.place.locator(".hw-tuning").inner_text()
    assert "at most" in told and "That is no answer" not in told
    assert demo.state()["stimulus"]["angle"] == 45, "the projector is put back"


def test_what_cannot_be_seen_is_said(demo: Demo) -> None:
    unit = unit_of(demo.state()["cell"])
    demo.button("Spot").click()
    demo.slide("Diameter", 0.4)
    demo.move(-3.8 if unit.x > 0 else 3.8, -3.8 if unit.y > 0 else 3.8, click=True)
    demo.until_said("makes no difference")
    demo.slide("Diameter", 1)
    _, x, y = symmetric_marks(unit, np.random.default_rng(0))[0]
    demo.move(x, y, click=True)
    demo.until_said("it answers changes")
    demo.slide("Contrast", 0)
    demo.until_said("contrast is zero")
    demo.button("Off").click()
    demo.until_said("lamp is off")
    demo.visit.until(
        "document.querySelector('[data-live=hubelwiesel] .live-heard').textContent.includes('lamp is off')",
        step=0.25,
    )


def test_everything_is_done_with_the_keyboard_alone(demo: Demo) -> None:
    press = demo.page.keyboard.press
    unit = unit_of(demo.state()["cell"])
    demo.button("Spot").focus()
    press("Enter")
    assert demo.state()["stimulus"]["shape"] == "spot"
    while not demo.screen.evaluate("e => e === document.activeElement"):
        press("Shift+Tab")
    outline = demo.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "the focus is visible"
    place = demo.state()["stimulus"]
    for axis, keys in (("x", ("ArrowLeft", "ArrowRight")), ("y", ("ArrowDown", "ArrowUp"))):
        gap = getattr(unit, axis) - place[axis]
        for _ in range(round(abs(gap) / 0.25)):
            press(keys[gap > 0])
    place = demo.state()["stimulus"]
    assert abs(place["x"] - unit.x) <= 0.13 and abs(place["y"] - unit.y) <= 0.13
    press("Shift+ArrowRight")
    assert demo.state()["stimulus"]["x"] == pytest.approx(place["x"] + 0.05)
    press("x")
    press("ArrowUp")
    press("t")
    press("Enter")
    assert [mark["sign"] for mark in demo.state()["marks"]] == [1, -1, 1]
    press("Backspace")
    press("Delete")
    assert [mark["sign"] for mark in demo.state()["marks"]] == [1]
    press("q")
    press("q")
    press("e")
    assert demo.state()["stimulus"]["angle"] == 50
    demo.wait(0.3)
    press("Space")
    assert demo.state()["lamp"] == "off"
    while demo.page.evaluate("() => document.activeElement.type") != "radio":
        press("Tab")
    press("Space")
    press("ArrowDown")
    assert demo.place.locator("input[type=radio]:checked").get_attribute("value") == "off"
    while demo.page.evaluate("() => document.activeElement.textContent") != "Reveal":
        press("Tab")
    press("Enter")
    assert demo.state()["score"]["count"] == 1
    assert "points" in demo.page.evaluate("() => document.activeElement.textContent"), "the focus is on the result"


def test_nothing_flickers(demo: Demo) -> None:
    """However fast the lamp's key is pressed, there are less than three flashes in any second."""
    demo.screen.focus()
    for _ in range(25):
        demo.page.keyboard.press("Space")
        demo.visit.forward(0.04)
    film, _ = demo.film()
    lit = [bool(each) for each in film]
    switches = np.array([index for index in range(1, len(lit)) if lit[index] != lit[index - 1]])
    assert len(switches) and all(((switches >= start) & (switches < start + 100)).sum() < 6 for start in switches)


@pytest.fixture(scope="module")
def seeded(chromium: Any, address: str) -> Iterator[Demo]:
    """A page of its own, whose cells are drawn with a seed, for a reader who wants little motion and no sound yet."""
    script = OPTIONS + COUNT_AUDIO
    with Visit(chromium, f"{address}/book/hubelwiesel.html", script=script, reduced_motion="reduce") as visit:
        yield Demo(visit)
        visit.check()


def test_sound_is_made_only_when_asked_for(seeded: Demo) -> None:
    assert seeded.state()["movement"] == "hand" and seeded.state()["lamp"] == "flash", "nothing sweeps by itself"
    seeded.move(0, 0, click=True)
    seeded.wait(0.5)
    assert seeded.page.evaluate("() => audios") == 0
    for wanted in (True, False, True):
        seeded.button("Sound on").click()
        seeded.until(f"state.sound === {str(wanted).lower()}")
    seeded.slide("Volume", 80)
    assert seeded.page.evaluate("() => audios") == 1


def test_with_little_motion_the_bar_is_turned_without_being_shown_turning(seeded: Demo) -> None:
    seeded.unfold()
    seeded.slide("Length", 1)
    seeded.move(-3.5, -3.5, click=True)
    said = []
    for _ in range(3):  # seldom a cell at rest fires often enough, by chance, to be taken for one that answers
        seeded.button("Turn it through 180° for me").click()
        assert len(seeded.state()["tuning"][0]["rates"]) == 18
        said.append(seeded.place.locator(".hw-tuning").inner_text())
    assert sum("That is no answer" in text for text in said) >= 2, f"the bar stood in a corner: {said}"


def test_from_disk_without_an_audio_device_everything_else_works(chromium: Any, site: Path, seeded: Demo) -> None:
    """On a narrow screen that is touched; the same seed gives the same cell as on the page over http."""
    page = (site / "book" / "hubelwiesel.html").as_uri()
    with Visit(chromium, page, width=390, script=OPTIONS + NO_AUDIO, has_touch=True) as visit:
        demo = Demo(visit)
        assert demo.state()["cell"] == seeded.state()["cell"] and demo.state()["cell"]["name"].startswith("drawn-")
        demo.unfold()
        demo.button("Sound on").click()
        demo.place.get_by_text("This browser gives no sound here").wait_for()
        demo.screen.scroll_into_view_if_needed()
        box = demo.screen.bounding_box()
        demo.page.touchscreen.tap(box["x"] + 0.375 * box["width"], box["y"] + 0.4 * box["height"])
        place = demo.state()["stimulus"]
        assert (place["x"], place["y"]) == (pytest.approx(-1, abs=0.03), pytest.approx(0.8, abs=0.03))
        assert demo.state()["marks"] == [], "a finger moves the light; a button leaves the mark"
        demo.button("Mark here").click()
        assert len(demo.state()["marks"]) == 1
        demo.wait(0.5)
        check_parity(demo)
        assert demo.state()["expected"] > 0 and not demo.state()["sound"]
        visit.check()


def test_it_fits_the_page_and_is_accessible(demo: Demo, axe: Axe) -> None:
    """With a mark in the notebook, and revealed."""
    for theme, width in (("light", 390), ("dark", 1280), ("light", 1280)):
        demo.visit.look(theme, width)
        demo.button("Next cell").click()
        unit = unit_of(demo.state()["cell"])
        demo.move(unit.x, unit.y, click=True)
        demo.wait(0.5)
        demo.shot(f"map-{theme}-{width}")
        demo.button("Reveal").click()
        demo.wait(0.5)
        demo.shot(f"reveal-{theme}-{width}")
        assert (overflow := demo.visit.overflow("[data-live=hubelwiesel]")) <= 0, f"{overflow} px too wide"
        if width == 1280:
            told = axe(demo.page, "[data-live=hubelwiesel]", RULES if theme == "light" else COLOURS)
            assert not told, "\n".join((theme, *told))

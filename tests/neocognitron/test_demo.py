"""The neocognitron's demo as a reader uses it: with the mouse, by keyboard alone, over http and from disk."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from browsing import COLOURS, RULES, Axe, Pages, Visit
from neocognitron.demo_page import PARITY, Demo, check_parity, organised, strokes

from convnets import neocognitron
from convnets.neocognitron import patterns
from convnets.neocognitron.live import FACTS, LIVE
from convnets.neocognitron.model import SIZE, Neocognitron


@pytest.fixture(scope="module")
def taught() -> Neocognitron:
    """The network of 1980 as Python trains it."""
    return organised(patterns.patterns(), FACTS["schedule"])[0]


@pytest.fixture
def demo(pages: Pages) -> Iterator[Demo]:
    """The demo of the page that tests share."""
    demo = Demo(pages("book/neocognitron").visit)
    yield demo
    demo.visit.check()


def check_drawing(demo: Demo, model: Neocognitron, random: np.random.Generator) -> None:
    digit = int(random.integers(5))
    demo.button("Clear").click()
    assert "Draw a digit from 0 to 4" in demo.verdict()
    demo.draw(strokes(digit, *random.integers(-2, 3, 2).tolist()))
    state = demo.state("stored")
    assert state["best"] == [str(digit)] and state["cell"] == FACTS["answers"][digit]
    assert f"takes it for {digit}" in demo.verdict()
    check_parity(state, model)


def test_a_shifted_digit_is_drawn_and_every_plane_is_pythons(demo: Demo, taught: Neocognitron, seed: int) -> None:
    demo.open("stored")
    random = np.random.default_rng(seed)
    for _ in range(3):
        check_drawing(demo, taught, random)


def check_new(visit: Visit, seed: int) -> None:
    """A page that was just opened, from disk; with less motion only a lesson's end is shown.

    ``tests/live/test_restless.py`` has one.
    """
    demo = Demo(visit)
    check_drawing(demo, organised(patterns.patterns(), FACTS["schedule"])[0], np.random.default_rng(seed))
    demo.open("lesson")
    demo.button("Three examples").click()
    demo.button("Learn").click()
    visit.until("Live.state.neocognitron.lesson.done === 60", step=0.5)
    visit.forward(0.8)
    assert "Each of your 3 characters" in demo.note()
    demo.button("Put β on the pad").click()
    assert demo.state("lesson")["best"] == ["β"]


def test_patterns_and_sliders_move_what_the_net_sees(demo: Demo, taught: Neocognitron) -> None:
    demo.open("stored")
    demo.button("3, as learned").click()
    for label, value in {"Shift right": 2, "Shift down": -2, "Size": 110}.items():
        demo.place.get_by_label(label, exact=True).evaluate(
            "(e, v) => { e.value = v; e.dispatchEvent(new Event('input')) }", value
        )
    state = demo.state("stored")
    assert state["best"] == ["3"]
    check_parity(state, taught)
    demo.button("3, as learned").click()
    assert demo.place.get_by_label("Shift right").input_value() == "0"
    assert demo.state("stored")["pixels"] == patterns.pattern(3).flatten().tolist()
    demo.button("Move").click()
    demo.draw([[(8, 8), (8, 9), (7, 10)]])
    assert demo.state("stored")["pixels"] == patterns.pattern(3, (-1, 2)).flatten().tolist()
    assert demo.place.get_by_label("Shift right").input_value() == "2"
    demo.button("Undo").click()
    assert demo.state("stored")["pixels"] == patterns.pattern(3).flatten().tolist()
    demo.button("Pen").click()
    demo.unfold("Changed digits")
    for variant in FACTS["variants"][1:40:9]:
        kind = {"shift": "shifted", "size": "resized", "shape": "deformed", "noise": "with noise"}[variant["kind"]]
        demo.button(f"{variant['name']}, {kind}").first.click()
        check_parity(demo.state("stored"), taught)
    demo.visit.forward(1.5)
    label = demo.place.locator(".neo-shifts").get_attribute("aria-label")
    assert "places" in label or "Not known here" in label


def test_what_it_does_not_know_is_answered_with_silence(demo: Demo, taught: Neocognitron) -> None:
    demo.open("stored")
    demo.button("Clear").click()
    demo.draw([[(8, 8), (8, 9)]])
    state = demo.state("stored")
    assert state["best"] == [] and "No cell of the last layer answers" in demo.verdict()
    check_parity(state, taught)


def test_any_cell_tells_what_it_adds_up(demo: Demo, seed: int) -> None:
    random = np.random.default_rng(seed)
    demo.open("stored")
    demo.button(f"{int(random.integers(5))}, as learned").click()
    demo.unfold("All planes")
    for name in ("US1", "UC1", "US2", "UC2", "US3"):
        strip = demo.place.get_by_role("application", name=f"{name}:")
        strip.scroll_into_view_if_needed()
        box = strip.bounding_box()
        for _ in range(40):  # a click may fall between two planes
            x, y = random.uniform(0.02, 0.98, 2)
            demo.page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
            unit = demo.state("stored")["unit"]
            if unit and unit["layer"] == name:
                break
        assert unit["layer"] == name and unit["value"] == pytest.approx(unit["stored"], abs=PARITY)
        heading = demo.place.locator(".neo-cell").inner_text()
        assert heading.startswith(f"{name}, plane {unit['plane']}, row {unit['row']}")
        assert "e = Σ" in demo.place.locator(".neo-sum").inner_text()
    cell = FACTS["answers"][2]
    demo.button("2, as learned").click()
    demo.place.get_by_role("button", name=f"Cell {cell}, answers to 2").click()
    unit = demo.state("stored")["unit"]
    assert (unit["layer"], unit["plane"]) == ("UC3", cell)
    assert unit["value"] == pytest.approx(unit["stored"], abs=PARITY) and unit["value"] > FACTS["answering"]


def test_one_character_alone_and_a_blank_pad_get_a_sentence(demo: Demo) -> None:
    demo.open("lesson")
    demo.button("Learn").click()
    assert "The lesson is empty" in demo.note()
    demo.button("Add to the lesson").click()
    assert "The pad is blank" in demo.note()
    demo.draw([[(row, 0), (row, SIZE - 1)] for row in range(SIZE)])
    demo.button("Add to the lesson").click()
    assert "Every cell of the pad is inked" in demo.note()
    demo.button("Clear").click()
    demo.draw([[(4, 4), (4, 10)]])
    demo.button("Add to the lesson").click()
    demo.button("Learn").click()
    assert "nothing to tell apart" in demo.note()
    assert demo.state("lesson")["done"] == 0
    demo.draw([[(8, 5), (8, 11)]])
    demo.button("Add to the lesson").click()
    assert "once more, if only moved" in demo.note()
    demo.button("Take α out of the lesson").click()
    assert demo.state("lesson")["characters"] == []
    demo.button("Undo in the lesson").click()
    assert len(demo.state("lesson")["characters"]) == 1
    demo.button("Take α out of the lesson").click()
    demo.button("Clear").click()


def test_it_learns_what_the_reader_draws(demo: Demo) -> None:
    """Three digits, drawn with the mouse: learned by the paper's rules, and recognised where they were not shown."""
    demo.open("lesson")
    digits = (0, 1, 4)
    for digit in digits:
        demo.button("Clear").click()
        demo.draw(strokes(digit))
        demo.button("Add to the lesson").click()
    demo.button("One step").click()
    state = demo.state("lesson")
    assert state["done"] == 1 and "Representatives:" in demo.note()
    with demo.visit.standing():
        demo.button("Learn").click()
        demo.visit.forward(0.7)
        demo.button("Pause").click()
    state = demo.state("lesson")
    assert 1 < state["done"] < 60 and "so far" in demo.note()
    demo.button("Go on").click()
    demo.visit.until("Live.state.neocognitron.lesson.done === 60", step=0.5)
    demo.visit.forward(0.8)
    state = demo.state("lesson")
    assert "Each of your 3 characters" in demo.note()
    images = torch.tensor([each["pixels"] for each in state["characters"]], dtype=torch.float64).reshape(3, SIZE, SIZE)
    model, winners = organised(images, state["plan"])
    assert [[list(cell.values()) for cell in layer] for layer in state["chosen"]] == winners[-1]
    check_parity(state, model)
    demo.shot("learned")
    for name, digit in zip("αβγ", digits, strict=True):
        demo.button("Clear").click()
        demo.draw(strokes(digit, 1, -2))
        state = demo.state("lesson")
        assert state["best"] == [name], demo.verdict()
        check_parity(state, model)
    demo.button("Forget").click()
    assert demo.state("lesson")["done"] == 0 and "learned nothing yet" in demo.verdict()
    for _ in digits:
        demo.place.get_by_role("button", name="out of the lesson").first.click()


def test_everything_is_done_with_the_keyboard_alone(demo: Demo) -> None:
    press = demo.page.keyboard.press
    demo.open("stored")
    demo.button("Clear").focus()
    press("Enter")
    demo.unfold("keys")
    demo.pad.focus()
    assert demo.place.get_by_text("With the keyboard:").is_visible()
    press("Space")
    for _ in range(9):
        press("ArrowDown")
    press("Space")
    state = demo.state("stored")
    assert sum(state["pixels"]) == 10
    heard = demo.place.locator(".neo-bench > [role=status]")
    demo.visit.forward(0.8)
    assert heard.inner_text() == demo.verdict(), "the live region says the verdict"
    press("Backspace")
    assert sum(demo.state("stored")["pixels"]) == 0
    demo.button("4, as learned").focus()
    press("Enter")
    demo.button("Move").focus()
    press("Space")
    demo.pad.focus()
    press("ArrowRight")
    press("ArrowUp")
    assert demo.state("stored")["pixels"] == patterns.pattern(4, (-1, 1)).flatten().tolist()
    demo.button("Pen").click()
    tab_to(demo, "Cell ")
    press("ArrowRight")
    assert demo.state("stored")["unit"]["layer"] == "UC3", "its fold opens"
    tab_to(demo, "US2:")
    before = demo.state("stored")["unit"]
    press("ArrowRight" if before["column"] < 7 else "ArrowLeft")
    press("PageDown" if before["plane"] < 23 else "PageUp")
    unit = demo.state("stored")["unit"]
    moved = [abs(unit[axis] - before[axis]) for axis in ("plane", "row", "column")]
    assert unit["layer"] == "US2" and moved == [1, 0, 1]
    outline = demo.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "the focus is visible"


def tab_to(demo: Demo, label: str) -> None:
    """Go on with the Tab key to what has a name that begins so."""
    for _ in range(60):
        demo.page.keyboard.press("Tab")
        if (demo.page.evaluate("() => document.activeElement.ariaLabel") or "").startswith(label):
            return
    raise AssertionError(f"no {label}")


def test_a_4_walks_and_a_7_is_met_with_silence(demo: Demo, taught: Neocognitron) -> None:
    """What the page offers to try: from the buttons, and from a link in the text."""
    seen = set()
    with demo.visit.standing():
        demo.button("Move the 4").click()
        for _ in range(30):
            state = demo.state("stored")
            assert state["best"] == ["4"]
            seen.add(tuple(state["pixels"]))
            demo.visit.forward(0.15)
    assert len(seen) > 15, "it goes round"
    assert demo.state("stored")["pixels"] == patterns.pattern(4, (-3, 3)).flatten().tolist()
    demo.button("Move the 4").click()
    demo.button("0, as learned").click()
    demo.visit.forward(0.5)
    assert demo.state("stored")["pixels"] == patterns.pattern(0).flatten().tolist(), "the reader ends the walk"
    demo.button("Show it a 7").click()
    state = demo.state("stored")
    assert state["best"] == [] and "No cell of the last layer answers" in demo.verdict()
    check_parity(state, taught)
    demo.page.get_by_role("link", name="a 4 with its corners moved").click()
    demo.visit.until(
        "Live.state.neocognitron.stored.pixels.join('') !== " + repr("".join(f"{x:g}" for x in state["pixels"]))
    )
    rows = [variant["image"] for variant in FACTS["variants"] if (variant["name"], variant["kind"]) == ("4", "shape")]
    assert demo.state("stored")["pixels"] == [float(bit) for bit in "".join(rows[-1])]


def test_the_planes_of_a_pattern_are_in_sight(demo: Demo, taught: Neocognitron) -> None:
    """Of each module the six that answer most to the pattern, and nothing else."""
    demo.open("stored")
    for digit in (1, 3):
        demo.button(f"{digit}, as learned").click()
        demo.settle()
        answers = taught.responses(patterns.pattern(digit)[None])
        for name, c, module in zip(("US1", "US2"), (answers.c1, answers.c2), taught.layers, strict=False):
            sums = c[0].sum((1, 2)).tolist()
            learned = module.b.nonzero().flatten().tolist()
            most = sorted(sorted(learned, key=lambda plane, sums=sums: -sums[plane])[:6])
            row = demo.place.get_by_role("application", name=f"{name}, the planes that answer most")
            said = row.get_attribute("aria-label").split(": ")[1].split(".")[0]
            assert said == ", ".join(map(str, most))


def test_a_small_one_beside_the_text_knows_every_place(demo: Demo) -> None:
    small = demo.page.locator("[data-live=neocognitron]").nth(1)
    small.scroll_into_view_if_needed()
    demo.visit.until("document.querySelectorAll('[data-live-state=ready]').length === 2", 30)
    demo.visit.forward(1)
    assert "takes it for 4" in small.locator(".neo-small-map [role=status]").inner_text()
    assert small.locator(".neo-shifts").get_attribute("aria-label").startswith("Taken for 4 at ")
    small.locator(".neo-shifts span").nth(3 * 9 + 6).click()
    demo.settle()
    state = demo.page.evaluate("() => [...Live.state['neocognitron/1'].pixels]")
    assert state == patterns.pattern(4, (-1, 2)).flatten().tolist()


def check_lent(demo: Demo) -> None:
    """The sample that stands there first makes room for the reader's first stroke."""
    before = demo.state("digits")["image"]["data"]
    pad = demo.place.get_by_role("application", name="Pad ")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    demo.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
    demo.page.mouse.down()
    demo.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    demo.page.mouse.up()
    demo.visit.rest(0.2)
    assert 0 < sum(demo.state("digits")["image"]["data"]) < 0.7 * sum(before)


def test_it_fits_the_page_and_is_accessible(demo: Demo, axe: Axe) -> None:
    """In each of its three views, answering; the first is looked at by axe in ``tests/test_browser.py``."""
    for panel, text in {"stored": "2, as learned", "lesson": "Three examples", "digits": "Sample 3"}.items():
        demo.open(panel)
        if panel == "digits":
            demo.visit.until("!!Live.state.neocognitron.digits.outputs")
            check_lent(demo)
        demo.button(text).click()
        demo.visit.forward(0.9)
        for theme, width in (("light", 390), ("dark", 1280), ("light", 1280)):
            demo.visit.look(theme, width)
            demo.shot(f"{panel}-{theme}-{width}")
            assert (overflow := demo.visit.overflow("[data-live=neocognitron]")) <= 0, f"{overflow} px too wide"
            if width == 1280 and panel != "stored":
                rules = RULES if theme == "light" else COLOURS
                told = axe(demo.page, "[data-live=neocognitron]", rules)
                assert not told, "\n".join((theme, *told))


def test_the_net_of_2003_reads_drawn_digits_as_python_does(demo: Demo) -> None:
    demo.open("digits")
    answered = "() => Live.state.neocognitron.digits.outputs"
    demo.page.wait_for_function(answered)  # the engine is fetched only now
    model, live = neocognitron.load("fukushima2003"), LIVE["fukushima2003"]
    read = 0
    for sample in FACTS["digits"]["samples"]:
        demo.page.evaluate("() => { Live.state.neocognitron.digits.outputs = null; }")
        demo.button(f"Sample {sample['digit']}").click()
        demo.page.wait_for_function(answered)
        state = demo.state("digits")
        x = torch.tensor(state["image"]["data"]).reshape(state["image"]["dims"])
        with torch.inference_mode():
            answers = dict(zip(live.outputs, live.forward(model, x), strict=True))
        for name in ("c1", "c3", "c4"):
            found = np.array(state["outputs"][name]["data"], np.float32)
            np.testing.assert_allclose(found, answers[name].flatten(), rtol=0, atol=PARITY, err_msg=name)
        read += state["verdict"] == sample["digit"]
        assert f"reads {state['verdict']}" in demo.verdict()
    assert read >= 8, "of ten drawn digits"
    demo.button("Clear").click()
    demo.visit.rest(0.4)
    assert demo.state("digits")["verdict"] is None
    demo.shot("digits")

"""LeNet's demo as a reader uses it: with the mouse, by keyboard alone, over http and from disk, in both themes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from browsing import COLOURS, RULES, Axe, Visit
from lenet.demo_page import STATE, Demo

from convnets import lenet
from convnets.lenet import strokes
from convnets.lenet.live import FACTS, LIVE

PARITY, PIXEL = 1e-4, 1e-3


def check_parity(state: dict[str, Any]) -> None:
    """Every stage that the page shows is PyTorch's answer to the very input that the page made."""
    x = torch.tensor(state["image"]["data"]).reshape(state["image"]["dims"])
    live = LIVE[state["net"]]
    with torch.inference_mode():
        answers = live.forward(lenet.load(state["net"]), x)
    for name, answer in zip(live.outputs, answers, strict=True):
        found = np.array(state["outputs"][name]["data"], np.float32)
        scale = 1 + 0.01 * float(answer.abs().max())  # distances of some hundred have no finer steps in float32
        np.testing.assert_allclose(found, answer.flatten(), rtol=0, atol=PARITY * scale, err_msg=name)


def hand(digit: int, which: int = 0) -> list[list[list[float]]]:
    drawings = [sample["strokes"] for sample in FACTS["samples"] if sample["digit"] == digit]
    return [[[x / 100, y / 100] for x, y in stroke] for stroke in drawings[which]]


def shaken(digit: int, random: np.random.Generator) -> list[list[list[float]]]:
    """A sample's every second point, each a little off its place."""
    return [(np.array(s[::2] + s[-1:]) + random.normal(0, 0.004, (len(s[::2]) + 1, 2))).tolist() for s in hand(digit)]


def check_drawing(demo: Demo, random: np.random.Generator) -> None:
    """Draw a digit with the mouse: it is read, made into the input as Python does, and answered as PyTorch does."""
    digit = int(random.integers(10))
    demo.button("Clear").click()
    demo.draw(shaken(digit, random))
    state = demo.state()
    assert state["verdict"] == digit and demo.place.locator(".lenet-digit").inner_text() == str(digit)
    expected = strokes.image(state["strokes"], LIVE[state["net"]].inputs["image"].shape[-1])
    np.testing.assert_allclose(state["image"]["data"], expected.flatten(), atol=PIXEL)
    check_parity(state)


def test_a_digit_is_drawn_over_http_and_every_network_answers_as_pytorch(demo: Demo, seed: int) -> None:
    check_drawing(demo, np.random.default_rng(seed))
    for name in ("lenet1", "modern", "mlp", "lenet5-plain"):
        demo.choose(name)
        demo.visit.until(f"Live.state.lenet.net === '{name}'")  # it is fetched first
        state = demo.state()
        assert state["net"] == name
        check_parity(state)


def check_new(visit: Visit, seed: int) -> None:
    """A page that was just opened, from disk: ``tests/live/test_restless.py`` has one."""
    demo = Demo(visit)
    check_lent(demo)
    check_drawing(demo, np.random.default_rng(seed))


def check_lent(demo: Demo) -> None:
    """The page's own first digit makes room for the reader's; one that the reader has chosen can be drawn over."""
    dash = lambda x: [[[x, 0.3], [x + 0.1, 0.3]]]  # noqa: E731
    lent = demo.state()["strokes"]
    demo.draw(dash(0.3))
    own = demo.state()["strokes"]
    assert lent and len(own) == 1 and own[0] not in lent
    demo.draw(dash(0.6))
    assert demo.state()["strokes"][:1] == own, "the second stroke is added to the first"
    demo.button("Sample 4").click()
    chosen = demo.state()["strokes"]
    demo.draw(dash(0.3))
    assert demo.state()["strokes"][:-1] == chosen
    demo.button("A row of digits").click()
    lent = demo.state()["strokes"]
    demo.draw([[[0.5, 0.3], [0.6, 0.5]]], 3.6)
    assert len(lent) > 3 and len(demo.state()["strokes"]) == 1, "the page's own row goes, too"
    demo.button("One digit").click()
    demo.state()


def test_sliders_bend_the_drawing_as_python_does_and_ribbons_tell_what_is_read(demo: Demo, seed: int) -> None:
    random = np.random.default_rng(seed)
    for name, (most, step) in {
        "Shift right": (15, 0.1),
        "Shift down": (-12, 0.1),
        "Turn": (9, 1),
        "Pen": (4, 0.1),
    }.items():
        slider = demo.place.get_by_label(name)
        value = float(slider.input_value()) + step * int(random.integers(1, abs(most))) * np.sign(most)
        slider.evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input')) }", round(value, 2))
    state = demo.state()
    bent = state["amounts"]
    assert bent["shiftX"] > 0 > bent["shiftY"] and bent["degrees"] and bent["noise"] == 0
    amounts = {"shift_x": bent["shiftX"], "shift_y": bent["shiftY"], "degrees": bent["degrees"]}
    expected = strokes.image(state["strokes"], 32, drawn_radius=bent["radius"], **amounts)
    np.testing.assert_allclose(state["image"]["data"], expected.flatten(), atol=PIXEL)
    check_parity(state)
    model = lenet.load("lenet5")
    for name, key in {"shiftX": "shift_x", "degrees": "degrees", "radius": "drawn_radius"}.items():
        low, high = {"shiftX": (-8, 8), "degrees": (-80, 80), "radius": (0.2, 5)}[name]
        changed = [
            strokes.image(state["strokes"], 32, **({"drawn_radius": bent["radius"]} | amounts | {key: place}))
            for place in np.linspace(low, high, 17)
        ]
        scores = model(torch.cat(changed)).topk(2, 1)
        sure = scores.values[:, 0] - scores.values[:, 1] > 0.01
        found = torch.tensor(state["ribbons"][name])
        assert (found == scores.indices[:, 0])[sure].all()
    check_rivals(state, ["mlp"])
    demo.button("Reset sliders").click()
    assert demo.state()["amounts"]["shiftX"] == 0
    noise = demo.place.get_by_label("Noise")
    noise.evaluate("e => { e.value = 0.5; e.dispatchEvent(new Event('input')) }")
    noisy = np.array(demo.state()["image"]["data"]) - strokes.image(state["strokes"], 32).flatten().numpy()
    assert noisy.std() == pytest.approx(0.5 * (FACTS["black"] - FACTS["white"]), rel=0.1)


def check_rivals(state: dict[str, Any], names: list[str]) -> None:
    """Below the first slider, other networks tell what they read in the same digit at seventeen places."""
    assert list(state["rivals"]) == names
    bent = state["amounts"]
    amounts = {"shift_y": bent.get("shiftY", 0), "degrees": bent.get("degrees", 0)}
    pen = {"drawn_radius": bent["radius"]} if "radius" in bent else {}
    for name in names:
        model: Any = lenet.load(name)
        moved = [
            strokes.image(state["strokes"], model.image_size, shift_x=place, **amounts, **pen)
            for place in np.linspace(-8, 8, 17)
        ]
        with torch.inference_mode():
            scores = model(torch.cat(moved)).topk(2, 1)
        sure = scores.values[:, 0] - scores.values[:, 1] > 0.01
        assert (torch.tensor(state["rivals"][name]) == scores.indices[:, 0])[sure].all(), name


def test_a_key_moves_a_slider_by_what_is_told(demo: Demo) -> None:
    demo.unfold("Other networks and sliders")
    for name, told in {"Shift right": "0.1 px", "Turn": "1°", "Noise": "0.01"}.items():
        slider = demo.place.get_by_label(name)
        slider.focus()
        demo.page.keyboard.press("ArrowRight")
        assert slider.get_attribute("aria-valuetext") == told


def test_what_there_is_to_try_shows_what_it_promises(demo: Demo) -> None:
    """Each of the three buttons, the link in the text, and the small demo beside the passage on shifts."""
    for name, digit, amounts in (
        ("Move a 6", 6, {"shiftX": 5}),
        ("Turn a 2", 7, {"degrees": -40}),
        ("Draw an H", 4, {}),
    ):
        demo.button(name).click()
        state = demo.state()
        moved = {key: value for key, value in state["amounts"].items() if value and key != "radius"}
        assert (state["verdict"], moved) == (digit, amounts), name
    assert state["outputs"]["distances"]["data"][4] < 10, "no digit, and read as one"
    demo.page.locator("a.live-try").first.click()
    state = demo.state()
    assert (state["verdict"], state["amounts"]["shiftX"]) == (1, 6)
    assert state["rivals"]["mlp"][14] != 1, "the fully connected network has lost it there"
    small = demo.page.locator("[data-live=lenet]:not([id])")
    small.scroll_into_view_if_needed()
    demo.visit.until("Live.state['lenet/1']?.rivals")
    state = json.loads(demo.page.evaluate(STATE.replace("Live.state.lenet", "Live.state['lenet/1']")))
    check_rivals(state, ["lenet5-plain", "mlp", "mlp-plain"])


def test_any_unit_tells_what_it_adds_up(demo: Demo, seed: int) -> None:
    random = np.random.default_rng(seed)
    for name in ("c1", "s2", "c3", "s4", "c5", "f6"):
        strip = demo.place.get_by_role("application", name=f"{name.upper()}:")
        strip.scroll_into_view_if_needed()
        box = strip.bounding_box()
        for _ in range(40):  # a click may fall between two maps
            x, y = random.uniform(0.02, 0.98, 2)
            demo.page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
            unit = demo.state()["unit"]
            if unit and unit["layer"] == name:
                break
        assert unit["layer"] == name and unit["value"] == pytest.approx(unit["stored"], abs=PARITY)
        assert name.upper() in demo.place.locator(".lenet-unit").inner_text()
    digit = int(random.integers(10))
    demo.place.get_by_role("button", name=f"{digit} distance").click()
    unit = demo.state()["unit"]
    assert unit["layer"] == "distances" and unit["map"] == digit
    assert unit["value"] == pytest.approx(unit["stored"], rel=1e-5, abs=PARITY)


def test_a_row_of_touching_digits_is_read(demo: Demo) -> None:
    demo.button("A row of digits").click()
    demo.button("40725").click()
    state = demo.state()
    assert (state["net"], state["verdict"]) == ("lenet5-row", "40725")
    drawings = [hand(int(digit), place % 2) for place, digit in enumerate("40725")]
    expected = strokes.row_image(strokes.compose(drawings))
    np.testing.assert_allclose(state["image"]["data"], expected.flatten(), atol=PIXEL)
    check_parity(state)
    demo.place.locator(".lenet-columns").hover()
    assert demo.place.locator(".lenet-told").inner_text().startswith("Column ")
    demo.button("Clear").click()
    demo.draw(
        [[[x + 0.6 * place, y] for x, y in stroke] for place, n in enumerate((3, 1, 4)) for stroke in hand(n)], 3.6
    )
    state = demo.state()
    assert state["verdict"] == "314"
    np.testing.assert_allclose(
        state["image"]["data"], strokes.row_image(strokes.fit_row(state["strokes"])).flatten(), atol=PIXEL
    )
    check_parity(state)


def test_everything_is_done_with_the_keyboard_alone(demo: Demo) -> None:
    press = demo.page.keyboard.press
    demo.button("Clear").focus()
    press("Enter")
    assert demo.state()["verdict"] is None
    while not demo.pad.evaluate("e => e === document.activeElement"):
        press("Shift+Tab")
    assert demo.place.get_by_text("With the keyboard").is_visible()
    for _ in range(14):
        press("ArrowUp")
    press("Space")
    for _ in range(28):
        press("ArrowDown")
    press("Space")
    state = demo.state()
    assert state["verdict"] == 1 and len(state["strokes"]) == 1
    heard = demo.place.locator(".lenet-read [role=status]")
    demo.visit.forward(0.7)
    assert "reads 1" in heard.inner_text(), "the live region says the verdict"
    names = []
    for _ in range(40):
        press("Tab")
        names.append(demo.page.evaluate("() => document.activeElement.getAttribute('aria-label') || ''"))
        if names[-1].startswith("C3:"):
            break
    press("PageDown")
    press("ArrowRight")
    unit = demo.state()["unit"]
    assert (unit["layer"], unit["map"], unit["column"]) == ("c3", 4, 5)
    outline = demo.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "the focus is visible"
    press("Escape")
    demo.pad.focus()
    press("Backspace")
    assert demo.state()["strokes"] == []


def test_it_fits_the_page_and_a_row_is_accessible(demo: Demo, axe: Axe) -> None:
    """One digit is looked at by axe in ``tests/test_browser.py``."""
    for theme, width in (("light", 390), ("dark", 1280), ("light", 1280)):
        demo.visit.look(theme, width)
        for mode in ("One digit", "A row of digits"):
            demo.button(mode).click()
            demo.state()
            demo.visit.shot(f"demo-lenet-{mode.split()[-1]}-{theme}-{width}", demo.place)
            assert (overflow := demo.visit.overflow("#lenet-demo")) <= 0, f"{overflow} px too wide"
        if width == 1280:
            told = axe(demo.page, "#lenet-demo", RULES if theme == "light" else COLOURS)
            assert not told, "\n".join((theme, *told))


def test_what_is_far_from_every_drawing_is_called_no_digit(demo: Demo) -> None:
    lines = [[[0.1, y], [0.9, y]] for y in (0.1, 0.4, 0.7, 0.95)]
    demo.choose("lenet5-plain")
    demo.button("Clear").click()
    demo.draw(lines)
    state = demo.state()
    assert min(state["outputs"]["distances"]["data"]) > FACTS["row"]["rubbish_penalty"]
    assert "no digit" in demo.place.locator(".lenet-verdict").inner_text()

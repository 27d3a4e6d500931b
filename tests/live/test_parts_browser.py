"""Parts that wait for their first demos, on one page: mouse, keyboard, touch, both themes, two widths."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from browsing import ROOT, Axe
from partspage import Demo, packed, scene

from press.page import bundle, imports


def at(demo: Demo, place: Any, x: float, y: float) -> tuple[float, float]:
    """A place in a picture, in shares, as one on the screen."""
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    return box["x"] + box["width"] * x, box["y"] + box["height"] * y


def test_a_heat_map_tells_its_values_and_fades(demo: Demo) -> None:
    part = demo.place.locator(".live-heat").first
    picture, line = part.get_by_role("application", name="How warm"), part.locator(".live-readout")
    demo.page.mouse.move(*at(demo, picture, 0.5, 0.5))
    assert line.inner_text() == "Row 4, column 5: 14.0 °C"
    demo.page.touchscreen.tap(*at(demo, picture, 0.99, 0.99))
    assert line.inner_text() == "Row 6, column 8: 23.5 °C"
    demo.page.mouse.move(0, 0)
    picture.focus()
    for key in ("ArrowLeft", "ArrowUp", "ArrowUp"):
        demo.page.keyboard.press(key)
    assert line.inner_text() == "Row 4, column 7: 15.0 °C"
    demo.visit.until("document.querySelector('.live-heat [role=status]').textContent.startsWith('Row 4')")
    part.get_by_role("slider", name="Opacity").fill("0")
    assert part.locator(".live-cloth").evaluate("e => getComputedStyle(e).opacity") == "0"
    part.get_by_role("slider", name="Opacity").fill("0.6")
    assert part.get_by_role("img", name="Colours from 0.0 °C to 23.5 °C").is_visible()
    signed = demo.place.locator(".live-heat").last
    assert signed.get_by_role("img", name="Colours from −5.50 (against) to 5.50 (for)").is_visible()


def test_boxes_are_drawn_moved_stretched_and_compared(demo: Demo) -> None:
    part = demo.place.locator(".live-boxes")
    picture, line = part.get_by_role("application", name="Things in it"), part.locator(".live-readout")

    def drag(*places: tuple[float, float]) -> dict[str, float]:
        for index, (x, y) in enumerate(places):
            demo.page.mouse.move(*at(demo, picture, x / 160, y / 120))
            if not index:
                demo.page.mouse.down()
        demo.page.mouse.up()
        return demo.state()["boxes"][-1]

    def near(box: dict[str, float], **sides: float) -> None:
        assert all(abs(box[side] - value) < 1 for side, value in sides.items()), box

    near(drag((21, 16), (40, 40), (50, 45)), left=21, top=16, width=29, height=29)
    said = line.inner_text()
    assert said.startswith("Your box 1: 29 × 29 pixels") and "IoU with sun (0.93): 0.9" in said
    near(drag((35, 30), (75, 60)), left=61, top=46, width=29, height=29)
    assert "IoU with hill (0.41)" in line.inner_text()
    near(drag((90, 75), (110, 85)), left=61, top=46, width=49, height=39)
    near(drag((110, 85), (50, 40)), left=50, top=40, width=11, height=6)
    near(drag((55, 43), (500, 43)), left=149, top=40, width=11)
    demo.page.mouse.click(*at(demo, picture, 0.5, 0.6))
    assert line.inner_text().startswith("hill (0.41): 70 × 40 pixels at 60, 50"), "a click tells what is below"
    assert part.get_by_role("button", name="Take the box away").is_disabled()
    demo.page.touchscreen.tap(*at(demo, picture, 0.01, 0.01))
    assert line.inner_text() == "No box is chosen."

    press = demo.page.keyboard.press
    picture.focus()
    press("PageDown")
    assert line.inner_text().startswith("Your box 1")
    press("Delete")
    assert demo.state()["boxes"] == []
    press("Enter")
    near(demo.state()["boxes"][0], left=53.3, top=40, width=53.3, height=40)
    press("ArrowLeft")
    press("Shift+ArrowDown")
    near(demo.state()["boxes"][0], left=50.1, top=40, width=53.3, height=43.2)
    for name in ("sun", "hill", "Your box 1"):
        press("PageDown")
        assert line.inner_text().startswith(name)
    press("PageUp")
    assert line.inner_text().startswith("hill")
    part.get_by_role("button", name="New box").tap()
    part.get_by_role("button", name="Take the box away").tap()
    assert len(demo.state()["boxes"]) == 1


def test_masks_have_names_and_are_switched_off(demo: Demo) -> None:
    part = demo.place.locator(".live-masks")
    picture, line = part.get_by_role("application", name="Parts of it"), part.locator(".live-readout")
    for (x, y), name in {(0.5, 0.2): "sky", (0.2, 0.9): "meadow", (0.9, 0.9): "wood", (0.01, 0.5): "no class"}.items():
        demo.page.mouse.move(*at(demo, picture, x, y))
        assert line.inner_text().endswith(f": {name}")
    demo.page.mouse.move(0, 0)
    pixel = """e => { const { width, height } = e, look = (x, y) =>
      e.getContext("2d").getImageData(x * width, y * height, 1, 1).data[3];
      return [look(0.503, 0.203), look(0.203, 0.903), look(0.903, 0.903), look(0.01, 0.5)] }"""
    cloth, sky = part.locator(".live-cloth"), part.get_by_role("button", name="sky")
    assert cloth.evaluate(pixel) == [255, 255, 255, 0]
    sky.focus()
    assert cloth.evaluate(pixel) == [255, 0, 0, 0], "a class in focus is seen alone"
    demo.page.keyboard.press("Enter")
    assert sky.get_attribute("aria-pressed") == "false" and demo.state()["shown"] == ["meadow", "wood"]
    assert cloth.evaluate(pixel) == [0, 255, 255, 0]
    sky.tap()
    assert demo.state()["shown"] == ["sky", "meadow", "wood"]


def test_a_wave_is_played_stopped_and_told_where_there_is_no_sound(demo: Demo) -> None:
    part = demo.place.get_by_role("group", name="A tone")
    assert demo.page.evaluate("Live.state.toy.wave.context ?? null") is None, "no device before the reader plays"
    position = part.get_by_role("slider", name="Position")
    position.focus()
    demo.page.keyboard.press("ArrowRight")
    assert demo.state()["seconds"] == pytest.approx(0.01)
    demo.page.mouse.click(*at(demo, part.locator("canvas"), 0.5, 0.5))
    assert demo.state()["seconds"] == pytest.approx(1, abs=0.02)
    demo.page.evaluate("window.Real = AudioContext; window.AudioContext = class { constructor() { throw 1 } }; 0")
    part.get_by_role("button", name="Play").tap()
    demo.visit.until("Live.state.toy.wave.told.textContent.includes('no sound')")
    assert part.get_by_role("button", name="Play").is_visible()
    demo.page.evaluate("window.AudioContext = Real; 0")
    part.get_by_role("button", name="Play").focus()
    demo.page.keyboard.press("Enter")
    press = "Live.state.toy.wave.button.click()"  # by the page itself: from here it may come after the tone's end
    demo.visit.until(f"Live.state.toy.seconds > 1.1 && ({press}, true)")
    assert demo.state()["seconds"] == 0 and part.get_by_role("button", name="Play").is_visible()
    part.get_by_role("button", name="Play").click()
    demo.visit.until("Live.state.toy.seconds > 0.05")
    state = demo.page.evaluate("""async () => { const { wave } = Live.state.toy, { context } = wave;
      const place = wave.element.parentElement; wave.element.remove();
      await new Promise((over) => setTimeout(over, 200)); place.append(wave.element); return context.state }""")
    assert state == "closed", "the device is let go with the element"


def test_letters_and_words_tell_their_values(demo: Demo) -> None:
    part = demo.place.get_by_role("group", name="A text")
    part.get_by_role("textbox", name="A text").fill("ab c")
    strip, line = part.get_by_role("application", name="surprise of: ab c."), part.locator(".live-readout")
    strip.focus()
    demo.page.keyboard.press("End")
    assert line.inner_text() == "4 of 4, “c”: surprise 0.14"
    demo.page.keyboard.press("ArrowLeft")
    assert line.inner_text() == "3 of 4, “space”: surprise 0.91"
    demo.page.mouse.move(*at(demo, strip.locator(".live-letter").first, 0.5, 0.5))
    assert line.inner_text() == "1 of 4, “a”: surprise 0.00"
    part.get_by_role("textbox").fill("é👩‍🚀")
    assert part.locator(".live-letter").count() == 2, "letters are what a reader counts as such"
    part.get_by_role("textbox").fill("")
    assert part.locator(".live-letter").count() == 0
    words = demo.place.get_by_role("group", name="A sentence")
    words.locator(".live-letter").nth(2).tap()
    assert words.locator(".live-readout").inner_text() == "3 of 6, “sat”: weight −0.50"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_they_are_accessible_and_fit(demo: Demo, theme: str, axe: Axe) -> None:
    demo.drop(("a.png", packed(scene(), "PNG")))
    for width in (390, 1280):
        demo.visit.look(theme, width)
        overflow = demo.place.evaluate("e => e.scrollWidth - e.clientWidth")
        assert overflow <= 0, f"the parts are {overflow} px too wide at {width}"
        demo.visit.shot(f"parts-{theme}-{width}", demo.place)
    told = axe(demo.page, "[data-live=toy]")
    assert not told, "\n".join(told)


def test_demos_hold_only_the_parts_that_they_use(tmp_path: Path) -> None:
    """What is bundled into a demo is what its files import, however far."""
    command = [str(bundle.node()), str(ROOT / bundle.SOURCES / "build.mjs"), str(tmp_path)]
    subprocess.run(command, check=True, cwd=ROOT / bundle.SOURCES)
    sheets = {
        file.stem: file.read_text().split(" {")[0] for file in (ROOT / bundle.SOURCES / "src/parts").glob("*.css")
    }
    for demo in bundle.demos(ROOT):
        script = (tmp_path / "demos" / f"{demo}.js").read_text()
        files = imports.reached(ROOT / bundle.SOURCES / "src" / "demos" / f"{demo}.js")
        reached = {file.stem for file in files if file.parent.name == "parts"}
        for part, rule in sheets.items():
            assert (rule + " {" in script) == (part in reached), f"{demo}: {part}"

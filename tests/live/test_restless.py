"""Readers who do not wait: random clicks, strokes and keys on every demo, while its networks and the engine are late.

Nothing may break, and in the end the demo shows what its network answers to the image that it shows.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from browsing import ADDRESSES, ROOT, SHIFTS, Visit
from cortex import test_demo as cortex_demo
from lenet import test_demo as lenet_demo
from neocognitron import test_demo as neocognitron_demo
from neocognitron.demo_page import check_parity, organised
from parity import ask, packed
from test_loading import CHAPTERS, PATIENT, look, places

from convnets.common import export
from convnets.neocognitron import patterns
from convnets.neocognitron.live import FACTS
from press.page import bundle

LATE = 1500
"""Milliseconds that the network of a demo comes late."""

SLOW = """globalThis.late = 0;
const append = Element.prototype.append;
Element.prototype.append = function (...nodes) {
  const wait = nodes.some((node) => node.src?.includes("/net-")) ? late : 0;
  wait ? setTimeout(() => append.apply(this, nodes), wait) : append.apply(this, nodes);
};
globalThis.Worker = class extends Worker {
  set onmessage(hear) { super.onmessage = (event) => setTimeout(() => hear(event), late ? 60 : 0); }
};"""

TOUCH = """([name, r]) => {
  const random = r, place = document.querySelector(`[data-live=${name}]`);
  let at = 0; r = () => random[at++ % random.length];
  const pick = (list) => list[Math.floor(r() * list.length)];
  const all = [...place.querySelectorAll("button, select, input, [role=application], span[onclick]")]
    .filter((e) => e.checkVisibility() && !e.disabled && e.type !== "file");
  const target = pick(all);
  if (!target) return null;
  const tell = (type) => target.dispatchEvent(new Event(type, { bubbles: true }));
  if (target.tagName === "SELECT") {
    target.value = pick([...target.options].filter((option) => !option.disabled)).value;
    tell("change");
  } else if (target.type === "range") {
    target.value = +target.min + r() * (target.max - target.min);
    tell("input");
  } else if (target.type === "radio") target.click();
  else if (target.tagName === "INPUT") {
    target.value = "ab";
    tell("change");
  } else if (target.tagName === "BUTTON") target.click();
  else if (r() < 0.4) {
    const key = pick(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", " ", "Backspace", "PageUp", "PageDown", "+",
      ".", "Home", "x", "q"]);
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  } else {
    target.scrollIntoView({ block: "center" });
    const box = target.getBoundingClientRect();
    return [box.x, box.y, box.width, box.height];
  }
  return null;
}"""

PLAIN = "(_, value) => (ArrayBuffer.isView(value) ? [...value] : value)"


def touch(page: Any, name: str, choose: random.Random) -> None:
    """One thing that a reader may do, chosen at random."""
    box = page.evaluate(TOUCH, [name, [choose.random() for _ in range(8)]])
    if box is None:
        return
    left, top, width, height = box
    inside = [(left + width * choose.random(), top + height * choose.random()) for _ in range(choose.randint(1, 4))]
    page.mouse.move(*inside[0])
    page.mouse.down()
    for place in inside[1:]:
        page.mouse.move(*place)
    page.mouse.up()


def state(visit: Visit, name: str) -> dict[str, Any]:
    return json.loads(visit.page.evaluate(f"() => JSON.stringify(Live.state.{name}, {PLAIN})"))


Again = Callable[..., dict[str, Any]]


@pytest.fixture
def again(absent: Callable[[str], None]) -> Again:
    """``again("lenet/lenet5", image)``: what a network answers that nobody has touched, in the engine of the page.

    Inputs other than the image come by their names.
    """

    def run(key: str, image: dict[str, Any], **more: dict[str, Any]) -> dict[str, Any]:
        given = {
            name: torch.tensor(one["data"], dtype=getattr(torch, one.get("type", "float32"))).reshape(one["dims"])
            for name, one in {"image": image, **more}.items()
        }
        return ask(packed(f"net-{key.replace('/', '-')}", absent), packed("engine", absent), [given])[0]

    return run


def same(found: dict[str, Any] | None, expected: dict[str, Any]) -> None:
    assert found, "the demo shows no answer"
    assert set(found) == set(expected)
    for name, output in expected.items():
        np.testing.assert_allclose(found[name]["data"], output["data"], rtol=0, atol=1e-6, err_msg=name)


def press(visit: Visit, name: str, text: str) -> None:
    button = visit.page.locator(f"[data-live={name}]").get_by_role("button", name=text, exact=True).first
    button.evaluate("element => element.click()")


def lenet(visit: Visit, again: Again) -> None:
    for text in ("One digit", "Sample 7"):  # a sample puts the sliders back
        press(visit, "lenet", text)
    visit.until("Live.state.lenet.mode === 'single' && Live.state.lenet.verdict === 7")
    found = state(visit, "lenet")
    same(found["outputs"], again(f"lenet/{found['net']}", found["image"]))
    chosen = visit.page.locator("[data-live=lenet]").get_by_label("Network", exact=True)
    assert chosen.input_value() == found["net"]
    press(visit, "lenet", "A row of digits")
    press(visit, "lenet", "40725")
    visit.until("Live.state.lenet.mode === 'row' && Live.state.lenet.columns.length > 3")
    found = state(visit, "lenet")
    same(found["outputs"], again(f"lenet/{found['net']}", found["image"]))


def neocognitron(visit: Visit, again: Again) -> None:
    press(visit, "neocognitron", "The net of 1980")
    visit.until("Live.state.neocognitron.panel === 'stored'")
    press(visit, "neocognitron", "3, as learned")
    visit.until("Live.state.neocognitron.stored.best?.[0] === '3'")
    found = state(visit, "neocognitron")["stored"]
    assert found["pixels"] == patterns.pattern(3).flatten().tolist()
    check_parity(found, organised(patterns.patterns(), FACTS["schedule"])[0])
    press(visit, "neocognitron", "Handwriting")
    visit.until("Live.state.neocognitron.panel === 'digits'")
    press(visit, "neocognitron", "Sample 2")
    visit.until("Live.state.neocognitron.digits.verdict === 2")
    found = state(visit, "neocognitron")["digits"]
    same(found["outputs"], again("neocognitron/fukushima2003", found["image"]))


def cortex(visit: Visit, again: Again) -> None:
    press(visit, "cortex", "cup")
    visit.until("Live.state.cortex.pending === false && !Live.state.cortex.running")
    found = state(visit, "cortex")
    assert found["same"] == pytest.approx([1.0] * len(found["areas"])), "a new thing is remembered at once"
    same(found["outputs"], again("cortex/hmax", found["image"]))


def hubelwiesel(visit: Visit, again: Again) -> None:
    """It has no network: its own tests compare every rate with Python's."""
    before = state(visit, "hubelwiesel")["now"]
    visit.until(f"Live.state.hubelwiesel.now > {before}")


def plain(visit: Visit, again: Again) -> None:
    """Of a new demo nothing is known but what the template shows: an input and its network's answer."""
    name = visit.page.locator("[data-live]").first.get_attribute("data-live")
    found = state(visit, name)
    if "image" in found and (graphs := bundle.graphs(ROOT, name)):
        net = found.get("net", graphs[0])
        inputs = {given: found[given] for given in export.table(name)[net].inputs}
        same(found.get("outputs"), again(f"{name}/{net}", **inputs))


def index(touched: Visit, fresh: Visit) -> None:
    """Each row has answered the last drawing; its own tests compare the answers with Python's."""
    press(touched, "index", "The first 4")
    touched.until("Live.state.index.rows.lenet?.values.digit === 4", 60)
    touched.until("Object.values(Live.state.index.rows).every((row) => row.strokes === Live.state.index.strokes)", 60)


def place_of(name: str) -> str:
    """The page of a demo, without its ending."""
    return name if name in ADDRESSES else f"book/{name}"


ENDS: dict[str, Callable[[Visit, Again], None]] = {
    "index": index, "cortex": cortex, "hubelwiesel": hubelwiesel, "lenet": lenet, "neocognitron": neocognitron,
}  # fmt: skip


BEGINS: dict[str, Callable[[Visit, int], None]] = {
    "cortex": cortex_demo.check_new, "lenet": lenet_demo.check_new, "neocognitron": neocognitron_demo.check_new,
}  # fmt: skip
"""What holds of a demo on a page that was just opened."""


@pytest.mark.parametrize("count", [12, pytest.param(500, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", bundle.demos(ROOT))
def test_who_does_not_wait_breaks_nothing(
    chromium: Any, site: Path, name: str, count: int, again: Again, seed: int
) -> None:
    """From disk, where all that a page fetches comes another way; a chapter is opened at its last section."""
    choose, last = random.Random(seed), places(site, name)[-1] if name in CHAPTERS else ""
    address, script = f"{site.as_uri()}/{place_of(name)}.html#{last}", SLOW + SHIFTS + PATIENT
    with Visit(chromium, address, script=script, reduced_motion="reduce") as visit:
        if last:
            look(visit, last)
        place = visit.page.locator(f"[data-live={name}]").first
        place.scroll_into_view_if_needed()
        visit.page.locator(f"[data-live={name}][data-live-state=ready]").first.wait_for()
        BEGINS.get(name, lambda visit, seed: None)(visit, seed)
        visit.page.evaluate(f"() => {{ globalThis.late = {LATE} }}")
        for _ in range(count):
            touch(visit.page, name, choose)
        visit.forward(LATE / 1000)
        assert place.get_attribute("data-live-state") == "ready", place.locator(".live-note").all_inner_texts()
        visit.page.evaluate("() => { globalThis.late = 0 }")
        visit.rest()
        ENDS.get(name, plain)(visit, again)
        assert place.get_attribute("data-live-state") == "ready"
        visit.check()

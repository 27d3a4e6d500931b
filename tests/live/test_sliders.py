"""Sliders by the keyboard, of every demo: each key changes the value that is told."""

from __future__ import annotations

from typing import Any

from browsing import ROOT, Visit

from press.page import facts

FRESH = """() => {
  const found = [...document.querySelectorAll("[data-live] input[type=range]:not([data-asked])")];
  for (const slider of found) slider.dataset.asked = "yes";
  return found.map(slider => {
    const told = () => slider.getAttribute("aria-valuetext"), heard = [told()];
    const up = Number(slider.value) + 3 * Number(slider.step) <= Number(slider.max);
    for (let key = 0; key < 3; key++) { // what an arrow key does, also on a slider that is not in sight
      up ? slider.stepUp() : slider.stepDown();
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      heard.push(told());
    }
    for (let key = 0; key < 3; key++) up ? slider.stepDown() : slider.stepUp();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    return [slider.labels[0].textContent, heard];
  });
}"""


def test_each_key_changes_what_every_slider_tells(chromium: Any, address: str) -> None:
    sliders: list[Any] = []
    for name in facts.systems(ROOT):
        with Visit(chromium, f"{address}/book/{name}.html") as visit:
            page = visit.page
            for demo in page.locator("[data-live]").all():
                demo.evaluate("place => { place.closest('details')?.setAttribute('open', ''); place.scrollIntoView() }")
                visit.until(
                    "[...document.querySelectorAll('[data-live]')].every(one => one.dataset.liveState !== 'loading')"
                )
            visit.rest()
            sliders += page.evaluate(FRESH)
            for tab in page.locator("[data-live][id] [role=tab]").all():
                tab.evaluate("tab => tab.click()")
                visit.rest()
                sliders += page.evaluate(FRESH)
            assert page.locator("[data-live-state=failed]").count() == 0
            visit.check()
    assert len(sliders) > 15
    silent = [told for told in sliders if len(set(told[1])) < 4]
    assert not silent, f"keys that nothing is heard of: {silent}"

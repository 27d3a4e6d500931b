"""The figures as they are printed, both editions: no word leaves its picture or lies on another."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from browsing import PAGES, Visit

IMAGE = re.compile(r"<img\b[^>]*>")
TEXT = re.compile(r"<text\b[^>]*>([^<]*)<")
FONT = re.compile(r'(<svg\b[^>]*?font-family=")[^"]*')
WIDEST = "DejaVu Sans"
"""By which Matplotlib measures, and which readers see where none of the fonts before it is: no other is as wide."""
FIT = """figures => figures.flatMap(([name, svg]) => {
  const place = document.body.appendChild(document.createElement("div"));
  place.attachShadow({mode: "open"}).innerHTML = svg; // each figure has ids of its own
  const drawing = place.shadowRoot.querySelector("svg");
  const frame = drawing.getBoundingClientRect();
  const words = [...drawing.querySelectorAll("text")].map(text => {
    const box = text.getBBox(), line = box.height * 0.2; // letters do not fill their line
    const corners = [[box.x, box.y + line], [box.x + box.width, box.y + line],
      [box.x + box.width, box.y + box.height - line], [box.x, box.y + box.height - line]];
    const onPage = text.getScreenCTM();
    return {said: text.textContent, corners: corners.map(([x, y]) => new DOMPoint(x, y).matrixTransform(onPage))};
  });
  const lies = (word, along) => {
    const places = word.corners.map(corner => corner.x * along.x + corner.y * along.y);
    return [Math.min(...places), Math.max(...places)];
  };
  const sides = word => [0, 1].map(i => {
    const [x, y] = ["x", "y"].map(axis => word.corners[i + 1][axis] - word.corners[i][axis]);
    return {x: x / Math.hypot(x, y), y: y / Math.hypot(x, y)};
  });
  const apart = (one, other) => [...sides(one), ...sides(other)].some(along => {
    const [[start, end], [from, to]] = [lies(one, along), lies(other, along)];
    return end <= from + 0.5 || to <= start + 0.5;
  });
  const wrong = words.filter(({corners}) => corners.some(({x, y}) =>
    x < frame.left - 0.5 || x > frame.right + 0.5 || y < frame.top - 0.5 || y > frame.bottom + 0.5
  )).map(({said}) => `${name}: “${said}” leaves its picture`);
  words.forEach((one, index) => words.slice(index + 1).forEach(other => {
    if (!apart(one, other)) wrong.push(`${name}: “${one.said}” lies on “${other.said}”`);
  }));
  place.remove();
  return wrong;
})"""


def drawings(folder: Path, theme: str) -> dict[str, str]:
    """The figures of an edition in one theme, by page and number."""
    found = {}
    for page in PAGES:
        images = [
            tag for tag in IMAGE.findall((folder / "book" / f"{page}.html").read_text()) if f"only-{theme}" in tag
        ]
        for number, tag in enumerate(images, 1):
            source = re.search(r'src="([^"]+\.svg)"', tag)
            assert source, tag
            assert 'loading="lazy"' in tag and re.search(r'width="\d+"', tag) and re.search(r'height="\d+"', tag), tag
            found[f"{page} {number}"] = (folder / "book" / source[1]).read_text()
    return found


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_word_leaves_its_picture_or_lies_on_another(chromium: Any, address: str, site: Path, language: str) -> None:
    figures = drawings(site / "es" if language == "es" else site, "light")
    assert len(figures) > 40
    wide = {name: FONT.sub(rf"\g<1>{WIDEST}", svg, count=1) for name, svg in figures.items()}
    with Visit(chromium, f"{address}/book/credits.html") as visit:
        assert visit.page.evaluate("font => document.fonts.check(`12px '${font}'`)", WIDEST)
        assert all(WIDEST in svg for svg in wide.values())
        assert not visit.page.evaluate(FIT, [*figures.items(), *wide.items()])
        name = next(name for name, svg in wide.items() if TEXT.search(svg))
        moved = re.sub(r"<text\b", '<text dx="-2000"', wide[name], count=1)
        assert "leaves its picture" in "".join(visit.page.evaluate(FIT, [(name, moved)])), "the left edge, too"


def test_numbers_of_figures_are_written_as_each_language_does(site: Path) -> None:
    english, spanish = (
        [text for svg in drawings(folder, "dark").values() for text in TEXT.findall(svg)]
        for folder in (site, site / "es")
    )
    assert [text for text in english if re.search(r"\d\.\d", text)] and "10,000" in english
    assert not [text for text in spanish if re.search(r"\d\.\d", text)] and "10\u202f000" in spanish


def test_a_page_fetches_the_figures_of_its_theme_alone_when_they_come_near(chromium: Any, address: str) -> None:
    fetched: list[str] = []
    with Visit(chromium, f"{address}/book/credits.html", theme="dark") as visit:
        visit.page.on("request", lambda request: fetched.append(request.url))
        visit.page.goto(f"{address}/book/hubelwiesel.html", wait_until="load")
        dark, light = (
            visit.page.eval_on_selector_all(f"img.only-{theme}", "all => all.map(image => image.src)")
            for theme in ("dark", "light")
        )
        assert dark[-1] not in fetched
        visit.page.evaluate("document.querySelectorAll('details.press-fold').forEach(fold => { fold.open = true })")
        visit.page.locator("img.only-dark").last.scroll_into_view_if_needed()
        visit.until("[...document.querySelectorAll('img.only-dark')].at(-1).complete")
        assert dark[-1] in fetched and not {*light} & {*fetched}
        visit.check()

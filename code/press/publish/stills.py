"""``press stills``: pictures of the demos' first states, and their heights, taken from the built site.

They stand in the demos' places until these run (see :mod:`press.page.stills`). Beside them lies what is shown with a
link to the page: its name, its question and its demo. The next build prints them.
"""

from __future__ import annotations

import base64
import html
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

from convnets.common import assets
from convnets.common.errors import ConvnetsError
from press.editions import catalogues
from press.page import stills
from press.publish import build, chromium

_QUALITY = 30  # of a picture that is seen for some seconds
_BEST = 85  # quality of a card, from which it goes down to what it may take
_WAIT = 120_000  # milliseconds
_OVER = ".bd-header, .bd-header-article, #pst-back-to-top { display: none !important }"  # they lie over what is taken
_SAID = """() => ({
  title: document.querySelector("h1").firstChild.textContent,
  question: document.querySelector("meta[name=description]").content,
  book: document.querySelector("meta[property='og:site_name']").content,
})"""
_PREVIEW = """<!DOCTYPE html><html lang="{language}"><meta charset="utf-8"><style>
body {{ display: flex; box-sizing: border-box; height: 100vh; margin: 0; background: #fff; color: #222;
  font-family: "Iowan Old Style", "Palatino Linotype", "URW Palladio L", P052, Georgia, serif; }}
div {{ flex: 1; display: flex; flex-direction: column; padding: 56px 36px 40px 60px; }}
h1 {{ margin: 0 0 28px; font-size: 44px; font-weight: 400; line-height: 1.12; }}
p {{ margin: 0; font-size: 27px; font-style: italic; line-height: 1.35; }}
p + p {{ margin-top: auto; color: #666; font-size: 20px; font-style: normal; }}
img {{ box-sizing: border-box; width: 640px; height: 100%; padding: 20px 24px; border-left: 1px solid #ccc;
  object-fit: contain; }}
</style><div><h1>{title}</h1><p>{question}</p><p>{book}</p></div><img src="{picture}"></html>"""
_START = """async () => {
  for (const place of document.querySelectorAll("[data-live]")) {
    place.closest("details")?.setAttribute("open", "");
    place.scrollIntoView();
    while (!["ready", "failed"].includes(place.dataset.liveState)) await new Promise(go => setTimeout(go, 50));
  }
  while (Live.works.count) await new Promise(go => setTimeout(go, 50));
}"""
_HEIGHTS = """() => [...document.querySelectorAll("[data-live]")].map(place => {
  place.style.minHeight = 0;
  return place.dataset.liveState === "ready" ? Math.ceil(place.getBoundingClientRect().height) : -1;
})"""


def write(root: Path, names: list[str]) -> int:
    """Take the stills of the named pages, or of all that have a demo; returns the exit code.

    Raises:
        ConvnetsError: there is no built site, no such page with a demo, no browser, or a demo does not run.
    """
    if not build.start_page(root).is_file():
        raise ConvnetsError(f"There is no built site in {root / build.SITE}: run `press build` first.")
    there = pages(root)
    for name in names:
        if name not in there:
            raise ConvnetsError(f"The built page {name!r} has no demo: there are {', '.join(there) or 'none'}.")
    with chromium.launched("took no picture") as browser:
        for name in names or there:
            take(root, browser, name)
            print(f"The stills of {name} are taken; `press build` prints them.")
    return 0


def pages(root: Path) -> list[str]:
    """The built pages with a demo."""
    built = sorted((root / build.SITE / "book").glob("*.html"))
    return [file.stem for file in built if re.search(r'\bdata-live="', file.read_text(encoding="utf-8"))]


def take(root: Path, browser: Any, name: str) -> None:
    """Take the stills of one built page.

    Raises:
        ConvnetsError: a demo does not run.
    """
    heights: dict[str, dict[str, list[float]]] = {}
    pictures: dict[str, bytes] = {}
    for language in catalogues.languages(root):
        file = root.resolve() / build.SITE / build.edition(language) / "book" / f"{name}.html"
        heights[language] = {}
        for width, pixels in stills.WIDTHS.items():
            tab = browser.new_page(viewport={"width": pixels, "height": 900}, reduced_motion="reduce")
            tab.set_default_timeout(_WAIT)
            tab.goto(file.as_uri(), wait_until="load")
            tab.add_style_tag(content=_OVER)
            tab.evaluate(_START)
            heights[language][width] = found = tab.evaluate(_HEIGHTS)
            if -1 in found:
                raise ConvnetsError(f"A demo of the page {name} does not run ({file}): open it and see what it says.")
            tab.set_viewport_size({"width": pixels, "height": 2000})
            for theme in stills.THEMES:
                tab.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
                if (main := tab.locator("[data-live][id] > .live-demo")).count():
                    shown = main.first.screenshot(animations="disabled")
                    pictures[f"{width}-{theme}-{language}.webp"] = _webp(shown)
                    if (width, theme) == ("wide", "light"):
                        pictures[stills.preview(language)] = _preview(browser, tab.evaluate(_SAID), language, shown)
            tab.close()
    place = stills.folder(root, name)
    shutil.rmtree(place, ignore_errors=True)
    for file_name, picture in pictures.items():
        assets.write_atomic(place / file_name, picture)
    assets.write_atomic(place / stills.HEIGHTS, (json.dumps(heights, indent=1) + "\n").encode())


def _preview(browser: Any, said: dict[str, str], language: str, demo: bytes) -> bytes:
    """A card, as those who show links want it, in a format that all of them read."""
    from PIL import Image

    width, height = stills.PREVIEW
    tab = browser.new_page(viewport={"width": width, "height": height})
    shown = {name: html.escape(text.strip()) for name, text in said.items()}
    shown |= {"language": language, "picture": f"data:image/png;base64,{base64.b64encode(demo).decode()}"}
    tab.set_content(_PREVIEW.format(**shown), wait_until="load")
    card = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    tab.close()
    for quality in range(_BEST, 0, -5):
        picture = io.BytesIO()
        card.save(picture, "JPEG", quality=quality, optimize=True, progressive=True)
        if picture.tell() <= stills.PREVIEW_BYTES:
            break
    return picture.getvalue()


def _webp(png: bytes) -> bytes:
    from PIL import Image

    picture = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(picture, "WEBP", quality=_QUALITY, method=6)
    return picture.getvalue()

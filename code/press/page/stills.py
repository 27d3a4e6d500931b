"""What stands in the place of a demo until it runs: a still of its first state, in a box that has its height already.

``press stills`` makes them, and stores them with the page's outputs: ``assets/<page>/stills/heights.json`` holds, by
language and width of the window, the heights in pixels of all demos of the page, in their order; pictures of the demo
that is not small lie beside it, ``wide-light-en.webp``, and the card that is shown with a link to the page,
``preview-en.jpg``. A page without them is printed all the same, and jumps.
"""

from __future__ import annotations

import html
import shutil
from pathlib import Path
from typing import NamedTuple

from sphinx.builders.html import StandaloneHTMLBuilder

from convnets.common import assets, forms
from press.page.words import translate as _

WIDTHS = {"wide": 1280, "narrow": 390}
"""Widths of the windows in which demos are taken; in ``live.css`` the second serves up to 36rem."""
THEMES = ("light", "dark")
HEIGHTS = "heights.json"
PREVIEW, PREVIEW_BYTES = (1200, 630), 40_000
"""Of a card: width and height in pixels, and the most that it may take."""
_FOLDER = "_static/stills"  # inside an edition
_FORM = forms.Each({name: [forms.NUMBER] for name in WIDTHS})


class Still(NamedTuple):
    """Of one demo: its height by width of the window, and its pictures by name, such as ``wide-light``."""

    heights: dict[str, float]
    pictures: dict[str, Path]


def folder(root: Path, page: str) -> Path:
    """Where the stills of a page lie."""
    return root / "assets" / page / "stills"


def preview(language: str) -> str:
    """Name of the card of an edition's page."""
    return f"preview-{language}.jpg"


def read(root: Path, page: str, language: str, index: int, is_main: bool) -> Still | None:
    """The still of the page's demo number ``index``; None where there is none.

    Raises:
        ConvnetsError: what is stored cannot be read.
    """
    place = folder(root, page)
    if not (place / HEIGHTS).is_file():
        return None
    file, remedy = place / HEIGHTS, f"run `press stills {page}`"
    stored = forms.check(forms.parse(file.read_bytes(), file, remedy), _FORM, file, remedy).get(language)
    if stored is None or any(index >= len(heights) for heights in stored.values()):
        return None
    names = [f"{width}-{theme}" for width in WIDTHS for theme in THEMES]
    pictures = {name: place / f"{name}-{language}.webp" for name in names}
    there = is_main and all(file.is_file() for file in pictures.values())
    return Still({width: heights[index] for width, heights in stored.items()}, pictures if there else {})


def attributes(still: Still | None) -> str:
    """What is added to the opening tag of a demo's place, after its class."""
    if still is None:
        return '"'
    heights = ";".join(f"--live-{width}:{height:g}px" for width, height in still.heights.items())
    return f' live-kept" style="{heights}"'


def markup(still: Still | None, builder: StandaloneHTMLBuilder, page: str) -> str:
    """The pictures, of which a browser fetches the one that it shows; they are put into the site."""
    if still is None or not still.pictures:
        return ""
    up = "../" * page.count("/")
    places = {name: f"{up}{bring(file, Path(builder.outdir))}" for name, file in still.pictures.items()}
    alt = html.escape(str(_("The demo, as it begins.")))
    pictures = "".join(
        f'<picture class="only-{theme}"><source media="(max-width: 36rem)" srcset="{places[f"narrow-{theme}"]}" />'
        f'<img class="dark-light" src="{places[f"wide-{theme}"]}" loading="lazy" alt="{alt}" /></picture>'
        for theme in THEMES
    )
    return f'<div class="live-still">{pictures}</div>'


def bring(file: Path, site: Path) -> str:
    """Copy a picture into the site, named by its content; give its place there."""
    digest = assets.sha256(file.read_bytes())[:12]
    place = f"{_FOLDER}/{file.parents[1].name}-{file.stem}-{digest}{file.suffix}"
    target = site / place
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        shutil.copyfile(file, part)
        part.replace(target)
    return place

"""Figures on a page: one stored drawing becomes a light and a dark one, in the language of the edition.

A figure is stored once, in English, its words as text. Words are translated by the catalogue ``figures/<system>``,
numbers by rule (``1,000`` is ``1000``, ``0.8`` is ``0,8`` in Spanish); names of layers and areas stay. A page asks for
the drawing of its theme alone, and not before a reader comes near.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from html import escape, unescape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import get_translation
from sphinx.writers.html5 import HTML5Translator

from convnets.common import assets
from convnets.common.plot import DARK
from press.page import words

_TEXT = re.compile(r"(<text\b[^>]*>)([^<]*)(</text>)")
_SIZE = re.compile(r'<svg\b[^>]*?\swidth="([\d.]+)pt"\s+height="([\d.]+)pt"')
_NUMBER = re.compile(r"(?<![\w.,{-])-?\d+(?:,\d{3})*(?:\.\d+)?(?!\w)")
_WORD = re.compile(r"[^\W\d_]+")
_NAME = re.compile(r"(?<!\w)(?:[\w-]*\d\w*|[A-Z]+|[a-zα-ω])(?!\w)")
"""What stays in every language: words with a digit, such as C1 and LeNet-5; capitals; symbols of one letter."""
_LETTERS = re.compile(r'<text\b[^>]*\sfont-size="([\d.]+)px"')
_PIXELS = 96 / 72  # of a point
READABLE, PHONE = 8, 342
"""Pixels that letters have at least on a page's narrowest column, and that column's; a larger drawing scrolls there."""
_FILE = re.compile(r"[0-9a-f]{24}\.svg")


class Drawing(nodes.image):
    """A picture whose ``size``, in pixels, is known before it is loaded, and the ``least`` width to read it at."""


def messages(svg: str) -> Iterator[str]:
    """What a drawing says that another language says otherwise, with a field for each number: ``{0} spikes``."""
    for _start, text, _end in _TEXT.findall(svg):
        yield from asked(unescape(text))


def asked(text: str) -> Iterator[str]:
    """The message of a label, or of a cell of a table, if another language says it otherwise."""
    message, _numbers = _parts(text)
    if _WORD.search(_NAME.sub("", re.sub(r"\{\d\}", "", message))):
        yield message


def _parts(text: str) -> tuple[str, list[str]]:
    """A label as a message, and its numbers."""
    numbers = _NUMBER.findall(text)
    places = iter(range(len(numbers)))
    return _NUMBER.sub(lambda _found: f"{{{next(places)}}}", text), numbers


def said(svg: str, translate: Callable[[str], str], language: str) -> str:
    """A drawing in another language."""

    def replaced(found: re.Match[str]) -> str:
        return f"{found[1]}{escape(label(unescape(found[2]), translate, language), quote=False)}{found[3]}"

    return _TEXT.sub(replaced, svg)


def label(text: str, translate: Callable[[str], str], language: str) -> str:
    """A label, or a cell of a table, in another language."""
    message, numbers = _parts(text)
    text = translate(message) if message else ""
    for place, number in enumerate(numbers):
        text = text.replace(f"{{{place}}}", words.marked(number, language))
    return text


def dark(svg: str) -> str:
    """A drawing in the inks of the dark theme."""
    for ink, replacement in DARK.items():
        svg = svg.replace(ink, replacement)
    return svg


def domain(docname: str) -> str:
    """The catalogue of a page's figures."""
    return f"figures/{Path(docname).name}"


def draw(app: Sphinx, doctree: nodes.document) -> None:
    """Put in place of each stored figure its drawings for both themes; the theme shows one of the two."""
    language = app.config.language
    translate = get_translation(domain(app.env.docname))
    for image in list(doctree.findall(_is_stored)):
        stored = Path(app.srcdir, image["uri"].lstrip("/"))
        svg = stored.read_text(encoding="utf-8")
        if language != words.SOURCE:
            svg = said(svg, lambda message: str(translate(message)), language)
        # The theme hides every caption that follows a hidden image among its siblings; the box keeps them apart.
        box = nodes.container(classes=["press-twins"])
        image.parent.replace(image, box)
        for theme, drawing in (("light", svg), ("dark", dark(svg))):
            content = drawing.encode()
            file = stored.with_name(f"{hashlib.sha256(content).hexdigest()[:24]}.svg")
            if not file.is_file():
                assets.write_atomic(file, content)
            of_theme = Drawing("", **image.attributes)
            of_theme["uri"] = image["uri"].removesuffix(stored.name) + file.name
            of_theme["classes"] = [*image["classes"], f"only-{theme}"]
            if size := _SIZE.search(svg):
                of_theme["size"] = [round(float(points) * _PIXELS) for points in size.groups()]
                of_theme["least"] = least(svg, of_theme["size"][0])
            box += of_theme


def least(svg: str, width: int) -> int:
    """So many pixels wide a drawing of ``width`` is shown at least, for its smallest letters; 0 if it fits a phone."""
    letters = [float(size) * _PIXELS for size in _LETTERS.findall(svg)]
    needed = round(width * READABLE / min(letters)) if letters else 0
    return min(needed, width) if needed > PHONE else 0


def _is_stored(node: nodes.Node) -> bool:
    return type(node) is nodes.image and node.parent.get("mime_type") == "image/svg+xml"


def visit_drawing(self: HTML5Translator, node: Drawing) -> None:
    """As any picture, but late, and with its size, so that the text below does not jump."""
    uri = f"{self.builder.imgpath}/{self.builder.images[node['uri']]}"
    size = dict(zip(("width", "height"), map(str, node.get("size", [])), strict=False))
    if wanted := node.get("least"):
        size["style"] = f"--least: {wanted}px"
    self.body.append(self.emptytag(node, "img", "\n", src=uri, alt=node.get("alt", ""), loading="lazy", **size))


def depart_drawing(self: HTML5Translator, node: Drawing) -> None:
    """An image has no end."""


def drop_unused(app: Sphinx, error: Exception | None) -> None:
    """Take drawings out of the site that no page shows any more."""
    if not error and app.builder.format == "html":
        shown = {name for _pages, name in app.env.images.values()}
        for file in Path(app.outdir, app.builder.imagedir).glob("*.svg"):
            if _FILE.fullmatch(file.name) and file.name not in shown:
                file.unlink()


def setup(app: Sphinx) -> None:
    """Follow the reading of pages, before Sphinx collects their images."""
    app.add_node(Drawing, html=(visit_drawing, depart_drawing))
    app.connect("doctree-read", draw, priority=400)
    app.connect("build-finished", drop_unused)

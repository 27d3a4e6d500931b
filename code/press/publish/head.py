"""What a page says of itself in its head, to search engines and where somebody links to it: description, picture, icon.

All is made of what the page's front matter says, else of its first sentences. Where ``_config.yml`` gives the site's
address (``html: {baseurl: ...}``), addresses are absolute, as those who show links want them; else they are relative.
"""

from __future__ import annotations

import html
import struct
import textwrap
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from convnets.common.errors import ConvnetsError
from press.page import facts, stills
from press.page.words import translate as _

CARD = Path("book", "images", "screenshot.png")
"""What is shown with a link to a page that names no picture of its own."""
ICON = "favicon.svg"
LENGTH = 200  # letters of a description, at most


def configure(app: Sphinx, config: Config) -> None:
    """Have the icon and the book's picture in the site."""
    config.html_favicon = str(Path(__file__).parents[1] / "static" / ICON)
    if (card := Path(app.srcdir) / CARD).is_file():
        config.html_static_path = [*config.html_static_path, str(card)]


def add_tags(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Put the description and what a link to the page shows into its head."""
    if app.builder.name != "html":
        return
    base, here = app.config.html_baseurl, app.builder.get_target_uri(pagename)
    title = app.env.titles[pagename].astext() if pagename in app.env.titles else str(context.get("title", ""))
    told = {
        "og:type": "website" if pagename == app.config.root_doc else "article",
        "og:title": title or app.config.project,
        "og:description": _description(app, pagename, doctree) or app.config.project,
        "og:url": base + here if base else here.rpartition("/")[2],
        "og:site_name": app.config.project,
        "og:locale": app.config.language,
    }
    told |= _picture(app, pagename, told["og:title"], base or "../" * here.count("/"))
    named = {"description": told["og:description"], "twitter:card": "summary_large_image"}
    tags = [f'<meta name="{name}" content="{html.escape(text)}" />' for name, text in named.items()]
    tags += [f'<meta property="{name}" content="{html.escape(text)}" />' for name, text in told.items()]
    context["metatags"] = context.get("metatags", "") + "".join(f"\n    {tag}" for tag in tags)


def _description(app: Sphinx, pagename: str, doctree: nodes.document | None) -> str:
    """The page's question in its language; of a page without one, its first sentences."""
    name = Path(pagename).name
    if (Path(app.srcdir) / "book" / f"{name}.md").is_file() and doctree is not None:
        try:
            return facts.translated("press", facts.card(Path(app.srcdir), name).question)
        except ConvnetsError:
            pass
    first = next(doctree.findall(nodes.paragraph), None) if doctree is not None else None
    return textwrap.shorten(first.astext(), LENGTH, placeholder=" …") if first is not None else ""


def _picture(app: Sphinx, pagename: str, title: str, base: str) -> dict[str, str]:
    """What is shown with a link to the page: its card, else its picture if it is no drawing, else the book's."""
    root, card = Path(app.srcdir), Path(app.srcdir) / CARD
    preview = stills.folder(root, Path(pagename).name) / stills.preview(app.config.language)
    if preview.is_file():
        alt = f"{title}. {_('The demo, as it begins.')}"
        return _shown(f"{base}{stills.bring(preview, Path(app.outdir))}", alt, stills.PREVIEW)
    for image in app.env.metadata.get(pagename, {}).get("press_card", []):
        uri = image["uri"]
        if not uri.endswith(".svg") and uri in app.env.images:
            return _shown(f"{base}_images/{app.env.images[uri][1]}", image.get("alt", title))
    if not card.is_file():
        return {}
    size = struct.unpack(">II", card.read_bytes()[16:24])  # where a PNG has it
    return _shown(f"{base}_static/{CARD.name}", app.config.project, size)


def _shown(address: str, alt: str, size: tuple[int, ...] = ()) -> dict[str, str]:
    sides = {f"og:image:{side}": str(pixels) for side, pixels in zip(("width", "height"), size, strict=False)}
    return {"og:image": address, **sides, "og:image:alt": alt}


def setup(app: Sphinx) -> None:
    """Follow the settings and the pages."""
    app.connect("config-inited", configure, priority=600)
    app.connect("html-page-context", add_tags)

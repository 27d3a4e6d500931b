"""The directive ``{gallery}``: the book part by part, a card for each chapter, made of what it says of itself.

A card has the picture that the front matter names, the chapter's name, its question, the minutes that its words take,
and a way to its demo. Systems of :mod:`press.page.plan` that are not built are listed below, by their titles.
"""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from convnets.common import assets
from convnets.common.errors import ConvnetsError
from press.outputs import chapters
from press.page import facts, figures, length, plan
from press.page.sphinx_outputs import ASKED, depends_on_answer
from press.page.words import translate as _

logger = logging.getLogger(__name__)


class card_picture(nodes.General, nodes.Element):
    """The place of a chapter's picture, which is known when that chapter has been read."""


class Gallery(SphinxDirective):
    """``{gallery}``, which takes nothing."""

    def run(self) -> list[nodes.Node]:
        root = Path(self.env.srcdir)
        depends_on_answer(self.env, "gallery")
        try:
            return [self._part(root, part) for part in plan.read(root)]
        except ConvnetsError as error:
            logger.warning("%s", error, location=self.get_location(), type="press", subtype="gallery")
            return []

    def _part(self, root: Path, part: plan.Part) -> nodes.section:
        caption = facts.said(self.env, "press", part.caption)
        section = nodes.section(ids=[f"part-{part.name}"], names=[f"part-{part.name}"], classes=["press-part"])
        section += nodes.title(caption, caption, translatable=False)
        pages = chapters.contents(root)
        if there := [name for name in part.systems if name in pages]:
            section += nodes.container("", *(self._card(root, name) for name in there), classes=["press-cards"])
        if later := [title for name, title in part.systems.items() if name not in pages]:
            section += self._later(later)
        return section

    def _card(self, root: Path, page: str) -> nodes.container:
        found, domain = facts.card(root, page), f"book/{page}"
        name, _colon, rest = facts.said(self.env, domain, found.title).partition(": ")
        question = facts.said(self.env, "press", found.question)
        time = _("{minutes} min read").format(minutes=length.of(found.text).minutes)
        meta = nodes.paragraph("", "", nodes.inline(time, time), classes=["press-card-meta"], translatable=False)
        if found.has_demo:
            meta += [nodes.Text(" · "), self._link(_("Play"), f"{page}-live", "press-card-play")]
        about = nodes.paragraph("", "", self._link(name, page, "press-card-name"), translatable=False)
        card = nodes.container("", card_picture(page=page), about, classes=["press-card"])
        card += nodes.paragraph(rest, rest, classes=["press-card-about"], translatable=False) if rest else []
        card += [nodes.paragraph(question, question, classes=["press-card-question"], translatable=False), meta]
        return card

    def _link(self, text: str, label: str, kind: str) -> addnodes.pending_xref:
        shown = nodes.inline(text, text, classes=[kind])
        return addnodes.pending_xref(
            "", shown, refdomain="std", reftype="ref", reftarget=label, refexplicit=True, refwarn=True,
            refdoc=self.env.docname,
        )  # fmt: skip

    def _later(self, titles: list[str]) -> nodes.container:
        head = _("In preparation")
        items = [facts.said(self.env, "press", title) for title in titles]
        listed = nodes.bullet_list(
            "", *(nodes.list_item("", nodes.paragraph(text, text, translatable=False)) for text in items)
        )
        told = nodes.paragraph(head, head, classes=["press-later-head"], translatable=False)
        return nodes.container("", told, listed, classes=["press-later"])


def digest(root: Path) -> str:
    """Of all that cards show but their pictures: the pages with a gallery are read again when it changes."""
    try:
        pages = set(chapters.contents(root))
        shown = [facts.card(root, name) for part in plan.read(root) for name in part.systems if name in pages]
        told = [(card[:-1], length.of(card.text).minutes) for card in shown]
        return assets.sha256(repr((plan.read(root), told)).encode())
    except ConvnetsError as error:  # the page that is read says so
        return str(error)


ASKED["gallery"] = digest


# Pictures


def note_pictures(app: Sphinx, doctree: nodes.document) -> None:
    """Note the images of the figure that the page's front matter names, one for each theme."""
    env = app.env
    try:
        label = facts.card(Path(app.srcdir), Path(env.docname).name).picture
    except ConvnetsError:  # a page without a card
        return
    figure = next((node for node in doctree.findall(nodes.figure) if label in node["ids"]), None)
    images = list(figure.findall(nodes.image)) if figure is not None else []
    env.metadata[env.docname]["press_card"] = [
        {name: image[name] for name in ("uri", "alt", "classes", "size") if name in image} for image in images
    ]


def changed(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages with a gallery whose pictures are others than when they were written last."""
    now = {page: told["press_card"] for page, told in env.metadata.items() if "press_card" in told}
    pages = [page for page, told in env.metadata.items() if "gallery" in told.get("press", {}).get("asks", ())]
    old = [page for page in pages if env.metadata[page].get("press_card_pictures") != now]
    for page in old:
        env.metadata[page]["press_card_pictures"] = now
    return old


def put_pictures(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Show in each card what its chapter's front matter names."""
    for place in list(doctree.findall(card_picture)):
        known = app.env.metadata[f"book/{place['page']}"].get("press_card", [])
        images = [figures.Drawing("", candidates={"*": image["uri"]}, **image) for image in known]
        if not images:
            place.parent.remove(place)
            continue
        place.replace_self(nodes.container("", *images, classes=["press-card-picture", "press-twins"]))


def setup(app: Sphinx) -> None:
    """Register the directive, and follow pages from their reading to their writing."""
    app.add_node(card_picture)
    app.add_directive("gallery", Gallery)
    app.connect("doctree-read", note_pictures, priority=960)  # when Sphinx has collected the page's images
    app.connect("env-get-updated", changed)
    app.connect("doctree-resolved", put_pictures)

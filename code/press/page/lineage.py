"""The directive ``{lineage}``: a drawing in every system of the lineage, as a still picture that a demo brings to life.

A system belongs to it if its ``facts.json`` says so (``lineage``, see :mod:`convnets.lineage`); ``lineage.webp`` beside
it shows what its layers answer to the drawing. Rows stand in the order of their years; each leads to its chapter.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from press.page import facts, imports
from press.page.words import translate as _

PICTURE = "lineage.webp"


class lineage(nodes.General, nodes.Element):
    """All rows, and the drawing."""


class lineage_row(nodes.General, nodes.Element):
    """One system's row."""


class LineageDirective(SphinxDirective):
    """``{lineage}``, which takes nothing."""

    def run(self) -> list[nodes.Node]:
        root = Path(self.env.srcdir)
        known = {system: found for system in facts.systems(root) if (found := _told(self, root, system))}
        if not known:
            return []
        place = lineage(drawing=next(iter(known.values()))["drawing"])
        for system, told in sorted(known.items(), key=lambda item: item[1]["year"]):
            place += self._row(root, system, told)
        return [place]

    def _row(self, root: Path, system: str, told: dict[str, Any]) -> nodes.Node:
        row = lineage_row(system=system, is_live=system in imports.rows(root, "index"))
        name = facts.said(self.env, f"book/{system}", facts.read(root, system).title).partition(":")[0]
        link = addnodes.pending_xref("", nodes.inline(name, name), refdomain="std", reftype="ref", reftarget=system,
                                     refexplicit=True, refwarn=True, refdoc=self.env.docname)  # fmt: skip
        year = nodes.inline(text := str(told["year"]), text, classes=["lineage-year"])
        row += nodes.paragraph("", "", link, nodes.Text(" "), year, classes=["lineage-name"], translatable=False)
        still = told["still"]
        says = facts.said(self.env, f"live/{system}", told["says"][still["says"]]["word"]).format(**still["values"])
        alt = _("What the layers of {name} answer to the drawing, a square of maps each").format(name=name)
        row += nodes.image(uri=f"/assets/{system}/{PICTURE}", said=alt, classes=["lineage-strip"])
        row += nodes.paragraph(says, says, classes=["lineage-says"], translatable=False)
        return row


def _told(directive: SphinxDirective, root: Path, system: str) -> dict[str, Any] | None:
    file = root / "assets" / system / "facts.json"
    if not file.is_file():
        return None
    directive.env.note_dependency(str(file))
    found = json.loads(file.read_text(encoding="utf-8")).get("lineage")
    return found if isinstance(found, dict) else None


def _points(drawing: list[list[tuple[float, float]]]) -> str:
    """The drawing as an SVG path in a square of 1 by 1, in the middle, as high as three fifths of it."""
    xs, ys = zip(*(point for stroke in drawing for point in stroke), strict=True)
    scale = 0.6 / (max(ys) - min(ys))
    middle = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    lines = []
    for stroke in drawing:
        places = [f"{0.5 + (x - middle[0]) * scale:.3f} {0.5 + (y - middle[1]) * scale:.3f}" for x, y in stroke]
        lines.append("M" + "L".join(places))
    return "".join(lines)


def _visit(translator: Any, node: lineage) -> None:
    heads = (_("look"), _("forget where"), _("look again"), _("forget where"))
    translator.body.append(
        f'<div class="lineage" data-drawing="{json.dumps(node["drawing"], separators=(",", ":"))}">'
        '<div class="lineage-side"><svg class="lineage-sample" viewBox="0 0 1 1" role="img" '
        f'aria-label="{_("A drawn 4")}"><path d="{_points(node["drawing"])}"/></svg>'
        f'<div class="lineage-tools"></div></div><div class="lineage-rows"><div class="lineage-heads"><div>'
        + "".join(f"<span>{head}</span>" for head in heads)
        + "</div></div>"
    )


def _depart(translator: Any, node: lineage) -> None:
    translator.body.append("</div></div>\n")


def _visit_row(translator: Any, node: lineage_row) -> None:
    live = f' data-row="{node["system"]}"' if node["is_live"] else ""
    translator.body.append(f'<div class="lineage-row"{live}>')


def _depart_row(translator: Any, node: lineage_row) -> None:
    translator.body.append("</div>\n")


def _pass(translator: Any, node: nodes.Node) -> None:
    """Other builders print what is inside."""


def describe(app: Sphinx, doctree: nodes.document) -> None:
    """Give the pictures their texts, which are in the page's language already, when it has been translated."""
    for row in doctree.findall(lineage_row):
        for image in row.findall(nodes.image):
            image["alt"] = image["said"]


def add_style(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """The page with the rows is a first page: it has a style sheet of its own, and begins without the side bar."""
    if doctree is not None and next(iter(doctree.findall(lineage)), None) is not None:
        app.add_css_file("landing.css")
        context["press_is_first_page"] = True


def setup(app: Sphinx) -> None:
    """Register the directive and its nodes."""
    others: dict[str, Any] = dict.fromkeys(("latex", "text", "texinfo", "man"), (_pass, _pass))
    app.add_node(lineage, html=(_visit, _depart), singlehtml=(_visit, _depart), **others)
    app.add_node(lineage_row, html=(_visit_row, _depart_row), singlehtml=(_visit_row, _depart_row), **others)
    app.add_directive("lineage", LineageDirective)
    app.connect("doctree-read", describe, priority=300)
    app.connect("html-page-context", add_style)

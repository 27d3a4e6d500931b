"""What a page must not do: show a picture without alt text, state a typed number as a result, run code, lead nowhere.

Numbers. In prose a decimal or a percentage must come from ``{result}`` or stand beside a citation, that is in the
same sentence or table row. Constants of a method are no results: write them as mathematics (``$0.01$``) or as code
(`` `0.01` ``), which are not looked at; nor are headings, links, versions such as 3.11.7 and the level of a
"95 % interval".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging

from press.outputs import active
from press.page import addresses

logger = logging.getLogger(__name__)

_REMEDY = "take it from {result}, cite its source in the same sentence, or write a constant as $...$ or `...`"
_CITED, _SKIPPED = "\ue000", "\ufffc"  # stand for a citation, and for inline text that is not looked at
_FILE_NAME = re.compile(r"[\w./-]*\.(png|svg|jpe?g|gif|webp)|[0-9a-f]{16,}", re.IGNORECASE)
_SENTENCE_END = re.compile(
    r"(?<!\b[A-Z])(?<!\bal)(?<!\bFig)(?<!\bvs)(?<!\bcf)(?<!\bEq)(?<!\bNo)[.!?]+[\"”)]*\s+(?=[^a-z\d\s])"
)
_LEVEL = re.compile(r"9[059]\s?% (?:confidence |t-)?intervals?|intervalos?(?: de confianza)? (?:del |al )9[059]\s?%")
_UNIT = r"\s?(?:%|per\s?cent|por\s?ciento)"
_NUMBER = r"(?<![\w.,])(?<![A-Za-z]-)\d[\d{group}]*(?:(?:{sign}\d+)?{unit}|{sign}\d+(?![\d.]*\.\d))"
_BARE_NUMBER = {
    "en": re.compile(_NUMBER.format(sign=r"\.", group=",", unit=_UNIT)),
    "es": re.compile(_NUMBER.format(sign=",", group=".", unit=_UNIT)),
}


def bare_numbers(text: str, language: str = "en") -> Iterator[tuple[int, str]]:
    """Position and text of each bare number in ``text``, where ``_CITED`` marks citations."""
    text = _LEVEL.sub(lambda level: _SKIPPED * len(level.group()), text)
    pattern = _BARE_NUMBER.get(language, _BARE_NUMBER["en"])
    start = 0
    for end in [*(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]:
        if _CITED not in text[start:end]:
            for match in pattern.finditer(text, start, end):
                yield match.start(), match.group()
        start = end


def check_page(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of pictures without alt text, of code and of bare numbers; a warning fails ``press build``."""
    for image in doctree.findall(nodes.image):
        alt = (image.get("alt") or "").strip()
        if (not alt or _FILE_NAME.fullmatch(alt)) and "only-dark" not in image["classes"]:
            _warn(app, _line(image), "alt", f"The picture has no alt text ({_where(image)}): say what it shows.")
    for raw in doctree.findall(nodes.raw):
        if "html" in raw.get("format", "").split() and (code := active.found(raw.astext())):
            message = f"The page brings code of its own ({code}), which no page may: {raw.astext()[:60]!r}."
            _warn(app, _line(raw), "code", message)
    for block in doctree.findall(_is_prose):
        text = _flat(block)
        row = _row_of(block)
        if row is not None and _CITED in _flat(row):
            continue
        for position, found in bare_numbers(text, app.config.language):
            line = (_line(block) or 1) + text.count("\n", 0, position)
            _warn(app, line, "number", f"The number {found} is typed into the prose: {_REMEDY}.")


def _warn(app: Sphinx, line: int | None, kind: str, message: str) -> None:
    logger.warning("%s", message, location=(app.env.docname, line), type="press", subtype=kind)


def _line(node: nodes.Node | None) -> int | None:
    while node is not None and node.line is None:
        node = node.parent
    return None if node is None else node.line


def _where(image: nodes.image) -> str:
    cell = image.parent
    while cell is not None and cell.get("nb_element") != "cell_code":
        cell = cell.parent
    return image["uri"] if cell is None else "in the cell's metadata, mystnb: {image: {alt: ...}}"


def _is_prose(node: nodes.Node) -> bool:
    is_caption = isinstance(node, nodes.title) and isinstance(node.parent, nodes.table)
    if not isinstance(node, nodes.paragraph | nodes.caption | nodes.term) and not is_caption:
        return False
    if node.get("translatable") is False:
        return False
    return not any("press-results" in parent.get("classes", []) for parent in _ancestors(node))


def _ancestors(node: nodes.Node) -> Iterator[nodes.Element]:
    while node.parent is not None:
        node = node.parent
        yield node


def _row_of(block: nodes.Node) -> nodes.row | None:
    return next((parent for parent in _ancestors(block) if isinstance(parent, nodes.row)), None)


def _flat(node: nodes.Node) -> str:
    """The text of ``node`` with citations marked and all that is exempt taken out."""
    if isinstance(node, nodes.Text):
        return str(node)
    if isinstance(node, addnodes.pending_xref) and node.get("refdomain") == "cite":
        return _CITED
    exempt = (nodes.literal, nodes.math, nodes.reference, nodes.raw, nodes.image, addnodes.pending_xref)
    if isinstance(node, exempt) or "press-result" in node.get("classes", []):
        return _SKIPPED
    return "".join(map(_flat, node.children))


# Links of the built site

_HARMLESS = {"data", "blob", "about"}  # schemes of what a page may load: it is in the page


def links(folder: Path, known: Iterable[Path] = ()) -> list[str]:
    """Every link of the built pages under ``folder`` that leads nowhere, and all that is loaded from another host.

    ``known`` are files that hold what is in pages, see :func:`press.page.addresses.keep`.
    """
    folder = folder.resolve()
    pages = addresses.read(addresses.pages_in(folder), known)
    anchors = {file: page.anchors for file, page in pages.items()}
    problem = cache(partial(_problem, anchors))  # pages repeat each other's links in their side bars
    found = []
    for file, page in pages.items():
        for kind, address in page.found:
            base = file if address.startswith(("#", "?")) or not address else file.parent / "index.html"
            if told := problem(base, kind, address):
                found.append(f"{file.relative_to(folder)}: {told}")
    return sorted(found)


def _problem(anchors: dict[Path, set[str]], base: Path, kind: str, address: str) -> str | None:
    try:
        target = urlsplit(address)
        file = (base.parent / unquote(target.path)).resolve() if target.path else base
        file = file / "index.html" if file.is_dir() else file
        is_there = target.netloc != "" or file.exists()
    except (ValueError, OSError):  # no address, or no name for a file
        return f"{address[:200]} leads nowhere"
    if target.scheme in ("javascript", "vbscript"):
        return f"{address[:200]} is code, which belongs into a file"
    if target.scheme or target.netloc:
        return f"loads {address} from another host" if kind == "load" and target.scheme not in _HARMLESS else None
    if not is_there:
        return f"{address[:200]} leads nowhere"
    if target.fragment and file in anchors and unquote(target.fragment) not in anchors[file]:
        return f"{address} leads to a page without that anchor"
    return None


def setup(app: Sphinx) -> None:
    """Check each page when it has been read."""
    app.connect("doctree-read", check_page, priority=900)  # after the front matter has left the page

"""The directive ``{live}``: a demo that runs in the reader's browser, with a printed fallback.

    ```{live} lenet
    :options: {"sample": 7}

    What is printed, and shown wherever the demo cannot run.
    ```

``{live} lenet/lenet1`` begins with the network lenet1. The first fence of a page that is not ``:small:`` is its demo,
which ``{try}`` sets; small ones stand beside a passage, and are told so by the option ``small``. A page without a demo
ships no byte of it: the loader and its style sheet are added to pages that have one, and everything else waits until
the demo nears the screen.
"""

from __future__ import annotations

import html
import io
import json
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.locale import get_translation
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from convnets.common import assets, gzipped, memory, samples
from convnets.common.errors import ConvnetsError
from press.page import bundle, imports, stills
from press.page.words import SOURCE
from press.page.words import translate as _

logger = logging.getLogger(__name__)

FOLDER = "_static/live"  # inside the built site
LEFT_OUT = "live-left-out"  # class of the note on a page that was printed without its demo


class live(nodes.General, nodes.Element):
    """The place of a demo; its children are the printed fallback."""


class LiveDirective(SphinxDirective):
    """``{live} system`` or ``{live} system/net``."""

    required_arguments = 1
    has_content = True
    option_spec = {"options": directives.unchanged_required, "small": directives.flag}

    def run(self) -> list[nodes.Node]:
        system, _slash, net = self.arguments[0].partition("/")
        place = live(system=system)
        try:
            place["options"] = self._options(system, net)
        except ConvnetsError as error:
            logger.warning("%s", error, location=self.get_location(), type="press", subtype="live")
            return []
        notes = self.env.metadata[self.env.docname].setdefault("press_live", {"systems": set(), "shown": None})
        place["number"] = notes["count"] = notes.get("count", -1) + 1
        place["speaks"] = system not in notes["systems"]  # its words serve those that follow
        notes["systems"] |= {system, *imports.rows(Path(self.env.srcdir), system)}
        if "small" not in self.options and "main" not in notes:
            notes["main"] = f"{system}-demo"
            place["ids"].append(notes["main"])
        self.state.nested_parse(self.content, self.content_offset, place)
        return [place]

    def _options(self, system: str, net: str) -> dict[str, Any]:
        """What the demo is started with, checked.

        Raises:
            ConvnetsError: no such demo, no graph, no valid options, or nothing to print in its place.
        """
        root = Path(self.env.srcdir)
        if system not in (known := bundle.demos(root)):
            there = f"there are {', '.join(known)}" if known else "there are none yet"
            raise ConvnetsError(f"There is no demo {system!r}: write code/live/src/demos/{system}.js; {there}.")
        stored = bundle.graphs(root, system)
        if net and net not in stored:
            raise ConvnetsError(
                f"assets/{system}/{net}.graph.onnx is missing: run `convnets export {system} --net {net}`; "
                f"stored are {', '.join(stored) or 'none'}."
            )
        if not stored and gzipped.weights(root / "assets" / system):
            raise ConvnetsError(f"assets/{system} holds weights but no graph: run `convnets export {system}`.")
        words(root, system)  # refuses facts that cannot be read
        if not self.content:
            raise ConvnetsError(f"The demo {system!r} has no fallback: write into the fence what is to be printed.")
        options = read_options(self.options.get("options", "{}"), f"of the demo {system!r}")
        return options | ({"net": net} if net else {}) | ({"small": True} if "small" in self.options else {})


def read_options(text: str, whose: str) -> dict[str, Any]:
    """Options of a demo.

    Raises:
        ConvnetsError: they are no JSON object.
    """
    try:
        options = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConvnetsError(f"The options {whose} are not JSON ({error}): mend them.") from error
    if not isinstance(options, dict):
        raise ConvnetsError(f'The options {whose} are no object: write {{"name": value}}.')
    return options


def words(root: Path, demo: str) -> dict[str, str]:
    """Every text that the demo, what all demos share or the system's FACTS show, and the catalogue it belongs to.

    Scripts say ``t("...")``, FACTS ``word("...")``. The catalogue is ``live/<system>`` of the demo whose file says it
    (a demo may use files of another), or ``live``.
    """
    src = root / bundle.SOURCES / "src"
    found: dict[str, str] = {}
    for file in sorted(imports.reached(src / "demos" / f"{demo}.js") | set(src.glob("*.js"))):
        place = file.relative_to(src).with_suffix("").parts
        domain = f"live/{place[1]}" if place[0] == "demos" else "live"
        for text in _texts(file):
            found[text] = "live" if found.get(text) == "live" else domain
    for text in _marked_words(root, demo):
        found.setdefault(text, f"live/{demo}")
    for system in imports.rows(root, demo):
        for text in _marked_words(root, system):
            found.setdefault(text, f"live/{system}")
    return dict(sorted(found.items()))


def shared_words(root: Path) -> set[str]:
    """Every text of the parts that demos share; some wait, translated, for their first demo."""
    parts = (root / bundle.SOURCES / "src" / "parts").glob("*.js")
    return {text for file in parts for text in _texts(file)}


def _texts(file: Path) -> list[str]:
    """What a script says with ``t("...")``; most are reached from every demo."""
    script = file.read_bytes()

    def extracted() -> list[str]:
        from babel.messages.extract import extract

        return [str(text) for _line, text, *_rest in extract("javascript", io.BytesIO(script), {"t": None})]

    return memory.recall(f"texts {file}", script, extracted, __file__)


def _marked_words(root: Path, system: str) -> list[str]:
    """Texts that the system's FACTS, and what is told of its samples, mark with ``word("...")``; in their order."""
    found: list[str] = []

    def note(value: dict[str, Any]) -> dict[str, Any]:
        found.extend(text for text in [value.get("word")] if isinstance(text, str))
        return value

    for name, option in (("facts.json", ""), (samples.TOLD, " --samples")):
        file = root / "assets" / system / name
        try:
            if file.is_file():
                json.loads(file.read_text(encoding="utf-8"), object_hook=note)
        except (ValueError, RecursionError) as error:
            remedy = f"run `convnets export {system}{option}`"
            raise ConvnetsError(f"assets/{system}/{name} cannot be read ({error}): {remedy}.") from error
    return found


def _said(domain: str, text: str) -> str:
    """The text in the page's language."""
    return str(get_translation(domain)(text))


def _translated(root: Path, demo: str) -> dict[str, str]:
    """What the demo says otherwise in the page's language."""
    return {text: said for text, domain in words(root, demo).items() if (said := _said(domain, text)) != text}


def _visit(translator: Any, node: live) -> None:
    builder, place = translator.builder, "".join(f' id="{name}"' for name in node["ids"])
    if not builder.config.press_live:
        said = _("This copy was printed without its live demo; what it would show:")
        translator.body.append(f'<div class="live"{place}><p class="live-note {LEFT_OUT}">{html.escape(said)}</p>')
        translator.body.append('<div class="live-fallback">')
        return
    root, page = Path(builder.srcdir), builder.current_docname
    still = stills.read(root, Path(page).name, builder.config.language, node["number"], bool(node["ids"]))
    options = html.escape(json.dumps(node["options"], ensure_ascii=False))
    words = _words_script(root, node["system"]) if node["speaks"] else ""
    translator.body.append(
        f'<div class="live{stills.attributes(still)}{place} data-live="{node["system"]}" data-live-state="waiting" '
        f'data-options="{options}">{words}{stills.markup(still, builder, page)}<div class="live-fallback">'
    )


def _words_script(root: Path, demo: str) -> str:
    other = json.dumps(_translated(root, demo), ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/json" class="live-words">{other}</script>'


def _depart(translator: Any, node: live) -> None:
    translator.body.append("</div></div>\n")


def _pass(translator: Any, node: live) -> None:
    """Other builders print the fallback alone."""


def add_loader(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """The loader and its style sheet, on pages with a demo only; all editions use those of the source's."""
    if doctree is None or not app.config.press_live or next(iter(doctree.findall(live)), None) is None:
        return
    if app.config.language == SOURCE:
        app.add_js_file("live/live.js", loading_method="defer")
        app.add_css_file("live/live.css")
        return
    # Files of another edition are none that Sphinx knows: it adds no version of theirs, and refuses one that is given
    folder = "../" * (app.builder.get_target_uri(pagename).count("/") + 1) + FOLDER
    version = app.env.metadata[pagename]["press_live"]["shown"]["version"][:8]
    context["metatags"] = (
        f'{context.get("metatags", "")}\n    <link rel="stylesheet" href="{folder}/live.css?v={version}" />'
        f'\n    <script defer="defer" src="{folder}/live.js?v={version}"></script>'
    )


def pack(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Put what the book's demos need into the site, once all pages are read; a problem is a warning of this build.

    Returns the pages that must be written again, because what they load or what their demo says has changed.
    """
    if app.builder.format != "html":
        return []
    pages = {name: found for name, page in env.metadata.items() if (found := page.get("press_live"))}
    systems = sorted(set().union(*(found["systems"] for found in pages.values())))
    root, own = Path(app.srcdir), app.config.language == SOURCE
    there = _pack(app, systems) if own else bool(systems and app.config.press_live)
    version, changed = bundle.loader_key(root) if there else "", []
    for name, found in pages.items():
        said = {} if own else {demo: _translated(root, demo) for demo in sorted(found["systems"])}
        shown = {"version": version, "said": assets.sha256(json.dumps(said, sort_keys=True).encode())}
        if found["shown"] != shown:
            found["shown"] = shown
            changed.append(name)
    return changed


def _pack(app: Sphinx, systems: list[str]) -> bool:
    """Put the packed files into the site; tells whether there are any."""
    packed = None
    if systems and app.config.press_live:
        try:
            packed = bundle.pack(Path(app.srcdir), systems)
        except ConvnetsError as error:
            logger.warning("%s", error, type="press", subtype="live")
    _copy(packed, Path(app.outdir, FOLDER))
    return packed is not None


def _copy(packed: Path | None, target: Path) -> None:
    """Make ``target`` hold the scripts and styles of ``packed`` and nothing else."""
    files = {file.name: file for file in packed.glob("*.*") if file.name != bundle.KEY} if packed else {}
    for old in target.glob("*"):
        if old.name not in files:
            old.unlink()
    for name, file in files.items():
        target.mkdir(parents=True, exist_ok=True)
        if not (target / name).exists() or "-" not in name:  # a name with a digest never changes
            shutil.copy2(file, target)


def setup(app: Sphinx) -> None:
    """Register the directive and follow the build."""
    html_handlers = (_visit, _depart)
    others: dict[str, Any] = dict.fromkeys(("latex", "text", "texinfo", "man"), (_pass, _pass))
    # sphinx-exercise gives the builder singlehtml handlers of its own, and Sphinx then looks at no others
    app.add_node(live, html=html_handlers, singlehtml=html_handlers, **others)
    app.add_directive("live", LiveDirective)
    app.add_config_value("press_live", True, "html", types=(bool,))
    app.connect("env-get-updated", pack)
    app.connect("html-page-context", add_loader)

"""Stored outputs become part of a page: cells' outputs, provenance lines, the draft stamp.

MyST-NB asks for an execution client when it reads a page; :class:`StoredClient` takes its place there and hands out
what ``press execute`` stored. No build runs a kernel. A page is read again when its stored outputs, the run records
it cites or its freshness change, though its text did not.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from myst_nb.core.execute import NotebookClientBase
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinxcontrib.bibtex.bibfile import parse_bibdata

from convnets.common import assets, memory
from convnets.common.errors import ConvnetsError
from press.outputs import chapters, status, store
from press.page import figures, tables, words
from press.page.words import translate as _

logger = logging.getLogger(__name__)

_PRINTABLE = ("fresh", "plain")


class StoredClient(NotebookClientBase):
    """Gives each code cell of a page its stored outputs, and notes where they were computed."""

    def start_client(self) -> None:
        app: Sphinx = self._kwargs["app"]
        system = Path(app.env.docname).name
        depends_on(app.env, system)
        cells = [(index, cell) for index, cell in enumerate(self.notebook.cells) if cell.cell_type == "code"]
        try:
            stored = store.outputs(system, [cell.source for _index, cell in cells], Path(app.srcdir))
        except ConvnetsError:  # finish_page says so
            stored = [None] * len(cells)
        for (index, cell), found in zip(cells, stored, strict=True):
            if found is not None:
                cell.outputs = [tables.printed(out, app.env.docname, app.config.language) for out in found.outputs]
                app.env.temp_data.setdefault("press_provenance", {})[index] = found.provenance
            elif "figure" in (head := cell.metadata.get("mystnb", {})):
                cell.outputs = [_placeholder(app, "image" in head)]


def _placeholder(app: Sphinx, is_image: bool) -> nbformat.NotebookNode:
    """Stands in for a figure or a table that is not stored, so that a draft's references to it hold.

    For a reader of messages it is a picture if it will be one: what the figure is for those who do not see it is to be
    translated, too.
    """
    if app.builder.name == "gettext" and is_image:
        return nbformat.v4.new_output("display_data", {"image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg"/>'})
    return nbformat.v4.new_output("display_data", {"text/plain": str(_("This figure has not been computed yet."))})


def create_client(
    app: Sphinx, notebook: Any, source: str, nb_config: Any, logger: Any, read_fmt: dict[str, Any] | None = None
) -> NotebookClientBase:
    """What replaces ``myst_nb.sphinx_.create_client``; same parameters, after ``app``."""
    return StoredClient(notebook, Path(source), nb_config, logger, app=app)


def finish_page(app: Sphinx, doctree: nodes.document) -> None:
    """Add what belongs to the stored outputs: provenance, the stamp of a page that is out of date."""
    provenance = app.env.temp_data.get("press_provenance", {})
    for cell in list(doctree.findall(_is_code_cell)):
        if "gpu" in cell["cell_metadata"].get("tags", []) and cell["cell_index"] in provenance:
            cell.parent.insert(cell.parent.index(cell) + 1, _provenance_line(app, provenance[cell["cell_index"]]))
    page = _status(app, app.env.docname)
    if page.state not in _PRINTABLE:
        _stamp(app, doctree, page)


def _is_code_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def _provenance_line(app: Sphinx, where: dict[str, Any]) -> nodes.paragraph:
    said = _("Computed on {device} in {duration}").format(
        device=words.device(where["device"]), duration=words.duration(where["seconds"], app.config.language)
    )
    versions = [f"{name} {where['versions'][name]}" for name in ("torch",) if name in where.get("versions", {})]
    text = " · ".join([said, where["date"], *versions])
    return nodes.paragraph(text, text, classes=["press-provenance"], translatable=False)


def _stamp(app: Sphinx, doctree: nodes.document, page: status.PageStatus) -> None:
    """Say at the top of a page that it may not be published, and warn, unless a draft was asked for."""
    reasons = "; ".join(page.reasons)
    if page.state == "broken" or not app.config.press_draft:
        remedy = f"run `press execute {page.system}`, or `press build --draft` for a stamped draft"
        message = reasons if page.state == "broken" else f"The page is {page.state} ({reasons}): {remedy}."
        logger.warning("%s", message, location=app.env.docname, type="press", subtype=page.state)
    told = {
        "stale": _("Draft. This page shows what was computed before its code changed"),
        "missing": _("Draft. What this page computes has not been stored yet"),
        "broken": _("Draft. What was stored for this page cannot be read"),
    }
    text = f"{told[page.state]} ({reasons.rstrip('.')})."
    stamp = nodes.container("", nodes.paragraph(text, text, translatable=False), classes=["press-stamp"])
    section = next(doctree.findall(nodes.section), None)
    if section is None:
        doctree.insert(0, stamp)
    else:
        section.insert(1, stamp)  # below the title


# Which pages must be read again


def depends_on(env: BuildEnvironment, system: str) -> None:
    """Note that the page being read shows what is stored for ``system``."""
    _notes(env, env.docname)["systems"].add(system)


ASKED: dict[str, Callable[[Path], str]] = {}
"""Digests, by name, of what pages may show of others: these are read again when it changes, not with each word."""


def depends_on_answer(env: BuildEnvironment, name: str) -> None:
    """Note that the page being read shows what ``ASKED[name]`` is the digest of."""
    _notes(env, env.docname)["asks"].add(name)


def answers(env: BuildEnvironment, docname: str) -> dict[str, str]:
    """The digests in ``ASKED`` that a page depends on."""
    return {name: ASKED[name](Path(env.srcdir)) for name in sorted(_notes(env, docname)["asks"])}


def outdated(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Pages out of date in content, and those that bear a stamp: these are read each time, so each build says so.

    Sphinx itself goes by time stamps, and a file that was put back or unpacked may bear an old one.
    """
    app.press_status, app.press_digests = {}, {}  # type: ignore[attr-defined]
    _read_works(app, env)
    return sorted(
        docname
        for docname in env.found_docs - added - changed - removed
        if _status(app, docname).state not in _PRINTABLE
        or env.metadata[docname].get("press_stamped")
        or _notes(env, docname)["seen"] != _fingerprint(app, docname)
    )


def note_sources(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Take the digests of pages before they are read: one that changes meanwhile is read again by the next build."""
    for docname in docnames:
        _digest(app, Path(env.doc2path(docname)))


def note_seen(app: Sphinx, doctree: nodes.document) -> None:
    """Note what the page that was read depends on."""
    _notes(app.env, app.env.docname)["seen"] = _fingerprint(app, app.env.docname)


def _fingerprint(app: Sphinx, docname: str) -> tuple[Any, ...]:
    """State of a page, and content of all that it was made from."""
    env, root = app.env, Path(app.srcdir)
    systems = sorted(_notes(env, docname)["systems"])
    shown = ("outputs.ipynb", "accepted.json", "runs/*.json", "stills/*")
    patterns = [f"assets/{system}/{stored}" for system in systems for stored in shown]
    files = [file for pattern in patterns for file in sorted(root.glob(pattern))]
    files += [root / name for name in sorted(env.dependencies[docname]) if not name.endswith(".mo")]
    # a catalogue is among the dependencies at times only: Sphinx forgets it when it reads the page
    folders = [Path(folder, app.config.language, "LC_MESSAGES") for folder in app.config.locale_dirs]
    domains = (docname, figures.domain(docname))
    files += [Path(env.doc2path(docname)), *(folder / f"{name}.mo" for folder in folders for name in domains)]
    digests = ((str(file), _digest(app, file)) for file in files if file.suffix != ".bib")
    return (*_status(app, docname), *digests, *_cited(env, docname), *answers(env, docname).items())


def _read_works(app: Sphinx, env: BuildEnvironment) -> None:
    """Read ``references.bib`` again if it is another; its extension goes by the time stamp."""
    citations: Any = env.domains.get("cite")
    if citations is not None:
        files = list(citations.bibdata.bibfiles)
        digests = [_digest(app, file) for file in files]
        if citations.data.setdefault("press_digests", digests) != digests:
            citations.data |= {"bibdata": parse_bibdata(files, citations.bibdata.encoding), "press_digests": digests}


def _cited(env: BuildEnvironment, docname: str) -> list[str]:
    """What the page shows of ``references.bib``: the works that it cites, or all where it lists them."""
    citations: Any = env.domains.get("cite")
    if citations is None:
        return []
    works = citations.bibdata.data.entries
    cited = [reference for reference in citations.citation_refs if reference.docname == docname]
    keys = {target.key for reference in cited for target in reference.targets}
    if any(place.docname == docname for place in citations.bibliographies):
        keys |= set(works)
    return [f"{key} {works[key]!r}" for key in sorted(keys) if key in works]


def _digest(app: Sphinx, file: Path) -> str:
    """Digest of a file when it was first asked for in this build; nothing where there is no such file."""
    known: dict[Path, str] = app.press_digests  # type: ignore[attr-defined]
    if file not in known:
        known[file] = assets.sha256(file.read_bytes()) if file.is_file() else ""
    return known[file]


def _status(app: Sphinx, docname: str) -> status.PageStatus:
    """Freshness of a page, asked once a build; ``broken`` where the page or what is stored for it cannot be read."""
    known: dict[str, status.PageStatus] = app.press_status  # type: ignore[attr-defined]
    if docname not in known:
        try:
            chapter = chapters.read(Path(app.env.doc2path(docname)))
            known[docname] = status.page(chapter, Path(app.srcdir))
        except ConvnetsError as error:
            known[docname] = status.PageStatus(Path(docname).name, "broken", [str(error)])
    return known[docname]


def _notes(env: BuildEnvironment, docname: str) -> dict[str, Any]:
    """The systems that a page shows, and the fingerprint of their files when it was read.

    They are kept among the page's metadata, which Sphinx drops before it reads a page anew and merges after reading
    in parallel.
    """
    return env.metadata[docname].setdefault("press", {"systems": set(), "asks": set(), "seen": None})


def setup(app: Sphinx) -> None:
    """Take MyST-NB's place where it makes its execution client, and follow Sphinx's reading of pages."""
    import myst_nb.sphinx_

    known = Path(app.srcdir, status.KNOWN)
    app.connect("builder-inited", lambda app: memory.load(known), priority=1)
    app.connect("build-finished", lambda app, error: memory.save(known))
    myst_nb.sphinx_.create_client = partial(create_client, app)
    app.add_config_value("press_draft", False, "")
    app.connect("env-get-outdated", outdated)
    app.connect("env-before-read-docs", note_sources)
    app.connect("doctree-read", finish_page, priority=400)  # before Sphinx collects the page's images
    app.connect("doctree-read", note_seen, priority=950)  # when it has, and what else the page depends on

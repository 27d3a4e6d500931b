"""What there is to translate: the messages of each page, read without a build.

A page is read by Sphinx as for an edition, but nothing is resolved, kept or written: what it says depends on the page
and its stored outputs alone. ``_build/messages.json`` remembers that, with the digests of all that was read, so that
only pages that have changed are read again; the source's edition, which reads them anyway, leaves there what it found.
It is written in one step and trusted by content: a kill cannot spoil it.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tempfile
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from convnets.common import assets
from convnets.common.errors import ConvnetsError
from press.editions import catalogues
from press.page import facts, gallery  # noqa: F401 - they say what pages ask of each other
from press.page.sphinx_outputs import ASKED, answers
from press.page.words import SOURCE

KEPT = Path("_build", "messages.json")
_READERS = ("sphinx", "docutils", "myst-parser", "myst-nb", "jupyter-book", "sphinx-exercise", "sphinx-external-toc")


def messages(root: Path) -> dict[str, list[str]]:
    """All that is to be translated, by domain: page for page, then the words of the press, the demos, the theme.

    Raises:
        ConvnetsError: a page cannot be read.
    """
    pages, kept = _pages(root), _fresh(root)
    if late := [page for page in pages if page not in kept]:
        fresh, told = _read(root, late)
        if told:
            print(told, file=sys.stderr, end="")
            raise ConvnetsError("The pages cannot be read: mend what the warnings above name.")
        kept |= fresh
        _keep(root, kept)
    return {page: kept[page]["said"] for page in pages} | catalogues.words(root)


def known(root: Path) -> dict[str, list[str]]:
    """What :func:`messages` gives, without the pages that it would have to read."""
    return {page: entry["said"] for page, entry in _fresh(root).items()} | catalogues.words(root)


def _pages(root: Path) -> list[str]:
    """The book's pages, by their Sphinx names: those that ``_toc.yml`` lists."""
    from sphinx_external_toc.parsing import MalformedError, parse_toc_yaml

    try:
        site = parse_toc_yaml(root / "_toc.yml")
    except (OSError, MalformedError) as error:
        raise ConvnetsError(f"{root / '_toc.yml'} cannot be read ({error}): mend it.") from error
    return sorted(str(page) for page in site if (root / f"{page}.md").is_file())


def _fresh(root: Path) -> dict[str, Any]:
    """What was read before of pages that are as they were then."""
    pages = set(_pages(root))
    return {page: entry for page, entry in _kept(root).items() if page in pages and _holds(root, entry)}


def _keep(root: Path, pages: dict[str, Any]) -> None:
    content = json.dumps({"general": _general(root), "pages": pages}, ensure_ascii=False)
    assets.write_atomic(root / KEPT, content.encode())


def _general(root: Path) -> str:
    """Digest of what every page is read by."""
    return _digest([root / "_config.yml", root / "_toc.yml", *Path(__file__).parents[1].rglob("*.py")], _READERS)


def _kept(root: Path) -> dict[str, Any]:
    """What was read before, by page; nothing if the press or the book's settings have changed since."""
    try:
        known = json.loads((root / KEPT).read_text(encoding="utf-8"))
        return dict(known["pages"]) if known["general"] == _general(root) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _holds(root: Path, entry: dict[str, Any]) -> bool:
    asked = {name: ASKED[name](root) for name in entry["asked"]}
    return asked == entry["asked"] and all(_digest([root / file]) == digest for file, digest in entry["files"].items())


def _digest(files: Iterable[Path], packages: Iterable[str] = ()) -> str:
    """Of files, whether there or not, and of packages' versions."""
    found = hashlib.sha256(str([(name, version(name)) for name in packages]).encode())
    for file in sorted(files):
        found.update(b"\0" + (hashlib.sha256(file.read_bytes()).digest() if file.is_file() else b"-"))
    return found.hexdigest()


def _read(root: Path, pages: Iterable[str]) -> tuple[dict[str, Any], str]:
    """Have Sphinx read pages: what each says, with the digests of the files it was made of; and Sphinx's warnings."""
    from jupyter_book.config import get_final_config
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    settings: dict[str, Any] = {"external_toc_path": str(root / "_toc.yml"), "latex_individualpages": False}
    settings |= {"press_live": False, "press_draft": True}
    config, _more = get_final_config(user_yaml=root / "_config.yml", cli_config=settings, sourcedir=root)
    found, told = {}, io.StringIO()
    with tempfile.TemporaryDirectory() as folder, patch_docutils(None), docutils_namespace():
        out, trees = Path(folder, "out"), Path(folder, "trees")
        app = Sphinx(root, None, out, trees, "gettext", config, status=None, warning=told, freshenv=True)
        builder, env = app.builder, app.builder.env
        env.find_files(app.config, builder)
        app.emit("env-get-outdated", env, set(env.found_docs), set(), set())
        app.emit("env-before-read-docs", env, sorted(env.found_docs))
        for page in pages:
            builder.read_doc(page)
            made = {"files": _files(app, page), "asked": answers(env, page)}
            found[page] = {"said": env.metadata[page]["press_said"], **made}
    return found, told.getvalue()


def _files(app: Sphinx, page: str) -> dict[str, str]:
    """Digests of the files that a page was made of."""
    root = Path(app.srcdir)
    outputs = root / "assets" / Path(page).name / "outputs.ipynb"
    files = {Path(app.env.doc2path(page)), outputs, *(root / file for file in app.env.dependencies[page])}
    return {file.relative_to(root).as_posix(): _digest([file]) for file in sorted(files) if _is_written(root, file)}


def _is_written(root: Path, file: Path) -> bool:
    """Whether a file lies in the book, and is not made of its others, as the printed figures are."""
    file = file.resolve()
    return file.is_relative_to(root) and not file.is_relative_to(root / KEPT.parent)


# Beside the source's edition


def note_files(app: Sphinx, doctree: nodes.document) -> None:
    """Note what the page that was read was made of."""
    if _speaks(app):
        page = app.env.docname
        app.env.metadata[page]["press_made"] = {"files": _files(app, page), "asked": answers(app.env, page)}


def keep_messages(app: Sphinx, error: Exception | None) -> None:
    """Leave what the pages say for the next question, unless there was a warning."""
    if error is None and _speaks(app) and not app._warncount:
        found = {page: app.env.metadata[page] for page in _pages(Path(app.srcdir)) if page in app.env.all_docs}
        kept = {page: {"said": said["press_said"], **said["press_made"]} for page, said in found.items()}
        _keep(Path(app.srcdir), kept)


def _speaks(app: Sphinx) -> bool:
    """Whether the pages are printed as they are written; a draft stands in for pictures that it lacks."""
    languages = app.config.press_languages
    is_source = app.config.language == SOURCE and len(languages) > 1
    return app.builder.name == "html" and is_source and not app.config.press_draft


def setup(app: Sphinx) -> None:
    """Follow the reading of pages, and the end of it."""
    app.connect("doctree-read", note_files, priority=960)
    app.connect("build-finished", keep_messages)

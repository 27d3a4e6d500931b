"""What there is to translate: the messages of each page, read without a build.

A page is read by Sphinx as for an edition, but nothing is resolved, kept or written: what it says depends on the page
and its stored outputs alone. ``_build/messages.json`` remembers that, with the digests of all that was read, so that
only pages that have changed are read again. It is written in one step and trusted by content: a kill cannot spoil it.
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

from convnets.common import assets
from convnets.common.errors import ConvnetsError
from press.editions import catalogues

KEPT = Path("_build", "messages.json")
_READERS = ("sphinx", "docutils", "myst-parser", "myst-nb", "jupyter-book", "sphinx-exercise", "sphinx-external-toc")


def messages(root: Path, strict: bool = True) -> dict[str, list[str]]:
    """All that is to be translated, by domain: page for page, then the words of the press, the demos, the theme.

    Raises:
        ConvnetsError: a page cannot be read; unless ``strict``, such a page is left out.
    """
    pages = _pages(root)
    general = _digest([root / "_config.yml", root / "_toc.yml", *Path(__file__).parents[1].rglob("*.py")], _READERS)
    kept = {page: entry for page, entry in _kept(root, general).items() if page in pages and _holds(root, entry)}
    if late := [page for page in pages if page not in kept]:
        fresh, told = _read(root, late)
        if told and strict:
            print(told, file=sys.stderr, end="")
            raise ConvnetsError("The pages cannot be read: mend what the warnings above name.")
        kept |= fresh
        if not told:
            content = json.dumps({"general": general, "pages": kept}, ensure_ascii=False)
            assets.write_atomic(root / KEPT, content.encode())
    return {page: kept[page]["said"] for page in pages if page in kept} | catalogues.words(root)


def _pages(root: Path) -> list[str]:
    """The book's pages, by their Sphinx names: those that ``_toc.yml`` lists."""
    from sphinx_external_toc.parsing import MalformedError, parse_toc_yaml

    try:
        site = parse_toc_yaml(root / "_toc.yml")
    except (OSError, MalformedError) as error:
        raise ConvnetsError(f"{root / '_toc.yml'} cannot be read ({error}): mend it.") from error
    return sorted(str(page) for page in site if (root / f"{page}.md").is_file())


def _kept(root: Path, general: str) -> dict[str, Any]:
    """What was read before, by page; nothing if the press or the book's settings have changed since."""
    try:
        known = json.loads((root / KEPT).read_text(encoding="utf-8"))
        return dict(known["pages"]) if known["general"] == general else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _holds(root: Path, entry: dict[str, Any]) -> bool:
    return all(_digest([root / file]) == digest for file, digest in entry["files"].items())


def _digest(files: Iterable[Path], packages: Iterable[str] = ()) -> str:
    """Of files, whether there or not, and of packages' versions."""
    found = hashlib.sha256(str([(name, version(name)) for name in packages]).encode())
    for file in sorted(files):
        found.update(b"\0" + (hashlib.sha256(file.read_bytes()).digest() if file.is_file() else b"-"))
    return found.hexdigest()


def _read(root: Path, pages: Iterable[str]) -> tuple[dict[str, Any], str]:
    """Have Sphinx read pages: what each says, with the digests of the files it was made of; and Sphinx's warnings."""
    from jupyter_book.config import get_final_config
    from sphinx.application import Sphinx
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
            outputs = root / "assets" / Path(page).name / "outputs.ipynb"
            files = {Path(env.doc2path(page)), outputs, *(root / file for file in env.dependencies[page])}
            digests = {file.relative_to(root).as_posix(): _digest([file]) for file in sorted(files) if _in(root, file)}
            found[page] = {"said": env.metadata[page]["press_said"], "files": digests}
    return found, told.getvalue()


def _in(root: Path, file: Path) -> bool:
    return file.resolve().is_relative_to(root)

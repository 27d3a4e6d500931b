"""``press build`` and ``press serve``: the gate, then Sphinx with warnings as errors, then the links.

Each language of the book is a Sphinx of its own, English in this process, others beside it, each in a work folder.
When all have ended well, the site is put together beside ``_build/html`` and takes its place by a rename: what lies
there is a whole book, or the one before. If nothing that a page can depend on has changed, no Sphinx is started.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import multiprocessing
import os
import re
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Event
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import press
from convnets.common import assets
from convnets.common.errors import ConvnetsError
from press.editions import catalogues
from press.outputs import alone, status
from press.page import addresses, words
from press.publish import printed, translate

SITE = Path("_build", "html")
WORK = Path("_build", "editions")

_SITEMAP = "sitemap.xml"
_READY = ("jupyter_book.config", "sphinx.application", "sphinx_book_theme", "myst_nb", *press.PARTS)
"""Modules that every edition imports."""

_NEW, _OLD = SITE.with_name(".html-new"), SITE.with_name(".html-old")


def build(root: Path, draft: bool = False, live: bool = True) -> int:
    """Print the book at ``root`` into ``_build/html``; returns the exit code, 0 for a site that may be published.

    A page whose stored outputs are stale or missing stops the build; ``draft`` builds and stamps it instead. Without
    ``live`` the demos' printed fallbacks stand in their places, and say so. Whatever fails, the site stays as it was.
    """
    root = root.resolve()
    restore(root)
    made_from, there = printed.inputs(root, draft=draft, live=live), printed.content(root / SITE)
    if not printed.changes(root, there, made_from):
        print(f"Nothing changed since the book was built: open {start_page(root)} or run `press serve`.")
        return 0
    house = printed.house(made_from)
    with _beside(root, draft, live, house) as others, ThreadPoolExecutor(1) as aside:
        opened = aside.submit(printed.open_sealed, _work(root), house)  # it copies while the gate decides
        if wrong := _gate(root, draft):
            print(*wrong, sep="\n")
            return 1
        opened.result()
        if _editions(root, draft, live, house, others) != 0:
            print("Not fit to publish: mend what the warnings above name, then run `press build` again.")
            return 1
    from press.page import checks

    now = _assemble(root, there)
    if broken := checks.links(root / _NEW, [_addresses(root, code) for code in catalogues.languages(root)]):
        print(*broken, sep="\n")
        print("Not fit to publish: mend the links above, then run `press build` again.")
        return 1
    _put_in_place(root)
    printed.record(root, now, made_from)
    print(f"The book is built: open {start_page(root)} or run `press serve`.")
    return 0


def _gate(root: Path, draft: bool) -> list[str]:
    """Why no edition need begin, and what to do, a line each."""
    if lost := status.unlisted(root):
        return [*lost, "Not built: do what the lines above say."]
    if draft:
        return []
    if late := [page for page in status.check(root) if page.state in ("stale", "missing")]:
        told = [f"{page.system} is {page.state}: {'; '.join(page.reasons)}" for page in late]
        names = " ".join(page.system for page in late)
        return [*told, f"Not built: run `press execute {names}` first, or `press build --draft` for a stamped draft."]
    if left := translate.left(root):
        return [*left, "Not built: do what the lines above say, or `press build --draft` for a stamped draft."]
    return []


def restore(root: Path) -> None:
    """Clear what a build left that was killed while it put its site in place."""
    if (root / _OLD).is_dir() and not (root / SITE).exists():
        (root / _OLD).rename(root / SITE)
    for left in (_OLD, _NEW):
        shutil.rmtree(root / left, ignore_errors=True)


class _Others(NamedTuple):
    """Processes that print the editions in other languages, when ``go`` is set."""

    processes: list[SpawnProcess]
    go: Event


@contextmanager
def _beside(root: Path, draft: bool, live: bool, house: str) -> Iterator[_Others]:
    """Processes that get ready while this one decides whether to print; none is left afterwards."""
    _source, *others = catalogues.languages(root)
    context = multiprocessing.get_context("spawn")
    go = context.Event()
    given = [(f"{__name__}:print_beside", go, root, draft, live, house, code) for code in others]
    processes = [context.Process(target=alone.led, args=args, daemon=True) for args in given]
    try:
        for process in processes:
            alone.start(process)
        yield _Others(processes, go)
    finally:
        for process in processes:
            process.kill()


def _editions(root: Path, draft: bool, live: bool, house: str, others: _Others) -> int:
    """Print every language into its work folder; returns 0 if none had a warning."""
    others.go.set()
    failed = _edition(root, draft, live, house) != 0
    for process in others.processes:
        process.join()
    return int(failed or any(process.exitcode for process in others.processes))


def print_beside(go: Event, root: Path, draft: bool, live: bool, house: str, language: str) -> None:
    """Get ready, wait for the word to ``go``, and print an edition."""
    for module in _READY:
        import_module(module)
    printed.open_sealed(_work(root, language), house)
    go.wait()
    try:
        code = _edition(root, draft, live, house, language)
    except ConvnetsError as error:
        print(f"press: {error}", file=sys.stderr)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # it would take a second to take down all that Sphinx has built up


def _edition(root: Path, draft: bool, live: bool, house: str, language: str = words.SOURCE) -> int:
    """Print a language into its work folder, which is open, from where the last build ended, and close that."""
    folder = _work(root, language)
    code = _sphinx(root, draft, live, language)
    if code == 0:
        addresses.keep(folder / SITE.name, _addresses(root, language))
    printed.close(folder, house, is_whole=code == 0)
    return code


def edition(language: str) -> Path:
    """Folder of an edition within the site."""
    return Path() if language == words.SOURCE else Path(language)


def _work(root: Path, language: str = words.SOURCE) -> Path:
    """Where everything lies that the next build of an edition begins with."""
    return _folder(root, language).parent


def _folder(root: Path, language: str) -> Path:
    """Where Sphinx writes an edition; beside it lies what it keeps for the next time."""
    return root / WORK / language / SITE.name


def _addresses(root: Path, language: str) -> Path:
    """What an edition's pages link to; the editions read theirs at the same time."""
    return _folder(root, language).with_name("addresses.json")


def _sphinx(root: Path, draft: bool, live: bool = True, language: str = words.SOURCE) -> int:
    """What ``jupyter-book build . -W --keep-going`` does, in this process; every warning counts."""
    for needed in ("_config.yml", "_toc.yml"):
        if not (root / needed).is_file():
            raise ConvnetsError(f"There is no {needed} in {root}: run `press build` in the book's repository.")
    settings = {"press_live": live, "press_languages": catalogues.languages(root)}
    settings |= {"press_draft": True} if draft else {}
    if language != words.SOURCE:
        settings["language"] = language
    return run_sphinx(root, _folder(root, language), "html", settings)


def run_sphinx(root: Path, folder: Path, builder: str, settings: dict[str, Any]) -> int:
    """Run a builder of Sphinx into ``folder``, as Jupyter Book would, with warnings as errors; gives its exit code.

    Raises:
        ConvnetsError: a file cannot be read or written; or what an extension raised.
    """
    from jupyter_book.config import get_final_config
    from sphinx.application import Sphinx
    from sphinx.cmd.build import handle_exception
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    contents, app = root / "_toc.yml", None
    try:
        config, _ = get_final_config(
            user_yaml=root / "_config.yml",
            cli_config={"external_toc_path": str(contents), "latex_individualpages": False, **settings},
            sourcedir=root,
        )
        with patch_docutils(), docutils_namespace():
            app = Sphinx(root, None, folder, folder.parent / ".doctrees", builder, config, status=None,
                         warning=sys.stderr, warningiserror=True, keep_going=True)  # fmt: skip
            if re.search(r"numbered:\s*true", contents.read_text(encoding="utf-8"), re.IGNORECASE):
                app.setup_extension("sphinx_multitoc_numbering")
            app.build()
            return int(app.statuscode)
    except Exception as error:
        cause = getattr(error, "orig_exc", None) or error
        if isinstance(cause, ConvnetsError):
            raise cause from None
        if isinstance(cause, OSError):
            raise ConvnetsError(
                f"{cause.filename or folder} cannot be read or written ({cause.strerror}): nothing was published."
            ) from error
        handle_exception(app, _NO_DEBUGGING, error, sys.stderr)
        return 1


_NO_DEBUGGING = argparse.Namespace(pdb=False, verbosity=False, traceback=False)


def _assemble(root: Path, there: dict[str, str]) -> dict[str, str]:
    """Put the site of all editions together beside the one that it is to replace; returns the digests of its files.

    A file that is as in the old one, where the files ``there`` have their digests, is the same file.
    """
    languages, found, folders = catalogues.languages(root), {}, set()
    for code in languages:
        work = _folder(root, code)
        for name, digest in printed.sealed(work.parent).items():
            inside = PurePosixPath(name)
            if inside.parts[0] == work.name:
                place = edition(code) / inside.relative_to(work.name)
                if place.parent not in folders:
                    (root / _NEW / place.parent).mkdir(parents=True, exist_ok=True)
                    folders.add(place.parent)
                found[place.as_posix()] = digest
                is_same = there.get(place.as_posix()) == digest
                printed.take(root / SITE / place if is_same else work.parent / name, root / _NEW / place, is_same)
    if _write_sitemap(root / _NEW, languages, catalogues.settings(root)):
        found[_SITEMAP] = assets.sha256((root / _NEW / _SITEMAP).read_bytes())
    return found


def _put_in_place(root: Path) -> None:
    """Make the new site the site; :func:`restore` knows what a kill leaves in between."""
    if (root / SITE).exists():
        (root / SITE).rename(root / _OLD)
    (root / _NEW).rename(root / SITE)
    shutil.rmtree(root / _OLD, ignore_errors=True)


def _write_sitemap(site: Path, languages: list[str], settings: dict[str, Any]) -> bool:
    """Name every page of every edition to search engines, where ``_config.yml`` says at which address they will be."""
    if not (address := (settings.get("html") or {}).get("baseurl")):
        return False
    folders = [site / edition(code) for code in languages]
    files = [file for folder in folders for file in (folder / "index.html", *sorted(folder.glob("book/*.html")))]
    pages = [file.relative_to(site).as_posix() for file in files if file.parent.name != "book" or file.stem != "index"]
    lines = [f"  <url><loc>{address.rstrip('/')}/{page}</loc></url>" for page in pages]
    head = '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    (site / _SITEMAP).write_text("\n".join([head, *lines, "</urlset>", ""]), encoding="utf-8")
    return True


def start_page(root: Path) -> Path:
    """The page to open first."""
    return root / SITE / "index.html"


def serve(root: Path, port: int = 8000) -> int:
    """Serve the built site on this machine until interrupted."""
    if not start_page(root).is_file():
        raise ConvnetsError(f"There is no built site in {root / SITE}: run `press build` first.")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(root / SITE))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise ConvnetsError(f"Port {port} cannot be used ({error.strerror}): choose another with --port.") from error
    with server:
        print(f"The book is at http://127.0.0.1:{server.server_port}/ until you press Ctrl-C.")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0

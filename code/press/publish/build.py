"""``press build`` and ``press serve``: the gate, then Sphinx with warnings as errors, then the links.

Each language of the book is a Sphinx of its own: English in this process, others beside it, into a folder outside the
site, from where they move to ``_build/html/<language>``. Warnings are errors in all of them.
"""

from __future__ import annotations

import functools
import http.server
import multiprocessing
import shutil
from pathlib import Path
from typing import Any

from convnets.common.errors import ConvnetsError
from press.editions import catalogues
from press.outputs import status
from press.page import words
from press.publish import translate

SITE = Path("_build", "html")


def build(root: Path, draft: bool = False, live: bool = True) -> int:
    """Print the book at ``root`` into ``_build/html``; returns the exit code, 0 for a site that may be published.

    A page whose stored outputs are stale or missing stops the build; ``draft`` builds and stamps it instead. Without
    ``live`` the demos' printed fallbacks stand in their places, and say so.
    """
    root = root.resolve()
    if not draft and (late := [page for page in status.check(root) if page.state in ("stale", "missing")]):
        for page in late:
            print(f"{page.system} is {page.state}: {'; '.join(page.reasons)}")
        names = " ".join(page.system for page in late)
        print(f"Not built: run `press execute {names}` first, or `press build --draft` for a stamped draft.")
        return 1
    if not draft and (left := translate.left(root)):
        print(*left, sep="\n")
        print("Not built: do what the lines above say, or `press build --draft` for a stamped draft.")
        return 1
    if _editions(root, draft, live) != 0:
        print("Not fit to publish: mend what the warnings above name, then run `press build` again.")
        return 1
    from press.page import checks

    if broken := checks.links(root / SITE):
        print(*broken, sep="\n")
        print("Not fit to publish: mend the links above, then run `press build` again.")
        return 1
    print(f"The book is built: open {start_page(root)} or run `press serve`.")
    return 0


def _editions(root: Path, draft: bool, live: bool) -> int:
    """Build every language; returns 0 if none had a warning."""
    _source, *others = catalogues.languages(root)
    fork = multiprocessing.get_context("spawn")
    beside = {code: fork.Process(target=_translated, args=(root, draft, live, code)) for code in others}
    for process in beside.values():
        process.start()
    try:
        failed = _sphinx(root, draft, live) != 0
    finally:
        for process in beside.values():
            process.join()
    if failed or any(process.exitcode for process in beside.values()):
        return 1
    for code in others:
        shutil.rmtree(root / SITE / edition(code), ignore_errors=True)
        shutil.copytree(_folder(root, code), root / SITE / edition(code))
    _write_sitemap(root)
    return 0


def edition(language: str) -> Path:
    """Folder of an edition within the site."""
    return Path() if language == words.SOURCE else Path(language)


def _translated(root: Path, draft: bool, live: bool, language: str) -> None:
    raise SystemExit(_sphinx(root, draft, live, language))


def _folder(root: Path, language: str) -> Path:
    """Where Sphinx writes an edition."""
    return root / SITE if language == words.SOURCE else root / SITE.parent / language / SITE.name


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


def run_sphinx(root: Path, folder: Path, builder: str, settings: dict[str, Any], quiet: bool = True) -> int:
    """Run a builder of Sphinx into ``folder`` with warnings as errors; returns its exit code."""
    from jupyter_book.sphinx import build_sphinx

    outcome = build_sphinx(
        root,
        folder,
        noconfig=True,
        path_config=root / "_config.yml",
        confoverrides={"external_toc_path": str(root / "_toc.yml"), "latex_individualpages": False, **settings},
        builder=builder,
        warningiserror=True,
        keep_going=True,
        quiet=quiet,
    )
    code = outcome if isinstance(outcome, int) else 1
    if code:  # or the next build, which reads only what changed, would not repeat the warnings
        (folder.parent / ".doctrees" / "environment.pickle").unlink(missing_ok=True)
    return code


def _write_sitemap(root: Path) -> None:
    """Name every page of every edition to search engines, where ``_config.yml`` says at which address they will be."""
    address = (catalogues.settings(root).get("html") or {}).get("baseurl")
    if not address:
        (root / SITE / "sitemap.xml").unlink(missing_ok=True)
        return
    folders = [root / SITE / edition(code) / "book" for code in catalogues.languages(root)]
    pages = [page.relative_to(root / SITE).as_posix() for folder in folders for page in sorted(folder.rglob("*.html"))]
    lines = [f"  <url><loc>{address.rstrip('/')}/{page}</loc></url>" for page in pages]
    head = '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    (root / SITE / "sitemap.xml").write_text("\n".join([head, *lines, "</urlset>", ""]), encoding="utf-8")


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

"""``press build`` and ``press serve``: the gate, then Sphinx with warnings as errors, then the links."""

from __future__ import annotations

import functools
import http.server
from pathlib import Path

from convnets.common.errors import ConvnetsError
from press import status

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
    if _sphinx(root, draft, live) != 0:
        print("Not fit to publish: mend what the warnings above name, then run `press build` again.")
        return 1
    from press import checks

    if broken := checks.links(root / SITE):
        print(*broken, sep="\n")
        print("Not fit to publish: mend the links above, then run `press build` again.")
        return 1
    print(f"The book is built: open {start_page(root)} or run `press serve`.")
    return 0


def _sphinx(root: Path, draft: bool, live: bool = True) -> int:
    """What ``jupyter-book build . -W --keep-going`` does, in this process; every warning counts."""
    from jupyter_book.sphinx import build_sphinx

    for needed in ("_config.yml", "_toc.yml"):
        if not (root / needed).is_file():
            raise ConvnetsError(f"There is no {needed} in {root}: run `press build` in the book's repository.")
    overrides = {"external_toc_path": str(root / "_toc.yml"), "latex_individualpages": False, "press_live": live}
    outcome = build_sphinx(
        root,
        root / SITE,
        noconfig=True,
        path_config=root / "_config.yml",
        confoverrides=overrides | ({"press_draft": True} if draft else {}),
        warningiserror=True,
        keep_going=True,
        quiet=True,
    )
    return outcome if isinstance(outcome, int) else 1


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

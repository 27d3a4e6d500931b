"""What browser tests share: where the built site lies, how Chromium is started, and a page with all its complaints.

Their fixtures, ``chromium``, ``serve``, ``site`` and ``address``, are in ``conftest.py``.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
SHOTS = ROOT / ".screenshots"
PAGES = sorted(page.stem for page in (ROOT / "book").glob("*.md"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no page needs another host
]
WATCH = "addEventListener('securitypolicyviolation', e => noteViolation(`${e.effectiveDirective} ${e.blockedURI}`))"


@contextlib.contextmanager
def launch(path: str) -> Iterator[Any]:
    """The Chromium at ``path``, started."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve ``folder`` on a free port of this machine; gives the address, without a slash at its end."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Visit:
    """One page opened in one theme and width, with what went wrong on the way.

    ``strangers`` are requests that left the site, ``violations`` what the page's security policy forbade. Timers and
    frames of the page can be moved on with :meth:`forward`, so that no test waits for them.
    """

    loads = 0
    """Pages loaded since a test began, by all visits; ``ladder.py`` adds them up."""

    def __init__(self, chromium: Any, url: str, theme: str = "light", width: int = 1280, **context: Any) -> None:
        self.errors: list[str] = []
        self.strangers: list[str] = []
        self.failed: list[str] = []
        self.violations: list[str] = []
        self.own = "file:" if url.startswith("file:") else "{0.scheme}://{0.netloc}/".format(urlsplit(url))
        self.context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, **context)
        self.context.expose_binding("noteViolation", lambda _source, what: self.violations.append(what))
        self.context.add_init_script(WATCH)
        self.context.clock.install()
        self.page = self.context.new_page()
        self.page.on("load", lambda _page: self.count())
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.hear(message.text))
        self.page.on("request", lambda request: self.note(request.url))
        self.page.on("requestfailed", lambda request: self.failed.append(request.url))
        self.page.goto(url, wait_until="load")
        self.look(theme, width)

    def look(self, theme: str, width: int) -> None:
        """Show the page as it is now in this theme and at this width."""
        self.page.emulate_media(color_scheme=theme)
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @staticmethod
    def count() -> None:
        Visit.loads += 1

    def forward(self, seconds: float) -> None:
        """Let so much of the page's time go by at once, with every timer and frame in it."""
        self.page.clock.run_for(round(1000 * seconds))

    def note(self, url: str) -> None:
        if not url.startswith((self.own, "data:", "blob:")):
            self.strangers.append(url)

    def hear(self, said: str) -> None:
        """Workers report violations on the console alone."""
        if "Content Security Policy" in said:
            self.violations.append(said)

    def until(self, expression: str, seconds: float = 20) -> None:
        """Wait until a JavaScript expression holds; Playwright's own way needs ``eval``, which the policy forbids."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, f"{expression} does not hold after {seconds} s"
            self.page.wait_for_timeout(50)

    def settle(self) -> None:
        """Wait until the page's mathematics is set."""
        self.until("!document.querySelector('.math') || !!document.querySelector('mjx-container')")

    def check(self) -> None:
        """Nothing went wrong so far."""
        assert not self.errors
        assert not self.violations, "the page's own policy forbids what it does"
        assert not self.strangers, "a page asks another host"
        assert not self.failed

    def close(self) -> None:
        self.context.close()


Serve = Callable[[Path], str]

AXE = ROOT / "code" / "live" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EXCEPTIONS: dict[str, str] = {}
"""Rules of axe that pages may break, at most three, each with the reason and the upstream issue."""

Axe = Callable[..., list[str]]


def broken_rules(page: Any, within: str = "html") -> list[str]:
    """What axe finds on a page in its present state, one line for each element; axe itself fetches style sheets."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    run = "([within, rules]) => axe.run(within, {runOnly: rules, resultTypes: ['violations']})"
    found = [rule for rule in page.evaluate(run, [within, RULES])["violations"] if rule["id"] not in EXCEPTIONS]
    return [f"{rule['id']}: {node['target']} {node['html'][:200]}" for rule in found for node in rule["nodes"]]

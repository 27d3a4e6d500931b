"""What browser tests share: where the built site lies, how Chromium is started, and a page with all its complaints.

Their fixtures, ``chromium``, ``serve``, ``site`` and ``address``, are in ``conftest.py``.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
SHOTS = ROOT / ".screenshots"
"""Where pictures of pages and demos are put, for people to look at, under CONVNETS_SHOTS=1: they take long."""

PAGES = sorted(page.stem for page in (ROOT / "book").glob("*.md"))
ADDRESSES = ["index", *(f"book/{page}" for page in PAGES if page != "index")]
"""Of the pages, without their endings: the first one is the site's own."""
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
QUICK = ["--js-flags=--liftoff-only"]
"""For tests: WebAssembly is not compiled a second time, for speed, which takes longer than all that one page computes.
Answers are the same to the last bit."""
WATCH = "addEventListener('securitypolicyviolation', e => noteViolation(`${e.effectiveDirective} ${e.blockedURI}`))"
SHIFTS = """globalThis.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries().filter((each) => !each.hadRecentInput)
  .map(({ value, startTime }) => ({ value, startTime })))).observe({ type: "layout-shift", buffered: true });"""
"""Told before a page's own scripts run, it notes what moves there by itself."""
WORST = """(() => {
  let worst = 0, sum = 0, first = 0, last = -Infinity; // of windows of five seconds without a pause of one
  for (const { value, startTime } of shifts) {
    if (startTime - last > 1000 || startTime - first > 5000) [sum, first] = [0, startTime];
    [sum, last] = [sum + value, startTime];
    worst = Math.max(worst, sum);
  }
  return worst;
})()"""
"""The largest sum of what moved within a session, as browsers count it; a page is good up to 0.1."""
DEMO = "[data-live][id]"
"""The demo that a chapter begins with."""
ARRIVE = "() => document.getAnimations().forEach(each => { try { each.finish() } catch { } })"


@contextlib.contextmanager
def launch(path: str, more: Sequence[str] = ()) -> Iterator[Any]:
    """The Chromium at ``path``, started, with ``more`` flags than all have."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *more])
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
    kept: Visit | None = None
    """The page that :class:`Pages` keeps."""

    def __init__(
        self, chromium: Any, url: str, theme: str = "light", width: int = 1280, script: str = "", **context: Any
    ) -> None:
        """``script`` runs in the page before its own ones; ``context`` is Playwright's."""
        Visit.leave()
        self.errors: list[str] = []
        self.strangers: list[str] = []
        self.failed: list[str] = []
        self.violations: list[str] = []
        self.asked: set[Any] = set()  # by the document that is shown, or by one that is on its way to take its place
        self.leaves = False
        self.own = "file:" if url.startswith("file:") else "{0.scheme}://{0.netloc}/".format(urlsplit(url))
        self.context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, **context)
        self.context.expose_binding("noteViolation", lambda _source, what: self.violations.append(what))
        self.context.clock.install()  # first: a script may want its timers
        self.context.add_init_script(f"{WATCH};{script}")
        self.context.set_default_timeout(60_000)  # no wait is short: the machine may be busy
        self.page = self.context.new_page()
        self.page.on("load", lambda page: self.count(page.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.hear(message.text))
        self.page.on("request", self.note)
        self.page.on("framenavigated", self.turn)
        self.page.on("requestfailed", self.miss)
        self.page.goto(url, wait_until="load")
        self.look(theme, width)

    def look(self, theme: str, width: int) -> None:
        """Show the page as it is now in this theme and at this width."""
        self.page.emulate_media(color_scheme=theme)
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        self.arrive()

    def arrive(self) -> None:
        """What slides or fades is where it goes to; what moves for ever cannot be finished."""
        self.page.evaluate(ARRIVE)

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @staticmethod
    def count(url: str) -> None:
        Visit.loads += url != "about:blank"

    @staticmethod
    def leave() -> None:
        """Close the page that :class:`Pages` keeps, whose demo would go on working beside others."""
        if Visit.kept:
            Visit.kept.close()
            Visit.kept = None

    def forward(self, seconds: float) -> None:
        """Let so much of the page's time go by at once, with every timer and frame in it."""
        self.page.clock.run_for(round(1000 * seconds))

    @contextlib.contextmanager
    def standing(self) -> Iterator[None]:
        """Within it the page's time goes by with :meth:`forward` alone, however slow the machine is."""
        self.page.clock.pause_at(self.page.evaluate("Date.now()") / 1000 + 10)
        yield
        self.page.clock.resume()

    def rest(self, seconds: float = 0) -> None:
        """Let so much of the page's time go by, and its demo answer all that it was asked."""
        self.forward(seconds)
        self.until("Live.works.count === 0 && !document.querySelector('.live-demo [aria-busy]')")

    def note(self, request: Any) -> None:
        if not request.url.startswith((self.own, "data:", "blob:")):
            self.strangers.append(request.url)
        if request.is_navigation_request() and request.frame == self.page.main_frame:
            self.leaves = True
            self.asked.clear()
        elif not self.leaves:
            self.asked.add(request)

    def away(self) -> None:
        """Leave the page for an empty one, for which nothing is asked: what it still fetches may end."""
        self.leaves = True
        self.asked.clear()
        self.page.goto("about:blank")

    def turn(self, frame: Any) -> None:
        """Another document is shown: what is asked from now on, it asks."""
        if frame == self.page.main_frame:
            self.leaves = False

    def miss(self, request: Any) -> None:
        """What a page still asked for when it was left has not failed."""
        if request.failure != "net::ERR_ABORTED" or request in self.asked:
            self.failed.append(f"{request.url}: {request.failure}")

    def hear(self, said: str) -> None:
        """Workers report violations on the console alone."""
        if "Content Security Policy" in said:
            self.violations.append(said)

    def until(self, expression: str, seconds: float = 60, step: float = 0) -> None:
        """Wait until a JavaScript expression holds; Playwright's own way needs ``eval``, which the policy forbids.

        With ``step`` the page's time is moved on by so many seconds between two looks. Who waits long looks less often.
        """
        end, pause = time.monotonic() + seconds, 20.0
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, f"{expression} does not hold after {seconds} s"
            self.forward(step) if step else self.page.wait_for_timeout(pause)
            pause = min(200, 1.3 * pause)

    def overflow(self, within: str = "html") -> int:
        """By how many pixels a page, or a part of it, is too wide for its place."""
        return self.page.locator(within).first.evaluate("e => e.scrollWidth - e.clientWidth")

    def shot(self, name: str, place: Any = None) -> None:
        """A picture of the whole page, or of a place in it, if they are wanted."""
        if os.environ.get("CONVNETS_SHOTS") == "1":
            SHOTS.mkdir(exist_ok=True)
            whole = {} if place else {"full_page": True}
            (place or self.page).screenshot(path=SHOTS / f"{name}.png", **whole)

    def settle(self) -> None:
        """Wait until the page's mathematics is set."""
        self.until("!document.querySelector('.math') || !!document.querySelector('mjx-container')")

    def check(self) -> None:
        """Nothing went wrong so far."""
        assert not self.errors, "\n".join(map(str, self.errors))
        assert not self.violations, "the page's own policy forbids what it does"
        assert not self.strangers, "a page asks another host"
        assert not self.failed, "\n".join(self.failed)

    def close(self) -> None:
        self.context.close()

    def reach(self, how: str) -> None:
        """Go to the demo that a chapter begins with, as a reader does, and wait until it runs and rests.

        With the ``wheel``, or by a link, a ``jump``.
        """
        page, top = self.page, f"document.querySelector('{DEMO}').getBoundingClientRect().top"
        if how == "wheel":
            page.mouse.move(200, 450)
            for _ in range(100):
                if page.evaluate(top) < 200:
                    break
                page.mouse.wheel(0, 150)
                page.wait_for_timeout(30)
            page.mouse.move(0, 0)  # what the mouse is over looks otherwise
        else:
            page.evaluate(f"location.hash = document.querySelector('{DEMO}').id")
        page.locator(f"{DEMO}[data-live-state=ready]").wait_for(timeout=60_000)
        self.rest()


@dataclass
class Arrival:
    """A page at its first demo, where a reader has gone, with what was seen when it had just come to rest."""

    visit: Visit
    top: float = 0
    """Pixels from the page's beginning to the demo's, before anything was loaded for it."""
    shift: float = 0
    """How much moved when the demo came."""
    height: float = 0
    """Pixels of the demo's first state."""


class Pages:
    """Pages of the built book, of which the last is kept, since to open one takes long, until another is opened.

    ``pages("book/lenet")`` is wide, and the reader has come to its demo with the wheel; with ``is_narrow`` it is a
    phone's, and the reader has come by a link. Tests find it in the light theme and at its width, else as the one
    before left it: bring it to where you begin.
    """

    WIDTHS = {False: 1280, True: 390}

    def __init__(self, chromium: Any, address: str) -> None:
        self.chromium, self.address = chromium, address
        self.last: tuple[str, bool] | None = None

    def __call__(self, name: str, is_narrow: bool = False) -> Arrival:
        if self.last != (name, is_narrow) or self.arrival.visit is not Visit.kept:
            self.arrival, self.last = self.open(name, is_narrow), (name, is_narrow)
            Visit.kept = self.arrival.visit
        self.arrival.visit.look("light", self.WIDTHS[is_narrow])
        return self.arrival

    def open(self, name: str, is_narrow: bool) -> Arrival:
        options = {"has_touch": True} if is_narrow else {}
        url = f"{self.address}/{name}.html"
        visit = Visit(self.chromium, url, width=self.WIDTHS[is_narrow], script=SHIFTS, **options)
        try:
            visit.settle()
            if not visit.page.locator(DEMO).count():
                return Arrival(visit)
            top = visit.page.locator(DEMO).evaluate("place => place.getBoundingClientRect().top + scrollY")
            visit.reach("jump" if is_narrow else "wheel")
            height = visit.page.locator(f"{DEMO} > .live-demo").evaluate("demo => demo.offsetHeight")
            return Arrival(visit, top, visit.page.evaluate(WORST), height)
        except BaseException:
            visit.close()
            raise


Serve = Callable[[Path], str]

AXE = ROOT / "code" / "live" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that a page may keep in one theme and break in the other."""
EXCEPTIONS: dict[str, str] = {}
"""Rules of axe that pages may break, at most three, each with the reason and the upstream issue."""

Axe = Callable[..., list[str]]


ALONE = """within => {
  const taken = [];
  for (let kept = document.querySelector(within); kept !== document.body; kept = kept.parentElement)
    for (const beside of [...kept.parentElement.children])
      if (beside !== kept && !beside.matches("script, style, link")) {
        const stand = document.createComment("");
        beside.replaceWith(stand);
        taken.push([stand, beside]);
      }
  globalThis.putBack = () => taken.reverse().forEach(([stand, beside]) => stand.replaceWith(beside));
}"""
"""Takes everything but one element and its ancestors out of the page for a while: axe reads whole pages, and slowly."""


def broken_rules(page: Any, within: str = "html", rules: Sequence[str] = RULES) -> list[str]:
    """What axe finds on a page in its present state, one line for each element.

    ``rules`` by their names or their kinds; in a page's second theme COLOURS are enough. When it looks for the first
    time it fetches sounds and films, too: they do not change. (No rule of these reads the style sheets' sources.)
    """
    is_first = not page.evaluate("() => 'axe' in globalThis")
    if is_first:
        page.evaluate(AXE.read_text(encoding="utf-8"))
    page.evaluate("() => scrollTo(0, 0)")  # the bar that stays on top must not cover a button
    if within != "html":
        page.evaluate(ALONE, within)
    run = "([within, rules, preload]) => axe.run(within, {runOnly: rules, resultTypes: ['violations'], preload})"
    preload = {"assets": ["media"]} if is_first else False
    told = page.evaluate(run, [within, list(rules), preload])["violations"]
    found = [rule for rule in told if rule["id"] not in EXCEPTIONS]
    if within != "html":
        page.evaluate("() => putBack()")
    return [f"{rule['id']}: {node['target']} {node['html'][:200]}" for rule in found for node in rule["nodes"]]

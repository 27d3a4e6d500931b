"""The printed pages in a real browser: both themes, a wide and a narrow window, over http and from disk."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import get_browser
import pytest

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
SHOTS = ROOT / ".screenshots"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
UPSTREAM = "THEBE_JS_URL"  # sphinx-thebe declares it twice on each page: not ours
PAGES = sorted(page.stem for page in (ROOT / "book").glob("*.md"))


@pytest.fixture(scope="module")
def browser(absent: Callable[[str], None]) -> Iterator[Any]:
    if not (SITE / "book" / "index.html").exists():
        absent("the site is not built: `press build` does it")
    if not (path := get_browser.find()):
        absent("there is no Chromium: `python tests/get_browser.py` tries to get one")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(SITE))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Visit:
    """One page opened in one theme and width, with what went wrong on the way."""

    def __init__(self, browser: Any, url: str, theme: str, width: int) -> None:
        self.errors: list[str] = []
        self.strangers: list[str] = []
        self.failed: list[str] = []
        self.context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
        self.page = self.context.new_page()
        own = url.split("/book/")[0]
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.note(request.url, own))
        self.page.on("requestfailed", lambda request: self.failed.append(request.url))
        self.page.goto(url, wait_until="load")
        self.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)

    def note(self, url: str, own: str) -> None:
        if not url.startswith((own, "data:", "blob:")):
            self.strangers.append(url)

    def check(self) -> None:
        assert not [error for error in self.errors if UPSTREAM not in error]
        assert not self.strangers, "a page asks another host"
        assert not self.failed

    def close(self) -> None:
        self.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_page_reads_well(browser: Any, address: str, name: str, width: int, theme: str) -> None:
    visit = Visit(browser, f"{address}/book/{name}.html", theme, width)
    page = visit.page
    try:
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 1, f"the page is {overflow} px wider than the window"
        pictures = page.evaluate(
            """async () => { const all = [...document.querySelectorAll("article img")];
            all.forEach(i => { i.loading = "eager" });
            await Promise.all(all.map(i => i.decode().catch(() => 0)));
            return all.map(i => ({src: i.src, alt: i.alt, ok: i.naturalWidth > 0,
              shown: i.offsetParent !== null, twin: i.className})) }"""
        )
        for picture in pictures:
            assert picture["alt"].strip(), f"{picture['src']} has no alt text"
            assert picture["ok"] or not picture["shown"], f"{picture['src']} does not load"
            other = "only-dark" if theme == "light" else "only-light"
            assert not (other in picture["twin"] and picture["shown"]), f"{picture['src']} shows in the wrong theme"
        visit.check()
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}-{theme}-{width}.png", full_page=True)
    finally:
        visit.close()


def test_chapter_opens_from_disk(browser: Any) -> None:
    visit = Visit(browser, (SITE / "book" / "lenet.html").as_uri(), "light", 1280)
    try:
        assert visit.page.locator("h1").first.inner_text().strip()
        visit.page.wait_for_function("document.querySelectorAll('mjx-container').length > 0", timeout=20_000)
        visit.check()
    finally:
        visit.close()


def test_search_finds_the_chapter(browser: Any, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/search.html?q=subsampling")
    page.wait_for_selector("#search-results li a", timeout=20_000)
    links = page.eval_on_selector_all("#search-results li a", "all => all.map(a => a.href)")
    context.close()
    assert any("lenet" in link for link in links)


def test_screenshots_are_ignored_by_git() -> None:
    assert f"/{SHOTS.name}/" in Path(ROOT / ".gitignore").read_text().splitlines()

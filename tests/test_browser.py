"""The printed pages in a real browser: both themes, a wide and a narrow window, over http and from disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browsing import ADDRESSES, COLOURS, EXCEPTIONS, PAGES, ROOT, RULES, SHOTS, Axe, Pages, Serve, Visit

OTHER_HOST = """async other => {
  const loads = (tag, place) => new Promise(told => {
    const made = Object.assign(document.createElement(tag), place);
    made.onload = () => told(true);
    made.onerror = () => told(false);
    document.head.append(made);
  });
  return {
    fetch: await fetch(`${other}/x.txt`, {mode: "no-cors"}).then(() => true, () => false),
    img: await loads("img", {src: `${other}/x.svg`}),
    script: await loads("script", {src: `${other}/x.js`}),
    style: await loads("link", {rel: "stylesheet", href: `${other}/x.css`}),
  };
}"""

WORKER = """() => new Promise(told => {
  const source = `onmessage = async () => {
    const module = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102,
      0, 0, 10, 6, 1, 4, 0, 65, 42, 11]);
    const { instance } = await WebAssembly.instantiate(module);
    postMessage(instance.exports.f());
  }`;
  const worker = new Worker(URL.createObjectURL(new Blob([source])));
  worker.onmessage = message => told(message.data);
  worker.onerror = error => told(error.message);
  worker.postMessage(0);
})"""

FOCUS = """() => {
  const element = document.activeElement, box = element.getBoundingClientRect(), style = getComputedStyle(element);
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return {
    name: `${element.tagName} ${element.className} ${element.textContent.trim().slice(0, 40)}`,
    href: element.getAttribute("href"),
    inside: document.getElementById("main-content").contains(element),
    seen: (outlined || style.boxShadow.includes("rgb(")) && box.width > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""


PICTURES = """async () => {
  const all = [...document.querySelectorAll("article img")];
  all.forEach(i => { i.loading = "eager" });
  await Promise.all(all.map(i => i.decode().catch(() => 0)));
  return all.map(i => ({src: i.src, alt: i.alt, ok: i.naturalWidth > 0, shown: i.offsetParent !== null,
    twin: i.className}));
}"""


@pytest.mark.parametrize("name", [*ADDRESSES, "search", "genindex"])
def test_page_reads_well_for_everyone(pages: Pages, name: str, axe: Axe) -> None:
    """Its demos started, axe once a theme, and the narrow window."""
    visit = pages(name).visit
    start_demos(visit)
    for theme in ("light", "dark"):
        visit.look(theme, 1280)
        for picture in visit.page.evaluate(PICTURES):
            assert picture["alt"].strip(), f"{picture['src']} has no alt text"
            assert picture["ok"] or not picture["shown"], f"{picture['src']} does not load"
            other = "only-dark" if theme == "light" else "only-light"
            assert not (other in picture["twin"] and picture["shown"]), f"{picture['src']} shows in the wrong theme"
        told = axe(visit.page, rules=RULES if theme == "light" else COLOURS)
        assert not told, "\n".join((f"with the {theme} theme:", *told))
        visit.shot(f"{Path(name).name}-{theme}-1280")
    for theme, width in (("dark", 1280), ("light", 390)):
        visit.look(theme, width)
        overflow = visit.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 1, f"the page is {overflow} px wider than the window of {width} px"
    visit.shot(f"{Path(name).name}-light-390")
    visit.check()


def start_demos(visit: Visit) -> None:
    """Each demo starts when it nears the screen, those in folds too; wait until all are ready."""
    visit.page.evaluate("document.querySelectorAll('details.press-fold').forEach(fold => { fold.open = true })")
    for demo in visit.page.locator("[data-live]").all():
        demo.scroll_into_view_if_needed()
    visit.until("![...document.querySelectorAll('[data-live]')].some(it => it.dataset.liveState !== 'ready')")


CAPTIONS = """() => [...document.querySelectorAll("table > caption")].map((caption) => {
  const box = caption.closest(".pst-scrollable-table-container");
  box.scrollLeft = 1000;
  const [frame, place] = [box, caption].map((it) => it.getBoundingClientRect());
  const beyond = Math.max(frame.left - place.left, place.right - frame.right);
  return { text: caption.textContent, scrolled: box.scrollLeft, beyond };
})"""


def test_on_a_phone_a_caption_stays_when_its_table_scrolls(chromium: Any, address: str) -> None:
    with Visit(chromium, f"{address}/es/book/signs.html", width=390) as visit:
        captions = visit.page.evaluate(CAPTIONS)
        assert max(caption["scrolled"] for caption in captions) > 50, "no table is wider than the phone"
        assert [caption["text"] for caption in captions if caption["beyond"] > 2] == []


def test_the_site_has_live_demos(site: Path, absent: Callable[[str], None]) -> None:
    if not any("data-live=" in (site / "book" / f"{page}.html").read_text(encoding="utf-8") for page in PAGES):
        absent("the site is built without live demos: `press build` brings them")


def test_exceptions_stay_few() -> None:
    assert len(EXCEPTIONS) <= 3 and all(EXCEPTIONS.values())


def test_keyboard_leads_to_the_text(chromium: Any, address: str) -> None:
    with Visit(chromium, f"{address}/book/glossary.html") as visit:
        page, stops = visit.page, []
        while not stops or (not stops[-1]["inside"] and len(stops) < 60):
            page.keyboard.press("Tab")
            visit.arrive()  # the skip link slides in
            stops.append(page.evaluate(FOCUS))
        assert stops[0]["href"] == "#main-content", "the first stop is the link that skips the menus"
        assert stops[-1]["inside"], "the text can be reached through the menus"
        assert not [stop["name"] for stop in stops if not stop["seen"]], "what has the focus shows it"
        page.reload()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS)["inside"], "the skip link leads into the text"


@pytest.mark.parametrize("opened", ["served", "from disk"])
def test_policy_lets_nothing_out(
    chromium: Any, address: str, site: Path, serve: Serve, tmp_path: Path, opened: str
) -> None:
    for name in ("x.txt", "x.js", "x.css"):
        (tmp_path / name).write_text("")
    (tmp_path / "x.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')
    other, base = serve(tmp_path), address if opened == "served" else site.as_uri()
    with Visit(chromium, f"{base}/book/glossary.html", bypass_csp=True) as without:
        assert all(without.page.evaluate(OTHER_HOST, other).values()), "this test asks a host that answers"
    with Visit(chromium, f"{base}/book/glossary.html") as visit:
        visit.check()
        assert not any(visit.page.evaluate(OTHER_HOST, other).values())
        told = " ".join(visit.violations)
        assert all(f"{other}/{name}" in told for name in ("x.txt", "x.svg", "x.js", "x.css"))


@pytest.mark.parametrize("opened", ["served", "from disk"])
def test_policy_lets_a_worker_compute(chromium: Any, address: str, site: Path, opened: str) -> None:
    base = address if opened == "served" else site.as_uri()
    with Visit(chromium, f"{base}/index.html") as visit:
        assert visit.page.evaluate(WORKER) == 42
        visit.check()


def test_chapter_opens_from_disk(chromium: Any, site: Path) -> None:
    with Visit(chromium, (site / "book" / "lenet.html").as_uri()) as visit:
        assert visit.page.locator("h1").first.inner_text().strip()
        visit.until("document.querySelectorAll('mjx-container').length > 0")
        visit.check()


@pytest.mark.parametrize("opened", ["served", "from disk"])
def test_search_finds_the_chapter(chromium: Any, address: str, site: Path, opened: str) -> None:
    base = address if opened == "served" else site.as_uri()
    with Visit(chromium, f"{base}/index.html") as visit:
        page = visit.page
        page.keyboard.press("Control+k")
        page.locator("#pst-search-dialog input").fill("subsampling")
        page.keyboard.press("Enter")
        page.wait_for_selector("#search-results li a")
        links = page.eval_on_selector_all("#search-results li a", "all => all.map(a => a.href)")
        assert any("lenet" in link for link in links)
        assert not visit.violations and not visit.strangers


def test_the_search_finds_the_first_page_where_it_is(chromium: Any, address: str) -> None:
    with Visit(chromium, f"{address}/book/glossary.html") as visit:
        visit.page.goto(f"{address}/book/index.html")
        visit.page.wait_for_url(f"{address}/index.html")
        visit.check()


def test_screenshots_are_ignored_by_git() -> None:
    assert f"/{SHOTS.name}/" in Path(ROOT / ".gitignore").read_text().splitlines()

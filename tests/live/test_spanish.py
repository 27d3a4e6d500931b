"""The Spanish edition in a real browser: no English in its interface, a way there and back, search without accents."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from browsing import ADDRESSES, ROOT, Axe, Pages, Visit

from press.editions import catalogues
from press.page import figures, live, words

PAGES = [*ADDRESSES, "search", "genindex"]

ENGLISH = re.compile(
    r"\b(the|and|of|with|this|these|to|from|for|on|is|are|was|not|your|by|in place|page|pages|search|next|previous|"
    r"show|hide|click|copy|copied|toggle|download|contents|index|navigation|sidebar|light|dark|home|link|permalink|back|"
    r"top(?!-\d)|table|figure|fig|equation|exercise|solution|note|warning|draft|question|answer|check|right|wrong|try|again|"
    r"move|up|down|choose|write|computed|device|paper|ours|seeds?|results?|draw|drawing|digits?|pad|pen|undo|clear|sample|"
    r"samples|network|noise|turn|shift|reset|sliders?|row|column|score|distance|weights|values|products|sum|map|maps|"
    r"units?|layer|main|skip|close|open|edit|print|fullscreen|mode|system|settings|loading|launch|source|built|last|"
    r"updated|code|cell|heading|image|term|definition|version|threads?|authors?|drawn|rates?)\b",
    re.IGNORECASE,
)
"""Words that give English away; none of them is a Spanish word that the interface uses, as *top-5* is."""

ALLOWED = {"English", "Ctrl", "CC BY 4.0"}

INTERFACE = """() => {
  const said = [], note = (text) => text && text.trim() && said.push(text.replace(/\\s+/g, " ").trim());
  const foreign = "pre, code, .press-verbatim, mjx-container, [lang]:not(html), .citation, .citation_reference, " +
    ".bibliography";
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest(foreign) || element.matches("a[title*='doi'], article a.internal[title]")) continue;
    for (const name of ["aria-label", "title", "placeholder", "alt", "data-bs-title", "data-tooltip"])
      note(element.getAttribute(name));
  }
  const chrome = "button, summary, kbd, label, legend, caption, th, nav, header, footer, #search-results, " +
    ".search-summary, .caption-number, .admonition-title, .press-provenance, .press-explanation, .quiz-title, " +
    ".press-results td, .quiz-hint, .quiz-right, .quiz-mark, .bd-search-container, [data-live], .prev-next-area";
  for (const element of document.querySelectorAll(chrome)) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (!parent.closest(foreign + ", script, style")) note(walker.currentNode.data);
    }
  }
  return [...new Set(said)];
}"""


@pytest.fixture(scope="module")
def spanish(site: Path) -> Path:
    """The folder of the Spanish edition."""
    assert (site / "es" / "index.html").is_file(), "`press build` prints both editions"
    return site / "es"


def english(page: Any) -> list[str]:
    """What a page's interface says in English."""
    said = [text for text in page.evaluate(INTERFACE) if text not in ALLOWED]
    names = r"© Copyright|SOURCES\.md|\bMain\.|centro on\b|\bmAP\b|CC BY-NC"
    return [text for text in said if ENGLISH.search(re.sub(names, "", text))]


@pytest.mark.parametrize("name", PAGES)
def test_no_english_in_the_interface(pages: Pages, spanish: Path, name: str) -> None:
    """Nor in what a quiz says when it is asked, or a demo in any of its views."""
    visit = pages(f"es/{name}", is_narrow=True).visit
    page = visit.page
    assert page.evaluate("document.documentElement.lang") == "es"
    for place in page.locator("[data-live]").all():
        place.scroll_into_view_if_needed()
        place.locator(".live-demo").wait_for()
    page.evaluate("document.querySelectorAll('.press-fold, .live-fold').forEach(fold => { fold.open = true })")
    for button in page.locator(".quiz button[type=submit], .quiz .quiz-check").all():
        button.click()
    assert english(page) == []
    for tab in page.locator(".live-demo .live-tools button[value]").all():
        if not tab.count():  # it belonged to a view that another has replaced
            continue
        tab.click()
        visit.until("!document.querySelector('.live-demo [aria-busy]')")
        visit.forward(1.5)
        assert english(page) == [], f"after {tab.inner_text()}"
    if name == "book/lenet":
        page.get_by_role("button", name="Una fila de dígitos").click()
        visit.until("document.querySelector('[data-live]').innerText.includes('La red lee')")
    visit.check()


def demos(folder: Path) -> list[str]:
    """Pages with a live demo."""
    pages = sorted((folder / "book").glob("*.html"))
    return [page.stem for page in pages if "data-live=" in page.read_text(encoding="utf-8")]


def test_every_word_of_the_demos_is_translated(spanish: Path) -> None:
    """A page brings what the catalogues say of its demo, no more and no less."""
    for name in demos(spanish):
        text = (spanish / "book" / f"{name}.html").read_text(encoding="utf-8")
        brought: dict[str, str] = {}
        for table in re.findall(r'class="live-words">(.*?)</script>', text):
            brought |= json.loads(table)
        systems = set(re.findall(r'data-live="(\w+)"', text))
        said = {word: domain for system in systems for word, domain in live.words(ROOT, system).items()}
        known = {domain: catalogues.translations(ROOT, "es", domain) for domain in said.values()}
        expected = {word: known[domain].get(word, word) for word, domain in said.items()}
        assert brought == {word: other for word, other in expected.items() if other != word}, name
        if name == "lenet":
            assert brought["Draw a digit, or choose a sample."] == "Dibuja un dígito o elige una muestra."


def test_no_word_of_a_demo_hides_from_the_catalogues() -> None:
    """The reader of messages does not look into a template literal."""
    hidden = re.compile(r"`[^`]*\$\{[^`]*\bt\(\"")
    files = (ROOT / "code" / "live" / "src").rglob("*.js")
    assert not [file.name for file in files if hidden.search(file.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("opened", ["served", "from disk"])
def test_one_click_leads_to_the_same_page_and_back(
    chromium: Any, address: str, site: Path, spanish: Path, opened: str
) -> None:
    base = address if opened == "served" else site.as_uri()
    with Visit(chromium, f"{base}/book/glossary.html") as visit:
        page = visit.page
        for name, code, target in (
            ("Español", "es", "/es/book/glossary.html"),
            ("English", "en", "/book/glossary.html"),
        ):
            link = page.get_by_role("link", name=name, exact=True)
            assert (link.get_attribute("lang"), link.get_attribute("hreflang")) == (code, code)
            link.click()
            page.wait_for_url(f"**{target}")
            assert page.url == f"{base}{target}" and len(visit.context.pages) == 1
        visit.check()


@pytest.mark.parametrize(
    ("opened", "typed"),
    [("served", "convolución"), ("served", "convolucion"), ("from disk", "CONVOLUCIONES")],
)
def test_search_minds_no_accents(
    chromium: Any, address: str, site: Path, spanish: Path, opened: str, typed: str
) -> None:
    base = address if opened == "served" else site.as_uri()
    with Visit(chromium, f"{base}/es/search.html?q={typed}") as visit:
        visit.page.wait_for_selector("#search-results li a[href*='/lenet.html']")
        links = visit.page.eval_on_selector_all("#search-results li a", "all => all.map(a => a.href)")
        assert any("/es/book/lenet.html" in link for link in links)
        assert english(visit.page) == [] and not visit.violations


def test_from_disk_formulas_and_the_demo_come_from_the_files_of_the_other_edition(chromium: Any, spanish: Path) -> None:
    assert not (spanish / "_static" / "live").exists() and not (spanish / "_static" / "mathjax").exists()
    with Visit(chromium, (spanish / "book" / "lenet.html").as_uri()) as visit:
        visit.until("document.querySelectorAll('mjx-container').length > 0")
        visit.page.locator("[data-live]").first.scroll_into_view_if_needed()
        visit.page.locator("[data-live-state=ready]").first.wait_for()
        visit.check()


@pytest.mark.parametrize(
    "name",
    ["book/glossary", *(pytest.param(page, marks=pytest.mark.slow) for page in PAGES if page != "book/glossary")],
)
def test_a_spanish_page_is_accessible(chromium: Any, address: str, spanish: Path, axe: Axe, name: str) -> None:
    with Visit(chromium, f"{address}/es/{name}.html") as visit:
        for theme in ("light", "dark"):
            visit.look(theme, 1280)
            assert axe(visit.page) == [], theme


def test_a_page_is_cited_in_its_language(spanish: Path) -> None:
    page = (spanish / "book" / "lenet.html").read_text(encoding="utf-8")
    as_text = page[page.index('<details class="press-cite">') :].split("<pre>")[1].split("</pre>")[0]
    assert as_text.startswith("Los autores de Redes convolucionales en contexto: «LeNet")


def test_both_editions_have_the_same_pages(site: Path, spanish: Path) -> None:
    pages = {page.relative_to(site / "book") for page in (site / "book").rglob("*.html")}
    assert pages == {page.relative_to(spanish / "book") for page in (spanish / "book").rglob("*.html")}
    assert {page.stem for page in pages} == {page.stem for page in (ROOT / "book").glob("*.md")}


TABLES = """async addresses => {
  const rows = {};
  for (const address of addresses) {
    const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
    const cells = [...page.querySelectorAll(".press-table tr > :is(th, td):not(.press-verbatim)")];
    rows[address] = cells.map(cell => cell.textContent);
  }
  return rows;
}"""


def test_tables_of_cells_keep_no_english_word_or_number(chromium: Any, address: str, site: Path, spanish: Path) -> None:
    """Cell by cell beside the English page: words are others, numbers are written as Spanish does."""
    same = catalogues.same(ROOT)
    with Visit(chromium, f"{address}/es/book/credits.html") as visit:
        pages = [f"{name}.html" for name in PAGES if 'class="press-table' in (site / f"{name}.html").read_text("utf-8")]
        found = visit.page.evaluate(TABLES, [f"/{folder}{page}" for page in pages for folder in ("", "es/")])
        visit.check()
    assert len(pages) > 3
    for page in pages:
        english, translated = found[f"/{page}"], found[f"/es/{page}"]
        assert len(english) == len(translated) > 8
        for one, other in zip(english, translated, strict=True):
            numbers = re.findall(r"\d[\d.,]*\d|\d", one)
            assert re.findall(r"\d[\d.,\u202f]*\d|\d", other) == [words.marked(each, "es") for each in numbers], page
            for message in figures.asked(one):
                assert other != one or message in same or not re.search("[a-z]{3}", one), f"{page}: {one}"

"""``press pdf``: an edition of the printed book as one PDF, made from its pages in a headless Chromium.

The articles of the built pages are put one after the other, in reading order, with their identifiers made unique and
their links turned to them. Nothing of the site's scripts runs but MathJax: demos print their fallbacks, questions
their answers, solutions stand open.
"""

from __future__ import annotations

import html
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from convnets.common import assets
from convnets.common.errors import ConvnetsError
from press.editions import catalogues
from press.page import cite, words
from press.publish import build, chromium, kit


def _(message: str) -> str:
    """Marks a text for the catalogue ``press``; it is translated when a PDF is made."""
    return message


_VERSION, _CONTENTS = _("Version {version}, {date}"), _("Table of contents")

FOLDER = Path("_build", "pdf")
_REMOVED = "script, .headerlink, .live-words, .live-still, .live-left-out, .press-length, .press-cite, .only-dark"
_REMOVED += ", .toctree-wrapper"
_POINTERS = ("aria-labelledby", "aria-describedby", "for", "headers")
_FOOTER = (
    '<div style="width: 100%; font: 8pt sans-serif; color: #57606a; text-align: center">'
    '<span class="pageNumber"></span></div>'
)
_SETTLE = """async () => {
  if (window.MathJax?.startup) await MathJax.startup.promise;
  await document.fonts.ready;
  const pictures = [...document.images];
  await Promise.all(pictures.map(picture => picture.decode().catch(() => 0)));
  const unset = [...document.querySelectorAll(".math")].filter(it => !it.querySelector("mjx-container"));
  return {
    formulas: unset.concat([...document.querySelectorAll("mjx-merror")]).map(it => it.textContent.trim()),
    pictures: pictures.filter(it => !it.naturalWidth).map(it => it.src),
  };
}"""


class Page(NamedTuple):
    """A built page: ``name`` is that of its file, ``title`` that of its first heading."""

    name: str
    title: str
    file: Path
    soup: BeautifulSoup


def pdf(root: Path, out: Path | None = None, language: str | None = None) -> int:
    """Print the built site at ``root`` for a language, or for each; returns 1 where it may not be published.

    Raises:
        ConvnetsError: there is no built site, no such language, no browser, or one file is named for several PDFs.
    """
    known = catalogues.languages(root)
    if language not in (None, *known):
        raise ConvnetsError(f"The book is not printed in {language!r}: it has {', '.join(known)}.")
    if out is not None and not out.is_dir() and language is None and len(known) > 1:
        raise ConvnetsError(f"{out} is one file for {len(known)} PDFs: choose one with --language, or name a folder.")
    if not build.start_page(root).is_file():
        raise ConvnetsError(f"There is no built site in {root / build.SITE}: run `press build` first.")
    if found := [told for told in kit.problems(root) if kit.MARKS["live-left-out"] not in told]:
        print(*found, sep="\n")
        print("No PDF was made: mend the above, then run `press pdf` again.")
        return 1
    for code in [language] if language else known:
        print(f"The PDF is made: {write(root, out, code)}.")
    return 0


def write(root: Path, out: Path | None = None, language: str = words.SOURCE) -> Path:
    """Print an edition of the built site, whatever its state, and say where.

    Raises:
        ConvnetsError: there is no browser, a formula or picture cannot be shown, or the file cannot be written.
    """
    work, said = cite.read(root), catalogues.translations(root, language, "press")
    file = out or root / FOLDER
    if out is None or out.is_dir():
        file = file / f"convnets-in-context-{work.version}-{language}.pdf"
    assets.write_atomic(file, printed(assemble(root.resolve() / build.SITE / build.edition(language), work, said)))
    return file


# One page out of many


def pages(site: Path) -> Iterator[Page]:
    """The pages of the built ``site`` in reading order: each names the next."""
    file = site / "index.html"
    while file.is_file():
        soup = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
        heading = soup.select_one("article.bd-article h1")
        if heading is None:
            raise ConvnetsError(f"{file} has no title: run `press build` again.")
        for link in heading.select(".headerlink"):
            link.decompose()
        yield Page(file.stem, heading.get_text().strip(), file, soup)
        following = soup.select_one('link[rel="next"]')
        if following is None:
            return
        file = (file.parent / str(following["href"])).resolve()
    raise ConvnetsError(f"{file} is missing: run `press build` first.")


def assemble(site: Path, work: cite.Work, said: dict[str, str] | None = None) -> str:
    """The book as one HTML page that can lie anywhere on this machine; ``said`` translates its title page."""
    book = list(pages(site.resolve()))
    language = html.escape(str(book[0].soup.html.get("lang", "en")) if book[0].soup.html else "en")
    known = {page.file.as_uri(): page.name for page in book}
    articles = "\n".join(str(_article(page, known)) for page in book)
    style = (Path(__file__).parents[1] / "static" / "pdf.css").read_text(encoding="utf-8")
    return (
        f'<!DOCTYPE html>\n<html lang="{language}" data-theme="light" data-mode="light">\n<head>\n'
        f'<meta charset="utf-8" />\n<title>{html.escape((said or {}).get(work.title, work.title))}</title>\n'
        f"{_styles(book)}\n<style>{style}</style>\n{_mathjax(book)}\n</head>\n"
        f'<body>\n{_front(work, book, said or {})}\n<main class="bd-content">\n{articles}\n</main>\n</body>\n</html>\n'
    )


def _mathjax(book: list[Page]) -> str:
    """The scripts that set formulas, as the first page with a formula loads them; nothing where there is none."""
    for page in book:
        scripts = [str(script) for script in page.soup.select("head script") if "window.MathJax" in script.get_text()]
        if (loaded := page.soup.select_one('head script[src*="mathjax"]')) is not None:
            address = urljoin(page.file.as_uri(), str(loaded["src"])).partition("?")[0]
            return "\n".join([*scripts, f'<script defer src="{html.escape(address)}"></script>'])
    return ""


def _styles(book: list[Page]) -> str:
    """The style sheets of all pages, once each."""
    links = [(page.file.as_uri(), link) for page in book for link in page.soup.select('head link[rel="stylesheet"]')]
    sheets = dict.fromkeys(urljoin(base, str(link["href"])).partition("?")[0] for base, link in links)
    return "\n".join(f'<link rel="stylesheet" href="{html.escape(sheet)}" />' for sheet in sheets)


def _front(work: cite.Work, book: list[Page], said: dict[str, str]) -> str:
    """The title page, with the contents."""
    version, title = said.get(_VERSION, _VERSION), said.get(work.title, work.title)
    listed = "".join(f'<li><a href="#{page.name}">{html.escape(page.title)}</a></li>' for page in book)
    told = version.format(version=work.version, date=work.released.isoformat())
    footer = book[0].soup.select_one(".extra_footer")
    terms = footer.decode_contents() if footer else ""
    return (
        f'<section class="pdf-front">\n<p class="pdf-title">{html.escape(title)}</p>\n'
        f"<p>{html.escape(cite.names(work))}</p>\n<p>{html.escape(told)}</p>\n{terms}\n"
        f'<p class="pdf-contents">{html.escape(said.get(_CONTENTS, _CONTENTS))}</p>\n<ol>{listed}</ol>\n</section>'
    )


def _article(page: Page, known: dict[str, str]) -> Tag:
    """A page's article, fit to stand beside others."""
    article = page.soup.select_one("article.bd-article")
    assert article is not None  # `pages` found its title there
    for part in article.select(_REMOVED):
        part.decompose()
    for fold in article.select("details"):
        fold["open"] = ""
    for picture in article.select("img[loading]"):  # on paper nothing comes near later
        del picture["loading"]
    for element in article.find_all(True):
        _rename(element, page.name)
        _redirect(element, page, known)
    article["id"] = page.name
    return article


def _rename(element: Tag, name: str) -> None:
    if "id" in element.attrs:
        element["id"] = f"{name}--{element['id']}"
    for pointer in _POINTERS:
        if pointer in element.attrs:
            wanted = element[pointer]
            words = wanted if isinstance(wanted, list) else str(wanted).split()
            element[pointer] = " ".join(f"{name}--{word}" for word in words)


def _redirect(element: Tag, page: Page, known: dict[str, str]) -> None:
    """Turn a link to a page of the book to its place in this one; what else lies in the site is no link on paper."""
    for attribute in ("src", "href"):
        if attribute not in element.attrs:
            continue
        address = urljoin(page.file.as_uri(), str(element[attribute]))
        bare, fragment = urldefrag(address)
        if attribute == "href" and bare in known:
            element[attribute] = f"#{known[bare]}--{fragment}" if fragment else f"#{known[bare]}"
        elif attribute == "href" and urlsplit(address).scheme == "file":
            del element[attribute]
        else:
            element[attribute] = address


# The browser


def printed(page: str) -> bytes:
    """The PDF of an HTML page, A4, once its formulas are set and its pictures are there."""
    with tempfile.TemporaryDirectory() as folder, chromium.launched("did not print") as browser:
        file = Path(folder, "book.html")
        file.write_text(page, encoding="utf-8")
        tab = browser.new_page()
        tab.goto(file.as_uri(), wait_until="load", timeout=120_000)
        _check(tab.evaluate(_SETTLE))
        made = tab.pdf(
            format="A4",
            print_background=True,
            outline=True,
            tagged=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=_FOOTER,
            margin={"top": "18mm", "bottom": "18mm", "left": "20mm", "right": "20mm"},
        )
    return bytes(made)


def _check(found: dict[str, Any]) -> None:
    for kind, what in found.items():
        if what:
            raise ConvnetsError(f"{len(what)} {kind} cannot be shown, the first is {what[0]!r}: run `press build`.")

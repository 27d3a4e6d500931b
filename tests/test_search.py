"""The search in a real browser, both editions: every headword, and words of every page, find their page."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from browsing import PAGES, ROOT, Visit

from press.editions import catalogues, search

FEW = 10
"""Words of each page that are looked for."""

FIND = """queries => queries.map(query => {
  const found = Search._performSearch(...Search._parseQuery(query));
  return found.map(([page, _title, anchor]) => page.split("/").pop() + anchor);
})"""

TEXTS = """async () => Object.fromEntries(await Promise.all(Search._index.filenames.map(async file => {
  const page = Search._index.docnames[Search._index.filenames.indexOf(file)];
  const html = await (await fetch(document.documentElement.dataset.content_root + page + ".html")).text();
  const text = new DOMParser().parseFromString(html, "text/html");
  const terms = [...text.querySelectorAll("dl.glossary dt")];
  return [page.split("/").pop(), {
    terms: terms.map(term => [term.id, Search.htmlToText(html, `#${term.id}`), term.firstChild.textContent]),
    words: [...text.querySelectorAll("article section > p")].flatMap(part => {
      part.querySelectorAll(".math, code, .quiz, .live").forEach(other => other.remove());
      return part.textContent.match(/\\p{L}{4,}|\\d{4}/gu) ?? [];
    }).filter(word => !stopwords.includes(word.toLowerCase())),
  }];
})))"""


@pytest.fixture(scope="module", params=["en", "es"])
def visit(request: Any, chromium: Any, address: str) -> Iterator[Visit]:
    """The search page, asked for nothing yet."""
    folder = "" if request.param == "en" else f"{request.param}/"
    with Visit(chromium, f"{address}/{folder}search.html?q=zzyzx") as visit:
        visit.until("Search.status?.textContent")
        yield visit
        visit.check()


@pytest.fixture(scope="module")
def texts(visit: Visit) -> dict[str, Any]:
    """What each page says, by its name."""
    found: dict[str, Any] = visit.page.evaluate(TEXTS)
    return found


def bare(text: str) -> str:
    return text.lower().translate(str.maketrans("áéíóúü", "aeiouu"))


def test_each_headword_finds_its_place_in_the_glossary(visit: Visit, texts: dict[str, Any]) -> None:
    terms = texts["glossary"]["terms"]
    assert len(terms) > 40
    queries = [query for _id, _text, name in terms for query in (name, bare(name))]
    found = visit.page.evaluate(FIND, queries)
    places = [f"glossary#{id_}" for id_, _text, _name in terms for _ in range(2)]
    assert not [(query, hits) for query, hits, place in zip(queries, found, places, strict=True) if place not in hits]


def test_words_of_each_page_find_it(visit: Visit, texts: dict[str, Any], seed: int) -> None:
    for page, said in texts.items():
        known = sorted(set(said["words"]))
        words = random.Random(seed).sample(known, min(FEW, len(known)))
        for word, hits in zip(words, visit.page.evaluate(FIND, words), strict=True):
            assert page in {hit.partition("#")[0] for hit in hits}, f"{word} does not find {page}"


def test_build_and_page_cut_all_words_alike(visit: Visit, texts: dict[str, Any]) -> None:
    """Every word of the book has the stem in the page that it has in the index."""
    words = sorted({word for said in texts.values() for word in said["words"]})
    stems = visit.page.evaluate("words => words.map(word => new Stemmer().stemWord(word.toLowerCase()))", words)
    language = search.Spanish({}) if "/es/" in visit.page.url else search.English({})
    assert len(words) > 1000
    assert stems == [language.stem(word.lower()) for word in words]


def test_years_are_found(visit: Visit) -> None:
    (hits,) = visit.page.evaluate(FIND, ["1980"])
    assert any(hit.startswith("neocognitron") for hit in hits)


def test_what_came_of_a_search_is_said_in_the_pages_language(visit: Visit) -> None:
    none, one, many = (
        visit.page.evaluate(
            """query => {
              const search = Search._performSearch;
              Search._performSearch = () => Array(query.length - 1).fill(["book/index", "x", "#x", null, 1, ""]);
              Search.query(query);
              Search._performSearch = search;
              return Search.status.textContent;
            }""",
            query,
        )
        for query in ("?", "??", "???")
    )
    if "/es/" in visit.page.url:
        assert none.startswith("No hay nada sobre «?».")
        assert (one, many) == ("Un lugar encontrado.", "2 lugares encontrados.")
    else:
        assert none.startswith("Nothing found for “?”.")
        assert (one, many) == ("One place found.", "2 places found.")


def test_a_snippet_shows_the_words_and_no_formulas_source(visit: Visit) -> None:
    inline = r'<span class="math">\(W_{ij}\)</span> and <span class="math">\(x\)</span>'
    formulas = rf'<p>With {inline}.</p> <div class="math">\[\frac 1 2\]</div>'
    text = f"<h1>T<a class='headerlink'>#</a></h1> {formulas} <p>{'much text ' * 40}la función de activación"
    shown = "html => [Search.makeSearchSummary(html, ['funcion'], '').textContent, Search.htmlToText(html, '')]"
    summary, text = visit.page.evaluate(shown, f"<article>{text}.</p></article>")
    assert text.startswith("T With … and x. much") and "\\" not in text
    assert "función de activación" in summary


@pytest.mark.parametrize(
    ("language", "alike"),
    [
        ("en", "convolution convolutions convolutional"),
        ("en", "pool pools pooled pooling"),
        ("en", "activate activation activations active activity"),
        ("en", "study studies studied studying"),
        ("en", "class classes"),
        ("en", "classify classified classifier classification"),
        ("en", "run running"),
        ("en", "sample sampling samples"),
        ("en", "Bülthoff bulthoff"),
        ("en", "bias biases"),
        ("en", "lens lenses"),
        ("en", "stimulus stimuli"),
        ("en", "nucleus nuclei"),
        ("en", "radius radii"),
        ("en", "focus focuses focused"),
        ("en", "virus viruses"),
        ("en", "analysis analyses"),
        ("en", "hypothesis hypotheses"),
        ("en", "axis axes"),
        ("en", "matrix matrices"),
        ("en", "vertex vertices"),
        ("en", "cortex cortices cortical"),
        ("en", "sense senses"),
        ("en", "loss losses"),
        ("es", "Convolución convolucion convoluciones"),
        ("es", "activación activacion activaciones activar activado activa"),
        ("es", "célula celulas"),
        ("es", "imagen imágenes"),
        ("es", "luz luces"),
        ("es", "enlace enlaces"),
        ("es", "clase clases"),
        ("es", "interés intereses"),
        ("es", "exacto exactamente"),
        ("es", "movimiento mover"),
        ("es", "país países paises"),
        ("es", "gris grises"),
        ("es", "compás compases"),
        ("es", "autobús autobuses"),
        ("es", "mes meses"),
        ("es", "fase fases"),
        ("es", "impulso impulsos"),
        ("es", "vez veces"),
        ("es", "matriz matrices"),
        ("es", "píxel píxeles"),
        ("es", "análisis analisis"),
        ("es", "rey reyes"),
    ],
)
def test_forms_of_a_word_have_one_stem(language: str, alike: str) -> None:
    stem = {"en": search.English, "es": search.Spanish}[language]({}).stem
    assert len({stem(word) for word in alike.split()}) == 1


PROSE = re.compile(r"\{[^`]*`[^`]*`|`[^`]*`|\$[^$]*\$|<[^>]*>")
"""What is cut out of messages before their words are taken."""


def plurals(word: str, language: str) -> list[str]:
    """What a noun's plural would be, without accents."""
    if language == "en":
        if re.search("(s|x|z|ch|sh)$", word):
            return [word + "es"]
        return [word[:-1] + "ies"] if re.search("[^aeiou]y$", word) else [word + "s"]
    if word[-1] in "aeoáéó":
        return [bare(word + "s")]
    if word[-1] == "z":
        return [bare(word[:-1] + "ces")]
    return [bare(word + "es")] if word[-1] in "dlnrjysíú" else []


@pytest.mark.parametrize(("language", "search_of"), [("en", search.English), ("es", search.Spanish)])
def test_every_word_of_the_book_finds_its_plural(language: str, search_of: Any) -> None:
    """Of all words of the chapters, those of which both forms are there."""
    said = [catalogues.translations(ROOT, "es", domain) for domain in ("press", *(f"book/{page}" for page in PAGES))]
    texts = [text for one in said for text in (one if language == "en" else one.values())]
    words = {word for text in texts for word in re.findall(r"[^\W\d_]{3,}", PROSE.sub("", text).lower())}
    there, stem = {bare(word) for word in words}, search_of({}).stem
    pairs = [(word, plural) for word in sorted(words) for plural in plurals(word, language) if plural in there]
    assert len(pairs) > 400
    assert not [(one, many) for one, many in pairs if stem(one) != stem(many)]


def test_other_words_have_other_stems() -> None:
    for language, apart in (
        (search.Spanish, "año ano red mes más 1980 1981 capa capaz pena pensar"),
        (search.English, "bed red ring king this thing cell see sense who whose pull pulse 1980 1981"),
    ):
        words = apart.split()
        assert len({language({}).stem(word) for word in words}) == len(words)

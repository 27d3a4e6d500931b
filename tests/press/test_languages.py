"""The Spanish edition of a small book, and the gate before it."""

from __future__ import annotations

import json
import pickle
import re
import shutil
from pathlib import Path

import pytest
import sphinx_book_theme
import toybook
from myst_parser.parsers import mdit, sphinx_
from sphinx.transforms import i18n

import press
from convnets.common.errors import ConvnetsError
from press.editions import catalogues, flaws, languages, merging, parsing
from press.page import words
from press.publish import build, kit, messages, notebooks, translate

PAGE = """---
file_format: mystnb
kernelspec: {name: python3, display_name: Python 3, language: python}
---

(toy)=
# Toys

We find {result}`toy/net.error`, as {ref}`we hoped <toy>`, with a {term}`kernel`.

```{glossary}
Kernel
  A picture.

Batch
  Some pictures.
```

## Side by side

### The long way: two of them

```{exercise} Count them
:label: toy-count
How many are there?
```

```{solution} toy-count
Two.
```

```{code-cell} ipython3
---
tags: [hide-input]
mystnb:
  figure: {name: fig-curve, caption: "A curve."}
  image: {alt: A rising curve.}
---
draw()
```

```{code-cell} ipython3
:tags: [gpu]

print("fast")
```
"""

SAID = {
    "Toys": "Juguetes",
    "We find {result}`toy/net.error`, as {ref}`we hoped <toy>`, with a {term}`kernel`.": "Hallamos "
    "{result}`toy/net.error`, como {ref}`esperábamos <toy>`, con un {term}`núcleo <Kernel>`.",
    "Kernel": "Núcleo",
    "A picture.": "Una imagen.",
    "Batch": "Lote",
    "Some pictures.": "Varias imágenes.",
    "Side by side": "Uno al lado del otro",
    "The long way: two of them": "A fondo: dos de ellos",
    "Count them": "Contarlos",
    "How many are there?": "¿Cuántos hay?",
    "Two.": "Dos.",
    "A curve.": "Una curva.",
    "A rising curve.": "Una curva que sube.",
    "A small book": "Un librito",
    "About toys, see {doc}`toy`.": "Sobre juguetes, véase {doc}`toy`.",
    "All of it": "Todo",
}


def write_book(root):
    """The toy book with a part, an exercise and a glossary, and its Spanish catalogues."""
    toybook.write_book(root)
    parts = "parts:\n  - caption: All of it\n    chapters:\n      - file: book/toy\n"
    (root / "_toc.yml").write_text(f"format: jb-book\nroot: book/index\n{parts}")
    (root / "book" / "toy.md").write_text(PAGE)
    toybook.write_outputs(root, "fast")
    config = (root / "_config.yml").read_text()
    assert config.count('baseurl: ""') == 1
    config = config.replace('baseurl: ""', "baseurl: https://example.org/cnn")
    (root / "_config.yml").write_text(config.replace('  url: ""', "  url: https://github.com/someone/book"))
    shutil.copytree(toybook.REPOSITORY / catalogues.LOCALE, root / catalogues.LOCALE)
    shutil.rmtree(root / catalogues.LOCALE / "es" / "LC_MESSAGES" / "book")
    shutil.rmtree(root / catalogues.LOCALE / "es" / "LC_MESSAGES" / "live")
    (root / catalogues.LOCALE / "es" / "LC_MESSAGES" / "live.po").unlink()
    reasons = catalogues.run_words(toybook.REPOSITORY)
    change(root, "press", dict.fromkeys(reasons))


def change(root, domain, said):
    """Write translations into a catalogue; None takes a message out."""
    catalogue = catalogues.load(catalogues.path(root, "es", domain))
    for message, translation in said.items():
        if translation is None:
            catalogue.delete(message)
        elif message in catalogue:
            catalogue[message].string = translation
    messages = {str(entry.id): str(entry.string) for entry in catalogue if entry.id}
    catalogues.path(root, "es", domain).write_bytes(merging.content(domain, "es", catalogue))
    return messages


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A small book, translated and built in both languages."""
    root = tmp_path_factory.mktemp("book")
    write_book(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVNETS_ASSETS", str(root / "assets"))
        assert translate.translate(root) == 1, "nothing is translated yet"
        assert set(change(root, "book/toy", SAID)) | set(change(root, "book/index", SAID)) == set(SAID)
        change(root, "figures/toy", {"height, {0}": "altura, {0}"})
        assert translate.translate(root, check=True) == 0
        assert build.build(root) == 0
    return root


@pytest.fixture(scope="module")
def page(root):
    return (root / build.SITE / "es" / "book" / "toy.html").read_text()


def plain(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_prose_headings_and_numbers_are_spanish(page):
    assert '<html lang="es"' in page and "<h1>Juguetes" in page
    assert re.search(r'Hallamos <span class="press-result">0,60\xa0%</span>, como <a [^>]*href="#toy"', page)
    assert "Calculado en NVIDIA H200 en 41\xa0s" in page


def test_what_gettext_misses_is_translated(page):
    assert re.search(r"<title>Juguetes &#8212; Redes convolucionales en contexto</title>", page)
    assert "Todo" in re.search(r'<nav class="bd-links.*?</nav>', page, re.DOTALL).group()
    assert "Ejercicio 1 (Contarlos)" in plain(page) and "Solución del Ejercicio 1 (Contarlos)" in plain(page)
    assert "Mostrar el código" in page and "Show the code" not in page
    assert re.search(r'<details class="press-fold">\s*<summary>\s*<h3>A fondo: dos de ellos', page)
    assert 'alt="Una curva que sube."' in page and "Una curva." in page
    assert "Código con licencia MIT" in page and 'placeholder="Buscar en este libro"' in page


def test_a_glossary_is_sorted_in_its_language_and_its_terms_are_found(page, root):
    assert page.index('id="term-Batch"') < page.index('id="term-Kernel"')
    assert re.search(r'href="#term-Kernel"[^>]*><span[^>]*>núcleo</span>', page)
    english = (root / build.SITE / "book" / "toy.html").read_text()
    assert english.index('id="term-Kernel"') < english.index('id="term-Batch"'), "the source stays as it is"


def test_each_page_leads_to_its_other_edition(page, root):
    english = (root / build.SITE / "book" / "toy.html").read_text()
    for text, code, name, target in (
        (page, "en", "English", "../../book/toy.html"),
        (english, "es", "Español", "../es/book/toy.html"),
    ):
        assert f'href="{target}" lang="{code}" hreflang="{code}">{name}</a>' in text
        for other, place in (("en", ""), ("es", "es/")):
            link = f'<link rel="alternate" hreflang="{other}" href="https://example.org/cnn/{place}book/toy.html" />'
            assert text.count(link) == 1
    assert '<link rel="canonical" href="https://example.org/cnn/es/book/toy.html" />' in page
    sitemap = (root / build.SITE / "sitemap.xml").read_text()
    for edition in ("", "es/"):
        for address in ("index.html", "book/toy.html"):
            assert sitemap.count(f"<loc>https://example.org/cnn/{edition}{address}</loc>") == 1
        assert f"/cnn/{edition}book/index.html" not in sitemap, "it leads to the first page, and is none"


def test_the_other_edition_brings_no_second_engine(page, root):
    static = root / build.SITE / "es" / "_static"
    assert (static / "press.css").is_file() and not (static / "mathjax").exists()
    assert "new Function" not in (static / "translations.js").read_text()


def test_what_is_kept_of_a_page_is_the_page_alone(root):
    for language in ("en", "es"):
        kept = build._folder(root, language).parent / ".doctrees"
        tree = pickle.loads((kept / "book" / "toy.doctree").read_bytes())
        assert {id(node.document) for node in tree.findall()} == {id(tree)}, "a node brings its own document along"
        env = pickle.loads((kept / "environment.pickle").read_bytes())
        copies = [entry["node"] for entry in env.sphinx_exercise_registry.values()]
        outlined = [*copies, *env.metadata["book/toy"]["press_outline"].children]
        assert len(copies) == 2 and all(node.parent is None and node.document is None for node in outlined)


def articles(folder):
    pages = {file: file.read_text() for file in folder.rglob("*.html")}
    return {file: text.partition("<article")[2].partition("</article>")[0] for file, text in pages.items()}


def test_messages_are_parsed_once_by_one_parser_with_the_same_pages(spoiled, monkeypatch):
    page = spoiled / "book" / "toy.md"
    page.write_text(page.read_text() + "\n| Two. | Two. |\n|---|---|\n| Two. | Two. |\n\n## Two.\n")
    calls = []
    real = parsing._parse_message
    monkeypatch.setattr(
        parsing, "_parse_message", lambda app, text, *rest: calls.append(text) or real(app, text, *rest)
    )
    assert build._sphinx(spoiled, draft=False, language="es") == 0
    folder = build._folder(spoiled, "es")
    short = articles(folder)
    assert calls.count("Una curva.") == calls.count("¿Cuántos hay?") == 1 and calls.count("Dos.") > 1
    monkeypatch.setattr(press, "PARTS", [part for part in press.PARTS if part != "press.editions.parsing"])
    monkeypatch.setattr(i18n, "publish_msgstr", real)
    monkeypatch.setattr(sphinx_, "create_md_parser", mdit.create_md_parser)
    shutil.rmtree(folder.parent)
    assert build._sphinx(spoiled, draft=False, language="es") == 0
    assert short == articles(folder) and any("Dos." in text for text in short.values())


def drawings(root, language):
    """The figure of an edition's page in both themes."""
    page = root / build.SITE / build.edition(language) / "book" / "toy.html"
    files = re.findall(r'<img [^>]*class="only-\w+"[^>]* src="([^"]+)"', page.read_text())
    return [(page.parent / file).read_text() for file in files]


def test_a_figure_speaks_the_language_of_its_page_and_follows_its_catalogue(root):
    for language, said in (("en", "height, 0.5"), ("es", "altura, 0,5")):
        assert [re.search(r">([^<]+)</text>", drawing)[1] for drawing in drawings(root, language)] == [said, said]
    change(root, "figures/toy", {"height, {0}": "alto, {0}"})
    assert build.build(root) == 0
    assert all("alto, 0,5" in drawing for drawing in drawings(root, "es"))
    shown = root / build.SITE / "es" / "_images"
    assert not [file for file in shown.glob("*.svg") if "altura" in file.read_text()], "nothing is left of the old one"
    change(root, "figures/toy", {"height, {0}": "altura, {0}"})
    assert build.build(root) == 0


def test_its_notebook_is_spanish(root):
    book = json.loads((root / build.SITE / "es" / "_notebooks" / "toy.ipynb").read_text())
    prose = "\n".join("".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "markdown")
    assert "# Juguetes" in prose and "Hallamos 0,60\u00a0%" in prose and "```{exercise} Contarlos" in prose
    assert not any(message in prose for message in SAID if len(message) > 10)
    assert book["cells"][0]["source"].startswith("# Instala la biblioteca del libro")


def test_the_themes_buttons_are_spanish(page):
    assert 'title="Abrir en Binder"' in page and 'title="Informar de un problema"' in page
    folder = Path(sphinx_book_theme.__file__).parent / "header_buttons"
    said = {word for file in folder.glob("*.py") for word in re.findall(r'translation\("([^"]+)"\)', file.read_text())}
    assert said - {"Live Code", "Launch Thebe"} <= set(catalogues.THEME["booktheme"])


# The gate


@pytest.fixture
def spoiled(root, tmp_path, monkeypatch):
    """A copy of the book whose catalogues a test may spoil."""
    shutil.copytree(root, tmp_path / "copy", ignore=shutil.ignore_patterns("_build", "*.mo"))
    monkeypatch.setenv("CONVNETS_ASSETS", str(tmp_path / "copy" / "assets"))
    return tmp_path / "copy"


FIND = "We find {result}`toy/net.error`, as {ref}`we hoped <toy>`, with a {term}`kernel`."


@pytest.mark.parametrize(
    ("message", "translation", "said"),
    [
        ("Toys", "", "“Toys” is not translated: write its msgstr."),
        ("Toys", None, "“Toys” is not in it: run `press translate` and translate it."),
        ("Toys", "Toys", "“Toys” is left in English: translate it, or add it to book/locale/same.txt."),
        (FIND, "Hallamos {ref}`algo <toy>` de {term}`núcleo`.", "has lost {result}`toy/net.error`: put it back."),
        (FIND, "Hallamos {result}`toy/net.error` de {term}`núcleo`.", "has lost {ref}`toy`: put it back."),
        (
            "The long way: two of them",
            "Dos de ellos",
            "begins otherwise than those of its kind: begin it with “A fondo:”.",
        ),
        ("Two.", "Dos<script>x()</script>.", "adds </script, <script: take it out, or write it in the English first."),
        (
            "Two.",
            "Dos, o 1.16 %.",
            "write 1,16; if it is part of a name, add the name with its number to book/locale/same.txt.",
        ),
    ],
)
def test_a_flaw_in_a_catalogue_is_named(spoiled, message, translation, said):
    change(spoiled, "book/toy", {message: translation})
    [told] = flaws.problems(spoiled, "es", "book/toy", [text for text in SAID if text in PAGE])
    assert re.match(r"book/locale/es/LC_MESSAGES/book/toy\.po(:\d+)?: ", told) and told.endswith(said)


def test_a_fuzzy_and_an_unused_message_are_named(spoiled):
    file = catalogues.path(spoiled, "es", "book/toy")
    file.write_text(file.read_text().replace('msgid "Two."', '#, fuzzy\nmsgid "Two."'))
    told = flaws.problems(spoiled, "es", "book/toy", [text for text in SAID if text in PAGE and text != "Batch"])
    assert [text.partition(": ")[2] for text in told] == [
        "“Two.” is marked fuzzy: adapt its msgstr to the message, then remove the lines `#, fuzzy`.",
        "“Batch” is said nowhere any more: run `press translate`.",
    ]
    line = int(told[1].partition(": ")[0].rpartition(":")[2])
    assert file.read_text().splitlines()[line - 1] == 'msgid "Batch"'


def test_a_page_with_a_flaw_is_not_published_and_no_sphinx_begins(root, spoiled, capfd):
    (spoiled / messages.KEPT).parent.mkdir()
    shutil.copy(root / messages.KEPT, spoiled / messages.KEPT)
    change(spoiled, "book/toy", {"Toys": ""})
    assert build.build(spoiled) == 1
    told = capfd.readouterr()
    assert "“Toys” is not translated" in told.out and "Not built" in told.out
    assert not (spoiled / build.WORK).exists(), "Sphinx was not begun"


def test_a_draft_is_printed_and_stamped(spoiled):
    change(spoiled, "book/toy", {"Toys": ""})
    assert build.build(spoiled, draft=True) == 0
    text = (spoiled / build.SITE / "es" / "book" / "toy.html").read_text()
    assert "press-stamp" in text and "Borrador. Esta página no está traducida del todo." in text
    assert "press-stamp" not in (spoiled / build.SITE / "es" / "index.html").read_text()
    assert any("es/book/toy.html is a stamped draft" in told for told in kit.problems(spoiled))


def test_words_outside_the_pages_are_looked_for_again_when_a_file_changed(spoiled, monkeypatch):
    first = catalogues.words(spoiled)
    read, look = [], catalogues._words
    monkeypatch.setattr(catalogues, "_words", lambda root: read.append(root) or look(root))
    assert catalogues.words(spoiled) == first and not read
    config = spoiled / "_config.yml"
    config.write_text(config.read_text().replace("title: ", "title: More of ", 1))
    assert catalogues.words(spoiled) != first and len(read) == 1
    for damage in ("", "[]", "{}"):
        (spoiled / catalogues.WORDS).write_text(damage)
        assert catalogues.words(spoiled) != first
    assert len(read) == 4


def test_the_words_of_the_press_pass_the_gate_too(spoiled):
    change(spoiled, "press", {"Computed on {device} in {duration}": "Calculado en {device}"})
    said = catalogues.words(spoiled)
    assert flaws.problems(spoiled, "es", "sphinx", said["sphinx"]) == []
    [told] = flaws.problems(spoiled, "es", "press", said["press"])
    assert told.endswith("has lost {duration}: put it back.")


def test_translations_stay_when_messages_move(spoiled):
    page = spoiled / "book" / "toy.md"
    page.write_text(page.read_text().replace("Two.", "Three.").replace("# Toys", "# Toys\n\nNew."))
    assert translate.translate(spoiled) == 1
    said = catalogues.translations(spoiled, "es", "book/toy")
    assert said["Toys"] == "Juguetes" and not {"Two.", "Three.", "New."} & said.keys()
    before = catalogues.path(spoiled, "es", "book/toy").read_bytes()
    translate.translate(spoiled)
    assert catalogues.path(spoiled, "es", "book/toy").read_bytes() == before


LONG = "About toys, see {doc}`toy`, which were never measured so carefully, nor by so many hands."
SAID_LONG = "Sobre juguetes, véase {doc}`toy`, que nunca se midieron con tanto cuidado, ni por tantas manos."


def test_a_changed_message_keeps_its_translation_beside_it(spoiled, capsys):
    page, file = spoiled / "book" / "index.md", catalogues.path(spoiled, "es", "book/index")
    page.write_text(page.read_text().replace("About toys, see {doc}`toy`.", LONG))
    translate.translate(spoiled)
    change(spoiled, "book/index", {LONG: SAID_LONG})
    file.write_text(re.sub("(?m)^#(, fuzzy|[|]).*\\n", "", file.read_text()))  # as a translator takes the marks out
    assert translate.translate(spoiled) == 0
    done = file.read_bytes()
    for hands in ("few", "our"):  # changed twice: what stands beside it is still what the translation says
        page.write_text(re.sub(r"(so many|few) hands", f"{hands} hands", page.read_text()))
        assert translate.translate(spoiled) == 1
        text = re.sub(r'"\n(#\| )?"', "", file.read_text())
        assert f'#, fuzzy, python-brace-format\n#| msgid "{LONG}"\nmsgid' in text and f'msgstr "{SAID_LONG}"' in text
    assert "then remove the lines `#, fuzzy` and `#|`" in capsys.readouterr().out
    assert SAID_LONG not in catalogues.translations(spoiled, "es", "book/index").values(), "it is not printed"
    page.write_text(page.read_text().replace("our hands", "so many hands"))
    assert translate.translate(spoiled) == 0 and file.read_bytes() == done, "put back, it is translated again"


def test_a_translators_remark_stays(spoiled):
    file = catalogues.path(spoiled, "es", "book/toy")
    file.write_text(file.read_text().replace('msgid "Two."', '# see the glossary\nmsgid "Two."'))
    before = file.read_bytes()
    assert translate.translate(spoiled) == 0 and file.read_bytes() == before


def test_what_another_catalogue_says_is_filled_in(spoiled, capsys):
    change(spoiled, "book/index", {"A small book": "Un librito"})
    page = spoiled / "book" / "toy.md"
    page.write_text(page.read_text() + "\nA small book\n\nShow source\n")
    other = catalogues.path(spoiled, "es", "sphinx")
    other.write_text(other.read_text() + '\nmsgid "Show source"\nmsgstr "Otra cosa"\n')
    assert translate.translate(spoiled) == 1
    said = catalogues.translations(spoiled, "es", "book/toy")
    assert said["A small book"] == "Un librito"
    assert "Show source" not in said, "two catalogues translate it, each in its own way"
    assert "toy.po: “A small book” is filled in as another catalogue has it" in capsys.readouterr().out


def test_only_pages_that_changed_are_read_again(spoiled, monkeypatch):
    read, late = messages._read, []
    monkeypatch.setattr(messages, "_read", lambda root, pages: late.append(pages) or read(root, pages))
    page = spoiled / "book" / "toy.md"
    first = messages.messages(spoiled)
    page.touch()
    assert messages.messages(spoiled) == first and late == [["book/index", "book/toy"]]
    page.write_text(page.read_text().replace("Two.", "Three."))
    assert "Three." in messages.messages(spoiled)["book/toy"] and late[1:] == [["book/toy"]]
    for damage in ("", "{", '{"pages": {}}'):
        (spoiled / messages.KEPT).write_text(damage)
        assert messages.messages(spoiled).keys() == first.keys()


def test_the_edition_leaves_what_its_pages_say(root, spoiled, monkeypatch):
    shutil.copytree(root / messages.KEPT.parent, spoiled / messages.KEPT.parent)
    with monkeypatch.context() as patch:
        patch.setattr(messages, "_read", lambda *given: pytest.fail("what the edition left is read again"))
        left = messages.messages(spoiled)
    (spoiled / messages.KEPT).unlink()
    assert messages.messages(spoiled) == left


def test_of_changed_pages_the_editions_say_what_is_missing(spoiled, monkeypatch, capfd):
    change(spoiled, "book/toy", {"Two.": ""})
    monkeypatch.setattr(messages, "_read", lambda *given: pytest.fail("pages are read beside the editions"))
    assert build.build(spoiled) == 1
    assert "“Two.” is not translated" in capfd.readouterr().err and not (spoiled / build.SITE).exists()


def test_what_is_said_of_a_figure_does_not_wait_for_its_picture(spoiled):
    page = spoiled / "book" / "toy.md"
    page.write_text(page.read_text().replace("draw()", "draw(again=True)"))
    assert {"A curve.", "A rising curve."} <= set(messages.messages(spoiled)["book/toy"])
    assert translate.translate(spoiled) == 0, "no translation is thrown away meanwhile"


def test_a_page_that_cannot_be_read_is_read_until_it_can(spoiled, capsys):
    page = spoiled / "book" / "toy.md"
    page.write_text(page.read_text() + "\nA footnote[^a].\n\n[^a]: Lost.\n")
    for _again in range(2):
        with pytest.raises(ConvnetsError, match="cannot be read"):
            translate.translate(spoiled)
        assert "A footnote is lost in translation" in capsys.readouterr().err


def test_a_damaged_catalogue_is_named(spoiled):
    catalogues.path(spoiled, "es", "book/toy").write_text('msgid "Toys\n')
    with pytest.raises(ConvnetsError, match="toy.po cannot be read"):
        catalogues.translations(spoiled, "es", "book/toy")


@pytest.mark.parametrize(
    ("message", "translation", "gone"),
    [
        ("{cite:t}`a` says $x = 0.5$ in `f(x)`", "{cite:t}`a` dice $x = 0{,}5$ en `f(x)`", []),
        ("{cite:t}`a` says $x$ in `f`", "dice $y$", ["$x$", "`f`", "{cite:t}`a`"]),
        ("a {term}`kernel`", "un {term}`núcleo <Kernel>`", []),
        ("see [there](https://a.org/b)", "véase [allí](https://a.org/c)", ["https://a.org/b"]),
        ("{count} of {total}", "{count} en total", ["{total}"]),
    ],
)
def test_lost_markup(message, translation, gone):
    assert flaws.lost(message, translation) == gone


@pytest.mark.parametrize(
    ("message", "translation", "more"),
    [
        ("a", 'a <img src="x.png" onerror="x()">', ["<img", 'onerror="x()"', 'src="x.png"']),
        ("a", "a <SCRIPT src=//b.org/x.js>", ["<script", "src=//b.org/x.js"]),
        ("<b>a</b>", "<b onclick=x()>a</b>", ["onclick=x()"]),
        ("[a](https://a.org)", "[a](https://b.org)", ["https://b.org"]),
        ("a", "a {cite}`b`, {field}", ["{cite}`b`", "{field}"]),
        ('<a href="https://a.org" title="A toy">a</a>', '<a title="Un juguete" href="https://a.org">b</a>', []),
        ("a {term}`kernel`", "un {term}`núcleo <Kernel>`", []),
    ],
)
def test_added_markup(message, translation, more):
    assert flaws.added(message, translation) == more


@pytest.mark.parametrize(
    ("message", "translation", "wrong"),
    [
        ("1.16 % of 60,000", "1.16 % de 60,000", [("1.16", "1,16"), ("60,000", "60\u202f000")]),
        ("60,000 and 5,880", "60.000 y 5,880", [("60.000", "60\u202f000"), ("5,880", "5880")]),
        ("1.125 and 0.602 %", "1,125 y 0,602 %", []),
        ("$0.5$, `0.5` and {eq}`a.0.5`", "$0.5$, `0.5` y {eq}`a.0.5`", []),
        ("[here](https://a.org/1.5), 1.2.3", "[aquí](https://a.org/1.5), 1.2.3", []),
        ("CC BY 4.0", "según CC BY 4.0", []),
    ],
)
def test_numbers_in_the_english_way(message, translation, wrong):
    assert flaws.english_numbers(message, translation, {"CC BY 4.0"}, "es") == wrong
    assert flaws.english_numbers(message, translation, {"CC BY 4.0"}, "ja") == [], "a language with a decimal point"


@pytest.mark.parametrize(
    ("message", "needed"),
    [
        ("6 × 28²", False),
        ("$x$ {eq}`a`", False),
        ("`code`", False),
        ("122,304", True),
        ("A", True),
        ("**0**", False),
        ("$4$", False),
        ("$1.5$", True),
        ("`$1.5$`", False),
    ],
)
def test_what_says_nothing_needs_no_translation(message, needed):
    assert catalogues.needs_translation(message) is needed


# Small things


def test_a_book_without_catalogues_has_one_language(tmp_path):
    assert catalogues.languages(tmp_path) == ["en"]
    with pytest.raises(ConvnetsError, match="one language"):
        translate.translate(tmp_path)
    assert languages.name("es") == "Español"


def test_notebook_blocks_are_translated_wherever_they_stand():
    said = {"one two": "uno dos", "a [b]{.press-note}": "x [y]{.press-note}"}
    text = (
        '# one two\n\n> one\n> two\n\n1. one\n   two\n\n| one two | one |\n\none two three\n- {label: "a", note: "b"}'
    )
    assert notebooks.translator(said)(text) == (
        '# uno dos\n\n> uno dos\n\n1. uno dos\n\n| uno dos | one |\n\none two three\n- {label: "x", note: "y"}'
    )


def test_a_notebook_installs_the_library_once_the_repository_has_an_address():
    assert notebooks.install_source("") == ""
    source = notebooks.install_source("https://github.com/someone/book", "main")
    assert '"convnets-in-context[train] @ git+https://github.com/someone/book@main"' in source
    executed = json.dumps({"cells": [{"cell_type": "code", "source": "1", "metadata": {}}]})
    first = json.loads(notebooks.notebook(executed, install=source))["cells"][0]
    assert first["source"] == source and first["metadata"]["tags"] == ["install"]


def test_spanish_numbers():
    assert words.number(1516, language="es") == "1516" and words.number(1516) == "1,516"
    assert words.number(60000, language="es") == "60\u202f000"


def test_a_kit_for_each_language(tmp_path, root):
    with pytest.raises(ConvnetsError, match="2 kits: choose one with --language"):
        kit.kit(root, tmp_path / "kit.zip")
    with pytest.raises(ConvnetsError, match="not printed in 'fr': it has en, es"):
        kit.kit(root, language="fr")
    import zipfile

    with zipfile.ZipFile(kit.write(root, tmp_path, "es")) as packed:
        assert packed.filename.endswith("-es.zip")
        assert "Léelo: abre site/es/index.html" in packed.read("README.txt").decode()
        spanish_notebook = (root / build.SITE / "es" / "_notebooks" / "toy.ipynb").read_bytes()
        assert packed.read("notebooks/toy.ipynb") == spanish_notebook

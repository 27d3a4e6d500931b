"""The Spanish edition of a small book, and the gate before it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import sphinx_book_theme
import toybook

from convnets.common.errors import ConvnetsError
from press.editions import catalogues, languages, spanish
from press.page import words
from press.publish import build, kit, notebooks, translate

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
    catalogues.path(root, "es", domain).write_bytes(catalogues.content(domain, "es", catalogue))
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
    assert "Mostrar la celda de código" in page and "Show code cell" not in page
    assert 'alt="Una curva que sube."' in page and "Una curva." in page
    assert "Código bajo la licencia MIT" in page and 'placeholder="Buscar en este libro"' in page


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
    assert (
        sitemap.count("<loc>https://example.org/cnn/es/book/")
        == sitemap.count("<loc>https://example.org/cnn/book/")
        == 2
    )


def test_the_other_edition_brings_no_second_engine(page, root):
    static = root / build.SITE / "es" / "_static"
    assert (static / "press.css").is_file() and not (static / "mathjax").exists()
    assert "new Function" not in (static / "translations.js").read_text()


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
    ],
)
def test_a_flaw_in_a_catalogue_is_named(spoiled, message, translation, said):
    change(spoiled, "book/toy", {message: translation})
    [told] = catalogues.problems(spoiled, "es", "book/toy", [text for text in SAID if text in PAGE])
    assert told.startswith("book/locale/es/LC_MESSAGES/book/toy.po: ") and told.endswith(said)


def test_a_fuzzy_and_an_unused_message_are_named(spoiled):
    file = catalogues.path(spoiled, "es", "book/toy")
    file.write_text(file.read_text().replace('msgid "Two."', '#, fuzzy\nmsgid "Two."'))
    told = catalogues.problems(spoiled, "es", "book/toy", [text for text in SAID if text in PAGE and text != "Batch"])
    assert [text.partition(": ")[2][:35] for text in told] == [
        "“Two.” is marked fuzzy: check its m",
        "“Batch” is said nowhere any more: r",
    ]


def test_a_page_with_a_flaw_is_not_published(spoiled, capfd):
    change(spoiled, "book/toy", {"Toys": ""})
    assert build.build(spoiled) == 1
    told = capfd.readouterr()
    assert "“Toys” is not translated" in told.err and "Not fit to publish" in told.out
    assert not (spoiled / build.SITE / "es").exists()
    left = {file.parent.parent.name for file in (spoiled / "_build").rglob("environment.pickle")}
    assert left == {"_build"}, "the next build of the Spanish edition reads all pages again, and says the same"


def test_a_draft_is_printed_and_stamped(spoiled):
    change(spoiled, "book/toy", {"Toys": ""})
    assert build.build(spoiled, draft=True) == 0
    text = (spoiled / build.SITE / "es" / "book" / "toy.html").read_text()
    assert "press-stamp" in text and "Borrador. Esta página no está traducida del todo." in text
    assert "press-stamp" not in (spoiled / build.SITE / "es" / "book" / "index.html").read_text()
    assert any("es/book/toy.html is a stamped draft" in told for told in kit.problems(spoiled))


def test_the_words_of_the_press_pass_the_gate_too(spoiled):
    change(spoiled, "press", {"Computed on {device} in {duration}": "Calculado en {device}"})
    said = catalogues.words(spoiled)
    assert catalogues.problems(spoiled, "es", "sphinx", said["sphinx"]) == []
    [told] = catalogues.problems(spoiled, "es", "press", said["press"])
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
    assert catalogues.lost(message, translation) == gone


@pytest.mark.parametrize(
    ("message", "needed"),
    [("6 × 28²", False), ("$x$ {eq}`a`", False), ("`code`", False), ("122,304", True), ("A", True), ("**0**", False)],
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
    assert notebooks.translated(text, said) == (
        '# uno dos\n\n> uno dos\n\n1. uno dos\n\n| uno dos | one |\n\none two three\n- {label: "x", note: "y"}'
    )


def test_a_notebook_installs_the_library_once_the_repository_has_an_address():
    assert notebooks.install_source("") == ""
    source = notebooks.install_source("https://github.com/someone/book", "main")
    assert '"convnets-in-context[train] @ git+https://github.com/someone/book@main"' in source
    executed = json.dumps({"cells": [{"cell_type": "code", "source": "1", "metadata": {}}]})
    first = json.loads(notebooks.notebook(executed, install=source))["cells"][0]
    assert first["source"] == source and first["metadata"]["tags"] == ["install"]


def test_search_folds_accents_but_not_ene():
    search = spanish.Search({})
    assert search.stem("Convolución") == search.stem("convolucion") == search.stem("convoluciones")
    assert search.stem("año") != search.stem("ano")


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

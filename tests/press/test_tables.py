"""Tables that cells put out: what is stored, what a page of either edition shows, what keeps it from being printed."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import pytest
import toybook
from browsing import ROOT

from convnets.common.errors import ConvnetsError
from convnets.common.tables import MIME, html, number, restored, share, span, table, text, verbatim
from press.editions import catalogues, merging
from press.outputs import chapters, status, store
from press.page import figures, words
from press.publish import build, messages

ROWS = [["round < square", 60_000, number(0.25, 2)], [verbatim("LeNet-5, C1"), 1_000, number(math.nan, missing="none")]]
TOYS = table(["kind of toy", "how many", "weight, kg"], ROWS)
SPANISH = {"kind of toy": "clase de juguete", "how many": "cuántos", "weight, kg": "peso, kg",
           "round < square": "redondos < cuadrados", "none": "ninguno"}  # fmt: skip


@pytest.mark.parametrize(
    ("value", "english", "spanish"),
    [
        (number(60_000), "60,000", "60\u202f000"),
        (number(1234.5, 1), "1,234.5", "1234,5"),
        (number(-0.001, 2), "0.00", "0,00"),
        (number(-4), "−4", "−4"),
        (share(0.008, 1), "0.8\u00a0%", "0,8\u00a0%"),
        (number(3, 1, "spikes"), "3.0\u00a0spikes", "3,0\u00a0spikes"),
        (span(0.855, 1.16, 2), "0.85–1.16", "0,85–1,16"),
        (span(-0.1, 0.2, 1), "−0.1 – 0.2", "−0,1 – 0,2"),
        (span(math.nan, 1), "–", "–"),
        (number(math.nan, 2), "–", "–"),
        (number(8.1e-6, digits=2), "8.1\u00a0×\u00a010<sup>−6</sup>", "8,1\u00a0×\u00a010<sup>−6</sup>"),
        (number(1e-120, digits=1, least=1e-99), "&lt; 1\u00a0×\u00a010<sup>−99</sup>",
         "&lt; 1\u00a0×\u00a010<sup>−99</sup>"),
        (number(0.42, digits=2), "0.42", "0,42"),
    ],
)  # fmt: skip
def test_a_number_is_written_as_each_language_does(value: Any, english: str, spanish: str) -> None:
    one = table(["a", "b"], [["c", value]])
    for language, written in (("en", english), ("es", spanish)):
        body = html(one, write=lambda given, language=language: words.marked(given, language))
        assert re.findall(r"<td[^>]*>(.*)</td>", body) == [written]


def test_rows_and_columns_have_headings_and_numbers_stand_flush_right() -> None:
    body = html(TOYS)
    assert body.count('<th scope="col"') == 3 and body.count('<th scope="row"') == 2
    assert '<th scope="row" class="press-verbatim">LeNet-5, C1</th>' in body
    assert '<th scope="row">round &lt; square</th>' in body and '<td class="press-number">none</td>' in body
    assert text(TOYS).splitlines() == [
        "kind of toy     how many  weight, kg",
        "round < square    60,000        0.25",
        "LeNet-5, C1        1,000        none",
    ]


def test_a_table_is_one_bundle_and_comes_back_from_it() -> None:
    shown = TOYS._repr_mimebundle_()
    assert shown.keys() == {MIME, "text/html", "text/plain"} and restored(shown[MIME]) == TOYS
    assert shown["text/html"] == f"<table>{html(TOYS)}</table>" and str(TOYS) == shown["text/plain"]


@pytest.mark.parametrize(
    ("headings", "rows", "told"),
    [
        (["a"], [], "at least one row"),
        (["a", " "], [["b", 1]], "a heading for each column"),
        (["a", "b"], [["c"]], "1 values for 2 headings"),
        (["a"], [[0.5]], "cannot show 0.5"),
        (["a"], [[True]], "cannot show True"),
    ],
)
def test_what_says_too_little_is_no_table(headings: Any, rows: Any, told: str) -> None:
    with pytest.raises(ConvnetsError, match=told):
        table(headings, rows)


# In the press


def put(root: Path, caption: str = "caption: Toys that we know.") -> None:
    """Let the second cell of the small book put out a table, beside a figure."""
    page = root / "book" / "toy.md"
    head = f"---\nmystnb:\n  figure: {{name: table-toys, {caption}}}\n---\n" if caption else ""
    before, _, rest = toybook.CHAPTER.partition(":tags: [gpu]")
    said = "As {numref}`table-toys` says.\n" if caption else ""
    page.write_text(f"{before}{head}toys()\n```\n\n{said}")
    assert rest
    figure = {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": toybook.DRAWING}}
    shown = {"output_type": "execute_result", "metadata": {}, "execution_count": None, "data": TOYS._repr_mimebundle_()}
    chapter, here = chapters.read(page), toybook.where("cpu: 1 thread", 1)
    cells = [store.Cell([figure], here), store.Cell([shown], here)]
    store.write("toy", root, store.Stored(cells, status.keys(chapter), status.code(chapter, root), {}))


def translate_all(root: Path) -> None:
    """Give the small book Spanish catalogues: those of the book for what the press says, and its own."""
    shutil.copytree(ROOT / catalogues.LOCALE, root / catalogues.LOCALE)
    folder = root / catalogues.LOCALE / "es" / "LC_MESSAGES"
    for part in ("book", "live", "figures"):
        shutil.rmtree(folder / part)
    (folder / "live.po").unlink()
    for domain, wanted in messages.messages(root).items():
        merging.merge(root, "es", domain, wanted)
        if "/" in domain:
            catalogue = catalogues.load(file := catalogues.path(root, "es", domain))
            for entry in catalogue:
                entry.string = entry.id and SPANISH.get(str(entry.id), f"¡{entry.id}".replace("0.95", "0,95"))
            file.write_bytes(merging.content(domain, "es", catalogue))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small book with a table, in two languages, built."""
    root = tmp_path_factory.mktemp("book")
    toybook.write_book(root)
    put(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVNETS_ASSETS", str(root / "assets"))
        translate_all(root)
        assert build.build(root) == 0
        yield root


def shown(root: Path, language: str) -> str:
    page = (root / build.SITE / build.edition(language) / "book" / "toy.html").read_text()
    (found,) = re.findall(r"<table[^>]*id=\"table-toys\".*?</table>", page, re.DOTALL)
    return str(found)


def test_what_is_stored_are_typed_values_alone(root: Path) -> None:
    (output,) = store.read("toy", root).cells[1].outputs
    assert output["data"] == {MIME: TOYS.stored()}


def test_each_edition_shows_the_table_in_its_language_and_counts_it_among_tables(root: Path) -> None:
    english, spanish = shown(root, "en"), shown(root, "es")
    for said in (*SPANISH, "60,000", "1,000", "0.25"):
        assert f">{escape(said, quote=False)}</t" in english
    for said in (*SPANISH.values(), "60\u202f000", "1000", "0,25", "LeNet-5, C1"):
        assert f">{escape(said, quote=False)}</t" in spanish
    assert "Toys that we know." in english and "¡Toys that we know." in spanish and "figcaption" not in english
    page = (root / build.SITE / "book" / "toy.html").read_text()
    assert 'class="caption-number">Table 2 </span>' in english and 'href="#table-toys"' in page
    assert re.search(r"As <a[^>]*><span[^>]*>Table 2</span></a> says", page)


def test_an_untranslated_word_keeps_the_edition_back(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    domain = figures.domain("book/toy")
    assert sorted(catalogues.words(root)[domain]) == sorted([*SPANISH, "height, {0}"])
    file = catalogues.path(root, "es", domain)
    before = file.read_text()
    file.write_text(before.replace('"cuántos"', '""'))
    try:
        assert build.build(root) == 1
        assert "figures/toy.po" in (told := capfd.readouterr().out) and "“how many” is not translated" in told
    finally:
        file.write_text(before)


def test_what_is_said_of_a_table_does_not_wait_for_its_rows(root: Path) -> None:
    page = root / "book" / "toy.md"
    page.write_text(page.read_text().replace("toys()", "toys(again=True)"))
    try:
        assert "Toys that we know." in messages.messages(root)["book/toy"]
    finally:
        put(root)


def test_a_table_without_a_caption_is_no_page(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    put(root, caption="")
    try:
        assert build.build(root) == 1
        assert "The table has no caption" in "".join(capfd.readouterr())
    finally:
        put(root)


def test_what_cells_print_is_code_like() -> None:
    """Shapes and source stay as Python writes them; a number with decimals is for a reader, and is a table's."""
    found = []
    for file in sorted((ROOT / "assets").glob("*/outputs.ipynb")):
        stored = store.read(file.parent.name, ROOT)
        printed = [(number, "".join(output["text"])) for number, cell in enumerate(stored.cells, 1)
                   for output in cell.outputs if output["output_type"] == "stream"]  # fmt: skip
        found += [(file.parent.name, number, text) for number, text in printed if re.search(r"\d\.\d|\d ?%", text)]
    assert found == [], "give them as a table: convnets.common.tables"

"""Stored outputs on the printed page, and when a page is printed again: one small book, built for real."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys

import pytest
import toybook

from press.outputs import chapters, status
from press.page import sphinx_outputs
from press.publish import build

# What a machine that only prints the book does not have; the first build runs without them.
FIRST_BUILD = """
import sys
from pathlib import Path

for name in ("torch", "torchvision", "ipykernel", "matplotlib", "safetensors"):
    sys.modules[name] = None
from press.publish import build

sys.exit(build.build(Path(sys.argv[1])))
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A book, built cold in a process of its own."""
    root = tmp_path_factory.mktemp("book")
    toybook.write_book(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVNETS_ASSETS", str(root / "assets"))
        done = subprocess.run(
            [sys.executable, "-c", FIRST_BUILD, str(root)], capture_output=True, text=True, env=dict(os.environ)
        )
        assert done.returncode == 0, done.stdout + done.stderr
        yield root


@pytest.fixture
def chapter(book):
    """The chapter's file, put back after the test."""
    file = book / "book" / "toy.md"
    yield file
    file.write_text(toybook.CHAPTER)
    toybook.write_outputs(book, "fast")


def page(root) -> str:
    return (root / "_build" / "html" / "book" / "toy.html").read_text()


def test_the_hooked_name_is_there():
    """MyST-NB's private name, with the parameters that the press gives it."""
    import myst_nb.core.execute
    import myst_nb.sphinx_

    expected = ["notebook", "source", "nb_config", "logger", "read_fmt"]
    assert list(inspect.signature(myst_nb.core.execute.create_client).parameters) == expected
    assert list(inspect.signature(sphinx_outputs.create_client).parameters) == ["app", *expected]
    assert hasattr(myst_nb.sphinx_, "create_client")
    assert "with create_client(" in inspect.getsource(myst_nb.sphinx_.Parser.parse)


def test_stored_outputs_are_on_the_page(book):
    assert re.search(r'class="output stream.*fast', page(book), re.DOTALL)


def test_provenance_under_gpu_cells_only(book):
    lines = re.findall(r'<p class="press-provenance">(.*?)</p>', page(book))
    assert lines == ["Computed on NVIDIA H200 in 41\u00a0s · 2026-11-23 · torch 2.11.0"]


def test_figures_have_a_dark_twin(book):
    figure = re.search(r'<figure.*?id="fig-curve".*?</figure>', page(book), re.DOTALL)
    images = re.findall(r'<img alt="(.*?)" class="(.*?)" [^>]*src="\.\./(.*?)"', figure.group())
    assert [image[:2] for image in images] == [("A rising curve.", "only-light"), ("A rising curve.", "only-dark")]
    light, dark = ((book / "_build" / "html" / image[2]).read_text() for image in images)
    assert "#1f2328" in light and "#57606a" in light
    assert "#1f2328" not in dark and "#57606a" not in dark and "#e6edf3" in dark and "#0072b2" in dark
    # The theme hides a caption that is a sibling of a hidden image.
    box = re.search(r'<div class="press-twins docutils container">(.*?)</div>', figure.group(), re.DOTALL)
    assert box.group(1).count("<img") == 2 and "figcaption" not in box.group(1)


def test_numbers_and_table_come_from_the_records(book):
    text = page(book)
    assert '<span class="press-result">0.60\u00a0%</span>' in text
    table = re.search(r'<table class="[^"]*press-results-table.*?</table>', text, re.DOTALL).group()
    assert "Test error on toys." in table and table.count("<th ") == 7 and 'id="results-toy"' in table
    assert re.search(r"0\.95\u00a0%.*index\.html#id", table, re.DOTALL), "the paper's number has its citation"
    assert "a study of ours" in table and "2.80–3.20\u00a0%" in table and "t-interval" in text


def test_the_site_asks_no_other_host(book):
    html = book / "_build" / "html"
    assert (html / "_static" / "mathjax" / "tex-chtml.js").is_file()
    assert "mathjax/tex-chtml.js" in page(book) and "cdn" not in page(book)


def test_the_chapter_is_offered_as_a_notebook(book):
    assert (book / "_build" / "html" / "_notebooks" / "toy.ipynb").is_file()
    assert 'href="../_notebooks/toy.ipynb"' in page(book)
    index = (book / "_build" / "html" / "index.html").read_text()
    assert "_notebooks" not in index


def test_an_unchanged_book_is_not_printed_again(book, monkeypatch, capfd):
    monkeypatch.setattr(build, "_edition", lambda *_: pytest.fail("Sphinx was started"))
    assert build.build(book) == 0
    assert capfd.readouterr().out.startswith("Nothing changed since the book was built: open ")


def test_a_spoilt_site_is_put_right_from_what_was_printed(book, monkeypatch):
    (book / "_build" / "html" / "book" / "toy.html").write_text("spoilt")
    (book / "_build" / "html" / "more.html").write_text("nobody printed this")
    assert build.build(book) == 0
    assert "fast" in page(book) and not (book / "_build" / "html" / "more.html").exists()


def test_new_outputs_reach_the_page(book, chapter):
    toybook.write_outputs(book, "faster")
    assert build.build(book) == 0
    assert "faster" in page(book)


def test_a_new_run_reaches_the_page(book):
    extra = toybook.runs.write(toybook.run_record("net", 3, 0.014), book / "assets")
    assert build.build(book) == 0
    assert "0.80\u00a0%" in page(book)
    extra.unlink()
    assert build.build(book) == 0
    assert "0.60\u00a0%" in page(book)


def test_a_page_put_back_with_an_older_time_reaches_the_site(book, chapter):
    chapter.write_text(toybook.CHAPTER.replace("The rate is", "Our rate is"))
    os.utime(chapter, (0, 0))
    assert build.build(book) == 0
    assert "Our rate is" in page(book)


def test_a_changed_reference_reaches_the_pages_that_cite_it_and_no_other(book, monkeypatch):
    (book / "book" / "toy.md").write_text(toybook.CHAPTER)
    assert build.build(book) == 0
    references, read = book / "book" / "references.bib", []
    outdated = sphinx_outputs.outdated
    monkeypatch.setattr(sphinx_outputs, "outdated", lambda *those: read.append(outdated(*those)) or read[-1])
    references.write_text(toybook.REFERENCES + "@misc{other, author = {Bo Else}, title = {No}, year = {2001}}\n")
    os.utime(references, (0, 0))
    assert build.build(book) == 0
    assert read.pop() == ["book/index"], "which lists all works"
    references.write_text(toybook.REFERENCES.replace("Ada Toy", "Ada Game"))
    os.utime(references, (0, 0))
    assert build.build(book) == 0
    assert read.pop() == ["book/index", "book/toy"]
    assert re.search(r"Game \W*1998", re.sub(r"<[^>]+>", "", page(book)))
    references.write_text(toybook.REFERENCES)


def test_a_stale_page_is_refused_and_a_draft_is_stamped(book, chapter, capfd):
    chapter.write_text(toybook.CHAPTER.replace('print("fast")', 'print("slow")'))
    assert build.build(book) == 1
    said = capfd.readouterr().out
    assert "toy is stale: code cell 2 changed" in said and "press execute toy" in said and "--draft" in said
    assert "press-stamp" not in page(book)

    assert build.build(book, draft=True) == 0
    assert 'class="press-stamp docutils container"' in page(book)
    assert "output stream" not in page(book), "a changed cell does not keep its old output"
    assert 'id="fig-curve"' in page(book), "an unchanged cell does"

    chapter.write_text(toybook.CHAPTER)
    assert build.build(book) == 0
    assert "press-stamp" not in page(book)


def test_plain_jupyter_book_warns_of_a_page_never_executed(book, chapter, capfd):
    (book / "assets" / "toy" / "outputs.ipynb").unlink()
    assert build._sphinx(book, draft=False) == 1
    said = " ".join(capfd.readouterr().err.split())
    assert "book/toy" in said and "missing (never executed): run `press execute toy`" in said


def test_a_damaged_store_is_one_sentence(book, chapter, capfd):
    stored = book / "assets" / "toy" / "outputs.ipynb"
    stored.write_bytes(stored.read_bytes()[:200])
    assert build._sphinx(book, draft=True) == 1
    warnings = [line for line in capfd.readouterr().err.splitlines() if "WARNING" in line]
    assert len(warnings) == 1 and "outputs.ipynb is damaged" in warnings[0]
    assert "This figure has not been computed yet." in (build._folder(book, "en") / "book" / "toy.html").read_text()


def test_faults_of_a_page_are_named_with_their_lines(book, chapter, capfd):
    faulty = toybook.CHAPTER.replace("  image: {alt: A rising curve.}\n", "").replace("$0.01$, not", "0.01, about 3 %,")
    chapter.write_text(faulty.replace("toy/net.error`", "toy/nett.error`"))
    assert build.build(book) == 1
    warnings = capfd.readouterr().err
    line = 1 + faulty.splitlines().index(next(text for text in faulty.splitlines() if text.startswith("The rate")))
    assert f"toy.md:{line}: WARNING: The number 0.01 is typed into the prose" in warnings
    assert "The number 3 % is typed into the prose" in warnings and "0.95" not in warnings
    assert "toy/nett: stored are net, net-n1000" in warnings
    assert "The picture has no alt text" in warnings


def test_the_page_reader_finds_the_cells_that_status_finds(book):
    from myst_nb.core.read import read_myst_markdown_notebook
    from myst_parser.config.main import MdParserConfig

    file = book / "book" / "toy.md"
    cells = read_myst_markdown_notebook(file.read_text(), config=MdParserConfig()).cells
    assert chapters.read(file).sources == [cell.source for cell in cells if cell.cell_type == "code"]
    assert status.check(book, "toy")[0].state == "fresh"

"""A chapter as a notebook."""

from __future__ import annotations

import nbformat
import pytest
import toybook
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig

from press.publish import notebooks


def executed(source: str) -> str:
    """What MyST-NB writes for a chapter's source."""
    book = read_myst_markdown_notebook(source, config=MdParserConfig())
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text="stored")]
    return nbformat.writes(book)


@pytest.fixture
def book(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVNETS_ASSETS", str(tmp_path))
    toybook.write_runs(tmp_path)
    content = notebooks.notebook(executed(toybook.CHAPTER))
    assert content is not None and content == notebooks.notebook(executed(toybook.CHAPTER)), "the same each time"
    return nbformat.reads(content, as_version=4)


def test_it_is_a_valid_notebook_without_outputs(book):
    nbformat.validate(book)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert [cell.source for cell in code] == ["draw()", 'print("fast")']
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert code[1].metadata["tags"] == ["gpu"]
    assert book.metadata["kernelspec"]["name"] == "python3"


def test_prose_carries_its_numbers(book):
    prose = "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
    assert "We find 0.60\u00a0% (0.35–0.85\u00a0%)" in prose and "{result}" not in prose
    assert "# Toys" in prose and "```{results} toy" in prose


def test_unknown_results_stay_readable(book):
    content = notebooks.notebook(executed(toybook.CHAPTER.replace("toy/net.error`", "toy/nett.error`")))
    assert "We find `toy/nett.error`" in nbformat.reads(content, as_version=4).cells[0].source


def test_a_page_without_code_is_no_notebook():
    assert notebooks.notebook(executed(toybook.CHAPTER.split("```{code-cell}")[0])) is None

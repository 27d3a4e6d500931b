"""A chapter as a notebook."""

from __future__ import annotations

import re

import nbformat
import pytest
import toybook
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig

from press.editions import catalogues
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


def by_patterns(text: str, said: dict[str, str]) -> str:
    """What the translator does, as one large regular expression says it; only for a few messages."""
    lead = r"^[ \t]*(?:(?:[-*+]|\d+[.)]|#{1,6}|>|:caption:|(?:`{3,}|:{3,})\{[\w-]+\})[ \t]+)*"
    gap = r"(?:[ \t]+|[ \t]*\n[ \t]*(?:>[ \t]*)?)"
    said = {" ".join(message.split()): translation for message, translation in said.items()}
    one = "|".join(gap.join(map(re.escape, message.split())) for message in sorted(said, key=len, reverse=True))
    cell, quoted = rf"(\|[ \t]+)({one})(?=[ \t]+\|)", rf'((?:label|note): ")({one})(?=")'
    for pattern in (rf"({lead})({one})(?=[ \t]*$)", cell, quoted):
        text = re.sub(
            pattern,
            lambda found: found[1] + said[" ".join(re.sub(r"\n[ \t]*>", " ", found[2]).split())],
            text,
            flags=re.MULTILINE,
        )
    return text


@pytest.mark.parametrize("page", ["lenet", "recap"])
def test_the_books_own_pages_are_translated_block_by_block(page):
    root = toybook.REPOSITORY
    known = list(catalogues.translations(root, "es", f"book/{page}").items())
    text = (root / "book" / f"{page}.md").read_text(encoding="utf-8")
    flat = " ".join(text.split())
    # enough of each kind of those that the page's source says itself: rows of tables the press puts together
    said = dict([(message, other) for message, other in known if message in flat][::5])
    translated = notebooks.translator(said)(text)
    assert translated == by_patterns(text, said)
    assert sum(translation in translated for translation in said.values()) > len(said) / 2 > 2


def test_the_longest_message_wins_and_marks_may_stand_before_it():
    said = {"one": "uno", "one two": "uno dos", "- one": "menos uno", "a b": "c"}
    text = "one\ntwo  \n\n- one\n> - one\n> two\n\n| one | one two |\n\na\n\nb\n## a   b"
    expected = "uno dos  \n\n- uno\n> - uno dos\n\n| uno | uno dos |\n\na\n\nb\n## c"
    assert notebooks.translator(said)(text) == by_patterns(text, said) == expected

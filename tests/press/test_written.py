"""Damaged files of every kind that people write: one sentence each, however they are damaged."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from convnets.common.errors import ConvnetsError
from press.editions import catalogues
from press.outputs import chapters, written
from press.page import cite, credits, facts, results, words
from press.publish import kit

DEEP = 100_000
BAD_YAML = {
    "no YAML": "a: [b",
    "no mapping": "- a\n- b",
    "a number": "7",
    "other names": "1: a\n? [x]\n: y",
    "no such day": "a: 2020-99-99",
    "a huge number": "a: " + "9" * 10_000,
    "deep lists": "a: " + "[" * DEEP,
    "deep rows": "- " * DEEP + "x",
    "deep mappings": "{a: " * DEEP,
    "deep pairs": "\n".join(" " * i + "a:" for i in range(900)),
    "itself": "a: &a [*a",
    "a tag": "a: !!python/object/apply:os.system [x]",
    "a list as a name": "{[a]: {b: c}}",
}
WHOLE = "title: T\nauthors: [{name: A}]\nversion: '1'\ndate-released: 2026-01-31\n"
BAD_FIELDS = [
    "title: [T]\n" + WHOLE[9:],
    WHOLE.replace("[{name: A}]", "A"),
    WHOLE.replace("[{name: A}]", "[{given-names: 1}]"),
    WHOLE.replace("2026-01-31", "today"),
    WHOLE.replace("2026-01-31", "'2026-13-31'"),
    "title: T\n",
]


class App:
    """As much of Sphinx as is asked."""

    bibtex_bibfiles = ("x.bib",)

    def __init__(self, root: Path) -> None:
        self.srcdir = root


Read = Callable[[Path], Any]
FILES: dict[str, tuple[str, Read]] = {
    "front matter": ("book/toy.md", lambda root: chapters.front_matter(root / "book" / "toy.md")),
    "a chapter": ("book/toy.md", lambda root: chapters.read(root / "book" / "toy.md")),
    "contents": ("_toc.yml", chapters.contents),
    "settings": ("_config.yml", catalogues.settings),
    "the citation": (cite.FILE, cite.read),
    "a catalogue": ("x.po", lambda root: catalogues.load(root / "x.po")),
    "equal words": (str(catalogues.SAME), catalogues.same),
    "a bibliography": ("x.bib", lambda root: cite.read_sources(App(root), App)),
    "sources": ("SOURCES.md", lambda root: credits.parts(root / "SOURCES.md")),
}
FRONT = {"front matter", "a chapter"}


def sentence(read: Callable[[], Any]) -> str:
    with pytest.raises(ConvnetsError) as caught:
        read()
    text = str(caught.value)
    assert 20 < len(text) < 600 and "\n" not in text
    return text


def place(root: Path, name: str) -> Path:
    file = root / FILES[name][0]
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


@pytest.mark.parametrize("name", FILES)
def test_no_text_and_a_pipe_that_would_wait_for_ever(tmp_path: Path, name: str) -> None:
    file = place(tmp_path, name)
    file.write_bytes(b"a: \xff\xfe\n")
    assert file.name in sentence(lambda: FILES[name][1](tmp_path))
    file.unlink()
    os.mkfifo(file)
    assert file.name in sentence(lambda: FILES[name][1](tmp_path)) or name == "sources"
    file.unlink()
    file.mkdir()
    sentence(lambda: FILES[name][1](tmp_path))


@pytest.mark.parametrize("name", ["front matter", "a chapter", "settings", "the citation"])
@pytest.mark.parametrize("harm", BAD_YAML)
def test_yaml_that_says_nothing_of_use(tmp_path: Path, name: str, harm: str) -> None:
    said = BAD_YAML[harm]
    place(tmp_path, name).write_text(f"---\n{said}\n---\n# Toy\n" if name in FRONT else said)
    sentence(lambda: FILES[name][1](tmp_path))


@pytest.mark.parametrize("said", ["jupytext: 3", "jupytext: {text_representation: []}", "file_format: [mystnb]"])
def test_front_matter_of_another_form_is_that_of_no_notebook(tmp_path: Path, said: str) -> None:
    place(tmp_path, "a chapter").write_text(f"---\n{said}\n---\n# Toy\n")
    assert chapters.read(tmp_path / "book" / "toy.md").cells == []


@pytest.mark.parametrize(
    "said", ["html: 3", "html: [a]", "title: {a: b}", "html: {extra_footer: 3}", "html: {baseurl: []}"]
)
def test_settings_of_another_form(tmp_path: Path, said: str) -> None:
    place(tmp_path, "settings").write_text(said)
    assert "_config.yml cannot be used" in sentence(lambda: catalogues.settings(tmp_path))


@pytest.mark.parametrize("said", ["", "html:\n", "title:\n"])
def test_settings_that_say_little_are_settings(tmp_path: Path, said: str) -> None:
    place(tmp_path, "settings").write_text(said)
    assert list(catalogues._settings_words(tmp_path)) == []


@pytest.mark.parametrize("said", BAD_FIELDS)
def test_a_citation_of_another_form(tmp_path: Path, said: str) -> None:
    place(tmp_path, "the citation").write_text(said)
    assert cite.FILE in sentence(lambda: cite.read(tmp_path))


@pytest.mark.parametrize(
    "said",
    [
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=klingon\\n"\n',
        'msgid ""\nmsgstr "Plural-Forms: nplurals=x; plural=(;\\n"\n',
        'msgid ""\nmsgstr "Language: klingon-klingon\\n"\n',
        'msgid "a\n',
        "msgid a\nmsgstr b\n",
        'msgstr "b"\n',
        'msgid "a"\nmsgstr[99999999999999999999] "b"\n',
        'msgid ""\nmsgstr "POT-Creation-Date: 2020-99-99 99:99+9999\\n"\n',
    ],
)
def test_a_catalogue_of_another_form(tmp_path: Path, said: str) -> None:
    file = tmp_path / "x.po"
    file.write_text(said)
    try:
        catalogues.load(file)
    except ConvnetsError as error:
        assert "x.po cannot be read" in str(error) and "\n" not in str(error)


@pytest.mark.parametrize("harm", BAD_YAML)
def test_bodies_of_directives(harm: str) -> None:
    assert "{results}" in sentence(lambda: results.rows(BAD_YAML[harm]))
    assert "{systems} lecture" in sentence(lambda: facts._slides(BAD_YAML[harm]))


@pytest.mark.parametrize("value", ["1", "[a]", "{a: b}", "2026-01-31", "null", "true"])
@pytest.mark.parametrize("field", ["label", "recipe", "metric", "paper", "cite", "note"])
def test_a_row_of_results_is_text(field: str, value: str) -> None:
    row = {"label": "l", "recipe": "r", "metric": "m"} | {field: value}
    body = "- {" + ", ".join(f"{name}: {said}" for name, said in row.items()) + "}"
    assert f"`{field}`" in sentence(lambda: results.rows(body))


def test_no_number_is_too_large_to_be_written() -> None:
    assert words.number(10**400).startswith("10,000,000") and words.number(12345, language="es") == "12\u202f345"


def test_a_date_that_is_one() -> None:
    assert written.mapping("a: 2020-02-29", "x")["a"].day == 29


@pytest.mark.parametrize("said", ["@article{", "@article{a, title = {T", "@article{a, title = T}", "@string{"])
def test_a_bibliography_that_is_none(tmp_path: Path, said: str) -> None:
    (tmp_path / "x.bib").write_text(said)
    assert "x.bib is no BibTeX" in sentence(lambda: cite.read_sources(App(tmp_path), App))


def test_a_bibliography_with_a_doubled_entry_is_left_to_its_extension(tmp_path: Path) -> None:
    (tmp_path / "x.bib").write_text("@misc{a, title = {T}}\n" * 2)
    cite.read_sources(App(tmp_path), App)


@pytest.mark.parametrize("said", ["\xff", "[", "a = 1", "project = 3", "project.version = 3", "a = " + "[" * DEEP])
def test_a_project_file_without_a_version(tmp_path: Path, said: str) -> None:
    (tmp_path / "pyproject.toml").write_text(said, encoding="latin-1")
    assert "pyproject.toml" in sentence(lambda: kit._version(tmp_path))

"""Chapters as the press sees them: the code cells of ``book/<system>.md``, read as MyST-NB reads them.

Only blocks are parsed, not prose: `press status` asks this of every page, and MyST-NB's own reader takes longer
than the whole question may. A test holds that both find the same cells.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from convnets.common import memory
from convnets.common.errors import ConvnetsError
from press.outputs import written


class Cell(NamedTuple):
    """A code cell; ``number`` counts code cells from 1, as messages do."""

    number: int
    source: str
    tags: tuple[str, ...]


class Chapter(NamedTuple):
    """A page of the book; ``system`` is its one-word name and that of its folder in ``assets/``."""

    system: str
    path: Path
    cells: list[Cell]

    @property
    def sources(self) -> list[str]:
        return [cell.source for cell in self.cells]


def find(root: Path, systems: list[str] | None = None) -> list[Path]:
    """The files of the named chapters, or of all.

    Raises:
        ConvnetsError: there is no such chapter.
    """
    files = {file.stem: file for file in sorted((root / "book").glob("*.md"))}
    for system in systems or []:
        if system not in files:
            raise ConvnetsError(
                f"There is no chapter {system!r} in {root / 'book'}: there are {', '.join(files) or 'none'}."
            )
    return [files[system] for system in systems or files]


def contents(root: Path) -> list[str]:
    """Names of the pages in ``_toc.yml``, in its order.

    Raises:
        ConvnetsError: it cannot be read.
    """
    text = written.text(root / "_toc.yml", "restore it")
    return re.findall(r"^\s*(?:- )?(?:root|file): *book/(\w+)", text, re.M)


def front_matter(path: Path) -> tuple[dict[str, Any], str]:
    """What stands between the ``---`` at the top of a page, and the page's text.

    Raises:
        ConvnetsError: the page cannot be read, or that is not YAML.
    """
    text = written.text(path)
    top = _TOP.match(text)
    tokens = _parser().parse(top[0] if top else text)
    matter = tokens[0].content if tokens and tokens[0].type == "front_matter" else ""
    return written.mapping(matter, f"The front matter of {path}"), text


def read(path: Path) -> Chapter:
    """The chapter in ``path``.

    Raises:
        ConvnetsError: broken front matter or cell options, or code cells in a page that is no notebook.
    """
    text = written.text(path)
    cells = memory.recall(f"cells {path}", text.encode(), lambda: _cells(path, text), __file__, written.__file__)
    return Chapter(path.stem, path, [Cell(number, source, tuple(tags)) for number, source, tags in cells])


def _cells(path: Path, text: str) -> list[Cell]:
    tokens, lines = _parser().parse(text), text.split("\n")
    starts = [(token.content, token.map[0]) for token in tokens if token.info.startswith("{code-cell}") and token.map]
    outer = [(content, line) for content, line in starts if lines[line][0] in "`~"]  # not indented, as in a list
    cells = [_cell(path, number, content, line + 1) for number, (content, line) in enumerate(outer, 1)]
    matter = tokens[0].content if tokens and tokens[0].type == "front_matter" else ""
    if not _is_notebook(written.mapping(matter, f"The front matter of {path}")) and cells:
        raise ConvnetsError(
            f"{path} has code cells, but its front matter does not say that it is a notebook: "
            "add `file_format: mystnb` and a kernelspec."
        )
    return cells


_TOP = re.compile(r"---\n.*?\n---[ \t]*\n", re.DOTALL)


@cache
def _parser() -> MarkdownIt:
    parser = (
        MarkdownIt("zero", {"html": True})
        .enable(["fence", "html_block"])
        .use(front_matter_plugin)
        .use(colon_fence_plugin)
    )
    parser.core.ruler.disable("inline")
    return parser


def _cell(path: Path, number: int, content: str, line: int) -> Cell:
    """Split options, a YAML block between ``---`` or lines that start with ``:``, from the source."""
    lines, options = content.splitlines(), ""
    if content.startswith("---"):
        end = next((index for index, text in enumerate(lines) if index and text.startswith("---")), len(lines))
        options, lines = "\n".join(lines[1:end]), lines[end + 1 :]
    elif content.lstrip().startswith(":"):
        end = next((index for index, text in enumerate(lines) if not text.lstrip().startswith(":")), len(lines))
        options, lines = "\n".join(text.lstrip()[1:] for text in lines[:end]), lines[end:]
    if lines and not lines[0].strip():
        lines = lines[1:]
    metadata = written.mapping(options, f"The head of code cell {number} ({path}, line {line})")
    tags = metadata.get("tags") or []
    return Cell(number, "\n".join(lines), tuple(map(str, tags) if isinstance(tags, list) else str(tags).split()))


def _is_notebook(matter: dict[str, Any]) -> bool:
    """What MyST-NB asks of a page before it looks for cells."""
    kept = matter.get("jupytext")
    text = kept.get("text_representation") if isinstance(kept, dict) else None
    named = text.get("format_name") if isinstance(text, dict) else None
    return matter.get("file_format") == "mystnb" or named == "myst"

"""README's table of chapters and its steps for a new one, made by ``press refresh``."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from convnets.common import assets
from convnets.common.errors import ConvnetsError
from press.page import facts

FILE = "README.md"
_HEAD = ("| Chapter | Library | Tests | Papers |", "|---|---|---|---|")


def update(root: Path, steps: list[str]) -> bool:
    """Write the table and the ``steps`` anew; returns whether they were out of date.

    Raises:
        ConvnetsError: README has no place for it, or a chapter does not say what it must.
    """
    text = _read(root)
    fresh = _made(root, text, steps)
    if fresh != text:
        assets.write_atomic(root / FILE, fresh.encode())
    return fresh != text


def is_fresh(root: Path, steps: list[str]) -> bool:
    """Whether the table and the steps are what they should be; raises as :func:`update`."""
    text = _read(root)
    return _made(root, text, steps) == text


def _made(root: Path, text: str, steps: list[str]) -> str:
    return put(put(text, "chapters", table(root)), "steps", steps)


def wrapped(head: str, text: str, width: int = 120) -> list[str]:
    """``text`` in lines, the first of which begins with ``head``, under which the others stand."""
    fill = textwrap.TextWrapper(width, initial_indent=head, subsequent_indent=" " * len(head), break_long_words=False)
    fill.break_on_hyphens = False
    whole = re.sub(r"`[^`]+`|\*[^*]+\*", lambda code: code.group().replace(" ", "\0"), text)  # code stays in a line
    return [line.replace("\0", " ") for line in fill.wrap(whole)]


def table(root: Path) -> list[str]:
    """A line for each system."""
    works = _works(root)
    rows = []
    for system in facts.systems(root):
        found = facts.read(root, system)
        if unknown := [key for key in found.papers if key not in works]:
            raise ConvnetsError(f"book/{system}.md names papers that book/references.bib lacks: {', '.join(unknown)}.")
        papers = "; ".join(works[key] for key in found.papers) or "–"
        doors = f"[`convnets.{system}`](code/convnets/{system}) | [`tests/{system}`](tests/{system})"
        rows.append(f"| [{found.name}](book/{system}.md) | {doors} | {papers} |")
    return [*_HEAD, *rows]


def put(text: str, name: str, lines: list[str]) -> str:
    """``text`` with ``lines`` between the marks ``<!-- name -->`` and ``<!-- /name -->``.

    Raises:
        ConvnetsError: a mark is missing.
    """
    place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.S)
    if not place.search(text):
        raise ConvnetsError(f"{FILE} has no place for {name}: put `<!-- {name} -->` and `<!-- /{name} -->` there.")
    return place.sub(lambda marks: "\n".join([marks[1].rstrip("\n"), *lines, marks[2]]), text)


def _read(root: Path) -> str:
    try:
        return (root / FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConvnetsError(f"{root / FILE} cannot be read ({error}): restore it.") from error


def _works(root: Path) -> dict[str, str]:
    """The works of references.bib in a short form, by key: ``LeCun et al., Neural Computation 1(4), 1989``."""
    from pybtex.database import parse_file
    from pybtex.exceptions import PybtexError

    file = root / "book" / "references.bib"
    try:
        entries = parse_file(str(file)).entries
    except (OSError, PybtexError) as error:
        raise ConvnetsError(f"{file} cannot be read ({error}): mend it.") from error
    return {key: _short(work) for key, work in entries.items()}


def _short(work: object) -> str:
    fields, persons = work.fields, work.persons.get("author", [])  # type: ignore[attr-defined]
    names = [" ".join(person.last_names) for person in persons]
    authors = ", ".join(names) if len(names) < 4 else f"{names[0]} et al."
    place = next((fields[name] for name in ("journal", "booktitle", "publisher", "institution") if name in fields), "")
    volume = fields.get("volume", "") + (f"({fields['number']})" if "number" in fields and "volume" in fields else "")
    year = str(fields.get("year", "")).rstrip("abc")
    text = ", ".join(part for part in (authors, " ".join(part for part in (place, volume) if part), year) if part)
    return re.sub(r"[{}]|\\[a-zA-Z'`^~\"]+", "", " ".join(text.split()))

"""Catalogues of translations: what must be translated, and what is.

English is the source. A folder ``book/locale/<language>/LC_MESSAGES`` makes another edition: one ``.po`` for each page
(``book/lenet.po``), for its figures and tables (``figures/lenet.po``) and for each demo (``live/lenet.po``),
``live.po`` for what all demos share, ``press.po`` for what the press itself says, ``sphinx.po`` and ``booktheme.po``
for what the theme says. What may stay as it is stands in ``book/locale/same.txt``, a line each.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.core import UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, denormalize, read_po

from convnets.common import assets, forms, kept, runs
from convnets.common.errors import ConvnetsError
from press.outputs import written
from press.page import cite, facts, figures, plan, tables
from press.page.words import SOURCE

LOCALE = Path("book", "locale")
SAME = LOCALE / "same.txt"
WORDS = Path("_build", "words.json")
"""What spares the next question the reading of all that is said outside the pages; it may be deleted at any time."""
_MAYBE = type(None)
_SETTINGS = {
    "title?": forms.Either((forms.TEXT, _MAYBE)),
    "html?": forms.Either(
        (_MAYBE, {f"{name}?": forms.Either((forms.TEXT, _MAYBE)) for name in ("baseurl", "extra_footer")})
    ),
}

THEME = {
    "sphinx": ("Home", "Search", "Color mode", "Light", "Dark", "System Settings", "Main", "Page",
               "Toggle primary sidebar", "Toggle secondary sidebar", "Link to this heading", "Link to this equation",
               "Link to this image", "Link to this table", "Link to this code", "Link to this term",
               "Link to this definition"),
    "booktheme": ("By", "Contents", "Download notebook file", "Download source file", "Download this page",
                  "Fullscreen mode", "Launch interactive content", "Launch on", "Open an issue", "Open issue",
                  "Print to PDF", "Repository", "Show source", "Source repositories", "Source repository",
                  "Suggest edit"),
    "exercise": ("Exercise", "Solution to"),
    "togglebutton": ("Click to hide", "Click to show"),
}  # fmt: skip
"""Words of the theme and of extensions, by their domain, whose own translation is missing or poor."""

ROLE = re.compile(r"\{([\w:.+-]+)\}`([^`]*)`")
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
MATH = re.compile(r"(?<!\\)\$([^$]+)\$")
ADDRESS = re.compile(r"\]\(([^)\s]+)\)|<(https?://[^>\s]+)>")
TAG = re.compile(r"</?\w[^>]*>")
_EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
_DIGEST_BYTES = hashlib.sha256().digest_size
_SEPARATED = re.compile(r"\d[.,]\d")  # a number that another language writes otherwise
_POINT = re.compile(r"\d\.\d")  # the same in a formula, where a comma stands between two numbers


def languages(root: Path) -> list[str]:
    """The languages of the book at ``root``, the source first: those with a folder in ``book/locale``."""
    return [SOURCE, *sorted(folder.parent.name for folder in (root / LOCALE).glob("*/LC_MESSAGES"))]


def path(root: Path, language: str, domain: str) -> Path:
    """The file of a catalogue; ``domain`` is a page (``book/lenet``) or a set of words (``press``)."""
    return root / LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def load(file: Path) -> Catalog:
    """The catalogue in ``file``, empty where there is none.

    Raises:
        ConvnetsError: it cannot be read.
    """
    if not file.exists():
        return Catalog()
    try:
        catalogue = read_po(io.BytesIO(written.text(file, "mend it").encode()), abort_invalid=True)
    except (PoFileError, LookupError, ValueError, TypeError, AttributeError, UnknownLocaleError) as error:
        why = " ".join(str(error).split())[:200]  # Babel's reader ends in many ways
        raise ConvnetsError(f"The catalogue {file} cannot be read ({why}): mend it.") from error
    for entry in catalogue:
        previous = [line[1:].strip() for line in entry.user_comments if line.startswith("|")]
        if previous:  # which Babel's reader takes for comments
            entry.user_comments = [line for line in entry.user_comments if not line.startswith("|")]
            entry.previous_id = [denormalize("\n".join(previous).removeprefix("msgid ").strip())]
    return catalogue


def translations(root: Path, language: str, domain: str) -> dict[str, str]:
    """Every message of a catalogue that has a translation; none for the source language."""
    if language == SOURCE:
        return {}
    return {
        str(entry.id): str(entry.string) for entry in load(path(root, language, domain)) if entry.id and _done(entry)
    }


def _done(entry: object) -> bool:
    return bool(getattr(entry, "string", "")) and not getattr(entry, "fuzzy", False)


def compile_all(root: Path, language: str) -> list[str]:
    """Write the ``.mo`` beside each ``.po`` that has none of its content; gives the domains that are no pages."""
    folder = root / LOCALE / language / "LC_MESSAGES"
    for file in folder.rglob("*.po"):
        compiled, text = file.with_suffix(".mo"), file.read_bytes()
        made = compiled.read_bytes() if compiled.is_file() else b""
        if made[-_DIGEST_BYTES:] != _digest(text, made[:-_DIGEST_BYTES]):
            catalogue, body = load(file), io.BytesIO()
            catalogue.creation_date = catalogue.revision_date = _EPOCH  # Babel would write the time of day
            write_mo(body, catalogue)
            assets.write_atomic(compiled, body.getvalue() + _digest(text, body.getvalue()))
    files = [*folder.glob("*.po"), *folder.glob("live/*.po"), *folder.glob("figures/*.po")]
    return sorted(file.relative_to(folder).with_suffix("").as_posix() for file in files)


def _digest(*parts: bytes) -> bytes:
    """What ends a ``.mo``, where gettext does not look: by it a cut file is known, and one of an older text."""
    return hashlib.sha256(b"".join(assets.sha256(part).encode() for part in parts)).digest()


# What must be translated


def needs_translation(message: str) -> bool:
    """Whether a message says something, or holds a number that another language writes otherwise."""
    prose = bare(message)
    if _SEPARATED.search(prose) or any(map(_POINT.search, MATH.findall(CODE.sub("", message)))):
        return True
    return any(character.isalpha() for character in TAG.sub("", prose))


def bare(message: str) -> str:
    """A message without roles, code, formulas and addresses: its prose, and tags."""
    return ADDRESS.sub("](", MATH.sub("", CODE.sub("", ROLE.sub("", message))))


def words(root: Path) -> dict[str, list[str]]:
    """What is said outside the pages, by domain; remembered with the digest of all files that it may stand in."""
    made_from, file = _digest_of_words(root), root / WORDS
    with suppress(OSError, ValueError, TypeError, KeyError):
        if (remembered := json.loads(file.read_bytes()))["made_from"] == made_from:
            return {str(domain): list(said) for domain, said in remembered["words"].items()}
    found = _words(root)
    with suppress(ConvnetsError):  # where nothing can be written, nothing is remembered
        assets.write_atomic(file, json.dumps({"made_from": made_from, "words": found}).encode())
    return found


def _digest_of_words(root: Path) -> str:
    found = hashlib.sha256()
    places = (
        (Path(__file__).parents[1], "*.py"),
        (root / "code" / "live" / "src", "*.js"),
        (root / "assets", "*.json"),
        (root / "assets", "outputs/*.svg"),
        (root / "assets", "outputs.ipynb"),
    )
    files = [file for place, pattern in places for file in place.rglob(pattern)] + sorted((root / "book").glob("*.md"))
    for file in sorted([*files, root / "_config.yml", root / plan.FILE, root / cite.FILE]):
        content = assets.sha256(file.read_bytes()) if file.is_file() else ""
        found.update(f"{file}\0{content}\0".encode())
    return found.hexdigest()


def _words(root: Path) -> dict[str, list[str]]:
    return {
        "press": sorted(
            {
                *_press_words(),
                *_settings_words(root),
                *_group_names(root),
                *run_words(root),
                *plan.words(root),
                *facts.questions(root),
            }
        ),
    } | {**_figure_words(root), **_live_words(root), **{domain: list(said) for domain, said in THEME.items()}}


def _press_words() -> Iterator[str]:
    """Arguments of ``_(...)``, also within f-strings, which Babel's own reader passes over."""
    for file in sorted(Path(__file__).parents[1].rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"
            if called and isinstance(text := node.args[0], ast.Constant):  # type: ignore[attr-defined]
                yield str(text.value)


def run_words(root: Path) -> list[str]:
    """What run records say in words: why they were kept after a change of code, and what data without a name is."""
    records = [runs.read_file(file) for file in sorted((root / "assets").glob("*/runs/*.json"))]
    reasons = {because for folder in (root / "assets").glob("*/") for _date, because in kept.reasons(folder)}
    return sorted(reasons | {name for record in records if (name := record["data"].get("name", ""))[:1].islower()})


def _group_names(root: Path) -> list[str]:
    """Authors of the book that are no persons."""
    work = cite.read(root) if (root / cite.FILE).is_file() else None
    return [one["name"] for one in work.authors if "name" in one] if work else []


def settings(root: Path) -> dict[str, Any]:
    """The book's ``_config.yml``."""
    file = root / "_config.yml"
    return written.settings(file, _SETTINGS) if file.exists() else {}


def _settings_words(root: Path) -> Iterator[str]:
    """What ``_config.yml`` puts on each page."""
    config = settings(root)
    said = (config.get("title"), (config.get("html") or {}).get("extra_footer"))
    yield from (" ".join(text.split()) for text in said if text)


def _figure_words(root: Path) -> dict[str, list[str]]:
    """What stored figures and tables say, by catalogue."""
    found = {}
    for folder in sorted((root / "assets").glob("*/")):
        files = sorted(folder.glob("outputs/*.svg"))
        drawings = [written.text(file, "restore it from the repository") for file in files]
        said = {message for drawing in drawings for message in figures.messages(drawing)}
        said |= set(tables.messages(root, folder.name))
        if said:
            found[figures.domain(folder.name)] = sorted(said)
    return found


def _live_words(root: Path) -> dict[str, list[str]]:
    """What the demos say, by catalogue."""
    from press.page import bundle, live

    said: dict[str, set[str]] = {"live": live.shared_words(root)}
    for demo in bundle.demos(root):
        for word, domain in live.words(root, demo).items():
            said.setdefault(domain, set()).add(word)
    return {domain: sorted(found) for domain, found in said.items()}


def same(root: Path) -> set[str]:
    """Messages that may be equal in both languages."""
    file = root / SAME
    lines = written.text(file).splitlines() if file.exists() else []
    return {line for line in lines if line and not line.startswith("# ")}

"""A book as long as this one will be: its chapters again and again under other names, for benchmarks.

A copy of ``lenet`` is a system of its own, ``lenetb``: page, catalogue, package, demo, networks, run records and stored
outputs, every label and every figure its own. Nothing in it is executed.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from string import ascii_lowercase

from convnets.common import assets, runs, source
from press.outputs import chapters, status, store

REPOSITORY = Path(__file__).resolve().parents[1]
SPANISH = Path("book", "locale", "es", "LC_MESSAGES")

_SETTINGS = ("_config.yml", "_toc.yml", "_systems.yml", "CITATION.cff", "LICENSE", "pyproject.toml")
_FOLDERS = ("assets", "book", "code")
_LABEL = re.compile(r"^(?:\$\$ \(|\(|:(?:name|label): )([\w-]+)(?:\)=?)?$", re.MULTILINE)
_NO_PROSE = r"(?![, ] ?(?!import\b)\w)"  # a word of a sentence, which other pages may repeat
_CLAIM = r"^ *claim: .*$"  # the recapitulation's words, which its own catalogue translates
_COPIED = shutil.ignore_patterns("__pycache__", "node_modules", ".doctrees", "*.mo")


def systems(root: Path = REPOSITORY) -> list[str]:
    """The systems of the book at ``root``, in its order: its pages with a package."""
    pages = re.findall(r"file: book/(\w+)", (root / "_toc.yml").read_text())
    return [page for page in pages if (root / "code" / "convnets" / page).is_dir()]


def copy_book(root: Path) -> None:
    """This book without what was built from it, at ``root``, nothing of it out of date."""
    _copy(root)
    _refresh_outputs(root)


def _copy(root: Path) -> None:
    root.mkdir(parents=True)
    for name in _SETTINGS:
        shutil.copy(REPOSITORY / name, root)
    for name in _FOLDERS:
        shutil.copytree(REPOSITORY / name, root / name, ignore=_COPIED)
    installed = REPOSITORY / "code" / "live" / "node_modules"
    if installed.is_dir():
        (root / "code" / "live" / "node_modules").symlink_to(installed.resolve())


def write_book(root: Path, count: int) -> None:
    """A book with ``count`` systems at ``root``: this one and copies of its chapters."""
    _copy(root)
    known = systems(root)
    for letter in ascii_lowercase[1:]:
        for system in known:
            if len(systems(root)) < count:
                copy_system(root, system, system + letter)
    _refresh_outputs(root)


def copy_system(root: Path, old: str, new: str) -> None:
    """Make the system ``new`` of the system ``old``, and put its page behind the others in the table of contents."""
    chapter, live = root / "book" / f"{old}.md", root / "code" / "live" / "src" / "demos"
    others = [label for label in _LABEL.findall(chapter.read_text(encoding="utf-8")) if old not in label]
    names = {label: f"{label}-{new}" for label in others} | {old: new}
    pattern = re.compile(rf"{_CLAIM}|\b(?:{'|'.join(sorted(names, key=len, reverse=True))})\b{_NO_PROSE}", re.MULTILINE)
    renamed = partial(pattern.sub, lambda found: names.get(found[0], found[0]))
    for folder in (root / "code" / "convnets", live, root / "assets"):
        if (folder / old).is_dir():
            shutil.copytree(folder / old, folder / new, ignore=_COPIED)
            _rewrite((folder / new).rglob("*.*"), renamed)
    for file in (
        chapter,
        root / SPANISH / "book" / f"{old}.po",
        root / SPANISH / "live" / f"{old}.po",
        root / SPANISH / "figures" / f"{old}.po",
        live / f"{old}.js",
    ):
        if file.is_file():
            copy = file.with_stem(new)
            shutil.copy(file, copy)
            _rewrite([copy], renamed)
    toc = root / "_toc.yml"
    last = re.compile(rf"^( *- file: book/){systems(root)[-1]}\n", re.M)
    toc.write_text(last.sub(rf"\g<0>\g<1>{new}\n", toc.read_text()))
    _refresh_runs(root, new)


def _rewrite(files: Iterable[Path], renamed: Callable[[str], str]) -> None:
    for file in list(files):
        if file.suffix in (".py", ".js", ".css", ".md", ".po") or file.name == "facts.json":
            text = file.read_text(encoding="utf-8")
            file.write_text(renamed(text.replace('"\n"', "") if file.suffix == ".po" else text), encoding="utf-8")
            file.rename(file.with_name(renamed(file.name)))


def _refresh_runs(root: Path, system: str) -> None:
    """Make the copied run records of ``system`` its own, and fresh."""
    (root / "assets" / system / "accepted.json").unlink(missing_ok=True)
    code = source.closure([f"convnets.{system}.train:train"], root / "code")
    for file in (root / "assets" / system / "runs").glob("*.json"):
        record = json.loads(file.read_text()) | {"system": system, "code": code}
        record["key"] = runs.key(record["settings"], record["data"]["digest"], code)
        runs.write(record, root / "assets")


def _refresh_outputs(root: Path) -> None:
    """Make what is stored for each page fresh: a benchmark asks what a build costs, not what is out of date."""
    for page in chapters.find(root):
        if (stored := store.read(page.stem, root)) is None:
            continue
        folder, chapter = root / "assets" / page.stem / "outputs", chapters.read(page)
        cells = [
            store.Cell(
                [_marked(store._with_images(output, folder, page.stem), page.stem) for output in cell.outputs],
                cell.provenance,
            )
            for cell in stored.cells
        ]
        here = [re.sub(rf"^{page.stem[:-1]}/", f"{page.stem}/", name) for name in stored.assets]  # a copy opens its own
        opened = {name: assets.digest(name, assets.read_file(root / "assets" / name)) for name in here}
        shutil.rmtree(folder, ignore_errors=True)
        found = store.Stored(cells, status.keys(chapter), status.code(chapter, root), opened)
        store.write(page.stem, root, found)


def _marked(output: store.Output, name: str) -> store.Output:
    """The output, its drawing no other's: what is equal would be written once."""
    plain: store.Output = json.loads(json.dumps(output))
    data = plain.get("data", {})
    if "image/svg+xml" in data:
        data["image/svg+xml"] = data["image/svg+xml"].replace("</svg>", f"<!-- {name} --></svg>")
    return plain

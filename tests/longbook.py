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

from convnets.common import runs, source
from press.outputs import chapters, status, store

REPOSITORY = Path(__file__).resolve().parents[1]
SPANISH = Path("book", "locale", "es", "LC_MESSAGES")

_SETTINGS = ("_config.yml", "_toc.yml", "CITATION.cff", "LICENSE", "pyproject.toml")
_FOLDERS = ("assets", "book", "code")
_LABEL = re.compile(r"^(?:\$\$ \(|\(|:(?:name|label): )([\w-]+)(?:\)=?)?$", re.MULTILINE)
_COPIED = shutil.ignore_patterns("__pycache__", "node_modules", ".doctrees", "*.mo")


def systems(root: Path = REPOSITORY) -> list[str]:
    """The systems of the book at ``root``, in its order: its pages with a package."""
    pages = re.findall(r"file: book/(\w+)", (root / "_toc.yml").read_text())
    return [page for page in pages if (root / "code" / "convnets" / page).is_dir()]


def copy_book(root: Path) -> None:
    """This book without what was built from it, at ``root``."""
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
    copy_book(root)
    known = systems(root)
    for letter in ascii_lowercase[1:]:
        for system in known:
            if len(systems(root)) < count:
                copy_system(root, system, system + letter)


def copy_system(root: Path, old: str, new: str) -> None:
    """Make the system ``new`` of the system ``old``, and put its page behind the others in the table of contents."""
    chapter, live = root / "book" / f"{old}.md", root / "code" / "live" / "src" / "demos"
    others = [label for label in _LABEL.findall(chapter.read_text(encoding="utf-8")) if old not in label]
    names = {label: f"{label}-{new}" for label in others} | {old: new}
    pattern = re.compile(rf"\b(?:{'|'.join(sorted(names, key=len, reverse=True))})\b")
    renamed = partial(pattern.sub, lambda found: names[found[0]])
    for folder in (root / "code" / "convnets", live, root / "assets"):
        if (folder / old).is_dir():
            shutil.copytree(folder / old, folder / new, ignore=_COPIED)
            _rewrite((folder / new).rglob("*.*"), renamed)
    for file in (
        chapter,
        root / SPANISH / "book" / f"{old}.po",
        root / SPANISH / "live" / f"{old}.po",
        live / f"{old}.js",
    ):
        if file.is_file():
            copy = file.with_stem(new)
            shutil.copy(file, copy)
            _rewrite([copy], renamed)
    toc = root / "_toc.yml"
    last = f"  - file: book/{systems(root)[-1]}\n"
    toc.write_text(toc.read_text().replace(last, f"{last}  - file: book/{new}\n"))
    _rekey(root, old, new)


def _rewrite(files: Iterable[Path], renamed: Callable[[str], str]) -> None:
    for file in list(files):
        if file.suffix in (".py", ".js", ".css", ".md", ".po") or file.name == "facts.json":
            file.write_text(renamed(file.read_text(encoding="utf-8")), encoding="utf-8")
            file.rename(file.with_name(renamed(file.name)))


def _rekey(root: Path, old: str, new: str) -> None:
    """Run records and stored outputs of ``new``, fresh as those of ``old`` are."""
    code = source.closure([f"convnets.{new}.train:train"], root / "code")
    for file in (root / "assets" / new / "runs").glob("*.json"):
        record = json.loads(file.read_text()) | {"system": new, "code": code}
        record["key"] = runs.key(record["settings"], record["data"]["digest"], code)
        runs.write(record, root / "assets")
    chapter = chapters.read(root / "book" / f"{new}.md")
    stored = store.read(old, root)
    assert stored
    found = store.outputs(old, chapters.read(root / "book" / f"{old}.md").sources, root)
    cells = [store.Cell([_marked(output, new) for output in cell.outputs], cell.provenance) for cell in found if cell]
    opened = {re.sub(rf"^{old}/", f"{new}/", name): digest for name, digest in stored.assets.items()}
    opened = {name: store.assets.sha256((root / "assets" / name).read_bytes()) for name in opened}
    shutil.rmtree(root / "assets" / new / "outputs")
    made_of = status.code(chapter, root)
    store.write(new, root, store.Stored(cells, status.keys(chapter), made_of, opened))


def _marked(output: store.Output, name: str) -> store.Output:
    """The output, its drawing no other's: what is equal would be written once."""
    plain: store.Output = json.loads(json.dumps(output))
    data = plain.get("data", {})
    if "image/svg+xml" in data:
        data["image/svg+xml"] = data["image/svg+xml"].replace("</svg>", f"<!-- {name} --></svg>")
    return plain

"""What is fresh, what is stale and why: pages against their stored outputs, runs against their records.

A page is fresh when its code cells, the project definitions that they reach and the assets that they opened are
those of its stored outputs. Prose, captions, tags and alternative texts are in no key. Nothing is imported or run.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import NamedTuple

from convnets.common import assets, gzipped, memory, runs, source
from convnets.common.errors import ConvnetsError
from press.outputs import chapters, exports, store

SHOWN = 4  # names of changed definitions in a reason
KNOWN = Path("_build", "known.json")  # what spares the next question the reading of what has not changed


class PageStatus(NamedTuple):
    """State of one page: ``fresh``, ``stale``, ``missing`` (nothing stored) or ``plain`` (no code cells)."""

    system: str
    state: str
    reasons: list[str]


def check(root: Path, system: str | None = None) -> list[PageStatus]:
    """The state of every page, or of one.

    Raises:
        ConvnetsError: unknown page, broken front matter, damaged stored outputs.
    """
    with memory.remembered(root / KNOWN):
        return [page(chapters.read(path), root) for path in chapters.find(root, [system] if system else None)]


def page(chapter: chapters.Chapter, root: Path) -> PageStatus:
    """The state of one page."""
    stored = store.read(chapter.system, root)
    if not chapter.cells:
        return PageStatus(chapter.system, "plain", [])
    if stored is None:
        return PageStatus(chapter.system, "missing", ["never executed"])
    reasons = [*_cells(stored.keys, keys(chapter)), *_code(stored.code, code(chapter, root))]
    reasons += _assets(stored.assets, root)
    return PageStatus(chapter.system, "stale" if reasons else "fresh", reasons)


def keys(chapter: chapters.Chapter) -> list[str]:
    """Digests of the chapter's cells."""
    return [store.cell_key(text) for text in chapter.sources]


def code(chapter: chapters.Chapter, root: Path) -> dict[str, str]:
    """Digests of the definitions that the chapter's cells reach."""
    cells = json.dumps(chapter.sources).encode()
    roots = memory.recall(f"roots {chapter.path}", cells, lambda: source.uses(chapter.sources), source.__file__)
    return source.closure(roots, root / "code")


def stale_runs(root: Path, systems: list[str]) -> dict[tuple[str, str], list[str]]:
    """Stale run records by system and the reason that they share."""
    found: dict[tuple[str, str], list[str]] = {}
    with memory.remembered(root / KNOWN):
        for system in systems:
            for stem, names in runs.all_stale(system).items():
                if names:
                    found.setdefault((system, _listed(names)), []).append(stem)
    return found


def unlisted(root: Path, systems: list[str] | None = None) -> list[str]:
    """Pages that no reader would find, a sentence each."""
    if not (root / "_toc.yml").is_file():  # whoever reads it says so
        return []
    named = set(chapters.contents(root))
    return [
        f"book/{path.name} is not in _toc.yml: add the line `- file: book/{path.stem}` there, or delete the page"
        for path in chapters.find(root, systems)
        if path.stem not in named
    ]


def amiss(root: Path, systems: list[str] | None = None) -> list[str]:
    """What else is out of date or forgotten: pages in no table of contents, exports, files that nothing shows or made.

    Raises:
        ConvnetsError: damaged stored outputs.
    """
    found = unlisted(root, systems)
    with memory.remembered(root / KNOWN):
        for page in (path.stem for path in chapters.find(root, systems)):
            if told := exports.reasons(root, page):
                found.append(f"{page}'s exports are stale ({'; '.join(told)}): run `convnets export {page}`")
            for file in [*store.unused(page, root), *exports.orphans(root, page)]:
                found.append(f"{file.relative_to(root)} is shown nowhere: `press refresh {page}` deletes it")
            for file in runs.without_run(folder := root / "assets" / page):
                again = (
                    f"restore its record in {folder.relative_to(root)}/runs, run `convnets train {page}`, or delete it"
                )
                found.append(f"{file.relative_to(root)} holds the weights of no recorded run: {again}")
            for file in gzipped.weights(folder):
                if file.exists() and (packed := gzipped.name(file)).exists():
                    twice = f"{packed.relative_to(root)} lies beside {file.name}, which is read in its place"
                    found.append(f"{twice}: delete one of them")
            for file in runs.unused_code(folder):
                found.append(
                    f"{file.relative_to(root)} is the code of no recorded run: `press refresh {page}` deletes it"
                )
    return found


def _cells(then: list[str], now: list[str]) -> list[str]:
    if len(then) != len(now):
        return [f"{len(now)} code cells where {len(then)} are stored"]
    changed = [number for number, pair in enumerate(zip(then, now, strict=True), 1) if pair[0] != pair[1]]
    return [f"code cell {number} changed" for number in changed]


def _code(then: dict[str, str], now: dict[str, str]) -> list[str]:
    names = source.differences(then, now)
    return [f"changed: {_listed(names)}"] if names else []


def _assets(then: dict[str, str], root: Path) -> list[str]:
    reasons = []
    for name, digest in then.items():
        try:
            content = assets.read_file(root / "assets" / name)
        except ConvnetsError:
            there = gzipped.stored(root / "assets" / name).exists()
            reasons.append(f"assets/{name} {'cannot be read' if there else 'is gone'}")
            continue
        shown = partial(assets.digest, name, content)
        if memory.recall(f"shown {root / name}", content, shown, assets.__file__) != digest:
            reasons.append(f"assets/{name} changed")
    return reasons


def _listed(names: list[str]) -> str:
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")

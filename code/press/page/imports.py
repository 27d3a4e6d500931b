"""Which files a demo is made of: what its script imports, and what that imports."""

from __future__ import annotations

import re
from pathlib import Path

from press.page import bundle

_IMPORT = re.compile(r"""^\s*(?:import|export)\b[^"';]*["'](\.[^"']+\.js)["']""", re.MULTILINE)
_IMPORT_EACH = re.compile(r"""\bimport\(`(\./\$\{\w+\}/\w+\.js)`\)""")


def reached(file: Path) -> set[Path]:
    """The file, and those that it imports by relative paths, however far."""
    found, left = set(), [file]
    while left:
        file = left.pop().resolve()
        if file not in found and file.is_file():
            found.add(file)
            left += [file.parent / name for name in _IMPORT.findall(file.read_text(encoding="utf-8"))]
            left += _imported_each(file)
    return found


def _imported_each(file: Path) -> list[Path]:
    """Files that it imports as one of many, by the name of their folder: import(`./${system}/lineage.js`)."""
    if not file.is_file():
        return []
    patterns = _IMPORT_EACH.findall(file.read_text(encoding="utf-8"))
    return [each for pattern in patterns for each in sorted(file.parent.glob(re.sub(r"\$\{\w+\}", "*", pattern)))]


def rows(root: Path, demo: str) -> list[str]:
    """Systems of which the demo shows a row of its own making: those with a file that it imports each by each."""
    folder = root / bundle.SOURCES / "src" / "demos"
    return sorted(file.parent.name for file in _imported_each(folder / f"{demo}.js"))

"""What a build was made from and what it made, by content: so the next one knows what is left to do.

No time stamp of a source or of the site is looked at, for a file that was put back, unpacked or copied may bear any.
Two records: one beside the site, of everything that went into it and of each of its files; and a *seal* in each
edition's work folder, made when Sphinx has ended well and broken before it starts, so what a kill left has none.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from convnets.common import assets
from press.page import plan

RECORD = Path("_build", "printed.json")
SEAL = "seal.json"
SPOILT, OPTION = "the site", "option "
_SOURCES = ("_config.yml", "_toc.yml", plan.FILE, "CITATION.cff", "book", "assets", "code")
_NO_SOURCES = {"node_modules", "__pycache__"}
_BY_DIGEST = re.compile(r"[0-9a-f]{24,}\b")  # names of the images that come out of notebooks, and of figures
_OF_A_PAGE = re.compile(
    r"option |assets/|code/live/|code/convnets/(?!common/)|book/.*\.(?!po$|txt$)\w+$"
    r"|book/locale/\w+/LC_MESSAGES/(book/|live|figures/)"
)
"""Names of what reaches the pages one by one, and is compared when Sphinx runs; all else reaches every page."""


def inputs(root: Path, **options: Any) -> dict[str, str]:
    """The digest of each file, package and option that a build may depend on, by name."""
    found = {f"{OPTION}{name}": str(value) for name, value in options.items()}
    found |= {"the checkout's place": str(root), "Python": sys.version, "the packages": " ".join(_packages())}
    for source in _SOURCES:
        found |= {file.relative_to(root).as_posix(): digest for file, digest in _digests(root / source)}
    return found


def house(made_from: dict[str, str]) -> str:
    """Digest of what every page depends on: the press, its settings, the packages; but for the options."""
    chosen = {name: digest for name, digest in made_from.items() if not _OF_A_PAGE.match(name)}
    return hashlib.sha256(json.dumps(chosen, sort_keys=True).encode()).hexdigest()


def _packages() -> list[str]:
    """Names and versions of what is installed; reading each package's own account would take longer than all else."""
    return sorted({entry.name for place in sys.path for entry in Path(place).glob("*.dist-info")})


def _digests(place: Path) -> Iterator[tuple[Path, str]]:
    """Of a file, or of all below a folder, but for hidden ones and what is made from others."""
    if place.is_file():
        if place.suffix != ".mo":
            yield place, _digest(place)
    elif place.is_dir():
        for file in sorted(place.iterdir()):
            if not file.name.startswith(".") and file.name not in _NO_SOURCES:
                yield from _digests(file)


def content(folder: Path) -> dict[str, str]:
    """The digest of each file below ``folder``."""
    return {file.relative_to(folder).as_posix(): _digest(file) for file in _files(folder)}


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _digest(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


# The site


def record(root: Path, there: dict[str, str], made_from: dict[str, str]) -> None:
    """Note what the finished site was made from; ``there`` are the digests of its files."""
    assets.write_json(root / RECORD, {"made_from": made_from, "site": there})


def changes(root: Path, there: dict[str, str], now: dict[str, str]) -> list[str]:
    """Names of what changed since the site was printed; ``[SPOILT]`` where it is not as it was printed."""
    then = _read(root / RECORD)
    if then.get("site") != there:
        return [SPOILT]
    return sorted(dict(dict(then.get("made_from", {})).items() ^ now.items()))


# A work folder

_Sealed = dict[str, list[Any]]
"""By a file's name: its digest, and what tells without reading it whether it was written since."""


def seal(folder: Path, house: str, before: _Sealed | None = None) -> None:
    """Say that all in ``folder`` is whole, and what made it; ``before`` spares the reading of what is as then."""
    (folder / SEAL).unlink(missing_ok=True)
    assets.write_json(folder / SEAL, {"house": house, "files": _sealed(folder, before or {})})


def sealed(folder: Path) -> dict[str, str]:
    """The digest of each file below a sealed ``folder``."""
    return {name: digest for name, (digest, *_stamp) in _read(folder / SEAL)["files"].items()}


def open_sealed(folder: Path, house: str) -> None:
    """Break the seal of ``folder``, with a copy of it kept aside; if it has none that is right, take the copy's place.

    Where neither is whole, nothing in them is of use, and both are emptied.
    """
    spare = _spare(folder)
    if not _is_sealed(folder, house):
        shutil.rmtree(folder, ignore_errors=True)
        if _is_sealed(spare, house):
            spare.rename(folder)
    shutil.rmtree(spare, ignore_errors=True)
    if folder.is_dir():
        shutil.copytree(folder, spare, copy_function=_copy)
        (folder / SEAL).unlink()


def close(folder: Path, house: str, is_whole: bool) -> None:
    """Seal ``folder`` if all in it ``is_whole``; else put back what it was before.

    So the next build reads again what this one stumbled over, and repeats its warnings, but nothing more.
    """
    spare = _spare(folder)
    if is_whole:
        seal(folder, house, _read(spare / SEAL).get("files"))
        shutil.rmtree(spare, ignore_errors=True)
    elif spare.is_dir():
        shutil.rmtree(folder, ignore_errors=True)
        spare.rename(folder)


def _is_sealed(folder: Path, house: str) -> bool:
    found = _read(folder / SEAL)
    if found.get("house") != house:
        return False
    there = _sealed(folder, found["files"])
    there.pop(SEAL)
    return {name: entry[0] for name, entry in there.items()} == sealed(folder)


def _sealed(folder: Path, before: _Sealed) -> _Sealed:
    found: _Sealed = {}
    for file in _files(folder):
        name, stamp = file.relative_to(folder).as_posix(), _stamp(file)
        known = before.get(name, [""])
        found[name] = known if known[1:] == stamp else [_digest(file), *stamp]
    return found


def _stamp(file: Path) -> list[int]:
    """What changes whenever the operating system writes a file, though not what is in it: of our own files alone."""
    told = file.stat()
    changed = [] if _BY_DIGEST.match(file.name) else [told.st_ctime_ns]  # another link changes it, too
    return [told.st_ino, told.st_size, told.st_mtime_ns, *changed]


def _copy(file: str, copy: str) -> None:
    """Copy a file of a work folder; what is named by its content is never written again, and may be the same file."""
    take(Path(file), Path(copy), _BY_DIGEST.match(Path(file).name) is not None)


def take(file: Path, copy: Path, is_final: bool) -> None:
    """Copy a file; one ``is_final`` that is not written to again: both may be the same file."""
    if is_final:
        with suppress(OSError):  # not every file system can
            os.link(file, copy)
            return
    shutil.copy2(file, copy)


def _spare(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}-before")


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}

"""Where a data set lies, and how its files are checked."""

from __future__ import annotations

import gzip
import os
import zlib
from pathlib import Path

from convnets.common.errors import ConvnetsError

__all__ = ["cache", "candidates", "find", "read"]


def cache() -> Path:
    """The user's own folder for downloaded data sets, ``$XDG_CACHE_HOME/convnets`` or ``~/.cache/convnets``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "convnets"


def candidates(given: str | Path | None = None) -> list[Path]:
    """Folders to look in, in order. A folder that was ``given`` is the only one.

    Otherwise ``$CONVNETS_DATA``, ``../shared/data`` beside the checkout, and the user's cache.
    """
    if given is not None:
        return [Path(given)]
    folders = [Path(chosen)] if (chosen := os.environ.get("CONVNETS_DATA")) else []
    checkout = Path(__file__).resolve().parents[3]
    return [*folders, checkout.parent / "shared" / "data", cache()]


def find(names: list[str], given: str | Path | None = None) -> Path | None:
    """First existing file among ``names`` (relative to a data folder), folder by folder; None if there is none."""
    for folder in candidates(given):
        for name in names:
            if (folder / name).is_file():
                return folder / name
    return None


def read(file: Path) -> bytes:
    """Content of ``file``, unpacked if its name ends in ``.gz``.

    Raises:
        ConvnetsError: the file cannot be read or its compression is damaged.
    """
    try:
        content = file.read_bytes()
        return gzip.decompress(content) if file.suffix == ".gz" else content
    except (OSError, EOFError, zlib.error) as error:
        raise ConvnetsError(f"The data file {file} cannot be read ({error}): fetch it again.") from error

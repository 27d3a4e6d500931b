"""Where a data set lies, and the one door through which its files are read: whatever is wrong is told in a sentence."""

from __future__ import annotations

import gzip
import http.client
import io
import os
import shutil
import tempfile
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from convnets.common.errors import ConvnetsError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["arrays", "cache", "candidates", "download", "find", "members", "read", "whole"]

LIMIT = 1 << 28
"""Most bytes that one file or member may hold when it is unpacked; a larger data set says its own."""

_CHUNK = 1 << 20
_DAMAGE: tuple[type[Exception], ...] = (
    OSError, EOFError, ValueError, KeyError, RuntimeError, NotImplementedError, MemoryError, zlib.error,
    zipfile.BadZipFile, tokenize.TokenError, SyntaxError,
)  # fmt: skip
"""What the standard library and NumPy raise for files that were cut, changed or made up."""
_LOST: tuple[type[Exception], ...] = (*_DAMAGE, http.client.HTTPException, ImportError)
"""And what a connection, or a data set's loader, ends with."""


def cache() -> Path:
    """The user's own folder for downloaded data sets, ``$XDG_CACHE_HOME/convnets`` or ``~/.cache/convnets``.

    Raises:
        ConvnetsError: this user has no home folder.
    """
    if chosen := os.environ.get("XDG_CACHE_HOME"):
        return Path(chosen) / "convnets"
    try:
        return Path.home() / ".cache" / "convnets"
    except RuntimeError as error:
        raise ConvnetsError(
            "This user has no home folder to keep downloaded data in: set XDG_CACHE_HOME to a folder for them, or "
            "CONVNETS_DATA to one that holds the data."
        ) from error


def candidates(given: str | Path | None = None) -> list[Path]:
    """Folders to look in, in order. A folder that was ``given`` is the only one.

    Otherwise ``$CONVNETS_DATA``, ``../shared/data`` beside the checkout, and the user's cache, if there can be one.
    """
    if given is not None:
        return [Path(given)]
    folders = [Path(chosen)] if (chosen := os.environ.get("CONVNETS_DATA")) else []
    folders.append(Path(__file__).resolve().parents[3].parent / "shared" / "data")
    with suppress(ConvnetsError):
        folders.append(cache())
    return folders


def find(names: list[str], given: str | Path | None = None) -> Path | None:
    """First existing file among ``names`` (relative to a data folder), folder by folder; None if there is none.

    Raises:
        ConvnetsError: a folder may not be read.
    """
    for folder in candidates(given):
        for name in names:
            try:
                found = (folder / name).is_file()
            except (OSError, ValueError) as error:
                raise ConvnetsError(f"The data folder {folder} cannot be read ({error}): choose another.") from error
            if found:
                return folder / name
    return None


@contextmanager
def whole(file: Path, *more: type[Exception]) -> Iterator[None]:
    """Whatever goes wrong while ``file``, or a folder of them, is read is told with its name, ``more`` too."""
    try:
        yield
    except (*_DAMAGE, *more) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise ConvnetsError(
            f"The data file {file} cannot be read ({said[:200]}): delete it and fetch it again."
        ) from error


def read(file: Path, limit: int = LIMIT) -> bytes:
    """Content of ``file``, unpacked if its name ends in ``.gz``.

    Raises:
        ConvnetsError: the file cannot be read, its compression is damaged, or it holds more than ``limit`` bytes.
    """
    with whole(file):
        if file.suffix != ".gz":
            return file.read_bytes()
        content = bytearray()
        with gzip.open(file) as packed:
            while part := packed.read(_CHUNK):
                content += part
                _bound(len(content), limit, file)
        return bytes(content)


def members(file: Path, wanted: Callable[[str], bool], limit: int = LIMIT) -> dict[str, bytes]:
    """The members of a zip archive that are ``wanted``, by name, in alphabetical order.

    Raises:
        ConvnetsError: the archive is damaged or encrypted, or a member holds more than ``limit`` bytes.
    """
    with whole(file), zipfile.ZipFile(file) as archive:
        chosen = sorted((info for info in archive.infolist() if wanted(info.filename)), key=lambda info: info.filename)
        for info in chosen:
            _bound(info.file_size, limit, file)
        return {info.filename: archive.read(info) for info in chosen}


def arrays(file: Path, names: list[str], limit: int = LIMIT) -> list[np.ndarray]:
    """The arrays ``names`` of an ``.npz`` file; nothing pickled is opened.

    Raises:
        ConvnetsError: as :func:`members`, or an array is missing, or announces another size than it has.
    """
    from numpy.lib import format as npy

    held = members(file, lambda name: name.removesuffix(".npy") in names, limit)
    with whole(file):
        found = []
        for name in names:
            stream = io.BytesIO(held[f"{name}.npy"])
            version = npy.read_magic(stream)
            header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, _, kind = header(stream)
            size = kind.itemsize
            for length in shape:
                size *= length
            if size != len(held[f"{name}.npy"]) - stream.tell():
                raise ValueError(f"{name} announces {size} bytes and holds {len(held[f'{name}.npy']) - stream.tell()}")
            stream.seek(0)
            found.append(npy.read_array(stream, allow_pickle=False))
        return found


def _bound(size: int, limit: int, file: Path) -> None:
    if size > limit:
        raise ConvnetsError(
            f"{file} unpacks to more than {limit >> 20} MiB, which no file of this data set does: fetch it again from "
            "a source that you trust."
        )


def download(what: str, needs: str, fetch: Callable[[Path], object]) -> None:
    """Have ``fetch(folder)`` fill a folder, and put what is in it into the user's cache once it is whole.

    A kill on the way leaves nothing that could be taken for data. ``needs`` says what a folder of data must hold.

    Raises:
        ConvnetsError: ``what`` cannot be had, or not be kept.
    """
    home = cache()
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home, prefix=".download-") as folder:
            fetch(Path(folder))
            for part in sorted(Path(folder).iterdir()):
                if (home / part.name).is_dir():
                    shutil.rmtree(home / part.name)
                os.replace(part, home / part.name)
    except _LOST as error:
        raise ConvnetsError(
            f"{what} was found in none of {', '.join(map(str, candidates()))} and could not be downloaded: set "
            f"CONVNETS_DATA to a folder that holds {needs}."
        ) from error

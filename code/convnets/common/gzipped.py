"""Weights that lie packed in the asset store: called ``NET.safetensors`` everywhere, stored as ``NET.safetensors.gz``.

Names, digests and notes are those of the unpacked bytes, so nothing depends on how they are stored: what gzip makes of
them may differ from machine to machine.
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

__all__ = ["name", "pack", "stored", "unpack", "weights"]

SAVES = 0.15
"""Share of the bytes that packing must save to be worth it; of most weights, which look random, it saves less."""

MOST = 64 * 2**20
"""Bytes that packed weights may hold: all files of the repository together are fewer."""

_WEIGHTS, _PACKED = ".safetensors", ".gz"


def name(file: Path) -> Path:
    """Where the weights called ``file`` lie if they are packed."""
    return file.with_name(file.name + _PACKED)


def stored(file: Path) -> Path:
    """The file that holds what is called ``file``: itself, or, of weights that are not there, their packed form."""
    is_packed = file.suffix == _WEIGHTS and not file.exists() and name(file).exists()
    return name(file) if is_packed else file


def weights(folder: Path) -> list[Path]:
    """What the weights in ``folder`` are called, ``NET.safetensors``, sorted, however they are stored."""
    packed = folder.glob(f"*{_WEIGHTS}{_PACKED}")
    return sorted({*folder.glob(f"*{_WEIGHTS}"), *(file.with_suffix("") for file in packed)})


def pack(content: bytes) -> bytes | None:
    """``content`` as gzip packs it, without a time; None where that does not save enough, or it is too large."""
    if len(content) > MOST:
        return None
    packed = gzip.compress(content, mtime=0)
    return packed if len(packed) < (1 - SAVES) * len(content) else None


def unpack(content: bytes) -> bytes:
    """What was packed into ``content``.

    Raises:
        ValueError: it is damaged or cut short, something follows it, or it holds more than :data:`MOST` bytes.
    """
    unpacking = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        found = unpacking.decompress(content, MOST + 1)
    except zlib.error as error:
        raise ValueError("it is damaged: gzip cannot unpack it") from error
    if len(found) > MOST:
        raise ValueError(f"it holds more than {MOST:,} bytes")
    if not unpacking.eof:
        raise ValueError("it is cut short")
    if unpacking.unused_data:
        raise ValueError("it is damaged: more follows its end")
    return found

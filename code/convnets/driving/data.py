"""What is learned from, by kind: street photographs, and a road world; nothing is read before it is asked for."""

from __future__ import annotations

import hashlib
from functools import cached_property

from convnets.driving import steering, streets
from convnets.driving.road import WORLD
from convnets.driving.streets import Streets

__all__ = ["MODULES", "NAME", "Sets", "digest", "split"]

NAME = "street photographs and a road world"
MODULES = {"street": "streets", "pilot": "steering"}
"""Where each set is told."""


class Sets:
    """The folder of data, and the sets in it."""

    def __init__(self, folder: str | None = None) -> None:
        self.folder = folder

    @cached_property
    def streets(self) -> dict[str, Streets]:
        """Photographs by split."""
        return {name: streets.load(name, self.folder) for name in ("train", "validation", "test")}

    @property
    def digest(self) -> str:
        """Of what is read from files."""
        return streets.digest(self.folder)


def split(folder: str | None = None) -> Sets:
    """All sets, read when they are asked for."""
    return Sets(folder)


def digest(kind: str, data: Sets) -> str:
    """Digest of the set ``kind``: ``street``, or ``pilot``, which is code and has none of its own."""
    if kind == "pilot":
        return hashlib.sha256(repr((steering.SEEDS, sorted(WORLD.items()))).encode()).hexdigest()
    return streets.digest(data.folder)

"""The three sets of the chapter: membranes, ultrasound pictures, and phantoms; none is read before it is asked for."""

from __future__ import annotations

import hashlib
from functools import cached_property

from torch import Tensor

from convnets.tumours import borders, membranes, phantom, ultrasound
from convnets.tumours.phantom import Phantoms
from convnets.tumours.ultrasound import Pictures

__all__ = ["NAME", "Sets", "digest", "split"]

NAME = "three sets: membranes, ultrasound and phantoms"
MODULES = {"isbi": "membranes", "busi": "ultrasound", "phantom": "phantom"}
"""Where each set is told."""


class Sets:
    """The folder of data, and the sets in it."""

    def __init__(self, folder: str | None = None) -> None:
        self.folder = folder

    @cached_property
    def ultrasound(self) -> Pictures:
        """All ultrasound pictures."""
        return ultrasound.load(self.folder)

    @cached_property
    def phantoms(self) -> dict[str, Phantoms]:
        """Phantoms by split."""
        return {name: phantom.split(name) for name in phantom.SEEDS}

    @cached_property
    def walls(self) -> Tensor:
        """How near two cells are around each pixel of the slices that are learned from."""
        return borders.between(self.membranes("train").labels)

    def membranes(self, name: str) -> membranes.Slices:
        """The slices of a split."""
        return membranes.load(name, self.folder)

    @property
    def digest(self) -> str:
        """Of what is read from files."""
        return hashlib.sha256((membranes.digest(self.folder) + ultrasound.digest(self.folder)).encode()).hexdigest()


def split(folder: str | None = None) -> Sets:
    """All sets, read when they are asked for."""
    return Sets(folder)


def digest(kind: str, data: Sets) -> str:
    """Digest of the set ``kind``: ``isbi``, ``busi``, or ``phantom``, which is code and has none of its own."""
    if kind == "phantom":
        return hashlib.sha256(repr((phantom.SEEDS, phantom.COUNTS)).encode()).hexdigest()
    return membranes.digest(data.folder) if kind == "isbi" else ultrasound.digest(data.folder)

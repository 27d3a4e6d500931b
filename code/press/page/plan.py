"""All systems of the lecture, those of the future too: ``_systems.yml``, beside the table of contents.

It is the one place for their names, their order, the parts that they belong to and the titles that they have until
their chapters say their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from convnets.common.errors import ConvnetsError
from press.outputs import written

FILE = "_systems.yml"


class Part(NamedTuple):
    """A part of the lecture."""

    name: str  # as chapters name it in their front matter
    caption: str  # as readers see it
    systems: dict[str, str]  # titles by the systems' names, in their order


def read(root: Path) -> list[Part]:
    """The parts, in their order.

    Raises:
        ConvnetsError: the file cannot be read or has another form.
    """
    file = root / FILE
    rows = written.read_yaml(written.text(file, "restore it"), str(file))
    try:
        parts = [Part(row["part"], row["caption"], dict(row["systems"])) for row in rows]
        if not all(isinstance(text, str) for part in parts for text in (*part[:2], *part.systems.values())):
            raise TypeError("a part, caption or title is no text")
    except (TypeError, KeyError, ValueError) as error:
        raise ConvnetsError(
            f"{file} cannot be used ({error}): it is a list of `part`, `caption` and `systems`, a title for each name."
        ) from error
    return parts


def words(root: Path) -> list[str]:
    """All that readers see of it."""
    if not (root / FILE).is_file():
        return []
    return [text for part in read(root) for text in (part.caption, *part.systems.values())]

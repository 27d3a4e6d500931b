"""What of a system's code its run records speak of: the code that made them, and the code that does the same.

``assets/<system>/code/<digest>.json`` holds the digest of each definition of one state of the code, and never changes.
``assets/<system>/accepted.json`` holds what ``press accept`` has shown: code that gives the results of the runs whose
keys (the first 16 digits of each) stand beside it, when, and why it was changed. The last that names a run counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from convnets.common import assets, forms, source
from convnets.common.errors import ConvnetsError
from convnets.common.forms import DATE, DIGEST, TEXT, Each

__all__ = ["Acceptance", "accept", "code", "read", "read_code", "reasons", "write_code"]

FILE = "accepted.json"
_SHORT = 16
_FORM = {"accepted": [{"date": DATE, "because": TEXT, "code": DIGEST, "runs": [DIGEST]}]}


class Acceptance(NamedTuple):
    """Runs, by the beginnings of their keys, that were shown to come out the same under changed code."""

    date: str
    because: str
    code: str
    runs: tuple[str, ...]


def read(folder: Path) -> list[Acceptance]:
    """What was accepted for the system whose assets lie in ``folder``, in order.

    Raises:
        ConvnetsError: the file is damaged.
    """
    file = folder / FILE
    if not file.exists():
        return []
    found = forms.check(forms.parse(assets.read_file(file), file), _FORM, file)["accepted"]
    return [Acceptance(one["date"], one["because"], one["code"], tuple(one["runs"])) for one in found]


def reasons(folder: Path) -> list[tuple[str, str]]:
    """Dates and reasons of all that was accepted, sorted; raises as :func:`read`."""
    return sorted({(one.date, one.because) for one in read(folder)})


def code(key: str, accepted: list[Acceptance]) -> str | None:
    """Digest of the code that the run ``key`` was last accepted for, or None."""
    return next((one.code for one in reversed(accepted) if key[:_SHORT] in one.runs), None)


def accept(folder: Path, new: Acceptance, stored: Collection[str]) -> None:
    """Add ``new``; what concerns none of the ``stored`` keys any more is dropped."""
    alive = {key[:_SHORT] for key in stored}
    with assets.locked(folder):
        entries = [*read(folder), new._replace(runs=tuple(key[:_SHORT] for key in new.runs))]
        entries = [one._replace(runs=tuple(sorted(alive.intersection(one.runs)))) for one in entries]
        assets.write_json(folder / FILE, {"accepted": [one._asdict() for one in entries if one.runs]})


def write_code(folder: Path, definitions: Mapping[str, str]) -> str:
    """Store a state of the code, if it is not there yet, and return its digest."""
    digest = source.digest(definitions)
    if read_code(folder, digest) is None:
        assets.write_json(folder / "code" / f"{digest}.json", dict(definitions))
    return digest


def read_code(folder: Path, digest: str) -> dict[str, str] | None:
    """A state of the code, definition by definition, or None where it is not stored.

    Raises:
        ConvnetsError: the file is damaged.
    """
    file = folder / "code" / f"{digest}.json"
    if not forms.DIGEST.fullmatch(digest) or not file.exists():
        return None
    found: dict[str, str] = forms.check(forms.parse(assets.read_file(file), file), Each(TEXT), file)
    if source.digest(found) != digest:
        raise ConvnetsError(f"{file} does not hold the code that it is named by: restore it from the repository.")
    return found

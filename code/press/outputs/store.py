"""Stored outputs: ``assets/<system>/outputs.ipynb`` and the images beside it in ``outputs/``.

The notebook holds no sources. An image lies in a file named by its digest and is put back when outputs are read.
The metadata hold a *manifest*: digests of the cells, of the project definitions that they reach, of the assets that
they opened, of the outputs themselves; and, cell by cell, where and when they were computed. The notebook is
written last and at once, so a kill at any point leaves the old outputs or the new ones.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from convnets.common import assets, forms, memory, source, tables
from convnets.common.errors import ConvnetsError
from convnets.common.forms import DATE, DIGEST, TEXT, Each
from press.outputs import active

SCHEMA = 1
LIMIT = 3_000_000
"""Most bytes that one chapter may store, images included."""

IMAGE_FILE = "application/vnd.convnets.image+json"
SUFFIXES = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif"}

SHOWN = {"text/plain", "text/latex", "text/markdown", "text/html", tables.MIME, *SUFFIXES, IMAGE_FILE}
"""What an output may hold: all that a page shows, and nothing that runs in it."""

Output = dict[str, Any]

_IMAGE = {
    "file": re.compile(r"[0-9a-f]{24}\.(svg|png|jpg|gif)"),
    "mime": re.compile("|".join(map(re.escape, SUFFIXES))),
}
_VALUE = {f"{kind}?": TEXT for kind in ("word", "verbatim", "number", "unit")}
_TABLE = {"headings": [_VALUE], "rows": [[_VALUE]]}
_FORM = {
    "cells": [{"outputs": [{"output_type": TEXT, "data?": {f"{IMAGE_FILE}?": _IMAGE, f"{tables.MIME}?": _TABLE}}]}],
    "metadata": {
        "press": {
            "schema": forms.Number(SCHEMA, SCHEMA),
            "cells": [TEXT],
            "code": Each(TEXT),
            "assets": Each(DIGEST),
            "outputs": DIGEST,
            "provenance": [{"device": TEXT, "seconds": forms.Number(0), "date": DATE, "versions": Each(TEXT)}],
        }
    },
}


class Cell(NamedTuple):
    """What a code cell put out, and where: ``{device, seconds, date, versions}``."""

    outputs: list[Output]
    provenance: dict[str, Any]


class Stored(NamedTuple):
    """A chapter's stored cells and the digests that say what they were computed from."""

    cells: list[Cell]
    keys: list[str]  # digests of the cells' sources
    code: dict[str, str]  # digests of the definitions that they reach
    assets: dict[str, str]  # digests of the assets that they opened


def location(system: str, root: Path) -> Path:
    """The stored notebook of a chapter."""
    return root / "assets" / system / "outputs.ipynb"


def cell_key(text: str) -> str:
    """Digest of a cell's source; its tags and captions are not part of it."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read(system: str, root: Path) -> Stored | None:
    """What is stored for a chapter, checked, or None.

    Raises:
        ConvnetsError: the notebook or an image is damaged, or a stored output is an error.
    """
    file = location(system, root)
    if not file.exists():
        return None
    remedy = f"restore it from the repository, or delete it and run `press execute {system}`"
    content = assets.read_file(file, remedy)

    def is_whole() -> bool:
        _check(system, forms.check(forms.parse(content, file, remedy), _FORM, file, remedy), file)
        return True

    memory.recall(f"whole {file}", content, is_whole, __file__, forms.__file__, active.__file__)
    notebook = json.loads(content)
    manifest = notebook["metadata"]["press"]
    outputs = [cell["outputs"] for cell in notebook["cells"]]
    cells = [Cell(*pair) for pair in zip(outputs, manifest["provenance"], strict=True)]
    stored = Stored(cells, manifest["cells"], manifest["code"], manifest["assets"])
    for name in _image_names(outputs):
        _image(file.parent / "outputs" / name, system)
    return stored


def _check(system: str, notebook: dict[str, Any], file: Path) -> None:
    """Refuse a notebook that is not as it was written, or that no page may show."""
    manifest = notebook["metadata"]["press"]
    outputs = [cell["outputs"] for cell in notebook["cells"]]
    lengths = {len(manifest["provenance"]), len(manifest["cells"]), len(outputs)}
    if manifest["outputs"] != _digest(outputs) or len(lengths) > 1:
        raise _damaged(file, system, ValueError("it does not match its own digest"))
    _refuse(system, outputs)


def outputs(system: str, sources: list[str], root: Path) -> list[Cell | None]:
    """For each of a page's cells what is stored for it, images put back as notebooks hold them; None if nothing.

    A cell is known by its source: while a chapter is edited, the cells that stayed as they were keep their outputs.

    Raises:
        ConvnetsError: as :func:`read`.
    """
    from nbformat import from_dict

    stored = read(system, root)
    waiting: dict[str, list[Cell]] = {}
    for key, cell in zip(stored.keys, stored.cells, strict=True) if stored else []:
        waiting.setdefault(key, []).append(cell)
    folder = location(system, root).with_suffix("")
    found: list[Cell | None] = []
    for text in sources:
        same = waiting.get(cell_key(text))
        if not same:
            found.append(None)
            continue
        cell = same.pop(0)
        whole = [_with_images(output, folder, system) for output in cell.outputs]
        found.append(Cell(from_dict(whole), cell.provenance))
    return found


def write(system: str, root: Path, stored: Stored) -> int:
    """Store what a chapter put out; returns the bytes that it takes.

    Raises:
        ConvnetsError: an output is an error, there is too much, or the disk is full; the old outputs stay.
    """
    file = location(system, root)
    images: dict[str, bytes] = {}
    outputs = [[_bare(_without_images(output, images)) for output in cell.outputs] for cell in stored.cells]
    _refuse(system, [cell.outputs for cell in stored.cells])
    content = _notebook(outputs, stored)
    size = len(content) + sum(map(len, images.values()))
    if size > LIMIT:
        raise ConvnetsError(
            f"The outputs of {system} take {size / 1e6:.1f} MB, and {LIMIT / 1e6:.0f} MB are allowed: "
            "draw fewer points, or save large figures as PNG; nothing was stored."
        )
    for name, image in images.items():
        assets.write_atomic(file.with_suffix("") / name, image)
    assets.write_atomic(file, content)
    return size


def rekey(system: str, root: Path, code: dict[str, str]) -> None:
    """Say of a chapter's stored outputs that they come from ``code``, which was shown to give the same."""
    file = location(system, root)
    notebook = forms.parse(assets.read_file(file), file)
    notebook["metadata"]["press"]["code"] = code
    assets.write_atomic(file, _bytes(notebook))


def unused(system: str, root: Path) -> list[Path]:
    """Files that the stored notebook does not name: old images, and what a kill left half written."""
    stored = read(system, root)
    named = _image_names([cell.outputs for cell in stored.cells]) if stored else set()
    folder = location(system, root).with_suffix("")
    halves = folder.parent.glob(".outputs.ipynb.*")
    return sorted([*halves, *(file for file in folder.glob("*") if file.name not in named)])


def _notebook(outputs: list[list[Output]], stored: Stored) -> bytes:
    manifest = {
        "schema": SCHEMA,
        "cells": stored.keys,
        "code": stored.code,
        "assets": stored.assets,
        "outputs": _digest(outputs),
        "provenance": [cell.provenance for cell in stored.cells],
    }
    empty: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "source": ""}
    cells = [empty | {"outputs": of_cell} for of_cell in outputs]
    notebook = {"cells": cells, "metadata": {"press": manifest}, "nbformat": 4, "nbformat_minor": 4}
    return _bytes(notebook)


def _bytes(notebook: dict[str, Any]) -> bytes:
    return (json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _digest(outputs: list[list[Output]]) -> str:
    return source.digest({"outputs": outputs})


def _without_images(output: Output, images: dict[str, bytes]) -> Output:
    """The output with its image, if it has one, moved to ``images``; the text that stands in for it is dropped."""
    data = output.get("data", {})
    mime = next((mime for mime in SUFFIXES if mime in data), None)
    if mime is None:
        return output
    content = data[mime].encode() if mime == "image/svg+xml" else base64.b64decode(data[mime])
    name = f"{assets.sha256(content)[:24]}.{SUFFIXES[mime]}"
    images[name] = content
    return output | {"data": {IMAGE_FILE: {"file": name, "mime": mime}}}


def _bare(output: Output) -> Output:
    """The output with its table, if it has one, in typed values alone: each edition writes it from these."""
    data = output.get("data", {})
    return output | {"data": {tables.MIME: data[tables.MIME]}} if tables.MIME in data else output


def _with_images(output: Output, folder: Path, system: str) -> Output:
    image = output.get("data", {}).get(IMAGE_FILE)
    if image is None:
        return output
    content = _image(folder / image["file"], system)
    text = content.decode() if image["mime"] == "image/svg+xml" else base64.b64encode(content).decode()
    if image["mime"] == "image/svg+xml" and (code := active.found(text)):
        raise _damaged(folder / image["file"], system, ValueError(f"it runs in a reader's browser: {code}"))
    return output | {"data": {image["mime"]: text}}


def _image(file: Path, system: str) -> bytes:
    """Content of a stored image, which is named by its digest."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise _damaged(file, system, error) from error
    if assets.sha256(content)[:24] != file.stem:
        raise _damaged(file, system, ValueError("it does not match the digest in its name"))
    return content


def _image_names(outputs: list[list[Output]]) -> set[str]:
    data = [output.get("data", {}) for of_cell in outputs for output in of_cell]
    return {found[IMAGE_FILE]["file"] for found in data if IMAGE_FILE in found}


def _refuse(system: str, outputs: list[list[Output]]) -> None:
    """Let no error and no code get onto a page."""
    for number, of_cell in enumerate(outputs, 1):
        for output in of_cell:
            if output.get("output_type") == "error":
                raise ConvnetsError(
                    f"Code cell {number} of {system} put out an error ({output.get('ename')}: "
                    f"{output.get('evalue')}), which no page may show: catch it in the cell and print its message."
                )
            _refuse_code(system, number, output.get("data", {}))


def _refuse_code(system: str, number: int, data: dict[str, Any]) -> None:
    if strange := sorted(data.keys() - SHOWN):
        raise ConvnetsError(
            f"Code cell {number} of {system} put out {strange[0]}, which no page may hold: print text or draw a figure."
        )
    for kind, content in data.items():
        text = "".join(content) if isinstance(content, list) else content
        if kind != "text/plain" and isinstance(text, str) and (code := active.found(text)):
            raise ConvnetsError(
                f"Code cell {number} of {system} put out {kind} that runs in a reader's browser ({code}): a page's "
                "code lies in files of its own; print text or draw a figure."
            )


def _damaged(file: Path, system: str, error: Exception) -> ConvnetsError:
    return ConvnetsError(
        f"The stored output {file} is damaged ({error}): restore it from the repository, or delete it and run "
        f"`press execute {system}`."
    )

"""Run records: what was trained, on what, with what, and what came out.

A record lies at ``assets/<system>/runs/<recipe>-<seed>.json`` and is never changed after its run. It names the code
that made it by a digest; what that code was, definition by definition, lies once for all runs of it in
``assets/<system>/code/``. Its *key* is a digest of the recipe, the data and that code. A run is fresh as long as the
code in the checkout is that code, or code that ``press accept`` has shown to do the same (:mod:`convnets.common.kept`).
"""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, fields
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convnets.common import assets, forms, gzipped, kept, memory, source
from convnets.common.errors import ConvnetsError
from convnets.common.forms import COUNT, DATE, NAME, NUMBER, PLAIN, TEXT, Each, Either

if TYPE_CHECKING:
    from torch import nn

__all__ = [
    "all_stale",
    "check_weights",
    "code_of",
    "is_made",
    "key",
    "load_weights",
    "names",
    "new_record",
    "publish",
    "published",
    "read",
    "read_file",
    "same_settings",
    "stale",
    "unused_code",
    "without_run",
    "write",
]

SCHEMA = 1
_INTERVAL = (NUMBER, NUMBER)
_FORM = {
    "schema": forms.Number(SCHEMA, SCHEMA),
    **dict.fromkeys(("system", "recipe", "net"), NAME),
    "seed": COUNT,
    "settings": Each(PLAIN),
    "data": {"digest": TEXT, "name?": TEXT, "splits?": Each(COUNT)},
    "metrics": Each(Each(NUMBER)),
    "interval95?": Each(Each(_INTERVAL)),
    "score?": NUMBER,
    "curves?": Each([Either((NUMBER, [NUMBER]))]),
    "fingerprint?": [NUMBER],
    "planes?": Each(COUNT),
    "device": TEXT,
    "seconds?": forms.Number(0),
    "date?": DATE,
    "versions?": Each(TEXT),
    "code": Either((Each(TEXT), TEXT)),  # before it is written, the definitions themselves
    **dict.fromkeys(("key", "weights"), TEXT),
}


def names(system: str) -> list[str]:
    """Stems of the stored records of ``system``, ``<recipe>-<seed>``, sorted."""
    return sorted(file.stem for file in assets.path(system, "runs").glob("*.json"))


def read(system: str, stem: str) -> dict[str, Any]:
    """What a page may show of the record ``stem``, noted as opened.

    Raises:
        ConvnetsError: there is no such record, or it is garbled.
    """
    file = assets.path(system, "runs", f"{stem}.json")
    if not file.exists():
        raise ConvnetsError(
            f"There is no run {system}/{stem}: stored are {', '.join(names(system)) or 'none'}; "
            f"`convnets train {system}` makes them."
        )
    record = _checked(assets.read_bytes(system, f"runs/{stem}.json"), file)
    return {field: value for field, value in record.items() if field not in assets.UNSHOWN}


def read_file(file: Path) -> dict[str, Any]:
    """The whole record in ``file``, wherever it lies, not noted; raises as :func:`read`."""
    return _checked(assets.read_file(file, "restore it, or choose another folder with --out"), file)


def _checked(content: bytes, file: Path) -> dict[str, Any]:
    """Checking takes many times what reading does, and a page asks the same records for each of its numbers."""

    def is_whole() -> bool:
        forms.check(forms.parse(content, file), _FORM, file)
        return True

    memory.recall(f"whole {file}", content, is_whole, __file__, forms.__file__)
    record: dict[str, Any] = json.loads(content)
    return record


def write(record: Mapping[str, Any], root: Path | None = None) -> Path:
    """Store ``record`` under its recipe and seed, and the code that made it apart; returns the file."""
    folder = (root or assets.root()) / record["system"]
    code = record["code"]
    if not isinstance(code, str):
        code = kept.write_code(folder, code)
    file = folder / "runs" / f"{record['recipe']}-{record['seed']}.json"
    assets.write_json(file, {**record, "code": code})
    return file


def publish(record: Mapping[str, Any], weights: bytes, folder: Path) -> bool:
    """Store ``record``, and ``weights`` too if the recipe is a network's own and no stored seed has a better score.

    ``record["score"]`` is measured on validation data, the lower the better. ``folder`` is the system's; seeds that end
    at the same moment come one after the other. The record is written first: weights without one are refused.
    Returns whether the weights were published.
    """
    file = folder / f"{record['net']}.safetensors"
    with assets.locked(folder):
        best = record["recipe"] == record["net"] and _is_best(record, file)
        write(record, folder.parent)
        if best:
            assets.write_weights(file, weights)
    return best


def _is_best(record: Mapping[str, Any], file: Path) -> bool:
    held = _held(file)
    rivals = [other for other in _of_net(file) if other["weights"] == held and other["seed"] != record["seed"]]
    return all(record["score"] < rival["score"] for rival in rivals)


def _held(file: Path) -> str | None:
    """Digest of the weights ``file``; None where there are none that can be read, which others may replace."""
    with suppress(ConvnetsError):
        return assets.sha256(assets.read_file(file))
    return None


def _of_net(file: Path) -> list[dict[str, Any]]:
    """Records of the runs that could be published as the weights ``file``."""
    found = sorted((file.parent / "runs").glob(f"{file.stem}-*.json"))
    return [read_file(other) for other in found if other.stem.rpartition("-")[0] == file.stem]


def check_weights(file: Path, content: bytes) -> dict[str, Any]:
    """The record of the run that gave ``content``, the published weights in ``file``.

    Raises:
        ConvnetsError: there is none: they are damaged, or no run of this network made them.
    """
    digest = assets.sha256(content)
    for record in _of_net(file):
        if record["weights"] == digest:
            return record
    raise ConvnetsError(
        f"{gzipped.stored(file)} does not hold the weights of any run of {file.stem} that is recorded in "
        f"{file.parent / 'runs'}: it is damaged, or its record is missing; restore both from the repository, or train "
        "again."
    )


def without_run(folder: Path) -> list[Path]:
    """Weights in a system's ``folder`` that no stored run gave: they are loaded nowhere."""
    return [
        gzipped.stored(file)
        for file in gzipped.weights(folder)
        if _held(file) not in {record["weights"] for record in _of_net(file)}
    ]


def unused_code(folder: Path) -> list[Path]:
    """Stored states of the code that no run of the system in ``folder`` stands for any more."""
    accepted, stored = kept.read(folder), [read_file(file) for file in sorted((folder / "runs").glob("*.json"))]
    used = {kept.code(record["key"], accepted) or record["code"] for record in stored}
    return sorted(file for file in (folder / "code").glob("*.json") if file.stem not in used)


def load_weights(model: nn.Module, system: str, net: str) -> None:
    """Fill ``model`` in place with the published weights of ``net``, as a run recorded them.

    Raises:
        ConvnetsError: the file is missing, is not safetensors, belongs to no run, or does not fit the model.
    """
    file = assets.path(system, f"{net}.safetensors")
    content = assets.read_bytes(system, file.name)
    state = assets.read_tensors(content, file)
    check_weights(file, content)
    assets.fill(model, state, file)


def key(settings: Mapping[str, Any], data_digest: str, code: Mapping[str, str] | str) -> str:
    """The run key: SHA-256 over recipe, data digest and the digest of the code."""
    made_by = code if isinstance(code, str) else source.digest(code)
    content = json.dumps([dict(settings), data_digest, made_by], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def code_of(system: str) -> dict[str, str]:
    """Digests of every definition that training ``system`` reaches, whatever they tell."""
    return source.closure([f"convnets.{system}.train:train"], telling=False)


def stale(record: Mapping[str, Any], now: Mapping[str, str] | None = None, folder: Path | None = None) -> list[str]:
    """Why the record no longer matches the checkout: names of changed definitions; empty = fresh.

    ``now`` is :func:`code_of` the record's system, ``folder`` that of its assets, unless they are the usual ones.
    """
    now = code_of(record["system"]) if now is None else now
    folder = folder or assets.path(record["system"])
    return _stale(record, source.digest(now), now, kept.read(folder), partial(kept.read_code, folder))


def all_stale(system: str) -> dict[str, list[str]]:
    """:func:`stale` for every stored run of ``system``, by stem."""
    stems, folder = names(system), assets.path(system)
    if not stems:
        return {}
    now, accepted, code = code_of(system), kept.read(folder), cache(partial(kept.read_code, folder))
    digest, records = source.digest(now), {stem: read_file(folder / "runs" / f"{stem}.json") for stem in stems}
    return {stem: _stale(record, digest, now, accepted, code) for stem, record in records.items()}


def _stale(
    record: Mapping[str, Any],
    digest: str,
    now: Mapping[str, str],
    accepted: list[kept.Acceptance],
    code: Callable[[str], Mapping[str, str] | None],
) -> list[str]:
    made_by = record["code"] if isinstance(record["code"], str) else source.digest(record["code"])
    if key(record["settings"], record["data"]["digest"], made_by) != record["key"]:
        return ["the recipe or the data digest of the record itself"]
    stands = kept.code(record["key"], accepted) or made_by
    if stands == digest:
        return []
    then = code(stands) if isinstance(record["code"], str) else record["code"]
    return source.differences(then, now) if then is not None else [f"all since the code {stands}, which is not stored"]


def is_made(record: Mapping[str, Any], recipe: Any, wanted: str, folder: Path) -> bool:
    """Whether ``record`` is what training ``recipe`` would give today, ``wanted`` being the key of that run."""
    now = code_of(record["system"])
    same = key(asdict(recipe), record["data"]["digest"], now) == wanted  # the same data
    return same and same_settings(record["settings"], recipe) and not stale(record, now, folder)


def published(system: str, net: str) -> dict[str, Any] | None:
    """The whole record whose weights are the published ones of ``net``, or None."""
    file = assets.path(system, f"{net}.safetensors")
    digest = assets.sha256(assets.read_bytes(system, file.name))
    return next((record for record in _of_net(file) if record["weights"] == digest), None)


def same_settings(recorded: Mapping[str, Any], recipe: Any) -> bool:
    """Whether a record's settings are those of ``recipe`` (a frozen dataclass).

    A field that the record does not know yet must have its default value: a recipe may grow.
    """
    defaults = {field.name: field.default for field in fields(recipe) if field.name not in recorded}
    return {**recorded, **defaults} == asdict(recipe)


def new_record(system: str, settings: Mapping[str, Any], data_digest: str) -> dict[str, Any]:
    """The fields that every run has before it starts; training adds what came out."""
    import numpy as np
    import torch

    code = code_of(system)
    return {
        "schema": SCHEMA,
        "system": system,
        "recipe": settings["name"],
        "net": settings["net"],
        "seed": settings["seed"],
        "settings": dict(settings),
        "data": {"digest": data_digest},
        "date": time.strftime("%Y-%m-%d"),
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
        "code": code,
        "key": key(settings, data_digest, code),
    }

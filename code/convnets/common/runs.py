"""Run records: what was trained, on what, with what, and what came out.

A record lies at ``assets/<system>/runs/<recipe>-<seed>.json``. Its *key* is a digest of the recipe, the data and the
training code's transitive source: as long as the key can be computed again from the checkout, the run is fresh.
"""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, NamedTuple

from convnets.common import assets, source, stats
from convnets.common.errors import ConvnetsError

__all__ = [
    "Summary",
    "code_of",
    "is_share",
    "key",
    "metrics",
    "names",
    "new_record",
    "publish",
    "published",
    "read",
    "read_file",
    "same_settings",
    "stale",
    "summary",
    "write",
]

SCHEMA = 1
_FIELDS = {
    **dict.fromkeys(("system", "recipe", "net", "key", "weights", "device"), str),
    **dict.fromkeys(("settings", "data", "metrics", "code"), dict),
    "seed": int,
}


_SHARES = frozenset({"error", "accuracy", "miou", "map50", "dice"})


class Summary(NamedTuple):
    """A metric over all seeds of one recipe, as fractions."""

    mean: float
    low: float  # lower end of the 95 % interval
    high: float
    values: tuple[float, ...]  # one a seed, in seed order


def names(system: str) -> list[str]:
    """Stems of the stored records of ``system``, ``<recipe>-<seed>``, sorted."""
    return sorted(file.stem for file in assets.path(system, "runs").glob("*.json"))


def read(system: str, stem: str) -> dict[str, Any]:
    """The record ``stem``.

    Raises:
        ConvnetsError: there is no such record, or it is garbled.
    """
    if not assets.path(system, "runs", f"{stem}.json").is_file():
        raise ConvnetsError(
            f"There is no run {system}/{stem}: stored are {', '.join(names(system)) or 'none'}; "
            f"`convnets train {system}` makes them."
        )
    return _checked(assets.read_json(system, f"runs/{stem}.json"), assets.path(system, "runs", f"{stem}.json"))


def read_file(file: Path) -> dict[str, Any]:
    """The record in ``file``, wherever it lies; raises as :func:`read`."""
    try:
        return _checked(json.loads(file.read_bytes()), file)
    except (OSError, ValueError) as error:
        raise ConvnetsError(
            f"The run record {file} cannot be read ({error}): restore it, or choose another folder with --out."
        ) from error


def _checked(record: Any, file: Path) -> dict[str, Any]:
    found = record if isinstance(record, dict) else {}
    wrong = [name for name, kind in _FIELDS.items() if not isinstance(found.get(name), kind)]
    if not wrong and not all(_is_number(value) for part in found["metrics"].values() for value in _values(part)):
        wrong = ["metrics"]
    if wrong or found.get("schema") != SCHEMA:
        raise ConvnetsError(
            f"The run record {file} has no valid {', '.join(wrong) or 'schema'}: restore it from the repository."
        )
    return found


def _values(part: Any) -> list[Any]:
    return list(part.values()) if isinstance(part, dict) else [None]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def write(record: Mapping[str, Any], root: Path | None = None) -> Path:
    """Store ``record`` under its recipe and seed; returns the file."""
    folder = (root or assets.root()) / record["system"] / "runs"
    file = folder / f"{record['recipe']}-{record['seed']}.json"
    assets.write_json(file, record)
    return file


def publish(record: Mapping[str, Any], weights: bytes, folder: Path) -> bool:
    """Store ``record``, and ``weights`` too if the recipe is a network's own and no stored seed has a better score.

    ``record["score"]`` is measured on validation data, the lower the better. ``folder`` is the system's.
    Returns whether the weights were published.
    """
    file = folder / f"{record['net']}.safetensors"
    best = False
    if record["recipe"] == record["net"]:
        held = assets.sha256(file.read_bytes()) if file.exists() else None
        others = [read_file(other) for other in (folder / "runs").glob(f"{record['net']}-*.json")]
        rivals = [other for other in others if other["weights"] == held and other["seed"] != record["seed"]]
        best = all(record["score"] < rival["score"] for rival in rivals)
    if best:
        assets.write_atomic(file, weights)
    write(record, folder.parent)
    return best


def key(settings: Mapping[str, Any], data_digest: str, code: Mapping[str, str]) -> str:
    """The run key: SHA-256 over recipe, data digest and source digests."""
    content = json.dumps([dict(settings), data_digest, dict(code)], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def code_of(system: str) -> dict[str, str]:
    """Digests of every definition that training ``system`` reaches."""
    return source.closure([f"convnets.{system}.train:train"])


def stale(record: Mapping[str, Any], now: Mapping[str, str] | None = None) -> list[str]:
    """Why the record no longer matches the checkout: names of changed definitions; empty = fresh.

    ``now`` is :func:`code_of` the record's system, where the caller has it at hand for many records.
    """
    now = code_of(record["system"]) if now is None else now
    changed = source.differences(record["code"], now)
    if not changed and key(record["settings"], record["data"]["digest"], now) != record["key"]:
        return ["the recipe or the data digest of the record itself"]
    return changed


def published(system: str, net: str) -> dict[str, Any] | None:
    """The record whose weights are the published ones of ``net``, or None."""
    digest = assets.sha256(assets.read_bytes(system, f"{net}.safetensors"))
    records = (read(system, stem) for stem in names(system))
    return next((record for record in records if record["weights"] == digest), None)


def summary(system: str, recipe: str, metric: str, split: str = "test") -> Summary:
    """``metric`` of ``recipe`` over its seeds; with one seed the interval is that run's own.

    The t-interval of a share knows nothing of its limits and is cut off there.

    Raises:
        ConvnetsError: no such run or metric.
    """
    stems = [stem for stem in names(system) if stem.rpartition("-")[0] == recipe]
    if not stems:
        known = sorted({stem.rpartition("-")[0] for stem in names(system)})
        raise ConvnetsError(f"There is no run of {system}/{recipe}: stored are {', '.join(known) or 'none'}.")
    records = sorted((read(system, stem) for stem in stems), key=lambda record: record["seed"])
    try:
        values = tuple(float(record["metrics"][split][metric]) for record in records)
    except (KeyError, TypeError) as error:
        has = ", ".join(f"{part}.{name}" for part, found in records[0]["metrics"].items() for name in found)
        raise ConvnetsError(f"The run {system}/{recipe} has no {split}.{metric}: it has {has}.") from error
    if len(values) > 1:
        mean, low, high = stats.mean_interval(values)
        if is_share(metric):
            low, high = max(low, 0.0), min(high, 1.0)
        return Summary(mean, low, high, values)
    low, high = records[0].get("interval95", {}).get(split, {}).get(metric, (values[0], values[0]))
    return Summary(values[0], low, high, values)


def is_share(metric: str) -> bool:
    """Whether a metric such as ``error`` or ``accuracy_c2`` is a fraction of one: its interval ends at 0 and 1."""
    return metric.partition("_")[0] in _SHARES


def same_settings(recorded: Mapping[str, Any], recipe: Any) -> bool:
    """Whether a record's settings are those of ``recipe`` (a frozen dataclass).

    A field that the record does not know yet must have its default value: a recipe may grow.
    """
    defaults = {field.name: field.default for field in fields(recipe) if field.name not in recorded}
    return {**recorded, **defaults} == asdict(recipe)


def metrics(system: str, recipe: str, split: str = "test") -> list[str]:
    """Names of what was measured on ``split`` for ``recipe``."""
    stems = [stem for stem in names(system) if stem.rpartition("-")[0] == recipe]
    return sorted({name for stem in stems for name in read(system, stem)["metrics"].get(split, {})})


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
        "accepted": [],
    }

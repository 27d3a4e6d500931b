"""``convnets verify``: are the published numbers true on this machine?

A network is evaluated when something has changed since it last passed. Its *stamp* says how it stands: the code that
evaluating it reaches, its weights, what its run record says of the test data, and the version of PyTorch. Stamps of
networks that passed are kept in ``_build/verified.json`` of a checkout. In a fresh one there is none: there a run
record vouches for its network as long as the record is fresh itself, for its numbers were measured by that code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, NamedTuple

from convnets.common import assets, gzipped, runs, source

__all__ = ["Finding", "look", "other_recipes", "stamps_file"]

TOLERANCE = 1.001e-4
"""One example in ten thousand, for processors round differently; a metric may bring its own."""


class Finding(NamedTuple):
    """What is to be said of one network."""

    net: str
    said: str
    is_wrong: bool = False
    is_old: bool = False  # unchanged since its numbers were measured


def look(system: str, folder: str | None = None, everything: bool = False) -> Iterator[Finding]:
    """Compare each published network of ``system`` with its run record, one after the other.

    ``folder`` holds the data; what is evaluated on data of one's own choice is always evaluated, and leaves no stamp.
    """
    nets = getattr(import_module(f"convnets.{system}"), "NETS", {})  # a system without training has none
    code = source.closure([f"convnets.{system}:evaluate"]) if nets else {}
    stamped = not (everything or folder)
    for net in nets:
        if not gzipped.stored(assets.path(system, f"{net}.safetensors")).is_file():
            remedy = f"restore them from the repository, or run `convnets train {system} --recipe {net}`"
            yield Finding(net, f"its weights are missing: {remedy}", is_wrong=True)
            continue
        record = runs.published(system, net)
        if record is None:
            yield Finding(net, "no run record has these weights", is_wrong=True)
            continue
        stamp = _stamp(record, code)
        if stamped and _is_unchanged(f"{system}/{net}", stamp, record):
            yield Finding(net, "as recorded, and unchanged since it was measured", is_old=True)
            continue
        found = import_module(f"convnets.{system}").evaluate(net=net, data=folder, split="test")
        problem = _difference(record, found)
        if not folder:
            _keep(f"{system}/{net}", None if problem else stamp)
        yield Finding(net, f"{problem or 'as recorded'} ({found['count']} examples)", is_wrong=bool(problem))
    for file in gzipped.weights(assets.path(system)):
        if file.stem not in nets:
            told = f"{system} has no network of this name: delete {gzipped.stored(file).name}"
            yield Finding(file.stem, told, is_wrong=True)


def other_recipes(system: str, recipes: Mapping[str, Any]) -> list[str]:
    """Stems of the run records whose settings differ from the recipe of their name."""
    found = []
    for stem in runs.names(system):
        record = runs.read(system, stem)
        recipe = recipes.get(record["recipe"])
        if recipe is None or not runs.same_settings(record["settings"], replace(recipe, seed=record["seed"])):
            found.append(stem)
    return found


def stamps_file() -> Path | None:
    """Where a checkout keeps its stamps; None in an installed package, which has no place for them."""
    checkout = source.CODE.parent
    return checkout / "_build" / "verified.json" if (checkout / "pyproject.toml").is_file() else None


def _stamp(record: Mapping[str, Any], code: Mapping[str, str]) -> str:
    said = {"weights": record["weights"], "metrics": record["metrics"]["test"], "data": record["data"]}
    return source.digest({"code": dict(code), "torch": metadata.version("torch"), **said})


def _is_unchanged(name: str, stamp: str, record: Mapping[str, Any]) -> bool:
    known = _stamps()
    if name in known or runs.stale(dict(record)):
        return known.get(name) == stamp
    _keep(name, stamp)
    return True


def _stamps() -> dict[str, str]:
    with suppress(OSError, ValueError):
        if file := stamps_file():
            found = json.loads(file.read_bytes())
            return found if isinstance(found, dict) else {}
    return {}


def _keep(name: str, stamp: str | None) -> None:
    """Note that a network has passed, or, with None, that it has not."""
    if file := stamps_file():
        rest = {other: kept for other, kept in _stamps().items() if other != name}
        assets.write_json(file, rest | ({name: stamp} if stamp else {}))


def _difference(record: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    if not found["digest_known"]:
        return "the data at hand is not the published test set"
    for metric, value in record["metrics"]["test"].items():
        if metric not in found["metrics"]:
            return f"{metric} is in the record and was not measured now"
        if abs(found["metrics"][metric] - value) > found.get("tolerance", {}).get(metric, TOLERANCE):
            return f"{metric} is {found['metrics'][metric]:.4f}, the record says {value:.4f}"
    return ""

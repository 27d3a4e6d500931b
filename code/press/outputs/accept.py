"""``press accept``: keep the runs of a system after a refactoring, once it is shown to be one.

Two things must hold: the published weights, evaluated by the code as it is, give the stored metrics; and the first
training steps of every stale run give the losses that its record holds. The reason stays in the record.
"""

from __future__ import annotations

import importlib
import math
import time
from dataclasses import asdict, replace
from typing import Any

from convnets.common import runs
from convnets.common.errors import ConvnetsError

COUNT_TOLERANCE = 1e-4  # one example in ten thousand, for other processors' rounding
LOSS_TOLERANCE = 1e-4  # relative

Record = dict[str, Any]


def accept(system: str, because: str, data: str | None = None) -> None:
    """Re-key the stale runs of ``system`` and keep ``because`` in their records, once all of them have passed.

    Raises:
        ConvnetsError: the code behaves differently, or nothing may be compared; no record is changed.
    """
    if not because.strip():
        raise ConvnetsError("--because needs a reason, which is kept in the records: say what was refactored.")
    records = [runs.read(system, stem) for stem in runs.names(system)]
    if not records:
        raise ConvnetsError(f"There are no runs of {system!r}: name a system that is trained.")
    stale = [record for record in records if runs.stale(record)]
    if not stale:
        print(f"{system}: all {len(records)} runs are fresh, nothing to accept")
        return
    package = importlib.import_module(f"convnets.{system}")
    for net in sorted({record["net"] for record in stale}):
        _check_metrics(package, _published(system, net), data)
    training = importlib.import_module(f"convnets.{system}.train")
    sets = importlib.import_module(f"convnets.{system}.data").split(data)
    for record in stale:
        _check_losses(training, record, sets)
    for record in stale:
        runs.write(_rekeyed(record, asdict(_recipe(training, record)), because.strip()))
        print(f"{_name(record)}: accepted")


def _published(system: str, net: str) -> Record:
    record = runs.published(system, net)
    if record is None:
        raise ConvnetsError(
            f"No run record of {system} belongs to the published weights of {net}, so nothing can be compared: "
            f"restore assets/{system}/{net}.safetensors, or train again."
        )
    return record


def _check_metrics(package: Any, record: Record, data: str | None) -> None:
    found = package.evaluate(net=record["net"], data=data, split="test")["metrics"]
    for name, then in record["metrics"]["test"].items():
        now = found.get(name)
        if now is None or not abs(now - then) <= COUNT_TOLERANCE * (1 + 1e-9):
            raise ConvnetsError(
                f"The behaviour of {_name(record)} changed: its published weights give a test {name} of {now} where "
                f"{then} is stored; mend the code, or train again with `convnets train {record['system']}`."
            )


def _check_losses(training: Any, record: Record, sets: Any) -> None:
    recipe = _recipe(training, record)
    if recipe is None or _digest(training, recipe, sets) != record["data"]["digest"]:
        raise ConvnetsError(f"{_name(record)} was trained by another recipe or on other data: train it again.")
    now, then = training.fingerprint(recipe, sets), record.get("fingerprint", [])
    step = next((step for step, pair in enumerate(zip(now, then, strict=False), 1) if not _close(*pair)), None)
    if step or len(now) != len(then):
        raise ConvnetsError(
            f"The behaviour of {_name(record)} changed: the loss of training step {step or len(now)} differs from the "
            f"record's; mend the code, or train again with `convnets train {record['system']}`."
        )


def _digest(training: Any, recipe: Any, sets: Any) -> str:
    """Digest of what ``recipe`` learns from; a system whose recipes differ in that says so in ``train.digest``."""
    return training.digest(recipe, sets) if hasattr(training, "digest") else sets.digest


def _recipe(training: Any, record: Record) -> Any:
    """The recipe that the record is a run of, or None if it has changed since."""
    if record["recipe"] not in training.RECIPES:
        return None
    recipe = replace(training.RECIPES[record["recipe"]], seed=record["seed"])
    return recipe if runs.same_settings(record["settings"], recipe) else None


def _close(now: float, then: float) -> bool:
    return math.isclose(now, then, rel_tol=LOSS_TOLERANCE)


def _rekeyed(record: Record, settings: dict[str, Any], because: str) -> Record:
    code = runs.code_of(record["system"])
    key = runs.key(settings, record["data"]["digest"], code)
    entry = {"because": because, "date": time.strftime("%Y-%m-%d"), "old_key": record["key"], "new_key": key}
    return record | {"settings": settings, "code": code, "key": key, "accepted": [*record.get("accepted", []), entry]}


def _name(record: Record) -> str:
    return f"{record['system']}/{record['recipe']}-{record['seed']}"

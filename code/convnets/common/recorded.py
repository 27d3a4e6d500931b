"""Results that want a GPU, computed once and kept: the same cell gives the same result on every machine."""

from __future__ import annotations

import functools
import inspect
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from importlib import metadata
from typing import Any

from convnets.common import assets, forms, source
from convnets.common.errors import ConvnetsError
from convnets.common.forms import DATE, DIGEST, PLAIN, TEXT, Each, Number

__all__ = ["device_at_hand", "notes", "recorded", "versions"]

_FORM = {
    "key": TEXT, "result": Each(PLAIN), "device": TEXT, "seconds": Number(0), "date": DATE, "versions": Each(TEXT),
    "assets": Each(DIGEST),
}  # fmt: skip
_notes: list[dict[str, Any]] = []

Result = dict[str, Any]


def recorded(system: str) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Decorate a function whose work wants a GPU; it takes a keyword ``device: str`` that callers leave out.

    Its result, a dict that JSON can hold, is kept in ``assets/<system>/recorded/<function>.json`` under a key made
    of its arguments and of the source that it reaches, and holds while the assets that it opened (weights, say) stay
    as they were. A result under that key is loaded. Otherwise it is computed
    and stored, on the accelerator at hand or on the device that ``$CONVNETS_DEVICE`` names. One result is kept for
    a function, so a book calls it with one set of arguments.

    The decorated function raises :class:`ConvnetsError` when there is neither a result nor a device.
    """

    def decorate(function: Callable[..., Result]) -> Callable[..., Result]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Result:
            bound = inspect.signature(function).bind_partial(*args, **kwargs)
            bound.apply_defaults()
            arguments = {name: value for name, value in bound.arguments.items() if name != "device"}
            name = f"recorded/{function.__name__}.json"
            made_of = source.closure([f"{function.__module__}:{function.__name__}"])
            if not made_of:
                raise ConvnetsError(
                    f"`{function.__name__}` is outside the package: move it to the system's figures.py."
                )
            key = source.digest({"arguments": arguments, "code": made_of})
            kept = _load(system, name)
            if kept.get("key") != key or _outdated(kept["assets"]):
                kept = {"key": key, "arguments": arguments} | _compute(system, function, arguments)
                assets.write_json(assets.path(system, *name.split("/")), kept)
                kept = _load(system, name)  # as every later call will see it, and noted as opened
            assets.note(kept["assets"])
            _notes.append({field: kept[field] for field in ("device", "seconds", "date", "versions")})
            return kept["result"]

        return call

    return decorate


def device_at_hand() -> str | None:
    """``"cuda"`` where there is one; slow the first time, for it imports PyTorch."""
    import torch

    return "cuda" if torch.cuda.is_available() else None


def notes() -> list[dict[str, Any]]:
    """Where the results that were asked for since the last call come from, first to last."""
    drained = _notes.copy()
    _notes.clear()
    return drained


def versions() -> dict[str, str]:
    """Versions that a result may depend on, without importing anything."""
    found = {"python": platform.python_version()}
    for package in ("torch", "numpy"):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def _load(system: str, name: str) -> dict[str, Any]:
    if not assets.path(system, *name.split("/")).exists():
        return {}
    kept = assets.read_json(system, name)
    return forms.check(kept, _FORM, assets.path(system, *name.split("/")), "restore or delete it")


def _compute(system: str, function: Callable[..., Result], arguments: dict[str, Any]) -> dict[str, Any]:
    device = os.environ.get("CONVNETS_DEVICE") or device_at_hand()
    if device is None:
        raise ConvnetsError(
            f"No result of `{function.__name__}` is stored for this code and there is no CUDA device here: run "
            f"`press execute {system}` on a machine with CUDA, or `press execute {system} --device cpu` to "
            "compute it on this processor, which the page will say."
        )
    before, started = assets.opened(), time.perf_counter()
    assets.forget()  # what this function opens belongs to its result, whoever opened it before
    try:
        result = function(**arguments, device=device)
        used = assets.opened()
    finally:
        assets.note(before)
    seconds = round(time.perf_counter() - started, 3)
    try:
        json.dumps(result, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ConvnetsError(f"`{function.__name__}` returned what JSON cannot hold ({error}).") from error
    where = {"device": _device_name(device), "seconds": seconds, "date": time.strftime("%Y-%m-%d")}
    return {"result": result, **where, "versions": versions(), "assets": used}


def _outdated(used: dict[str, str]) -> bool:
    """Whether an asset that a result was computed from (weights, say) has changed since."""
    return any(assets.is_changed(name, digest) for name, digest in used.items())


def _device_name(device: str) -> str:
    """``cuda: NVIDIA H200``, ``cpu: 2 threads``; a device that PyTorch does not know goes by its own name."""
    torch = sys.modules.get("torch")  # what computed without it ran on the processor
    if torch is None or device not in ("cpu", "cuda"):
        return device
    from convnets.common.telling import device_name

    return device_name(device)

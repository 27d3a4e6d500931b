"""Training the neocognitrons: recipes, and the stages in which a network comes about. No gradient passes a layer.

The network of 2003 learns from below: US2 organises itself, then US3, then US4 is taught the labels. What is learned at
a stage is rounded to float16 before the next stage sees it. Rules and deviations: ``improved_learning.py``.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from convnets.common import assets, loop, runs, stats
from convnets.common.errors import ConvnetsError
from convnets.neocognitron import experiment, patterns
from convnets.neocognitron.data import NAME, LazySets, Sets, sample
from convnets.neocognitron.improved import ImprovedNeocognitron
from convnets.neocognitron.improved_stages import State, organise, teach
from convnets.neocognitron.nets import predict
from convnets.neocognitron.recipes import RECIPES, Recipe

if TYPE_CHECKING:
    from lightning.fabric import Fabric

__all__ = ["RECIPES", "Recipe", "Run", "digest", "fingerprint", "key", "train"]

_DRAWN = 2003  # the seed that draws the test and validation digits of recipes that look at a part of them
_SMALL = 200  # digits of a fingerprint
_ROUNDS_1980 = 20


class Run(NamedTuple):
    """What training returns: the record, and the weights as they are stored."""

    record: dict[str, Any]
    weights: bytes


def key(recipe: Recipe, data: Sets | LazySets) -> str:
    """The run key of ``recipe`` on ``data`` with the code as it stands."""
    return runs.key(asdict(recipe), digest(recipe, data), runs.code_of("neocognitron"))


def digest(recipe: Recipe, data: Sets | LazySets) -> str:
    """Digest of what ``recipe`` learns from: five drawn digits, or MNIST."""
    return patterns.digest() if recipe.net == "fukushima1980" else data.digest


def train(
    recipe: Recipe,
    data: Sets | LazySets,
    fabric: Fabric,
    *,
    checkpoint: loop.Checkpoint | None = None,
    on_step: Callable[[float], None] | None = None,
) -> Run:
    """Train ``recipe``; goes on from ``checkpoint`` if it holds a state, bit-equal on a CPU.

    Learning takes place on the CPU; ``fabric``'s device measures what came out. ``on_step`` is called with one number a
    step: after each picture with the planes that US2 or US3 then has, after each batch of US4's first passes with the
    mean answer of its winners.

    Raises:
        ConvnetsError: no digits, or digits of one class only.
    """
    if recipe.net == "fukushima1980":
        return _train_1980(recipe)
    started = time.perf_counter()
    record = runs.new_record("neocognitron", asdict(recipe), data.digest)
    digits = sample(data.train, recipe.train_count, recipe.seed)
    if len(digits.labels.unique()) < 2:
        raise ConvnetsError(
            f"{len(digits.labels)} training digits of {len(digits.labels.unique())} classes: competition needs two."
        )
    state = State(recipe)
    done = (checkpoint and checkpoint.load({"net": state}, None)) or {"stage": 1, "seconds": 0.0, "curves": {}}
    curves, folder = done["curves"], checkpoint.file.with_suffix("") if checkpoint else None
    for stage in range(done["stage"] + 1, 5):
        curves |= teach(state, digits, folder, on_step) if stage == 4 else organise(state, stage, digits, on_step)
        if checkpoint:
            seconds = done["seconds"] + time.perf_counter() - started
            checkpoint.save({"net": state}, None, {"stage": stage, "seconds": seconds, "curves": curves})
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    model = state.network().to(fabric.device)
    record["seconds"] = round(done["seconds"] + time.perf_counter() - started, 1)
    record["fingerprint"] = fingerprint(recipe, data)
    return _finish(record, recipe, data, model, curves)


def fingerprint(recipe: Recipe, data: Sets | LazySets, steps: int = 20) -> list[float]:
    """Early numbers of learning, on one CPU thread: what `press accept` compares.

    For the network of 2003 learning from 200 digits: ``steps`` - 2 of the numbers that :func:`train` gives to
    ``on_step``, evenly spaced, the digits that the last pass corrected, and the sum of US4's weights at the end.
    """
    if recipe.net == "fukushima1980":
        return _fingerprint_1980(recipe, steps)
    seen: list[float] = []
    small = replace(recipe, train_count=_SMALL, organising=_SMALL // 2, epochs=2)

    def step(number: float) -> None:
        seen.append(number)

    with loop.one_thread():
        state, digits = State(small), sample(data.train, _SMALL, recipe.seed)
        for stage in (2, 3):
            organise(state, stage, digits, step)
        corrected = teach(state, digits, None, step)["corrected"] or [0]
    every = max(1, len(seen) // (steps - 2))
    numbers = [*seen[::every][: steps - 2], float(corrected[-1]), float(state.s4.sum())]  # type: ignore[operator]
    return [round(number, 5) for number in numbers]


def _finish(
    record: dict[str, Any], recipe: Recipe, data: Sets | LazySets, model: ImprovedNeocognitron, curves: dict[str, Any]
) -> Run:
    weights = loop.stored_bytes(model)
    counts = {"validation": recipe.validation_count, "test": recipe.test_count}
    parts = {name: sample(getattr(data, name), count, _DRAWN) for name, count in counts.items()}
    wrong = {name: int((predict(model, part.images) != part.labels).sum()) for name, part in parts.items()}
    count = {name: len(part.labels) for name, part in parts.items()}
    record |= {
        "metrics": {name: {"error": wrong[name] / count[name]} for name in parts},
        "interval95": {name: {"error": stats.wilson(wrong[name], count[name])} for name in parts},
        "score": wrong["validation"] / count["validation"],  # the lowest of a recipe's seeds is published
        "curves": curves,
        "planes": {name: len(getattr(model, name).weights) for name in ("s1", "s2", "s3", "s4")},
        "device": loop.device_name(torch.device("cpu")),
        "weights": assets.sha256(weights),
    }
    used = min(recipe.train_count or len(data.train.labels), len(data.train.labels))
    record["data"] |= {"name": NAME, "splits": {"train": used, **count}}
    return Run(record, weights)


def _train_1980(recipe: Recipe) -> Run:
    """The network of 1980 organises itself with five drawn digits; needs no data and takes seconds."""
    started = time.perf_counter()
    record = runs.new_record("neocognitron", asdict(recipe), patterns.digest())
    net, curves = experiment.organised(seed=recipe.seed, rounds=recipe.epochs or _ROUNDS_1980)
    loop.round_to_half(net)
    shown, weights = experiment.trained(net), loop.stored_bytes(net)
    found = {"trained": shown} | experiment.measure(net)
    record |= {
        "metrics": experiment.metrics(found),
        "interval95": experiment.intervals(found),
        "score": 1 - shown.kept,  # on pictures to learn from alone
        "curves": curves,
        "device": loop.device_name(torch.device("cpu")),
        "weights": assets.sha256(weights),
        "seconds": round(time.perf_counter() - started, 1),
        "fingerprint": _fingerprint_1980(recipe),
    }
    record["data"] |= {"name": "five drawn digits", "splits": {"train": 5}}
    return Run(record, weights)


def _fingerprint_1980(recipe: Recipe, steps: int = 20) -> list[float]:
    _, curves = experiment.organised(seed=recipe.seed, rounds=recipe.epochs or _ROUNDS_1980)
    numbers = [number for name in sorted(curves) for number in curves[name]]
    every = max(1, len(numbers) // steps)
    return [round(number, 5) for number in numbers[::every][:steps]]

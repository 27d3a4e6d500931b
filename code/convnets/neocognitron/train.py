"""Training the neocognitrons: recipes, and the stages in which a network comes about. No gradient passes a layer.

The network of 2003 learns from below: US2 organises itself, then US3, then US4 is taught the labels. What is learned at
a stage is rounded to float16 before the next stage sees it. Rules and deviations: ``improved_learning.py``.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from convnets.common import loop, published, training
from convnets.common.errors import ConvnetsError
from convnets.neocognitron import experiment, patterns
from convnets.neocognitron.data import LazySets, Sets, sample
from convnets.neocognitron.improved import ImprovedNeocognitron
from convnets.neocognitron.improved_stages import State, organise, teach
from convnets.neocognitron.nets import predict
from convnets.neocognitron.recipes import RECIPES, Recipe

if TYPE_CHECKING:
    from lightning.fabric import Fabric

__all__ = ["RECIPES", "Recipe", "digest", "fingerprint", "learn", "train"]

_DRAWN = 2003  # the seed that draws the test and validation digits of recipes that look at a part of them
_SMALL = 200  # digits of a fingerprint
_ROUNDS_1980 = 20


def digest(recipe: Recipe, data: Sets | LazySets) -> str:
    """Digest of what ``recipe`` learns from: five drawn digits, or MNIST."""
    return patterns.digest() if recipe.net == "fukushima1980" else data.digest


def train(
    recipe: Recipe, data: Sets | LazySets, fabric: Fabric, checkpoint: loop.Checkpoint | None = None
) -> training.Run:
    """Train and measure ``recipe``; goes on from ``checkpoint`` if it holds a state, bit-equal on a CPU.

    Learning takes place on the CPU; ``fabric``'s device measures what came out.

    Raises:
        ConvnetsError: no digits, or digits of one class only.
    """
    log = training.Log(checkpoint)
    if recipe.net == "fukushima1980":
        return _train_1980(recipe, log)
    record = training.begin("neocognitron", recipe, data.digest)
    model = learn(recipe, data, log).to(fabric.device)
    counts = {"validation": recipe.validation_count, "test": recipe.test_count}
    parts = {name: sample(getattr(data, name), count, _DRAWN) for name, count in counts.items()}
    errors = {name: published.mistakes(predict(model, part.images), part.labels) for name, part in parts.items()}
    used = min(recipe.train_count or len(data.train.labels), len(data.train.labels))
    record["planes"] = {name: len(getattr(model, name).weights) for name in ("s1", "s2", "s3", "s4")}
    return training.finish(
        record,
        model,
        log,
        splits={"train": used, **{name: len(part.labels) for name, part in parts.items()}},
        measured={name: [found] for name, found in errors.items()},
        score=errors["validation"].value,
        fingerprint=fingerprint(recipe, data),
    )


def learn(recipe: Recipe, data: Sets | LazySets, log: training.Log) -> ImprovedNeocognitron:
    """The network of 2003 as it is stored, stage by stage."""
    digits = sample(data.train, recipe.train_count, recipe.seed)
    if len(digits.labels.unique()) < 2:
        raise ConvnetsError(
            f"{len(digits.labels)} training digits of {len(digits.labels.unique())} classes: competition needs two."
        )
    state, folder = State(recipe), log.checkpoint.file.with_suffix("") if log.checkpoint else None
    for done in log.epochs(3, {"net": state}):
        stage = done + 2
        log.curves |= teach(state, digits, folder, None) if stage == 4 else organise(state, stage, digits, None)
        log.save()
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    return state.network()


def fingerprint(recipe: Recipe, data: Sets | LazySets, steps: int = 20) -> list[float]:
    """Early numbers of learning, on one CPU thread: what `press accept` compares.

    For the network of 2003 learning from 200 digits: ``steps`` - 2 numbers, evenly spaced, of those that a stage tells
    of each step (the planes that US2 or US3 then has, or the mean answer of US4's winners), the digits that the last
    pass corrected, and the sum of US4's weights at the end.
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


def _train_1980(recipe: Recipe, log: training.Log) -> training.Run:
    """The network of 1980 organises itself with five drawn digits; needs no data and takes seconds."""
    record = training.begin("neocognitron", recipe, patterns.digest(), where="patterns")
    net, curves = experiment.organised(seed=recipe.seed, rounds=recipe.epochs or _ROUNDS_1980)
    log.curves |= curves
    log.stop()
    loop.round_to_half(net)
    shown = experiment.trained(net)
    return training.finish(
        record,
        net,
        log,
        splits={"train": len(patterns.NAMES)},
        measured=experiment.measured({"trained": shown} | experiment.measure(net)),
        score=1 - shown.kept,  # on pictures to learn from alone
        fingerprint=_fingerprint_1980(recipe),
    )


def _fingerprint_1980(recipe: Recipe, steps: int = 20) -> list[float]:
    _, curves = experiment.organised(seed=recipe.seed, rounds=recipe.epochs or _ROUNDS_1980)
    numbers = [number for name in sorted(curves) for number in curves[name]]
    every = max(1, len(numbers) // steps)
    return [round(number, 5) for number in numbers[::every][:steps]]

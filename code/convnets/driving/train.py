"""Training: the recipes, the loop, what is measured.

Sources:
    - Paszke et al. 2016, section 5.1: rare classes count more, by 1 / ln(1.02 + p).
    - Rahman, Wang, "Optimizing intersection-over-union in deep neural networks for image segmentation", ISVC 2016: a
      loss that is what soft overlaps lack of 1.

Deviations, chosen before test pictures were looked at:
    - AdamW with a learning rate that rises and falls. The stored weights are a running mean of late ones, rounded to
      float16; passes are in bfloat16.
    - The loss compares scores at half the size with every second row and column of the labels, which of them is drawn.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import torch
from torch import nn

from convnets.common import loop, training
from convnets.driving import data as sets
from convnets.driving import nets, steering
from convnets.driving.data import MODULES, Sets
from convnets.driving.given import GIVEN
from convnets.driving.nets import BUILDERS, kind_of
from convnets.driving.pilot import Pilot

if TYPE_CHECKING:
    from lightning.fabric import Fabric

__all__ = ["RECIPES", "SEEDS", "Recipe", "build", "digest", "fingerprint", "learn", "train"]


@dataclass(frozen=True)
class Recipe:
    """Everything that a run depends on besides data and code."""

    name: str
    net: str  # a key of BUILDERS
    seed: int = 0
    epochs: int = 18
    samples: int = 2944  # pictures an epoch, drawn anew by change: eight times the photographs there are
    batch_size: int = 8  # pictures
    learning_rate: float = 3e-3  # of AdamW at its peak
    weight_decay: float = 0.02
    average_decay: float = 0.995  # of the mean of weights, a step
    smallest: float = 0.75  # change of size
    largest: float = 1.75
    strength: float = 1.0  # of changes of light; 0 = photographs as they are, neither resized nor mirrored
    balance: float = 1.0  # exponent of the weights of classes; 0 = all alike
    overlap: float = 1.0  # weight of what soft overlaps lack of 1
    half: bool = True  # passes in bfloat16
    count: int = 0  # moments of recorded drives, of networks that steer
    recovery: bool = True  # whether views of them are shifted and turned


def build(recipe: Recipe) -> nn.Module:
    """A fresh network of ``recipe``, its initial weights drawn from the recipe's seed."""
    return training.seeded(BUILDERS[recipe.net], recipe.seed)


def digest(recipe: Recipe, data: Sets) -> str:
    """Digest of what ``recipe`` learns from."""
    return sets.digest(kind_of(recipe.net), data)


def train(recipe: Recipe, data: Sets, fabric: Fabric, checkpoint: loop.Checkpoint | None = None) -> training.Run:
    """Train and measure ``recipe``; goes on from ``checkpoint`` if it holds a state, bit-equal on a CPU."""
    kind = kind_of(recipe.net)
    record = training.begin("driving", recipe, digest(recipe, data), MODULES[kind])
    log = training.Log(checkpoint)
    model = learn(recipe, data, fabric, log)
    if kind == "pilot":
        found = {name: nets.on_roads(cast(Pilot, model), name) for name in steering.ROADS}
        splits = {"train": recipe.count, **steering.ROADS}
    else:
        found = {name: nets.on_streets(model, data.streets[name]) for name in ("validation", "test")}
        splits = {name: len(part.names) for name, part in data.streets.items()}
    return training.finish(
        record, model, log, splits=splits, measured=found, score=1 - found["validation"][0].value,
        fingerprint=fingerprint(recipe, data), device=fabric.device,
    )  # fmt: skip


def learn(recipe: Recipe, data: Sets, fabric: Fabric, log: training.Log) -> nn.Module:
    """The network of ``recipe`` as it is stored: its weights the mean of late ones, rounded."""
    model = build(recipe).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    model, averaged = model.to(fabric.device), copy.deepcopy(model).to(fabric.device)
    optimizer = training.optimizer("adamw", model, recipe.learning_rate, recipe.weight_decay)
    given = GIVEN[kind_of(recipe.net)](recipe, data)

    for epoch in log.epochs(recipe.epochs, {"model": model, "averaged": averaged}, optimizer):
        model.train()
        training.keep_layout(optimizer)
        draw = training.generator(recipe.seed + 1, epoch)
        order = training.shuffled(recipe.samples, recipe.seed, epoch)
        with torch.random.fork_rng(devices=[]):  # dropout draws from PyTorch's own generator
            torch.manual_seed(recipe.seed * 1_000_003 + epoch)
            for step, batch in log.batches(order, recipe.batch_size):
                training.set_rate(optimizer, training.warm_cosine(recipe.learning_rate, log.progress))
                x, *wanted = (part.to(fabric.device) for part in given.batch(batch, draw))
                loss = given.loss(model, x.contiguous(memory_format=torch.channels_last), *wanted)
                optimizer.zero_grad()
                fabric.backward(loss)
                optimizer.step()
                training.average(averaged, model, min(recipe.average_decay, (1 + step) / (10 + step)))
                log.step(loss, len(batch))
        if log.closes():
            log.keep(given.seen(averaged))

    averaged = averaged.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    loop.round_to_half(averaged)
    return averaged.eval()


def fingerprint(recipe: Recipe, data: Sets, steps: int = 20) -> list[float]:
    """Losses of the first ``steps`` steps on one CPU thread: what `press accept` compares."""
    return training.first_losses(learn, recipe, data, steps)


_SMALL = Recipe("small", "small")
_PILOT = Recipe(
    "pilot",
    "pilot",
    epochs=8,
    samples=8000,
    batch_size=64,
    learning_rate=1e-3,
    weight_decay=0.01,
    average_decay=0.99,
    count=8000,
)

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in [
        _SMALL,  # the first is what `convnets train driving` trains
        replace(_SMALL, name="small-plain", strength=0.0),
        replace(_SMALL, name="enet-brief", net="enet", epochs=6),
        _PILOT,
        replace(_PILOT, name="pilot-centre", net="pilot-centre", recovery=False),
    ]
}
SEEDS: dict[str, int] = {"small": 3}
"""How many seeds of a recipe the book publishes, where it is other than one."""

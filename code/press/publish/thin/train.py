"""Training: the recipes, the loop, what is measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from torch import nn
from torch.nn import functional as F

from convnets.common import loop, published, stats, training
from press.publish.thin.data import Sets, prepare
from press.publish.thin.nets import NETS, error, predict

if TYPE_CHECKING:
    from lightning.fabric import Fabric

__all__ = ["RECIPES", "SEEDS", "Recipe", "build", "fingerprint", "learn", "train"]


@dataclass(frozen=True)
class Recipe:
    """Everything that a run depends on besides data and code."""

    name: str
    net: str  # a key of NETS
    seed: int = 0
    epochs: int = 20  # passes over the training images
    batch_size: int = 20  # images
    learning_rate: float = 0.02  # of AdamW at its peak; the schedule ends at zero
    train_count: int = 0  # training images used, 0 = all that validation leaves


def build(recipe: Recipe) -> nn.Module:
    """A fresh network of ``recipe``, its initial weights drawn from the recipe's seed."""
    return training.seeded(NETS[recipe.net], recipe.seed)


def train(recipe: Recipe, data: Sets, fabric: Fabric, checkpoint: loop.Checkpoint | None = None) -> training.Run:
    """Train and measure ``recipe``; goes on from ``checkpoint`` if it holds a state, bit-equal on a CPU."""
    record, log = training.begin("thin", recipe, data.digest), training.Log(checkpoint)
    model = learn(recipe, data, fabric, log)
    validation_error, test = error(model, data.validation), data.test
    return training.finish(
        record,
        model,
        log,
        splits={
            "train": recipe.train_count or len(data.train.labels),
            "validation": len(data.validation.labels),
            "test": len(test.labels),
        },
        measured={
            "validation": [stats.Measured("error", validation_error)],
            "test": [published.mistakes(predict(model, test.images), test.labels)],
        },
        score=validation_error,  # the lowest of a recipe's seeds is published
        fingerprint=fingerprint(recipe, data),
        device=fabric.device,
    )


def learn(recipe: Recipe, data: Sets, fabric: Fabric, log: training.Log) -> nn.Module:
    """The network of ``recipe`` as it is stored: its weights rounded."""
    model = build(recipe)
    optimizer = training.optimizer("adamw", model, recipe.learning_rate)
    model, optimizer = fabric.setup(model, optimizer)
    count = recipe.train_count or len(data.train.labels)
    images, labels = data.train.images[:count].to(fabric.device), data.train.labels[:count].to(fabric.device)

    for epoch in log.epochs(recipe.epochs, {"model": model.module}, optimizer):
        order = training.shuffled(count, recipe.seed, epoch).to(fabric.device)
        for _step, batch in log.batches(order, recipe.batch_size):
            training.set_rate(optimizer, training.warm_cosine(recipe.learning_rate, log.progress))
            loss = F.cross_entropy(model(prepare(images[batch])), labels[batch])
            optimizer.zero_grad()
            fabric.backward(loss)
            optimizer.step()
            log.step(loss, len(batch))
        if log.closes():
            log.keep({"validation_error": error(model.module, data.validation)})

    loop.round_to_half(model.module)
    return model.module


def fingerprint(recipe: Recipe, data: Sets, steps: int = 20) -> list[float]:
    """Losses of the first ``steps`` steps on one CPU thread: what `press accept` compares."""
    return training.first_losses(learn, recipe, data, steps)


_THIN = Recipe("thin", "thin")

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in [
        _THIN,  # the published network; the first is what `convnets train thin` trains
        replace(_THIN, name="thin-n60", train_count=60, epochs=100),  # a tenth of the images
    ]
}
SEEDS = {"thin": 3}
"""How many seeds of a recipe the book publishes, where it is more than one."""

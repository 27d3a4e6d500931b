"""Training: the recipes, the loop, what is measured.

Sources:
    - Sermanet, LeCun (2011) for what the photographs of ``multiscale`` go through.
    - Szegedy et al.: "Rethinking the Inception architecture", CVPR 2016, section 7: smoothed labels.
    - Polyak, Juditsky: "Acceleration of stochastic approximation by averaging", 1992: the stored weights are a running
      mean of those of the last steps.

Deviations:
    - Passes forward and back are in bfloat16 (autocast), which processors with matrix units do three times as fast;
      weights, means and everything that is measured are float32. On one machine a run that was killed and goes on is
      bit-equal; a processor that rounds bfloat16 otherwise gives other numbers.
    - The paper of 2011 trains online with the library EBLearn; here all learn by stochastic gradients with momentum,
      in batches, along half a cosine.
    - Passes and rates were chosen on validation tracks. What our networks make of light was not: it was
      decided after errors of an earlier network on test photographs had been looked at.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.common import loop, stats, training
from convnets.common.errors import ConvnetsError
from convnets.signs.data import STRANGERS, Sets, Signs, part_of, planes, without
from convnets.signs.distort import PAPER, STRONG, Changes, distorted
from convnets.signs.nets import BUILDERS, by_views, measured, scores

if TYPE_CHECKING:
    from lightning.fabric import Fabric

__all__ = ["RECIPES", "SEEDS", "Recipe", "build", "fingerprint", "learn", "shown", "train"]

CHANGES: dict[str, Changes] = {"paper": PAPER, "strong": STRONG}


@dataclass(frozen=True)
class Recipe:
    """Everything that a run depends on besides data and code."""

    name: str
    net: str  # a key of BUILDERS
    seed: int = 0
    epochs: int = 8  # passes over the training photographs
    batch_size: int = 64  # photographs
    learning_rate: float = 0.1  # of SGD with momentum 0.9, at its peak; the schedule ends at zero
    weight_decay: float = 5e-4  # 1/step
    smoothing: float = 0.05  # share of each label that is spread over all classes
    average_decay: float = 0.995  # of the running mean of weights, per step
    changes: str = "strong"  # what photographs go through: a key of CHANGES
    half: bool = True  # passes in bfloat16
    share: float = 1.0  # of the training tracks of each class
    strangers: bool = True  # whether the signs of data.STRANGERS are shown in training
    views: bool = False  # whether the accuracy of the mean over five views of each test photograph is measured, too


def build(recipe: Recipe) -> nn.Module:
    """A fresh network of ``recipe``, its initial weights drawn from the recipe's seed."""
    return training.seeded(BUILDERS[recipe.net], recipe.seed)


def shown(recipe: Recipe, signs: Signs) -> Signs:
    """Those of ``signs`` that show what the network of ``recipe`` is to know."""
    return signs if recipe.strangers else without(signs, STRANGERS)


def train(recipe: Recipe, data: Sets, fabric: Fabric, checkpoint: loop.Checkpoint | None = None) -> training.Run:
    """Train and measure ``recipe``; goes on from ``checkpoint`` if it holds a state, bit-equal on a CPU."""
    record, log = training.begin("signs", recipe, data.digest), training.Log(checkpoint)
    model = learn(recipe, data, fabric, log)
    validation, test = shown(recipe, data.validation), shown(recipe, data.test)
    held, found = scores(model, validation.images), scores(model, test.images)
    also = [by_views(model, test.images, test.labels)] if recipe.views else []
    return training.finish(
        record,
        model,
        log,
        splits={
            "train": len(_learned(recipe, data).labels),
            "validation": len(validation.labels),
            "test": len(test.labels),
        },
        measured={
            "validation": [*measured(held, validation.labels), _loss(held, validation.labels)],
            "test": [*measured(found, test.labels), *also],
        },
        score=_loss(held, validation.labels).value,  # the lowest of a recipe's seeds is published
        fingerprint=fingerprint(recipe, data),
        device=fabric.device,
    )


def _loss(found: Tensor, labels: Tensor) -> stats.Measured:
    return stats.Measured("nats", F.cross_entropy(found, labels).item())


def _learned(recipe: Recipe, data: Sets) -> Signs:
    return part_of(shown(recipe, data.train), recipe.share)


def learn(recipe: Recipe, data: Sets, fabric: Fabric, log: training.Log) -> nn.Module:
    """The network of ``recipe`` as it is stored: the mean of its last weights, rounded.

    Raises:
        ConvnetsError: the recipe names unknown changes.
    """
    if recipe.changes not in CHANGES:
        raise ConvnetsError(f"There are no changes {recipe.changes!r}: choose one of {', '.join(CHANGES)}.")
    model = build(recipe).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    averaged = copy.deepcopy(model).to(fabric.device)
    optimizer = training.optimizer("sgd", model, recipe.learning_rate, recipe.weight_decay)
    model, optimizer = fabric.setup(model, optimizer)
    signs, changes, device = _learned(recipe, data), CHANGES[recipe.changes], fabric.device

    for epoch in log.epochs(recipe.epochs, {"model": model.module, "averaged": averaged}, optimizer):
        model.train()
        training.keep_layout(optimizer)
        order = training.shuffled(len(signs.labels), recipe.seed, epoch)
        randomness = training.generator(recipe.seed + 1, epoch)
        for _step, batch in log.batches(order, recipe.batch_size):
            training.set_rate(optimizer, training.warm_cosine(recipe.learning_rate, log.progress))
            x, labels = distorted(planes(signs.images[batch]), signs.labels[batch], changes, randomness)
            x = x.to(device, memory_format=torch.channels_last)
            with torch.autocast(device.type, torch.bfloat16, enabled=recipe.half):
                found = model(x)
            loss = F.cross_entropy(found.float(), labels.to(device), label_smoothing=recipe.smoothing)
            optimizer.zero_grad()
            fabric.backward(loss)
            optimizer.step()
            training.average(averaged, model.module, recipe.average_decay)
            log.step(loss, len(batch))
        if log.closes():
            held = shown(recipe, data.validation)
            found = scores(averaged, held.images)
            log.keep({"validation_accuracy": measured(found, held.labels)[0].value})

    averaged = averaged.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    loop.round_to_half(averaged)
    return averaged


def fingerprint(recipe: Recipe, data: Sets, steps: int = 20) -> list[float]:
    """Losses of the first ``steps`` steps on one CPU thread: what `press accept` compares."""
    return training.first_losses(learn, recipe, data, steps)


_BEST = Recipe("best", "best", epochs=32, views=True)
_SMALL = Recipe("small", "small", epochs=5)

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in [
        _BEST,  # the published network; the first is what `convnets train signs` trains
        replace(_SMALL, name="transformer", net="transformer"),
        _SMALL,  # the same network without its window
        replace(_SMALL, name="unseen", net="unseen", epochs=4, strangers=False),
        Recipe(
            "multiscale-108", "multiscale", epochs=5, learning_rate=0.02, weight_decay=1e-5, smoothing=0.0,
            changes="paper",
        ),
        # As many steps with fewer tracks: the curve over the size of the training set.
        *(
            replace(_SMALL, name=f"small-{round(100 * share)}", share=share, epochs=round(_SMALL.epochs / share))
            for share in (0.1, 0.25, 0.5)
        ),
        # What `best` was chosen from, by what it says of validation tracks: narrower, without a window.
        replace(_BEST, name="plain", net="plain", epochs=14),
        replace(_BEST, name="plain-long", net="plain"),
    ]
}  # fmt: skip
SEEDS = {"best": 5}
"""How many seeds of a recipe the book publishes, where it is other than one."""

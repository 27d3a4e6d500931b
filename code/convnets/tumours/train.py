"""Training: the recipes, the loop, what is measured.

Sources:
    - Ronneberger et al. 2015, section 3: cross-entropy with a weight for each pixel (equation 2), random elastic
      deformations, large tiles and few of them in a batch.
    - Milletari, Navab, Ahmadi, "V-Net", 3DV 2016, equation 2 (in the form of a mean over pictures): the soft Dice loss,
      which a small lesion does not vanish in.

Deviations, chosen before test pictures were looked at:
    - AdamW with a learning rate that rises and falls, where the paper has momentum of 0.99 and one picture a batch.
    - The stored weights are a running mean of late ones, rounded to float16; passes are in bfloat16.
    - Membranes: all pixels weigh the same. On the slices to choose by, that gave fewer wrong pixels and fewer merged
      cells than equation 2, which the recipe ``isbi-walls`` has. Slices are bent more, and their contrast changed.
    - The soft Dice has no squares in its denominator, where V-Net's has.
    - Ultrasound: the seed of a recipe is its fold. All other folds are learned from, so there are five networks, and
      each picture is tested by the one that has not seen it. The one that is published has the lowest training loss.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common import loop, training
from convnets.common.stats import Measured
from convnets.tumours import data as sets
from convnets.tumours import measure, nets
from convnets.tumours.data import MODULES, Sets
from convnets.tumours.given import GIVEN, divided, judged_pictures
from convnets.tumours.model import Unet
from convnets.tumours.nets import BUILDERS, VIEWS, kind_of, probability
from convnets.tumours.ultrasound import FOLDS

if TYPE_CHECKING:
    from lightning.fabric import Fabric

__all__ = ["RECIPES", "SEEDS", "Recipe", "build", "digest", "fingerprint", "learn", "loss_of", "train"]


@dataclass(frozen=True)
class Recipe:
    """Everything that a run depends on besides data and code."""

    name: str
    net: str  # a key of BUILDERS
    seed: int = 0  # of ultrasound, also the fold that is not learned from
    epochs: int = 20
    samples: int = 480  # pictures or tiles an epoch, drawn anew by deformation
    batch_size: int = 8  # pictures or tiles
    learning_rate: float = 3e-3  # of AdamW at its peak
    weight_decay: float = 0.01
    average_decay: float = 0.99  # of the mean of weights, a step
    elastic: float = 10.0  # standard deviation of displacements on the coarse grid, pixels; phantoms have none
    w0: float = 10.0  # of the weight map of membranes; 0 = classes are balanced alone
    even: bool = False  # whether all pixels of membranes weigh the same: neither classes nor walls weigh more
    tone: float = 0.0  # of membranes: standard deviation of the contrast's natural logarithm, a tenth of it grain
    dice_weight: float = 0.0  # of the soft Dice loss, against the cross-entropy
    count: int = 0  # so many pictures are learned from; 0 = all
    choose: bool = False  # whether the next fold is held out too, to choose by
    half: bool = True  # passes in bfloat16


def build(recipe: Recipe) -> Unet:
    """A fresh network of ``recipe``, its initial weights drawn from the recipe's seed."""
    return training.seeded(BUILDERS[recipe.net], recipe.seed)


def digest(recipe: Recipe, data: Sets) -> str:
    """Digest of what ``recipe`` learns from."""
    return sets.digest(kind_of(recipe.net), data)


def train(recipe: Recipe, data: Sets, fabric: Fabric, checkpoint: loop.Checkpoint | None = None) -> training.Run:
    """Train and measure ``recipe``; goes on from ``checkpoint`` if it holds a state, bit-equal on a CPU."""
    kind = kind_of(recipe.net)
    record = training.begin("tumours", recipe, digest(recipe, data), MODULES[kind])
    log = training.Log(checkpoint)
    model = learn(recipe, data, fabric, log)
    found, splits, score = {"isbi": _on_cells, "busi": _on_pictures, "phantom": _on_phantoms}[kind](
        recipe, data, model, log
    )
    return training.finish(
        record, model, log, splits=splits, measured=found, score=score, fingerprint=fingerprint(recipe, data),
        device=fabric.device,
    )  # fmt: skip


def learn(recipe: Recipe, data: Sets, fabric: Fabric, log: training.Log) -> Unet:
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
        for step, batch in log.batches(order, recipe.batch_size):
            training.set_rate(optimizer, training.warm_cosine(recipe.learning_rate, log.progress))
            x, truth, weights = (part.to(fabric.device) for part in given.batch(batch, draw))
            with torch.autocast(fabric.device.type, torch.bfloat16, enabled=recipe.half):
                scores = model(x.contiguous(memory_format=torch.channels_last))
            loss = loss_of(scores.float(), truth, weights, recipe.dice_weight)
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


def loss_of(scores: Tensor, truth: Tensor, weights: Tensor, dice_weight: float = 0.0) -> Tensor:
    """Cross-entropy of scores (N, 2, h, w), each pixel weighted, and what soft Dice lacks of 1, a mean over pictures.

    ``truth`` (N, h, w) is 0 or 1, ``weights`` (N, h, w) at least 0.
    """
    each = F.cross_entropy(scores, truth, reduction="none")
    loss = (weights * each).sum() / weights.sum().clamp(min=1)
    if not dice_weight:
        return loss
    sure = scores.softmax(1)[:, 1] * (weights > 0)
    shared, both = (sure * truth).sum((1, 2)), sure.sum((1, 2)) + truth.sum((1, 2))
    return loss + dice_weight * (1 - (2 * shared + 1) / (both + 1)).mean()


def fingerprint(recipe: Recipe, data: Sets, steps: int = 20) -> list[float]:
    """Losses of the first ``steps`` steps on one CPU thread: what `press accept` compares."""
    return training.first_losses(learn, recipe, data, steps)


# What is measured

Found = tuple[dict[str, list[Measured]], dict[str, int], float]


def _on_cells(recipe: Recipe, data: Sets, model: Unet, log: training.Log) -> Found:
    del log
    parts = {name: data.membranes(name) for name in ("train", "validation", "test")}
    sure = {name: probability(model, parts[name].images, VIEWS) for name in ("validation", "test")}
    held = sure["validation"], parts["validation"].labels
    pixel, rand = measure.best_threshold(*held), measure.best_threshold(*held, rand=True)
    found = {name: measure.of_cells(sure[name], parts[name].labels, pixel, rand) for name in sure}
    found["validation"] += [Measured("threshold", pixel), Measured("threshold_rand", rand)]
    counts = {name: len(part.images) for name, part in parts.items()}
    return found, counts | ({"train": recipe.count} if recipe.count else {}), found["validation"][0].value


def _on_pictures(recipe: Recipe, data: Sets, model: Unet, log: training.Log) -> Found:
    train, held, test = divided(recipe, data)
    if held is not None:  # what is there to choose by is all that is measured
        found = measure.of_lesions(judged_pictures(model, held))
        return {"validation": found}, {"train": len(train.names), "validation": len(held.names)}, 1 - found[0].value
    each = judged_pictures(model, test)
    for name, values in each._asdict().items():  # a picture's own values, for what is told of all folds together
        log.curves[f"test_{name}"] = (values.sum(0) if name == "bins" else values).round(6).tolist()
    splits = {"train": len(train.names), "test": len(test.names)}
    return {"test": measure.of_lesions(each)}, splits, log.curves["loss"][-1]


def _on_phantoms(recipe: Recipe, data: Sets, model: Unet, log: training.Log) -> Found:
    del log
    found = {name: measure.of_lesions(nets.judged(model, *data.phantoms[name])) for name in ("validation", "test")}
    counts = {name: len(data.phantoms[name].images) for name in ("train", "validation", "test")}
    return found, counts | ({"train": recipe.count} if recipe.count else {}), 1 - found["validation"][0].value


_ISBI = Recipe("isbi", "isbi", epochs=24, samples=300, batch_size=4, elastic=15.0, even=True, tone=0.25)
_BUSI = Recipe("busi", "busi", epochs=12, elastic=4.0, dice_weight=1.0)
_PHANTOM = Recipe("phantom", "phantom", epochs=10, samples=1200, batch_size=16, dice_weight=1.0, count=2000)
SIZES = (20, 200)
"""Phantoms that smaller recipes learn from, each as many steps."""

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in [
        _ISBI,  # the first is what `convnets train tumours` trains
        _BUSI,
        _PHANTOM,
        replace(_ISBI, name="isbi-walls", even=False),  # with the paper's weight map
        replace(_BUSI, name="busi-plain", net="busi-bare"),
        replace(_BUSI, name="busi-choose", choose=True),  # to choose by: its fold is not tested with
        replace(_PHANTOM, name="phantom-plain", net="phantom-bare"),
        *(replace(_PHANTOM, name=f"phantom-{count}", count=count) for count in SIZES),
    ]
}
SEEDS: dict[str, int] = {"busi": FOLDS, "busi-plain": FOLDS}
"""How many seeds of a recipe the book publishes, where it is other than one; here they are folds."""

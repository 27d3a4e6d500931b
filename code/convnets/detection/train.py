"""Training: the recipes, the loop, what is measured.

Sources: the losses are those of :mod:`convnets.detection.losses` and, for YOLO, of :mod:`convnets.detection.yolo`.

Deviations, chosen on validation pictures only:
    - AdamW with a learning rate that rises and falls, and a running mean of weights; the papers have stochastic
      gradient descent with momentum.
    - Passes are in bfloat16 (autocast); weights, means, losses and everything that is measured are float32.
    - Pictures are changed as :mod:`convnets.detection.augment` says, beyond FCOS's mirroring. In the last fifth of
      the passes they are no longer moved: people have marked few of the cells that a picture's edge cuts, and where
      edges stay, the network learns that.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from convnets.common import loop, training
from convnets.common.boxes import Truth
from convnets.detection import yolo
from convnets.detection.augment import CELLS, STREET, changed, settled
from convnets.detection.data import Parts, Pictures, Sets, digest_of
from convnets.detection.losses import anchored_loss, fcos_loss
from convnets.detection.model import Answer, Moved
from convnets.detection.nets import BUILDERS, detect, measured, planes

if TYPE_CHECKING:
    from lightning.fabric import Fabric

__all__ = ["RECIPES", "SEEDS", "Recipe", "build", "digest", "fingerprint", "learn", "train"]


@dataclass(frozen=True)
class Recipe:
    """Everything that a run depends on besides data and code."""

    name: str
    net: str  # a key of BUILDERS
    seed: int = 0
    epochs: int = 200  # passes over the training pictures
    batch_size: int = 8  # pictures
    learning_rate: float = 2e-3  # of AdamW at its peak
    weight_decay: float = 0.05
    average_decay: float = 0.995  # of the running mean of weights, a step
    gamma: float = 2.0  # of the focal loss; 0: cross-entropy
    centre: bool = True  # whether FCOS learns centre-ness
    half: bool = True  # bfloat16
    pedestrians: bool = False  # Penn-Fudan for BCCD
    lost: float = 0.0  # share of training labels that are taken away
    settled: float = 0.2  # share of the passes, the last ones, in which pictures are not moved: their edges stay


def build(recipe: Recipe) -> nn.Module:
    """A fresh network of ``recipe``, its initial weights drawn from the recipe's seed."""
    return training.seeded(BUILDERS[recipe.net], recipe.seed)


def _parts(recipe: Recipe, data: Sets) -> Parts:
    return data.pedestrians if recipe.pedestrians else data.cells


def digest(recipe: Recipe, data: Sets) -> str:
    """Digest of the pictures and boxes that ``recipe`` learns from and is measured on."""
    return digest_of(_parts(recipe, data))


def train(recipe: Recipe, data: Sets, fabric: Fabric, checkpoint: loop.Checkpoint | None = None) -> training.Run:
    """Train and measure ``recipe``; goes on from ``checkpoint`` if it holds a state, bit-equal on a CPU."""
    where = "pedestrians" if recipe.pedestrians else "data"
    record = training.begin("detection", recipe, digest(recipe, data), where)
    log = training.Log(checkpoint)
    model, parts = learn(recipe, data, fabric, log), _parts(recipe, data)
    found = {
        split: measured(detect(model, part.images, centre=recipe.centre), part.truth)
        for split, part in (("validation", parts.validation), ("test", parts.test))
    }
    return training.finish(
        record,
        model,
        log,
        splits={name: len(part.names) for name, part in parts._asdict().items()},
        measured=found,
        score=1 - found["validation"][0].value,  # the lowest of a recipe's seeds is published
        fingerprint=fingerprint(recipe, data),
        device=fabric.device,
    )


def learn(recipe: Recipe, data: Sets, fabric: Fabric, log: training.Log) -> nn.Module:
    """The network of ``recipe`` as it is stored: the running mean of its weights, rounded."""
    model = build(recipe).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    averaged = copy.deepcopy(model).to(fabric.device)
    optimizer = training.optimizer("adamw", model, recipe.learning_rate, recipe.weight_decay)
    model, optimizer = fabric.setup(model, optimizer)
    parts, device = _parts(recipe, data), fabric.device
    truth, change = _labels(parts.train, recipe), STREET if recipe.pedestrians else CELLS

    for epoch in log.epochs(recipe.epochs, {"model": model.module, "averaged": averaged}, optimizer):
        model.train()
        training.keep_layout(optimizer)
        order = training.shuffled(len(truth), recipe.seed, epoch)
        draw = training.generator(recipe.seed + 1, epoch)
        moves = change if epoch < recipe.epochs * (1 - recipe.settled) else settled(change)
        for step, batch in log.batches(order, recipe.batch_size):
            training.set_rate(optimizer, training.warm_cosine(recipe.learning_rate, log.progress))
            marked = [truth[place] for place in batch.tolist()]
            x, marked = changed(planes(parts.train.images[batch]), marked, moves, draw)
            x = x.to(device, memory_format=torch.channels_last)
            with torch.random.fork_rng(devices=[]), torch.autocast(device.type, torch.bfloat16, enabled=recipe.half):
                torch.manual_seed(recipe.seed * 1_000_003 + step)  # for dropout
                answer = model(x)
            loss = _loss(answer, marked, x, recipe)
            optimizer.zero_grad()
            fabric.backward(loss)
            nn.utils.clip_grad_norm_(model.parameters(), 10.0)
            optimizer.step()
            training.average(averaged, model.module, min(recipe.average_decay, (1 + step) / (10 + step)))
            log.step(loss, len(batch))
        if log.closes():
            held = parts.validation
            found = detect(averaged, held.images, centre=recipe.centre)
            log.keep({f"validation_{one.name}": one.value for one in measured(found, held.truth, quick=True)})

    averaged = averaged.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    loop.round_to_half(averaged)
    return averaged.eval()


def _loss(answer: Answer | Moved | Tensor, truth: list[Truth], x: Tensor, recipe: Recipe) -> Tensor:
    height, width = x.shape[2:]
    if isinstance(answer, Answer):
        return fcos_loss(answer, truth, height, width, recipe.gamma, recipe.centre)
    if isinstance(answer, Moved):
        return anchored_loss(answer, truth, height, width)
    return yolo.loss(answer, truth, height, width)


def _labels(pictures: Pictures, recipe: Recipe) -> list[Truth]:
    """The labels that are learned from: all, or those that chance left."""
    draw = torch.Generator().manual_seed(recipe.seed)
    return [one.take(torch.rand(len(one.labels), generator=draw) >= recipe.lost) for one in pictures.truth]


def fingerprint(recipe: Recipe, data: Sets, steps: int = 20) -> list[float]:
    """Losses of the first ``steps`` steps on one CPU thread: what `press accept` compares."""
    return training.first_losses(learn, recipe, data, steps)


_FCOS = Recipe("fcos", "fcos")

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in [
        _FCOS,  # the published network; the first is what `convnets train detection` trains
        Recipe("yolo", "yolo"),
        Recipe("anchors", "anchors", epochs=120, settled=0.25),  # as long as FCOS was trained at first
        Recipe("pedestrians", "pedestrians", pedestrians=True),
        replace(_FCOS, name="nocentre", centre=False),
        replace(_FCOS, name="crossentropy", gamma=0.0),
        replace(_FCOS, name="lost-30", lost=0.3),
    ]
}
SEEDS = {"fcos": 3}
"""How many seeds of a recipe the book publishes, where it is other than one."""

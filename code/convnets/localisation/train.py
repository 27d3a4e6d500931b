"""Training: the recipes, the loop, what is measured.

A classifier with class activation maps learns from classes alone, a localiser from classes and boxes (Sermanet et al.
2013, section 4.2: squared errors of the box).

Deviations, chosen on validation pictures only:
    - AdamW with a learning rate that rises and falls, and the mean of late weights; passes in bfloat16, which this kind
      of processor does three times as fast. Weights are stored in float16 and measured in float32.
    - To the squared error of a box comes its generalised overlap (Rezatofighi et al., CVPR 2019), which counts what is
      off in units of the thing.
    - Classes and boxes are learned at once, from all windows of pictures of several sizes.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.common import loop, stats, training
from convnets.common.boxes import generalised
from convnets.localisation import cells, maps, measure, nets, windows, world
from convnets.localisation.data import Sets, prepare
from convnets.localisation.model import STRIDE, WINDOW, Cam
from convnets.localisation.nets import NETS
from convnets.localisation.world import NOTHING, Scenes

if TYPE_CHECKING:
    from lightning.fabric import Fabric

__all__ = [
    "LEAST_SIDE", "RECIPES", "SEEDS", "SIZES", "Recipe", "build", "digest", "fingerprint", "learn", "loss_of",
    "shuffled_pictures", "train",
]  # fmt: skip

_QUICK = 0.4  # threshold of the maps that are looked at on the way
LEAST_SIDE, SIZES = 48, 6
"""A localiser learns from pictures made 48, 56, ... 88 pixels high, one size a batch."""


@dataclass(frozen=True)
class Recipe:
    """Everything that a run depends on besides data and code."""

    name: str
    net: str  # a key of NETS
    seed: int = 0
    epochs: int = 4  # passes over all things, or over the cells' pictures
    batch_size: int = 32  # pictures
    learning_rate: float = 3e-3  # of AdamW at its peak
    weight_decay: float = 0.05
    average_decay: float = 0.995  # of the mean of weights, a step
    box_weight: float = 20.0  # of how far boxes are off, against the cross-entropy of classes
    backdrops: int = 4000  # that things are pasted on, each in eight positions
    habitat: float = 0.0  # share of backgrounds that tell the class
    shuffled: int = 0  # so many fixed pictures with labels by chance are learned instead; 0 = none
    passes: int = 1  # over fixed pictures, in what is called an epoch
    half: bool = True  # passes in bfloat16


def build(recipe: Recipe) -> nn.Module:
    """A fresh network of ``recipe``, its initial weights drawn from the recipe's seed."""
    return training.seeded(NETS[recipe.net], recipe.seed)


def digest(recipe: Recipe, data: Sets) -> str:
    """Digest of what ``recipe`` learns from: CIFAR-10's photographs, or those of cells."""
    return cells.digest(data.folder) if recipe.net == "cells" else data.digest


def train(recipe: Recipe, data: Sets, fabric: Fabric, checkpoint: loop.Checkpoint | None = None) -> training.Run:
    """Train and measure ``recipe``; goes on from ``checkpoint`` if it holds a state, bit-equal on a CPU."""
    where = "cells" if recipe.net == "cells" else "data"
    record, log = training.begin("localisation", recipe, digest(recipe, data), where), training.Log(checkpoint)
    model = learn(recipe, data, fabric, log)
    held, test = _part(recipe, data, "validation"), _part(recipe, data, "test")
    middle = measure.centred(held.boxes[held.boxes.any(1)], *held.images.shape[2:])
    share = nets.chosen(model, held) if isinstance(model, Cam) else maps.ZHOU
    found = {
        name: nets.measured(model, part, middle, share) for name, part in {"validation": held, "test": test}.items()
    }
    sides = {"centred_width": middle[2] - middle[0], "centred_height": middle[3] - middle[1]}
    found["validation"] += [stats.Measured(name, round(float(side), 2)) for name, side in sides.items()]
    if isinstance(model, Cam):
        found["validation"].append(stats.Measured("threshold", share))
    return training.finish(
        record,
        model,
        log,
        splits={"train": _count(recipe, data), "validation": len(held.labels), "test": len(test.labels)},
        measured=found,
        score=1 - found["validation"][0].value,  # the lowest of a recipe's seeds is published
        fingerprint=fingerprint(recipe, data),
        device=fabric.device,
    )


def learn(recipe: Recipe, data: Sets, fabric: Fabric, log: training.Log) -> nn.Module:
    """The network of ``recipe`` as it is stored: its weights the mean of late ones, rounded."""
    model = build(recipe).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    model, averaged = model.to(fabric.device), copy.deepcopy(model).to(fabric.device)
    optimizer = training.optimizer("adamw", model, recipe.learning_rate, recipe.weight_decay)
    given, kind = _Given(recipe, data), fabric.device.type

    for epoch in log.epochs(recipe.epochs, {"model": model, "averaged": averaged}, optimizer):
        training.keep_layout(optimizer)
        draw = training.generator(recipe.seed, epoch)
        order = training.shuffled(given.count, recipe.seed, epoch)
        for step, batch in log.batches(order, recipe.batch_size):
            training.set_rate(optimizer, training.warm_cosine(recipe.learning_rate, log.progress))
            x, labels, boxes = (part.to(fabric.device) for part in given.batch(batch, draw))
            with torch.autocast(kind, torch.bfloat16, enabled=recipe.half):
                answer = model.train()(x.contiguous(memory_format=torch.channels_last))
            loss = loss_of(answer, labels, boxes, recipe.box_weight)
            optimizer.zero_grad()
            fabric.backward(loss)
            optimizer.step()
            training.average(averaged, model, min(recipe.average_decay, (1 + step) / (10 + step)))
            log.step(loss, len(batch))
        if log.closes():
            held = _part(recipe, data, "validation")
            few = held.take(torch.arange(min(len(held.labels), 200)))
            seen = nets.measured(averaged, few, few.boxes.new_zeros(4), _QUICK)
            log.keep({f"validation_{one.name}": one.value for one in seen[:5]})

    averaged = averaged.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    loop.round_to_half(averaged)
    return averaged.eval()


def loss_of(answer: Tensor | tuple[Tensor, Tensor], labels: Tensor, boxes: Tensor, box_weight: float) -> Tensor:
    """Cross-entropy of classes and, of a localiser's windows that show a thing, how far their boxes are off.

    That is the squared error of the edges, and a tenth of what generalised overlap lacks of 1.

    ``labels`` are (N,), or (N, h, w) of windows, of which the last class is nothing; ``boxes`` (N, 4) are in pixels.
    """
    if isinstance(answer, Tensor):
        return F.cross_entropy(answer.float(), labels)
    classes, edges = answer
    there = labels < classes.shape[1] - 1
    truth = boxes[:, :, None, None].expand_as(edges)
    off = ((edges - truth) / WINDOW).square().mean(1)
    off = off + 0.1 * (1 - generalised(edges.movedim(1, 3), truth.movedim(1, 3)))
    return F.cross_entropy(classes, labels) + box_weight * (off * there).sum() / max(1, int(there.sum()))


def fingerprint(recipe: Recipe, data: Sets, steps: int = 20) -> list[float]:
    """Losses of the first ``steps`` steps on one CPU thread: what `press accept` compares."""
    return training.first_losses(learn, recipe, data, steps)


def _part(recipe: Recipe, data: Sets, name: str) -> Scenes:
    if recipe.net == "cells":
        return cells.load(name, data.folder).scenes
    return getattr(data, name)


def _count(recipe: Recipe, data: Sets) -> int:
    if recipe.net == "cells":
        return len(cells.load("train", data.folder).scenes.labels)
    return recipe.shuffled or len(data.things["train"].labels)


class _Given:
    """What a recipe learns from, batch by batch."""

    def __init__(self, recipe: Recipe, data: Sets) -> None:
        self.recipe = recipe
        self.fixed: Scenes | None = None
        self.behind: Tensor | None = None
        if recipe.net == "cells":
            self.fixed = cells.load("train", data.folder).scenes
        elif recipe.shuffled:
            self.fixed = shuffled_pictures(recipe, data)
        else:
            self.things = data.things["train"]
            if not recipe.habitat:
                self.behind = _pool(recipe, data)
        self.count = len(self.things.labels) if self.fixed is None else recipe.passes * len(self.fixed.labels)

    def batch(self, indices: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures (N, 3, H, W) from 0 to 1, their labels (N,) or those of windows, and boxes (N, 4)."""
        if self.fixed is not None:
            scenes = self.fixed.take(indices % len(self.fixed.labels))
        else:
            labels = self.things.labels[indices]
            labels = torch.where(torch.rand(len(labels), generator=draw) < world.EMPTY, NOTHING, labels)
            scenes = world.scenes(self.things.images[indices], labels, draw, self._behind(labels, draw))
        rows = LEAST_SIDE + STRIDE * int(torch.randint(SIZES, (), generator=draw))
        if self.recipe.net == "overfeat":
            return windows.asked(scenes, rows, rows, NOTHING)
        if self.recipe.net == "cells":
            return windows.asked(windows.turned(scenes, draw), rows, round(rows * 4 / 3), 1)
        return prepare(scenes.images), scenes.labels, scenes.boxes

    def _behind(self, labels: Tensor, draw: torch.Generator) -> Tensor:
        if self.behind is None:
            grounds = world.habitats(labels, draw, self.recipe.habitat)
            return world.backdrops(len(labels), self.things.images, draw, grounds)
        chosen = torch.randint(len(self.behind), (len(labels),), generator=draw)
        return world.turned(prepare(self.behind[chosen]), draw)


def _pool(recipe: Recipe, data: Sets) -> Tensor:
    """Backdrops (M, 3, 64, 64) uint8, with clutter made of training things."""
    others, draw = data.things["train"].images, training.generator(recipe.seed, 10_000)
    parts = torch.arange(min(recipe.backdrops, 4 * len(others))).split(250)
    return torch.cat([(world.backdrops(len(part), others, draw) * 255).round().byte() for part in parts])


def shuffled_pictures(recipe: Recipe, data: Sets) -> Scenes:
    """``recipe.shuffled`` fixed pictures, each with a class by chance."""
    held, draw = data.things["train"], training.generator(recipe.seed, 10_000)
    chosen = held.take(torch.arange(recipe.shuffled) % len(held.labels))
    shown = world.scenes(chosen.images, chosen.labels, draw)
    return shown._replace(labels=torch.randint(NOTHING, chosen.labels.shape, generator=draw))


RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in [
        # The published networks; the first is what `convnets train localisation` trains.
        Recipe("overfeat", "overfeat", epochs=10),
        Recipe("cam", "cam", epochs=6),
        Recipe("cells", "cells", epochs=8, passes=8),
        # What misleads a map: backgrounds that tell the class, and labels without sense (Adebayo et al. 2018).
        Recipe("habitat", "habitat", epochs=2, habitat=0.95),
        Recipe("shuffled", "shuffled", epochs=5, passes=80, shuffled=100, weight_decay=0.0, average_decay=0.9),
    ]
}
SEEDS: dict[str, int] = {}
"""How many seeds of a recipe the book publishes, where it is other than one."""

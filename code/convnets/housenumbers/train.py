"""Training: the recipes, the loop, what is measured.

The reader maximises log P(number | picture) (Goodfellow et al. 2014, section 4): the cross-entropies of the length and
of the digits that are there are added; a head of a digit that is not there learns nothing. At the end two temperatures
(Guo et al., "On calibration of modern neural networks", ICML 2017) are fitted on validation pictures, one for the
length, one for the digits, and divide the weights of these heads, so that the stored network is calibrated.

Deviations, chosen on validation pictures only:
    - AdamW with a learning rate that rises and falls, and the mean of late weights; the papers have stochastic gradient
      descent (Goodfellow et al. for six days).
    - Wide networks learn in bfloat16, which this kind of processor multiplies three times as fast; they are stored in
      float16 and measured in float32.
    - Pictures are also moved, turned, sheared, inverted and blurred (:mod:`convnets.housenumbers.augment`); Goodfellow
      et al. move them. Digits that are seen in part are learned from, too.
    - More than a third of what is learned from is rendered (:mod:`convnets.housenumbers.world`), and there are walls
      without a number; recipes that end in ``-real`` go without the rendered ones.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.common import loop, stats, training
from convnets.common.sets import Labelled
from convnets.housenumbers import data as street
from convnets.housenumbers import glyphs, walls, world
from convnets.housenumbers.augment import Change, changed
from convnets.housenumbers.data import Parts, Sets
from convnets.housenumbers.model import Answer, Reader
from convnets.housenumbers.nets import NETS, answers, classes, measured_digits, measured_numbers, prepare, read

if TYPE_CHECKING:
    from lightning.fabric import Fabric

__all__ = ["RECIPES", "SEEDS", "Recipe", "build", "digest", "fingerprint", "learn", "loss_of", "train"]


@dataclass(frozen=True)
class Recipe:
    """Everything that a run depends on besides data and code."""

    name: str
    net: str  # a key of NETS
    seed: int = 0
    epochs: int = 8  # passes over all training pictures
    batch_size: int = 64  # pictures
    learning_rate: float = 3e-3  # of AdamW at its peak
    weight_decay: float = 0.05
    smoothing: float = 0.05  # of labels
    average_decay: float = 0.995  # of the mean of weights, a step
    least_seen: float = 0.6  # of a digit, in training
    rendered: int = 5000  # numbers of the rendered world, 0 = none
    walls: int = 1000  # rendered pictures without a number, for a reader
    half: bool = True  # bfloat16
    change: bool = True  # augmentation
    train_count: int = 0  # photographs used, 0 = all


def build(recipe: Recipe) -> nn.Module:
    """A fresh network of ``recipe``, its initial weights drawn from the recipe's seed."""
    return training.seeded(NETS[recipe.net], recipe.seed)


def digest(recipe: Recipe, data: Sets) -> str:
    """Digest of what ``recipe`` learns from: the photographs, and the outlines of rendered digits."""
    if not recipe.rendered:
        return data.digest
    return hashlib.sha256((data.digest + glyphs.DIGEST).encode()).hexdigest()


def train(recipe: Recipe, data: Sets, fabric: Fabric, checkpoint: loop.Checkpoint | None = None) -> training.Run:
    """Train and measure ``recipe``; goes on from ``checkpoint`` if it holds a state, bit-equal on a CPU."""
    record, log = training.begin("housenumbers", recipe, digest(recipe, data), data.name), training.Log(checkpoint)
    model = learn(recipe, data, fabric, log)
    parts = _parts(recipe, data)
    measured = {split: _measured(model, data, split) for split in ("validation", "test")}
    return training.finish(
        record,
        model,
        log,
        splits={
            "train": len(_photographs(recipe, data).labels),
            "validation": len(parts.validation.labels),
            "test": len(parts.test.labels),
        },
        measured=measured,
        score=1 - measured["validation"][0].value,  # the lowest of a recipe's seeds is published
        fingerprint=fingerprint(recipe, data),
        device=fabric.device,
    )


def learn(recipe: Recipe, data: Sets, fabric: Fabric, log: training.Log) -> nn.Module:
    """The network of ``recipe`` as it is stored: its weights the mean of late ones, calibrated, rounded."""
    model, averaged = build(recipe), build(recipe).to(fabric.device)
    if recipe.half:
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # as processors read maps fastest
    model = model.to(fabric.device)
    optimizer = training.optimizer("adamw", model, recipe.learning_rate, recipe.weight_decay)
    numbers, digits = _learned(recipe, data)
    first, kind = numbers or digits, fabric.device.type

    for epoch in log.epochs(recipe.epochs, {"model": model, "averaged": averaged}, optimizer):
        draw = training.generator(recipe.seed, epoch)
        others = torch.randint(len(digits.labels), (len(first.labels),), generator=draw)
        order = training.shuffled(len(first.labels), recipe.seed, epoch)
        for step, batch in log.batches(order, recipe.batch_size):
            training.set_rate(optimizer, training.warm_cosine(recipe.learning_rate, log.progress))
            pictures = _seen(recipe, first.images[batch], draw).to(fabric.device)
            with torch.random.fork_rng(devices=[]), torch.autocast(kind, torch.bfloat16, enabled=recipe.half):
                torch.manual_seed(recipe.seed * 1_000_003 + step)  # for dropout
                loss = loss_of(model.train()(pictures), first.labels[batch].to(fabric.device), recipe.smoothing)
                if isinstance(model, Reader):
                    beside = others[(step * recipe.batch_size) % len(others) :][: len(batch)]
                    pictures = _seen(recipe, digits.images[beside], draw).to(fabric.device)
                    labels = digits.labels[beside].to(fabric.device)
                    loss = loss + loss_of(model.single(pictures), labels, recipe.smoothing)
            optimizer.zero_grad()
            fabric.backward(loss)
            optimizer.step()
            training.average(averaged, model, min(recipe.average_decay, (1 + step) / (10 + step)))
            log.step(loss, len(batch))
        if log.closes():
            log.keep(
                {f"validation_{one.name}": one.value for one in _measured(averaged, data, "validation", quick=True)}
            )

    if isinstance(averaged, Reader):
        _calibrate(averaged, data.numbers.validation, walls.of(data, "validation"))
    loop.round_to_half(averaged)
    return averaged.eval()


def loss_of(answer: Answer | Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
    """Minus log P(label | picture), the mean over pictures; of scores (N, 10) or a reader's answer."""
    if not isinstance(answer, Answer):
        return F.cross_entropy(answer.float(), labels, label_smoothing=smoothing)
    length = F.cross_entropy(answer.length, labels[:, 0], label_smoothing=smoothing)
    digits = F.cross_entropy(
        answer.digits.flatten(0, 1),
        labels[:, 1:].flatten(),
        ignore_index=-1,
        label_smoothing=smoothing,
        reduction="sum",
    )
    return length + digits / len(labels)


def fingerprint(recipe: Recipe, data: Sets, steps: int = 20) -> list[float]:
    """Losses of the first ``steps`` steps on one CPU thread: what `press accept` compares."""
    return training.first_losses(learn, recipe, data, steps)


def _parts(recipe: Recipe, data: Sets) -> Parts:
    return data.numbers if recipe.net == "reader" else data.digits


def _photographs(recipe: Recipe, data: Sets) -> Labelled:
    """The photographed part of what is learned from: numbers, or single digits for a network that reads no others."""
    found = data.more(recipe.net == "reader", recipe.least_seen)
    return found.take(torch.arange(recipe.train_count)) if recipe.train_count else found


def _learned(recipe: Recipe, data: Sets) -> tuple[Labelled | None, Labelled]:
    """All that is learned from: numbers with pictures without one, for a reader alone, and single digits."""
    cuts = _rendered(recipe.rendered)
    digits = [data.more(False, recipe.least_seen)] + [street.digits(cuts, True)] * bool(cuts)
    if recipe.net != "reader":
        return None, _joined([_photographs(recipe, data), *digits[1:]])
    numbers = [_photographs(recipe, data), walls.of(data, "train")]
    if cuts:
        numbers += [street.numbers(cuts, True), walls.rendered(recipe.walls, seed=2)]
    return _joined(numbers), _joined(digits)


def _joined(parts: list[Labelled]) -> Labelled:
    return Labelled(torch.cat([part.images for part in parts]), torch.cat([part.labels for part in parts]), False)


@cache
def _rendered(count: int) -> list[street.Cut]:
    return world.cuts(count, seed=1)


def _seen(recipe: Recipe, images: Tensor, draw: torch.Generator) -> Tensor:
    """Training pictures of one step (N, 1, H, W), changed."""
    return changed(prepare(images), Change(), draw) if recipe.change else prepare(images)


def _measured(model: nn.Module, data: Sets, split: str, quick: bool = False) -> list[stats.Measured]:
    """Metrics on ``validation`` or ``test``; the first decides which seed is published."""
    digits: Labelled = getattr(data.digits, split)
    single = measured_digits(classes(model, digits.images), digits.labels)
    if not isinstance(model, Reader):
        return single[:1] if quick else single
    numbers: Labelled = getattr(data.numbers, split)
    found = measured_numbers(read(model, numbers.images), numbers.labels, quick)
    found.append(single[0]._replace(name="accuracy_single"))
    if not quick:
        empty = walls.of(data, split)
        right = sum(not text for text in read(model, empty.images).numbers)
        found.append(stats.share("accuracy_none", right, len(empty.labels)))
    return found


@torch.no_grad()
def _calibrate(model: Reader, numbers: Labelled, empty: Labelled) -> None:
    """Divide the weights of the heads by the temperatures under which validation pictures are likeliest."""
    found = answers(model, torch.cat([numbers.images, empty.images]))
    labels = torch.cat([numbers.labels, empty.labels])
    there = labels[:, 1:] >= 0
    for head, logits, truth in (
        (model.length, found.length, labels[:, 0]),
        (model.digits, found.digits[there], labels[:, 1:][there]),
    ):
        degrees = torch.linspace(0.3, 3.0, 271)
        losses = torch.stack([F.cross_entropy(logits / degree, truth) for degree in degrees])
        best = float(degrees[losses.argmin()])
        head.weight.div_(best)
        head.bias.div_(best)


_READER = Recipe("reader", "reader")
_SERMANET = Recipe("sermanet", "sermanet", half=False, rendered=0, epochs=4, learning_rate=1e-3, least_seen=0.9)

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in [
        # The published networks; the first is what `convnets train housenumbers` trains.
        _READER,
        _SERMANET,
        # The reader without the rendered world, for as many steps.
        replace(_READER, name="reader-real", rendered=0, epochs=13),
    ]
}
SEEDS = {"reader": 3, "reader-real": 3}
"""How many seeds of a recipe the book publishes, where it is other than one."""

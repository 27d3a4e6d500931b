"""Training the small networks: the degradation experiment, and the train-test resolution discrepancy.

Sources:
    - He et al. 2015, section 4.2 and figure 6: plain and residual networks of 20 and 56 layers on CIFAR-10.
    - Touvron, Vedaldi, Douze, Jegou: "Fixing the train-test resolution discrepancy", 2019: networks that learned from
      random parts of pictures do better at a higher resolution than that, the more so when their classifier and last
      batch normalisation are tuned there.

Deviations:
    - 18,000 training images instead of 45,000 and 1,700 steps instead of 64,000, of 64 images instead of 128; the rate
      falls along half a cosine after a short rise, from one peak for all networks.
    - ``crops`` learns at 16 pixels a side from parts of 32-pixel pictures; theirs at 128 or 224 from ImageNet's.
    - Its tuning sees whole pictures at the test resolution, mirrored half the time; theirs a central crop of them.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common import loop, stats, training
from convnets.imagenet.data import Sets, mirrored, prepare, resized, resized_crops, shifted
from convnets.imagenet.family import Block, Family
from convnets.imagenet.nets import NETS, RESOLUTIONS, error, measured

if TYPE_CHECKING:
    from lightning.fabric import Fabric

__all__ = ["RECIPES", "SEEDS", "Recipe", "build", "fingerprint", "learn", "train", "tune", "within_half"]


@dataclass(frozen=True)
class Recipe:
    """Everything that a run depends on besides data and code."""

    name: str
    net: str  # a key of NETS
    seed: int = 0
    epochs: int = 6  # passes over the training images
    batch_size: int = 64  # images
    learning_rate: float = 0.1  # of SGD with momentum 0.9, at its peak; the schedule ends at zero
    weight_decay: float = 1e-4  # 1/step
    size: int = 0  # pixels a side of random resized crops; 0: whole images, shifted by up to four pixels
    smallest_crop: float = 0.08  # least area of such a crop, as a share of the image's
    tune_epochs: int = 0  # passes with which the end of the network is tuned for each test resolution
    tune_rate: float = 0.01  # their learning rate at its peak
    train_count: int = 0  # training images used, 0 = all that validation leaves


def build(recipe: Recipe) -> Family:
    """A fresh network of ``recipe``, its initial weights drawn from the recipe's seed."""
    return training.seeded(NETS[recipe.net], recipe.seed)


def train(recipe: Recipe, data: Sets, fabric: Fabric, checkpoint: loop.Checkpoint | None = None) -> training.Run:
    """Train and measure ``recipe``; goes on from ``checkpoint`` if it holds a state, bit-equal on a CPU.

    Where the recipe tunes, its record also has ``tuned`` (test images) and ``tuned_validation``: the error at each
    resolution of a copy whose end was tuned for it.
    """
    record, log = training.begin("imagenet", recipe, data.digest), training.Log(checkpoint)
    model = learn(recipe, data, fabric, log)
    score, count = error(model, data.validation), recipe.train_count or len(data.train.labels)
    found = {
        "train": [stats.Measured("error", error(model, data.train.take(torch.arange(count))))],
        "validation": [one._replace(interval=None) for one in measured(recipe.net, model, data.validation)],
        "test": measured(recipe.net, model, data.test),
    }
    for size in RESOLUTIONS if recipe.tune_epochs else ():
        tuned = tune(model, recipe, data, size, fabric.device)
        for split, part in (("tuned_validation", data.validation), ("tuned", data.test)):
            found.setdefault(split, []).append(stats.Measured(f"error_{size}", error(tuned, part, size)))
    return training.finish(
        record,
        model,
        log,
        splits={"train": count, "validation": len(data.validation.labels), "test": len(data.test.labels)},
        measured=found,
        score=score,  # the lowest of a recipe's seeds is published
        fingerprint=fingerprint(recipe, data),
        device=fabric.device,
    )


def learn(recipe: Recipe, data: Sets, fabric: Fabric, log: training.Log) -> Family:
    """The network of ``recipe`` as it is stored: its weights rounded.

    Its curve ``train_error`` is the share of errors on the distorted images of each pass, counted as they came.
    """
    model = build(recipe)
    optimizer = training.optimizer("sgd", model, recipe.learning_rate, recipe.weight_decay)
    model, optimizer = fabric.setup(model, optimizer)
    count = recipe.train_count or len(data.train.labels)
    images, labels = data.train.images[:count].to(fabric.device), data.train.labels[:count].to(fabric.device)

    for epoch in log.epochs(recipe.epochs, {"model": model.module}, optimizer):
        model.train()
        order = training.shuffled(count, recipe.seed, epoch).to(fabric.device)
        randomness, wrong = training.generator(recipe.seed + 1, epoch, fabric.device), 0
        for _step, batch in log.batches(order, recipe.batch_size):
            training.set_rate(optimizer, training.warm_cosine(recipe.learning_rate, log.progress))
            scores = model(_drawn(recipe, prepare(images[batch]), randomness))
            loss = F.cross_entropy(scores, labels[batch])
            optimizer.zero_grad()
            fabric.backward(loss)
            optimizer.step()
            wrong += int((scores.argmax(1) != labels[batch]).sum())
            log.step(loss, len(batch))
        if log.closes():
            size = recipe.size or 32
            log.keep({"train_error": wrong / count, "validation_error": error(model.module, data.validation, size)})

    within_half(model.module)
    loop.round_to_half(model.module)
    return model.module


def within_half(model: Family) -> None:
    """Divide kernels whose answers vary too much for 16 bits, and what is kept of mean and variance, by powers of two.

    The batch normalisation after them takes the factor out again, so that answers stay the same but for its constant.
    """
    blocks = [part for part in model.modules() if isinstance(part, Block)]
    pairs = [
        (model.conv, model.bn),
        *((one.conv1, one.bn1) for one in blocks),
        *((one.conv2, one.bn2) for one in blocks),
    ]
    for convolution, norm in pairs:
        mean, variance = norm.running_mean, norm.running_var
        assert mean is not None and variance is not None
        scale = 2 ** (variance / _LARGEST).log2().div(2).ceil().clamp(min=0)
        with torch.no_grad():
            convolution.weight.div_(scale[:, None, None, None])
            mean.div_(scale)
            variance.div_(scale**2)


_LARGEST = 2.0**15
"""Of a variance that is stored with 16 bits, which end at 65,504."""


def _drawn(recipe: Recipe, x: Tensor, randomness: torch.Generator) -> Tensor:
    """The images of a batch as the network sees them this time."""
    if recipe.size:
        return resized_crops(x, recipe.size, recipe.smallest_crop, randomness)
    return shifted(x, randomness)


def tune(model: Family, recipe: Recipe, data: Sets, size: int, device: torch.device | str = "cpu") -> Family:
    """A copy of ``model`` whose last batch normalisation and classifier have learned from images of ``size`` pixels.

    All other weights and statistics stay (Touvron et al. 2019, section 4).
    """
    tuned = copy.deepcopy(model).eval().requires_grad_(False)
    for part in tuned.last():
        part.requires_grad_(True)
    parameters = [parameter for parameter in tuned.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(parameters, recipe.tune_rate, momentum=0.9)
    count = recipe.train_count or len(data.train.labels)
    images, labels = data.train.images[:count].to(device), data.train.labels[:count].to(device)
    for epoch in range(recipe.tune_epochs):
        parts = training.shuffled(count, recipe.seed, epoch).to(device).split(recipe.batch_size)
        randomness = training.generator(recipe.seed + 1, epoch, device)
        tuned.last()[0].train()
        for step, batch in enumerate(parts):
            done = (epoch + step / len(parts)) / recipe.tune_epochs
            training.set_rate(optimizer, training.warm_cosine(recipe.tune_rate, done))
            x = resized(mirrored(prepare(images[batch]), randomness), size)
            loss = F.cross_entropy(tuned(x), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    loop.round_to_half(tuned)
    return tuned.eval()


def fingerprint(recipe: Recipe, data: Sets, steps: int = 20) -> list[float]:
    """Losses of the first ``steps`` steps on one CPU thread: what `press accept` compares."""
    return training.first_losses(learn, recipe, data, steps)


_RESIDUAL = Recipe("residual-56", "residual-56")

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in [
        _RESIDUAL,  # the published networks; the first is what `convnets train imagenet` trains
        *(replace(_RESIDUAL, name=net, net=net) for net in ("residual-20", "plain-56", "plain-20")),
        Recipe("crops", "crops", epochs=10, size=16, tune_epochs=1),
        # As many steps as the paper's, for a GPU: whether the deep plain network stays behind when it has time.
        *(
            replace(_RESIDUAL, name=f"{kind}-long", net=kind, epochs=227)
            for kind in ("residual-56", "plain-56", "plain-20")
        ),
    ]
}
SEEDS = dict.fromkeys(NETS, 3)
"""How many seeds of a recipe the book publishes, where it is more than one."""

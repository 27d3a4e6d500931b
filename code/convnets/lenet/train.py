"""Training LeNet: recipes, the loop, evaluation.

What the 1998 paper fixes is kept: architecture, squashing, initial weights, the loss (equation 9), the way the
training set is distorted. Deviations in how the weights are found, chosen on validation images only:

    - AdamW on mini-batches with a cosine learning rate, instead of one-pattern-at-a-time gradient steps scaled by a
      diagonal estimate of the second derivatives (appendix C): mini-batches use today's processors, and the effect
      is measured by the recipe ``lenet5-short-sgd``.
    - The published weights are an exponential moving average over the last steps (``average_decay``).
    - New distortions are drawn in every epoch (the paper drew 540,000 of them once), and may be elastic.
    - 5,000 of the 60,000 training images are kept aside for validation; the paper trains on all.
    - The constant j of equation 9 is not given in the paper; ours is ``rubbish_penalty``. Nor is the variance of the
      Gaussians whose log-likelihood equation 7 stands for: distances are divided by ``temperature`` before equation 9.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from convnets.common import assets, loop, runs, stats
from convnets.common.errors import ConvnetsError
from convnets.lenet.data import NAME, Distortion, Sets, distort, prepare
from convnets.lenet.nets import NETS, error, predict
from convnets.lenet.row import with_neighbours

if TYPE_CHECKING:
    from lightning.fabric import Fabric

__all__ = ["RECIPES", "Recipe", "Run", "build", "fingerprint", "key", "losses", "train"]


@dataclass(frozen=True)
class Recipe:
    """Everything that a run depends on besides data and code."""

    name: str
    net: str  # a key of NETS
    seed: int = 0
    epochs: int = 20  # passes over the training images
    batch_size: int = 64  # images
    learning_rate: float = 5e-3  # of AdamW at its peak; the schedule ends at zero
    weight_decay: float = 0.0  # of AdamW, 1/step
    optimizer: str = "adamw"  # or "sgd" (momentum 0.9)
    loss: str = "map"  # a key of losses: map, mse, distance or cross_entropy
    rubbish_penalty: float = 60.0  # j of equation 9: the distance at which "no digit" is as likely as a class
    temperature: float = 10.0  # scores and j are divided by it before the loss: twice the Gaussians' variance
    average_decay: float = 0.998  # of the moving average over steps, 0 = last weights
    train_count: int = 0  # training images used, 0 = all that validation leaves
    distortion: Distortion = Distortion()
    neighbours: bool = False  # show each digit between others, or only the others, which is then rubbish


def losses(
    name: str, scores: Tensor, labels: Tensor, rubbish_penalty: float = 60.0, temperature: float = 1.0
) -> Tensor:
    """Mean loss of ``scores`` (N, 10) for ``labels`` (N,), by name.

    ``map``: 1998, equation 9, with distances y = -scores: y_D + log(exp(-j) + sum_i exp(-y_i)).
    ``mse``: half the squared error against +1 for the class and -1 for the others (1989).
    ``distance``: equation 8, the distance to the right bitmap alone; nothing pushes the other distances up.
    ``cross_entropy``: softmax, as taught today; ``map`` without the rubbish class.

    Raises:
        ConvnetsError: unknown name.
    """
    scores, rubbish_penalty = scores / temperature, rubbish_penalty / temperature
    if name == "map":
        rubbish = scores.new_full((len(scores), 1), -rubbish_penalty)
        return F.cross_entropy(torch.cat([scores, rubbish], 1), labels)
    if name == "mse":
        targets = 2.0 * F.one_hot(labels, 10) - 1
        return 0.5 * (scores - targets).square().sum(1).mean()
    if name == "distance":
        return -scores.gather(1, labels[:, None]).mean()
    if name == "cross_entropy":
        return F.cross_entropy(scores, labels)
    raise ConvnetsError(f"There is no loss {name!r}: choose map, mse, distance or cross_entropy.")


class Run(NamedTuple):
    """What training returns: the record, and the weights as they are stored."""

    record: dict[str, Any]
    weights: bytes


def key(recipe: Recipe, data: Sets) -> str:
    """The run key of ``recipe`` on ``data`` with the code as it stands."""
    return runs.key(asdict(recipe), data.digest, runs.code_of("lenet"))


def build(recipe: Recipe) -> nn.Module:
    """A fresh network of ``recipe``, its initial weights drawn from the recipe's seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        return NETS[recipe.net]()


def train(
    recipe: Recipe,
    data: Sets,
    fabric: Fabric,
    *,
    checkpoint: loop.Checkpoint | None = None,
    on_step: Callable[[int, float], None] | None = None,
) -> Run:
    """Train ``recipe``; goes on from ``checkpoint`` if it holds a state, bit-equal on a CPU.

    ``on_step(step, loss)`` is called after each step with its loss.
    """
    started = time.perf_counter()
    record = runs.new_record("lenet", asdict(recipe), data.digest)
    model = build(recipe)
    averaged = copy.deepcopy(model).to(fabric.device)
    model, optimizer = fabric.setup(model, _optimizer(recipe, model))
    digits = data.train if not recipe.train_count else data.train.take(torch.arange(recipe.train_count))
    images, labels = digits.images.to(fabric.device), digits.labels.to(fabric.device)
    steps_an_epoch = math.ceil(len(labels) / recipe.batch_size)
    states = {"model": model.module, "averaged": averaged}
    done = (checkpoint and checkpoint.load(states, optimizer)) or {"epoch": 0, "seconds": 0.0, "curves": {}}
    curves = {"loss": [], "epoch": [], "validation_error": []} | done["curves"]

    for epoch in range(done["epoch"], recipe.epochs):
        order = torch.randperm(len(labels), generator=_generator(recipe.seed, epoch, "cpu")).to(fabric.device)
        randomness = _generator(recipe.seed + 1, epoch, fabric.device)
        total = 0.0
        batches = tqdm(order.split(recipe.batch_size), f"epoch {epoch + 1}", leave=False, disable=None)
        for index, batch in enumerate(batches):
            step = epoch * steps_an_epoch + index
            for group in optimizer.param_groups:
                group["lr"] = _learning_rate(recipe, step / (recipe.epochs * steps_an_epoch))
            x = prepare(images[batch], averaged.image_size)  # type: ignore[arg-type]
            if recipe.distortion != Distortion():
                x = distort(x, recipe.distortion, randomness)
            target = labels[batch]
            if recipe.neighbours:
                x, target = with_neighbours(x, target, randomness)
            loss = losses(recipe.loss, model(x), target, recipe.rubbish_penalty, recipe.temperature)
            optimizer.zero_grad()
            fabric.backward(loss)
            optimizer.step()
            _average(averaged, model.module, min(recipe.average_decay, step / (step + 10)))
            total += loss.item() * len(batch)
            if on_step:
                on_step(step, loss.item())
        curves["loss"].append(total / len(labels))
        if (epoch + 1) % math.ceil(recipe.epochs / 50) and epoch + 1 < recipe.epochs:
            continue
        curves["epoch"].append(epoch + 1)
        curves["validation_error"].append(error(averaged, data.validation))
        if checkpoint:
            seconds = done["seconds"] + time.perf_counter() - started
            checkpoint.save(states, optimizer, {"epoch": epoch + 1, "seconds": seconds, "curves": curves})

    loop.round_to_half(averaged)
    record["seconds"] = round(done["seconds"] + time.perf_counter() - started, 1)
    record["fingerprint"] = fingerprint(recipe, data)
    return _finish(record, recipe, data, averaged, curves)


def fingerprint(recipe: Recipe, data: Sets, steps: int = 20) -> list[float]:
    """Losses of the first ``steps`` steps on one CPU thread: what `press accept` compares."""
    seen: list[float] = []
    count = recipe.train_count or len(data.train.labels)
    steps = min(steps, recipe.epochs * math.ceil(count / recipe.batch_size))  # it must end before the run does

    def stop(step: int, loss: float) -> None:
        seen.append(loss)
        if len(seen) == steps:
            raise _Enough

    with loop.one_thread(), suppress(_Enough):
        train(recipe, data, loop.make_fabric("cpu"), on_step=stop)
    return seen


class _Enough(Exception):
    pass


def _finish(
    record: dict[str, Any], recipe: Recipe, data: Sets, model: nn.Module, curves: dict[str, list[float]]
) -> Run:
    weights = loop.stored_bytes(model)
    validation_error, test_count = error(model, data.validation), len(data.test.labels)
    wrong = int((predict(model, data.test.images) != data.test.labels).sum())
    record |= {
        "metrics": {
            "validation": {"error": validation_error},
            "test": {"error": wrong / test_count},
        },
        "interval95": {"test": {"error": stats.wilson(wrong, test_count)}},
        "score": validation_error,  # the lowest of a recipe's seeds is published
        "curves": curves,
        "device": loop.device_name(next(model.parameters()).device),
        "weights": assets.sha256(weights),
    }
    used = recipe.train_count or len(data.train.labels)
    record["data"] |= {
        "name": NAME,
        "splits": {"train": used, "validation": len(data.validation.labels), "test": test_count},
    }
    return Run(record, weights)


def _optimizer(recipe: Recipe, model: nn.Module) -> torch.optim.Optimizer:
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(model.parameters(), recipe.learning_rate, momentum=0.9)
    return torch.optim.AdamW(model.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)


def _learning_rate(recipe: Recipe, progress: float) -> float:
    """Linear rise over the first twentieth of training, then half a cosine down to zero."""
    warm = 0.05
    if progress < warm:
        return recipe.learning_rate * (0.02 + 0.98 * progress / warm)
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * (progress - warm) / (1 - warm)))


@torch.no_grad()
def _average(averaged: nn.Module, model: nn.Module, decay: float) -> None:
    torch._foreach_lerp_(list(averaged.parameters()), list(model.parameters()), 1 - decay)


def _generator(seed: int, epoch: int, device: torch.device | str) -> torch.Generator:
    return torch.Generator(device).manual_seed(seed * 1_000_003 + epoch)


_AFFINE = Distortion(shift_pixels=1.5, rotation_degrees=8, scaling=0.1, squeezing=0.06, shear=0.12)
_ELASTIC = replace(_AFFINE, elastic_alpha_pixels=20, elastic_sigma_pixels=4)
_STRONG = replace(_AFFINE, elastic_alpha_pixels=34, elastic_sigma_pixels=4)  # the strength of Simard et al. 2003

_LENET5 = Recipe("lenet5", "lenet5", epochs=30, distortion=_ELASTIC)
_PLAIN = replace(_LENET5, name="lenet5-plain", net="lenet5-plain", epochs=15, distortion=Distortion())
_SHORT = replace(_PLAIN, name="lenet5-short", epochs=5)

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in [
        # The published networks; the first is what `convnets train lenet` trains.
        _LENET5,
        Recipe("zipcode", "zipcode", loss="mse", temperature=1.0),
        Recipe("lenet1", "lenet1", loss="mse", temperature=1.0),
        _PLAIN,
        Recipe(
            "modern",
            "modern",
            loss="cross_entropy",
            temperature=1.0,
            learning_rate=2e-3,
            epochs=15,
            distortion=_ELASTIC,
        ),
        # LeNet-5 for rows of touching digits: it has seen neighbours, and seams that are no digit.
        replace(_LENET5, name="lenet5-row", net="lenet5-row", epochs=20, distortion=_AFFINE, neighbours=True),
        # LeNet-5 with other distortions, compared on validation.
        replace(_LENET5, name="lenet5-affine", distortion=_AFFINE),
        replace(_LENET5, name="lenet5-strong", distortion=_STRONG),
        # The size of the training set.
        *(
            replace(_PLAIN, name=f"lenet5-n{count}", train_count=count, epochs=epochs)
            for count, epochs in {300: 400, 1000: 150, 3000: 60, 10000: 25, 30000: 15}.items()
        ),
        # One rule changed at a time, short and without distortions.
        _SHORT,
        replace(_SHORT, name="lenet5-short-softmax", loss="cross_entropy"),
        replace(_SHORT, name="lenet5-short-distance", loss="distance"),
        replace(_SHORT, name="lenet5-short-sharp", temperature=1.0),
        replace(_SHORT, name="lenet5-short-sgd", optimizer="sgd", learning_rate=0.02),
        replace(_SHORT, name="lenet5-short-noaverage", average_decay=0.0),
        replace(_SHORT, name="lenet5-short-batch256", batch_size=256),
    ]
}

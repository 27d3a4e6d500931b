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
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.common import loop, published, stats, training
from convnets.common.errors import ConvnetsError
from convnets.lenet.data import Distortion, Sets, distort, prepare
from convnets.lenet.nets import NETS, error, predict
from convnets.lenet.row import with_neighbours

if TYPE_CHECKING:
    from lightning.fabric import Fabric

__all__ = ["RECIPES", "Recipe", "build", "fingerprint", "learn", "losses", "train"]


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


def build(recipe: Recipe) -> nn.Module:
    """A fresh network of ``recipe``, its initial weights drawn from the recipe's seed."""
    return training.seeded(NETS[recipe.net], recipe.seed)


def train(recipe: Recipe, data: Sets, fabric: Fabric, checkpoint: loop.Checkpoint | None = None) -> training.Run:
    """Train and measure ``recipe``; goes on from ``checkpoint`` if it holds a state, bit-equal on a CPU."""
    record, log = training.begin("lenet", recipe, data.digest), training.Log(checkpoint)
    model = learn(recipe, data, fabric, log)
    validation_error, test = error(model, data.validation), data.test
    splits = {"validation": len(data.validation.labels), "test": len(test.labels)}
    return training.finish(
        record,
        model,
        log,
        splits={"train": recipe.train_count or len(data.train.labels), **splits},
        measured={
            "validation": [stats.Measured("error", validation_error)],
            "test": [published.mistakes(predict(model, test.images), test.labels)],
        },
        score=validation_error,
        fingerprint=fingerprint(recipe, data),
        device=fabric.device,
    )


def learn(recipe: Recipe, data: Sets, fabric: Fabric, log: training.Log) -> nn.Module:
    """The network of ``recipe`` as it is stored: its averaged weights, rounded."""
    model = build(recipe)
    averaged = copy.deepcopy(model).to(fabric.device)
    optimizer = training.optimizer(recipe.optimizer, model, recipe.learning_rate, recipe.weight_decay)
    model, optimizer = fabric.setup(model, optimizer)
    digits = data.train if not recipe.train_count else data.train.take(torch.arange(recipe.train_count))
    images, labels = digits.images.to(fabric.device), digits.labels.to(fabric.device)

    for epoch in log.epochs(recipe.epochs, {"model": model.module, "averaged": averaged}, optimizer):
        order = training.shuffled(len(labels), recipe.seed, epoch).to(fabric.device)
        randomness = training.generator(recipe.seed + 1, epoch, fabric.device)
        for step, batch in log.batches(order, recipe.batch_size):
            training.set_rate(optimizer, training.warm_cosine(recipe.learning_rate, log.progress))
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
            training.average(averaged, model.module, min(recipe.average_decay, step / (step + 10)))
            log.step(loss, len(batch))
        if log.closes():
            log.keep({"validation_error": error(averaged, data.validation)})

    loop.round_to_half(averaged)
    return averaged


def fingerprint(recipe: Recipe, data: Sets, steps: int = 20) -> list[float]:
    """Losses of the first ``steps`` steps on one CPU thread: what `press accept` compares."""
    return training.first_losses(learn, recipe, data, steps)


_AFFINE = Distortion(shift_pixels=1.5, rotation_degrees=8, scaling=0.1, squeezing=0.06, shear=0.12)
_ELASTIC = replace(_AFFINE, elastic_alpha_pixels=20, elastic_sigma_pixels=4)
_STRONG = replace(_AFFINE, elastic_alpha_pixels=34, elastic_sigma_pixels=4)  # the strength of Simard et al. 2003

_LENET5 = Recipe("lenet5", "lenet5", epochs=30, distortion=_ELASTIC)
_PLAIN = replace(_LENET5, name="lenet5-plain", net="lenet5-plain", epochs=15, distortion=Distortion())
_MODERN = Recipe(
    "modern", "modern", epochs=15, learning_rate=2e-3, loss="cross_entropy", temperature=1.0, distortion=_ELASTIC
)
_SHORT = replace(_PLAIN, name="lenet5-short", epochs=5)

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in [
        # The published networks; the first is what `convnets train lenet` trains.
        _LENET5,
        Recipe("zipcode", "zipcode", loss="mse", temperature=1.0),
        Recipe("lenet1", "lenet1", loss="mse", temperature=1.0),
        _PLAIN,
        _MODERN,
        # Wiring and examples, each with and without: the modern variant, and a fully connected net of its size.
        replace(_MODERN, name="modern-plain", net="modern-plain", distortion=Distortion()),
        replace(_MODERN, name="mlp", net="mlp"),
        replace(_MODERN, name="mlp-plain", net="mlp-plain", distortion=Distortion()),
        # LeNet-5 for rows of touching digits: it has seen neighbours, and seams that are no digit.
        replace(_LENET5, name="lenet5-row", net="lenet5-row", epochs=20, distortion=_AFFINE, neighbours=True),
        # LeNet-5 with other distortions, compared on validation.
        replace(_LENET5, name="lenet5-affine", distortion=_AFFINE),
        replace(_LENET5, name="lenet5-strong", distortion=_STRONG),
        # LeNet-5 trained longer: it gained nothing that two seeds would show.
        replace(_LENET5, name="lenet5-long", epochs=80),
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

"""Measurements beyond the test error: crops, mistakes, the race of figure 1, changes of single parts, baselines, cost.

Those that need images or time are recorded functions: their result is loaded if it is stored for this code and these
weights, else computed. The others are made of run records. Errors are shares of the test images.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.alexnet import data
from convnets.alexnet.model import CLASSES, CROP, SCHEDULE, AlexNet, table
from convnets.alexnet.nets import load as load_net
from convnets.alexnet.nets import probabilities
from convnets.common import published, runs, seeds, stats
from convnets.common.recorded import recorded
from convnets.common.sets import Labelled

__all__ = [
    "BASE",
    "CHANGES",
    "bare_pixels",
    "baselines",
    "changes",
    "cost",
    "crops",
    "difference",
    "misread",
    "mistakes",
    "race",
]

Result = dict[str, Any]

BASE = "short-nodropout"
CHANGES = {
    "tanh": ("short-tanh", "tanh for ReLU"),
    "dropout": ("short", "dropout added"),
    "norm": ("short-nolrn", "no normalisation"),
    "overlap": ("short-nooverlap", "pooling without overlap"),
    "augment": ("short-noaugment", "no augmentation"),
    "depth": ("short-shallow", "two convolutions fewer"),
}
"""By the part: the recipe that changes it in :data:`BASE`, and what readers see of it."""

TARGET = 0.25
"""Training error at which the race of figure 1 ends."""

_CENTRE, _FIVE = 4, slice(0, 5)
_DECAYS = (3e-4, 3e-3)


@recorded("alexnet")
def crops(net: str = "cifar", *, device: str) -> Result:
    """Errors of a published net with the central crop, the five unreflected ones, and all ten, on pictures new to it.

    These are validation and test images together: nothing was chosen by what crops bring. ``mcnemar`` compares centre
    and ten on the same images. ``telling`` are two test images that only the mean gets right and two that every crop
    gets wrong, those of which the mean is most certain.
    """
    parts, model = data.split().cifar, load_net(net).to(device)
    found = [_seen(model, part) for part in (parts.validation, parts.test)]
    right = {name: torch.cat([one[name] for one in found]) for name in ("centre", "five", "ten")}
    measured = {name: stats.share("error", int((~one).sum()), len(one)) for name, one in right.items()}
    test = found[1]
    certain = test["certainty"].argsort(descending=True)
    rescued, lost = (test["ten"] & ~test["centre"])[certain], test["all_wrong"][certain]
    return {
        "count": len(right["ten"]),
        "errors": {name: one.value for name, one in measured.items()},
        "intervals": {name: one.interval for name, one in measured.items()},
        "mcnemar": stats.mcnemar(right["centre"].tolist(), right["ten"].tolist())._asdict(),
        "telling": [*certain[rescued][:2].tolist(), *certain[lost][:2].tolist()],
    }


def _seen(model: nn.Module, part: Labelled) -> dict[str, Tensor]:
    """Of each image: right in the centre, in the mean of five, of ten; every crop wrong; how sure the mean is."""
    views = probabilities(model, part.images)
    means = {"centre": views[_CENTRE], "five": views[_FIVE].mean(0), "ten": views.mean(0)}
    found = {name: mean.argmax(1) == part.labels for name, mean in means.items()}
    return found | {
        "all_wrong": (views.argmax(2) != part.labels).all(0),
        "certainty": means["ten"].max(1).values,
    }


@recorded("alexnet")
def mistakes(net: str = "cifar", *, device: str) -> Result:
    """Test images that the mean of ten crops gets wrong, most certain first: index, label, answer, its probability."""
    test = data.load("test")
    return misread(probabilities(load_net(net).to(device), test.images).mean(0), test.labels)


def misread(shares: Tensor, labels: Tensor) -> Result:
    """Of probabilities (N, C), where the likeliest class is not the label: as :func:`mistakes` gives it."""
    best = shares.max(1)
    wrong = (best.indices != labels).nonzero()[:, 0]
    wrong = wrong[best.values[wrong].argsort(descending=True)]
    return {
        "index": wrong.tolist(),
        "label": labels[wrong].tolist(),
        "answer": best.indices[wrong].tolist(),
        "probability": [round(value, 4) for value in best.values[wrong].tolist()],
    }


def race() -> Result:
    """Epochs to :data:`TARGET` of each seed with ReLU and with tanh, and how many times as many tanh needs.

    Between two epochs the training error is taken to fall evenly. ``ratio`` is the mean over seeds, ``interval`` its
    95 % t-interval.
    """
    found = {name: [_arrival(curve) for curve in _curves(name)] for name in ("four", "four-tanh")}
    ratios = [slow / fast for fast, slow in zip(found["four"], found["four-tanh"], strict=True)]
    mean, low, high = stats.mean_interval(ratios)
    return {"epochs": found, "ratio": mean, "interval": (low, high)}


def _curves(recipe: str) -> list[list[float]]:
    stems = sorted(stem for stem in runs.names("alexnet") if stem.rpartition("-")[0] == recipe)
    return [runs.read("alexnet", stem)["curves"]["train_error"] for stem in stems]


def _arrival(errors: list[float]) -> float:
    """The epoch, counted from 1 and in parts, at which ``errors`` come down to the target."""
    after = next(place for place, error in enumerate(errors) if error <= TARGET)
    before = errors[after - 1] if after else 1.0
    return after + (before - TARGET) / (before - errors[after])


def changes() -> dict[str, seeds.Summary]:
    """By how much each change of a part moves the test error, seed by seed: mean and 95 % t-interval over the seeds."""
    return {part: difference("alexnet", BASE, recipe) for part, (recipe, _) in CHANGES.items()}


def difference(system: str, base: str, recipe: str, split: str = "test") -> seeds.Summary:
    """The error of ``recipe`` less that of ``base``, seed by seed: mean and 95 % t-interval over the seeds."""
    before, after = (seeds.summary(system, name, "error", split).values for name in (base, recipe))
    moved = tuple(error - first for first, error in zip(before, after, strict=True))
    return seeds.Summary(*stats.mean_interval(moved), moved)


@recorded("alexnet")
def baselines(*, device: str) -> Result:
    """Errors of :func:`bare_pixels` on the same images as the network's."""
    return bare_pixels(data.split().cifar[:3], lambda images: data.planes(images) - 0.5, device)


def bare_pixels(parts: Sequence[Labelled], prepare: Callable[[Tensor], Tensor], device: str) -> Result:
    """Test errors, as :class:`Measured`, of two classifiers of bare pixels: ``nearest``, the nearest training image's
    label, and ``linear``, a softmax whose weight decay is chosen on the validation images.

    ``parts`` are training, validation and test images; ``prepare(images)`` gives the pixels (N, ...) that they compare.
    """
    images = [prepare(part.images).flatten(1).to(device) for part in parts]
    labels = [part.labels.to(device) for part in parts]
    nearest = labels[0][torch.cat([torch.cdist(some, images[0]).argmin(1) for some in images[2].split(100)])]
    fitted = [_softmax(images[0], labels[0], decay) for decay in _DECAYS]
    held = [published.mistakes((images[1] @ one[0] + one[1]).argmax(1), labels[1]).value for one in fitted]
    weight, bias = fitted[held.index(min(held))]
    answers = {"nearest": nearest, "linear": (images[2] @ weight + bias).argmax(1)}
    return {name: published.mistakes(answer, labels[2])._asdict() for name, answer in answers.items()}


def _softmax(x: Tensor, labels: Tensor, decay: float, steps: int = 40) -> tuple[Tensor, Tensor]:
    """Weights (D, 10) and bias (10,) that fit labels to x (N, D), by L-BFGS."""
    weight = torch.zeros(x.shape[1], 10, device=x.device, requires_grad=True)
    bias = torch.zeros(10, device=x.device, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=steps, history_size=10, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(x @ weight + bias, labels) + decay * weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)  # type: ignore[arg-type]
    return weight.detach(), bias.detach()


PICTURES = 1_200_000
"""Training pictures of 2012, as the paper rounds them."""
DAYS = 5.5
"""Of training on two GPUs: the paper says five to six."""


@recorded("alexnet")
def cost(batch_size: int = 64, steps: int = 3, *, device: str) -> Result:
    """What AlexNet's training takes: operations, the rate that two GPUs of 2012 reached, and that of ``device``.

    A multiply-add is two operations, and a pass back costs twice a pass forward. The rate here is that of whole steps
    (forward, back, update) on random pictures that already lie on the device, after one that warms up. On a CPU it is
    one thread's, and its seconds are those in which it worked: other work on the machine does not count.
    """
    seen = PICTURES * int(SCHEDULE["epochs"])
    operations = 2 * 3 * table()[-1].multiply_adds
    there, here = seen / (DAYS * 86_400), _rate(batch_size, steps, device)
    return {
        "pictures seen": seen,
        "operations a picture": operations,
        "operations in all": operations * seen,
        "pictures a second, 2012": there,
        "operations a second, 2012": there * operations,
        "pictures a second, here": here,
        "days, here": seen / here / 86_400,
        "times as fast as here, 2012": there / here,
    }


def _rate(batch_size: int, steps: int, device: str) -> float:
    """Pictures a second that training steps of AlexNet take in."""
    model = AlexNet().to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    x = torch.randn(batch_size, 3, CROP, CROP, device=device)
    labels = torch.randint(CLASSES, (batch_size,), device=device)
    threads, started = torch.get_num_threads(), 0.0
    torch.set_num_threads(1)
    for step in range(steps + 1):
        if step == 1:
            started = _seconds(device)
        optimizer.zero_grad()
        F.cross_entropy(model(x), labels).backward()
        optimizer.step()
    seconds = _seconds(device) - started
    torch.set_num_threads(threads)
    return batch_size * steps / seconds


def _seconds(device: str) -> float:
    """A clock: of the processor's work, or of the day once a GPU has done all that it was asked for."""
    if device == "cpu":
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()

"""Measurements beyond the test accuracy: where heads look, when to ask a person, what other readers make of the digits.

Those that are recorded are loaded if they are stored for this code and these weights, else computed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets import lenet
from convnets.common import published, seeds, stats
from convnets.common.recorded import recorded
from convnets.housenumbers import data, nets, world
from convnets.housenumbers.model import log_probabilities
from convnets.lenet import data as handwriting

__all__ = ["PATCH", "STEP", "by_length", "coverage", "evidence", "looks", "mistakes", "rivals", "worth"]

Result = dict[str, Any]

PATCH, STEP = 8, 4
"""Pixels a side of a patch that is covered, and from one patch to the next."""
SHOWN = ("1962", "418", "52", "7")
"""Drawn numbers that :func:`looks` shows, and the seeds of their looks."""
_SEEDS = (3, 8, 5, 11)
_FIELD = 32  # pixels a side that LeNet-5 sees
_BOX, _CONTRAST = 28, 3  # pixels a side of what it gets, and by how much differences are stretched
_DECAYS = (3e-4, 3e-3, 3e-2)
_POINTS = 100  # of a curve


@torch.inference_mode()
def evidence(model: nn.Module, image: Tensor) -> Tensor:
    """By how much covering a patch of ``image`` (1, 32, 64) lowers log P of each head's own answer: (6, 7, 15).

    The patch gets the image's mean grey. Heads: the length, then the digits; places: :data:`STEP` pixels apart.
    """
    height, width = image.shape[1:]
    places = [(y, x) for y in range(0, height - PATCH + 1, STEP) for x in range(0, width - PATCH + 1, STEP)]
    covered = image.expand(len(places) + 1, -1, -1, -1).clone()
    for one, (y, x) in zip(covered[1:], places, strict=True):
        one[:, y : y + PATCH, x : x + PATCH] = image.mean()
    length, digits = log_probabilities(model.eval()(covered))
    falls = [_falls(length), *(_falls(digits[:, place]) for place in range(digits.shape[1]))]
    return torch.stack(falls).unflatten(1, ((height - PATCH) // STEP + 1, -1))


def _falls(logs: Tensor) -> Tensor:
    """How far the likeliest class of row 0 of (1 + N, classes) falls in each of the others: (N,)."""
    best = int(logs[0].argmax())
    return logs[0, best] - logs[1:, best]


@recorded("housenumbers")
def looks(net: str = "reader", *, device: str) -> Result:
    """Drawn numbers, what ``net`` reads in them, and :func:`evidence` of every head."""
    model, found = nets.load(net).to(device), []
    for text, seed in zip(SHOWN, _SEEDS, strict=True):
        picture = torch.from_numpy(data.framed(world.number(np.random.default_rng(seed), text).picture))
        falls = evidence(model, nets.prepare(picture[None]).to(device)[0]).cpu()
        read = nets.read(model, picture[None]).numbers[0]
        rounded = [[[round(value, 3) for value in row] for row in head] for head in falls.tolist()]
        found.append({"picture": picture.tolist(), "number": text, "read": read, "falls": rounded})
    return {"numbers": found}


@recorded("housenumbers")
def coverage(net: str = "reader", *, device: str) -> Result:
    """How many numbers ``net`` can keep, and how many of these are right.

    ``curve``: [share kept, share right] on test numbers, the surest first, and ``kept`` where as many as
    :data:`nets.COVERED` are right. ``threshold``: the lowest confidence above which as many *validation* numbers are
    right; ``above`` and ``right``: the share of test numbers above it, and of right ones among them.
    """
    model = nets.load(net).to(device)
    (test, _), (validation, _) = _right(model, "test"), _right(model, "validation")
    order = test["confidence"].argsort(descending=True, stable=True)
    running = test["right"][order].double().cumsum(0) / torch.arange(1, len(order) + 1)
    places = torch.linspace(len(order) / _POINTS, len(order), _POINTS).long() - 1
    kept = nets.coverage(validation["right"], validation["confidence"])
    surest = validation["confidence"].sort(descending=True).values
    threshold = surest[max(0, round(kept * len(surest)) - 1)]
    above = test["confidence"] >= threshold
    return {
        "curve": [[round((place + 1) / len(order), 4), round(float(running[place]), 4)] for place in places.tolist()],
        "kept": nets.coverage(test["right"], test["confidence"]),
        "threshold": round(float(threshold), 4),
        "above": stats.share("above", int(above.sum()), len(above))._asdict(),
        "right": stats.share("right", int(test["right"][above].sum()), int(above.sum()))._asdict(),
    }


def _right(model: nn.Module, split: str) -> tuple[dict[str, Tensor], tuple[nets.Reading, Tensor]]:
    """Confidence and rightness of the numbers of ``split``, with what was read and the labels."""
    found = data.load(split)
    reading = nets.read(model, found.images)
    labels = [data.spoken(label) for label in found.labels]
    right = torch.tensor([text == label for text, label in zip(reading.numbers, labels, strict=True)])
    return {"confidence": reading.confidence, "right": right}, (reading, found.labels)


@recorded("housenumbers")
def mistakes(net: str = "reader", count: int = 12, *, device: str) -> Result:
    """The ``count`` surest mistakes of ``net`` on test numbers: their places, labels, answers, confidences."""
    told, (reading, labels) = _right(nets.load(net).to(device), "test")
    wrong = (~told["right"]).nonzero()[:, 0]
    wrong = wrong[told["confidence"][wrong].argsort(descending=True, stable=True)][:count]
    return {
        "index": wrong.tolist(),
        "number": [data.spoken(labels[place]) for place in wrong],
        "read": [reading.numbers[place] for place in wrong],
        "confidence": [round(float(told["confidence"][place]), 4) for place in wrong],
    }


@recorded("housenumbers")
def by_length(net: str = "reader", *, device: str) -> Result:
    """Test numbers by their length, the longest together: how many there are, and the share that is right."""
    told, (_, labels) = _right(nets.load(net).to(device), "test")
    found = {}
    for name, lengths in {"1": [1], "2": [2], "3": [3], "4, 5": [4, 5]}.items():
        there = torch.isin(labels[:, 0], torch.tensor(lengths))
        if there.any():
            part = stats.share("accuracy", int(told["right"][there].sum()), int(there.sum()))
            found[name] = part._asdict() | {"count": int(there.sum())}
    return found


@recorded("housenumbers")
def rivals(*, device: str) -> Result:
    """The share of test digits that others read: LeNet-5 of MNIST, and two classifiers of bare pixels.

    LeNet-5 gets each digit at 28 pixels with its contrast stretched, as ink on paper: what is less of it, light or
    dark, counts as ink. Size and contrast are those, of several, with which it reads most *validation* digits. The
    pixels' classifiers get digits without their mean and in units of their contrast: the nearest training digit, and a
    linear softmax whose weight decay validation digits choose.
    """
    parts = [data.load_digits(split) for split in ("train", "validation", "test")]
    labels = [part.labels.to(device) for part in parts]
    pixels = [_pixels(part.images).to(device) for part in parts]
    close = torch.cat([torch.cdist(some, pixels[0]).argmin(1) for some in pixels[2].split(100)])
    fitted = [_softmax(pixels[0], labels[0], decay) for decay in _DECAYS]
    held = [float(((pixels[1] @ weight).argmax(1) == labels[1]).double().mean()) for weight in fitted]
    answers = {
        "LeNet-5, from handwritten digits": _handwritten(parts[2].images, device),
        "a linear classifier": (pixels[2] @ fitted[held.index(max(held))]).argmax(1),
        "the nearest training digit": labels[0][close],
        "the network of 2012": nets.classes(nets.load("sermanet").to(device), parts[2].images),
        "the reader's head for single digits": nets.classes(nets.load("reader").to(device), parts[2].images),
    }
    count = len(labels[2])
    return {
        name: stats.share("accuracy", int((found.cpu() == labels[2].cpu()).sum()), count)._asdict()
        for name, found in answers.items()
    }


def _pixels(images: Tensor) -> Tensor:
    """(N, H, W) uint8 -> (N, H * W) without each one's mean, in units of its contrast."""
    x = images.flatten(1).float()
    x = x - x.mean(1, keepdim=True)
    return x / (x.square().mean(1, keepdim=True).sqrt() + 1)


def _handwritten(images: Tensor, device: str) -> Tensor:
    """What LeNet-5 reads in digits (N, 32, 32) uint8, made into ink on paper."""
    small = F.interpolate(images[:, None].float(), (_BOX, _BOX), mode="bilinear", antialias=True)
    low, high = (small.flatten(1).quantile(share, 1)[:, None, None, None] for share in (0.05, 0.95))
    light = ((small - low) / (high - low).clamp(min=1)).clamp(0, 1)
    ink = torch.where(light.mean((1, 2, 3), keepdim=True) < 0.5, light, 1 - light)
    ink = ((ink - 0.5) * _CONTRAST + 0.5).clamp(0, 1)
    digits = ink[:, 0].mul(255).round().byte()
    model = lenet.load("lenet5").to(device)
    return published.answers(model, digits, lambda batch: handwriting.prepare(batch, _FIELD), 500).argmax(1)


def _softmax(x: Tensor, labels: Tensor, decay: float, steps: int = 30) -> Tensor:
    """Weights (D, 10) that fit labels to x (N, D), by L-BFGS."""
    weight = torch.zeros(x.shape[1], 10, device=x.device, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight], max_iter=steps, history_size=10, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(x @ weight, labels) + decay * weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)  # type: ignore[arg-type]
    return weight.detach()


def worth() -> Result:
    """What drawn examples add to the test accuracy, in points: the mean over seeds, paired, and its 95 % interval."""
    found = {}
    for name, metric in {"single digits": "accuracy_single", "whole numbers": "accuracy"}.items():
        pairs = (seeds.summary("housenumbers", each, metric).values for each in ("reader", "reader-real"))
        gains = [100 * (with_ - without) for with_, without in zip(*pairs, strict=True)]
        mean, low, high = stats.mean_interval(gains)
        found[name] = {"mean": mean, "interval": [low, high], "gains": gains}
    return found

"""The published networks by name: load, read, evaluate."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from convnets.common import published, stats
from convnets.common.errors import ConvnetsError
from convnets.common.sets import Labelled
from convnets.housenumbers import data as street
from convnets.housenumbers import official, walls
from convnets.housenumbers.model import Answer, Reader, Sermanet, decode, log_probabilities

__all__ = [
    "COVERED", "NETS", "Reading", "answers", "classes", "coverage", "evaluate", "load", "measured_digits",
    "measured_numbers", "prepare", "read",
]  # fmt: skip

NETS: dict[str, Callable[..., nn.Module]] = {"reader": Reader, "sermanet": Sermanet}
"""The published networks by name, and what builds each."""
COVERED = 0.98
"""Accuracy at which coverage is measured: that of human operators, says section 1 of Goodfellow et al."""


class Reading(NamedTuple):
    """What a reader says of N pictures."""

    numbers: list[str]  # the likeliest; nothing where it sees none
    confidence: Tensor  # (N,) P(number | picture)
    lengths: Tensor  # (N,) the length head's likeliest
    digits: Tensor  # (N, 5) each digit head's likeliest


def prepare(images: Tensor) -> Tensor:
    """(N, H, W) uint8 -> (N, 1, H, W) from 0 to 1."""
    return images[:, None].float() / 255


@torch.inference_mode()
def answers(model: nn.Module, images: Tensor, batch_size: int = 250) -> Answer:
    """A reader's logits for uint8 ``images`` (N, 32, 64), on the CPU."""
    device = next(model.parameters()).device
    model.eval()
    found = [model(prepare(batch.to(device))) for batch in images.split(batch_size)]
    return Answer(*(torch.cat([getattr(one, name) for one in found]).cpu() for name in Answer._fields))


def read(model: nn.Module, images: Tensor) -> Reading:
    """The numbers that a reader sees in uint8 ``images`` (N, 32, 64)."""
    found = answers(model, images)
    texts, logs = decode(found)
    length, digits = log_probabilities(found)
    return Reading(texts, logs.exp(), length.argmax(1), digits.argmax(2))


def coverage(right: Tensor, confidence: Tensor, accuracy: float = COVERED) -> float:
    """The largest share of examples that can be kept, the most confident first, with ``accuracy`` among them."""
    order = confidence.argsort(descending=True, stable=True)
    share = right[order].double().cumsum(0) / torch.arange(1, len(right) + 1)
    enough = (share >= accuracy).nonzero()
    return float(enough.max() + 1) / len(right) if len(enough) else 0.0


def measured_numbers(reading: Reading, labels: Tensor, quick: bool = False) -> list[stats.Measured]:
    """``accuracy`` of whole numbers, of the length alone and digit by digit, and coverage at 98 % accuracy.

    A digit counts as right where its own head is right, whatever the length head says. ``quick``: the first alone.
    """
    right = torch.tensor([text == street.spoken(label) for text, label in zip(reading.numbers, labels, strict=True)])
    there = labels[:, 1:] >= 0
    hits = (reading.digits == labels[:, 1:])[there]
    found = [
        stats.share("accuracy", int(right.sum()), len(right)),
        stats.share("accuracy_length", int((reading.lengths == labels[:, 0]).sum()), len(labels)),
        stats.share("accuracy_digit", int(hits.sum()), len(hits)),
    ]
    if quick:
        return [found[0]]
    covered = coverage(right, reading.confidence)
    interval = stats.bootstrap(
        lambda drawn: coverage(right[torch.from_numpy(drawn)], reading.confidence[torch.from_numpy(drawn)]),
        np.arange(len(right)).tolist(),
        draws=200,
    )
    return [*found, stats.Measured("coverage_98", covered, interval, tolerance=0.02)]


def measured_digits(found: Tensor, labels: Tensor) -> list[stats.Measured]:
    """``accuracy`` and ``error`` of the classes ``found`` (N,) of single digits."""
    hits = int((found == labels).sum())
    return [stats.share("accuracy", hits, len(labels)), stats.share("error", len(labels) - hits, len(labels))]


@torch.inference_mode()
def classes(model: nn.Module, images: Tensor, batch_size: int = 250) -> Tensor:
    """The class (N,) of uint8 digits (N, 32, 32), by a reader's head for single digits or by another network."""
    answer = model.eval().single if isinstance(model, Reader) else model.eval()
    device = next(model.parameters()).device
    return torch.cat([answer(prepare(batch.to(device))).argmax(1).cpu() for batch in images.split(batch_size)])


def load(net: str = "reader") -> nn.Module:
    """The published network ``net``, with its weights, ready to read.

    Raises:
        ConvnetsError: unknown name, or weights that are missing or damaged.
    """
    return published.load("housenumbers", NETS, net)


def evaluate(net: str = "reader", data: str | None = None, split: str = "test", device: str = "cpu") -> dict[str, Any]:
    """Measure the published ``net`` on the folder ``data``, our sheets or SVHN's own files: the contract's dictionary.

    ``split`` is ``test``, or ``all`` for everything. ``accuracy_none`` is measured on the test's pictures without a
    number, where they are at hand.

    Raises:
        ConvnetsError: unknown net or split, missing or damaged data.
    """
    model = load(net).to(device)
    whole, single = _examples(True, split, data), _examples(False, split, data)
    measured = measured_digits(classes(model, single.images), single.labels)
    if net != "reader":
        return published.contract("housenumbers", net, single.on, measured, device)
    found = measured_numbers(read(model, whole.images), whole.labels)
    found.append(measured[0]._replace(name="accuracy_single"))
    if split == "test" and (empty := _walls(data)) is not None:
        right = sum(not text for text in read(model, empty.images).numbers)
        found.append(stats.share("accuracy_none", right, len(empty.labels)))
    return published.contract("housenumbers", net, whole.on, found, device)


def _examples(whole: bool, split: str, folder: str | None) -> published.Examples:
    """Numbers, or digits; of ours, those that were kept for validation were not learned from."""
    if official.is_here(folder):
        return published.examples(official.NAME, partial(official.load, whole), lambda _: 0, split, folder)
    of, kept = street.load if whole else street.load_digits, 0

    def part(name: str, folder: str | None) -> Labelled:
        nonlocal kept
        if name == "test":
            return of("test", folder)
        train, validation = of("train", folder), of("validation", folder)
        kept = len(validation.labels)
        both = [torch.cat(pair) for pair in zip(train[:2], validation[:2], strict=True)]
        return Labelled(both[0], both[1], train.digest_known and validation.digest_known)

    return published.examples(street.NAME, part, lambda _: kept, split, folder)


def _walls(folder: str | None) -> Labelled | None:
    try:
        return walls.load("test", folder)
    except ConvnetsError:
        return None

"""What chance does to a batch of ImageNet's pictures: crops, reflections, colours, and which units speak.

Krizhevsky and others, 2012, sections 4.1 and 4.2. Colour noise is along the principal directions of training pixels.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from convnets.alexnet.data import NOISE, Colours, planes
from convnets.alexnet.pictures import SIDE, Found, Pictures, together
from convnets.common import training
from convnets.common.errors import ConvnetsError

__all__ = ["Draws", "Pixels", "augment", "draw", "pixels", "whole"]

MEASURED_PICTURES = 1000  # that the mean colour and the directions are taken from


class Pixels(NamedTuple):
    """What is known of the training pixels, from 0 to 1."""

    mean: Tensor  # (3,)
    of: Colours


def pixels(found: Found, count: int = MEASURED_PICTURES) -> Pixels:
    """Mean and principal directions of the colours in ``count`` evenly spaced pictures.

    Raises:
        ConvnetsError: a picture cannot be read.
    """
    total, products, seen = torch.zeros(3).double(), torch.zeros(3, 3).double(), 0
    pictures = Pictures(found)
    chosen = torch.linspace(0, len(pictures) - 1, min(count, len(pictures))).round().int().unique().tolist()
    for index in chosen:
        held = whole(together([pictures[index]]))[0].reshape(-1, 3).double() / 255
        total, products, seen = total + held.sum(0), products + held.T @ held, seen + len(held)
    mean = total / seen
    variances, vectors = torch.linalg.eigh(products / seen - mean[:, None] * mean)
    return Pixels(mean.float(), Colours(vectors.T.flip(0).float(), variances.flip(0).clamp(min=0).float()))


class Draws(NamedTuple):
    """What chance decides of a batch of N pictures."""

    tops: Tensor  # (N,) first row of each crop
    lefts: Tensor  # (N,)
    turned: Tensor  # (N,) whether it is reflected
    colour: Tensor  # (N, 3) multiples of the principal directions
    kept: tuple[Tensor, Tensor]  # two of (N, dense): the hidden units that speak

    def part(self, first: int, last: int) -> Draws:
        """Those of some of the pictures."""
        some = slice(first, last)
        kept = self.kept[0][some], self.kept[1][some]
        return Draws(self.tops[some], self.lefts[some], self.turned[some], self.colour[some], kept)


def draw(count: int, step: int, seed: int, crop: int, dense: int) -> Draws:
    """What chance decides of the ``count`` pictures of one step: the same on any number of processes.

    Crops are ``crop`` pixels wide, hidden dense layers have ``dense`` units.
    """
    generator, room = training.generator(seed + 1, step), SIDE - crop + 1
    tops, lefts = torch.randint(0, room, (2, count), generator=generator)
    turned = torch.rand(count, generator=generator) < 0.5
    colour = NOISE * torch.randn(count, 3, generator=generator)
    kept = torch.rand(2, count, dense, generator=generator) < 0.5
    return Draws(tops, lefts, turned, colour, (kept[0], kept[1]))


def augment(pictures: Tensor, draws: Draws, of: Pixels, side: int) -> Tensor:
    """Crops (N, 3, side, side) of bytes (N, 256, 256, 3): grey levels minus the mean, with colour noise."""
    steps = torch.arange(side, device=pictures.device)
    tops, lefts, turned, colour = (one.to(pictures.device) for one in draws[:4])
    rows = tops[:, None] + steps
    columns = lefts[:, None] + torch.where(turned[:, None], side - 1 - steps, steps)
    window = pictures[torch.arange(len(pictures))[:, None, None], rows[:, :, None], columns[:, None, :]]
    shift = (colour * of.of.variances.to(colour)) @ of.of.directions.to(colour) - of.mean.to(colour)
    return 255 * (planes(window) + shift[:, :, None, None])


def whole(batch: tuple[Tensor, Tensor] | str) -> tuple[Tensor, Tensor]:
    """A batch whose pictures could all be read.

    Raises:
        ConvnetsError: it is the sentence that says which could not.
    """
    if isinstance(batch, str):
        raise ConvnetsError(batch)
    return batch

"""The chapter's figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from convnets.common.plot import MUTED, figure, image_grid
from convnets.housenumbers import data
from convnets.housenumbers.model import Housenumbers
from convnets.housenumbers.nets import error

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["kernels", "noise", "samples"]

LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def samples(count: int = 6) -> Figure:
    """Test images, in their order, with their classes."""
    test = data.load("test")
    return image_grid(
        [image.numpy() for image in test.images[:count]],
        columns=count,
        titles=[data.CLASSES[label] for label in test.labels[:count].tolist()],
        size=1.1,
    )


def kernels(model: Housenumbers) -> Figure:
    """What each map looks for, on one scale: orange negative, violet positive."""
    weights = model.look.weight.detach()[:, 0]
    return image_grid([*weights.numpy()], columns=len(weights), limit=float(weights.abs().max()), size=1.1)


def noise(model: nn.Module, count: int = 1000) -> Figure:
    """The share of errors on bars on ever noisier paper."""
    found = [100 * error(model, data.draw(count, seed=3, noise=level)) for level in LEVELS]
    result, axes = figure(width=5.0, height=2.6)
    axes.plot(LEVELS, found, marker="o")
    axes.axvline(data.NOISE, color=MUTED, linestyle=":")
    axes.set(xlabel="noise", ylabel="error, %", ylim=(0, None))
    return result

"""The published networks by name: load, tell classes of pixels, evaluate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, nn

from convnets.common import published
from convnets.common.errors import ConvnetsError
from convnets.common.stats import Measured
from convnets.driving import measure, steering, streets
from convnets.driving.enet import ENet
from convnets.driving.model import Small
from convnets.driving.pilot import Pilot
from convnets.driving.streets import Streets

__all__ = ["BUILDERS", "NETS", "STEPS", "classes", "evaluate", "kind_of", "load", "on_roads", "on_streets", "strange"]

BUILDERS: dict[str, Callable[[], nn.Module]] = {"small": Small, "enet": ENet, "pilot": Pilot, "pilot-centre": Pilot}
"""What builds each network; the last one learns from the middle camera alone."""
NETS = {name: BUILDERS[name] for name in ("small", "pilot", "pilot-centre")}
"""The published ones: of streets, and two that steer."""
STEPS = {"small": 2, "enet": 1}
"""Pixels a side that one of the scores stands for which the loss compares."""
_BATCH = 8


def kind_of(net: str) -> str:
    """What ``net`` learns from: ``street`` or ``pilot``."""
    return "pilot" if net.startswith("pilot") else "street"


@torch.inference_mode()
def classes(model: nn.Module, images: Tensor) -> Tensor:
    """The class of each pixel of photographs (N, 3, H, W) uint8, of any size, as ``model`` sees it: (N, H, W) uint8.

    Raises:
        ConvnetsError: the pictures have another form.
    """
    if images.ndim != 4 or images.shape[1] != 3 or images.dtype != torch.uint8 or not images.numel():
        raise ConvnetsError(
            f"Pictures of shape {tuple(images.shape)} and type {images.dtype} cannot be told apart into classes: give "
            "coloured ones, (N, 3, height, width), uint8."
        )
    model.eval()
    device = next(model.parameters()).device
    parts = images.split(_BATCH)
    return torch.cat([model(part.to(device).float() / 255).argmax(1).byte().cpu() for part in parts])


def on_streets(model: nn.Module, part: Streets) -> list[Measured]:
    """What is measured of ``model`` on photographs with labels."""
    return measure.of_streets(measure.tables(classes(model, part.images), part.labels), part.blocks)


def on_roads(model: Pilot, split: str) -> list[Measured]:
    """What is measured of a ``model`` that steers, on the roads of ``split``: it really drives them."""
    seeds = range(steering.SEEDS[split], steering.SEEDS[split] + steering.ROADS[split])
    driver, seconds = steering.seeing(model), 60 * steering.MINUTES[split]
    calm, windy = (steering.drive(driver, seeds, seconds, gust=gust) for gust in (0.0, steering.GUST))
    return [*steering.measured(calm), *steering.measured(windy, "_gusts")]


def strange(image: Tensor) -> str | None:
    """Why a picture (3, H, W) uint8 is of another kind than the training photographs; None where nothing says so.

    Mean and spread of its greys, and how light its upper third is against its lower one, are compared with those of
    training photographs. That finds some pictures of something else, and never proves that one shows a street.
    """
    grey = image.float().mean(0)
    mean, spread, third = float(grey.mean()), float(grey.std()), max(1, len(grey) // 3)
    lighter = float(grey[:third].mean() - grey[-third:].mean())
    for what, value, (low, high) in zip(
        ("mean grey", "spread of greys", "top against bottom"), (mean, spread, lighter), _USUAL, strict=True
    ):
        if not low <= value <= high:
            return f"its {what} is {value:.0f}, where training photographs have {low} to {high}"
    return None


_USUAL = ((40, 180), (38, 95), (5, 170))


def load(net: str = "small") -> nn.Module:
    """The published network ``net``, with its weights, ready to answer.

    Raises:
        ConvnetsError: unknown name, or weights that are missing or damaged.
    """
    return published.load("driving", NETS, net)


def evaluate(net: str = "small", data: str | None = None, split: str = "test", device: str = "cpu") -> dict[str, Any]:
    """Measure the published ``net`` on the folder ``data``: the evaluation contract's dictionary.

    A network that steers drives the test roads of the road world, which needs no folder.

    Raises:
        ConvnetsError: unknown net or split, missing or damaged data, nothing to measure.
    """
    model = load(net).to(device)
    names = published.splits(split)
    if kind_of(net) == "pilot":
        count = steering.ROADS["test"]
        return published.contract(
            "driving",
            net,
            published.On(steering.NAME, "test", count, 0, True),
            on_roads(cast(Pilot, model), "test"),
            device,
        )
    parts = [streets.load(name, data) for name in names]
    images, labels = torch.cat([part.images for part in parts]), torch.cat([part.labels for part in parts])
    known = all(part.digest_known for part in parts)
    both = Streets(images, labels, tuple(name for part in parts for name in part.names), known)
    seen = len(parts[0].names) if len(parts) > 1 and parts[0].digest_known else 0
    on = published.On(streets.NAME, split, len(both.names), seen, both.digest_known)
    return published.contract("driving", net, on, on_streets(model, both), device)

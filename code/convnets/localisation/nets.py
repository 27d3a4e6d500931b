"""The published networks by name: load, localise, evaluate."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from convnets.common import published, runs, stats
from convnets.common.errors import ConvnetsError
from convnets.localisation import cells, data, maps, measure, merge
from convnets.localisation.measure import Answers
from convnets.localisation.merge import Windows
from convnets.localisation.model import CELL_WIDTHS, NARROW_WIDTHS, Cam, OverFeat
from convnets.localisation.world import NOTHING, SIDE, Scenes

__all__ = [
    "NETS", "SIDES", "THRESHOLDS", "answers", "chosen", "evaluate", "heats", "load", "localise", "measured",
    "middle", "scores",
    "set_of", "threshold", "windows",
]  # fmt: skip

NETS: dict[str, Callable[[], nn.Module]] = {
    "overfeat": OverFeat,
    "cam": Cam,
    "cells": partial(OverFeat, 2, CELL_WIDTHS, 64),
    "habitat": partial(Cam, widths=NARROW_WIDTHS),
    "shuffled": partial(Cam, widths=NARROW_WIDTHS),
}
"""The published networks by name, and what builds each; the last two learned what misleads a map."""
SIDES = {
    "overfeat": ((48, 48), (64, 64), (80, 80)),
    "cells": ((48, 64), (60, 80), (72, 96)),
}
"""The sizes, rows and columns, at which a network looks at a picture."""
THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 19))
"""Shares of a map's maximum that are tried."""
_BATCH = 100


def set_of(net: str) -> str:
    """What ``net`` looks at: ``cells`` or ``world``."""
    return "cells" if net == "cells" else "world"


@torch.inference_mode()
def windows(model: nn.Module, images: Tensor, sides: tuple[tuple[int, int], ...]) -> Windows:
    """What an :class:`OverFeat` says of all windows of ``images`` (N, 3, H, W) uint8 at all ``sides``."""
    device = next(model.parameters()).device
    found = [merge.look(model.eval(), data.prepare(part.to(device)), sides) for part in images.split(_BATCH)]
    return Windows(*(torch.cat(parts) for parts in zip(*found, strict=True)))


@torch.inference_mode()
def scores(model: Any, images: Tensor) -> tuple[Tensor, Tensor]:
    """Scores (N, K) and class activation maps (N, K, h, w) of a :class:`Cam` for ``images`` (N, 3, H, W) uint8."""
    device, found = next(model.parameters()).device, []
    for part in images.split(_BATCH):
        features = model.eval().features(data.prepare(part.to(device)))
        found.append((model.head(features).cpu(), model.activation(features).cpu()))
    return torch.cat([one for one, _ in found]), torch.cat([other for _, other in found])


def heats(model: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
    """Maps of ``classes`` (N,), as large as the ``images`` (N, 3, H, W): (N, H, W)."""
    return maps.heat(maps.of_class(scores(model, images)[1], classes), *images.shape[2:])


def answers(model: nn.Module, images: Tensor, labels: Tensor, threshold: float = maps.ZHOU) -> Answers:
    """What ``model`` says of ``images`` (N, 3, H, W) uint8, whose classes (N,) it is told for one of its boxes.

    A map points to its highest pixel, a box that was learned to its middle.
    """
    height, width = images.shape[2:]
    if isinstance(model, OverFeat):
        sides = SIDES["cells"] if model.classes.out_channels == 2 else SIDES["overfeat"]
        found = merge.locate(windows(model, images, sides), height, width)
        middles = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
        return Answers(found.classes, found.boxes, found.boxes, middles)
    logits, every = scores(model, images)
    guesses = logits.argmax(1)
    shown = torch.where(labels == NOTHING, logits[:, :NOTHING].argmax(1), labels)  # a map of nothing shows no thing
    known = maps.heat(maps.of_class(every, shown), height, width)
    own = maps.heat(maps.of_class(every, logits[:, :NOTHING].argmax(1)), height, width)
    return Answers(guesses, maps.box(own, threshold), maps.box(known, threshold), maps.point(known))


def localise(model: nn.Module, images: Tensor, threshold: float = maps.ZHOU) -> merge.Located:
    """The class and the box of the one thing in each of ``images`` (N, 3, H, W) uint8, by either kind of network.

    ``threshold`` is for maps: the share of their maximum that a box is drawn around.

    Raises:
        ConvnetsError: the images have another form.
    """
    if images.ndim != 4 or images.shape[1] != 3 or images.dtype != torch.uint8 or not len(images):
        raise ConvnetsError(
            f"Pictures of shape {tuple(images.shape)} and type {images.dtype} cannot be looked at: give one or more, "
            "(N, 3, height, width), uint8."
        )
    if isinstance(model, OverFeat):
        sides = SIDES["cells"] if model.classes.out_channels == 2 else SIDES["overfeat"]
        return merge.locate(windows(model, images, sides), *images.shape[2:])
    logits, every = scores(model, images)
    best = logits[:, :NOTHING].argmax(1)
    boxes = maps.box(maps.heat(maps.of_class(every, best), *images.shape[2:]), threshold)
    return merge.Located(logits.argmax(1), 1 - logits.softmax(1)[:, NOTHING], boxes)


def chosen(model: nn.Module, scenes: Scenes) -> float:
    """The threshold under which the maps of ``model`` give most right boxes, of :data:`THRESHOLDS`; the class told."""
    shown = scenes.take(scenes.boxes.any(1).nonzero()[:, 0])
    heat = heats(model, shown.images, shown.labels)
    right = [measure.localised(maps.box(heat, each), shown.boxes).sum() for each in THRESHOLDS]
    return THRESHOLDS[int(torch.stack(right).argmax())]


def threshold(net: str = "cam") -> float:
    """The one of the published ``net``, chosen on validation pictures when it was trained.

    Raises:
        ConvnetsError: it has none, or is not published.
    """
    return _recorded(net, "threshold")


def middle(net: str = "overfeat") -> Tensor:
    """The centred box (4,) in pixels that gets most validation pictures of what ``net`` looks at; errors as above."""
    width, height = _recorded(net, "centred_width"), _recorded(net, "centred_height")
    across, down = (cells.WIDTH, cells.HEIGHT) if set_of(net) == "cells" else (SIDE, SIDE)
    return torch.tensor([across - width, down - height, across + width, down + height]) / 2


def _recorded(net: str, name: str) -> float:
    record = runs.published("localisation", net) or {}
    found = record.get("metrics", {}).get("validation", {}).get(name)
    if found is None:
        raise ConvnetsError(f"No {name} is recorded of the network {net!r}: choose one that has it, such as `cam`.")
    return float(found)


def measured(model: nn.Module, scenes: Scenes, centred: Tensor, threshold: float = maps.ZHOU) -> list[stats.Measured]:
    """The metrics of ``model`` on ``scenes``, and of the box ``centred`` (4,) that never looks."""
    found = answers(model, scenes.images, scenes.labels, threshold)
    return measure.measured(found, scenes.labels, scenes.boxes, scenes.masks, centred)


def load(net: str = "overfeat") -> nn.Module:
    """The published network ``net``, with its weights, ready to localise.

    Raises:
        ConvnetsError: unknown name, or weights that are missing or damaged.
    """
    return published.load("localisation", NETS, net)


def evaluate(
    net: str = "overfeat", data: str | None = None, split: str = "test", device: str = "cpu"
) -> dict[str, Any]:
    """Measure the published ``net`` on the folder ``data``: the evaluation contract's dictionary.

    The world's pictures are made of the photographs in the folder. ``all`` adds those that validation is made of, which
    no network has learned from.

    Raises:
        ConvnetsError: unknown net or split, no picture that shows a thing, missing or damaged data.
    """
    model = load(net).to(device)
    of = _cells if set_of(net) == "cells" else _world
    names = ["validation", "test"] if len(published.splits(split)) > 1 else ["test"]
    parts, known, name = of(names, data)
    scenes = Scenes(*(torch.cat(pair) for pair in zip(*parts, strict=True)))
    on = published.On(name, split, len(scenes.labels), 0, known)
    share = threshold(net) if isinstance(model, Cam) else maps.ZHOU
    return published.contract("localisation", net, on, measured(model, scenes, middle(net), share), device)


def _world(names: list[str], folder: str | None) -> tuple[list[Scenes], bool, str]:
    sets = data.Sets(folder)
    return [getattr(sets, name) for name in names], all(sets.things[name].digest_known for name in names), data.NAME


def _cells(names: list[str], folder: str | None) -> tuple[list[Scenes], bool, str]:
    parts = [cells.load(name, folder) for name in names]
    return [part.scenes for part in parts], all(part.digest_known for part in parts), cells.NAME

"""Measurements beyond the test: rivals, thresholds, sizes, what a map says of a network that has learned nothing.

Those that are recorded are loaded if they are stored for this code and these weights, else computed.

The sanity checks are those of Adebayo, Gilmer, Muelly, Goodfellow, Hardt, Kim, "Sanity checks for saliency maps",
NeurIPS 2018: weights replaced by random ones from the last layer down (cascading), and a network that learned labels
without sense. Maps are compared by the ranks of their 16x16 values (Spearman).
"""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.common import stats
from convnets.common.boxes import clipped, overlap
from convnets.common.recorded import recorded
from convnets.localisation import cells as white
from convnets.localisation import data, maps, measure, merge, nets, photographs, train, world
from convnets.localisation.measure import hits, localised
from convnets.localisation.model import CAM_WIDTHS
from convnets.localisation.nets import THRESHOLDS
from convnets.localisation.world import Scenes

__all__ = [
    "EDGES", "by_size", "cells", "centred", "habitat", "mistakes", "overlaps", "rank_correlation", "randomised",
    "rivals", "sanity", "thresholds",
]  # fmt: skip

Result = dict[str, Any]

EDGES = (24, 31, 39, 48)
"""Longer sides, pixels, between which things are counted together."""


def _shown(scenes: Scenes) -> Scenes:
    """The pictures that show a thing."""
    return scenes.take(scenes.boxes.any(1).nonzero()[:, 0])


def _share(right: Tensor) -> Result:
    found = stats.share("share", int(right.sum()), len(right))
    return {"value": round(found.value, 4), "interval": [round(end, 4) for end in found.interval or ()]}


def _mean(values: Tensor) -> Result:
    held = values.double().numpy()
    low, high = stats.bootstrap(lambda drawn: float(held[drawn].mean()), range(len(held)), draws=500)
    return {"value": round(float(held.mean()), 4), "interval": [round(low, 4), round(high, 4)]}


def _judged(boxes: Tensor, points: Tensor, scenes: Scenes) -> Result:
    return {
        "accuracy_box": _share(localised(boxes, scenes.boxes)),
        "iou": _mean(overlap(boxes, scenes.boxes)),
        "accuracy_pointing": _share(hits(points, scenes.masks)),
    }


# Rivals


@recorded("localisation")
def rivals(*, device: str) -> Result:
    """Boxes of the world's test things by several means, the class told: right at half, mean overlap, pointing."""
    held, test = _shown(data.load("validation")), _shown(data.load("test"))
    middle = nets.middle().expand(len(test.labels), 4)
    model = nets.load("overfeat").to(device)
    seen = nets.windows(model, test.images, nets.SIDES["overfeat"])
    whole = merge.locate(seen, world.SIDE, world.SIDE).boxes
    best = seen.sure.argmax(1)
    alone = clipped(seen.boxes[torch.arange(len(best)), best], world.SIDE, world.SIDE)
    heat = nets.heats(nets.load("cam").to(device), test.images, test.labels)
    edges = {name: _edges(part.images) for name, part in {"validation": held, "test": test}.items()}
    shares = [localised(maps.box(edges["validation"], each), held.boxes).double().mean() for each in THRESHOLDS]
    drawn = maps.box(edges["test"], THRESHOLDS[int(torch.stack(shares).argmax())])
    return {
        "OverFeat, 35 windows merged": _judged(whole, _middles(whole), test),
        "OverFeat, the surest window": _judged(alone, _middles(alone), test),
        "CAM": _judged(maps.box(heat, nets.threshold("cam")), maps.point(heat), test),
        "edges instead of a map": _judged(drawn, maps.point(edges["test"]), test),
        "the centred box": _judged(middle, _middles(middle), test),
    }


def _middles(boxes: Tensor) -> Tensor:
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def _edges(images: Tensor) -> Tensor:
    """How much grey changes around each pixel of ``images`` (N, 3, H, W) uint8: slopes, smoothed over 9 pixels."""
    grey = images.float().mean(1, keepdim=True)
    padded = F.pad(grey, (1, 1, 1, 1), mode="replicate")
    across, down = padded[:, :, 1:-1, 2:] - padded[:, :, 1:-1, :-2], padded[:, :, 2:, 1:-1] - padded[:, :, :-2, 1:-1]
    return F.avg_pool2d(F.pad(torch.hypot(across, down), (4, 4, 4, 4), mode="reflect"), 9, 1)[:, 0]


@recorded("localisation")
def thresholds(net: str = "cam", *, device: str) -> Result:
    """Boxes of ``net`` at each share of the map's maximum, on validation and on test things, the class told."""
    model, found = nets.load(net).to(device), {}
    middle = nets.middle(net)
    for name in ("validation", "test"):
        part = _shown(data.load(name))
        heat = nets.heats(model, part.images, part.labels)
        boxes = [maps.box(heat, each) for each in THRESHOLDS]
        found[name] = {
            "thresholds": list(THRESHOLDS),
            "cam": [round(float(localised(each, part.boxes).double().mean()), 4) for each in boxes],
            "iou": [round(float(overlap(each, part.boxes).mean()), 4) for each in boxes],
            "centred": round(float(localised(middle.expand_as(part.boxes), part.boxes).double().mean()), 4),
        }
    return found


@recorded("localisation")
def overlaps(*, device: str) -> Result:
    """How many test things a box overlaps by 0 to 0.1, 0.1 to 0.2 and so on: shares, by network."""
    test = _shown(data.load("test"))
    found = {}
    for net in ("overfeat", "cam"):
        known = _known(net, test, device)
        counts, _ = np.histogram(overlap(known, test.boxes).numpy(), bins=10, range=(0, 1))
        found[net] = [round(count / len(test.labels), 4) for count in counts.tolist()]
    return found


def _known(net: str, scenes: Scenes, device: str) -> Tensor:
    """Boxes of ``net`` that is told the classes."""
    share = nets.threshold(net) if net == "cam" else maps.ZHOU
    return nets.answers(nets.load(net).to(device), scenes.images, scenes.labels, share).known


@recorded("localisation")
def by_size(*, device: str) -> Result:
    """The share of test things that each network and the centred box get, by the longer side of the thing."""
    test, middle = _shown(data.load("test")), nets.middle()
    longer = (test.boxes[:, 2:] - test.boxes[:, :2]).max(1).values
    right = {net: localised(_known(net, test, device), test.boxes) for net in ("overfeat", "cam")} | {
        "centred": localised(middle.expand_as(test.boxes), test.boxes)
    }
    places = torch.bucketize(longer, torch.tensor(EDGES[1:-1], dtype=torch.float32), right=True)
    groups = [places == group for group in range(len(EDGES) - 1)]
    found: Result = {"edges": list(EDGES), "count": [int(group.sum()) for group in groups]}
    return found | {
        name: [round(float(one[group].double().mean()), 4) if group.any() else None for group in groups]
        for name, one in right.items()
    }


@recorded("localisation")
def mistakes(net: str = "overfeat", count: int = 10, *, device: str) -> Result:
    """The surest wrong boxes of ``net`` on test things: their places, classes, answers, boxes, overlaps."""
    test = data.load("test")
    model = nets.load(net).to(device)
    known, found = _known(net, test, device), nets.localise(model, test.images)
    overlapped = overlap(known, test.boxes)
    wrong = (test.boxes.any(1) & ~localised(known, test.boxes)).nonzero()[:, 0]
    wrong = wrong[found.scores[wrong].argsort(descending=True, stable=True)][:count]
    return {
        "index": wrong.tolist(),
        "label": test.labels[wrong].tolist(),
        "answer": found.classes[wrong].tolist(),
        "box": [[round(end, 1) for end in known[place].tolist()] for place in wrong.tolist()],
        "truth": test.boxes[wrong].tolist(),
        "iou": [round(value, 3) for value in overlapped[wrong].tolist()],
    }


@recorded("localisation")
def centred(*, device: str) -> Result:
    """What the best centred box gets: of test things, white cells, and photographs of house numbers.

    It is chosen on validation pictures, the house numbers' on one half of them, by their file's order.
    """
    numbers = photographs.numbers()
    sets = {
        "the world": (_shown(data.load("validation")).boxes, _shown(data.load("test")).boxes, world.SIDE, world.SIDE),
        "white cells": (
            white.load("validation").scenes.boxes, white.load("test").scenes.boxes, white.HEIGHT, white.WIDTH
        ),
        "house numbers": (numbers[0::2], numbers[1::2], 1, 1),
    }  # fmt: skip
    found = {}
    for name, (chosen, tested, height, width) in sets.items():
        right = localised(measure.centred(chosen, height, width).expand_as(tested), tested)
        found[name] = _share(right) | {"count": len(tested)}
    return found


@recorded("localisation")
def cells(count: int = 8, *, device: str) -> Result:
    """The first test pictures of white cells as PNG in base64, the marked boxes and those of the network."""
    shown = white.load("test").scenes.take(torch.arange(count))
    boxes = nets.localise(nets.load("cells").to(device), shown.images).boxes
    return {
        "pictures": [_packed(image.permute(1, 2, 0).numpy()) for image in shown.images],
        "truth": [[round(end, 2) for end in box] for box in shown.boxes.tolist()],
        "box": [[round(end, 2) for end in box] for box in boxes.tolist()],
    }


def _packed(picture: np.ndarray) -> str:
    from PIL import Image

    content = io.BytesIO()
    Image.fromarray(picture).save(content, "png", optimize=True)
    return base64.b64encode(content.getvalue()).decode()


# What a map is worth


def rank_correlation(first: Tensor, second: Tensor) -> Tensor:
    """Spearman's, of each of N maps with its opposite: (N,). Equal values share their mean rank."""
    ranks = [_ranks(one.flatten(1)) for one in (first, second)]
    centred = [one - one.mean(1, keepdim=True) for one in ranks]
    spread = centred[0].norm(dim=1) * centred[1].norm(dim=1)
    return (centred[0] * centred[1]).sum(1) / spread.clamp(min=1e-12)


def _ranks(values: Tensor) -> Tensor:
    below = (values[:, :, None] > values[:, None, :]).sum(2)
    equal = (values[:, :, None] == values[:, None, :]).sum(2)
    return below.double() + (equal.double() + 1) / 2


def randomised(model: Any, layers: int) -> Any:
    """``model`` itself, the weights of its last ``layers`` drawn anew: first the linear layer, then convolutions."""
    parts: list[nn.Module] = [model.scores, *reversed(list(model.layers))][:layers]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2018)
        for part in parts:
            for inner in part.modules():
                if isinstance(inner, (nn.Linear, nn.Conv2d, nn.BatchNorm2d)):
                    inner.reset_parameters()
    return model


@recorded("localisation")
def sanity(count: int = 300, *, device: str) -> Result:
    """Maps of ``count`` test things as ever more of the network is random, and of one that learned random labels."""
    test = _shown(data.load("test")).take(torch.arange(count))

    def of(model: nn.Module) -> Tensor:
        return maps.of_class(nets.scores(model, test.images)[1], test.labels)

    true = of(nets.load("cam").to(device))
    stages = ["trained", "scores", *(f"layer {layer}" for layer in range(len(CAM_WIDTHS), 0, -1))]
    found: Result = {"stages": stages, "correlation": [], "accuracy_box": [], "accuracy_pointing": []}
    for layers in range(len(stages)):
        told = _told(of(randomised(nets.load("cam"), layers).to(device)), true, test)
        for name, value in told.items():
            found[name].append(value)
    shuffled = nets.load("shuffled").to(device)
    given = train.shuffled_pictures(train.RECIPES["shuffled"], data.Sets())
    right = nets.scores(shuffled, given.images)[0].argmax(1) == given.labels
    return found | {
        "shuffled": {"train_accuracy": round(float(right.double().mean()), 4)} | _told(of(shuffled), true, test)
    }


def _told(own: Tensor, true: Tensor, scenes: Scenes) -> dict[str, float]:
    heat = maps.heat(own, world.SIDE)
    return {
        "correlation": round(float(rank_correlation(own, true).mean()), 4),
        "accuracy_box": round(float(localised(maps.box(heat, nets.threshold("cam")), scenes.boxes).double().mean()), 4),
        "accuracy_pointing": round(float(hits(maps.point(heat), scenes.masks).double().mean()), 4),
    }


@recorded("localisation")
def habitat(*, device: str) -> Result:
    """Things on the backgrounds of their own class, and of another: a usual classifier, and one that learned habitats.

    ``ground``: the share of the map's positive part that lies outside the thing.
    """
    things = data.things("test")
    elsewhere = (1 - things.labels).tolist()
    found: Result = {net: {} for net in ("cam", "habitat")}
    for name, homes in {"home": None, "elsewhere": elsewhere}.items():
        scenes = data.made(things, 1.0, homes)
        for net in found:
            logits, every = nets.scores(nets.load(net).to(device), scenes.images)
            heat = maps.heat(maps.of_class(every, scenes.labels), world.SIDE)
            positive = heat.clamp(min=0)
            outside = (positive * ~scenes.masks).sum((1, 2)) / positive.sum((1, 2)).clamp(min=1e-9)
            found[net][name] = {
                "accuracy": _share(logits.argmax(1) == scenes.labels),
                "accuracy_pointing": _share(hits(maps.point(heat), scenes.masks)),
                "ground": _mean(outside),
            }
    return found

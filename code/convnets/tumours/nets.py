"""The published networks by name: load, label pixels, evaluate."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from convnets.common import published, runs
from convnets.common.errors import ConvnetsError
from convnets.common.stats import Measured
from convnets.tumours import measure, membranes, phantom, tiles, ultrasound, warp
from convnets.tumours.membranes import Slices
from convnets.tumours.model import Unet
from convnets.tumours.ultrasound import NORMAL, Pictures

__all__ = [
    "BUILDERS", "INNER", "NETS", "TILE", "VIEWS", "evaluate", "kind_of", "load", "probability", "recorded", "strange",
]  # fmt: skip

TILE, INNER = 260, 172
"""Pixels a side of a piece that a network without padding looks at, and of its answer."""
VIEWS = 8
"""Turns and mirror images over which answers for membranes are averaged."""
_NARROW = (12, 24, 48, 64, 64)

BUILDERS: dict[str, Callable[[], Unet]] = {
    "isbi": partial(Unet, (12, 24, 48, 96), normalised=True, dropout=0.0),
    "busi": partial(Unet, _NARROW, padded=True, normalised=True, dropout=0.0),
    "busi-bare": partial(Unet, _NARROW, padded=True, normalised=True, dropout=0.0, skips=False),
    "phantom": partial(Unet, (8, 16, 32, 48), padded=True, normalised=True, dropout=0.0),
    "phantom-bare": partial(Unet, (8, 16, 32, 48), padded=True, normalised=True, dropout=0.0, skips=False),
}
"""What builds each network; what is bare hands nothing across."""
NETS = {name: BUILDERS[name] for name in ("isbi", "busi", "phantom")}
"""The published ones: of membranes, of ultrasound, of phantoms."""
_BATCH = 16


def kind_of(net: str) -> str:
    """What ``net`` looks at: ``isbi``, ``busi`` or ``phantom``."""
    return net.partition("-")[0]


@torch.inference_mode()
def probability(model: Unet, images: Tensor, views: int = 1) -> Tensor:
    """How sure ``model`` is that each pixel of ``images`` (N, H, W) uint8 is of its second class: (N, H, W).

    A picture of any size is answered: by tiles, or with mirrored edges. ``views``, 1 to 8: over how many turns and
    mirror images answers are averaged.

    Raises:
        ConvnetsError: the pictures have another form.
    """
    if images.ndim != 3 or images.dtype != torch.uint8 or not images.numel():
        raise ConvnetsError(
            f"Pictures of shape {tuple(images.shape)} and type {images.dtype} cannot be labelled: give grey ones, (N, "
            "height, width), uint8."
        )
    if not 1 <= views <= VIEWS:
        raise ConvnetsError(f"There are {VIEWS} turns and mirror images of a picture: {views} cannot be averaged.")
    device, found = next(model.parameters()).device, []
    for part in images.split(_BATCH):
        x = part.to(device)[:, None].float() / 255
        total = sum(warp.back(_answered(model.eval(), warp.turned(x, view)), view) for view in range(views))
        found.append((total / views)[:, 0].cpu())  # type: ignore[operator, index]
    return torch.cat(found)


def _answered(model: Unet, x: Tensor) -> Tensor:
    def sure(piece: Tensor) -> Tensor:
        return model(piece).softmax(1)[:, 1:2]

    if not model.padded:
        return tiles.laid(sure, x, TILE, INNER)
    step, (height, width) = 2**model.depth, x.shape[2:]
    return sure(tiles.mirrored(x, 0, -width % step, 0, -height % step))[:, :, :height, :width]


def strange(net: str, image: Tensor) -> str | None:
    """Why a grey ``image`` (H, W) uint8 is of another kind than what ``net`` learned from; None where nothing says so.

    Mean and spread of its greys are compared with those of the training pictures. That finds a photograph of something
    else often, and never proves that a picture is of the right kind.
    """
    (low, high), least = {"isbi": ((90, 160), 20), "busi": ((20, 130), 20), "phantom": ((50, 180), 15)}[kind_of(net)]
    mean, spread = float(image.float().mean()), float(image.float().std())
    if not low <= mean <= high:
        return f"its mean grey is {mean:.0f}, where training pictures have {low} to {high}"
    return f"its greys spread by {spread:.0f}, where training pictures have {least} or more" if spread < least else None


def load(net: str = "isbi") -> Unet:
    """The published network ``net``, with its weights, ready to answer.

    Raises:
        ConvnetsError: unknown name, or weights that are missing or damaged.
    """
    return published.load("tumours", NETS, net)


def recorded(net: str, name: str) -> float:
    """A number that was chosen when the published ``net`` was trained, such as its ``threshold``.

    Raises:
        ConvnetsError: no such number is recorded.
    """
    record = runs.published("tumours", net) or {}
    found = record.get("metrics", {}).get("validation", {}).get(name)
    if found is None:
        raise ConvnetsError(f"No {name} is recorded of the network {net!r}: choose `isbi`, for example.")
    return float(found)


def evaluate(net: str = "isbi", data: str | None = None, split: str = "test", device: str = "cpu") -> dict[str, Any]:
    """Measure the published ``net`` on the folder ``data``: the evaluation contract's dictionary.

    ``test`` of ultrasound is the fold that the published network has not learned from; phantoms need no folder.

    Raises:
        ConvnetsError: unknown net or split, missing or damaged data, nothing to measure.
    """
    model, kind = load(net).to(device), kind_of(net)
    whole = len(published.splits(split)) > 1
    on, found = {"isbi": _membranes, "busi": _ultrasound, "phantom": _phantoms}[kind](model, data, split, whole)
    return published.contract("tumours", net, on, found, device)


def _membranes(model: Unet, folder: str | None, split: str, whole: bool) -> tuple[published.On, list[Measured]]:
    found: Slices = membranes.everything(folder) if whole else membranes.load("test", folder)
    seen = sum(place in membranes.BLOCKS["train"] for place in found.places.tolist()) if found.digest_known else 0
    sure = probability(model, found.images, VIEWS)
    measured = measure.of_cells(sure, found.labels, recorded("isbi", "threshold"), recorded("isbi", "threshold_rand"))
    return published.On(membranes.NAME, split, len(found.images), seen, found.digest_known), measured


def _ultrasound(model: Unet, folder: str | None, split: str, whole: bool) -> tuple[published.On, list[Measured]]:
    found: Pictures = ultrasound.load(folder)
    record = runs.published("tumours", "busi") or {}
    held = found.folds == int(record.get("seed", 0))
    chosen = found if whole else found.take(held)
    if not len(chosen.names):
        raise ConvnetsError(f"No picture here is of the fold that the split {split} asks for: give more of them.")
    seen = int((~held).sum()) if whole and found.digest_known else 0
    sure = probability(model, chosen.images)
    measured = measure.of_lesions(measure.lesions(sure, chosen.masks, chosen.inside, chosen.kinds))
    return published.On(ultrasound.NAME, split, len(chosen.names), seen, found.digest_known), measured


def _phantoms(model: Unet, folder: str | None, split: str, whole: bool) -> tuple[published.On, list[Measured]]:
    del folder  # a world needs none
    parts = [phantom.split(name) for name in (("train", "test") if whole else ("test",))]
    images, masks = (torch.cat(both) for both in zip(*parts, strict=True))
    return (
        published.On(phantom.NAME, split, len(images), len(parts[0].images) if whole else 0, True),
        measure.of_lesions(judged(model, images, masks)),
    )


def judged(model: Unet, images: Tensor, masks: Tensor) -> measure.Lesions:
    """What ``model`` finds in phantoms with ``masks`` (N, H, W); those without a lesion are normal."""
    kinds = torch.where(masks.any(2).any(1), 0, NORMAL)
    return measure.lesions(probability(model, images), masks, torch.ones_like(masks), kinds)

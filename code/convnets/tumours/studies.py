"""Measurements beyond the test: all folds together, rivals, phantoms by number, skip connections shut one by one.

Those that are recorded are loaded if they are stored for this code and these weights, else computed. What networks of
folds said of each picture stands in their run records.
"""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import torch
from torch import Tensor

from convnets.common import masks, runs, stats
from convnets.common.errors import ConvnetsError
from convnets.common.recorded import recorded
from convnets.tumours import measure, membranes, nets, phantom, threshold, ultrasound
from convnets.tumours.measure import BINS, HIT, Lesions
from convnets.tumours.train import SIZES
from convnets.tumours.ultrasound import FOLDS, KINDS, NORMAL, Pictures

__all__ = [
    "GATES",
    "by_count",
    "folds",
    "gates",
    "membrane",
    "reliability",
    "rivals",
    "ultrasound_pictures",
    "unpacked",
]

Result = dict[str, Any]
GATES = ((1, 1, 1), (0, 1, 1), (1, 0, 1), (1, 1, 0), (0, 0, 0))
"""Which skip connections are open, the finest first."""
SHOWN = 8
"""Ultrasound pictures of the published network's fold that are shown."""


def folds(recipe: str) -> Lesions:
    """What the networks of all folds found, each in the pictures that it had not seen, from their run records.

    Raises:
        ConvnetsError: a fold has no run.
    """
    parts = []
    for fold in range(FOLDS):
        curves = runs.read("tumours", f"{recipe}-{fold}").get("curves", {})
        try:
            values = [np.array(curves[f"test_{name}"]) for name in Lesions._fields]
        except KeyError as error:
            raise ConvnetsError(
                f"The run tumours/{recipe}-{fold} does not say what it found: train it again."
            ) from error
        values[-1] = values[-1][None]  # of all pictures of a fold together
        parts.append(values)
    return Lesions(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _told(found: Lesions, best: Lesions) -> Result:
    """Of all lesions and of each kind: Dice, IoU, those found, and how far the ``best`` is ahead, picture by picture.

    Also the share of normal pictures with a false alarm.
    """
    groups = {"all": found.kinds < NORMAL} | {kind: found.kinds == number for number, kind in enumerate(KINDS[:NORMAL])}
    return {
        name: {
            "dice": _mean(found.dice[group]),
            "iou": _mean(found.iou[group]),
            "found": _share(found.iou[group] >= HIT),
            "ahead": _mean((best.dice - found.dice)[group]),
        }
        for name, group in groups.items()
    } | {"alarm": _share(found.area[found.kinds == NORMAL] >= measure.ALARM)}


def _mean(values: np.ndarray) -> Result:
    low, high = stats.bootstrap(lambda drawn: float(values[drawn].mean()), range(len(values)))
    return {"value": round(float(values.mean()), 4), "interval": [round(low, 4), round(high, 4)]}


def _share(hits: np.ndarray) -> Result:
    found = stats.share("share", int(hits.sum()), len(hits))
    return {"value": round(found.value, 4), "interval": [round(end, 4) for end in found.interval or ()]}


@recorded("tumours")
def rivals(*, device: str) -> Result:
    """All ultrasound pictures, each outlined by what had not seen it: U-Net, without skips, and a threshold."""
    del device
    best = folds("busi")
    return {
        "U-Net": _told(best, best),
        "without skip connections": _told(folds("busi-plain"), best),
        "a threshold": _told(_by_threshold(ultrasound.load()), best),
    }


def _by_threshold(pictures: Pictures) -> Lesions:
    """What a threshold outlines that was chosen on the other folds; pictures stand as in :func:`folds`."""
    parts = []
    for fold in range(FOLDS):
        unseen = pictures.take(pictures.folds == fold)
        fitted = threshold.fit(pictures.take(pictures.folds != fold))
        found = threshold.outlined(unseen.images, unseen.inside, fitted).float()
        parts.append(measure.lesions(found, unseen.masks, unseen.inside, unseen.kinds))
    return Lesions(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def reliability(recipe: str = "busi") -> Result:
    """Of pixels with a probability in each of ten groups: the mean probability, and the share that is lesion."""
    count, probability, truth = folds(recipe).bins.sum(0).T
    held = count > 0
    return {
        "probability": (probability[held] / count[held]).tolist(),
        "share": (truth[held] / count[held]).tolist(),
        "count": count[held].astype(int).tolist(),
        "error": measure.calibration(folds(recipe).bins),
        "groups": BINS,
    }


def by_count() -> Result:
    """Dice on test phantoms by how many phantoms were learned from, with intervals."""
    names = {count: f"phantom-{count}-0" for count in SIZES} | {2000: "phantom-0"}
    found: dict[str, list[Any]] = {"count": [], "dice": [], "interval": []}
    for count, stem in sorted(names.items()):
        record = runs.read("tumours", stem)
        found["count"].append(count)
        found["dice"].append(record["metrics"]["test"]["dice"])
        found["interval"].append(record["interval95"]["test"]["dice"])
    return found


@recorded("tumours")
@torch.inference_mode()
def gates(*, device: str) -> Result:
    """Test phantoms and slices while skip connections are shut: Dice and outline error, pixel error."""
    lesions, slices = phantom.split("test"), membranes.load("test")
    drawn, walls = nets.load("phantom").to(device), nets.load("isbi").to(device)
    limit, result = nets.recorded("isbi", "threshold"), {}
    tile, given = nets.TILE, nets.INNER
    middle = slice((tile - given) // 2, (tile + given) // 2)
    pieces = torch.cat(
        [slices.images[:, top : top + tile, left : left + tile] for top in (0, 252) for left in (0, 252)]
    )
    truth = torch.cat([slices.labels[:, top : top + tile, left : left + tile] for top in (0, 252) for left in (0, 252)])
    for open_ in GATES:
        gate = torch.tensor([open_], dtype=torch.float32, device=device)
        sure = _gated(drawn, lesions.images, gate)
        kinds = torch.where(lesions.masks.any(2).any(1), 0, NORMAL)
        found = measure.lesions(sure, lesions.masks, torch.ones_like(lesions.masks), kinds)
        cells = _gated(walls, pieces, gate) >= limit
        there = found.kinds < NORMAL
        seen = there & (found.border >= 0)
        result["".join(map(str, open_))] = {
            "dice": round(float(found.dice[there].mean()), 4),
            "border": round(float(found.border[seen].mean()), 3) if seen.any() else None,
            "found": round(float((found.iou[there] >= HIT).mean()), 4),
            "error": round(float((cells != truth[:, middle, middle]).double().mean()), 4),
        }
    return result


def _gated(model: Any, images: Tensor, gate: Tensor) -> Tensor:
    parts = [
        model(part.to(gate.device)[:, None].float() / 255, gate.expand(len(part), -1)).softmax(1)[:, 1].cpu()
        for part in images.split(16)
    ]
    return torch.cat(parts)


@recorded("tumours")
def membrane(*, device: str) -> Result:
    """A corner of the first test slice, its labels, and where the network says cell; one picture each."""
    slices = membranes.load("test")
    sure = nets.probability(nets.load("isbi").to(device), slices.images[:1], nets.VIEWS)[0]
    corner = slice(0, 256)
    cells = sure[corner, corner] >= nets.recorded("isbi", "threshold")
    planes = [slices.images[0, corner, corner], slices.labels[0, corner, corner], cells]
    return {"pictures": [_packed(plane) for plane in planes], "place": int(slices.places[0])}


@recorded("tumours")
def ultrasound_pictures(*, device: str) -> Result:
    """Pictures of the published network's test fold, its best and worst and one between: picture, truth, answer."""
    everything = ultrasound.load()
    record = runs.published("tumours", "busi") or {}
    unseen = everything.take(everything.folds == int(record.get("seed", 0)))
    sure = nets.probability(nets.load("busi").to(device), unseen.images)
    answers = (sure >= 0.5) & unseen.inside
    score = masks.dice(answers, unseen.masks)
    lesions = (unseen.kinds < NORMAL).nonzero()[:, 0]
    order = lesions[score[lesions].argsort(descending=True)]
    half = SHOWN // 2
    chosen = [*order[:half].tolist(), int(order[len(order) // 2]), *order[-(half - 1) :].tolist()]
    return {
        "pictures": [_packed(unseen.images[place]) for place in chosen],
        "truth": [_packed(unseen.masks[place]) for place in chosen],
        "answer": [_packed(answers[place]) for place in chosen],
        "dice": [round(float(score[place]), 3) for place in chosen],
        "kind": [KINDS[int(unseen.kinds[place])] for place in chosen],
    }


def _packed(plane: Tensor) -> str:
    """A picture uint8 or a mask as PNG in base64."""
    from PIL import Image

    grey = plane if plane.dtype == torch.uint8 else (plane.float() * 255).round().byte()
    stream = io.BytesIO()
    Image.fromarray(grey.numpy()).save(stream, "PNG", optimize=True)
    return base64.b64encode(stream.getvalue()).decode()


def unpacked(text: str) -> np.ndarray:
    """The picture (H, W) uint8 that a study packed."""
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))))

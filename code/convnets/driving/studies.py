"""Measurements beyond the test: a rival without eyes for shapes, other weather, distances, the best and worst pictures.

Those that are recorded are loaded if they are stored for this code and these weights, else computed.
"""

from __future__ import annotations

import base64
import io
import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from convnets.common import runs
from convnets.common.errors import ConvnetsError
from convnets.common.recorded import recorded
from convnets.driving import measure, nets, obstacles, prior, steering, streets, weather
from convnets.driving.obstacles import CAMERA
from convnets.driving.pilot import Pilot, evidence, moved, yuv
from convnets.driving.road import Place, Road
from convnets.driving.streets import CLASSES

__all__ = [
    "ENOUGH", "FAR", "STARTS", "TILTS", "by_class", "distances", "drift", "in_weather", "looked_at", "rival",
    "street_pictures", "unpacked",
]  # fmt: skip

Result = dict[str, Any]
FAR = (5, 10, 20, 40)
"""Metres at which distances are tested."""
TILTS = (0.0, 0.25, 0.5, 1.0)
"""Standard deviations of the camera's tilt, in degrees."""
_TRIES = 400


def by_class(recipes: tuple[str, ...] = ("small",)) -> list[tuple[str, list[float]]]:
    """IoU of each class on test photographs, the mean over the seeds of each recipe."""
    found = []
    for name in CLASSES:
        metric, values = measure.metric_of(name), []
        for recipe in recipes:
            stems = [stem for stem in runs.names("driving") if stem.rpartition("-")[0] == recipe]
            each = [runs.read("driving", stem)["metrics"]["test"][metric] for stem in stems]
            values.append(sum(each) / len(each))
        found.append((name, values))
    return found


@recorded("driving")
def rival(*, device: str) -> Result:
    """Test photographs, each pixel told by place and colour alone: mIoU, right pixels, IoU of each class."""
    del device
    learned, test = streets.load("train"), streets.load("test")
    found = prior.told(test.images, prior.fit(learned.images, learned.labels))
    measured = measure.of_streets(measure.tables(found, test.labels), test.blocks)
    return {one.name: {"value": round(one.value, 4), "interval": _ends(one.interval)} for one in measured}


def _ends(interval: tuple[float, float] | None) -> list[float]:
    return [round(end, 4) for end in interval or ()]


@recorded("driving")
def in_weather(*, device: str) -> Result:
    """mIoU of the published network on test photographs in other light, and in rain; IoU of the road beside it."""
    model, test = nets.load("small").to(device), streets.load("test")
    result: Result = {}
    for name, values in (("light", weather.LIGHTS), ("rain", weather.RAINS)):
        result[name] = []
        for value in values:
            how = {name: value}
            parts = [
                nets.classes(model, (weather.changed(part.float() / 255, **how) * 255).round().byte())
                for part in test.images.split(16)
            ]
            each = measure.tables(torch.cat(parts), test.labels)
            told = {one.name: one for one in measure.of_streets(each, test.blocks)}
            result[name].append({
                "value": value, "miou": round(told["miou"].value, 4), "interval": _ends(told["miou"].interval),
                "road": round(told["iou_road"].value, 4),
            })  # fmt: skip
    return result


def distances(seed: int = 0) -> list[Result]:
    """How far off distances of cars are that stand on an exact road, while the camera is tilted at random.

    A car is projected as the tilted camera sees it, drawn into pixels, and read as if nothing had tilted. Given is the
    median error, and how many errors lie between the nearest and the farthest distance told, by distance and tilt.
    """
    draw, result = np.random.default_rng(seed), []
    for far in FAR:
        for tilt in TILTS:
            off, inside = [], 0
            for _ in range(_TRIES):
                where = far * draw.uniform(0.8, 1.25)
                angle = math.radians(tilt) * draw.standard_normal()
                labels = obstacles.drawn(CAMERA.moved(angle), where)
                (found,) = obstacles.find(labels, CAMERA, math.radians(max(tilt, 0.05)), least=1)
                off.append(abs(found.distance - where) / where)
                inside += found.nearest <= where <= found.farthest
            result.append({"far": far, "tilt": tilt, "off": float(np.median(off)), "inside": inside / _TRIES})
    return result


@recorded("driving")
def street_pictures(*, device: str) -> Result:
    """Test photographs of the highest, a middle and the lowest mIoU of a picture: photograph, truth, answer."""
    model, test = nets.load("small").to(device), streets.load("test")
    answers = nets.classes(model, test.images)
    each = np.array([measure.miou(table) for table in measure.tables(answers, test.labels)])
    order = each.argsort()[::-1]
    chosen = [int(order[0]), int(order[len(order) // 2]), int(order[-2]), int(order[-1])]
    return {
        "pictures": [_packed(test.images[place].permute(1, 2, 0)) for place in chosen],
        "truth": [_packed(test.labels[place]) for place in chosen],
        "answer": [_packed(answers[place]) for place in chosen],
        "miou": [round(float(each[place]), 3) for place in chosen],
    }


def _packed(plane: Tensor) -> str:
    """A picture uint8, coloured or of labels, in base64: photographs as JPEG, labels as PNG."""
    from PIL import Image

    stream = io.BytesIO()
    how: dict[str, Any] = {"quality": 88} if plane.ndim == 3 else {"optimize": True}
    Image.fromarray(plane.numpy()).save(stream, "JPEG" if plane.ndim == 3 else "PNG", **how)
    return base64.b64encode(stream.getvalue()).decode()


def unpacked(text: str) -> np.ndarray:
    """The picture (H, W) or (H, W, 3) uint8 that a study packed."""
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))))


# Steering


@recorded("driving")
def drift(*, device: str) -> Result:
    """Two networks that steer: how far they are off on recorded moments, and where they go when they really drive.

    For each: root of the mean square error of 1/r on drives recorded on test roads; metres beside the middle on the
    first test road, through gusts, every half second; and for cars that begin beside the middle, how many are back
    within a fifth of a metre after six seconds.
    """
    result: Result = {}
    for net in ("pilot", "pilot-centre"):
        model = nets.load(net)
        if not isinstance(model, Pilot):
            raise ConvnetsError(f"{net} does not steer: choose pilot.")
        model.to(device)
        first = steering.SEEDS["test"]
        seeds = range(first, first + steering.ROADS["test"])
        driven = steering.drive(steering.seeing(model), seeds[:1], 60, gust=steering.GUST)
        back = {}
        for start in STARTS:
            from_there = steering.drive(steering.seeing(model), seeds, 6, start, limit=9)
            back[str(start)] = float((np.abs(from_there.offsets[:, -1]) < _BACK).mean())
        result[net] = {
            "error": _recorded_error(model, seeds),
            "offsets": driven.offsets[0, ::5].round(3).tolist(),
            "taken": (driven.taken[0].nonzero()[0] / steering.WORLD["rate"]).tolist(),
            "back": back,
        }
    return result


ENOUGH = (0.1, 0.25)
"""From which evidence a pixel counts as evidence: the two that were tried."""
STARTS = (0.3, 0.6, 0.9)
"""Metres beside the middle at which cars begin."""
_BACK = 0.2


def _recorded_error(model: Pilot, seeds: range) -> float:
    drives = [steering.record(seed) for seed in seeds]
    roads = [one.road for one in drives for _ in one.places]
    found = steering.seeing(model)(roads, [place for one in drives for place in one.places])
    off = np.array(found) - np.concatenate([one.steered for one in drives])
    return float(np.sqrt((off**2).mean()))


@recorded("driving")
def looked_at(*, device: str) -> Result:
    """Pictures of test roads and the evidence of the published network that steers, both as PNG; and whether it counts.

    For that, on drives recorded on test roads, what is evidence is moved to the right, then the rest, then everything:
    the share of pixels that is evidence, and what each brings of the change of 1/r that everything brings.
    """
    model = nets.load("pilot")
    if not isinstance(model, Pilot):
        raise ConvnetsError("The network pilot does not steer.")
    places = [(Road(steering.SEEDS["test"] + seed), Place(60.0 + 90 * seed, 0.0, 0.0)) for seed in range(3)]
    pictures = steering.pictures_of([road for road, _ in places], [place for _, place in places])
    with torch.inference_mode():
        found = evidence(model.to(device).eval().maps(yuv(pictures.to(device)))).cpu()
    drives = [steering.record(steering.SEEDS["test"] + seed) for seed in range(steering.ROADS["test"])]
    roads = [one.road for one in drives for _ in one.places[::4]]
    planes = yuv(steering.pictures_of(roads, [place for one in drives for place in one.places[::4]]))
    changes = {least: moved(model, planes.to(device), least=least) for least in ENOUGH}
    return {
        "pictures": [_packed(one.permute(1, 2, 0)) for one in pictures],
        "evidence": [_packed((255 * one).round().byte()) for one in found],
        "moved": [
            {
                "least": least,
                "share": round(one.share, 4),
                "evidence": round(one.evidence / one.whole, 4),
                "rest": round(one.rest / one.whole, 4),
            }
            for least, one in changes.items()
        ],
    }

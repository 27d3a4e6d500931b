"""Learning to steer from recorded drives, and how well it goes when the network really drives.

Sources: Bojarski et al., "End to End Learning for Self-Driving Cars", 2016: pictures ten times a second (section 5.1);
shifted and turned views whose label steers back within two seconds (sections 2 and 5.2); in the simulation a car more
than one metre from the middle is put back, and autonomy counts six seconds for each time (sections 6 and 7.1).

Deviations:
    - The road is a world (:mod:`convnets.driving.road`). Its driver is a formula, not a person: it steers towards
      a place that wanders slowly about the middle of the lane, as people do who see no reason to correct at once.
    - The paper makes shifted views by warping those of a left and a right camera over ground taken for flat. Here the
      ground is flat, and the world gives the exact view.
    - Gusts are ours: a driver that never had to come back from one has not shown how.
    - "Back to the desired location within two seconds" is made exact by :func:`wanted`, and the desired location is the
      middle of the lane, which the world knows; so these labels are cleaner than the driver's. The network without
      recovery sees as many moments, through the middle camera, with what the driver did as labels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from convnets.common import stats
from convnets.common.errors import ConvnetsError
from convnets.common.stats import Measured
from convnets.driving.pilot import Pilot, yuv
from convnets.driving.road import DRAWING, HEIGHT, WIDTH, WORLD, Car, Place, Road, hashed, picture, step

__all__ = [
    "CALM", "CAMERAS", "FACTS", "GUST", "LIMIT", "MEMORY", "MINUTES", "MOMENTS", "NAME", "PENALTY", "ROADS", "SECONDS",
    "SEEDS", "SHIFT", "TURN", "UNIT", "WANDER", "Drive", "Driver", "Drives", "Recording", "autonomy", "drive", "exact",
    "loss_of", "measured", "pictures_of", "record", "seeing", "wanted",
]  # fmt: skip

NAME = "a seeded road world"
SECONDS = 2.0
"""In which a label steers back."""
LIMIT, PENALTY = 1.0, 6.0
"""Metres from the middle at which the car is put back, and seconds that each time counts."""
GUST, CALM = 0.8, 8.0
"""Metres by which a gust shifts a car, and seconds from one to the next."""
CAMERAS = (-0.8, 0.0, 0.8)
"""Metres to the right of the car's middle."""
UNIT = 0.01
"""1/m, in which errors of steering are told to the loss."""
WANDER, MEMORY = 0.3, 60.0
"""Of the recorded driver's place in the lane: metres (standard deviation), and seconds after which it is another."""
SHIFT, TURN = 0.6, 0.05
"""Metres and radians (standard deviations) by which views are shifted and turned."""
MOMENTS = 100
"""Recorded of each road."""
SEEDS = {"train": 10_000, "validation": 20_000, "test": 30_000}
"""Of the first road of a split; the next has the next."""
ROADS = {"validation": 4, "test": 10}
"""Roads that a network drives."""
MINUTES = {"validation": 1.0, "test": 1.5}
"""For how long, on each."""
_BEGIN = 20.0  # metres along the road
FACTS: dict[str, Any] = DRAWING | {
    "limit": LIMIT, "penalty": PENALTY, "gust": GUST, "seconds": SECONDS, "begin": _BEGIN, "first": {"seed": 40_000}
}  # fmt: skip
"""What a page needs to drive in the same world; its first road belongs to no split."""


# What a good driver does


def wanted(bend: Any, offset: Any, turn: Any) -> Any:
    """1/r that brings a car back to the middle and its direction in two seconds, on a road of 1/r ``bend``.

    Seen along the road, the way back over L metres is the cubic that begins at ``offset`` with slope tan(``turn``) and
    ends at 0 with slope 0; its second derivative at the beginning, -6 offset / L^2 - 4 tan(turn) / L, adds to the
    bend's 1/r (small angles).
    """
    way = WORLD["speed"] * SECONDS
    return bend - 6 * offset / way**2 - 4 * np.tan(turn) / way


class Recording(NamedTuple):
    """Moments of a drive."""

    road: Road
    places: list[Place]
    steered: np.ndarray  # 1/r, 1/m


def record(seed: int, moments: int = MOMENTS) -> Recording:
    """A drive on the road of ``seed`` by a driver who steers by :func:`wanted` towards where it likes to be just now.

    That place wanders slowly about the middle (an Ornstein-Uhlenbeck process of :data:`WANDER` and :data:`MEMORY`).
    """
    draw, road, each = np.random.default_rng(seed), Road(seed), 1 / WORLD["rate"]
    forget, aim = each / MEMORY, WANDER * draw.standard_normal()
    place, places, steered = Place(_BEGIN, aim, 0.0), [], []
    for _ in range(moments):
        aim += -forget * aim + WANDER * math.sqrt(2 * forget) * draw.standard_normal()
        command = float(wanted(road.curvature(place.along), place.offset - aim, place.turn))
        places.append(place)
        steered.append(command)
        car = step(Car(*road.pose(place)), command, each)
        place = road.found(*car, place.along + WORLD["speed"] * each)
    return Recording(road, places, np.array(steered))


def pictures_of(roads: Sequence[Road], places: Sequence[Place]) -> Tensor:
    """What is seen from each place: (N, 3, 66, 200) uint8 RGB."""
    found = torch.empty(len(places), 3, HEIGHT, WIDTH, dtype=torch.uint8)
    for index, (road, place) in enumerate(zip(roads, places, strict=True)):
        found[index] = torch.from_numpy(picture(road, place)).permute(2, 0, 1)
    return found


# What is learned from


class Drives:
    """Recorded moments: through the middle camera, with what the driver did; or shifted and turned, with the way back.

    ``recipe`` says by ``count`` how many moments there are, by ``recovery`` whether views are shifted and turned, and
    by ``seed`` which way. No view lies beyond the outer cameras.
    """

    def __init__(self, recipe: Any, data: Any = None) -> None:
        del data  # a world needs none
        if recipe.count % MOMENTS:
            raise ConvnetsError(f"Drives have {MOMENTS} moments, and {recipe.count} is no multiple: choose one.")
        roads, places, labels = [], [], []
        for seed in range(SEEDS["train"], SEEDS["train"] + recipe.count // MOMENTS):
            one = record(seed)
            roads += [one.road] * MOMENTS
            places += one.places
            labels.append(one.steered)
        steered = np.concatenate(labels)
        if recipe.recovery:
            draw = np.random.default_rng(recipe.seed)
            shifts = draw.normal(0, SHIFT, recipe.count).clip(CAMERAS[0], CAMERAS[-1])
            turns = draw.normal(0, TURN, recipe.count)
            places = [
                Place(one.along, one.offset + shift, one.turn + turn)
                for one, shift, turn in zip(places, shifts.tolist(), turns.tolist(), strict=True)
            ]
            steered = np.array(exact(roads, places))
        self.places, self.pictures = places, pictures_of(roads, places)
        self.wanted = torch.from_numpy(steered).float()

    @cached_property
    def held(self) -> tuple[Tensor, Tensor]:
        """Pictures and 1/r of drives on validation roads, through the middle camera."""
        drives = [record(SEEDS["validation"] + index, MOMENTS // 2) for index in range(ROADS["validation"])]
        roads = [one.road for one in drives for _ in one.places]
        pictures = pictures_of(roads, [place for one in drives for place in one.places])
        return pictures, torch.from_numpy(np.concatenate([one.steered for one in drives])).float()

    def batch(self, indices: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Planes Y, U, V (N, 3, 66, 200), the 1/r to steer (N,), and a weight that counts errors in :data:`UNIT`."""
        del draw
        places = indices % len(self.pictures)
        return yuv(self.pictures[places]), self.wanted[places], torch.full((len(places),), 1 / UNIT**2)

    def seen(self, model: Pilot) -> dict[str, float]:
        """Error of steering, 1/m (root of the mean square), on recorded moments of validation roads."""
        off = _answers(model, self.held[0]) - self.held[1]
        return {"validation_error": float(off.double().square().mean().sqrt())}


def loss_of(found: Tensor, truth: Tensor, weights: Tensor) -> Tensor:
    """Mean square error of 1/r (N,), each weighted."""
    return (weights * (found - truth).square()).mean()


@torch.inference_mode()
def _answers(model: Pilot, pictures: Tensor) -> Tensor:
    device = next(model.parameters()).device
    return torch.cat([model.eval()(yuv(part.to(device))).cpu() for part in pictures.split(64)])


# Driving

Driver = Callable[[Sequence[Road], Sequence[Place]], Sequence[float]]
"""From where cars are to the 1/r that each is steered with."""


def seeing(model: Pilot) -> Driver:
    """``model`` as a driver: it gets the pictures."""

    def steers(roads: Sequence[Road], places: Sequence[Place]) -> Sequence[float]:
        return _answers(model, pictures_of(roads, places)).tolist()  # type: ignore[no-any-return]

    return steers


def exact(roads: Sequence[Road], places: Sequence[Place]) -> Sequence[float]:
    """The driver that knows where it is."""
    return [
        float(wanted(road.curvature(place.along), place.offset, place.turn))
        for road, place in zip(roads, places, strict=True)
    ]


class Drive(NamedTuple):
    """What happened on R roads at T moments."""

    offsets: np.ndarray  # (R, T) metres to the right of the middle
    steered: np.ndarray  # (R, T) 1/m
    taken: np.ndarray  # (R, T) whether the car was put back at that moment, after the offset was measured


def drive(
    driver: Driver, seeds: Sequence[int], seconds: float, start: float = 0.0, limit: float = LIMIT, gust: float = 0.0
) -> Drive:
    """Let ``driver`` drive the roads of ``seeds``, beginning ``start`` metres beside the middle.

    A car more than ``limit`` metres from the middle is put back on it, in its direction, and goes on. Every
    :data:`CALM` seconds a gust shifts it by ``gust`` metres, to the side that the road's seed says.

    Raises:
        ConvnetsError: the roads are shorter than the drive.
    """
    moments, each = round(seconds * WORLD["rate"]), 1 / WORLD["rate"]
    if _BEGIN + 1.2 * seconds * WORLD["speed"] + WORLD["reach"] > WORLD["length"]:
        raise ConvnetsError(f"A road is too short to drive on for {seconds:g} seconds: ask for less.")
    roads = [Road(seed) for seed in seeds]
    places = [Place(_BEGIN, start, 0.0) for _ in roads]
    found = Drive(*(np.zeros((len(roads), moments), kind) for kind in (float, float, bool)))
    for moment in range(moments):
        for index, place in enumerate(places):
            if moment and moment % round(CALM * WORLD["rate"]) == 0:
                side = 1 if hashed(moment, 11, roads[index].seed)[0] < 0.5 else -1
                place = places[index] = place._replace(offset=place.offset + side * gust)
            found.offsets[index, moment] = place.offset
            if abs(place.offset) > limit:
                found.taken[index, moment] = True
                places[index] = Place(place.along, 0.0, 0.0)
        commands = driver(roads, places)
        found.steered[:, moment] = commands
        for index, (road, command) in enumerate(zip(roads, commands, strict=True)):
            car = step(Car(*road.pose(places[index])), command, each)
            places[index] = road.found(*car, places[index].along + WORLD["speed"] * each)
    return found


def autonomy(times: int, seconds: float) -> float:
    """1 - ``times`` put back x 6 s / ``seconds`` driven (section 7.1, equation 1), at least 0."""
    return max(0.0, 1 - times * PENALTY / seconds)


def measured(found: Drive, told: str = "") -> list[Measured]:
    """Autonomy, how often a minute the car was put back, and the offset (root of the mean square), over roads.

    ``told`` is put behind the names: of a drive through gusts, for example.
    """
    times, seconds = found.taken.sum(1), found.taken.shape[1] / WORLD["rate"]
    square = (found.offsets**2).mean(1)
    kinds: tuple[tuple[str, Callable[[np.ndarray], float], float], ...] = (
        ("accuracy_autonomy", lambda drawn: autonomy(int(times[drawn].sum()), seconds * len(drawn)), 0.02),
        ("interventions", lambda drawn: float(times[drawn].mean() / seconds * 60), 0.2),
        ("offset", lambda drawn: float(np.sqrt(square[drawn].mean())), 0.02),
    )
    every = np.arange(len(times))
    return [
        Measured(name + told, of(every), stats.bootstrap(of, range(len(times))), tolerance)
        for name, of, tolerance in kinds
    ]

"""A seeded road world: a winding road over flat ground, its picture from any place, and a car that drives on it.

Axes: x forward, y to the right, angles clockwise, so that a curvature 1/r is positive in a right turn (as in Bojarski
et al., "End to End Learning for Self-Driving Cars", 2016, section 2). Lengths are metres, angles radians.
A place is told along the road: ``along`` the middle of the lane, ``offset`` to the right of it, ``turn`` against its
direction. The middle of the lane is made of arcs of one metre, whose curvature is a sum of three sine waves.

Only whole-number hashes, sines and roots are used, in double precision: a page can repeat the world number by number,
and ``code/live/src/demos/driving/road.js`` does. It takes :data:`DRAWING` from here.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from convnets.common.errors import ConvnetsError

__all__ = [
    "COLOURS",
    "DRAWING",
    "HEIGHT",
    "LOOKS",
    "WIDTH",
    "WORLD",
    "Car",
    "Look",
    "Place",
    "Road",
    "hashed",
    "picture",
    "smooth",
    "step",
]

HEIGHT, WIDTH = 66, 200
"""Pixels of a picture, as PilotNet takes it."""
WORLD: dict[str, float] = {
    "length": 4000,  # of a road
    "reach": 120,  # how far along the road it is drawn
    "camera": 1.4,  # above the ground
    "focal": 160,  # pixels, of a picture 200 wide
    "horizon": 20,  # row of a picture 66 high
    "wheelbase": 2.8,
    "lock": 0.5,  # the most that the front wheels turn
    "speed": 12,  # metres a second
    "rate": 10,  # pictures a second
    "right": 2.0,  # from the middle of the lane to the right edge of the asphalt
    "left": 5.5,  # and to the left one, beyond the other lane
    "shoulder": 1.0,  # width of the gravel beside it
    "line": 1.7,  # from the middle of the lane to the line on either side of it
}
LOOKS = {
    "bright": (0.6, 1.1), "side": (-0.3, 0.3), "warm": (-0.08, 0.08), "grey": (0.3, 0.5),
    "grass": (0.0, 1.0), "paint": (0.35, 1.0), "shade": (0.0, 0.45), "dash": (8.0, 14.0),
}  # fmt: skip
"""Between what the fields of :class:`Look` are drawn."""
COLOURS = {
    "haze": (0.72, 0.78, 0.82),
    "zenith": (0.35, 0.55, 0.85),
    "hills": (0.30, 0.40, 0.38),
    "green": (0.22, 0.45, 0.15),
    "dry": (0.52, 0.47, 0.22),
    "gravel": (0.55, 0.50, 0.43),
}
"""Red, green and blue, from 0 to 1, in a light of 1."""
DRAWING: dict[str, Any] = {"height": HEIGHT, "width": WIDTH, "world": WORLD, "looks": LOOKS, "colours": COLOURS}
"""What a page needs to draw the same world."""


# Noise


def hashed(column: Any, row: Any, seed: int) -> np.ndarray:
    """A number in [0, 1) for each pair of whole numbers, the same on every machine; arrays of one shape."""
    a, b = (np.atleast_1d(np.asarray(value)).astype(np.int64).astype(np.uint32) for value in (column, row))
    value = a * np.uint32(0x9E3779B1) ^ b * np.uint32(0x85EBCA77) ^ np.uint32(seed * 0xC2B2AE3D % 2**32)
    for shift, factor in ((15, 0x2C1B3C6D), (12, 0x297A2D39)):
        value ^= value >> np.uint32(shift)
        value *= np.uint32(factor)
    value ^= value >> np.uint32(15)
    return value / 2.0**32


def smooth(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """Noise from 0 to 1 that bends between the whole numbers."""
    left, top = np.floor(x), np.floor(y)
    across, down = x - left, y - top
    across, down = across * across * (3 - 2 * across), down * down * (3 - 2 * down)
    above = hashed(left, top, seed) * (1 - across) + hashed(left + 1, top, seed) * across
    below = hashed(left, top + 1, seed) * (1 - across) + hashed(left + 1, top + 1, seed) * across
    return above * (1 - down) + below * down


# The road


class Look(NamedTuple):
    """What a road looks like; shares are from 0 to 1."""

    bright: float  # of the light
    side: float  # how much more light falls on the right
    warm: float  # of the light
    grey: float  # of the asphalt
    grass: float  # from green to dry
    paint: float  # how much of the lines is left
    shade: float  # of patches of shadow
    dash: float  # metres from one dash to the next

    @classmethod
    def drawn(cls, seed: int) -> Look:
        """The look that belongs to ``seed``."""
        share = hashed(np.arange(8), np.full(8, 7), seed)
        return cls(*(float(low + (high - low) * part) for (low, high), part in zip(LOOKS.values(), share, strict=True)))


class Place(NamedTuple):
    """Where a car or a camera is, told along the road."""

    along: float  # metres from the start of the road
    offset: float  # metres to the right of the middle of the lane
    turn: float  # radians to the right of the road's direction


class Road:
    """The road of a seed: the middle of its lane, and how it looks."""

    def __init__(self, seed: int) -> None:
        if not 0 <= seed < 2**31:
            raise ConvnetsError(f"A road's seed lies between 0 and 2**31, not {seed}: choose one there.")
        self.seed, self.look = seed, Look.drawn(seed)
        share = hashed(np.arange(8), np.full(8, 3), seed).tolist()
        self.sharp = 1 / (90 - 45 * share[0])
        longs = (250 + 200 * share[1], 110 + 90 * share[2], 60 + 30 * share[3])
        parts = (0.5, 0.35, 0.15)
        self.waves = [
            (self.sharp * part, 2 * math.pi / long, 2 * math.pi * phase)
            for part, long, phase in zip(parts, longs, share[4:7], strict=True)
        ]
        self.bends = self.curvature(np.arange(int(WORLD["length"])) + 0.5)
        self.directions = np.concatenate([[0.0], np.cumsum(self.bends)])
        middle = self.directions[:-1] + self.bends / 2
        self.x, self.y = (np.concatenate([[0.0], np.cumsum(part)]) for part in (np.cos(middle), np.sin(middle)))

    def curvature(self, along: Any) -> Any:
        """1/r of the middle of the lane, 1/m, positive to the right."""
        return sum(size * np.sin(often * along + phase) for size, often, phase in self.waves)

    def middle(self, along: Any) -> tuple[Any, Any, Any, Any]:
        """x, y, direction and 1/r of the middle of the lane, on its arcs."""
        node = np.clip(np.floor(along), 0, len(self.bends) - 1).astype(int)
        rest, bend, direction = along - node, self.bends[node], self.directions[node]
        chord = direction + bend * rest / 2
        return self.x[node] + rest * np.cos(chord), self.y[node] + rest * np.sin(chord), direction + bend * rest, bend

    def pose(self, place: Place) -> tuple[float, float, float]:
        """x, y and direction in the plane."""
        x, y, direction, _ = self.middle(place.along)
        return (
            float(x - place.offset * np.sin(direction)),
            float(y + place.offset * np.cos(direction)),
            float(direction + place.turn),
        )

    def beside(self, x: Any, y: Any, near: Any, steps: int) -> tuple[Any, Any, Any, Any]:
        """Points of the plane told along the road: along, offset, by how much the foot is missed, its direction.

        ``steps`` of Newton's method look for the nearest point of the middle, from ``near`` on; beyond 0.8 r to the
        inner side of a bend there is none.
        """
        along = near
        for _ in range(steps):
            forth, offset, bend, _ = self._apart(x, y, along)
            along = np.clip(along + forth / np.maximum(0.2, 1 - bend * offset), near - 60, near + 60)
        forth, offset, _, direction = self._apart(x, y, along)
        return along, offset, forth, direction

    def _apart(self, x: Any, y: Any, along: Any) -> tuple[Any, Any, Any, Any]:
        there_x, there_y, direction, bend = self.middle(along)
        cos, sin = np.cos(direction), np.sin(direction)
        return (x - there_x) * cos + (y - there_y) * sin, (y - there_y) * cos - (x - there_x) * sin, bend, direction

    def found(self, x: float, y: float, direction: float, near: float) -> Place:
        """The place of a pose of the plane, not far from ``near`` along the road."""
        along, offset, _, here = self.beside(x, y, near, 6)
        return Place(float(along), float(offset), float(direction - here))


# The car


class Car(NamedTuple):
    """A kinematic bicycle: the rear axle, where the camera is too."""

    x: float
    y: float
    direction: float


def step(car: Car, curvature: float, seconds: float) -> Car:
    """``car`` after it drove ``seconds`` on a circle of 1/r ``curvature``, or as much as its wheels can turn.

    Rear axle of a bicycle: direction' = speed tan(front wheel) / wheelbase, so a constant wheel gives an arc.
    """
    wheel = min(max(math.atan(curvature * WORLD["wheelbase"]), -WORLD["lock"]), WORLD["lock"])
    way = WORLD["speed"] * seconds
    half = way * math.tan(wheel) / WORLD["wheelbase"] / 2
    chord = way * (math.sin(half) / half if half else 1.0)
    towards = car.direction + half
    return Car(car.x + chord * math.cos(towards), car.y + chord * math.sin(towards), car.direction + 2 * half)


# The picture


def picture(road: Road, place: Place, scale: int = 1) -> np.ndarray:
    """What a level camera at ``place`` sees: (66 scale, 200 scale, 3) uint8 RGB."""
    height, width, horizon = HEIGHT * scale, WIDTH * scale, int(WORLD["horizon"]) * scale
    focal, look = WORLD["focal"] * scale, road.look
    x, y, direction = road.pose(place)
    across = (np.arange(width) + 0.5 - width / 2) / focal
    depth = WORLD["camera"] * focal / (np.arange(horizon, height) + 0.5 - horizon)
    found = np.empty((height, width, 3))
    found[:horizon] = _sky(across, direction, horizon, road)
    start = _near(road, place.along, x, y, direction, depth)
    z, near, beam = np.repeat(depth, width), np.repeat(start, width), np.tile(across, len(depth))
    cos, sin = math.cos(direction), math.sin(direction)
    ground = _ground(
        road, x + z * (cos - beam * sin), y + z * (sin + beam * cos), near, _Pixel(z, beam, direction, focal)
    )
    light, haze = look.bright * (1 + look.side * beam), 1 - np.exp(-z / 300)
    for channel, warm in enumerate((1 + look.warm, 1.0, 1 - look.warm)):
        lit = ground[channel] * light * warm
        found[horizon:, :, channel] = (lit + (COLOURS["haze"][channel] * look.bright - lit) * haze).reshape(-1, width)
    return np.floor(np.clip(found, 0, 1) * 255 + 0.5).astype(np.uint8)


class _Pixel(NamedTuple):
    """How pixels see the ground."""

    z: np.ndarray  # metres ahead
    beam: np.ndarray  # metres to the right for each metre ahead
    direction: float  # of the camera
    focal: float  # pixels


def _sky(across: np.ndarray, direction: float, horizon: int, road: Road) -> np.ndarray:
    up = (horizon - np.arange(horizon) - 0.5) / horizon
    angle = direction + np.arctan(across)
    phase = 2 * math.pi * hashed(np.arange(2), np.full(2, 5), road.seed)
    hills = 0.16 + 0.08 * np.sin(3 * angle + phase[0]) + 0.05 * np.sin(8 * angle + phase[1])
    hill = np.clip((hills[None] - up[:, None]) * horizon + 0.5, 0, 1)[:, :, None]
    haze, zenith, green = (np.array(COLOURS[name]) for name in ("haze", "zenith", "hills"))
    sky = haze + (zenith - haze) * up[:, None, None]
    return (sky + (green - sky) * hill) * road.look.bright


def _near(road: Road, along: float, x: float, y: float, direction: float, depth: np.ndarray) -> np.ndarray:
    """Where along the road to begin to look for the points of each row: there it is first so far ahead."""
    nodes = np.arange(int(WORLD["reach"])) + math.floor(along)
    there_x, there_y, _, _ = road.middle(nodes.astype(float))
    ahead = np.maximum.accumulate((there_x - x) * math.cos(direction) + (there_y - y) * math.sin(direction))
    return nodes[np.minimum(np.searchsorted(ahead, depth), len(nodes) - 1)].astype(float)


def _ground(road: Road, x: np.ndarray, y: np.ndarray, near: np.ndarray, pixel: _Pixel) -> np.ndarray:
    """Colours (3, N) of points of the ground."""
    look, seed = road.look, road.seed
    along, offset, missed, direction = road.beside(x, y, near, 2)
    offset = np.where(np.abs(missed) > 1, 99.0, offset)
    deep, skew = pixel.z * pixel.z / (WORLD["camera"] * pixel.focal), pixel.direction - direction
    wide = np.maximum(pixel.z / pixel.focal, deep * np.abs(np.sin(skew) + pixel.beam * np.cos(skew)))

    def within(low: float, high: float) -> np.ndarray:
        """The share of each pixel between two offsets, if its offsets are spread evenly over ``wide``."""
        return np.clip((np.minimum(offset + wide / 2, high) - np.maximum(offset - wide / 2, low)) / wide, 0, 1)

    right, left, rim, line = WORLD["right"], -WORLD["left"], WORLD["shoulder"], WORLD["line"]
    fine = 1 / (1 + (deep / 0.4) ** 2)
    grain = fine * (hashed(np.floor(x / 0.25), np.floor(y / 0.25), seed + 1) - 0.5)
    patch = smooth(x / 5, y / 5, seed + 2)
    period = along / look.dash
    dashed = 0.4 + ((period - np.floor(period) < 0.4) - 0.4) / (1 + (deep / look.dash) ** 2 * 4)
    paint = within(line - 0.07, line + 0.07) + within(-3 * line - 0.07, -3 * line + 0.07)
    paint = look.paint * (paint + within(-line - 0.07, -line + 0.07) * dashed)
    asphalt, gravel = within(left, right), within(left - rim, right + rim)
    shadow = 1 - look.shade * np.clip((smooth(x / 8, y / 8, seed + 3) - 0.55) * 6, 0, 1)
    found = np.empty((3, len(x)))
    for channel in range(3):
        green, dry, stone = (COLOURS[name][channel] for name in ("green", "dry", "gravel"))
        colour = (green + (dry - green) * look.grass) * (0.75 + 0.4 * patch + 0.8 * grain)
        colour = colour + (stone * (0.9 + 0.2 * patch + 0.6 * grain) - colour) * gravel
        colour = colour + (look.grey * (0.92 + 0.12 * patch + 0.25 * grain) - colour) * asphalt
        found[channel] = (colour + (0.92 - colour) * paint) * shadow
    return found

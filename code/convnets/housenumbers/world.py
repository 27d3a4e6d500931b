"""A rendered street: numbers on walls and plates, lit, tilted and blurred by a seeded generator that knows the truth.

Its numbers are cut like those of the data set and go through the same framing. Digits come from the outlines of
:mod:`convnets.housenumbers.glyphs`, so no font has to be there. Digits of one number share typeface, weight, slant,
paint and shadow; the wall has planks, bricks, a plate or nothing; light falls from one side. A wall without digits has
the same things, and bars, rings and screws besides.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from convnets.housenumbers.data import Cut, Digit, weights
from convnets.housenumbers.glyphs import FONTS, contours

__all__ = ["LENGTHS", "Look", "cuts", "look", "number", "wall"]

LENGTHS = (0.15, 0.40, 0.27, 0.13, 0.05)
"""Shares of numbers of one to five digits; in the street two are usual, and long ones too rare to learn from."""
_FINE = 64  # rows in which a number is painted before it is made as coarse as a photograph
_LOOSE = 0.2  # share of numbers that are cut with a wide margin


class Look(NamedTuple):
    """How a number is drawn."""

    font: str
    spacing: float  # of digits, em
    width: float  # of a digit, relative to the typeface's
    slant: float  # horizontal em for each vertical em
    turn: float  # radians
    tilt: float  # how much smaller the far end is, a share; negative: the left end is far
    thicker: int  # fine pixels added all round, or taken off


def look(draw: np.random.Generator) -> Look:
    """A random one."""
    return Look(
        font=list(FONTS)[draw.integers(len(FONTS))],
        spacing=float(draw.uniform(-0.03, 0.14)),
        width=float(draw.uniform(0.75, 1.25)),
        slant=float(draw.normal(0, 0.08)),
        turn=float(draw.normal(0, 0.06)),
        tilt=float(draw.normal(0, 0.08)),
        thicker=int(draw.choice([-1, 0, 0, 0, 1, 1, 2])),
    )


def cuts(count: int, seed: int) -> list[Cut]:
    """``count`` numbers with their digits' boxes, the same for the same seed."""
    draw = np.random.default_rng(seed)
    return [number(draw) for _ in range(count)]


def number(draw: np.random.Generator, text: str | None = None, style: Look | None = None) -> Cut:
    """One number: ``text``, or digits drawn at random."""
    if text is None:
        length = 1 + int(draw.choice(len(LENGTHS), p=LENGTHS))
        text = "".join(map(str, draw.integers(10, size=length)))
    style = style or look(draw)
    shapes = _bent(_placed(text, style), style, draw)
    boxes = [(np.concatenate(shape).min(0), np.concatenate(shape).max(0)) for shape in shapes]
    low, high = np.min([box[0] for box in boxes], 0), np.max([box[1] for box in boxes], 0)
    tall = high[1] - low[1]
    around = draw.uniform(0.0, 0.5, 4) if draw.random() < _LOOSE else draw.uniform(-0.03, 0.14, 4)
    low, high = low - around[:2] * tall, high + around[2:] * tall
    scale = _FINE / (high[1] - low[1])
    wide = max(4, round(float(high[0] - low[0]) * scale))
    mask = _ink([[(polygon - low) * scale for polygon in shape] for shape in shapes], wide, style.thicker)
    rows = int(draw.integers(12, 33))
    fine = _painted(mask, draw)
    picture = _coarse(fine, rows, max(2, round(wide * rows / _FINE)), draw)
    step = scale * rows / _FINE
    found = []
    for value, (least, most) in zip(text, boxes, strict=True):
        (left, top), (right, bottom) = (least - low) * step, (most - low) * step
        spare = 0.06 * (bottom - top)  # people draw boxes with some room
        found.append(Digit(int(value), left - spare, top - spare, right + spare, bottom + spare, 1.0))
    return Cut(picture, text, tuple(found))


def wall(draw: np.random.Generator) -> np.ndarray:
    """A picture (h, w) uint8 without a digit."""
    wide = int(draw.integers(24, 129))
    mask = np.zeros((_FINE, wide))
    for _ in range(int(draw.integers(0, 4))):
        _clutter(mask, draw)
    rows = int(draw.integers(12, 33))
    return _coarse(_painted(mask, draw), rows, max(2, round(wide * rows / _FINE)), draw)


# Where the digits stand


def _placed(text: str, style: Look) -> list[list[np.ndarray]]:
    """The polygons of each digit, em, y down, one beside the other."""
    shapes, pen = [], 0.0
    for letter in text:
        polygons, advance = contours(style.font, int(letter))
        shapes.append([polygon * (style.width, 1.0) + (pen, 0.0) for polygon in polygons])
        pen += advance * style.width + style.spacing
    return shapes


def _bent(shapes: list[list[np.ndarray]], style: Look, draw: np.random.Generator) -> list[list[np.ndarray]]:
    """Slanted, turned and seen from one side; each digit a little out of line."""
    every = np.concatenate([polygon for shape in shapes for polygon in shape])
    middle, wide = (every.min(0) + every.max(0)) / 2, np.ptp(every[:, 0]) + 1e-9
    cos, sin = np.cos(style.turn), np.sin(style.turn)
    found = []
    for shape in shapes:
        nudge = draw.normal(0, (0.006, 0.015))
        moved = []
        for polygon in shape:
            x, y = (polygon - middle + nudge).T
            x = x - style.slant * y
            x, y = cos * x - sin * y, sin * x + cos * y
            depth = 1 + style.tilt * x / wide
            moved.append(np.stack([x / depth, y / depth], 1))
        found.append(moved)
    return found


# What is painted


def _ink(shapes: list[list[np.ndarray]], wide: int, thicker: int) -> np.ndarray:
    """Ink (_FINE, wide) from 0 to 1 of polygons in fine pixels; what two polygons of a digit share is a hole."""
    from PIL import Image, ImageChops, ImageDraw, ImageFilter

    whole = Image.new("1", (2 * wide, 2 * _FINE))
    for shape in shapes:
        digit = Image.new("1", whole.size)
        for polygon in shape:
            one = Image.new("1", whole.size)
            ImageDraw.Draw(one).polygon([(2 * x, 2 * y) for x, y in polygon], fill=1)
            digit = ImageChops.logical_xor(digit, one)
        whole = ImageChops.logical_or(whole, digit)
    grey = whole.convert("L")
    if thicker:
        grey = grey.filter((ImageFilter.MaxFilter if thicker > 0 else ImageFilter.MinFilter)(2 * abs(thicker) + 1))
    return np.asarray(grey, np.float64).reshape(_FINE, 2, wide, 2).mean((1, 3)) / 255


def _painted(mask: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Grey levels (_FINE, wide) of a wall with ink on it."""
    ground = draw.uniform(20, 235)
    contrast = draw.uniform(30, 190) * (1 if draw.random() < (ground < 110) * 0.8 + 0.1 else -1)
    picture = np.full(mask.shape, ground)
    kind = draw.random()
    if kind < 0.25:
        _planks(picture, draw)
    elif kind < 0.4:
        _bricks(picture, draw)
    elif kind < 0.6:
        _plate(picture, draw)
    picture += _smooth(draw.normal(0, 1, mask.shape), draw.uniform(1, 6)) * draw.uniform(0, 45)
    if draw.random() < 0.35:  # a shadow of digits that stand off the wall
        down, along = draw.integers(-4, 5, 2)
        picture -= np.roll(mask, (down, along), (0, 1)) * draw.uniform(10, 70)
    if draw.random() < 0.15:  # a rim
        rim = np.clip(_smooth(mask, 1.5) * 2, 0, 1)
        picture += rim * draw.uniform(-70, 70)
    paint = ground + contrast + draw.normal(0, 10) * np.linspace(-1, 1, mask.shape[0])[:, None]
    paint = paint + _smooth(draw.normal(0, 1, mask.shape), 2) * draw.uniform(0, 25)
    picture = picture * (1 - mask) + paint * mask
    y, x = np.mgrid[-1 : 1 : mask.shape[0] * 1j, -1 : 1 : mask.shape[1] * 1j]
    light = 1 + draw.normal(0, 0.15) * x + draw.normal(0, 0.15) * y
    if draw.random() < 0.12:  # an edge of shade
        angle = draw.uniform(0, 2 * np.pi)
        light *= np.where(np.cos(angle) * x + np.sin(angle) * y > draw.uniform(-0.5, 0.5), draw.uniform(0.5, 0.8), 1)
    return picture * light


def _planks(picture: np.ndarray, draw: np.random.Generator) -> None:
    axis, step = int(draw.random() < 0.3), int(draw.integers(8, 30))
    lines = (np.arange(picture.shape[axis]) + draw.integers(step)) % step < draw.integers(1, 4)
    picture += (lines[:, None] if axis == 0 else lines) * draw.uniform(-50, 30)


def _bricks(picture: np.ndarray, draw: np.random.Generator) -> None:
    step = int(draw.integers(10, 24))
    rows = np.arange(picture.shape[0]) + draw.integers(step)
    columns = np.arange(picture.shape[1])[None] + (rows // step % 2)[:, None] * step
    picture += ((rows % step < 2)[:, None] | (columns % (2 * step) < 2)) * draw.uniform(-40, 50)


def _plate(picture: np.ndarray, draw: np.random.Generator) -> None:
    h, w = picture.shape
    top, left, bottom, right = (int(edge) for edge in draw.uniform(0, 0.12, 4) * (h, w, h, w))
    rim, change = int(draw.integers(0, 4)), draw.uniform(-60, 60)
    outside = np.ones_like(picture)
    outside[top : h - bottom, left : w - right] = 0
    picture += outside * change
    if rim:
        frame = 1 - outside
        frame[top + rim : h - bottom - rim, left + rim : w - right - rim] = 0
        picture += frame * draw.uniform(-80, 80)


def _clutter(mask: np.ndarray, draw: np.random.Generator) -> None:
    """A bar, ring or dot on a wall without digits."""
    h, w = mask.shape
    y, x = np.mgrid[:h, :w]
    kind, (down, along) = draw.random(), draw.uniform(0, 1, 2) * (h, w)
    if kind < 0.45:
        angle = draw.choice([0, np.pi / 2, draw.uniform(0, np.pi)])
        far = np.abs(np.cos(angle) * (x - along) + np.sin(angle) * (y - down))
        mask[far < draw.uniform(1, 6)] = 1  # through and through: a digit ends inside
    elif kind < 0.7:
        far, size = np.hypot(y - down, x - along), draw.uniform(3, 7)
        mask[far < size] = 1
    else:
        tall, wide = draw.uniform(0.15, 0.5, 2) * (h, w)
        mask[(np.abs(y - down) < tall) & (np.abs(x - along) < wide)] = 1


# As the camera sees it


def _coarse(fine: np.ndarray, rows: int, columns: int, draw: np.random.Generator) -> np.ndarray:
    """(rows, columns) uint8: blurred, reduced, with noise."""
    blurred = _smooth(fine, draw.uniform(0.3, 4.5))
    small = _reduced(fine.shape[0], rows) @ blurred @ _reduced(fine.shape[1], columns).T
    small = small + draw.normal(0, draw.uniform(0.5, 5), small.shape)
    return np.rint(small).clip(0, 255).astype(np.uint8)


@cache
def _reduced(length: int, count: int) -> np.ndarray:
    return weights(length, 0, length, count)


def _smooth(picture: np.ndarray, sigma: float) -> np.ndarray:
    """Blurred by a Gaussian of ``sigma`` pixels, edges going on."""
    for axis in (0, 1):
        reach = min(int(3 * sigma) + 1, 12)
        kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
        kernel /= kernel.sum()
        padded = np.pad(picture, [(reach, reach) if place == axis else (0, 0) for place in (0, 1)], mode="edge")
        length = picture.shape[axis]
        picture = sum(
            share * (padded[at : at + length] if axis == 0 else padded[:, at : at + length])
            for at, share in enumerate(kernel)
        )
    return picture

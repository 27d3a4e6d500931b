"""What the projector throws on the screen: spots, rings, bars, edges and gratings, in degrees of visual angle.

The screen is a square that reaches from -HALF to HALF degrees, x to the right, y upwards; image row 0 is the top.
Angles are in degrees, counter-clockwise; the angle of a bar is that of its long side, that of an edge or a grating
the direction along which its luminance does not change. Two right angles further on, a bar is the same bar, and an
edge has its light on the other side.

**Contrast.** An image holds the *Weber contrast* of every pixel, (L - L0) / L0, where L0 is the luminance of the
background: 0 is background, 1 twice as bright, -1 black. The mean of a grating is the background, so its amplitude is
its *Michelson contrast*, (Lmax - Lmin) / (Lmax + Lmin), as well: the two agree where they meet.

Choices: pixels at the border of a shape are lit in the proportion in which it covers them (exact for a straight side
parallel to the pixels, and close to that for others), so that a stimulus may move by any fraction of a pixel. The
size of the screen and of its pixels is ours; no paper prescribes it.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from convnets.common.errors import ConvnetsError

__all__ = [
    "HALF", "PIXEL", "PIXELS_PER_DEGREE", "SIZE", "Stimulus", "across", "blank", "check_image", "grating", "grid",
    "picture", "sweep",
]  # fmt: skip

HALF = 4.0  # degrees from the middle of the screen to its border
PIXELS_PER_DEGREE = 8
PIXEL = 1 / PIXELS_PER_DEGREE  # degrees
SIZE = round(2 * HALF * PIXELS_PER_DEGREE)  # pixels a side

_NEEDS = {
    "spot": ("diameter",),
    "annulus": ("diameter", "width"),
    "bar": ("width", "length"),
    "edge": (),
}


@dataclass(frozen=True)
class Stimulus:
    """A shape of light (contrast > 0) or shade (contrast < 0) on the background; lengths in degrees.

    ``diameter`` belongs to spots and to annuli (the inner one), ``width`` to bars and annuli (of the ring),
    ``length`` to bars. An edge has its light on the right of its direction ``angle``.
    """

    shape: str  # "spot", "annulus", "bar" or "edge"
    x: float = 0.0
    y: float = 0.0
    angle: float = 0.0
    diameter: float = 1.0
    width: float = 0.5
    length: float = 2.0
    contrast: float = 1.0

    def __post_init__(self) -> None:
        if self.shape not in _NEEDS:
            raise ConvnetsError(f"There is no stimulus of shape {self.shape!r}: choose one of {', '.join(_NEEDS)}.")
        _check_contrast(self.contrast)
        for name in ("x", "y", "angle"):
            if not math.isfinite(getattr(self, name)):
                raise ConvnetsError(f"The {name} of a {self.shape} is {getattr(self, name)}: give a number of degrees.")
        for name in _NEEDS[self.shape]:
            if not getattr(self, name) > 0:
                raise ConvnetsError(
                    f"The {name} of a {self.shape} is {getattr(self, name)} degrees: give one above zero."
                )


@functools.cache
def grid() -> tuple[np.ndarray, np.ndarray]:
    """x and y in degrees of every pixel's middle, (SIZE, SIZE) each; not to be written to."""
    ticks = (np.arange(SIZE) + 0.5) * PIXEL - HALF
    x, y = np.meshgrid(ticks, -ticks)
    x.flags.writeable = y.flags.writeable = False
    return x, y


def across(angle: float, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(u, v): coordinates along the direction ``angle`` and across it (90 degrees further, counter-clockwise)."""
    turn = math.radians(angle)
    return x * math.cos(turn) + y * math.sin(turn), -x * math.sin(turn) + y * math.cos(turn)


def blank() -> np.ndarray:
    """The background alone, (SIZE, SIZE)."""
    return np.zeros((SIZE, SIZE))


def picture(stimulus: Stimulus | None, is_checked: bool = True) -> np.ndarray:
    """The Weber contrast of every pixel, (SIZE, SIZE); None is the background.

    Raises:
        ConvnetsError: no part of the stimulus lies on the screen, unless ``is_checked`` is False.
    """
    if stimulus is None:
        return blank()
    x, y = grid()
    u, v = across(stimulus.angle, x - stimulus.x, y - stimulus.y)
    if stimulus.shape == "bar":
        covered = _overlap(u, stimulus.length) * _overlap(v, stimulus.width)
    elif stimulus.shape == "edge":
        covered = np.clip(0.5 - v / PIXEL, 0, 1)
    else:
        inner, distance = stimulus.diameter / 2, np.hypot(u, v)
        covered = np.clip(0.5 + (inner - distance) / PIXEL, 0, 1)
        if stimulus.shape == "annulus":
            covered = np.clip(0.5 + (inner + stimulus.width - distance) / PIXEL, 0, 1) - covered
    if is_checked and not covered.any():
        raise ConvnetsError(
            f"The {stimulus.shape} at ({stimulus.x}, {stimulus.y}) lies outside the screen, which reaches from "
            f"{-HALF} to {HALF} degrees: move it in."
        )
    return stimulus.contrast * covered


def _overlap(distance: np.ndarray, width: float) -> np.ndarray:
    """Which part of a pixel, ``distance`` from the middle of a strip, the strip covers."""
    upper = np.minimum(distance + PIXEL / 2, width / 2)
    lower = np.maximum(distance - PIXEL / 2, -width / 2)
    return np.clip(upper - lower, 0, None) / PIXEL


def grating(
    angle: float,
    frequency: float,
    phase: float | np.ndarray = 0.0,
    contrast: float = 1.0,
) -> np.ndarray:
    """A sinusoidal grating over the whole screen, ``frequency`` in cycles per degree, ``phase`` in radians.

    A phase (T,) that falls with time moves it towards ``angle`` + 90 degrees. Returns (SIZE, SIZE) or (T, SIZE, SIZE).

    Raises:
        ConvnetsError: no contrast, or a frequency that the pixels cannot show.
    """
    _check_contrast(contrast)
    if not 0 < frequency <= PIXELS_PER_DEGREE / 2:
        raise ConvnetsError(
            f"A grating of {frequency} cycles per degree cannot be shown with {PIXELS_PER_DEGREE} pixels per degree: "
            f"choose one above 0 and up to {PIXELS_PER_DEGREE / 2}."
        )
    _, v = across(angle, *grid())
    return contrast * np.cos(2 * math.pi * frequency * v + np.asarray(phase)[..., None, None])


def sweep(stimulus: Stimulus, speed: float, seconds: float, step: float) -> list[Stimulus]:
    """``stimulus`` moved across its angle at ``speed`` degrees a second, passing its place half way through.

    Raises:
        ConvnetsError: a speed that is no number, or a time or step that is not above zero.
    """
    if not (math.isfinite(speed) and 0 < step <= seconds < math.inf):
        raise ConvnetsError(
            f"A sweep of {speed} degrees a second for {seconds} seconds in steps of {step} cannot be shown: give a "
            "finite speed and a time of one step or more."
        )
    turn = math.radians(stimulus.angle + 90)
    places = (np.arange(round(seconds / step)) * step - seconds / 2) * speed
    fields = {name: getattr(stimulus, name) for name in stimulus.__dataclass_fields__}
    return [
        Stimulus(**fields | {"x": stimulus.x + far * math.cos(turn), "y": stimulus.y + far * math.sin(turn)})
        for far in map(float, places)
    ]


def check_image(image: np.ndarray) -> np.ndarray:
    """``image``, if it is one or more pictures of the screen in Weber contrast, (..., SIZE, SIZE).

    Raises:
        ConvnetsError: another size, or values below -1 (darker than black) or that are no numbers.
    """
    if image.shape[-2:] != (SIZE, SIZE):
        raise ConvnetsError(f"A picture has {SIZE} x {SIZE} pixels, this one has the shape {image.shape}: resize it.")
    if not np.isfinite(image).all() or image.min() < -1 - 1e-9 or image.max() > 2 + 1e-9:
        raise ConvnetsError(
            f"Contrasts lie between -1 (black) and 2, these between {image.min()} and {image.max()}: "
            "divide luminance by the background's and subtract 1."
        )
    return image


def _check_contrast(contrast: float) -> None:
    if not (-1 <= contrast <= 1 and contrast != 0):
        raise ConvnetsError(
            f"A stimulus of contrast {contrast} cannot be shown: choose one from -1 (black) to 1 that is not 0."
        )

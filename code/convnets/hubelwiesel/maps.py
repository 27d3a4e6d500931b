"""Columns in a sheet of cortex: a self-organising map of place, orientation and eye. A simulation.

Every point of the sheet prefers a stimulus (x, y, q cos 2 theta, q sin 2 theta, z): a place, an orientation theta
whose strength is q, and an eye z. Stimuli come by chance; the point that prefers the most similar one, and its
neighbours, learn to prefer it a little more (Kohonen 1982; of orientation and eye, Obermayer, Ritter & Schulten
1990). Neighbours then prefer similar things, and a sheet of two dimensions has to fold five into itself: that is
where columns and pinwheels come from. (Durbin & Mitchison 1990 obtain like maps from the idea that connexions should
be short.)

Choices: a sheet of 72 x 72 points that closes on itself; a radius of 3 points; ranges of q and z; steps and rate.
They are ours, chosen so that a map forms in seconds; the papers' sheets are larger. q is drawn so that (q cos, q sin)
fills a disc.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from convnets.common.errors import ConvnetsError

__all__ = ["Sheet", "density", "eye_spacing", "grow", "penetration", "pinwheels", "spacing", "track", "wander"]

SIDE = 72
RADIUS = 3.0  # points, standard deviation of the neighbourhood
ORIENTATION = 9.0  # largest q, in points of the sheet
EYE = 6.0  # largest |z|
REACH = 12  # points from its place in which the winner of a stimulus is looked for
RATE = 0.1
STIMULI = 40_000


class Sheet(NamedTuple):
    """What each point of the sheet prefers: ``features`` (SIDE, SIDE, 5)."""

    features: np.ndarray

    @property
    def orientation(self) -> np.ndarray:
        """Preferred orientation in degrees, 0 to 180, (SIDE, SIDE)."""
        return np.degrees(np.arctan2(self.features[..., 3], self.features[..., 2])) / 2 % 180

    @property
    def eye(self) -> np.ndarray:
        """Ocular dominance, above zero for the one eye and below for the other, (SIDE, SIDE)."""
        return self.features[..., 4]


def grow(seed: int = 0, stimuli: int = STIMULI, side: int = SIDE) -> Sheet:
    """Let a sheet learn from random stimuli, beginning with the right places and no other preference.

    Raises:
        ConvnetsError: a sheet in which a winner's surroundings would meet themselves, or no stimulus.
    """
    if side <= 2 * REACH or stimuli < 1:
        raise ConvnetsError(
            f"{stimuli} stimuli teach a sheet of {side} points a side nothing: give one or more, and more than "
            f"{2 * REACH} points."
        )
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:side, :side].astype(float)
    features = np.stack([columns, rows, *random.normal(0, 0.05, (3, side, side))], axis=-1)
    reach = round(3 * RADIUS)
    offsets = np.arange(-reach, reach + 1)
    near = np.exp(-(offsets[:, None] ** 2 + offsets[None] ** 2) / (2 * RADIUS**2))[..., None]
    angles, strengths = random.uniform(0, 2 * math.pi, stimuli), ORIENTATION * np.sqrt(random.uniform(0, 1, stimuli))
    drawn = np.column_stack([
        random.uniform(0, side, (stimuli, 2)), strengths * np.cos(angles), strengths * np.sin(angles),
        random.uniform(-EYE, EYE, stimuli),
    ])  # fmt: skip
    for stimulus in drawn:
        row, column = _winner(features, stimulus, side)
        place = np.ix_((row + offsets) % side, (column + offsets) % side)
        change = stimulus - features[place]
        change[..., :2] = (change[..., :2] + side / 2) % side - side / 2
        features[place] += RATE * near * change
    return Sheet(features)


def _winner(features: np.ndarray, stimulus: np.ndarray, side: int, reach: int = REACH) -> tuple[int, int]:
    """The point that prefers what is nearest to the stimulus; only points near its place can."""
    around = np.arange(-reach, reach + 1)
    rows, columns = (int(stimulus[1]) + around) % side, (int(stimulus[0]) + around) % side
    change = features[np.ix_(rows, columns)] - stimulus
    change[..., :2] = (change[..., :2] + side / 2) % side - side / 2
    best = int((change**2).sum(-1).argmin())
    return int(rows[best // len(around)]), int(columns[best % len(around)])


def pinwheels(orientation: np.ndarray) -> np.ndarray:
    """The turn of the orientation around every square of four points, in half turns: 1, -1 (pinwheels) or 0."""
    corners = [
        orientation,
        np.roll(orientation, -1, 1),
        np.roll(orientation, (-1, -1), (0, 1)),
        np.roll(orientation, -1, 0),
    ]
    total = np.zeros_like(orientation)
    for here, there in zip(corners, corners[1:] + corners[:1], strict=True):
        total += (there - here + 90) % 180 - 90
    return np.rint(total / 180).astype(int)


def spacing(sheet: Sheet) -> float:
    """Points from one column to the next of the same orientation: 1 / the mean frequency in the map's spectrum.

    The map is that of q cos 2 theta + i q sin 2 theta. The orientation alone jumps at every pinwheel, which puts high
    frequencies into its spectrum, and so makes the columns look closer than they are.
    """
    return _wavelength(sheet.features[..., 2] + 1j * sheet.features[..., 3])


def density(sheet: Sheet) -> float:
    """Pinwheels, of either sense, in a square whose side is one :func:`spacing`."""
    return float(abs(pinwheels(sheet.orientation)).sum() * (spacing(sheet) / len(sheet.orientation)) ** 2)


def _wavelength(values: np.ndarray) -> float:
    side = len(values)
    power = abs(np.fft.fft2(values - values.mean())) ** 2
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None])
    return float(power.sum() / (power * frequency).sum())


def eye_spacing(sheet: Sheet) -> float:
    """As :func:`spacing`, from one stripe of an eye to the next of the same eye."""
    return _wavelength(sheet.eye)


def track(sheet: Sheet, angle: float = 10.0, length: int = 60, row: float = 20.0) -> tuple[np.ndarray, np.ndarray]:
    """(rows, columns) of the points that a straight track from the left border meets, ``length`` of them."""
    side, turn, steps = len(sheet.orientation), math.radians(angle), np.arange(length)
    return np.rint(row + steps * math.sin(turn)).astype(int) % side, np.rint(4 + steps * math.cos(turn)).astype(
        int
    ) % side


def penetration(sheet: Sheet, angle: float = 10.0, length: int = 60, row: float = 20.0) -> np.ndarray:
    """Orientations in degrees along a track, without jumps at 180: what an electrode meets on its way."""
    return np.unwrap(sheet.orientation[track(sheet, angle, length, row)], period=180)


def wander(orientations: np.ndarray) -> float:
    """Median change in degrees from one point of a track to the next; chance alone would give 45."""
    return float(np.median(abs(np.diff(orientations))))

"""From a map of classes to distances along the road: a pinhole camera over a flat world.

A camera at height h over a flat road, tilted down by the angle theta, sees the road at distance d in the direction
atan(h / d) below the horizon. With a focal length of f pixels that is the row

    y = c + f tan(atan(h / d) - theta),        backwards    d = h / tan(theta + atan((y - c) / f)),

c being the row of the optical axis. Rows are counted from the picture's upper edge, and may lie between pixels.

Source: G. Stein, O. Mano, A. Shashua: "Vision-based ACC with a single camera: bounds on range and range rate accuracy",
IEEE Intelligent Vehicles Symposium, 2003: y = f h / d for a level camera, and an error of distance that grows as d^2.

Deviations:
    - Nobody calibrated CamVid's camera for us: :data:`CAMERA` is a guess, told as one. Distances in photographs are
      illustrations; what is measured is measured on projected points.
    - Two cars that touch in the picture are one piece, and count as one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from convnets.common import masks
from convnets.common.errors import ConvnetsError
from convnets.driving.streets import CLASSES

__all__ = ["CAMERA", "KINDS", "Camera", "Obstacle", "drawn", "find", "foot_error"]

KINDS = ("Car", "Pedestrian", "Bicyclist")
"""What can stand in the way."""
ROAD = CLASSES.index("Road")
LEAST = 12
"""Pixels that a piece must have to count."""


class Camera(NamedTuple):
    """A camera that looks along a flat road."""

    height: float = 1.3  # metres above the road
    focal: float = 250.0  # pixels
    centre: float = 90.0  # row of the optical axis
    tilt: float = 0.0  # radians below the horizon

    @property
    def horizon(self) -> float:
        """The row in which a flat road would end."""
        return self.centre - self.focal * math.tan(self.tilt)

    def row(self, distance: float) -> float:
        """The row of a point of the road at ``distance`` metres.

        Raises:
            ConvnetsError: the point does not lie ahead.
        """
        if not distance > 0:
            raise ConvnetsError(f"A point {distance} m ahead is not in front of the camera: give a distance above 0.")
        return self.centre + self.focal * math.tan(math.atan(self.height / distance) - self.tilt)

    def distance(self, row: float) -> float:
        """How far ahead the road lies that is seen in ``row``, in metres; infinite at the horizon and above."""
        angle = self.tilt + math.atan((row - self.centre) / self.focal)
        return self.height / math.tan(angle) if angle > 0 else math.inf

    def moved(self, tilt: float = 0.0, lift: float = 0.0) -> Camera:
        """The camera tilted down by ``tilt`` radians and lifted by ``lift`` metres, as a bump does."""
        return self._replace(tilt=self.tilt + tilt, height=self.height + lift)


CAMERA = Camera()
"""What is assumed for photographs of 240x180 pixels: no calibration of their camera is at hand."""


class Obstacle(NamedTuple):
    """A piece of a class that can stand in the way."""

    kind: str  # of KINDS
    top: int  # first row
    foot: int  # the row below its last one: where it meets the ground
    left: int  # first column
    right: int  # the column after its last one
    area: int  # pixels
    distance: float  # metres
    nearest: float  # if the row is off by one, and the tilt by as much as was asked
    farthest: float
    is_on_road: bool  # whether most of what is right below it is road


def foot_error(camera: Camera, distance: float, tilt: float = 0.0, rows: float = 0.0, lift: float = 0.0) -> float:
    """How far off a distance is told, in metres, while the camera is really tilted, lifted, and the row off by so much.

    The row comes from the moved camera; the distance is read as if nothing had moved. To first order the error is
    (d^2 + h^2) / h times the tilt: it grows with the square of the distance.
    """
    row = camera.moved(tilt, lift).row(distance) + rows
    return camera.distance(row) - distance


def find(
    labels: np.ndarray, camera: Camera = CAMERA, tilt: float = math.radians(0.5), least: int = LEAST
) -> list[Obstacle]:
    """Cars, people and bicycles in a map of classes (H, W), nearest first.

    ``tilt`` is how far the camera's may be off, in radians; with a row more or less it gives nearest and farthest.

    Raises:
        ConvnetsError: the map has no rows and columns alone, or a label is no class.
    """
    labels = np.asarray(labels)
    if labels.ndim != 2 or not labels.size:
        raise ConvnetsError(f"A map of classes of shape {labels.shape} is none: give (height, width).")
    if labels.min() < 0 or labels.max() > len(CLASSES):
        raise ConvnetsError(f"The map holds the label {int(labels.max())}: classes run from 0 to {len(CLASSES) - 1}.")
    found = []
    for kind in KINDS:
        numbered = masks.pieces(labels == CLASSES.index(kind))
        areas = np.bincount(numbered.ravel())
        for number in range(1, len(areas)):
            if areas[number] >= least:
                found.append(_told(kind, numbered == number, labels, camera, tilt))
    return sorted(found, key=lambda one: one.distance)


def _told(kind: str, piece: np.ndarray, labels: np.ndarray, camera: Camera, tilt: float) -> Obstacle:
    rows, columns = np.nonzero(piece.any(1))[0], np.nonzero(piece.any(0))[0]
    top, foot, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    below = labels[min(foot, len(labels) - 1), left:right]
    nearest = camera.moved(tilt).distance(foot + 1)
    farthest = camera.moved(-tilt).distance(foot - 1)
    return Obstacle(
        kind, top, foot, left, right, int(piece.sum()), camera.distance(foot), nearest, farthest,
        bool((below == ROAD).mean() > 0.5),
    )  # fmt: skip


def drawn(camera: Camera, distance: float, kind: str = "Car", size: tuple[int, int] = (180, 240)) -> np.ndarray:
    """A map of classes (H, W) with a box of ``kind`` that stands on the road at ``distance`` metres: exact, for tests.

    Raises:
        ConvnetsError: it stands outside the picture.
    """
    wide, high = {"Car": (1.8, 1.5), "Pedestrian": (0.6, 1.75), "Bicyclist": (0.6, 1.75)}[kind]
    height, width = size
    rows = np.arange(height) + 0.5
    labels = np.where(rows < camera.horizon, CLASSES.index("Sky"), ROAD)[:, None].repeat(width, 1)
    foot, scale = camera.row(distance), camera.focal / math.hypot(distance, camera.height)
    inside = (rows < foot) & (rows > foot - high * scale)
    across = np.abs(np.arange(width) + 0.5 - width / 2) < wide * scale / 2
    if foot > height or not inside.any() or not across.any():
        raise ConvnetsError(f"A {kind.lower()} {distance} m ahead stands outside the picture, or below a pixel.")
    labels[np.outer(inside, across)] = CLASSES.index(kind)
    return labels

"""The camera over a flat road, both ways; and what stands on the road."""

from __future__ import annotations

import math

import numpy as np
import pytest

from convnets.common.errors import ConvnetsError
from convnets.driving import obstacles
from convnets.driving.obstacles import Camera
from convnets.driving.streets import CLASSES

CAMERAS = [Camera(), Camera(1.6, 400, 120, 0.05), Camera(1.2, 180, 60, -0.03)]


def projected(camera: Camera, distance: float) -> float:
    """The row of a point of the road by rotating it into the camera's axes, which the module does not do."""
    forward, down = distance, camera.height
    turned_forward = forward * math.cos(camera.tilt) + down * math.sin(camera.tilt)
    turned_down = -forward * math.sin(camera.tilt) + down * math.cos(camera.tilt)
    return camera.centre + camera.focal * turned_down / turned_forward


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("distance", [2.0, 7.5, 30.0, 120.0])
def test_a_projected_point_gives_its_distance_back(camera: Camera, distance: float) -> None:
    row = projected(camera, distance)
    assert camera.row(distance) == pytest.approx(row, abs=1e-9)
    assert camera.distance(row) == pytest.approx(distance, rel=1e-9)


@pytest.mark.parametrize("camera", CAMERAS)
def test_the_horizon_is_where_the_road_ends(camera: Camera) -> None:
    assert camera.row(1e9) == pytest.approx(camera.horizon, abs=1e-5)
    assert camera.distance(camera.horizon) > 1e9
    assert camera.distance(camera.horizon - 1) == math.inf
    assert camera.distance(camera.horizon + 1) < math.inf


def test_a_level_camera_has_the_formula_of_stein_and_others() -> None:
    camera = Camera(1.5, 300, 80)
    assert camera.distance(80 + 300 * 1.5 / 20) == pytest.approx(20)


def test_the_error_grows_with_the_square_of_the_distance() -> None:
    camera, tilt = Camera(), math.radians(0.1)
    for distance in (5.0, 10.0, 20.0):
        predicted = -(distance**2 + camera.height**2) / camera.height * tilt
        assert obstacles.foot_error(camera, distance, tilt) == pytest.approx(-predicted, rel=0.05)
    ratio = obstacles.foot_error(camera, 20, tilt) / obstacles.foot_error(camera, 10, tilt)
    assert ratio == pytest.approx(4, rel=0.1)
    assert obstacles.foot_error(camera, 20) == pytest.approx(0, abs=1e-9)
    assert obstacles.foot_error(camera, 20, rows=1) < 0 < obstacles.foot_error(camera, 20, rows=-1)
    assert obstacles.foot_error(camera, 20, lift=0.13) == pytest.approx(-20 / 11, rel=0.01), "a tenth higher"


def test_nothing_is_in_front_at_distance_0() -> None:
    with pytest.raises(ConvnetsError, match="not in front"):
        Camera().row(0)


# Pieces


@pytest.mark.parametrize("distance", [5.0, 12.0, 30.0])
@pytest.mark.parametrize("kind", obstacles.KINDS)
def test_what_stands_on_the_road_is_found_at_its_distance(distance: float, kind: str) -> None:
    camera = Camera()
    (found,) = obstacles.find(obstacles.drawn(camera, distance, kind), camera, least=4)
    assert found.kind == kind and found.is_on_road
    assert abs(found.foot - camera.row(distance)) <= 1
    assert found.nearest < distance < found.farthest
    assert found.nearest < found.distance < found.farthest


def test_the_nearest_comes_first_and_specks_do_not_count() -> None:
    camera = Camera()
    labels = np.full((180, 240), obstacles.ROAD)
    near, far = round(camera.row(6)), round(camera.row(25))
    labels[far - 20 : far, 20:40] = CLASSES.index("Bicyclist")
    labels[near - 60 : near, 100:150] = CLASSES.index("Car")
    labels[near - 3 : near, 200:203] = CLASSES.index("Car")
    found = obstacles.find(labels, camera)
    assert [one.kind for one in found] == ["Car", "Bicyclist"]
    assert (found[0].left, found[0].right, found[0].foot, found[0].area) == (100, 150, near, 3000)
    assert found[0].distance < found[1].distance


def test_one_on_the_pavement_is_told_apart() -> None:
    camera = Camera()
    labels = obstacles.drawn(camera, 8, "Pedestrian")
    labels[labels == obstacles.ROAD] = CLASSES.index("Pavement")
    (found,) = obstacles.find(labels, camera)
    assert not found.is_on_road


def test_what_hovers_above_the_horizon_has_no_distance() -> None:
    labels = np.full((180, 240), CLASSES.index("Sky"))
    labels[20:40, 50:70] = CLASSES.index("Car")
    (found,) = obstacles.find(labels)
    assert found.distance == math.inf


def test_an_empty_map_holds_nothing_and_no_map_is_refused() -> None:
    assert obstacles.find(np.zeros((5, 7), int)) == []
    for wrong in (np.zeros((2, 5, 7), int), np.zeros((0, 7), int)):
        with pytest.raises(ConvnetsError, match="give \\(height, width\\)"):
            obstacles.find(wrong)
    with pytest.raises(ConvnetsError, match="the label 12"):
        obstacles.find(np.full((5, 7), 12))
    with pytest.raises(ConvnetsError, match="outside the picture"):
        obstacles.drawn(Camera(), 0.5)

"""The road world: noise, geometry there and back, the car, and whether pictures show what lies where it lies."""

from __future__ import annotations

import math

import node
import numpy as np
import pytest
import torch
from browsing import ROOT

from convnets.common.errors import ConvnetsError
from convnets.driving import steering
from convnets.driving.pilot import yuv
from convnets.driving.road import HEIGHT, WIDTH, WORLD, Car, Place, Road, hashed, picture, smooth, step


def _hashed(column: int, row: int, seed: int) -> float:
    """The hash with whole numbers of any size, masked by hand."""
    whole = 2**32 - 1
    value = (column * 0x9E3779B1 & whole) ^ (row * 0x85EBCA77 & whole) ^ (seed * 0xC2B2AE3D & whole)
    for shift, factor in ((15, 0x2C1B3C6D), (12, 0x297A2D39)):
        value = (value ^ value >> shift) * factor & whole
    return (value ^ value >> 15) / 2**32


def test_noise_is_the_same_on_every_machine_and_even() -> None:
    columns, rows = np.array([0, 1, -1, 12345, -98765]), np.array([0, -3, 7, 2**31, 5])
    found = hashed(columns, rows, 4711)
    assert found.tolist() == [_hashed(int(c), int(r), 4711) for c, r in zip(columns, rows, strict=True)]
    many = hashed(*np.meshgrid(np.arange(-100, 100), np.arange(100)), 3)
    assert abs(many.mean() - 0.5) < 0.01 and abs(many.var() - 1 / 12) < 0.002
    beside = np.corrcoef(many[:, :-1].ravel(), many[:, 1:].ravel())[0, 1]
    assert abs(beside) < 0.02, "neighbours know nothing of one another"


def test_smooth_noise_meets_the_hash_at_whole_numbers_and_does_not_jump() -> None:
    whole = np.arange(-5.0, 5)
    assert np.allclose(smooth(whole, whole[::-1], 9), hashed(whole, whole[::-1], 9))
    fine = smooth(np.arange(0, 20, 0.01), np.full(2000, 0.3), 9)
    assert np.abs(np.diff(fine)).max() < 0.016 and np.ptp(fine) > 0.3


@pytest.mark.parametrize("seed", [0, 7, 30_001])
def test_a_place_along_the_road_is_found_again_from_its_pose(seed: int) -> None:
    road, draw = Road(seed), np.random.default_rng(seed)
    for _ in range(50):
        place = Place(*draw.uniform((50, -5, -0.6), (3800, 5, 0.6)).tolist())
        again = road.found(*road.pose(place), near=place.along + draw.uniform(-3, 3))
        assert np.allclose(again, place, atol=1e-9)


def test_the_middle_turns_by_its_curvature_and_has_no_gap() -> None:
    road = Road(5)
    along = np.arange(0.0, 3990, 0.05)
    x, y, direction, bend = road.middle(along)
    assert np.allclose(np.hypot(np.diff(x), np.diff(y)), 0.05, atol=1e-6)
    assert np.allclose(np.arctan2(np.diff(y), np.diff(x)), (direction[1:] + direction[:-1]) / 2, atol=1e-4)
    assert np.allclose(bend, road.curvature(np.floor(along) + 0.5))
    assert 0.6 * road.sharp < np.abs(bend).max() <= road.sharp <= 1 / 45


def test_a_car_comes_back_on_its_circle_and_its_wheels_turn_so_far_only() -> None:
    radius, car = 30.0, Car(1.0, 2.0, 0.3)
    round_trip = 2 * math.pi * radius / WORLD["speed"]
    after = car
    for _ in range(7):
        after = step(after, 1 / radius, round_trip / 7)
    assert np.allclose(after, (car.x, car.y, car.direction + 2 * math.pi))
    right = step(Car(0.0, 0.0, 0.0), 0.05, 1.0)
    assert right.y > 0 and right.direction == pytest.approx(0.05 * WORLD["speed"])
    assert step(car, 9.0, 0.1) == step(car, math.tan(WORLD["lock"]) / WORLD["wheelbase"], 0.1)
    assert step(Car(0.0, 0.0, 0.0), 0.0, 2.0) == (2 * WORLD["speed"], 0.0, 0.0)


def test_the_right_line_is_painted_where_a_pinhole_camera_sees_it() -> None:
    """Points of the line go through a camera written here by itself; the brightest pixels of their row are theirs."""
    road, draw, compared = Road(3), np.random.default_rng(1), 0
    assert road.look.paint > 0.5, "faded lines would show nothing"
    for _ in range(12):
        place = Place(float(draw.uniform(50, 3000)), float(draw.uniform(-1, 1)), float(draw.uniform(-0.1, 0.1)))
        seen = picture(road, place, 2).astype(int).sum(2)
        x, y, direction = road.pose(place)
        for ahead in (6.0, 9.0, 14.0):
            at_x, at_y, towards, _ = road.middle(place.along + ahead)
            line = at_x - WORLD["line"] * np.sin(towards) - x, at_y + WORLD["line"] * np.cos(towards) - y
            z = line[0] * np.cos(direction) + line[1] * np.sin(direction)
            right = line[1] * np.cos(direction) - line[0] * np.sin(direction)
            row = 2 * WORLD["horizon"] + 2 * WORLD["focal"] * WORLD["camera"] / z
            column = WIDTH + 2 * WORLD["focal"] * right / z
            if 8 < column < 2 * WIDTH - 8 and row < 2 * HEIGHT:
                around = seen[int(row), int(column) - 8 : int(column) + 9]
                bright = np.flatnonzero(around > around.max() - 60)
                lean = abs(column - WIDTH) / (row - 2 * WORLD["horizon"])  # columns that the line crosses in a row
                assert abs(bright.mean() + 0.5 - (8 + column % 1)) <= 0.7 + lean / 2, (place, ahead)
                compared += 1
    assert compared > 20


def test_a_picture_depends_on_seed_and_place_alone() -> None:
    place = Place(300.0, 0.2, 0.01)
    one = picture(Road(4), place)
    assert one.shape == (HEIGHT, WIDTH, 3) and one.dtype == np.uint8
    assert (one == picture(Road(4), place)).all()
    for other in (picture(Road(5), place), picture(Road(4), place._replace(offset=0.5))):
        assert (one != other).mean() > 0.2
    coarse = picture(Road(4), place, 2).reshape(HEIGHT, 2, WIDTH, 2, 3).mean((1, 3))
    assert np.abs(coarse - one).mean() < 6, "twice as fine it is the same picture"


def test_a_seed_that_no_road_has_is_refused() -> None:
    with pytest.raises(ConvnetsError, match="-1: choose"):
        Road(-1)


SOURCE = (ROOT / "code/live/src/demos/driving/world.js").as_uri()


def test_the_page_draws_the_same_pictures(seed: int) -> None:
    """In Node, on random roads and places, near the lane and off it: every byte, and the planes."""
    draw = np.random.default_rng(seed)
    places = [
        [int(draw.integers(2**31)), *draw.uniform((30, -2, -0.3), (3800, 2, 0.3)).tolist(), scale]
        for scale in (1, 1, 2)
    ]
    script = f"""import {{ picture, planes, Road }} from "{SOURCE}";
output(input.places.map(([seed, along, offset, turn, scale]) => {{
  const seen = picture(new Road(input.facts, seed), {{ along, offset, turn }}, scale);
  return [[...seen.data], scale === 1 ? [...planes(seen).data] : []];
}}));"""
    for (number, along, offset, turn, scale), (bytes_, planes) in zip(
        places, node.run(script, {"facts": steering.FACTS, "places": places}), strict=True
    ):
        mine = picture(Road(number), Place(along, offset, turn), scale)
        theirs = np.array(bytes_, np.uint8).reshape(*mine.shape[:2], 4)
        assert (theirs[..., 3] == 255).all()
        apart = np.abs(theirs[..., :3].astype(int) - mine)
        assert apart.max() <= 1 and (apart > 0).mean() < 1e-3, "sines may round otherwise elsewhere"
        if scale == 1:
            expected = yuv(torch.from_numpy(theirs[..., :3].copy()).permute(2, 0, 1)[None])
            assert np.allclose(planes, expected.flatten(), atol=1e-6)


def test_the_page_drives_the_same_way(seed: int) -> None:
    """Twenty seconds of the driver that knows where it is, begun off the middle, and its autonomy."""
    script = f"""import {{ autonomy, Road, wanted }} from "{SOURCE}";
const {{ facts, seed }} = input, {{ world, seconds }} = facts, road = new Road(facts, seed), found = [];
let place = {{ along: facts.begin, offset: 0.9, turn: 0 }};
for (let moment = 0; moment < 200; moment++) {{
  found.push(place.offset);
  const steered = wanted(world, seconds, road.curvature(place.along), place.offset, place.turn);
  place = road.driven(place, steered, 1 / world.rate);
}}
output([found, autonomy(10, 600, facts.penalty), autonomy(5, 10, facts.penalty)]);"""
    offsets, most, least = node.run(script, {"facts": steering.FACTS, "seed": seed % 2**31})
    expected = steering.drive(steering.exact, [seed % 2**31], 20, start=0.9).offsets[0]
    assert np.allclose(offsets, expected, atol=1e-9) and abs(offsets[60]) < 0.1
    assert [most, least] == [steering.autonomy(10, 600), steering.autonomy(5, 10)]

"""Labels that steer back, recorded drives, and the closed loop with its count."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from convnets.common.errors import ConvnetsError
from convnets.driving import steering
from convnets.driving.pilot import Pilot, yuv
from convnets.driving.road import WORLD, Place, Road, picture

_WAY = 2 * WORLD["speed"]


@pytest.mark.parametrize(("offset", "turn"), [(0.5, 0.0), (-0.8, 0.1), (0.0, -0.05)])
def test_the_label_is_the_bend_of_the_cubic_that_leads_back(offset: float, turn: float) -> None:
    """The cubic is found here by solving for its four conditions."""
    powers = np.array([[0, 0, 0, 1], [0, 0, 1, 0], [_WAY**3, _WAY**2, _WAY, 1], [3 * _WAY**2, 2 * _WAY, 1, 0]])
    cubic = np.linalg.solve(powers, [offset, np.tan(turn), 0, 0])
    assert steering.wanted(0.01, offset, turn) == pytest.approx(0.01 + 2 * cubic[1])


def test_who_is_too_far_right_is_steered_left() -> None:
    assert steering.wanted(0.0, 0.5, 0.0) < 0 < steering.wanted(0.0, -0.5, 0.0)
    assert steering.wanted(0.0, 0.0, 0.1) < 0 < steering.wanted(0.0, 0.0, -0.1)


def test_the_driver_that_knows_everything_stays_in_the_middle_and_comes_back_to_it() -> None:
    found = steering.drive(steering.exact, [1, 2], 40)
    assert found.offsets.shape == (2, 400) and not found.taken.any()
    assert np.abs(found.offsets).max() < 0.05
    pushed = steering.drive(steering.exact, [1], 6, start=0.8).offsets[0]
    assert pushed[0] == pytest.approx(0.8) and np.abs(pushed[45:]).max() < 0.08
    assert pushed[20] < 0.4, "two seconds later most of it is gone"


def _straight(roads: Sequence[Road], places: Sequence[Place]) -> Sequence[float]:
    return [0.0 for _ in places]


def test_a_car_is_put_back_just_where_it_is_farther_off_than_a_metre() -> None:
    found = steering.drive(_straight, [1, 2, 3], 60)
    assert (found.taken == (np.abs(found.offsets) > steering.LIMIT)).all()
    assert (found.taken.sum(1) >= 5).all(), "nobody drives through bends without steering"
    after = np.abs(found.offsets[:, 1:][found.taken[:, :-1]])
    assert after.max() < 0.1, "it goes on from the middle"
    away = steering.drive(_straight, [1], 10, limit=1e9)
    assert not away.taken.any() and np.abs(away.offsets).max() > 5


def test_gusts_come_when_they_should_and_shift_by_what_they_should() -> None:
    calm, windy = (steering.drive(steering.exact, [1, 2], 30, gust=gust) for gust in (0.0, steering.GUST))
    often = round(steering.CALM * WORLD["rate"])
    assert (calm.offsets[:, :often] == windy.offsets[:, :often]).all()
    jumps = np.diff(windy.offsets, axis=1)
    when = (np.abs(jumps) > 0.4).nonzero()
    assert sorted(set((when[1] + 1).tolist())) == [often, 2 * often, 3 * often] and len(when[0]) == 6
    assert np.allclose(np.abs(jumps[when]), steering.GUST, atol=0.05)
    assert set(np.sign(jumps[when])) == {-1.0, 1.0}, "from both sides"
    assert not windy.taken.any() and np.abs(windy.offsets[:, often - 1 :: often]).max() < 0.05, "and it came back"


def test_autonomy_is_the_papers_arithmetic() -> None:
    """Section 7.1: ten interventions in 600 seconds are 90 per cent."""
    assert steering.autonomy(10, 600) == pytest.approx(0.9)
    assert steering.autonomy(0, 60) == 1 and steering.autonomy(11, 60) == 0
    taken = np.zeros((2, 600), bool)
    taken[0, [3, 90, 400]] = True
    values = {
        one.name: one for one in steering.measured(steering.Drive(np.full((2, 600), 0.3), np.zeros((2, 600)), taken))
    }
    assert values["accuracy_autonomy"].value == pytest.approx(1 - 3 * 6 / 120)
    assert values["interventions"].value == pytest.approx(1.5)
    assert values["offset"].value == pytest.approx(0.3)
    assert values["accuracy_autonomy"].interval == pytest.approx((0.7, 1.0)), "of two roads, one of them twice"


def test_a_road_is_not_driven_beyond_its_end() -> None:
    with pytest.raises(ConvnetsError, match="too short to drive on for 400 seconds"):
        steering.drive(steering.exact, [1], 400)


def test_a_recorded_driver_strays_a_little_and_says_what_it_did() -> None:
    one, again, other = steering.record(7), steering.record(7), steering.record(8)
    offsets = np.array([place.offset for place in one.places])
    assert (one.steered == again.steered).all() and not np.allclose(one.steered, other.steered)
    assert offsets.std() > 0.01 and np.abs(offsets).max() < 0.6
    bends = np.array([one.road.curvature(place.along) for place in one.places])
    assert np.corrcoef(bends, one.steered)[0, 1] > 0.9
    middles = [np.mean([place.offset for place in steering.record(seed, 50).places]) for seed in range(40)]
    assert 0.7 * steering.WANDER < np.std(middles) < 1.3 * steering.WANDER


@pytest.fixture(scope="module")
def drives() -> dict[bool, steering.Drives]:
    recipe = {"count": steering.MOMENTS, "seed": 1}
    return {way: steering.Drives(SimpleNamespace(recovery=way, **recipe)) for way in (False, True)}


def test_recovery_shows_the_same_moments_from_elsewhere(drives: dict[bool, steering.Drives]) -> None:
    plain, recovery, one = drives[False], drives[True], steering.record(steering.SEEDS["train"])
    assert (plain.pictures[57].permute(1, 2, 0).numpy() == picture(one.road, one.places[57])).all()
    assert np.allclose(plain.wanted, one.steered)
    shifts = [place.offset - real.offset for place, real in zip(recovery.places, one.places, strict=True)]
    assert np.abs(shifts).max() <= steering.CAMERAS[-1] + 1e-9 and np.std(shifts) > 0.3
    place = recovery.places[57]
    assert (recovery.pictures[57].permute(1, 2, 0).numpy() == picture(one.road, place)).all()
    back = one.road.curvature(place.along) - 6 * place.offset / _WAY**2 - 4 * np.tan(place.turn) / _WAY
    assert float(recovery.wanted[57]) == pytest.approx(back, rel=1e-5)
    assert abs(float(recovery.wanted[57]) - one.steered[57]) > 1e-4


def test_a_batch_is_planes_labels_and_weights(drives: dict[bool, steering.Drives]) -> None:
    x, truth, weights = drives[True].batch(torch.tensor([3, 3 + steering.MOMENTS]), torch.Generator())
    assert x.shape == (2, 3, 66, 200) and torch.equal(x[0], x[1]), "indices begin again"
    assert torch.equal(x[:1], yuv(drives[True].pictures[3:4]))
    assert float(steering.loss_of(truth + steering.UNIT, truth, weights)) == pytest.approx(1.0, rel=1e-4)
    with pytest.raises(ConvnetsError, match="150 is no multiple"):
        steering.Drives(SimpleNamespace(count=150))


def test_a_network_drives_by_what_it_sees() -> None:
    torch.manual_seed(3)
    network = Pilot().eval()
    found, again = (steering.drive(steering.seeing(network), [5, 6], 1) for _ in range(2))
    assert all((one == two).all() for one, two in zip(found, again, strict=True))
    first = steering.pictures_of([Road(5), Road(6)], [Place(20.0, 0.0, 0.0)] * 2)
    with torch.no_grad():
        assert np.allclose(found.steered[:, 0], network(yuv(first)), atol=1e-7)

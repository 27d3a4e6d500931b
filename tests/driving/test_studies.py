"""Stored studies agree with the runs, and with one another."""

from __future__ import annotations

import numpy as np
import pytest

from convnets.common import runs, seeds
from convnets.driving import figures, measure, steering, studies, weather
from convnets.driving.streets import CLASSES


def test_classes_add_up_to_the_mean() -> None:
    found = studies.by_class()
    assert [name for name, _ in found] == list(CLASSES)
    mean = np.mean([values[0] for _, values in found])
    assert mean == pytest.approx(seeds.summary("driving", "small", "miou").mean, abs=1e-6)


def test_the_rival_is_behind() -> None:
    rival = studies.rival()
    low, high = rival["miou"]["interval"]
    assert low <= rival["miou"]["value"] <= high < seeds.summary("driving", "small", "miou").mean
    assert rival["miou"]["value"] == pytest.approx(
        np.mean([rival[measure.metric_of(name)]["value"] for name in CLASSES]), abs=1e-3
    )


def test_unchanged_weather_is_what_was_measured() -> None:
    found, record = studies.in_weather(), runs.published("driving", "small")
    assert record is not None
    for name, values, plain in (("light", weather.LIGHTS, 1.0), ("rain", weather.RAINS, 0.0)):
        rows = found[name]
        assert [row["value"] for row in rows] == list(values)
        (same,) = (row for row in rows if row["value"] == plain)
        assert same["miou"] == pytest.approx(record["metrics"]["test"]["miou"], abs=2e-3)
    assert found["rain"][-1]["miou"] < found["rain"][0]["miou"], "the chapter says so"
    assert found["light"][0]["miou"] < same["miou"] - 0.05, "in a sixth of the light much is lost"


def test_errors_of_distance_grow_with_distance_and_tilt() -> None:
    found = studies.distances()
    assert [one["off"] for one in found] == [one["off"] for one in studies.distances()]
    assert len(found) == len(studies.FAR) * len(studies.TILTS)
    off = np.array([one["off"] for one in found]).reshape(len(studies.FAR), -1)
    assert (np.diff(off, axis=0) > 0).all() and (np.diff(off, axis=1) > 0).all()
    inside = [one["inside"] for one in found if one["tilt"] == 0]
    assert min(inside) == 1, "a row is all that is off"


def test_shown_pictures_come_back() -> None:
    found = studies.street_pictures()
    assert found["miou"] == sorted(found["miou"], reverse=True)
    for picture, truth, answer in zip(found["pictures"], found["truth"], found["answer"], strict=True):
        assert studies.unpacked(picture).shape == (180, 240, 3)
        assert studies.unpacked(truth).shape == studies.unpacked(answer).shape == (180, 240)
        assert int(studies.unpacked(answer).max()) < len(CLASSES)
    assert figures.painted(np.array([[0, 3]])).tolist() == [[list(figures.COLOURS[0]), list(figures.COLOURS[3])]]


def test_recovery_pictures_bring_a_car_back() -> None:
    found = studies.drift()
    with_them, without = found["pilot"], found["pilot-centre"]
    assert len(with_them["offsets"]) == len(without["offsets"]) == 120
    assert list(with_them["back"]) == [str(start) for start in studies.STARTS]
    assert np.mean(list(with_them["back"].values())) > np.mean(list(without["back"].values())), "the chapter's claim"
    assert max(map(abs, with_them["offsets"])) < steering.LIMIT + steering.GUST

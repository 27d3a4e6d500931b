"""Stored studies agree with the runs, and with one another."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from convnets.common import runs, seeds
from convnets.tumours import borders, figures, membranes, nets, phantom, studies
from convnets.tumours.ultrasound import FOLDS


def test_folds_together_hold_every_picture_once() -> None:
    for recipe in ("busi", "busi-plain"):
        found = studies.folds(recipe)
        assert len(found.kinds) == 119 and np.bincount(found.kinds.astype(int)).tolist() == [39, 40, 40]
        assert found.bins.shape[0] == FOLDS
    rivals, found = studies.rivals(), studies.folds("busi")
    told = rivals["U-Net"]
    whole = told["all"]["dice"]
    assert whole["value"] == pytest.approx(found.dice[found.kinds < 2].mean(), abs=1e-4)
    assert whole["interval"][0] < whole["value"] < whole["interval"][1]
    counts = np.bincount(found.kinds.astype(int))[:2]
    both = [told[name]["dice"]["value"] for name in ("benign", "malignant")]
    assert np.average(both, weights=counts) == pytest.approx(whole["value"], abs=1e-3)
    for rival in rivals.values():
        behind = whole["value"] - rival["all"]["dice"]["value"]
        assert rival["all"]["ahead"]["value"] == pytest.approx(behind, abs=2e-4)


def test_the_mean_of_folds_is_near_that_of_pictures() -> None:
    mean = seeds.summary("tumours", "busi", "dice").mean
    assert mean == pytest.approx(studies.rivals()["U-Net"]["all"]["dice"]["value"], abs=0.05)


def test_all_connections_open_is_what_was_measured() -> None:
    found = studies.gates()
    record = runs.published("tumours", "phantom")
    assert record is not None
    assert found["111"]["dice"] == pytest.approx(record["metrics"]["test"]["dice"], abs=2e-3)
    assert len(found) == len(studies.GATES)


def test_data_are_counted_in_order() -> None:
    found = studies.by_count()
    assert found["count"] == [20, 200, 2000]
    assert found["dice"][-1] > found["dice"][0]


def test_shares_of_probabilities_are_shares() -> None:
    found = studies.reliability()
    assert sorted(found["probability"]) == found["probability"]
    assert all(0 <= share <= 1 for share in found["share"])


def test_packed_pictures_come_back() -> None:
    corner = studies.membrane()
    picture, labels, answer = (studies.unpacked(one) for one in corner["pictures"])
    assert picture.shape == labels.shape == answer.shape == (256, 256)
    assert set(np.unique(labels)) == set(np.unique(answer)) == {0, 255}
    assert corner["place"] == membranes.BLOCKS["test"][0]
    shown = studies.ultrasound_pictures()
    assert len(shown["pictures"]) == len(shown["dice"]) == studies.SHOWN
    assert shown["dice"] == sorted(shown["dice"], reverse=True)


def test_figures_show_what_they_say() -> None:
    assert len(figures.counts().axes[0].get_xticks()) == 3
    bent = figures.bent(2).axes
    first, second = (axes.images[0].get_array() for axes in bent[:2])
    assert np.abs(first - second).max() > 0.1
    weighed = np.asarray(figures.weights().axes[1].images[0].get_array())
    assert weighed.max() > 3 and borders.W0 == 10
    ground = phantom.split("test", 1)
    assert nets.probability(nets.load("phantom"), ground.images).shape == torch.Size([1, 64, 64])

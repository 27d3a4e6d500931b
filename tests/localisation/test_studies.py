"""What a map is worth: ranks, weights drawn anew, and stored studies that agree with one another."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from convnets.common import seeds
from convnets.localisation import nets, studies, world
from convnets.localisation.model import Cam


def test_ranks_correlate_as_spearman_s_formula_says() -> None:
    """1 - 6 sum of d^2 / (n (n^2 - 1)), where no two values are equal."""
    draw = torch.Generator().manual_seed(0)
    first, second = torch.rand(3, 4, 5, generator=draw), torch.rand(3, 4, 5, generator=draw)
    places = [one.flatten(1).argsort(1).argsort(1).double() for one in (first, second)]
    by_hand = 1 - 6 * (places[0] - places[1]).square().sum(1) / (20 * (400 - 1))
    assert torch.allclose(studies.rank_correlation(first, second), by_hand)
    assert torch.allclose(studies.rank_correlation(first, first.exp()), torch.ones(3, dtype=torch.float64))
    assert torch.allclose(studies.rank_correlation(first, -first), -torch.ones(3, dtype=torch.float64))


def test_equal_values_share_their_rank_and_a_flat_map_is_like_none() -> None:
    first = torch.tensor([[[1.0, 1.0, 2.0]]])
    assert studies.rank_correlation(first, torch.tensor([[[5.0, 5.0, 9.0]]])).item() == pytest.approx(1)
    assert studies.rank_correlation(first, torch.zeros(1, 1, 3)).item() == 0


def test_weights_are_drawn_anew_from_the_last_layer_down() -> None:
    torch.manual_seed(3)
    model, other = Cam(widths=(8,) * 7), Cam(widths=(8,) * 7)
    other.load_state_dict(model.state_dict())
    before = torch.random.get_rng_state()
    changed = studies.randomised(other, 3)
    assert torch.equal(torch.random.get_rng_state(), before)
    same = {name for name, weight in changed.named_parameters() if torch.equal(weight, model.get_parameter(name))}
    assert {name for name in same if name.endswith("0.weight")} == {f"layers.{layer}.0.weight" for layer in range(5)}
    assert not any(name.startswith("scores") for name in same)


def test_the_centred_box_of_a_network_is_in_the_middle() -> None:
    for net, (width, height) in {"overfeat": (64, 64), "cells": (80, 60)}.items():
        left, top, right, bottom = nets.middle(net).tolist()
        assert left + right == pytest.approx(width) and top + bottom == pytest.approx(height)
        assert 0 < right - left < width and 0 < bottom - top < height


# Stored studies


def test_stored_studies_agree_with_the_runs() -> None:
    rivals = studies.rivals()
    for name, net in {"OverFeat, 35 windows merged": "overfeat", "CAM": "cam"}.items():
        values = seeds.summary("localisation", net, "accuracy_box").values
        assert min(abs(rivals[name]["accuracy_box"]["value"] - value) for value in values) < 2e-3
    middle = rivals["the centred box"]["accuracy_box"]["value"]
    assert rivals["CAM"]["accuracy_box"]["value"] > middle + 0.2
    assert studies.thresholds()["test"]["centred"] == pytest.approx(middle, abs=1e-3)
    assert studies.centred()["the world"]["value"] < studies.centred()["house numbers"]["value"]


def test_stored_shares_are_of_all_things() -> None:
    sizes, test = studies.by_size(), studies.rivals()["CAM"]["accuracy_box"]["value"]
    weighted = np.average(sizes["cam"], weights=sizes["count"])
    assert weighted == pytest.approx(test, abs=2e-3)
    for shares in studies.overlaps().values():
        assert len(shares) == 10 and sum(shares) == pytest.approx(1, abs=1e-3)
    assert sum(studies.overlaps()["cam"][5:]) == pytest.approx(test, abs=2e-3)
    assert tuple(sizes["edges"]) == studies.EDGES and studies.EDGES[-1] == world.LARGEST


def test_a_threshold_chosen_on_validation_pictures_is_the_best_there() -> None:
    held = studies.thresholds()["validation"]
    assert held["thresholds"][int(np.argmax(held["cam"]))] == nets.threshold("cam")


def test_the_trained_map_is_like_itself() -> None:
    found = studies.sanity()
    assert found["correlation"][0] == 1 and len(found["stages"]) == len(found["correlation"]) == 9
    assert abs(found["correlation"][-1]) < 0.9
    assert found["shuffled"]["train_accuracy"] > 0.9


def test_mistakes_are_wrong() -> None:
    found = studies.mistakes()
    assert len(found["index"]) == len(set(found["index"])) and max(found["iou"]) < 0.5
    assert all(0 <= label < world.NOTHING for label in found["label"])

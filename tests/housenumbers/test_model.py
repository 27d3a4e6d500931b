"""The network, its data and its training: the ladder from shapes to what was published."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from convnets import housenumbers
from convnets.common import loop, runs
from convnets.common.errors import ConvnetsError
from convnets.housenumbers import data, train
from convnets.housenumbers.model import KERNEL, Housenumbers


def test_the_data_are_the_same_every_time_and_no_image_is_in_two_sets() -> None:
    found = data.split()
    assert torch.equal(data.draw(10, seed=1).images, data.draw(10, seed=1).images)
    rows = [image.numpy().tobytes() for part in found for image in part.images]
    assert len(set(rows)) == len(rows)
    with pytest.raises(ConvnetsError, match="no split 'all'"):
        data.load("all")


def test_a_bar_that_moves_moves_its_maps_and_changes_no_score() -> None:
    model = Housenumbers().eval()
    x = torch.zeros(1, 1, data.SIZE, data.SIZE)
    x[..., 7, 5:9] = 1
    moved = x.roll((1, 2), (2, 3))
    before, after = model.stages(x), model.stages(moved)
    inside = before.maps[..., :-1, :-2]
    assert torch.allclose(after.maps[..., 1:, 2:], inside, atol=1e-6)
    assert before.maps.shape[-1] == data.SIZE - KERNEL + 1
    assert torch.allclose(before.scores, after.scores, atol=1e-6)


def test_training_learns_and_its_first_losses_are_those_of_the_record() -> None:
    sets = data.split()
    recipe = replace(housenumbers.RECIPES["housenumbers"], name="short", epochs=3)
    run = train.train(recipe, sets, loop.make_fabric("cpu"))
    assert run.record["metrics"]["test"]["error"] < 0.5 and len(run.record["fingerprint"]) == 20
    assert train.fingerprint(recipe, sets) == run.record["fingerprint"]


def test_the_published_network_is_as_good_as_its_record_says() -> None:
    found = housenumbers.evaluate()
    record = runs.published("housenumbers", "housenumbers")
    assert record is not None and found["digest_known"]
    assert found["metrics"]["error"] == pytest.approx(record["metrics"]["test"]["error"], abs=1e-4)

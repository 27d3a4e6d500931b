"""Training on a few drawn smears: it learns, goes on after a kill, and measures what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from convnets.common import loop, runs
from convnets.common.boxes import Truth
from convnets.common.training import Log
from convnets.detection import data, nets
from convnets.detection.augment import CELLS, STREET, Change, changed, settled
from convnets.detection.data import Sets
from convnets.detection.train import RECIPES, SEEDS, digest, learn, train

RECIPE = replace(RECIPES["fcos"], name="toy", epochs=2, batch_size=2)


class Stopped(Exception):
    pass


@pytest.fixture(scope="module")
def sets(smears: Path) -> Sets:
    return data.split(str(smears))


@pytest.fixture(scope="module")
def fabric() -> Any:
    return loop.make_fabric("cpu")


@pytest.fixture(scope="module")
def whole(fabric: Any, sets: Sets) -> Any:
    return train(RECIPE, sets, fabric)


def test_a_run_records_what_was_measured_once(whole: Any, sets: Sets) -> None:
    record = whole.record
    assert record["data"]["splits"] == {"train": 4, "validation": 2, "test": 2}
    assert record["data"]["name"] == data.NAME
    names = {"map50", "map50_95", "map50_rbc", "map50_wbc", "map50_platelets"}
    assert set(record["metrics"]["test"]) == set(record["interval95"]["test"]) == names
    assert record["score"] == 1 - record["metrics"]["validation"]["map50"]
    assert {name: len(curve) for name, curve in record["curves"].items()} == dict.fromkeys(
        ("loss", "epoch", "validation_map50"), 2
    )
    assert runs.key(record["settings"], record["data"]["digest"], record["code"]) == record["key"]
    assert record["data"]["digest"] == digest(RECIPE, sets)
    assert len(whole.weights) < 1_000_000


def test_a_killed_run_goes_on_to_the_same_bits(whole: Any, fabric: Any, sets: Sets, tmp_path: Path) -> None:
    checkpoint = loop.Checkpoint(tmp_path / "toy.safetensors", "key")

    def kill(step: int, _: float) -> None:
        if step == 2:
            raise Stopped

    with pytest.raises(Stopped):
        learn(RECIPE, sets, fabric, Log(checkpoint, on_step=kill))
    log = Log(checkpoint)
    assert loop.stored_bytes(learn(RECIPE, sets, fabric, log)) == whole.weights
    assert log.curves == whole.record["curves"]


@pytest.mark.parametrize("net", ["yolo", "anchors", "fcos"])
def test_every_network_learns(net: str, fabric: Any, sets: Sets) -> None:
    before = torch.random.get_rng_state()
    log = Log()
    learn(replace(RECIPE, net=net, epochs=4, centre=net != "fcos"), sets, fabric, log)
    assert log.curves["loss"][-1] < log.curves["loss"][0]
    assert torch.equal(torch.random.get_rng_state(), before)


def test_recipes_name_networks_and_every_published_one_is_trained() -> None:
    assert {recipe.net for recipe in RECIPES.values()} <= set(nets.BUILDERS)
    assert set(nets.NETS) <= {recipe.net for recipe in RECIPES.values()}
    assert all(name == recipe.name for name, recipe in RECIPES.items())
    assert set(SEEDS) <= set(RECIPES)


def test_lost_labels_are_lost_from_training_alone(fabric: Any, sets: Sets) -> None:
    from convnets.detection.train import _labels

    kept = sum(len(one.labels) for one in _labels(sets.cells.train, replace(RECIPE, lost=0.5)))
    assert 0 < kept < 16
    assert sum(len(one.labels) for one in sets.cells.train.truth) == 16


def test_pictures_stay_in_place_for_the_last_passes(fabric: Any, sets: Sets, monkeypatch: pytest.MonkeyPatch) -> None:
    shifts = []

    def noted(x: torch.Tensor, truth: list[Truth], amount: Change, draw: torch.Generator) -> Any:
        shifts.append(amount.shift)
        return changed(x, truth, amount, draw)

    monkeypatch.setattr("convnets.detection.train.changed", noted)
    learn(replace(RECIPE, epochs=4, batch_size=4, settled=0.25), sets, fabric, Log())
    assert shifts == [CELLS.shift] * 3 + [0.0]


# Views


def test_a_settled_picture_is_mirrored_at_most() -> None:
    x, truth = torch.rand(8, 3, 6, 8), [Truth(torch.tensor([[0.0, 1, 3, 6]]), torch.tensor([2]))] * 8
    unlit = settled(replace(CELLS, light=0, contrast=0, stain=0, colourful=0))
    seen, found = changed(x, truth, unlit, torch.Generator().manual_seed(0))
    ways = set()
    for before, after, one in zip(x, seen, found, strict=True):
        flips: list[list[int]] = [[], [1], [2], [1, 2]]
        way = next(way for way, each in enumerate(flips) if torch.allclose(before.flip(each), after, atol=1e-5))
        left, top = (5.0 if 2 in flips[way] else 0.0), (0.0 if 1 in flips[way] else 1.0)
        assert one.boxes.tolist() == [pytest.approx([left, top, left + 3, top + 5], abs=1e-5)]
        ways.add(way)
    assert len(ways) > 2


def one_disc(count: int) -> tuple[torch.Tensor, list[Truth]]:
    y, x = torch.meshgrid(torch.arange(60.0), torch.arange(80.0), indexing="ij")
    disc = ((y + 0.5 - 25) ** 2 + (x + 0.5 - 30) ** 2 < 100).float()
    truth = Truth(torch.tensor([[20.0, 15, 40, 35]]), torch.tensor([1]))
    return disc.expand(count, 3, 60, 80).clone(), [truth] * count


def test_a_box_goes_where_its_object_goes() -> None:
    x, truth = one_disc(40)
    only_moved = replace(CELLS, light=0, contrast=0, stain=0, colourful=0)
    seen, found = changed(x, truth, only_moved, torch.Generator().manual_seed(0))
    whole = 0
    for picture, one in zip(seen, found, strict=True):
        if not len(one.boxes):
            continue
        rows, columns = (picture[0] > 0.5).nonzero().unbind(1)
        around = torch.stack([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]).float()
        assert (around - one.boxes[0]).abs().max() < 1.6
        whole += 1
    assert whole > 30


def test_views_are_pictures_and_differ() -> None:
    x, truth = one_disc(6)
    (one, boxes), (same, _) = (changed(x, truth, CELLS, torch.Generator().manual_seed(1)) for _ in range(2))
    other, _ = changed(x, truth, CELLS, torch.Generator().manual_seed(2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert one.min() >= 0
    assert one.max() <= 1
    assert len(boxes) == 6


def test_nothing_changes_but_mirroring_when_nothing_may() -> None:
    x, truth = one_disc(8)
    still = Change(0, 0, 0, False, 0, 0, 0, 0)
    seen, found = changed(x, truth, still, torch.Generator().manual_seed(0))
    mirrored = [torch.allclose(picture, x[0].flip(2), atol=1e-4) for picture in seen]
    assert any(mirrored)
    assert not all(mirrored)
    for picture, one, turned in zip(seen, found, mirrored, strict=True):
        assert torch.allclose(picture, x[0].flip(2) if turned else x[0], atol=1e-4)
        expected = [40.0, 15, 60, 35] if turned else [20.0, 15, 40, 35]
        assert torch.allclose(one.boxes[0], torch.tensor(expected), atol=1e-3)


def test_people_stay_on_their_feet_and_empty_pictures_stay_empty() -> None:
    assert not STREET.upside_down
    nothing = Truth(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))
    _, found = changed(torch.rand(2, 3, 20, 30), [nothing] * 2, STREET, torch.Generator().manual_seed(0))
    assert [tuple(one.boxes.shape) for one in found] == [(0, 4)] * 2

"""Training on small made-up sets: it learns, goes on after a kill, and measures what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from convnets.common import loop, runs
from convnets.common.errors import ConvnetsError
from convnets.common.training import Log
from convnets.localisation import cells, data, measure, nets, train
from convnets.localisation.model import Cam, OverFeat
from convnets.localisation.train import RECIPES, Recipe, digest, fingerprint, learn, loss_of
from convnets.localisation.world import NOTHING


class Stopped(Exception):
    pass


TOY = {
    "overfeat": replace(RECIPES["overfeat"], name="toy", epochs=2, batch_size=16, backdrops=8),
    "cam": replace(RECIPES["cam"], name="toy", epochs=2, batch_size=16, backdrops=8),
    "cells": replace(RECIPES["cells"], name="toy", epochs=2, batch_size=8, passes=3),
    "habitat": replace(RECIPES["habitat"], name="toy", epochs=1, batch_size=16),
    "shuffled": replace(
        RECIPES["shuffled"], name="toy", epochs=3, batch_size=10, passes=12, shuffled=10, learning_rate=0.01
    ),
}


@pytest.fixture(scope="module")
def fabric() -> Any:
    return loop.make_fabric("cpu")


@pytest.fixture(scope="module")
def sets(folder: Path) -> data.Sets:
    return data.Sets(str(folder))


@pytest.fixture(scope="module", params=["overfeat", "cam", "cells"])
def ran(request: pytest.FixtureRequest, sets: data.Sets, fabric: Any) -> Any:
    return TOY[request.param], train.train(TOY[request.param], sets, fabric)


def test_a_run_records_what_was_measured_once(ran: Any, sets: data.Sets) -> None:
    recipe, run = ran
    record = run.record
    counts = {"train": 6, "validation": 3, "test": 4} if recipe.net == "cells" else {"train": 32}
    assert counts.items() <= record["data"]["splits"].items()
    assert record["data"]["name"] == (cells.NAME if recipe.net == "cells" else data.NAME)
    assert {"accuracy_box", "error", "iou", "accuracy_pointing", "accuracy", "accuracy_centred"} <= set(
        record["metrics"]["test"]
    )
    assert record["score"] == 1 - record["metrics"]["validation"]["accuracy_box"]
    assert ("threshold" in record["metrics"]["validation"]) == (recipe.net == "cam")
    assert record["fingerprint"] == fingerprint(recipe, sets)
    assert runs.key(record["settings"], record["data"]["digest"], record["code"]) == record["key"]


def test_a_killed_run_goes_on_to_the_same_bits(ran: Any, sets: data.Sets, fabric: Any, tmp_path: Path) -> None:
    recipe, run = ran
    checkpoint = loop.Checkpoint(tmp_path / "toy.safetensors", "key")

    def kill(step: int, _: float) -> None:
        if step == 3:
            raise Stopped

    with pytest.raises(Stopped):
        learn(recipe, sets, fabric, Log(checkpoint, on_step=kill))
    log = Log(checkpoint)
    assert loop.stored_bytes(learn(recipe, sets, fabric, log)) == run.weights
    assert log.curves == run.record["curves"]


def test_labels_without_sense_are_learned_by_heart(sets: data.Sets, fabric: Any) -> None:
    given = train.shuffled_pictures(TOY["shuffled"], sets)
    assert given.labels.max() < NOTHING and len(given.labels) == 10
    log = Log()
    learn(TOY["shuffled"], sets, fabric, log)
    assert log.curves["loss"][-1] < 0.3 * log.curves["loss"][0]


def test_habitats_are_drawn_anew(sets: data.Sets, fabric: Any) -> None:
    before = torch.random.get_rng_state()
    log = Log()
    learn(TOY["habitat"], sets, fabric, log)
    assert len(log.curves["loss"]) == 1
    assert torch.equal(torch.random.get_rng_state(), before)


def test_the_digest_says_what_is_learned_from(sets: data.Sets, folder: Path) -> None:
    assert digest(RECIPES["cells"], sets) == cells.digest(folder) != digest(RECIPES["cam"], sets) == sets.digest


def test_every_recipe_is_that_of_its_network() -> None:
    assert set(RECIPES) == set(nets.NETS)
    assert all(name == recipe.name == recipe.net and isinstance(recipe, Recipe) for name, recipe in RECIPES.items())
    assert {name: type(make()) for name, make in nets.NETS.items()} == {
        "overfeat": OverFeat, "cam": Cam, "cells": OverFeat, "habitat": Cam, "shuffled": Cam,
    }  # fmt: skip


def test_the_loss_counts_boxes_of_windows_that_show_a_thing() -> None:
    classes = torch.zeros(1, 3, 1, 2)
    edges = torch.tensor([[[10.0, 0.0]], [[10.0, 0.0]], [[30.0, 0.0]], [[30.0, 0.0]]])[None]
    labels, boxes = torch.tensor([[[1, 2]]]), torch.tensor([[10.0, 10, 30, 34.8]])
    loss = loss_of((classes, edges), labels, boxes, 30.0)
    lacking = 1 - 400 / (20 * 24.8)  # no empty place in the smallest box around both
    by_hand = float(torch.log(torch.tensor(3.0))) + 30 * ((4.8 / 48) ** 2 / 4 + 0.1 * lacking)
    assert float(loss) == pytest.approx(by_hand, rel=1e-5)
    nothing = loss_of((classes, edges), torch.full((1, 1, 2), 2), boxes, 30.0)
    assert float(nothing) == pytest.approx(float(torch.log(torch.tensor(3.0))))


# Evaluation


def test_a_threshold_is_chosen_where_most_boxes_are_right(sets: data.Sets) -> None:
    torch.manual_seed(0)
    model = Cam(widths=(8,) * 7).eval()
    scenes = sets.validation
    best = nets.chosen(model, scenes)
    middle = measure.centred(scenes.boxes[scenes.boxes.any(1)], 64, 64)
    told = [nets.measured(model, scenes, middle, each)[0].value for each in nets.THRESHOLDS]
    assert nets.measured(model, scenes, middle, best)[0].value == max(told)


@pytest.mark.parametrize("net", ["overfeat", "cam", "cells"])
def test_published_networks_are_evaluated(folder: Path, net: str) -> None:
    found = nets.evaluate(net, str(folder))
    assert found["system"] == "localisation" and found["net"] == net and found["digest_known"] is False
    assert found["seen_in_training"] == 0 and found["count"] == (4 if net == "cells" else found["count"])
    assert set(found["metrics"]) == set(found["interval95"])
    assert nets.evaluate(net, str(folder), "all")["count"] > found["count"]


def test_wrong_names_are_told(folder: Path) -> None:
    with pytest.raises(ConvnetsError, match="no network 'yolo'"):
        nets.load("yolo")
    with pytest.raises(ConvnetsError, match="no split 'train'"):
        nets.evaluate("cam", str(folder), "train")
    with pytest.raises(ConvnetsError, match="'overfeat'"):
        nets.threshold("overfeat")

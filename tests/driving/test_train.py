"""Training on small made-up sets: it learns, goes on after a kill, and measures what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from convnets.common import loop, training
from convnets.common.errors import ConvnetsError
from convnets.common.training import Log
from convnets.driving import given, measure, nets, prior, steering, streets, train
from convnets.driving.data import Sets
from convnets.driving.streets import CLASSES, UNKNOWN
from convnets.driving.train import RECIPES, digest, fingerprint, learn


class Stopped(Exception):
    pass


TOY = {
    "street": replace(RECIPES["small"], name="toy", epochs=2, samples=8, batch_size=4),
    "pilot": replace(RECIPES["pilot"], name="toy", epochs=2, samples=64, batch_size=32, count=100),
}


@pytest.fixture(scope="module", autouse=True)
def short() -> Any:
    """Shorter drives than the chapter's."""
    patch = pytest.MonkeyPatch()
    patch.setattr(steering, "ROADS", {"validation": 2, "test": 2})
    patch.setattr(steering, "MINUTES", {"validation": 0.05, "test": 0.05})
    yield
    patch.undo()


@pytest.fixture(scope="module")
def fabric() -> Any:
    return loop.make_fabric("cpu")


@pytest.fixture(scope="module")
def sets(folder: Path) -> Sets:
    return Sets(str(folder))


@pytest.fixture(scope="module", params=list(TOY))
def ran(request: pytest.FixtureRequest, sets: Sets, fabric: Any) -> Any:
    return request.param, train.train(TOY[request.param], sets, fabric)


def test_a_run_records_what_was_measured_once(ran: Any, sets: Sets) -> None:
    kind, run = ran
    record = run.record
    names = {"street": streets.NAME, "pilot": steering.NAME}
    asked = {"street": {"miou", "accuracy", "iou_car"}, "pilot": {"accuracy_autonomy", "accuracy_autonomy_gusts"}}
    assert record["data"]["name"] == names[kind] and record["data"]["digest"] == digest(TOY[kind], sets)
    assert asked[kind] <= set(record["metrics"]["test"]) == set(record["interval95"]["test"])
    assert len(record["fingerprint"]) == 4
    assert record["score"] == 1 - next(iter(record["metrics"]["validation"].values()))
    assert record["data"]["splits"]["train"] == (12 if kind == "street" else 100)


@pytest.mark.parametrize("kind", list(TOY))
def test_a_killed_run_goes_on_bit_equal(kind: str, sets: Sets, fabric: Any, tmp_path: Path) -> None:
    recipe = TOY[kind]
    whole = learn(recipe, sets, fabric, Log())

    def stop(step: int, loss: float) -> None:
        if step == recipe.samples // recipe.batch_size:
            raise Stopped

    file = tmp_path / "toy.safetensors"
    with pytest.raises(Stopped):
        learn(recipe, sets, fabric, Log(loop.Checkpoint(file, "toy"), stop))
    again = learn(recipe, sets, fabric, Log(loop.Checkpoint(file, "toy")))
    for name, value in whole.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name


def test_the_first_losses_are_the_same_again(sets: Sets) -> None:
    before = torch.random.get_rng_state()
    assert fingerprint(TOY["street"], sets, 2) == fingerprint(TOY["street"], sets, 2)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_drawn_streets_can_be_learned(sets: Sets, fabric: Any) -> None:
    log = Log()
    recipe = replace(TOY["street"], strength=0.0, samples=24, batch_size=4, epochs=4, learning_rate=1e-2)
    model = learn(recipe, sets, fabric, log)
    assert log.curves["loss"][-1] < 0.6 * log.curves["loss"][0]
    test = sets.streets["test"]
    found = {one.name: one.value for one in nets.on_streets(model, test)}
    blind = measure.tables(torch.full_like(test.labels, 3), test.labels)
    assert found["accuracy"] > masks_accuracy(blind) + 0.1


def masks_accuracy(tables: torch.Tensor) -> float:
    table = tables.sum(0)
    return float(table.diag().sum() / table.sum())


# What is learned from


def test_labels_are_compared_with_scores_of_half_the_size(sets: Sets) -> None:
    plain = replace(TOY["street"], strength=0.0)
    data = given.Photographs(plain, sets)
    x, truth = data.batch(torch.tensor([0, 13]), training.generator(1))
    assert x.shape == (2, 3, 180, 240) and truth.shape == (2, 90, 120)
    part = sets.streets["train"]
    whole = [part.labels[place][top::2, left::2].long() for place in (0, 1) for top in (0, 1) for left in (0, 1)]
    assert any(torch.equal(truth[0], one) for one in whole[:4]) and any(torch.equal(truth[1], one) for one in whole[4:])
    full = given.Photographs(replace(plain, net="enet"), sets).batch(torch.tensor([2]), training.generator(1))
    assert torch.equal(full[1][0], part.labels[2].long())


def test_weights_are_the_papers() -> None:
    labels = torch.tensor([0] * 50 + [3] * 30 + [8] * 20 + [UNKNOWN] * 40, dtype=torch.uint8)[None, None]
    found = given.weights(labels, 1.0)
    assert float(found.mean()) == pytest.approx(1, rel=1e-6)
    expected = [1 / np.log(1.02 + share) for share in (0.5, 0.3, 0.2, 0.0)]
    ratios = [float(found[kind] / found[0]) for kind in (0, 3, 8, 10)]
    assert ratios == pytest.approx([one / expected[0] for one in expected], rel=1e-5)
    assert given.weights(labels, 0.0).tolist() == pytest.approx([1.0] * 11)


def test_the_soft_overlap_by_hand() -> None:
    truth = torch.tensor([[[0, 0], [1, UNKNOWN]]])
    sure = torch.tensor([[0.8, 0.6, 0.3, 0.9], [0.2, 0.4, 0.7, 0.1]]).reshape(1, 2, 2, 2)
    scores = torch.cat([sure.log(), torch.full((1, 9, 2, 2), -60.0)], 1)
    first = (0.8 + 0.6) / (0.8 + 0.6 + 0.3 + 2 - 1.4)
    second = 0.7 / (0.2 + 0.4 + 0.7 + 1 - 0.7)
    assert float(given.overlap(scores, truth)) == pytest.approx(1 - (first + second) / 2, rel=1e-5)


def test_recipes_have_networks() -> None:
    assert all(name == recipe.name and recipe.net in nets.BUILDERS for name, recipe in RECIPES.items())
    assert set(nets.NETS) <= set(RECIPES) and train.SEEDS == {"small": 3}
    assert not RECIPES["pilot-centre"].recovery and RECIPES["pilot"].recovery


# Answers


def test_a_photograph_of_any_size_is_answered() -> None:
    torch.manual_seed(0)
    model = nets.BUILDERS["small"]().eval()
    for height, width in ((3, 5), (90, 61)):
        image = torch.randint(0, 256, (2, 3, height, width), dtype=torch.uint8)
        found = nets.classes(model, image)
        assert found.shape == (2, height, width) and int(found.max()) < len(CLASSES)
    for wrong in (image.float(), image[0], image[:0], image[:, :1]):
        with pytest.raises(ConvnetsError, match="cannot be told apart"):
            nets.classes(model, wrong)


def test_a_picture_of_another_kind_is_told(sets: Sets) -> None:
    flat = nets.strange(torch.full((3, 90, 120), 100, dtype=torch.uint8))
    assert flat is not None and "spread of greys is 0" in flat
    upside = torch.zeros(3, 90, 120, dtype=torch.uint8)
    upside[:, 45:] = 220
    assert nets.strange(upside) is not None, "a bright ground below a dark sky"
    try:
        real = streets.load("train")
    except ConvnetsError as error:
        pytest.skip(str(error))
    assert all(nets.strange(image) is None for image in real.images)


def test_the_rival_knows_place_and_colour_alone(sets: Sets) -> None:
    learned, test = sets.streets["train"], sets.streets["test"]
    counted = prior.fit(learned.images, learned.labels)
    assert torch.allclose(counted.shares.sum(3), torch.ones(()).double())
    found = prior.told(test.images, counted)
    assert masks_accuracy(measure.tables(found, test.labels)) > 0.8, "drawn streets have a colour for each class"
    assert int(found.max()) < len(CLASSES)


@pytest.mark.parametrize("net", list(nets.NETS))
def test_published_networks_are_evaluated(folder: Path, net: str) -> None:
    found = nets.evaluate(net, str(folder))
    assert found["system"] == "driving" and found["net"] == net
    assert set(found["metrics"]) == set(found["interval95"]) and found["seen_in_training"] == 0
    assert found["digest_known"] is (net != "small")
    if net == "small":
        assert nets.evaluate(net, str(folder), "all")["count"] == 2 * found["count"]


def test_wrong_names_are_told(folder: Path) -> None:
    with pytest.raises(ConvnetsError, match="no network 'segnet'"):
        nets.load("segnet")
    with pytest.raises(ConvnetsError, match="no split 'train'"):
        nets.evaluate("small", str(folder), "train")

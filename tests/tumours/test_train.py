"""Training on small made-up sets: it learns, goes on after a kill, and measures what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from convnets.common import loop, runs
from convnets.common.errors import ConvnetsError
from convnets.common.training import Log
from convnets.tumours import given, measure, membranes, nets, phantom, train, ultrasound
from convnets.tumours.data import Sets
from convnets.tumours.model import Unet
from convnets.tumours.train import RECIPES, digest, fingerprint, learn, loss_of


class Stopped(Exception):
    pass


TOY = {
    "isbi": replace(RECIPES["isbi"], name="toy", epochs=2, samples=2, batch_size=1),
    "busi": replace(RECIPES["busi"], name="toy", seed=1, epochs=2, samples=8, batch_size=4),
    "phantom": replace(RECIPES["phantom"], name="toy", epochs=2, samples=32, count=20),
}


@pytest.fixture(scope="module", autouse=True)
def few() -> Any:
    """Fewer phantoms than the chapter's."""
    patch = pytest.MonkeyPatch()
    patch.setattr(phantom, "COUNTS", {"train": 24, "validation": 8, "test": 8})
    patch.setattr(train, "VIEWS", 2)
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
    names = {"isbi": membranes.NAME, "busi": ultrasound.NAME, "phantom": phantom.NAME}
    asked = {"isbi": {"error", "error_rand"}, "busi": {"dice", "iou", "accuracy_found", "calibration"},
             "phantom": {"dice", "iou", "calibration"}}  # fmt: skip
    assert record["data"]["name"] == names[kind] and record["data"]["digest"] == digest(TOY[kind], sets)
    assert asked[kind] <= set(record["metrics"]["test"]) == set(record["interval95"]["test"])
    assert len(record["fingerprint"]) == 4
    for name, value in record["metrics"]["test"].items():
        low, high = record["interval95"]["test"][name]
        assert low <= value + 1e-9 and value <= high + 1e-9, name


def test_what_was_found_in_each_scan_of_a_fold_is_kept(sets: Sets, fabric: Any) -> None:
    record = train.train(replace(TOY["busi"], epochs=1, samples=4), sets, fabric).record
    curves, fold = record["curves"], sets.ultrasound.take(sets.ultrasound.folds == 1)
    assert curves["test_kinds"] == fold.kinds.tolist()
    lesions = np.array(curves["test_kinds"]) < 2
    dice = np.array(curves["test_dice"])[lesions].mean()
    assert dice == pytest.approx(record["metrics"]["test"]["dice"], abs=1e-5)
    assert np.array(curves["test_bins"]).shape == (measure.BINS, 3)
    assert record["data"]["splits"] == {"train": 36 - len(fold.names), "test": len(fold.names)}


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
    assert fingerprint(TOY["phantom"], sets, 3) == fingerprint(TOY["phantom"], sets, 3)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_phantom_can_be_learned_by_heart(sets: Sets, fabric: Any) -> None:
    log = Log()
    recipe = replace(TOY["phantom"], count=4, samples=32, batch_size=4, epochs=6, learning_rate=1e-2)
    model = learn(recipe, sets, fabric, log)
    assert log.curves["loss"][-1] < 0.6 * log.curves["loss"][0]
    known = sets.phantoms["train"]
    found = nets.probability(model, known.images[:4]) >= 0.5
    assert (found & known.masks[:4]).sum() > 0.5 * known.masks[:4].sum()


def test_a_fold_to_choose_by_is_neither_learned_from_nor_tested_with(sets: Sets) -> None:
    recipe = replace(TOY["busi"], choose=True, seed=4)
    learned, held, test = given.divided(recipe, sets)
    assert held is not None
    assert not set(learned.names) & (set(held.names) | set(test.names)) and not set(held.names) & set(test.names)
    assert held.folds.unique().tolist() == [0] and test.folds.unique().tolist() == [4]
    assert len(learned.names) + len(held.names) + len(test.names) == 36


def test_the_loss_by_hand() -> None:
    scores = torch.zeros(1, 2, 1, 2)
    scores[0, 1, 0, 0] = 2.0
    truth, weights = torch.tensor([[[1, 0]]]), torch.tensor([[[3.0, 1.0]]])
    sure = 1 / (1 + np.exp(-2.0))
    cross = (3 * -np.log(sure) + np.log(2)) / 4
    assert float(loss_of(scores, truth, weights)) == pytest.approx(cross, rel=1e-5)
    dice = (2 * sure + 1) / (sure + 0.5 + 1 + 1)
    assert float(loss_of(scores, truth, weights, 0.5)) == pytest.approx(cross + 0.5 * (1 - dice), rel=1e-5)


def test_recipes_have_networks_and_folds_are_seeds() -> None:
    assert all(name == recipe.name and recipe.net in nets.BUILDERS for name, recipe in RECIPES.items())
    assert set(nets.NETS) <= set(RECIPES)
    assert train.SEEDS == {"busi": 5, "busi-plain": 5}


# Measures


def test_thresholds_are_chosen_where_the_error_is_lowest() -> None:
    truth = torch.zeros(1, 20, 20, dtype=torch.bool)
    truth[:, :, :8] = truth[:, :, 10:] = True
    sure = torch.where(truth, 0.82, 0.58)
    best = measure.best_threshold(sure, truth)
    assert 0.58 < best < 0.82
    assert measure.best_threshold(sure, truth, rand=True) == best
    found = measure.of_cells(sure, truth, best, 0.3)
    assert found[0].value == 0 and found[1].value > 0.2, "two cells in one"


def test_lesions_are_judged_by_kind_and_alarms_counted() -> None:
    truth = torch.zeros(4, 20, 20, dtype=torch.bool)
    truth[0, 4:8, 4:8] = truth[1, 4:14, 4:14] = True
    sure = torch.zeros(4, 20, 20)
    sure[0, 4:8, 4:8], sure[1, 4:14, 4:9] = 0.9, 0.7
    sure[3, :5, :5] = 0.6
    found = measure.lesions(sure, truth, torch.ones_like(truth), torch.tensor([0, 1, 2, 2]))
    told = {one.name: one.value for one in measure.of_lesions(found)}
    assert told["dice_benign"] == 1 and told["dice_malignant"] == pytest.approx(2 * 50 / 150)
    assert told["dice"] == pytest.approx((1 + 2 / 3) / 2) and told["iou"] == pytest.approx(0.75)
    assert told["accuracy_found"] == 1 and told["error_alarm"] == 0.5
    gaps = 16 * 0.1 + 50 * 0.3 + 25 * 0.6 + 50 * 1  # what each group of pixels is off by
    assert told["calibration"] == pytest.approx(gaps / 1600)
    with pytest.raises(ConvnetsError, match="no outline can be judged"):
        measure.of_lesions(measure.lesions(sure[2:], truth[2:], truth[2:] | True, torch.tensor([2, 2])))


# Answers


def test_a_picture_of_any_size_is_answered() -> None:
    torch.manual_seed(0)
    padded = Unet((4, 6, 8, 8), padded=True, normalised=True).eval()
    for height, width in ((1, 1), (3, 50), (33, 17)):
        image = torch.randint(0, 256, (2, height, width), dtype=torch.uint8)
        assert nets.probability(padded, image).shape == (2, height, width)
    valid = nets.NETS["isbi"]().eval()
    assert nets.probability(valid, torch.zeros(1, 5, 180, dtype=torch.uint8)).shape == (1, 5, 180)
    square = torch.randint(0, 256, (1, 16, 16), dtype=torch.uint8)
    views = [nets.probability(padded, square.transpose(1, 2) if turn else square, 8) for turn in (0, 1)]
    torch.testing.assert_close(views[0], views[1].transpose(1, 2), atol=1e-5, rtol=1e-5)
    for wrong in (square.float(), square[0], square[:0]):
        with pytest.raises(ConvnetsError, match="cannot be labelled"):
            nets.probability(padded, wrong)
    with pytest.raises(ConvnetsError, match="9 cannot be averaged"):
        nets.probability(padded, square, 9)


def test_a_picture_of_another_kind_is_told() -> None:
    assert nets.strange("busi", torch.full((9, 9), 70, dtype=torch.uint8)) == (
        "its greys spread by 0, where training pictures have 20 or more"
    )
    reason = nets.strange("isbi", torch.zeros(9, 9, dtype=torch.uint8))
    assert reason is not None and "mean grey is 0" in reason
    assert nets.strange("phantom", phantom.drawn(1, 5).images[0]) is None


@pytest.mark.parametrize("net", list(nets.NETS))
def test_published_networks_are_evaluated(folder: Path, net: str) -> None:
    found = nets.evaluate(net, str(folder))
    assert found["system"] == "tumours" and found["net"] == net
    assert set(found["metrics"]) == set(found["interval95"]) and found["seen_in_training"] == 0
    assert found["digest_known"] is (net == "phantom")
    assert nets.evaluate(net, str(folder), "all")["count"] > found["count"]


def test_the_published_fold_is_the_one_that_was_left_out() -> None:
    record = runs.published("tumours", "busi")
    assert record is not None and record["recipe"] == "busi"
    assert sum(record["data"]["splits"].values()) == 119


def test_wrong_names_are_told(folder: Path) -> None:
    with pytest.raises(ConvnetsError, match="no network 'vnet'"):
        nets.load("vnet")
    with pytest.raises(ConvnetsError, match="no split 'train'"):
        nets.evaluate("isbi", str(folder), "train")
    with pytest.raises(ConvnetsError, match="No threshold is recorded"):
        nets.recorded("phantom", "threshold")

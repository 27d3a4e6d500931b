"""Training of the small networks on made-up images: it learns, goes on after a kill, and measures what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from convnets.alexnet import nets
from convnets.alexnet.data import Parts, Sets
from convnets.alexnet.small import Four, Narrow
from convnets.alexnet.train import RECIPES, Recipe, build, fingerprint, learn, train
from convnets.common import loop, runs
from convnets.common.sets import Labelled
from convnets.common.training import Log


class Stopped(Exception):
    pass


def coloured(count: int, seed: int) -> Labelled:
    """Noise of ten colours."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 10
    of = torch.randint(40, 216, (10, 3), generator=torch.Generator().manual_seed(0))
    images = of[labels][:, None, None, :] + torch.randint(-30, 31, (count, 32, 32, 3), generator=generator)
    return Labelled(images.clamp(0, 255).to(torch.uint8), labels, False)


class Toys(Sets):
    cifar = Parts(coloured(96, 1), coloured(20, 2), coloured(30, 3), "")  # type: ignore[assignment]


RECIPE = replace(RECIPES["short"], name="toy", epochs=3, train_count=0, batch_size=24)


@pytest.fixture(scope="module")
def fabric() -> Any:
    return loop.make_fabric("cpu")


@pytest.fixture(scope="module")
def whole(fabric: Any) -> Any:
    return train(RECIPE, Toys(), fabric)


def test_a_run_records_what_was_measured_once(whole: Any) -> None:
    record = whole.record
    assert record["data"]["splits"] == {"train": 96, "validation": 20, "test": 30}
    assert record["data"]["name"] == "CIFAR-10"
    assert set(record["metrics"]["test"]) == {"error", "error_centre"} == set(record["interval95"]["test"])
    assert record["score"] == record["metrics"]["validation"]["error"]
    curves = record["curves"]
    assert [len(curves[name]) for name in ("loss", "train_error", "validation_error", "epoch")] == [3] * 4
    assert len(record["fingerprint"]) == 12  # a toy run has no more steps
    assert record["fingerprint"] == fingerprint(RECIPE, Toys())
    assert runs.key(record["settings"], record["data"]["digest"], record["code"]) == record["key"]


def test_a_killed_run_goes_on_to_the_same_bits(whole: Any, fabric: Any, tmp_path: Path) -> None:
    checkpoint = loop.Checkpoint(tmp_path / "toy.safetensors", "key")

    def kill(step: int, _: float) -> None:
        if step == 6:
            raise Stopped

    with pytest.raises(Stopped):
        learn(RECIPE, Toys(), fabric, Log(checkpoint, on_step=kill))
    log = Log(checkpoint)
    assert loop.stored_bytes(learn(RECIPE, Toys(), fabric, log)) == whole.weights
    assert log.curves == whole.record["curves"]


def test_training_leaves_pytorch_s_own_generator_alone(fabric: Any) -> None:
    before = torch.random.get_rng_state()
    learn(replace(RECIPE, epochs=1), Toys(), fabric, Log())
    assert torch.equal(torch.random.get_rng_state(), before)


def test_the_race_ends_at_the_training_error_asked_for(fabric: Any) -> None:
    race = replace(RECIPES["four"], epochs=12, train_count=96, batch_size=24)
    log = Log()
    learn(race, Toys(), fabric, log)
    errors = log.curves["train_error"]
    assert errors[-1] <= 0.25 < min(errors[:-1])
    assert len(log.curves["epoch"]) == len(errors) < 12


def test_without_augmentation_an_epoch_shows_the_same_crops(fabric: Any) -> None:
    seen: dict[bool, list[float]] = {}
    for augmented in (False, True):
        losses: list[float] = []
        still = replace(
            RECIPE, augmented=augmented, learning_rate=0.0, dropout=0.0, epochs=2, batch_size=96, weight_decay=0.0
        )
        learn(still, Toys(), fabric, Log(on_step=lambda _, loss, losses=losses: losses.append(loss)))
        seen[augmented] = losses
    assert seen[False][0] == pytest.approx(seen[False][1], rel=1e-5)
    assert seen[True][0] != pytest.approx(seen[True][1], rel=1e-5)


def test_seeds_draw_other_weights() -> None:
    one, same, other = build(RECIPE), build(RECIPE), build(replace(RECIPE, seed=1))
    assert torch.equal(one.conv1.weight, same.conv1.weight)  # type: ignore[arg-type, union-attr]
    assert not torch.equal(one.conv1.weight, other.conv1.weight)  # type: ignore[arg-type, union-attr]


# What is measured


def test_errors_of_views_are_counted_as_the_paper_does() -> None:
    views = torch.zeros(10, 2, 11)
    views[:, 0, 3] = 0.6  # every view of the first image says 3
    views[:, 1, 5] = 0.5
    views[4, 1, 7] = 1.0  # the centre of the second says 7, the mean 5
    views += torch.linspace(0.01, 0.0, 11)  # of the rest, small numbers come first
    found = {one.name: one.value for one in nets.measured(views, torch.tensor([3, 5]))}
    assert found == {"error": 0.0, "error_centre": 0.5, "error_top5": 0.0, "error_top5_centre": 0.0}
    found = {one.name: one.value for one in nets.measured(views, torch.tensor([10, 2]))}
    assert found == {"error": 1.0, "error_centre": 1.0, "error_top5": 0.5, "error_top5_centre": 0.5}


def test_a_network_sees_ten_crops_or_the_whole_image() -> None:
    torch.manual_seed(0)
    images = coloured(3, 5).images
    net = Narrow()
    views = nets.probabilities(net, images, batch_size=2)
    assert views.shape == (10, 3, 10)
    assert torch.allclose(views.sum(2), torch.ones(10, 3), atol=1e-5)
    shown = images[:, 8:, :24].flip(2).permute(0, 3, 1, 2) / 255  # the eighth: lower left, reflected
    with torch.inference_mode():
        assert torch.allclose(views[7], net(shown).softmax(1), atol=1e-6)
        whole = Four().eval()
        assert torch.allclose(
            nets.probabilities(whole, images)[0], whole(images.permute(0, 3, 1, 2) / 255).softmax(1), atol=1e-6
        )


def test_the_quick_error_is_the_centre_s() -> None:
    torch.manual_seed(0)
    net, some = Narrow(), coloured(20, 6)
    centre = nets.measured(nets.probabilities(net, some.images), some.labels)[1]
    assert centre.name == "error_centre"
    assert nets.quick_error(net, some.images, some.labels) == centre.value


def test_every_recipe_names_a_published_network() -> None:
    assert {recipe.net for recipe in RECIPES.values()} == set(nets.NETS) == set(nets.DATA)
    assert all(name == recipe.name and isinstance(recipe, Recipe) for name, recipe in RECIPES.items())

"""Training on a small made-up street: it learns, goes on after a kill, and measures what it says."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common import loop, runs
from convnets.common.sets import Labelled
from convnets.common.training import Log
from convnets.housenumbers import data, nets, walls, world
from convnets.housenumbers.augment import Change, changed
from convnets.housenumbers.data import Cut, Sets
from convnets.housenumbers.model import Answer, Reader
from convnets.housenumbers.nets import Reading
from convnets.housenumbers.train import RECIPES, Recipe, digest, fingerprint, learn, loss_of, train


class Stopped(Exception):
    pass


class Street(Sets):
    """Rendered numbers in place of photographs."""

    @cached_property
    def _cuts(self) -> dict[str, tuple[list[Cut], bool]]:  # type: ignore[override]
        return {part: (_cuts(count), False) for part, count in PARTS.items()}

    def walls(self, split: str) -> Labelled:
        return walls.rendered({"train": 10, "validation": 6, "test": 8}[split], seed=len(split))


@cache
def _cuts(count: int) -> list[Cut]:
    return world.cuts(count, 20 + count)


PARTS = {"train": 24, "validation": 8, "test": 9}
RECIPE = replace(RECIPES["reader"], name="toy", epochs=2, batch_size=24, rendered=6, walls=4)


@pytest.fixture(scope="module")
def fabric() -> Any:
    return loop.make_fabric("cpu")


@pytest.fixture(scope="module")
def whole(fabric: Any) -> Any:
    return train(RECIPE, Street(), fabric)


def test_a_run_records_what_was_measured_once(whole: Any) -> None:
    record = whole.record
    assert record["data"]["splits"] == PARTS
    assert record["data"]["name"] == data.NAME
    assert set(record["metrics"]["test"]) == {
        "accuracy", "accuracy_length", "accuracy_digit", "coverage_98", "accuracy_single", "accuracy_none",
    }  # fmt: skip
    assert set(record["metrics"]["test"]) == set(record["interval95"]["test"]) == set(record["metrics"]["validation"])
    assert record["score"] == 1 - record["metrics"]["validation"]["accuracy"]
    curves = record["curves"]
    assert {name: len(curve) for name, curve in curves.items()} == dict.fromkeys(
        ("loss", "epoch", "validation_accuracy", "validation_accuracy_single"), 2
    )
    assert record["fingerprint"] == fingerprint(RECIPE, Street())
    assert runs.key(record["settings"], record["data"]["digest"], record["code"]) == record["key"]


def test_a_killed_run_goes_on_to_the_same_bits(whole: Any, fabric: Any, tmp_path: Path) -> None:
    checkpoint = loop.Checkpoint(tmp_path / "toy.safetensors", "key")

    def kill(step: int, _: float) -> None:
        if step == 2:
            raise Stopped

    with pytest.raises(Stopped):
        learn(RECIPE, Street(), fabric, Log(checkpoint, on_step=kill))
    log = Log(checkpoint)
    assert loop.stored_bytes(learn(RECIPE, Street(), fabric, log)) == whole.weights
    assert log.curves == whole.record["curves"]


def test_single_digits_can_be_learned_alone(fabric: Any) -> None:
    before = torch.random.get_rng_state()
    recipe = replace(RECIPES["sermanet"], epochs=3, batch_size=16, least_seen=0.6)
    log = Log()
    found = train(recipe, Street(), fabric)
    assert set(found.record["metrics"]["test"]) == {"accuracy", "error"}
    learn(recipe, Street(), fabric, log)
    assert log.curves["loss"][-1] < log.curves["loss"][0]
    assert torch.equal(torch.random.get_rng_state(), before)


def test_the_digest_holds_what_is_rendered() -> None:
    street = Street()
    assert digest(RECIPE, street) != digest(replace(RECIPE, rendered=0), street) == street.digest


def test_every_recipe_names_a_published_network() -> None:
    assert {recipe.net for recipe in RECIPES.values()} == set(nets.NETS)
    assert all(name == recipe.name and isinstance(recipe, Recipe) for name, recipe in RECIPES.items())


# Losses and measures


def test_the_loss_is_minus_the_log_of_the_number_s_probability() -> None:
    draw = torch.Generator().manual_seed(0)
    answer = Answer(torch.randn(2, 7, generator=draw), torch.randn(2, 5, 10, generator=draw), torch.zeros(2, 10))
    labels = torch.tensor([[2, 4, 7, -1, -1, -1], [0, -1, -1, -1, -1, -1]])
    length, digits = answer.length.log_softmax(1), answer.digits.log_softmax(2)
    number = length[0, 2] + digits[0, 0, 4] + digits[0, 1, 7]
    assert float(loss_of(answer, labels)) == pytest.approx(-float(number + length[1, 0]) / 2, abs=1e-5)


def test_heads_of_digits_that_are_not_there_learn_nothing() -> None:
    digits = torch.randn(1, 5, 10, requires_grad=True)
    labels = torch.tensor([[2, 4, 7, -1, -1, -1]])
    loss_of(Answer(torch.randn(1, 7), digits, torch.zeros(1, 10)), labels, 0.1).backward()
    assert digits.grad is not None
    assert digits.grad[0, :2].abs().sum() > 0
    assert digits.grad[0, 2:].abs().sum() == 0


def test_walls_alone_have_a_loss() -> None:
    labels = torch.tensor([[0, -1, -1, -1, -1, -1]])
    assert loss_of(Answer(torch.zeros(1, 7), torch.zeros(1, 5, 10), torch.zeros(1, 10)), labels) == pytest.approx(
        math.log(7)
    )


def reading(numbers: list[str], confidence: list[float]) -> Reading:
    digits = torch.tensor([[int(digit) for digit in number.ljust(5, "0")] for number in numbers])
    return Reading(numbers, torch.tensor(confidence), torch.tensor([len(number) for number in numbers]), digits)


def test_what_is_measured_of_numbers() -> None:
    labels = torch.tensor(
        [[2, 1, 2, -1, -1, -1], [1, 7, -1, -1, -1, -1], [2, 3, 3, -1, -1, -1], [1, 0, -1, -1, -1, -1]]
    )
    found = {
        one.name: one for one in nets.measured_numbers(reading(["12", "1", "3", "0"], [0.9, 0.8, 0.3, 0.7]), labels)
    }
    assert found["accuracy"].value == 0.5
    assert found["accuracy_length"].value == 0.75
    assert found["accuracy_digit"].value == pytest.approx(4 / 6)  # 1, 2, 3 and 0 are right
    assert found["coverage_98"].value == 0.25


def test_coverage_keeps_the_most_confident() -> None:
    right = torch.tensor([True] * 60 + [False] + [True] * 39)
    confidence = torch.linspace(1, 0, 100)
    assert nets.coverage(right, confidence) == 1.0
    assert nets.coverage(right, confidence, 0.995) == 0.6
    assert nets.coverage(~right, confidence) == 0.0
    wrong_first = torch.tensor([False] + [True] * 99)
    assert nets.coverage(wrong_first, confidence) == 1.0  # 99 of 100
    assert nets.coverage(wrong_first[:49], confidence[:49]) == 0.0


def test_heads_are_calibrated_by_a_temperature(whole: Any) -> None:
    """At the stored scale no other one makes the validation pictures likelier."""
    from safetensors.torch import load

    net = Reader()
    net.load_state_dict({name: tensor.float() for name, tensor in load(whole.weights).items()})
    street = Street()
    numbers, empty = street.numbers.validation, street.walls("validation")
    answer = nets.answers(net, torch.cat([numbers.images, empty.images]))
    truth = torch.cat([numbers.labels, empty.labels])[:, 0]

    def loss(scale: float) -> Tensor:
        return F.cross_entropy(answer.length * scale, truth)

    assert loss(1.0) <= min(loss(0.9), loss(1.1)) + 2e-3


def test_published_networks_are_measured_on_strangers_numbers(street: Path) -> None:
    told = nets.evaluate("reader", str(street))
    assert (told["dataset"], told["count"], told["digest_known"]) == (data.NAME, 12, False)
    assert told["metrics"]["accuracy"] > 0.5  # rendered numbers, as it has learned from
    assert set(told["metrics"]) == set(told["interval95"])
    everything = nets.evaluate("reader", str(street), "all")
    assert (everything["count"], everything["seen_in_training"]) == (62, 0)


# Views


def test_views_are_pictures_and_differ() -> None:
    x = torch.rand(8, 1, 32, 64, generator=torch.Generator().manual_seed(0))
    one, same = (changed(x, Change(), torch.Generator().manual_seed(1)) for _ in range(2))
    other = changed(x, Change(), torch.Generator().manual_seed(2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert one.shape == x.shape
    still = Change(0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert torch.allclose(changed(x, still, torch.Generator()), x.clamp(1e-3, 1), atol=1e-4)


def test_a_turn_keeps_the_shape_of_what_is_turned() -> None:
    """A square in an oblong picture stays a square."""
    x = torch.zeros(64, 1, 32, 64)
    x[:, :, 10:22, 26:38] = 1
    found = changed(x, Change(0, 30, 0, 0, 0, 0, 0, 0, 0), torch.Generator().manual_seed(0))
    found = torch.where(found > 0.01, found, 0.0)  # black is not quite black
    area = found.sum((1, 2, 3))
    assert (area - 144).abs().max() < 8
    y, z = torch.meshgrid(torch.arange(32.0), torch.arange(64.0), indexing="ij")
    spread = [
        (found * (axis - (found * axis).sum((2, 3), keepdim=True) / area[:, None, None, None]) ** 2).sum((1, 2, 3))
        for axis in (y, z)
    ]
    assert (spread[0] / spread[1] - 1).abs().max() < 0.08


def test_shifts_are_in_pixels() -> None:
    x = torch.zeros(200, 1, 32, 64)
    x[:, :, 16, 32] = 1
    found = changed(x, Change(3, 0, 0, 0, 0, 0, 0, 0, 0), torch.Generator().manual_seed(0))
    places = found.flatten(1).argmax(1)
    rows, columns = places // 64 - 16, places % 64 - 32
    for moved in (rows, columns):
        assert moved.abs().max() == 3
        assert len(np.unique(moved.numpy())) == 7

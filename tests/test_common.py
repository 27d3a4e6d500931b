"""What the systems share: intervals, the asset store, checkpoints."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from toys import publish

from convnets.common import assets, loop, runs, seeds, sets, stats, training
from convnets.common.errors import ConvnetsError
from convnets.lenet.train import RECIPES


def test_wilson_interval_by_hand() -> None:
    # 10 of 100: centre (0.1 + 1.96^2/200) / (1 + 1.96^2/100), worked out on paper to four places.
    assert stats.wilson(10, 100) == pytest.approx((0.0552, 0.1744), abs=1e-4)
    # Nothing wrong in n trials: the upper end is z^2 / (n + z^2).
    assert stats.wilson(0, 50) == pytest.approx((0, 3.8415 / 53.8415), abs=1e-4)
    assert stats.wilson(50, 50) == pytest.approx((50 / 53.8415, 1), abs=1e-4)
    low, high = stats.wilson(95, 10_000)
    assert low < 0.0095 < high


@pytest.mark.parametrize(("hits", "count"), [(1, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_what_is_no_proportion(hits: int, count: int) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        stats.wilson(hits, count)


def test_t_interval_by_hand() -> None:
    # 1..5: mean 3, variance 2.5, t(4) = 2.7764, half-width 2.7764 * sqrt(0.5).
    assert stats.mean_interval([1, 2, 3, 4, 5]) == pytest.approx((3, 3 - 1.96324, 3 + 1.96324), abs=1e-4)
    # Twenty values: t(19) = 2.0930; ten zeros and ten ones have variance 5/19.
    half = 2.0930 * (5 / 19 / 20) ** 0.5
    assert stats.mean_interval([0, 1] * 10) == pytest.approx((0.5, 0.5 - half, 0.5 + half), abs=1e-3)
    with pytest.raises(ValueError, match="two values"):
        stats.mean_interval([1.0])


def test_mcnemar_by_hand_and_against_all_divisions() -> None:
    # 10 pairs on which only one is right, 1 to 9: p = 2 (1 + 10) / 2^10.
    first = [True] * 9 + [False] + [True] * 50 + [False] * 3
    second = [False] * 9 + [True] + [True] * 50 + [False] * 3
    assert stats.mcnemar(first, second) == (9, 1, 22 / 1024)
    assert stats.mcnemar(second, first).p == stats.mcnemar(first, second).p
    assert stats.mcnemar([True, False], [True, False]) == (0, 0, 1.0)
    for few, many in ((3, 4), (2, 7), (0, 5)):
        count = few + many
        divisions = [bin(division).count("1") for division in range(2**count)]
        extreme = sum(min(ones, count - ones) <= few for ones in divisions)
        found = stats.mcnemar([True] * few + [False] * many, [False] * few + [True] * many)
        assert found.p == pytest.approx(min(1.0, extreme / 2**count))
    # Many pairs: chi-squared with one degree, (b - c)^2 / (b + c) = 3.8415 at 5 %.
    b, c = 5098, 4902
    assert stats.mcnemar([True] * b + [False] * c, [False] * b + [True] * c).p == pytest.approx(0.05, abs=2e-3)
    with pytest.raises(ValueError, match="no pairs"):
        stats.mcnemar([True], [])


def test_a_bootstrap_over_examples_agrees_with_the_normal_and_one_over_groups_is_wider() -> None:
    values = np.random.default_rng(3).normal(5, 2, 400)
    low, high = stats.bootstrap(lambda kept: float(values[kept].mean()), range(400), draws=2000)
    half = 1.96 * values.std() / 20
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.2 * half)
    repeated = np.repeat(values[:40], 10)  # ten copies of each: no more is known than of forty
    single = stats.bootstrap(lambda kept: float(values[:40][kept].mean()), range(40))
    grouped = stats.bootstrap(lambda kept: float(repeated[kept].mean()), [n // 10 for n in range(400)])
    blind = stats.bootstrap(lambda kept: float(repeated[kept].mean()), range(400))
    assert grouped == pytest.approx(single)
    assert grouped[1] - grouped[0] > 2.5 * (blind[1] - blind[0])
    with pytest.raises(ValueError, match="1 groups say nothing"):
        stats.bootstrap(lambda kept: 0.0, ["a", "a"])


def test_groups_are_never_on_both_sides() -> None:
    groups = [f"speaker {n % 12}" for n in range(100)]
    held = sets.hold_out_groups(groups, 0.25, seed=1)
    sides = [{group for group, is_held in zip(groups, held, strict=True) if is_held == side} for side in (True, False)]
    assert len(sides[0]) == 3 and not sides[0] & sides[1]
    backwards = sets.hold_out_groups(groups[::-1], 0.25, seed=1).flip(0)
    assert torch.equal(held, backwards)
    assert not torch.equal(held, sets.hold_out_groups(groups, 0.25, seed=2))
    for share in (0.0, 1.0):
        assert 0 < int(sets.hold_out_groups(groups, share, seed=1).sum()) < 100
    with pytest.raises(ConvnetsError, match="1 groups cannot be divided"):
        sets.hold_out_groups(["a", "a"], 0.5, 0)


def test_a_fold_depends_on_the_name_alone() -> None:
    folds = [sets.fold(f"line {n}") for n in range(5000)]
    assert set(folds) == set(range(10))
    assert all(400 < folds.count(number) < 600 for number in range(10))
    assert [sets.fold(name) for name in ("a", "b", "line")] == [0, 6, 4]


def test_reading_an_asset_is_noted(store: Path) -> None:
    assets.write_json(store / "lenet" / "runs" / "x-0.json", {"a": "é"})
    for wrong in (float("nan"), float("inf")):
        with pytest.raises(ConvnetsError, match=r"x-0\.json was not written, for it would hold NaN or infinity"):
            assets.write_json(store / "lenet" / "runs" / "x-0.json", {"a": [wrong]})
    assert assets.opened() == {}
    assert assets.read_json("lenet", "runs/x-0.json") == {"a": "é"}
    (then,) = assets.opened().items()
    assert not assets.is_changed(*then)
    assets.write_json(store / "lenet" / "runs" / "x-0.json", {"a": "e"})
    assert assets.is_changed(*then)
    assets.forget()
    assert assets.opened() == {}


def test_weights_survive_storage_as_half_precision(store: Path) -> None:
    model, other = nn.Linear(3, 2), nn.Linear(3, 2)
    loop.round_to_half(model)
    assert loop.stored_bytes(model) == loop.stored_bytes(model)
    publish(store, "toy", "net", loop.stored_bytes(model))
    runs.load_weights(other, "toy", "net")
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))


def step(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    model(torch.ones(4, 3)).square().sum().backward()
    optimizer.step()


def test_a_checkpoint_gives_everything_back(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model, restored = nn.Linear(3, 2), nn.Linear(3, 2)
    optimizer, again = torch.optim.AdamW(model.parameters()), torch.optim.AdamW(restored.parameters())
    step(model, optimizer)
    checkpoint = loop.Checkpoint(tmp_path / "x.safetensors", "key")
    assert checkpoint.load({"model": restored}, again) is None
    checkpoint.save({"model": model}, optimizer, {"epoch": 3})
    assert checkpoint.load({"model": restored}, again) == {"epoch": 3}
    step(model, optimizer)
    step(restored, again)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), restored.parameters(), strict=True))


def test_a_checkpoint_of_another_run_is_refused_and_a_damaged_one_named(tmp_path: Path) -> None:
    model = nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(model.parameters())
    file = tmp_path / "x.safetensors"
    loop.Checkpoint(file, "key").save({"model": model}, optimizer, {})
    with pytest.raises(ConvnetsError, match="--fresh"):
        loop.Checkpoint(file, "other key").load({"model": model}, optimizer)
    file.write_bytes(file.read_bytes()[:-7])
    with pytest.raises(ConvnetsError, match="is damaged.*--fresh"):
        loop.Checkpoint(file, "key").load({"model": model}, optimizer)


RECORD = {
    "schema": 1, "system": "lenet", "recipe": "toy", "net": "lenet5", "seed": 0, "settings": {},
    "data": {"digest": "d"}, "metrics": {"test": {"error": 0.01}},
    "interval95": {"test": {"error": [0.008, 0.012]}}, "code": {}, "key": "k", "weights": "w",
    "device": "cpu: 1 thread",
}  # fmt: skip


@pytest.mark.usefixtures("store")
def test_summary_over_seeds() -> None:
    for seed, value in enumerate((0.01, 0.02, 0.03)):
        runs.write(RECORD | {"seed": seed, "metrics": {"test": {"error": value, "accuracy": 1 - value, "loss": value}}})
    runs.write(RECORD | {"recipe": "toy-long"})
    assert runs.names("lenet") == ["toy-0", "toy-1", "toy-2", "toy-long-0"]
    found = seeds.summary("lenet", "toy", "loss")
    assert found.values == (0.01, 0.02, 0.03)
    half = 4.3027 * 0.01 / 3**0.5
    assert found[:3] == pytest.approx((0.02, 0.02 - half, 0.02 + half), abs=1e-6)
    assert found.low < 0  # and so a share's interval is cut off where shares end
    assert seeds.summary("lenet", "toy", "error")[:3] == pytest.approx((0.02, 0, 0.02 + half), abs=1e-6)
    assert seeds.summary("lenet", "toy", "accuracy")[:3] == pytest.approx((0.98, 0.98 - half, 1), abs=1e-6)
    assert seeds.summary("lenet", "toy-long", "error")[:3] == (0.01, 0.008, 0.012)
    for recipe, metric, words in (("tiny", "error", "toy, toy-long"), ("toy", "bleu4", "test.error")):
        with pytest.raises(ConvnetsError, match=words):
            seeds.summary("lenet", recipe, metric)


def test_a_recipe_may_grow_by_a_field_with_a_default() -> None:
    recipe = RECIPES["lenet5"]
    full = asdict(recipe)
    older = {name: value for name, value in full.items() if name != "neighbours"}
    assert runs.same_settings(full, recipe)
    assert runs.same_settings(older, recipe)
    assert not runs.same_settings(older, replace(recipe, neighbours=True))
    assert not runs.same_settings(full | {"epochs": 31}, recipe)
    assert not runs.same_settings(full | {"gone": 1}, recipe)


# The frame of a loop


def walk(log: training.Log, model: nn.Module, epochs: int = 4, die_at: int = -1) -> None:
    """Count through ten examples in threes; the "loss" of a step is its number."""
    for _epoch in log.epochs(epochs, {"model": model}):
        for number, _batch in log.batches(training.shuffled(10, 0, log.epoch), 3):
            if number == die_at:
                raise KeyboardInterrupt
            with torch.no_grad():
                model.bias.fill_(number)  # type: ignore[union-attr, operator]
            log.step(torch.tensor(float(number)), len(_batch))
        if log.closes():
            log.keep({"seen": log.progress})


def test_a_log_goes_on_where_a_kill_left_it(tmp_path: Path) -> None:
    whole, model = training.Log(), nn.Linear(1, 1)
    walk(whole, model)
    assert whole.curves["epoch"] == [1, 2, 3, 4]
    assert whole.curves["loss"][:2] == pytest.approx([(3 * (0 + 1 + 2) + 3) / 10, (3 * (4 + 5 + 6) + 7) / 10])
    assert whole.curves["seen"] == [3 / 16, 7 / 16, 11 / 16, 15 / 16]
    checkpoint, again = loop.Checkpoint(tmp_path / "x.safetensors", "key"), nn.Linear(1, 1)
    with pytest.raises(KeyboardInterrupt):
        walk(training.Log(checkpoint), again, die_at=9)
    steps: list[int] = []
    second = training.Log(checkpoint, lambda step, _: steps.append(step))
    walk(second, fresh := nn.Linear(1, 1))
    assert steps == list(range(8, 16))
    assert second.curves == whole.curves
    assert torch.equal(fresh.bias, model.bias)


def test_long_runs_are_measured_fifty_times_at_most_and_at_their_end() -> None:
    log = training.Log()
    walk(log, nn.Linear(1, 1), epochs=103)
    assert len(log.curves["loss"]) == 103
    assert log.curves["epoch"] == [*range(3, 103, 3), 103]


def test_first_losses_end_where_a_short_run_does() -> None:
    def learn(epochs: int, _data: None, _fabric: object, log: training.Log) -> None:
        walk(log, nn.Linear(1, 1), epochs)

    assert training.first_losses(learn, 2, None, steps=5) == [0, 1, 2, 3, 4]
    assert training.first_losses(learn, 1, None, steps=20) == [0, 1, 2, 3]


def test_an_average_moves_parameters_and_copies_what_is_gathered() -> None:
    mean, model = nn.BatchNorm1d(2), nn.BatchNorm1d(2)
    nn.init.constant_(model.weight, 3.0)
    model(torch.randn(50, 2) + 5)
    training.average(mean, model, 0.75)
    assert mean.weight.tolist() == [1.5, 1.5]
    assert torch.equal(mean.running_mean, model.running_mean) and mean.running_mean.abs().sum() > 0.5


def test_learning_rates_rise_and_fall() -> None:
    rates = [training.warm_cosine(2.0, step / 1000) for step in range(1000)]
    assert rates[0] == pytest.approx(0.04) and max(rates) == rates[50] == 2.0
    assert rates[525] == pytest.approx(1.0) and rates[-1] < 1e-4
    optimizer = training.optimizer("sgd", nn.Linear(1, 1), 0.1)
    training.set_rate(optimizer, 0.7)
    assert optimizer.param_groups[0]["lr"] == 0.7
    with pytest.raises(ConvnetsError, match="no optimizer 'lion'"):
        training.optimizer("lion", nn.Linear(1, 1), 0.1)


@pytest.mark.parametrize("name", ["MNIST", "CIFAR-10", "Tiny ImageNet", "Labeled Faces in the Wild", "drawn digits"])
def test_a_data_set_has_a_proper_name_or_words_to_translate(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convnets.lenet.data.NAME", name)
    assert training.begin("lenet", RECIPES["zipcode"], "d")["data"] == {"digest": "d", "name": name}


@pytest.mark.parametrize("name", ["Drawn digits", "", "Street View house numbers"])
def test_a_sentence_is_no_name_and_told_before_training(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convnets.lenet.data.NAME", name)
    with pytest.raises(ConvnetsError, match="convnets.lenet.data.NAME is '.*each edition translates"):
        training.begin("lenet", RECIPES["zipcode"], "d")


def test_what_only_readers_see_is_in_no_key() -> None:
    for system in ("cortex", "lenet", "neocognitron"):
        code = runs.code_of(system)
        assert not [name for name in code if name.endswith(":NAME") or "telling" in name]
        assert f"convnets.{system}.train:learn" in code and "convnets.common.training:Log" in code

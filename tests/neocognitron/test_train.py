"""Training the neocognitron of 2003 on a few toy digits: it learns, goes on after a kill, and repeats itself."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from toys import toy_digits

from convnets import neocognitron
from convnets.common import assets, gzipped, loop, runs
from convnets.common.errors import ConvnetsError
from convnets.common.training import Run
from convnets.neocognitron import experiment, improved_controls, improved_stages, nets, patterns
from convnets.neocognitron import train as training
from convnets.neocognitron.data import Digits, LazySets, Sets, load, sample
from convnets.neocognitron.recipes import RECIPES, Recipe
from convnets.neocognitron.train import fingerprint, train

NET = "fukushima2003"
WEIGHTS = gzipped.stored(assets.path("neocognitron", f"{NET}.safetensors"))
PUBLISHED = pytest.mark.skipif(not WEIGHTS.exists(), reason="not trained yet")


def digits(count: int, seed: int) -> Digits:
    images, labels = toy_digits(count, seed)
    return Digits(torch.from_numpy(images), torch.from_numpy(labels).long(), False)


@pytest.fixture(scope="module")
def data() -> Sets:
    return Sets(digits(60, 0), digits(20, 1), digits(20, 2))


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    full = RECIPES[NET]
    return replace(full, organising=20, lessons=replace(full.lessons, most=40, corrections=3, batch=20))


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def run(recipe: Recipe, data: Sets) -> Run:
    return train(recipe, data, loop.make_fabric("cpu"))


def test_a_run_learns_and_says_what_it_did(run: Run, recipe: Recipe) -> None:
    record = run.record
    assert record["metrics"]["test"]["error"] <= 0.2  # of ten classes
    assert record["data"]["splits"] == {"train": 60, "validation": 20, "test": 20}
    assert record["planes"]["s1"] == 16
    assert 0 < record["seconds"] < 600
    assert record["planes"]["s2"] == record["curves"]["planes_s2"][-1] <= recipe.design.s2.most
    assert record["planes"]["s4"] == record["curves"]["planes_s4"][-1] <= 40
    assert len(record["curves"]["corrected"]) == 3
    assert len(record["fingerprint"]) == 20
    assert record["weights"] == assets.sha256(run.weights)
    assert runs.same_settings(json.loads(json.dumps(record["settings"])), recipe)
    tensors = assets.read_tensors(run.weights, Path("weights"))
    assert tensors["s4.labels"].unique().tolist() == list(range(10))
    assert all((weights >= 0).all() for weights in tensors.values())  # all connections to S-cells excite


def test_mistakes_are_counted_as_shares(monkeypatch: pytest.MonkeyPatch, recipe: Recipe, data: Sets) -> None:
    def three_wrong(_: object, images: torch.Tensor) -> torch.Tensor:
        part = next(part for part in (data.validation, data.test) if torch.equal(part.images, images))
        return torch.where(torch.arange(len(images)) < (3 if part is data.test else 1), -1, part.labels)

    monkeypatch.setattr(training, "predict", three_wrong)
    run = train(recipe, data, loop.make_fabric("cpu"))
    assert run.record["metrics"] == {"validation": {"error": 1 / 20}, "test": {"error": 3 / 20}}
    assert run.record["score"] == 1 / 20
    low, high = run.record["interval95"]["test"]["error"]
    assert low < 3 / 20 < high


def test_the_same_run_gives_the_same_fingerprint(run: Run, recipe: Recipe, data: Sets) -> None:
    again = fingerprint(recipe, data)
    assert again == run.record["fingerprint"]
    assert len(set(again)) > 5
    assert fingerprint(replace(recipe, seed=1), data) != again


@pytest.mark.parametrize("change", ["nothing corrected", "rate", "margin"])
def test_the_fingerprint_sees_the_corrections(
    change: str, run: Run, recipe: Recipe, data: Sets, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = recipe
    if change == "nothing corrected":
        monkeypatch.setattr(improved_stages.Teacher, "correct", lambda *_: 0)
    else:
        changed = replace(recipe, lessons=replace(recipe.lessons, **{change: 0.3}))
    assert fingerprint(changed, data) != run.record["fingerprint"]


def test_other_epochs_do_not_correct_where_the_recipe_does_not(recipe: Recipe, data: Sets) -> None:
    uncorrected = replace(recipe, epochs=2, lessons=replace(recipe.lessons, corrections=0))
    assert train(uncorrected, data, loop.make_fabric("cpu")).record["curves"]["corrected"] == []
    assert len(train(replace(recipe, epochs=2), data, loop.make_fabric("cpu")).record["curves"]["corrected"]) == 2


def test_the_network_of_1980_is_scored_by_the_pictures_it_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe, fabric = RECIPES["fukushima1980"], loop.make_fabric("cpu")
    scores, found = [], {}
    for rounds in (1, 20):
        net, curves = experiment.organised(1, rounds)
        monkeypatch.setattr(experiment, "organised", lambda net=net, curves=curves, **_: (net, curves))
        found[rounds] = train(recipe, LazySets("nowhere"), fabric).record
        scores.append(found[rounds]["score"])
        assert found[rounds]["score"] == 1 - found[rounds]["metrics"]["trained"]["accuracy"]
        monkeypatch.undo()
    assert scores == [1, 0], "the lowest is published"


class _Killed(Exception):
    pass


@pytest.mark.parametrize("where", ["after stage 2", "in stage 4"])
def test_a_killed_run_goes_on_to_the_same_weights(
    where: str, run: Run, recipe: Recipe, data: Sets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = loop.Checkpoint(tmp_path / "run.safetensors", "key")
    with monkeypatch.context() as patch:
        if where == "in stage 4":
            patch.setattr(improved_stages.Teacher, "correct", _die)  # its patterns are stored by then
        else:
            save = loop.Checkpoint.save

            def once(self: loop.Checkpoint, *arguments: Any) -> None:
                save(self, *arguments)
                raise _Killed

            patch.setattr(loop.Checkpoint, "save", once)
        with pytest.raises(_Killed):
            train(recipe, data, loop.make_fabric("cpu"), checkpoint=checkpoint)
    assert len(list((tmp_path / "run").glob("*"))) == (where == "in stage 4")
    assert train(recipe, data, loop.make_fabric("cpu"), checkpoint=checkpoint).weights == run.weights
    assert not (tmp_path / "run").exists()


def _die(*_: Any) -> None:
    raise _Killed


def test_what_cannot_be_learned_from_is_refused_in_one_sentence(recipe: Recipe, data: Sets) -> None:
    fabric = loop.make_fabric("cpu")
    sevens = data.train.take((data.train.labels == 7).nonzero()[:, 0])
    for train_digits in (sevens, data.train.take(torch.arange(0))):
        with pytest.raises(ConvnetsError, match="competition needs two") as caught:
            train(recipe, data._replace(train=train_digits), fabric)
        assert str(caught.value).count(". ") == 0


def test_recipes_can_be_stored_and_every_one_has_a_network() -> None:
    for name, recipe in RECIPES.items():
        assert name == recipe.name
        assert recipe.net in nets.NETS
        assert runs.same_settings(json.loads(json.dumps(asdict(recipe))), recipe)


def test_a_part_of_the_digits_is_drawn_once_by_its_seed(data: Sets) -> None:
    part = sample(data.train, 10, 3)
    assert len(part.labels) == 10
    assert torch.equal(part.images, sample(data.train, 10, 3).images)
    assert not torch.equal(part.labels, sample(data.train, 10, 4).labels)
    assert len(sample(data.train, 1000, 3).labels) == 60
    assert sample(data.train, 0, 3) is data.train


def test_no_file_is_opened_before_a_digit_is_asked_for(tmp_path: Path) -> None:
    sets = LazySets(str(tmp_path))
    with pytest.raises(ConvnetsError, match="No train-images"):
        _ = sets.train


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ConvnetsError, match="has no network 'lenet5'"):
        neocognitron.load("lenet5")


@PUBLISHED
def test_stored_weights_give_what_the_record_says() -> None:
    record = runs.published("neocognitron", NET)
    assert record is not None
    model = neocognitron.load(NET)
    assert {name: len(getattr(model, name).weights) for name in record["planes"]} == record["planes"]
    part = load("test").take(torch.arange(400))
    wrong = (nets.predict(model, part.images) != part.labels).nonzero()[:, 0].tolist()
    listed = assets.read_json("neocognitron", "recorded/misread.json")["result"]["mistakes"]
    assert len(listed) == round(10_000 * record["metrics"]["test"]["error"])
    assert wrong == sorted(mistake["index"] for mistake in listed if mistake["index"] < 400) != []


@PUBLISHED
def test_the_network_of_1980_measures_as_recorded() -> None:
    record = runs.published("neocognitron", "fukushima1980")
    assert record is not None
    found = neocognitron.evaluate("fukushima1980")
    assert found["metrics"] == record["metrics"]["test"]
    assert found["count"] == sum(len(patterns.variants(kind)) for kind in patterns.KINDS)


@PUBLISHED
def test_silence_is_no_digit() -> None:
    model, images = neocognitron.load(NET), load("test").images[:2].clone()
    images[1] = 0
    assert nets.predict(model, images).tolist() == [7, -1]
    with pytest.raises(ConvnetsError, match="read by the network of 2003"):
        nets.predict(neocognitron.load("fukushima1980"), images)


@PUBLISHED
def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(ConvnetsError, match="There is no split"):
        neocognitron.evaluate(NET, split="validation")


def test_controls_learn_by_the_same_rules_from_what_is_not_learned(recipe: Recipe, data: Sets) -> None:
    teacher = improved_controls.taught(recipe, data.train.images.flatten(1).float(), data.train.labels)
    assert torch.allclose(teacher.directions[: teacher.planes].norm(dim=1), torch.ones(teacher.planes))
    state = improved_controls.copied(recipe, data.train)
    assert int(state.s2.flatten(1).any(1).sum()) == recipe.design.s2.most  # type: ignore[operator]
    assert int(state.s3.flatten(1).any(1).sum()) == recipe.design.s3.most  # type: ignore[operator]
    seen = improved_stages._patterns(state.network(), data.train.images, None)
    assert seen.any(1).all(), "every digit excites copied planes"

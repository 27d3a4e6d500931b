"""Training: what is learned from, a kill that changes nothing, and the published networks against their records."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from convnets import signs
from convnets.common import loop, runs, training
from convnets.common.errors import ConvnetsError
from convnets.signs import data, nets, train, windows
from convnets.signs.data import Sets, Signs

TRACKS = 6


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    with loop.one_thread():
        yield


def some(frames: int, seed: int) -> Signs:
    """Noise whose class is where it is bright; every class has six tracks of so many frames."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.tensor([1, 5, 14, 33]).repeat_interleave(TRACKS * frames)
    images = torch.randint(0, 90, (len(labels), 3, 32, 32), generator=generator, dtype=torch.uint8)
    for image, label in zip(images, labels.tolist(), strict=True):
        image[:, (label * 7) % 24 :][:, :8] += 150
    tracks = torch.arange(TRACKS).repeat_interleave(frames).repeat(4)
    return Signs(images, labels, tracks, False)


@pytest.fixture(scope="module")
def sets() -> Sets:
    held = some(1, 2)
    return Sets(some(6, 1), held._replace(tracks=held.tracks + TRACKS), some(2, 3))


def test_training_learns_and_a_kill_on_the_way_changes_nothing(sets: Sets, tmp_path: Path) -> None:
    recipe = replace(signs.RECIPES["unseen"], name="short", net="small", strangers=True, epochs=4, batch_size=12)
    recipe = replace(recipe, learning_rate=0.05, average_decay=0.8)
    whole = train.train(recipe, sets, loop.make_fabric("cpu"))
    assert whole.record["metrics"]["test"]["accuracy"] > 0.6, "chance is a quarter"
    assert whole.record["data"]["splits"] == {"train": 144, "validation": 24, "test": 48}
    assert train.fingerprint(recipe, sets) == whole.record["fingerprint"] and len(whole.record["fingerprint"]) == 20

    class Killed(Exception):
        pass

    def kill(step: int, _: float) -> None:
        if step == 30:
            raise Killed

    checkpoint = loop.Checkpoint(tmp_path / "short.safetensors", "key")
    with pytest.raises(Killed):
        train.learn(recipe, sets, loop.make_fabric("cpu"), training.Log(checkpoint, kill))
    resumed = train.train(recipe, sets, loop.make_fabric("cpu"), checkpoint)
    assert resumed.weights == whole.weights, "bit by bit, in bfloat16, too"
    assert resumed.record["metrics"] == whole.record["metrics"]
    assert resumed.record["curves"] == whole.record["curves"]


@pytest.mark.parametrize("net", ["transformer", "multiscale-108", "plain"])
def test_every_recipe_takes_steps_and_lowers_its_loss(net: str, sets: Sets) -> None:
    recipe = replace(signs.RECIPES[net], epochs=6, batch_size=24)
    losses = train.fingerprint(recipe, sets, 30)
    assert len(losses) == 30 and sum(losses[-5:]) < sum(losses[:5]), losses


def test_strangers_are_never_shown_and_shares_of_tracks_are_whole_tracks(sets: Sets) -> None:
    unseen = signs.RECIPES["unseen"]
    assert not unseen.strangers and set(data.STRANGERS) & {5, 14}
    assert train.shown(unseen, sets.train).labels.unique().tolist() == [1, 33]
    assert len(train.shown(signs.RECIPES["best"], sets.train).labels) == 144
    half = replace(signs.RECIPES["small"], share=0.5)
    learned = train._learned(half, sets)
    assert len(set(data.groups(learned))) == 12 and len(learned.labels) == 72
    with pytest.raises(ConvnetsError, match="no changes 'none': choose one of paper, strong"):
        train.learn(replace(half, changes="none"), sets, loop.make_fabric("cpu"), training.Log())


def test_the_mean_of_views_of_a_photograph_is_a_mean_of_probabilities(sets: Sets) -> None:
    model = nets.NETS["unseen"]().eval()
    found = nets.viewed(model, sets.test.images)
    torch.testing.assert_close(found.exp().sum(1), torch.ones(48))
    assert nets.VIEWS[0] == (1.0, 0.0) and len(nets.VIEWS) == 5
    one = nets.measured(found, sets.test.labels)[0]
    assert one.name == "accuracy" and one.interval is not None and 0 <= one.value <= 1


@pytest.mark.parametrize("net", list(signs.NETS))
def test_the_published_network_is_as_good_as_its_record_says(net: str) -> None:
    record = runs.published("signs", net)
    assert record is not None
    told = signs.evaluate(net)
    strangers = torch.isin(data.load("test").labels, torch.tensor(data.STRANGERS)).sum().item()
    assert told["count"] == record["data"]["splits"]["test"] == 6_315 - (strangers if net == "unseen" else 0)
    assert told["digest_known"] and told["seen_in_training"] == 0
    assert set(told["metrics"]) == set(record["metrics"]["test"])
    assert told["metrics"]["accuracy"] == pytest.approx(record["metrics"]["test"]["accuracy"], abs=1.6e-4)


def test_data_nobody_here_has_seen_are_measured_and_said_to_be_unknown(tmp_path: Path) -> None:
    import numpy as np

    test = some(1, 9)
    pixels = test.images.permute(0, 2, 3, 1).numpy()
    np.savez(tmp_path / "gtsrb_test_32x32.npz", images=pixels, labels=test.labels.numpy().astype("uint8"))
    found = signs.evaluate("unseen", str(tmp_path))
    assert not found["digest_known"] and found["count"] == 12 and "accuracy" in found["interval95"]
    strangers = data.Signs(*[part[test.labels == 14] for part in test[:3]], False)
    pixels = strangers.images.permute(0, 2, 3, 1).numpy()
    np.savez(tmp_path / "gtsrb_test_32x32.npz", images=pixels, labels=strangers.labels.numpy().astype("uint8"))
    with pytest.raises(ConvnetsError, match="holds no sign that unseen knows"):
        signs.evaluate("unseen", str(tmp_path))
    with pytest.raises(ConvnetsError, match="no split 'train' to evaluate"):
        signs.evaluate("unseen", split="train")


def test_a_windows_place_turn_and_size_are_read_from_its_six_numbers() -> None:
    turn = math.radians(20)
    theta = 0.6 * torch.tensor([[math.cos(turn), -math.sin(turn), 0], [math.sin(turn), math.cos(turn), 0]])
    theta[0, 2] = 0.25
    found = windows.window(theta[None])
    assert {name: round(float(value), 4) for name, value in found.items()} == {"moved": 4, "turned": 20, "shrunk": 0.6}

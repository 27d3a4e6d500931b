"""The small networks: the family of He et al., their data, their training, and what was measured of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from convnets import imagenet
from convnets.common import loop, runs, training
from convnets.common.errors import ConvnetsError
from convnets.common.sets import Labelled
from convnets.imagenet import cost, data, family, train
from convnets.imagenet.family import Block, Family
from convnets.imagenet.nets import RESOLUTIONS


def some(count: int, seed: int) -> Labelled:
    """Random pictures whose class is where they are bright."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 128, (count, 3, 32, 32), generator=generator, dtype=torch.uint8)
    labels = torch.arange(count) % 10
    for image, label in zip(images, labels.tolist(), strict=True):
        image[:, 3 * label : 3 * label + 4] += 100
    return Labelled(images, labels, False)


@pytest.fixture(scope="module")
def sets() -> data.Sets:
    return data.Sets(some(128, 1), some(40, 2), some(40, 3))


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    with loop.one_thread():
        yield


def test_plain_and_residual_members_differ_in_nothing_but_the_sum() -> None:
    for layers, parameters in ((20, 46_562), (56, 144_482)):
        plain, residual = Family(layers, residual=False), Family(layers, residual=True)
        assert cost.parameters(plain) == cost.parameters(residual) == parameters
        assert cost.multiply_adds(plain, 32) == cost.multiply_adds(residual, 32)
        weights = [layer for layer in cost.layers(residual, 32) if layer.parameters]
        assert len(weights) == layers
        residual.load_state_dict(plain.state_dict())


def test_at_the_papers_width_they_have_its_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family, "WIDTHS", (16, 32, 64))
    millions = {layers: cost.parameters(Family(layers, residual=True)) / 1e6 for layers in (20, 32, 44, 56, 110)}
    assert {layers: round(count, 2) for layers, count in millions.items()} == {
        20: 0.27, 32: 0.46, 44: 0.66, 56: 0.85, 110: 1.73
    }, "He et al. 2015, table 6 (which rounds 110 layers down to 1.7)"  # fmt: skip


def test_a_residual_block_that_has_learned_nothing_hands_on_what_it_gets() -> None:
    x = torch.rand(2, 8, 6, 6)
    for residual in (True, False):
        block = Block(8, 8, 1, residual).eval()
        torch.nn.init.zeros_(block.conv2.weight)
        with torch.inference_mode():
            assert torch.equal(block(x), x if residual else torch.zeros_like(x))
    wider = Block(8, 16, 2, True).eval()
    torch.nn.init.zeros_(wider.conv2.weight)
    with torch.inference_mode():
        found = wider(x)
    assert torch.equal(found[:, :8], x[:, :, ::2, ::2]) and not found[:, 8:].any(), "option A"


def test_stages_halve_and_any_size_will_do() -> None:
    net = Family(20, residual=True, stride=1).eval()
    for size in (12, 32, 40):
        found = net.stages(torch.rand(1, 3, size, size))
        shapes = [(8, size), (8, size), (16, size // 2), (24, size // 4)]
        assert [(part.shape[1], part.shape[-1]) for part in found[:-1]] == shapes
        assert found.scores.shape == (1, 10)
    with pytest.raises(ConvnetsError, match="No member of the family has 21 layers: choose 6n \\+ 2"):
        Family(21, residual=True)


def test_the_data_are_known_and_no_picture_is_in_two_sets() -> None:
    found = data.split()
    assert found.digest == data.DIGEST
    assert [len(part.labels) for part in found] == [18_000, 2_000, 1_000]
    assert found.train.labels[:0].dtype == torch.int64 and len(data.CLASSES) == 10
    assert np.bincount(found.validation.labels).min() > 150
    held = {image.numpy().tobytes() for image in found.validation.images}
    assert not held & {image.numpy().tobytes() for image in found.test.images}
    x = data.prepare(torch.cat([part.images for part in found[:2]])[:10_000])
    assert x.mean((0, 2, 3)).abs().max() < 0.02 and (x.std((0, 2, 3)) - 1).abs().max() < 0.02


def test_a_shifted_picture_is_a_window_of_the_padded_one_or_its_mirror() -> None:
    images = torch.rand(40, 3, 8, 8)
    found = data.shifted(images, torch.Generator().manual_seed(1), pixels=2)
    mirrored = 0
    for image, got in zip(torch.nn.functional.pad(images, (2,) * 4), found, strict=True):
        windows = [image[:, top : top + 8, left : left + 8] for top in range(5) for left in range(5)]
        straight = any(torch.equal(got, window) for window in windows)
        turned = any(torch.equal(got.flip(2), window) for window in windows)
        assert straight or turned
        mirrored += turned
    assert 10 < mirrored < 30


def test_random_crops_have_the_size_asked_for_and_show_a_part_magnified() -> None:
    ramp = torch.linspace(0, 1, 32).expand(200, 3, 32, 32)
    generator = torch.Generator().manual_seed(1)
    found = data.resized_crops(ramp, 16, 0.08, generator)
    assert found.shape == (200, 3, 16, 16)
    span = (found[:, 0, 8, -1] - found[:, 0, 8, 0]).abs()  # the share of the width that is seen
    assert span.min() < 0.4 and span.max() > 0.85
    left_to_right = (found[:, 0, 8, -1] > found[:, 0, 8, 0]).float().mean()
    assert 0.35 < left_to_right < 0.65, "half of them are mirrored"
    whole = data.resized_crops(ramp[:20, :, :, :], 16, 1.0, generator)
    assert ((whole[:, 0, 8, -1] - whole[:, 0, 8, 0]).abs() > 0.75).all()
    assert data.resized(ramp, 32) is ramp


def test_a_run_can_be_killed_and_goes_on_to_the_same_weights(sets: data.Sets, tmp_path: Path) -> None:
    recipe = replace(train.RECIPES["residual-20"], name="short", epochs=3, batch_size=32)
    fabric = loop.make_fabric("cpu")
    whole = train.learn(recipe, sets, fabric, training.Log())

    def killed(step: int, _loss: float) -> None:
        if step == 6:
            raise KeyboardInterrupt

    checkpoint = loop.Checkpoint(tmp_path / "run.safetensors", "key")
    with pytest.raises(KeyboardInterrupt):
        train.learn(recipe, sets, fabric, training.Log(checkpoint, killed))
    log = training.Log(checkpoint)
    resumed = train.learn(recipe, sets, fabric, log)
    assert all(
        torch.equal(a, b) for a, b in zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True)
    )
    assert len(log.curves["train_error"]) == len(log.curves["validation_error"]) == 3


def test_training_learns_and_its_record_says_how(sets: data.Sets) -> None:
    recipe = replace(train.RECIPES["residual-20"], name="short", epochs=12, batch_size=16, train_count=96)
    run = train.train(recipe, sets, loop.make_fabric("cpu"))
    found = run.record["metrics"]
    assert found["train"]["error"] < 0.5 and found["test"]["error"] < 0.6, "bright bands are easy; chance is 0.9"
    assert run.record["data"]["splits"] == {"train": 96, "validation": 40, "test": 40}
    assert len(run.record["fingerprint"]) == 20
    assert train.fingerprint(recipe, sets) == run.record["fingerprint"]


def test_what_16_bits_cannot_hold_is_scaled_and_answers_stay() -> None:
    model, x = Family(20, residual=False), torch.randn(64, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    block = model.stage1[0]
    assert isinstance(block, Block) and block.bn1.running_var is not None
    with torch.no_grad():
        block.conv1.weight.mul_(1000)
        for _ in range(50):
            model(x)
    assert block.bn1.running_var.max() > torch.finfo(torch.float16).max
    before, kept = model.eval()(x), {name: value.clone() for name, value in model.state_dict().items()}
    train.within_half(model)
    changed = {name for name, value in model.state_dict().items() if not torch.equal(value, kept[name])}
    assert changed == {f"stage1.0.{name}" for name in ("conv1.weight", "bn1.running_mean", "bn1.running_var")}
    assert block.bn1.running_var.max() <= 2**15
    torch.testing.assert_close(model(x), before, rtol=0, atol=1e-4)
    loop.round_to_half(model)
    assert all(torch.isfinite(value).all() for value in model.state_dict().values())


def test_tuning_changes_the_last_normalisation_and_the_classifier_only(sets: data.Sets) -> None:
    recipe = replace(train.RECIPES["crops"], batch_size=32)
    model = train.build(recipe).eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    tuned = train.tune(model, recipe, sets, 24)
    changed = {
        name for name, tensor in tuned.state_dict().items() if not torch.equal(tensor, before[name].half().float())
    }
    names = ("weight", "bias", "running_mean", "running_var")
    expected = {f"stage3.2.bn2.{name}" for name in names} | {"classifier.weight", "classifier.bias"}
    assert changed - {"stage3.2.bn2.num_batches_tracked"} == expected
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items()), (
        "the model is a copy's"
    )


@pytest.mark.parametrize("net", imagenet.NETS)
def test_a_published_network_is_as_good_as_its_record_says(net: str) -> None:
    found, record = imagenet.evaluate(net), runs.published("imagenet", net)
    assert record is not None and found["digest_known"]
    assert found["metrics"].keys() == record["metrics"]["test"].keys()
    assert found["metrics"]["error"] == pytest.approx(record["metrics"]["test"]["error"], abs=1.001e-3)


def errors(recipe: str, split: str, metric: str = "error") -> list[float]:
    """What the seeds of ``recipe`` got, in their order."""
    stems = sorted(stem for stem in runs.names("imagenet") if stem.rpartition("-")[0] == recipe)
    return [runs.read("imagenet", stem)["metrics"][split][metric] for stem in stems]


def test_depth_costs_plain_networks_much_and_residual_ones_little() -> None:
    """He et al. 2015, figure 6: on the training pictures, so it is no over-fitting.

    Theirs of 56 layers do better than those of 20, after forty times as many steps; ours lag a little yet.
    """
    plain, residual = (
        [
            deep - shallow
            for shallow, deep in zip(errors(f"{kind}-20", "train"), errors(f"{kind}-56", "train"), strict=True)
        ]
        for kind in ("plain", "residual")
    )
    assert min(plain) > 0.1
    assert max(residual) < min(plain) / 2
    assert max(errors("residual-56", "train")) < min(errors("plain-20", "train"))
    assert all(len(errors(net, "train")) == count for net, count in train.SEEDS.items())


def test_networks_that_learned_from_crops_do_better_on_larger_pictures_and_better_yet_when_tuned() -> None:
    """Touvron et al. 2019, figures 3 and 5, in small."""
    trained_at = train.RECIPES["crops"].size
    before, after = (
        {size: sum(errors("crops", split, f"error_{size}")) for size in RESOLUTIONS}
        for split in ("validation", "tuned_validation")
    )
    best = min(before, key=lambda size: before[size])
    assert best > trained_at and before[best] < before[trained_at]
    assert min(after.values()) < before[best]
    assert all(after[size] < before[size] for size in RESOLUTIONS)

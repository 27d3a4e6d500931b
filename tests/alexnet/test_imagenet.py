"""Training on a miniature ImageNet: one process or two, killed on the way or not, and the recipe of the paper."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from convnets.alexnet import chance, imagenet
from convnets.alexnet.chance import Draws, Pixels, augment, pixels
from convnets.alexnet.data import Colours
from convnets.alexnet.imagenet import RECIPES, Job, Recipe, build, learn
from convnets.alexnet.model import SCHEDULE
from convnets.alexnet.pictures import SIDE, Pictures, find, together
from convnets.common import loop
from convnets.common.errors import ConvnetsError

SMALL = Recipe("small", classes=3, crop=63, dense=8, batch_size=6, epochs=2)


@pytest.fixture(scope="module")
def root(draw: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw(tmp_path_factory.mktemp("miniature") / "imagenet")


@pytest.fixture(scope="module")
def job(root: Path) -> Job:
    return Job(find(root, "train", 3), find(root, "val", 3), loop.make_fabric("cpu"))


@pytest.fixture(scope="module")
def whole(job: Job) -> dict[str, Any]:
    return learn(SMALL, job)


def parameters(model: nn.Module) -> torch.Tensor:
    return torch.cat([one.detach().flatten() for one in model.parameters()])


def drawn(step: int, count: int, dense: int = 8) -> Draws:
    return chance.draw(count, step, seed=0, crop=63, dense=dense)


# The paper's recipe


def test_the_recipe_is_the_paper_s() -> None:
    recipe = RECIPES["alexnet"]
    assert (recipe.batch_size, recipe.learning_rate, recipe.weight_decay, recipe.epochs) == (128, 0.01, 0.0005, 90)
    assert SCHEDULE["momentum"] == 0.9
    assert (recipe.crop, SIDE, recipe.classes, recipe.dense) == (224, 256, 1000, 4096)
    rates = [imagenet.rate(recipe, step / 900) for step in range(900)]
    assert sorted(set(rates), reverse=True) == pytest.approx([0.01, 0.001, 0.0001, 0.00001])
    assert rates == sorted(rates, reverse=True)
    with torch.device("meta"):
        counts = [sum(one.numel() for one in build(one).parameters()) for one in RECIPES.values()]
    assert counts == [60_965_224, 61_100_840]


def test_augmentation_cuts_reflects_and_subtracts_the_mean() -> None:
    pictures = torch.zeros(4, SIDE, SIDE, 3, dtype=torch.uint8)
    pictures[..., 0], pictures[..., 1] = torch.arange(SIDE)[:, None], torch.arange(SIDE)
    of = Pixels(torch.tensor([0.5, 0.25, 0.0]), Colours(torch.eye(3), torch.tensor([0.1, 0.0, 0.0])))
    chance = drawn(3, 4)._replace(turned=torch.tensor([True, False, False, True]))
    found = augment(pictures, chance, of, 63)
    assert found.shape == (4, 3, 63, 63)
    for one, top, left, turned, colour in zip(found, *chance[:4], strict=True):
        rows = top + torch.arange(63) - 127.5 + 25.5 * colour[0]
        assert torch.allclose(one[0, :, 0], rows, atol=1e-3)
        columns = left + torch.arange(63) - 63.75
        assert torch.allclose(one[1, 0], columns.flip(0) if turned else columns, atol=1e-3)
    assert found[:, 2].abs().max() < 1e-3


def test_what_is_drawn_depends_on_the_step_alone() -> None:
    one, same, other = drawn(5, 6), drawn(5, 6), drawn(6, 6)
    assert all(torch.equal(*pair) for pair in zip(one[:4], same[:4], strict=True))
    assert not torch.equal(one.colour, other.colour)
    assert torch.equal(one.part(2, 4).kept[1], one.kept[1][2:4])
    assert torch.equal(one.part(2, 4).tops, one.tops[2:4])
    many = drawn(0, 600, 64)
    assert set(many.tops.tolist()) <= set(range(SIDE - 63 + 1))
    assert many.kept[0].float().mean() == pytest.approx(0.5, abs=0.02)
    assert many.colour.std() == pytest.approx(0.1, rel=0.1)


def test_mean_and_directions_are_the_training_pixels(job: Job) -> None:
    found = pixels(job.train)
    held = torch.cat([together([one])[0].reshape(-1, 3) for one in Pictures(job.train)]).double() / 255  # type: ignore[list-item, union-attr]
    assert torch.allclose(found.mean.double(), held.mean(0), atol=1e-6)
    directions = found.of.directions.double()
    assert torch.allclose(
        directions @ held.T.cov(correction=0) @ directions.T, torch.diag(found.of.variances.double()), atol=1e-6
    )
    few = pixels(job.train, 2)
    assert not torch.allclose(few.mean, found.mean, atol=1e-3)


# Training


def test_it_learns_what_colours_tell(job: Job, whole: dict[str, Any]) -> None:
    assert len(whole["losses"]) == 2
    found = {one.name: one for one in whole["metrics"]}
    assert set(found) == {"error", "error_top5", "error_centre", "error_top5_centre"}
    assert found["error_top5"].value == 0.0  # three classes
    assert found["error"].interval is not None
    assert not torch.equal(parameters(build(SMALL)), parameters(whole["model"]))


def test_a_run_killed_in_the_middle_of_an_epoch_goes_on_to_the_same_bits(
    job: Job, whole: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = loop.Checkpoint(tmp_path / "small.safetensors", "key")

    def killed(recipe: Recipe, progress: float) -> float:
        if progress >= 6 / 8:
            raise KeyboardInterrupt
        return rate(recipe, progress)

    rate = imagenet.rate
    monkeypatch.setattr(imagenet, "rate", killed)
    with pytest.raises(KeyboardInterrupt):
        learn(SMALL, job, checkpoint, save_every=1)
    monkeypatch.setattr(imagenet, "rate", rate)
    found = learn(SMALL, job, checkpoint, save_every=1)
    assert torch.equal(parameters(found["model"]), parameters(whole["model"]))
    assert found["losses"] == whole["losses"]


def _in_two(recipe: Recipe, root: Path, out: Path) -> None:
    torch.set_num_threads(1)
    from lightning.fabric import Fabric

    fabric = Fabric(accelerator="cpu", devices=2, strategy="ddp_fork")

    def work(fabric: Fabric) -> None:
        found = learn(recipe, Job(find(root, "train", 3), find(root, "val", 3), fabric))
        if fabric.is_global_zero:
            told = {one.name: one.value for one in found["metrics"]} | {"losses": found["losses"]}
            out.write_text(json.dumps(told | {"weights": parameters(found["model"]).tolist()[::1000]}))

    fabric.launch(work)


def test_two_processes_learn_what_one_does(root: Path, whole: dict[str, Any], tmp_path: Path) -> None:
    _in_two(SMALL, root, tmp_path / "two.json")
    two = json.loads((tmp_path / "two.json").read_text())
    assert two["losses"] == pytest.approx(whole["losses"], rel=1e-5)
    assert two["weights"] == pytest.approx(parameters(whole["model"]).tolist()[::1000], rel=1e-4, abs=1e-6)
    assert {one.name: one.value for one in whole["metrics"]} == {name: two[name] for name in two if "error" in name}


# What is wrong is told


def test_a_checkpoint_of_another_number_of_processes_is_told(job: Job, tmp_path: Path) -> None:
    checkpoint, model = loop.Checkpoint(tmp_path / "small.safetensors", "key"), build(SMALL)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    checkpoint.save({"model": model}, optimizer, {"step": 1, "processes": 2})
    with pytest.raises(ConvnetsError, match="was written by 2 processes, and these are 1: go on with --processes 2"):
        learn(SMALL, job, checkpoint)


def test_batches_that_cannot_be_filled_or_divided_are_told(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConvnetsError, match="24 training pictures do not fill a batch of 25: take smaller ones"):
        learn(replace(SMALL, batch_size=25), job)
    monkeypatch.setattr(type(job.fabric), "world_size", 4)
    with pytest.raises(ConvnetsError, match="A batch of 6 pictures cannot be divided among 4 processes"):
        learn(SMALL, job)


def test_a_damaged_picture_ends_training_with_its_name(draw: Callable[..., Path], tmp_path: Path, job: Job) -> None:
    root = draw(tmp_path / "imagenet", train=2, val=1)
    train = find(root, "train", 3)
    train.files[1].write_bytes(b"\xff\xd8\xff")
    with pytest.raises(ConvnetsError, match=f"{train.files[1].name} cannot be read"):
        learn(SMALL, Job(train, find(root, "val", 3), job.fabric, workers=0))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--data", "/nowhere"], "There is no folder /nowhere"),
        (["--recipe", "vgg"], "There is no recipe 'vgg': choose one of alexnet, one-tower"),
    ],
)
def test_the_command_says_what_is_wrong(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    assert imagenet.main(["--data", str(root), "--out", str(tmp_path), "--classes", "3", *more]) == 2
    assert said in capsys.readouterr().err


# The command


def _command(root: Path, out: Path, processes: int, *more: str) -> list[str]:
    small = [
        "--classes",
        "3",
        "--dense",
        "8",
        "--batch-size",
        "6",
        "--epochs",
        "1",
        "--device",
        "cpu",
        "--threads",
        "1",
    ]
    return [
        sys.executable, "-m", "convnets.alexnet.imagenet", "--data", str(root), "--out", str(out),
        "--processes", str(processes), "--save-every", "1", *small, *more,
    ]  # fmt: skip


@pytest.mark.slow  # starts five processes, each of which loads PyTorch and learns at full size
def test_the_command_in_two_processes_killed_and_begun_again(root: Path, tmp_path: Path) -> None:
    subprocess.run(_command(root, tmp_path / "one", 1), check=True, capture_output=True, timeout=300)
    going = subprocess.Popen(
        _command(root, tmp_path / "two", 2), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    checkpoint = tmp_path / "two" / "alexnet-0.checkpoint.safetensors"
    while going.poll() is None and not checkpoint.exists():
        pass
    os.killpg(going.pid, 9)
    going.wait()
    assert checkpoint.exists()
    other = subprocess.run(_command(root, tmp_path / "two", 1), capture_output=True, text=True, timeout=300)
    assert other.returncode == 2
    assert "was written by 2 processes, and these are 1" in other.stderr
    subprocess.run(_command(root, tmp_path / "two", 2), check=True, capture_output=True, timeout=300)
    one, two = (json.loads((tmp_path / name / "alexnet-0.json").read_text()) for name in ("one", "two"))
    assert two["losses"] == pytest.approx(one["losses"], rel=1e-4)
    assert two["metrics"] == one["metrics"]
    assert (one["processes"], two["processes"]) == (1, 2)
    assert not checkpoint.exists()

"""AlexNet trained on ImageNet as in 2012, on one process or several: ``python -m convnets.alexnet.imagenet --help``.

Krizhevsky and others, 2012, sections 4 and 5: random 224x224 crops of 256x256 pixels, reflections, colour noise along
the principal directions of the training pixels, dropout, the schedule of :data:`convnets.alexnet.model.SCHEDULE`, and
the mean of ten crops in the test.

Lightning Fabric starts the processes, each with a slice of every batch, and averages their gradients (PyTorch's
``DistributedDataParallel``). What is drawn at a step, crops, colours and dropout, is drawn for the whole batch from its
number: any number of processes learns the same, up to the order in which sums are rounded.

Deviations:
    - The paper's two GPUs held a tower each; here every process holds both towers and sees other pictures.
    - The rate is divided after fixed shares of the epochs, not by hand.
    - The mean colour and the directions are those of evenly spaced training pictures, and no mean image is subtracted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from convnets.alexnet.chance import Pixels, augment, draw, pixels, whole
from convnets.alexnet.data import planes
from convnets.alexnet.model import CROP, SCHEDULE, AlexNet, one_tower
from convnets.alexnet.pictures import CLASSES, SIDE, Found, Pictures, find, same_classes, together
from convnets.common import assets, commands, loop, stats, telling, training
from convnets.common.errors import ConvnetsError

if TYPE_CHECKING:
    from lightning.fabric import Fabric

__all__ = ["RECIPES", "Job", "Recipe", "build", "learn", "main", "measure", "rate"]

NAME = "ImageNet"
DIVIDED = (1 / 3, 2 / 3, 8 / 9)
"""Shares of the epochs after which the learning rate is divided by ten."""


@dataclass(frozen=True)
class Recipe:
    """Everything that a run depends on besides data and code."""

    name: str
    towers: int = 2  # 1: the network of 2014
    seed: int = 0
    epochs: int = int(SCHEDULE["epochs"])  # passes over the training pictures
    batch_size: int = int(SCHEDULE["batch_size"])  # pictures, of all processes together
    learning_rate: float = SCHEDULE["learning_rate"]  # at first
    weight_decay: float = SCHEDULE["weight_decay"]  # 1/step
    crop: int = CROP  # pixels
    classes: int = CLASSES
    dense: int = 4096  # units of each hidden dense layer


RECIPES = {recipe.name: recipe for recipe in (Recipe("alexnet"), Recipe("one-tower", towers=1))}


def build(recipe: Recipe) -> nn.Module:
    """A fresh network of ``recipe``, its initial weights drawn from the recipe's seed."""
    kind = AlexNet if recipe.towers == 2 else one_tower
    return training.seeded(lambda: kind(classes=recipe.classes, dense=recipe.dense, crop=recipe.crop), recipe.seed)


def rate(recipe: Recipe, progress: float) -> float:
    """The learning rate when the share ``progress`` of all steps is done."""
    return recipe.learning_rate * 0.1 ** sum(progress >= share for share in DIVIDED)


class Job(NamedTuple):
    """Where a run learns from, and with how many helpers that read pictures."""

    train: Found
    val: Found
    fabric: Fabric
    workers: int = 0  # processes that read pictures, beside each that learns


def learn(
    recipe: Recipe, job: Job, checkpoint: loop.Checkpoint | None = None, save_every: int = 1000
) -> dict[str, Any]:
    """Train ``recipe`` and measure it on the ``val`` pictures; goes on from ``checkpoint`` if it holds a state.

    Returns:
        ``{"model", "metrics": list of Measured, "losses": mean of each epoch, "seconds"}``.

    Raises:
        ConvnetsError: a picture cannot be read, a batch cannot be divided, or the checkpoint belongs to another number
            of processes.
    """
    fabric, count = job.fabric, len(job.train.files) // recipe.batch_size
    if recipe.batch_size % fabric.world_size:
        raise ConvnetsError(
            f"A batch of {recipe.batch_size} pictures cannot be divided among {fabric.world_size} processes: choose a "
            "number that divides it."
        )
    if not count:
        raise ConvnetsError(
            f"{len(job.train.files)} training pictures do not fill a batch of {recipe.batch_size}: take smaller ones."
        )
    colours: Pixels = fabric.broadcast(pixels(job.train) if fabric.is_global_zero else None)  # type: ignore[assignment]
    model = build(recipe)
    optimizer = training.optimizer("sgd", model, recipe.learning_rate, recipe.weight_decay)
    model, optimizer = fabric.setup(model, optimizer)
    notes = _load(checkpoint, model.module, optimizer, fabric)
    started, share = time.perf_counter() - notes["seconds"], recipe.batch_size // fabric.world_size
    first = fabric.global_rank * share
    for epoch in range(notes["step"] // count, recipe.epochs):
        model.train()
        done = notes["step"] - epoch * count
        order = training.shuffled(len(job.train.files), recipe.seed, epoch)[: count * recipe.batch_size]
        mine = order.view(count, fabric.world_size, share)[done:, fabric.global_rank]
        for pictures, labels in telling.bar(_batches(job, job.train, mine.tolist()), f"epoch {epoch + 1}"):
            draws = draw(recipe.batch_size, notes["step"], recipe.seed, recipe.crop, recipe.dense).part(
                first, first + share
            )
            x = augment(pictures, draws, colours, recipe.crop)
            training.set_rate(optimizer, rate(recipe, notes["step"] / (count * recipe.epochs)))
            kept = [one.to(fabric.device) for one in draws.kept]
            loss = F.cross_entropy(model(x, kept), labels)
            optimizer.zero_grad()
            fabric.backward(loss)
            optimizer.step()
            notes["step"] += 1
            notes["total"] += float(fabric.all_reduce(loss.detach(), reduce_op="mean"))  # type: ignore[arg-type]
            if notes["step"] % count == 0:
                notes["losses"].append(notes["total"] / count)
                notes["total"] = 0.0
            if notes["step"] % save_every == 0 or notes["step"] % count == 0:
                notes["seconds"] = time.perf_counter() - started
                _save(checkpoint, model.module, optimizer, fabric, notes)
    seconds = time.perf_counter() - started
    metrics = measure(model.module, job, colours, recipe.crop)
    return {"model": model.module, "metrics": metrics, "losses": notes["losses"], "seconds": round(seconds, 1)}


@torch.inference_mode()
def measure(model: nn.Module, job: Job, of: Pixels, crop: int = CROP) -> list[stats.Measured]:
    """``error`` and ``error_top5`` of the mean over ten crops, and both of the central crop, on ``val``."""
    fabric, rest = job.fabric, SIDE - crop
    places = [(0, 0), (0, rest), (rest, 0), (rest, rest), (rest // 2, rest // 2)]
    model.eval()
    mine = torch.arange(len(job.val.files))[fabric.global_rank :: fabric.world_size]
    wrong, mean = torch.zeros(4, device=fabric.device), of.mean.to(fabric.device)[:, None, None]
    for pictures, labels in _batches(job, job.val, [part.tolist() for part in mine.split(50)]):
        views = []
        for seen in (pictures, pictures.flip(2)):
            x = 255 * (planes(seen) - mean)
            views += [model(x[:, :, top : top + crop, left : left + crop]).softmax(1) for top, left in places]
        for row, answer in enumerate((torch.stack(views).mean(0), views[4])):
            best = answer.topk(min(5, answer.shape[1])).indices == labels[:, None]
            wrong[2 * row] += (~best[:, 0]).sum()
            wrong[2 * row + 1] += (~best.any(1)).sum()
    counts = fabric.all_reduce(wrong, reduce_op="sum")
    names = ("error", "error_top5", "error_centre", "error_top5_centre")
    return [stats.share(name, int(one), len(job.val.files)) for name, one in zip(names, counts, strict=True)]  # type: ignore[arg-type]


def _batches(job: Job, found: Found, batches: list[list[int]]) -> Iterator[tuple[Tensor, Tensor]]:
    """The pictures of each batch of indices with their labels, on the device."""
    for one in DataLoader(Pictures(found), batch_sampler=batches, num_workers=job.workers, collate_fn=together):
        pictures, labels = whole(one)
        yield pictures.to(job.fabric.device), labels.to(job.fabric.device)


def _load(checkpoint: loop.Checkpoint | None, model: nn.Module, optimizer: Any, fabric: Fabric) -> dict[str, Any]:
    fresh = {"step": 0, "seconds": 0.0, "total": 0.0, "losses": [], "processes": fabric.world_size}
    notes = (checkpoint and checkpoint.load({"model": model}, optimizer)) or fresh
    if notes["processes"] != fabric.world_size:
        raise ConvnetsError(
            f"The checkpoint {checkpoint and checkpoint.file} was written by {notes['processes']} processes, and these "
            f"are {fabric.world_size}: go on with --processes {notes['processes']}, or start again with --fresh."
        )
    return notes


def _save(
    checkpoint: loop.Checkpoint | None, model: nn.Module, optimizer: Any, fabric: Fabric, notes: dict[str, Any]
) -> None:
    if checkpoint and fabric.is_global_zero:
        checkpoint.save({"model": model}, optimizer, notes)
    fabric.barrier()


def _fabric(processes: int, device: str) -> Fabric:
    one = loop.make_fabric(device)
    if processes == 1:
        return one
    from lightning.fabric import Fabric

    kind = "cuda" if one.device.type == "cuda" else "cpu"
    if kind == "cuda" and processes > torch.cuda.device_count():
        raise ConvnetsError(f"{processes} processes need as many GPUs, and there are {torch.cuda.device_count()} here.")
    fabric = Fabric(accelerator=kind, devices=processes, strategy="ddp", precision="32-true")
    fabric.launch()
    return fabric


def _train(chosen: argparse.Namespace) -> int:
    if chosen.recipe not in RECIPES:
        raise ConvnetsError(f"There is no recipe {chosen.recipe!r}: choose one of {', '.join(RECIPES)}.")
    names = ("seed", "epochs", "batch_size", "classes", "dense")
    changes = {name: value for name in names if (value := getattr(chosen, name)) is not None}
    recipe = replace(RECIPES[chosen.recipe], **changes)
    train, val = (find(chosen.data, part, recipe.classes) for part in ("train", "val"))
    same_classes(train, val)
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    fabric = _fabric(chosen.processes, chosen.device)
    settings, digest = asdict(recipe), hashlib.sha256((train.digest + val.digest).encode()).hexdigest()
    key = hashlib.sha256(json.dumps([settings, digest], sort_keys=True).encode()).hexdigest()
    out, stem = Path(chosen.out), f"{recipe.name}-{recipe.seed}"
    checkpoint = loop.Checkpoint(out / f"{stem}.checkpoint.safetensors", key)
    if chosen.fresh and fabric.is_global_zero:
        checkpoint.delete()
    fabric.barrier()
    found = learn(recipe, Job(train, val, fabric, chosen.workers), checkpoint, chosen.save_every)
    if fabric.is_global_zero:
        loop.round_to_half(found["model"])
        weights = loop.stored_bytes(found["model"])
        assets.write_atomic(out / f"{stem}.safetensors", weights)
        told = {
            "settings": settings,
            "data": {"name": NAME, "digest": digest, "train": len(train.files), "val": len(val.files)},
            "metrics": {one.name: one.value for one in found["metrics"]},
            "interval95": {one.name: one.interval for one in found["metrics"]},
            "losses": found["losses"],
            "seconds": found["seconds"],
            "processes": fabric.world_size,
            "device": telling.device_name(fabric.device),
            "weights": assets.sha256(weights),
        }
        assets.write_json(out / f"{stem}.json", told)
        checkpoint.delete()
        print(f"{stem}: {json.dumps(told['metrics'])} in {found['seconds']} s on {fabric.world_size} process(es)")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = commands.Parser(prog="convnets.alexnet.imagenet", description="Train AlexNet on ImageNet's folders.")
    parser.add_argument("--data", required=True, metavar="DIR", help="holds train/ and val/, a folder for each class")
    parser.add_argument("--out", required=True, metavar="DIR", help="gets checkpoint, weights and record")
    parser.add_argument("--recipe", default="alexnet", help=f"one of {', '.join(RECIPES)}")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="one for each GPU; default 1")
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="that read pictures, for each process")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads of each process")
    parser.add_argument("--save-every", type=int, default=1000, metavar="N", help="steps between checkpoints")
    parser.add_argument("--fresh", action="store_true", help="forget a checkpoint")
    for name in ("seed", "epochs", "batch-size", "classes", "dense"):
        parser.add_argument(f"--{name}", type=int, metavar="N", help="instead of the recipe's")
    return commands.run(
        parser.prog, lambda: _train(parser.parse_args(arguments)), lambda: "stopped; the same command goes on."
    )


if __name__ == "__main__":
    raise SystemExit(main())

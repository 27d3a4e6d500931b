"""What every system's ``train.py`` has around its recipe, its loss and its metrics.

The loop itself stands in ``train.py``, in plain PyTorch: ``learn(recipe, data, fabric, log)`` gives the network as it
is stored. A :class:`Log` counts, times and keeps what it does::

    for epoch in log.epochs(recipe.epochs, {"model": model, "averaged": averaged}, optimizer):
        order = training.shuffled(len(labels), recipe.seed, epoch)
        for step, batch in log.batches(order, recipe.batch_size):
            training.set_rate(optimizer, training.warm_cosine(recipe.learning_rate, log.progress))
            loss = ...
            optimizer.zero_grad()
            fabric.backward(loss)
            optimizer.step()
            training.average(averaged, model, recipe.average_decay)
            log.step(loss, len(batch))
        if log.closes():
            log.keep({"validation_error": error(averaged, data.validation)})

``train(recipe, data, fabric, checkpoint)`` is :func:`begin`, ``learn`` and :func:`finish`.
"""

from __future__ import annotations

import importlib
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from convnets.common import assets, loop, runs, telling
from convnets.common.errors import ConvnetsError
from convnets.common.stats import Measured

if TYPE_CHECKING:
    from lightning.fabric import Fabric

__all__ = [
    "Log", "Run", "average", "begin", "finish", "first_losses", "generator", "keep_layout", "key", "optimizer",
    "seeded", "set_rate", "shuffled", "warm_cosine",
]  # fmt: skip

Recipe = TypeVar("Recipe")
"""A frozen dataclass with at least ``name``, ``net`` and ``seed``."""
Sets = TypeVar("Sets")
Model = TypeVar("Model", bound=nn.Module)

MOST_KEPT = 50
"""Times that a run is measured and saved on its way."""
_SMALL_WORDS = frozenset(("a", "and", "for", "in", "of", "on", "the", "with"))


class Run(NamedTuple):
    """What training returns: the record, and the weights as they are stored."""

    record: dict[str, Any]
    weights: bytes


def key(system: str, recipe: Any, data: Any) -> str:
    """The run key of ``recipe`` on ``data`` with the code as it stands.

    Where recipes learn from different data, the system's ``train.digest(recipe, data)`` says which.
    """
    own = importlib.import_module(f"convnets.{system}.train")
    digest = own.digest(recipe, data) if hasattr(own, "digest") else data.digest
    return runs.key(asdict(recipe), digest, runs.code_of(system))


def begin(system: str, recipe: Any, digest: str, where: str = "data") -> dict[str, Any]:
    """The record of a run that starts now.

    It says what its data are called: ``NAME`` of the system's module ``where``. That is looked up at run time, because
    a name is for readers: no key of a run may hold it.

    Raises:
        ConvnetsError: the name is neither a proper one nor words that can be translated.
    """
    record = runs.new_record(system, asdict(recipe), digest)
    module = f"convnets.{system}.{where}"
    record["data"]["name"] = _checked_name(importlib.import_module(module).NAME, module)
    return record


def _checked_name(name: str, module: str) -> str:
    """A proper name has capitals throughout and stays in every language; any other begins small and is translated."""
    words = name.split()
    small = [word for word in words[1:] if word[0].islower() and word not in _SMALL_WORDS]
    if not words or (not words[0][0].islower() and small):
        raise ConvnetsError(
            f"{module}.NAME is {name!r}: write a proper name with capitals throughout, such as `Street View`, and any "
            "other with a small letter in front, such as `drawn digits`, which each edition translates."
        )
    return name


def finish(
    record: dict[str, Any],
    model: nn.Module,
    log: Log,
    *,
    splits: Mapping[str, int],
    measured: Mapping[str, Sequence[Measured]],
    score: float,
    fingerprint: Sequence[float],
    device: torch.device | str = "cpu",
) -> Run:
    """Complete ``record`` with what came out: ``measured`` by split, and the ``score`` (lowest: published)."""
    weights = loop.stored_bytes(model)
    record["data"]["splits"] = dict(splits)
    intervals = {split: {one.name: one.interval for one in found if one.interval} for split, found in measured.items()}
    record |= {
        "seconds": log.seconds,
        "fingerprint": list(fingerprint),
        "metrics": {split: {one.name: one.value for one in found} for split, found in measured.items()},
        "interval95": {split: found for split, found in intervals.items() if found},
        "score": score,
        "curves": log.curves,
        "device": telling.device_name(device),
        "weights": assets.sha256(weights),
    }
    return Run(record, weights)


class Log:
    """What a loop writes down as it goes: seconds, curves, and the checkpoint from which a killed run goes on."""

    def __init__(
        self, checkpoint: loop.Checkpoint | None = None, on_step: Callable[[int, float], None] | None = None
    ) -> None:
        """``on_step(step, loss)`` is called after each step."""
        self.curves: dict[str, Any] = {}
        self.on_step = on_step
        self.checkpoint = checkpoint
        self.epoch = self.number = self.steps = 0
        self._count, self._total = 0, 0.0
        self._states: dict[str, nn.Module] = {}
        self._optimizer: Optimizer | None = None
        self._earlier, self._started = 0.0, time.perf_counter()
        self._stopped: float | None = None

    @property
    def seconds(self) -> float:
        """How long training has taken so far, before a kill and since."""
        now = time.perf_counter() if self._stopped is None else self._stopped
        return round(self._earlier + now - self._started, 1)

    @property
    def progress(self) -> float:
        """The share of all steps that is done, from 0 to just below 1."""
        return self.number / self.steps

    def epochs(self, count: int, states: dict[str, nn.Module], optimizer: Optimizer | None = None) -> Iterator[int]:
        """0 to ``count`` - 1; where a checkpoint holds ``states`` and the optimizer's, they are put back first.

        An epoch is a pass over the data, or whatever else ends with a state that is worth keeping.
        """
        self._count, self._states, self._optimizer = count, states, optimizer
        done = (self.checkpoint and self.checkpoint.load(states, optimizer)) or {"epoch": 0, "seconds": 0.0}
        self.curves |= done.get("curves", {})
        self._earlier = done["seconds"]
        for self.epoch in range(done["epoch"], count):
            yield self.epoch
        self.stop()

    def stop(self) -> None:
        """Training ends here: what follows, such as measuring, takes none of its seconds."""
        self._stopped = time.perf_counter()

    def batches(self, order: Tensor, size: int) -> Iterator[tuple[int, Tensor]]:
        """(number of the step, its indices): ``order`` cut into parts of ``size``; then the mean loss is noted."""
        parts = order.split(size)
        self.steps, self._total = self._count * len(parts), 0.0
        for index, part in enumerate(telling.bar(parts, f"epoch {self.epoch + 1}")):
            self.number = self.epoch * len(parts) + index
            yield self.number, part
        self.curves.setdefault("loss", []).append(self._total / len(order))

    def step(self, loss: Tensor, examples: int) -> None:
        """A step is done; ``loss`` was its mean over so many ``examples``."""
        value = loss.item()
        self._total += value * examples
        if self.on_step:
            self.on_step(self.number, value)

    def closes(self) -> bool:
        """Whether to measure and :meth:`keep` after this epoch: fifty times a run at most, and after the last."""
        return (self.epoch + 1) % math.ceil(self._count / MOST_KEPT) == 0 or self.epoch + 1 == self._count

    def keep(self, measured: Mapping[str, float]) -> None:
        """Append what was measured to the curves of its names, and :meth:`save`."""
        for name, value in {"epoch": self.epoch + 1, **measured}.items():
            self.curves.setdefault(name, []).append(value)
        self.save()

    def save(self) -> None:
        """Store the state after this epoch: a killed run goes on from here."""
        if self.checkpoint:
            notes = {"epoch": self.epoch + 1, "seconds": self.seconds, "curves": self.curves}
            self.checkpoint.save(self._states, self._optimizer, notes)


def first_losses(
    learn: Callable[[Recipe, Sets, Fabric, Log], object], recipe: Recipe, data: Sets, steps: int = 20
) -> list[float]:
    """Losses of the first ``steps`` steps of ``learn`` on one CPU thread: what `press accept` compares."""
    seen: list[float] = []

    def note(_: int, loss: float) -> None:
        seen.append(loss)
        if len(seen) == steps:
            raise _Enough

    with loop.one_thread(), suppress(_Enough):
        learn(recipe, data, loop.make_fabric("cpu"), Log(on_step=note))
    return seen


class _Enough(Exception):
    pass


def seeded(build: Callable[[], Model], seed: int) -> Model:
    """A fresh network whose initial weights are drawn from ``seed``; the global generator stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build()


def generator(seed: int, epoch: int = 0, device: torch.device | str = "cpu") -> torch.Generator:
    """Random numbers of one epoch: a run that goes on after a kill draws those it would have drawn."""
    return torch.Generator(device).manual_seed(seed * 1_000_003 + epoch)


def shuffled(count: int, seed: int, epoch: int) -> Tensor:
    """The numbers 0 to ``count`` - 1 in this epoch's random order."""
    return torch.randperm(count, generator=generator(seed, epoch))


def optimizer(name: str, model: nn.Module, learning_rate: float, weight_decay: float = 0.0) -> Optimizer:
    """``adamw``, or ``sgd`` with momentum 0.9.

    Raises:
        ConvnetsError: unknown name.
    """
    if name == "sgd":
        return torch.optim.SGD(model.parameters(), learning_rate, momentum=0.9, weight_decay=weight_decay)
    if name == "adamw":
        return torch.optim.AdamW(model.parameters(), learning_rate, weight_decay=weight_decay)
    raise ConvnetsError(f"There is no optimizer {name!r}: choose `adamw` or `sgd`.")


def keep_layout(optimizer: Optimizer) -> None:
    """What a checkpoint gave back lies in memory as what was saved did (channels last), so that sums round the same."""
    for state in optimizer.state.values():
        for name, value in state.items():
            if isinstance(value, Tensor) and value.ndim == 4:
                state[name] = value.contiguous(memory_format=torch.channels_last)


def set_rate(optimizer: Optimizer, learning_rate: float) -> None:
    """The learning rate of the next step."""
    for group in optimizer.param_groups:
        group["lr"] = learning_rate


def warm_cosine(peak: float, progress: float, warm: float = 0.05) -> float:
    """Learning rate: a linear rise to ``peak`` over the share ``warm`` of training, then half a cosine to zero."""
    if progress < warm:
        return peak * (0.02 + 0.98 * progress / warm)
    return peak * 0.5 * (1 + math.cos(math.pi * (progress - warm) / (1 - warm)))


@torch.no_grad()
def average(averaged: nn.Module, model: nn.Module, decay: float) -> None:
    """Move the parameters of ``averaged`` towards those of ``model``; what the model gathers itself is copied."""
    torch._foreach_lerp_(list(averaged.parameters()), list(model.parameters()), 1 - decay)
    for mine, current in zip(averaged.buffers(), model.buffers(), strict=True):
        mine.copy_(current)

"""``press accept``: keep the runs of systems after a refactoring, once it is shown to be one.

Two things must hold: published weights, evaluated by the code as it is, give the stored metrics; and the first
training steps of every stale run give the losses that its record holds. Another processor rounds otherwise: where they
differ, the old code is asked on this machine, if the history holds it (:mod:`press.outputs.before`), and losses may
differ as far as last bits of all answers lead. All is asked at once, by a process a processor, each with one thread.
The reason stays in ``assets/<system>/accepted.json``; stored outputs that reached what was changed are then fresh, too.
"""

from __future__ import annotations

import importlib
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from typing import Any, NamedTuple

from convnets.common import assets, kept, runs, source
from convnets.common.errors import ConvnetsError
from press.outputs import before, chapters, status, store

COUNT_TOLERANCE = 1e-4  # one example in ten thousand, for rounding elsewhere, unless the metric brings its own
LOSS_TOLERANCE = 1e-4  # relative, where rounding leads less far
ROUNDING = 5  # how many times as far as changed last bits lead a loss may be off
LARGEST = 0.02  # relative: a loss of another machine that is further off is another one, wherever rounding leads
CLOSE = 0.002  # the same of one machine, where old code and new differ by the order of sums at most

Record = dict[str, Any]
Changes = dict[str, set[str | None]]
"""By the name of a changed definition: its digests when runs were made or accepted, None where it was not there."""


class Question(NamedTuple):
    """What is asked of one run: its early losses, or its weights' metrics if it is ``published``."""

    record: Record
    data: str | None
    published: bool


def accept(root: Path, systems: list[str], because: str, data: str | None = None) -> None:
    """Accept the code as it is for the stale runs of ``systems``, a system at a time, and keep ``because``.

    The runs come last: while they are stale, a command that was killed is gone on with by the same command.

    Raises:
        ConvnetsError: in some of them the code behaves differently, or nothing may be compared; these stay as they are.
    """
    if not because.strip():
        raise ConvnetsError("--because needs a reason, which is kept beside the runs: say what was refactored.")
    for system in systems:
        if system not in trained():
            raise ConvnetsError(f"There are no runs of {system!r}: choose from {', '.join(trained()) or 'none'}.")
    every = {system: runs.all_stale(system) for system in dict.fromkeys(systems)}
    stale = {system: [_record(system, stem) for stem in found if found[stem]] for system, found in every.items()}
    problems: dict[str, str] = {}
    for system, problem in _answers([one for found in stale.values() for one in _questions(found, data)]):
        if problem:
            problems.setdefault(system, problem)
    changes: Changes = {}
    shown = {system: records for system, records in stale.items() if records and system not in problems}
    for name, digests in (one for pair in shown.items() for one in _changes(*pair).items()):
        changes.setdefault(name, set()).update(digests)
    _keep_outputs(root, changes, shown)
    for system, records in stale.items():
        if not records:
            print(f"{system}: all {len(every[system])} runs are fresh, nothing to accept")
        elif system in shown:
            _keep(system, records, because.strip())
        if system not in problems:
            for file in runs.unused_code(assets.path(system)):
                file.unlink()
    if problems:
        raise ConvnetsError("\n".join(problems.values()))


def trained() -> list[str]:
    """The systems that have run records."""
    return [folder.name for folder in sorted(assets.root().glob("*/")) if runs.names(folder.name)]


def _record(system: str, stem: str) -> Record:
    return runs.read_file(assets.path(system, "runs", f"{stem}.json"))


def _questions(stale: list[Record], data: str | None) -> Iterator[Question]:
    """First the networks, which take longest."""
    for system, net in sorted({(record["system"], record["net"]) for record in stale}):
        if not _is_published(system, net):
            continue
        record = runs.published(system, net)
        if record is None:
            raise ConvnetsError(
                f"No run record of {system} belongs to the published weights of {net}, so nothing can be compared: "
                f"restore assets/{system}/{net}.safetensors, or train again."
            )
        yield Question(record, data, published=True)
    yield from (Question(record, data, published=False) for record in stale)


def _is_published(system: str, net: str) -> bool:
    """Whether weights of ``net`` are stored; of others, what was measured is kept, and losses alone can be compared."""
    nets = getattr(importlib.import_module(f"convnets.{system}"), "NETS", None)
    return nets is None or net in nets


def _answers(questions: list[Question]) -> Iterator[tuple[str, str]]:
    """System and problem (empty if there is none) of each question, in their order."""
    questions = sorted(questions, key=lambda question: not question.published)
    workers = min(_processors(), len(questions))
    if workers < 2 or "fork" not in get_all_start_methods():
        yield from map(_answer, questions)
        return
    _one_thread()
    for system in {question.record["system"] for question in questions}:
        _sets(system, questions[0].data)  # read once, for all processes
    with get_context("fork").Pool(workers, _begin, (os.getpid(),)) as pool:
        yield from pool.imap(_answer, questions)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _one_thread() -> None:
    """PyTorch has one thread from here on, before it starts others, which a forked process would lack."""
    os.environ["OMP_NUM_THREADS"] = "1"
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


def _begin(parent: int) -> None:
    """A process that answers ends with the one that asks, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # one message for one Ctrl-C

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _answer(question: Question) -> tuple[str, str]:
    record = question.record
    try:
        (_check_metrics if question.published else _check_losses)(record, question.data)
    except ConvnetsError as error:
        return record["system"], str(error)
    return record["system"], ""


@cache
def _sets(system: str, data: str | None) -> Any:
    return importlib.import_module(f"convnets.{system}.data").split(data)


def _check_metrics(record: Record, data: str | None) -> None:
    package = importlib.import_module(f"convnets.{record['system']}")
    found = package.evaluate(net=record["net"], data=data, split="test")
    for name, then in record["metrics"]["test"].items():
        now, allowed = found["metrics"].get(name), found.get("tolerance", {}).get(name, COUNT_TOLERANCE)
        if now is None or not abs(now - then) <= allowed * (1 + 1e-9):
            raise ConvnetsError(
                f"The behaviour of {_name(record)} changed: its published weights give a test {name} of {now} where "
                f"{then} is stored; mend the code, or train again with `convnets train {record['system']}`."
            )


def _check_losses(record: Record, data: str | None) -> None:
    training, sets = importlib.import_module(f"convnets.{record['system']}.train"), _sets(record["system"], data)
    recipe = _recipe(training, record)
    if recipe is None or _digest(training, recipe, sets) != record["data"]["digest"]:
        raise ConvnetsError(f"{_name(record)} was trained by another recipe or on other data: train it again.")
    now, then = training.fingerprint(recipe, sets), record.get("fingerprint", [])
    step, most = _first_apart(now, then, [LOSS_TOLERANCE] * len(now)), LARGEST
    if step and len(now) == len(then) and (here := before.losses(record, data)) and len(here) == len(now):
        then, most = here, CLOSE
        step = _first_apart(now, then, [LOSS_TOLERANCE] * len(now))
    if step and len(now) == len(then):
        with _rounded_otherwise():
            step = _first_apart(now, then, _allowed(now, training.fingerprint(recipe, sets), most))
    if step or len(now) != len(then):
        raise ConvnetsError(
            f"The behaviour of {_name(record)} changed: the loss of training step {step or len(now)} differs from the "
            f"record's; mend the code, or train again with `convnets train {record['system']}`."
        )


def _digest(training: Any, recipe: Any, sets: Any) -> str:
    """Digest of what ``recipe`` learns from; a system whose recipes differ in that says so in ``train.digest``."""
    return training.digest(recipe, sets) if hasattr(training, "digest") else sets.digest


def _recipe(training: Any, record: Record) -> Any:
    """The recipe that the record is a run of, or None if it has changed since."""
    if record["recipe"] not in training.RECIPES:
        return None
    recipe = replace(training.RECIPES[record["recipe"]], seed=record["seed"])
    return recipe if runs.same_settings(record["settings"], recipe) else None


def _first_apart(now: list[float], then: list[float], allowed: list[float]) -> int | None:
    """The first step, from 1 on, whose losses differ relatively by more than is ``allowed`` there."""
    trio = enumerate(zip(now, then, allowed, strict=False), 1)
    return next((step for step, (one, other, far) in trio if not math.isclose(one, other, rel_tol=far)), None)


def _allowed(now: list[float], otherwise: list[float], most: float) -> list[float]:
    """How far a loss may be off, step by step: what rounding did to it or to an earlier one, some times over."""
    found, furthest = [], LOSS_TOLERANCE / ROUNDING
    for one, other in zip(now, otherwise, strict=True):
        furthest = max(furthest, abs(one - other) / max(abs(one), abs(other), sys.float_info.min))
        found.append(min(most, ROUNDING * furthest))
    return found


@contextmanager
def _rounded_otherwise() -> Iterator[None]:
    """Within it every part of a network of PyTorch answers with some last bits changed, up or down.

    Those of 16 bits are rounded from exacter ones: of them few fall otherwise, here one in a hundred.
    """
    import torch

    generator = torch.Generator().manual_seed(0)

    def nudge(module: Any, given: Any, answer: Any) -> Any:
        if not isinstance(answer, torch.Tensor) or not answer.is_floating_point():
            return None
        chance = torch.rand(answer.shape, generator=generator).to(answer.device)
        share = 0.5 if answer.dtype.itemsize > 2 else 0.005
        sign = (chance < share).to(answer.dtype) - (chance > 1 - share).to(answer.dtype)
        return answer + answer * sign * torch.finfo(answer.dtype).eps

    hook = torch.nn.modules.module.register_module_forward_hook(nudge)
    try:
        yield
    finally:
        hook.remove()


def _name(record: Record) -> str:
    return f"{record['system']}/{record['recipe']}-{record['seed']}"


def _changes(system: str, records: list[Record]) -> Changes:
    """What of the code changed since the stale ``records`` were made or accepted."""
    folder, now, changes = assets.path(system), runs.code_of(system), Changes()
    accepted = kept.read(folder)
    for stood in {kept.code(record["key"], accepted) or record["code"] for record in records}:
        then = kept.read_code(folder, stood) or now  # of code that is not stored nothing is known
        for name in source.differences(then, now):
            changes.setdefault(name, set()).add(then.get(name))
    return changes


def _keep(system: str, records: list[Record], because: str) -> None:
    """Note that the code as it is does what it did for the stale ``records``."""
    folder = assets.path(system)
    stored = [_record(system, stem)["key"] for stem in runs.names(system)]
    keys = tuple(record["key"] for record in records)
    code = kept.write_code(folder, runs.code_of(system))
    kept.accept(folder, kept.Acceptance(time.strftime("%Y-%m-%d"), because, code, keys), stored)
    print(f"{system}: {len(records)} runs accepted")


def _keep_outputs(root: Path, changes: Changes, shown: Collection[str]) -> None:
    """Give stored outputs the digests of the code as it is, where nothing else that they reach has changed.

    The runs of the systems ``shown`` are those of the code as it is, too.
    """
    others = [system for system in trained() if system not in shown]
    open_ones = {name for system in others for names in runs.all_stale(system).values() for name in names}
    for path in chapters.find(root):
        chapter = chapters.read(path)
        stored = store.read(chapter.system, root) if chapter.cells else None
        if stored is None:
            continue
        now = status.code(chapter, root)
        names = source.differences(stored.code, now)
        same = all(_is_shown(changes, name, stored.code.get(name), now.get(name)) for name in names)
        if names and same and not open_ones.intersection(names):
            store.rekey(chapter.system, root, now)
            print(f"{chapter.system}: its stored outputs stand")


def _is_shown(changes: Changes, name: str, then: str | None, now: str | None) -> bool:
    """Whether what was accepted is just this change of a definition; messages, which a page may print, are no part."""
    told = [digest.partition("+")[2] for digest in (then, now) if digest is not None]
    return source.untold(then) in changes.get(name, ()) and len(set(told)) == 1

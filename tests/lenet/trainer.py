"""Run `convnets train` in forked children that are killed on the way: ``trainer.py DATA FOLDER KILL...``.

The program is loaded once (by the tests themselves, where they can be forked) and forked for every run, which saves
the time of the imports. For each kill, written
``where:number``, one child trains into ``FOLDER/<kill>`` and dies there, a second one goes on; for ``random:N`` N
children are killed after random times, the next one always going on where the last one died. One JSON line per kill.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import torch

from convnets import cli
from convnets.common import assets, loop, runs
from convnets.lenet import train as training

RECIPE, EPOCHS = "lenet5", 3


def load() -> None:
    """Before the first fork: import Lightning, parse the sources."""
    torch.set_num_threads(1)
    loop.make_fabric("cpu")
    runs.code_of("lenet")


def die(*_: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("survived")


def die_after_checkpoint(number: int) -> None:
    save = loop.Checkpoint.save

    def patched(self: loop.Checkpoint, models: Any, optimizer: Any, notes: dict[str, Any]) -> None:
        save(self, models, optimizer, notes)
        if notes["epoch"] == number:
            die()

    loop.Checkpoint.save = patched  # type: ignore[method-assign]


def die_in_step(number: int) -> None:
    losses, calls = training.losses, iter(range(1, 10**9))

    def patched(*arguments: Any, **named: Any) -> Any:
        if next(calls) == number:
            die()
        return losses(*arguments, **named)

    training.losses = patched


def die_in_write(part: str, number: int, after: bool = False) -> None:
    """Die with the ``number``-th file whose path holds ``part`` half written, or just after it is in its place."""
    write, calls = assets.write_atomic, iter(range(1, 10**9))

    def patched(file: Path, content: bytes) -> None:
        chosen = part in str(file) and next(calls) == number
        if chosen and not after:
            os.fsync = lambda handle: (os.ftruncate(handle, len(content) // 2), die())  # type: ignore[assignment]
        write(file, content)
        if chosen:
            die()

    assets.write_atomic = patched


KILLS = {
    "after-checkpoint": die_after_checkpoint,
    "in-step": die_in_step,
    "in-checkpoint": lambda number: die_in_write("/.checkpoints/", number),
    "in-weights": lambda number: die_in_write(f"{RECIPE}.safetensors", number),
    "after-weights": lambda number: die_in_write(f"{RECIPE}.safetensors", number, after=True),
    "in-record": lambda number: die_in_write("/runs/", number),
}


def start(data: str, out: Path, kill: str = "") -> int:
    """Fork a child that trains; gives its process id."""
    sys.stdout.flush()
    if pid := os.fork():
        return pid
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        if kill:
            where, _, number = kill.partition(":")
            KILLS[where](int(number))
        options = ["--epochs", str(EPOCHS), "--device", "cpu", "--threads", "1", "--data", data, "--out", str(out)]
        os._exit(cli.main(["train", "lenet", "--recipe", RECIPE, *options]))
    finally:
        os._exit(99)


def finish(pid: int) -> int:
    """How the child ended: its exit code, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def random_kills(data: str, folder: Path, number: int) -> list[list[int]]:
    """Kill ``number`` children at random times; how the children of each folder ended, whose last one finished."""
    chance, started = random.Random(0), time.perf_counter()
    rounds = [[finish(start(data, folder / "0"))], []]
    usual = time.perf_counter() - started
    while sum(end == -signal.SIGKILL for ends in rounds for end in ends) < number:
        pid = start(data, folder / str(len(rounds) - 1))
        time.sleep(chance.uniform(0, usual))
        os.kill(pid, signal.SIGKILL)
        rounds[-1].append(finish(pid))
        if rounds[-1][-1] == 0:
            rounds.append([])
    rounds[-1].append(finish(start(data, folder / str(len(rounds) - 1))))
    return rounds


def main(data: str, folder: Path, kills: list[str]) -> None:
    load()
    training.RECIPES[RECIPE] = replace(training.RECIPES[RECIPE], batch_size=9)
    for kill in kills:
        out, ends = folder / kill.replace(":", "-"), []
        if kill.startswith("random:"):
            rounds = random_kills(data, out, int(kill.removeprefix("random:")))
            print(json.dumps({"kill": kill, "ends": rounds}), flush=True)
            continue
        if kill != "never":
            ends.append(finish(start(data, out, kill)))
        ends.append(finish(start(data, out)))
        print(json.dumps({"kill": kill, "ends": ends}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])

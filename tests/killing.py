"""What tests of killed commands share: a command run in a forked child that dies on the way, and what it leaves."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from convnets.common import assets
from press.publish import printed

MARK = "PRESS_TEST_KILLED"
Place = Callable[[pytest.MonkeyPatch], None]
"""Patches the child so that it dies at a certain place."""


def mark() -> str:
    """A setting of the environment by which a process and its children are known."""
    return f"{MARK}={uuid.uuid4()}"


def left(mark: str, seconds: float = 60.0) -> list[str]:
    """Processes that bear a mark in their environment and do not end within some seconds."""
    end = time.monotonic() + seconds
    while found := [folder.name for folder in Path("/proc").glob("[0-9]*") if _bears(folder, mark)]:
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    return found


def _bears(folder: Path, mark: str) -> bool:
    try:
        return mark.encode() in (folder / "environ").read_bytes()
    except OSError:
        return False


def kill() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("survived")


def killed(work: Callable[[], Any], place: Place) -> None:
    """Do ``work`` in a child that dies at ``place``; nothing that it started outlives it."""
    own = mark()
    if (child := os.fork()) == 0:
        with contextlib.suppress(BaseException), pytest.MonkeyPatch.context() as patch:
            patch.setenv(*own.split("="))
            place(patch)
            work()
        os._exit(0)  # no kill: the test fails
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL, "it did not come to the place"
    assert not left(own), "a process has outlived its parent"


def writing(number: int, half: bool) -> Place:
    """With the file written as the ``number``-th half there, or just in its place."""

    def place(patch: pytest.MonkeyPatch) -> None:
        write, calls = assets.write_atomic, iter(range(1, 10**9))

        def patched(file: Path, content: bytes) -> None:
            chosen = next(calls) == number
            if chosen and half:
                patch.setattr(os, "fsync", lambda handle: (os.ftruncate(handle, len(content) // 2), kill()))
            write(file, content)
            if chosen:
                kill()

        patch.setattr(assets, "write_atomic", patched)

    return place


@contextlib.contextmanager
def written() -> Iterator[list[Path]]:
    """The files that are written meanwhile, in their order."""
    files: list[Path] = []
    with pytest.MonkeyPatch.context() as patch:
        write = assets.write_atomic
        patch.setattr(assets, "write_atomic", lambda file, content: (files.append(file), write(file, content)))
        yield files


class Trial:
    """A command that writes below ``folder``, ``prepare`` having put there what it finds."""

    def __init__(self, folder: Path, prepare: Callable[[], Any], work: Callable[[], Any]) -> None:
        self.folder, self.prepare, self.work = folder, prepare, work
        prepare()
        with written() as files:
            work()
        self.writes, self.clean = len(files), printed.content(folder)

    def check(self, *places: Place) -> None:
        """After kills at ``places``, one after the other, the command leaves the bytes that it leaves undisturbed."""
        self.prepare()
        for place in places:
            killed(self.work, place)
        self.work()
        assert printed.content(self.folder) == self.clean

    def check_few(self) -> None:
        """Killed in the first write, after it, in the last, and after that; each time from the beginning."""
        for number, half in {(1, True), (1, False), (self.writes, True), (self.writes, False)}:
            self.check(writing(number, half))

    def check_twenty(self, seed: int) -> None:
        draw = random.Random(seed)
        for _ in range(20):
            self.check(writing(draw.randint(1, self.writes), draw.random() < 0.5))

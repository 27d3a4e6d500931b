"""One command of the press at a time in a checkout, and no process that outlives the one that started it."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TextIO

from convnets.common.errors import ConvnetsError

try:
    import fcntl
except ImportError:  # Windows, where the press takes its user's word that nothing else works in the checkout
    fcntl = None  # type: ignore[assignment]

LOCK = Path("_build", "press.lock")
_DEATH_OF_PARENT = 1  # prctl's PR_SET_PDEATHSIG


@contextmanager
def alone(root: Path, command: str) -> Iterator[None]:
    """Wait until no other command works in the checkout at ``root``, saying which does, then keep others out.

    The lock is the operating system's and ends with its process, however that ends.

    Raises:
        ConvnetsError: the checkout cannot be written.
    """
    file = root / LOCK
    try:
        file.parent.mkdir(exist_ok=True)
        held = _held(file)
    except OSError as error:
        raise ConvnetsError(
            f"{file.parent} cannot be written ({error.strerror}): `press {command}` needs a checkout that it may write."
        ) from error
    with held:
        held.truncate(0)
        held.write(f"`press {command}` (process {os.getpid()})\n")
        held.flush()
        yield


def _held(file: Path) -> TextIO:
    """The lock's file, open and locked."""
    while True:
        handle = file.open("a+", encoding="utf-8")
        if fcntl is None:
            return handle
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            who = handle.read().strip() or "another command of the press"
            print(f"press: waiting for {who}, which is at work in this checkout.", file=sys.stderr, flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        if file.exists() and os.path.samestat(
            file.stat(), os.fstat(handle.fileno())
        ):  # nobody has deleted `_build` meanwhile
            return handle
        handle.close()


def start(process: BaseProcess) -> None:
    """Start a process that leaves Ctrl-C to this one: it is told of once."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        process.start()
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # inherited
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def follow_parent() -> None:
    """In a process of :mod:`multiprocessing`: end at once when the one that started it is gone, however it went."""
    if (parent := multiprocessing.parent_process()) is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def led(function: str, *given: object) -> None:
    """In a process of :mod:`multiprocessing`: call ``module:name``, following the parent while that is loaded."""
    follow_parent()
    module, _, name = function.partition(":")
    getattr(import_module(module), name)(*given)


def die_with_parent() -> None:
    """In another program, before it starts (``preexec_fn``): the same, where the operating system is Linux."""
    if _libc is not None:
        _libc.prctl(_DEATH_OF_PARENT, signal.SIGKILL)


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # before a fork, after which a child may do little
